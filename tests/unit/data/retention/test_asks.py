"""Invitations without a discount: no word of money, and one next step."""

import pytest

from churn_saver.data.retention.asks import ASKS
from churn_saver.domain.briefs import TONES
from tests.retention_tables import MONEY, faults


def test_every_pattern_keeps_to_the_rules_of_all_tables() -> None:
    """See `retention_tables`."""
    assert faults(ASKS) == []


def test_none_speaks_of_money() -> None:
    """To feel free is no money."""
    assert not [frame.pattern for frame in ASKS if MONEY.search(frame.pattern.replace("feel free", ""))]


def test_good_ones_say_reply_once() -> None:
    """In the channel's own words, or to this message."""
    for frame in ASKS:
        if not frame.weakness:
            steps = frame.pattern.count("@reply") + frame.pattern.count("reply to @this")
            assert steps == 1, frame.pattern


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_good_frames_and_every_weakness(tone: str) -> None:
    """At least four ways of each role in training."""
    ways = [frame for frame in ASKS if tone in frame.tones and frame.split == "train"]

    for role in ("ask", "care_step"):
        assert len([frame for frame in ways if frame.role == role and not frame.weakness]) >= 4
    assert {frame.weakness for frame in ways} == {"", "vague_step", "two_steps"}
