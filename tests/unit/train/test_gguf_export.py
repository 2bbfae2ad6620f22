"""Export for the live runtime: it thinks what torch thinks, or is not written."""

from pathlib import Path
from typing import Any

import pytest
from gguf import GGUFReader
from transformers import LlamaForCausalLM

from churn_saver.adapters.live import open_live
from churn_saver.adapters.live_files import verified
from churn_saver.adapters.live_runtime import Runtime
from churn_saver.config import LoraSettings
from churn_saver.domain.briefs import every_brief, prompt_of
from churn_saver.errors import InputError
from churn_saver.message.language_model import ASKING, LanguageModel, with_adapters
from churn_saver.message.tiny_model import plain_texts, tiny
from churn_saver.train.gguf_export import F32, Q8_0, compared, export_gguf
from tests.language_models import one_thread, small_llama

__all__ = ["one_thread"]

xllamacpp = pytest.importorskip("xllamacpp", reason="the extra `live` is not installed")
PROMPTS = [prompt_of(brief) for brief in list(every_brief())[::300]]


@pytest.fixture(scope="module", params=[True, False], ids=["tied", "own head"])
def lm(request: pytest.FixtureRequest) -> LanguageModel:
    """Make a small Llama."""
    return small_llama(tie_word_embeddings=request.param)


def test_whole_weights_think_what_torch_thinks(lm: LanguageModel, tmp_path: Path) -> None:
    """Without rounding, log-probabilities agree to the runtime's own half precision of what it remembers."""
    found = compared(lm, Runtime(export_gguf(lm, tmp_path / "live", F32), 1), PROMPTS, steps=4)

    assert found.steps >= 8
    assert found.largest < 0.05
    assert found.same_first == 1.0


def test_weights_of_8_bits_think_nearly_the_same(lm: LanguageModel, tmp_path: Path) -> None:
    """Rounding moves log-probabilities little, and the file is about a quarter of the size."""
    whole, rounded = export_gguf(lm, tmp_path / "whole", F32), export_gguf(lm, tmp_path / "rounded", Q8_0)
    found = compared(lm, Runtime(rounded, 1), PROMPTS, steps=4)

    assert found.mean < 0.25
    weights = [sum(t.n_bytes for t in GGUFReader(path).tensors) for path in (whole, rounded)]
    assert weights[1] < 0.3 * weights[0]


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
    lm = small_llama(hidden_size=32, intermediate_size=32)
    lora = LoraSettings(rank=2, alpha=4, dropout=0.0, targets="all-linear")

    with pytest.raises(InputError, match=r"without adapters"):
        export_gguf(with_adapters(lm, lora, 0), tmp_path / "live")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"attention_bias": True}, r"8 weights have no place \(model\.layers\.0\.self_attn\.k_proj\.bias"),
        ({"mlp_bias": True}, r"6 weights have no place \(model\.layers\.0\.mlp\.down_proj\.bias"),
        (
            {"rope_parameters": {"rope_type": "linear", "factor": 4.0, "rope_theta": 1e4}},
            r"rope_type is linear, wanted default",
        ),
        ({"hidden_act": "gelu"}, r"hidden_act is gelu, wanted silu"),
    ],
)
def test_what_the_file_has_no_place_for_is_refused_by_name(
    changed: dict[str, object], complaint: str, tmp_path: Path
) -> None:
    """Left out in silence, it would make another model."""
    with pytest.raises(InputError, match=rf"small llama cannot be exported.*{complaint}"):
        export_gguf(small_llama(LlamaForCausalLM, **changed), tmp_path / "live")

    assert not (tmp_path / "live").exists()


class Louder(LlamaForCausalLM):  # type: ignore[no-untyped-call]
    """Thinks otherwise than its weights say."""

    def forward(self, *args: Any, **options: Any) -> Any:
        """Be three times as sure."""
        found = super().forward(*args, **options)
        found.logits = 3 * found.logits
        return found


def test_a_file_that_the_runtime_reads_otherwise_is_not_written(tmp_path: Path) -> None:
    """Every export is compared before its folder appears."""
    with pytest.raises(
        InputError, match=r"reads the export of small llama otherwise than torch: .* nats apart"
    ):
        export_gguf(small_llama(Louder), tmp_path / "live")

    assert not (tmp_path / "live").exists()


def test_nothing_to_compare_is_refused(lm: LanguageModel, tmp_path: Path) -> None:
    """An agreement over no step would say nothing."""
    runtime = Runtime(export_gguf(lm, tmp_path / "live"), 1)

    with pytest.raises(InputError, match=r"at least one prompt"):
        compared(lm, runtime, [], steps=4)
