"""llama.cpp as it is asked: a prompt that fits, a form that it keeps, and an end that is told apart."""

import os
import re
from pathlib import Path

import pytest
import torch

from churn_saver.adapters.live_form import form_of
from churn_saver.adapters.live_runtime import Completion, Runtime
from churn_saver.domain.briefs import Brief, every_brief, prompt_of
from churn_saver.errors import ArtifactError
from churn_saver.message.batches import ASKING, head_of
from churn_saver.message.slot_rule import SlotRule
from churn_saver.train.gguf_export import F32, export_gguf
from tests.language_models import one_thread, small_llama

__all__ = ["one_thread"]

pytest.importorskip("xllamacpp", reason="the extra `live` is not installed")
BRIEFS = list(every_brief())[::37]
ONE_LINE = re.compile(r"[^{}<>\x00-\x1f]*")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    """Open a small model that likes slots and the end: without a form it writes them all the time."""
    lm = small_llama(tie_word_embeddings=False)
    rule = SlotRule.of(lm.tokenizer)
    with torch.no_grad():
        head = head_of(lm.network).weight
        assert isinstance(head, torch.Tensor)
        head[[*rule.slots, rule.end]] *= 3.0
    return Runtime(export_gguf(lm, tmp_path_factory.mktemp("runtime") / "live", F32), 1)


def test_with_a_form_no_draft_breaks_it_and_without_one_many_do(runtime: Runtime) -> None:
    """One line, slots that are named alone, and a space behind a sentence."""
    told = [_written(runtime, brief, form_of(brief)) for brief in BRIEFS]
    free = [_written(runtime, brief, "") for brief in BRIEFS]

    assert all(_in_form(brief, made) for brief, made in zip(BRIEFS, told, strict=True))
    assert sum(made.ended for made in told) > 0
    assert sum(_in_form(brief, made) for brief, made in zip(BRIEFS, free, strict=True)) < len(BRIEFS) * 2 / 3


def test_what_is_no_grammar_is_refused(runtime: Runtime) -> None:
    """And the next text is written as before."""
    with pytest.raises(ArtifactError, match=r"the live runtime refuses: .*grammar"):
        _written(runtime, BRIEFS[0], "root ::= nobody")

    assert _written(runtime, BRIEFS[0], "").tokens > 0


def test_told_to_stop_it_has_no_end(runtime: Runtime) -> None:
    """What was cut is no draft, and the tokens that were written are counted."""
    made = runtime.complete("Hello", "", 1.0, 0, 64, lambda: True)

    assert not made.ended
    assert made.tokens <= 1


def test_a_file_that_is_cut_while_it_serves_changes_nothing(tmp_path: Path) -> None:
    """The model is read once, and no part of it is looked up on the disk again."""
    path = export_gguf(small_llama(hidden_size=32, intermediate_size=32), tmp_path / "live", F32)
    runtime = Runtime(path, 1)
    before = _written(runtime, BRIEFS[0], "")
    os.truncate(path, 0)

    assert _written(runtime, BRIEFS[0], "") == before


def test_a_prompt_over_the_context_is_named(runtime: Runtime) -> None:
    """With its length, what is wanted, and the fix; nothing is cut in silence."""
    with pytest.raises(ArtifactError, match=r"the prompt has \d+ tokens, wanted at most 192.*Shorten it"):
        runtime.complete("thank you for your reply " * 80, "", 0.0, 0, 4, lambda: False)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    """By name, with what makes one."""
    (tmp_path / "model.gguf").write_bytes(b"GGUF weights")

    with pytest.raises(ArtifactError, match=r"model\.gguf cannot be loaded by xllamacpp .*live-model"):
        Runtime(tmp_path / "model.gguf", 1)


def _written(runtime: Runtime, brief: Brief, form: str) -> Completion:
    return runtime.complete(prompt_of(brief) + ASKING, form, 2.0, 0, 64, lambda: False)


def _in_form(brief: Brief, made: Completion) -> bool:
    rest = made.text
    for slot in brief.slots:
        rest = rest.replace(f"{{{slot}}}", "")
    if not made.ended:  # cut in the middle of a slot
        rest = re.sub(r"\{\w*$", "", rest)
    return ONE_LINE.fullmatch(rest) is not None and re.search(r"[.!?][^.!? ]", made.text) is None
