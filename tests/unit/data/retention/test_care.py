"""Questions without a discount: no word of money."""

import pytest

from churn_saver.data.retention.care import CARE
from churn_saver.domain.briefs import TONES
from tests.retention_tables import MONEY, faults


def test_every_pattern_keeps_to_the_rules_of_all_tables() -> None:
    """See `retention_tables`."""
    assert faults(CARE) == []


def test_none_speaks_of_money() -> None:
    """Without a discount whoever speaks of one promises it."""
    assert not [frame.pattern for frame in CARE if MONEY.search(frame.pattern)]


def test_the_next_step_is_left_to_the_sentence_after_it() -> None:
    """A question names none."""
    for frame in CARE:
        assert "@reply" not in frame.pattern
        assert "@this" not in frame.pattern


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_good_frames_and_every_weakness(tone: str) -> None:
    """At least four ways of each role in training."""
    ways = [frame for frame in CARE if tone in frame.tones and frame.split == "train"]

    for role in ("care", "thanked_care"):
        assert len([frame for frame in ways if frame.role == role and not frame.weakness]) >= 4
    assert {frame.weakness for frame in ways} == {"", "idle_plan", "cold", "wordy"}
