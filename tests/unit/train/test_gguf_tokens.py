"""The vocabulary of an export: a slot is one token there too, and other tokenizers are refused."""

from pathlib import Path

import pytest
from gguf import GGUFReader, GGUFWriter
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from churn_saver.domain.slots import SLOTS
from churn_saver.errors import InputError
from churn_saver.message.language_model import LanguageModel
from churn_saver.train.gguf_export import export_gguf
from churn_saver.train.gguf_tokens import add_tokens
from tests.language_models import one_thread, small_llama

__all__ = ["one_thread"]
pytest.importorskip("xllamacpp", reason="the extra `live` is not installed")


@pytest.fixture(scope="module")
def lm() -> LanguageModel:
    """Make a small Llama."""
    return small_llama()


def test_slots_are_tokens_that_are_shown(lm: LanguageModel, tmp_path: Path) -> None:
    """Each slot is one token of the user's own in the file, so the runtime writes it out."""
    reader = GGUFReader(export_gguf(lm, tmp_path / "live"))
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    kinds = reader.fields["tokenizer.ggml.token_type"].contents()

    assert [kinds[tokens.index(f"{{{slot}}}")] for slot in SLOTS] == [4] * len(SLOTS)
    assert kinds[int(lm.tokenizer.eos_token_id)] == 3


@pytest.mark.parametrize(
    ("words", "step", "complaint"),
    [
        (
            models.WordLevel({"a": 0}, "a"),
            pre_tokenizers.ByteLevel(),
            r"of the kind WordLevel, wanted a byte-level BPE",
        ),
        (
            models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")]),
            pre_tokenizers.Whitespace(),
            r"cuts words with Whitespace, wanted one of ByteLevel, Digits ByteLevel",
        ),
    ],
)
def test_another_tokenizer_is_refused(
    words: models.Model, step: pre_tokenizers.PreTokenizer, complaint: str, tmp_path: Path
) -> None:
    """The runtime would cut texts otherwise."""
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = step
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)  # type: ignore[no-untyped-call]
    writer = GGUFWriter(tmp_path / "model.gguf", "llama")

    with pytest.raises(InputError, match=complaint):
        add_tokens(writer, fast, 4)
