"""Export for the live runtime: it thinks what torch thinks, and a slot is one token there too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader
from transformers import LlamaConfig, LlamaForCausalLM

from churn_saver.adapters.live import Runtime, open_live, verified
from churn_saver.config import LoraSettings
from churn_saver.domain.briefs import every_brief, prompt_of
from churn_saver.domain.slots import SLOTS
from churn_saver.errors import InputError
from churn_saver.message.language_model import ASKING, LanguageModel, with_adapters
from churn_saver.message.pretrained import equipped
from churn_saver.message.tiny_model import plain_texts, tiny
from churn_saver.train.gguf_export import F32, Q8_0, compared, export_gguf

xllamacpp = pytest.importorskip("xllamacpp", reason="the extra `live` is not installed")
PROMPTS = [prompt_of(brief) for brief in list(every_brief())[::300]]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Compute on one thread, as all tests."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module", params=[True, False], ids=["tied", "own head"])
def lm(request: pytest.FixtureRequest) -> LanguageModel:
    """Make a small Llama with more query heads than key heads, and weights large enough to have opinions."""
    words = tiny(plain_texts()[:200], 0, width=32, layers=1).tokenizer
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=64, intermediate_size=96, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
        tie_word_embeddings=request.param, initializer_range=0.3, pad_token_id=words.pad_token_id,
        bos_token_id=words.eos_token_id, eos_token_id=words.eos_token_id,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return equipped("small llama", LlamaForCausalLM(config), words)


def test_whole_weights_think_what_torch_thinks(lm: LanguageModel, tmp_path: Path) -> None:
    """Without rounding, log-probabilities agree to the runtime's own half precision of what it remembers."""
    found = compared(lm, Runtime(export_gguf(lm, tmp_path / "live", F32), 1), PROMPTS, steps=4)

    assert found.steps >= 12
    assert found.largest < 0.05
    assert found.same_first == 1.0


def test_weights_of_8_bits_think_nearly_the_same(lm: LanguageModel, tmp_path: Path) -> None:
    """Rounding moves log-probabilities little, and the file is about a quarter of the size."""
    whole, rounded = export_gguf(lm, tmp_path / "whole", F32), export_gguf(lm, tmp_path / "rounded", Q8_0)
    found = compared(lm, Runtime(rounded, 1), PROMPTS, steps=4)

    assert found.mean < 0.25
    weights = [sum(t.n_bytes for t in GGUFReader(path).tensors) for path in (whole, rounded)]
    assert weights[1] < 0.3 * weights[0]


def test_slots_are_tokens_that_are_shown(lm: LanguageModel, tmp_path: Path) -> None:
    """Each slot is one token of the user's own in the file, so the runtime writes it out."""
    reader = GGUFReader(export_gguf(lm, tmp_path / "live"))
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    kinds = reader.fields["tokenizer.ggml.token_type"].contents()

    assert [kinds[tokens.index(f"{{{slot}}}")] for slot in SLOTS] == [4] * len(SLOTS)
    assert kinds[int(lm.tokenizer.eos_token_id)] == 3


def test_the_manifest_vouches_for_the_file_and_knows_how_to_ask(lm: LanguageModel, tmp_path: Path) -> None:
    """What was exported is what is opened."""
    export_gguf(lm, tmp_path / "live")

    assert verified(tmp_path / "live") == ASKING


def test_an_exported_model_writes_or_gives_up_in_time(lm: LanguageModel, tmp_path: Path) -> None:
    """The whole way: export, open, ask; random weights seldom come to an end, and must not raise."""
    export_gguf(lm, tmp_path / "live")
    writer = open_live(tmp_path / "live", 2_000, 1)
    draft = writer(next(every_brief()))
    writer.close()

    assert draft is None or isinstance(draft, str)


def test_another_architecture_is_refused_by_name(tmp_path: Path) -> None:
    """The runtime has no code for OPT: said before anything is written."""
    with pytest.raises(InputError, match=r"tiny is a OPTForCausalLM, wanted LlamaForCausalLM"):
        export_gguf(tiny(plain_texts()[:50], 0, width=32, layers=1), tmp_path / "live")

    assert not (tmp_path / "live").exists()


def test_adapters_are_refused(tmp_path: Path) -> None:
    """What is exported is merged first: adapters would be left out in silence."""
    words = tiny(plain_texts()[:50], 0, width=32, layers=1).tokenizer
    config = LlamaConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, num_key_value_heads=2,
    )  # fmt: skip
    lm = equipped("small llama", LlamaForCausalLM(config), words)
    lora = LoraSettings(rank=2, alpha=4, dropout=0.0, targets="all-linear")

    with pytest.raises(InputError, match=r"without adapters"):
        export_gguf(with_adapters(lm, lora, 0), tmp_path / "live")


def test_nothing_to_compare_is_refused(lm: LanguageModel, tmp_path: Path) -> None:
    """An agreement over no step would say nothing."""
    runtime = Runtime(export_gguf(lm, tmp_path / "live"), 1)

    with pytest.raises(InputError, match=r"at least one prompt"):
        compared(lm, runtime, [], steps=4)
