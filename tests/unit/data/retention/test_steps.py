"""Wordings of the next step towards a discount: one, dated, and nothing else."""

import pytest

from churn_saver.data.retention.steps import STEPS
from churn_saver.domain.briefs import TONES
from tests.retention_tables import faults


def test_every_pattern_keeps_to_the_rules_of_all_tables() -> None:
    """See `retention_tables`."""
    assert faults(STEPS) == []


def test_every_step_states_the_last_day_once_and_no_other_fact() -> None:
    """The discount itself stands in another sentence."""
    for frame in STEPS:
        assert (frame.role, frame.pattern.count("{")) == ("step", 1), frame.pattern
        assert frame.pattern.count("{valid_until}") == 1, frame.pattern


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_every_tone_has_good_steps_in_every_split(tone: str, split: str) -> None:
    """Else drafts of a tone would be judged by the sentences that they were trained on."""
    ways = [f for f in STEPS if not f.weakness and tone in f.tones and f.split == split]

    assert len(ways) >= (4 if split == "train" else 1)


@pytest.mark.parametrize("tone", TONES)
def test_every_tone_has_every_weakness(tone: str) -> None:
    """So that each can be drawn for each brief."""
    found = {frame.weakness for frame in STEPS if tone in frame.tones and frame.split == "train"}

    assert found == {"", "vague_step", "two_steps"}
