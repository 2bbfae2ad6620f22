"""The one door to language models: open one, put adapters on it, ask it for figures, let it write.

    lm = with_adapters(open_base("smollm2-135m", folder), lora, seed)
    batch = encode(lm, prompts, responses, max_tokens)
    log_probs = token_log_probs(lm.network, batch)              # to learn from
    written = write(merged(lm, bfloat16=True), prompts, ...)    # to send, or to be scored

A prompt is what `domain.briefs.prompt_of` words; what stands between it and the response is put there by
`encode` and `write`. torch and transformers come in here, so serving never imports it.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from churn_saver.errors import ConfigError, InputError, shown
from churn_saver.message.batches import (
    ASKING,
    Batch,
    encoded,
    token_figures,
    token_log_probs,
)
from churn_saver.message.device import placed
from churn_saver.message.low_rank import adapters_of, merged, trainable_count, with_adapters, with_trained
from churn_saver.message.pretrained import MANIFEST, LanguageModel, from_folder, from_hub
from churn_saver.message.tiny_model import TINY, plain_texts, tiny
from churn_saver.message.writing import Written, write

__all__ = [
    "ASKING", "SMOLLM2", "Batch", "LanguageModel", "Written", "adapters_of", "check_context", "encode",
    "merged", "open_base", "token_figures", "token_log_probs", "trainable_count", "with_adapters",
    "with_trained", "write",
]  # fmt: skip

SMOLLM2 = "smollm2-135m"
"""The base model that `make base-model` brings, in a folder of this name."""


def open_base(name: str, folder: Path, eight_bit: bool = False) -> LanguageModel:
    """Open a base model, with the slots added and without adapters, on a GPU where there is one.

    Args:
        name: smollm2-135m; tiny, made from nothing; a folder; or an id of the hub, which is asked now.
        folder: checkpoints/base_models, where base models lie by their names.
        eight_bit: Weights in 8 bit, on a GPU.

    Raises:
        ConfigError: smollm2-135m was not made yet, the hub cannot be reached, or 8 bit without a GPU.
        ArtifactError: files were altered, or are no language model.
    """
    if name == TINY:
        lm = tiny(plain_texts(), seed=0)
        return replace(lm, network=placed(lm.network))
    made = folder / name
    if (made / MANIFEST).is_file():
        return from_folder(name, made, eight_bit)
    if name == SMOLLM2:
        raise ConfigError(f"base_model {name} is not in {made}. Next step: make base-model (about a minute)")
    if Path(name).is_dir():
        return from_folder(name, Path(name), eight_bit)
    if name.startswith((".", "/", "~")) or name.count("/") > 1:
        raise ConfigError(
            f"base_model {shown(name)} is no folder here, wanted smollm2-135m, tiny, a folder or a hub id"
        )
    return from_hub(name, eight_bit)


def check_context(lm: LanguageModel, max_tokens: int) -> None:
    """Refuse a length that a model cannot read.

    Raises:
        InputError: max_tokens is more than its context.
    """
    if lm.context is not None and max_tokens > lm.context:
        raise InputError(
            f"max_tokens is {max_tokens}, and base_model {shown(lm.name)} reads at most {lm.context} tokens: "
            "lower max_tokens, or take a base model that reads more"
        )


def encode(lm: LanguageModel, prompts: Sequence[str], responses: Sequence[str], max_tokens: int) -> Batch:
    """Tokenise prompts with their responses.

    Args:
        lm: Whose tokens.
        prompts: One line each.
        responses: One for each prompt; the end is put after it.
        max_tokens: Of both together.

    Raises:
        InputError: no pair, as many prompts as not responses, a row of too many tokens, named, or more
            tokens allowed than the model reads.
    """
    check_context(lm, max_tokens)
    return encoded(lm.tokenizer, prompts, responses, max_tokens)
