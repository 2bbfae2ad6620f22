"""Wordings without a discount: no word of money, and a next step."""

import re

import pytest

from churn_saver.data.retention.care import CARE
from churn_saver.domain.briefs import TONES
from tests.retention_tables import faults

MONEY = re.compile(r"\b(?:offer|off|discount|bill|save|cheap|price|cost|pay|free|deal|money)", re.IGNORECASE)


def test_every_pattern_keeps_to_the_rules_of_all_tables() -> None:
    """See `retention_tables`."""
    assert faults(CARE) == []


def test_none_speaks_of_money() -> None:
    """Without a discount whoever speaks of one promises it; to feel free is no money."""
    for frame in CARE:
        assert not MONEY.search(frame.pattern.replace("feel free", "")), frame.pattern


def test_good_steps_say_reply_once() -> None:
    """So do invitations; a question leaves that to the step after it."""
    for frame in CARE:
        if not frame.weakness:
            steps = frame.pattern.count("@reply") + frame.pattern.count("reply to @this")
            assert steps == (frame.role in ("ask", "care_step")), frame.pattern


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_good_frames_and_every_weakness(tone: str) -> None:
    """At least four ways of each role in training."""
    ways = [frame for frame in CARE if tone in frame.tones and frame.split == "train"]

    for role in ("care", "thanked_care", "ask", "care_step"):
        assert len([frame for frame in ways if frame.role == role and not frame.weakness]) >= 4
    assert {frame.weakness for frame in ways} == {"", "idle_plan", "cold", "wordy", "vague_step", "two_steps"}
