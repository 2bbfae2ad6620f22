"""The vocabulary of a model in its GGUF file, as the live runtime cuts and shows texts.

A byte-level BPE only. Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import json

from gguf import GGUFWriter, TokenType
from transformers import PreTrainedTokenizerFast

from churn_saver.domain.slots import SLOTS
from churn_saver.errors import InputError

_SPLITTERS = {"ByteLevel": "gpt-2", "Digits ByteLevel": "smollm"}
"""How the tokenizer cuts a text into words, by its steps, and what the runtime calls it."""


def add_tokens(writer: GGUFWriter, tokenizer: PreTrainedTokenizerFast, rows: int) -> None:
    """Add the vocabulary; slots are the user's own, so that they are shown when they are written.

    Args:
        writer: Of the file.
        tokenizer: Slots added.
        rows: Of the table of tokens; those without a token are filled up.

    Raises:
        InputError: a tokenizer that the runtime does not have.
    """
    parts = json.loads(tokenizer.backend_tokenizer.to_str())
    model = parts["model"]
    if model["type"] != "BPE" or not model.get("merges"):
        raise InputError(f"the tokenizer is of the kind {model['type']}, wanted a byte-level BPE")
    merges = [one if isinstance(one, str) else " ".join(one) for one in model["merges"]]
    tokens: list[str] = [f"[PAD{place}]" for place in range(rows)]
    kinds = [TokenType.UNUSED] * rows
    for token, place in model["vocab"].items():
        tokens[place], kinds[place] = token, TokenType.NORMAL
    slots = {f"{{{slot}}}" for slot in SLOTS}
    for added in parts["added_tokens"]:
        own = added["content"] in slots or not added["special"]
        tokens[added["id"]] = added["content"]
        kinds[added["id"]] = TokenType.USER_DEFINED if own else TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_splitter(parts["pre_tokenizer"]))
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(int(tokenizer.eos_token_id))
    writer.add_pad_token_id(int(tokenizer.pad_token_id))
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)


def _splitter(step: dict[str, object]) -> str:
    inner = step.get("pretokenizers")
    steps = inner if isinstance(inner, list) else [step]
    told = " ".join(str(one["type"]) for one in steps)
    if told not in _SPLITTERS:
        raise InputError(f"the tokenizer cuts words with {told}, wanted one of {', '.join(_SPLITTERS)}")
    return _SPLITTERS[told]
