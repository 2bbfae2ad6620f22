"""Drafts for contexts that no training saw."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from churn_saver.domain.briefs import is_held_out, prompt_of
from churn_saver.message.language_model import open_base
from churn_saver.pipeline.text_samples import SHOWN, Written, held_out_briefs, side_by_side, written_by
from tests.tiny_texts import RULES


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("n", [1, 7, 48])
def test_briefs_are_held_out_different_and_spread(n: int) -> None:
    """As many as wanted."""
    briefs = held_out_briefs(n)

    assert len(set(briefs)) == n
    assert all(is_held_out(brief.context) for brief in briefs)


def test_there_are_no_more_than_there_are() -> None:
    """Each once, of every channel."""
    briefs = held_out_briefs(100_000)

    assert len(set(briefs)) == len(briefs)
    assert {brief.context.channel for brief in briefs} == {"email", "sms", "push"}


def test_a_model_writes_the_same_for_the_same_briefs() -> None:
    """What knows no English passes nothing, and why is said."""
    lm, briefs = open_base("tiny", Path("nowhere")), held_out_briefs(2)
    written = written_by(lm, briefs, RULES)

    assert written == written_by(lm, briefs, RULES)
    assert written.figures == {"greedy_pass": 0.0, "sampled_pass": 0.0}
    assert all(written.greedy_codes)


def test_before_and_after_stand_in_one_row() -> None:
    """With the verdict of each; at most as many as a report shows."""
    briefs = held_out_briefs(SHOWN + 1)
    n = len(briefs)
    before = Written(briefs, ("a ",) * n, ("b",) * n, (("slots", "length"),) * n, ((),) * n)
    after = Written(briefs, ("c",) * n, ("d",) * n, ((),) * n, ((),) * n)
    rows = side_by_side(before, after)

    assert len(rows) == SHOWN
    assert rows[0] == {
        "prompt": prompt_of(briefs[0]),
        "before": "a",
        "before_verdict": "slots, length",
        "after": "c",
        "after_verdict": "",
    }
    assert after.figures == {"greedy_pass": 1.0, "sampled_pass": 1.0}
