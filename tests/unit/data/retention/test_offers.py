"""Wordings of a discount: whole, dated, and nothing else."""

import pytest

from churn_saver.data.retention.offers import OFFERS
from churn_saver.domain.briefs import TONES
from tests.retention_tables import faults

STATES = {
    "offer": {"{offer}", "{duration}"},
    "thanked_offer": {"{offer}", "{duration}", "{tenure}"},
    "deal": {"{offer}", "{duration}", "{valid_until}"},
}
"""Slots that every frame of a role states once, so that a message states a discount whole."""


def test_every_pattern_keeps_to_the_rules_of_all_tables() -> None:
    """See `retention_tables`."""
    assert faults(OFFERS) == []


def test_every_role_states_its_slots_once() -> None:
    """Whichever choices are taken; the plan only where its mention is the weakness."""
    for frame in OFFERS:
        stated = {slot for slot in STATES["deal"] | STATES["thanked_offer"] if slot in frame.pattern}

        assert stated == STATES[frame.role], frame.pattern
        assert all(frame.pattern.count(slot) == 1 for slot in stated), frame.pattern
        assert ("{plan}" in frame.pattern) == (frame.weakness == "idle_plan"), frame.pattern


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_good_frames_for_every_role(tone: str) -> None:
    """At least four ways in training."""
    for role in STATES:
        ways = [f for f in OFFERS if f.role == role and not f.weakness and tone in f.tones]

        assert len([f for f in ways if f.split == "train"]) >= 4


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_every_weakness(tone: str) -> None:
    """So that each can be drawn for each brief."""
    found = {frame.weakness for frame in OFFERS if tone in frame.tones and frame.split == "train"}

    assert found == {"", "idle_plan", "cold", "wordy"}
