"""Greetings and thanks: what each table must hold."""

import pytest

from churn_saver.data.retention.phrases import KNOWN
from churn_saver.data.retention.thanks import GREETINGS, NAMELESS, THANKS
from churn_saver.domain.briefs import TENURES, TONES
from tests.retention_tables import faults


def test_every_pattern_keeps_to_the_rules_of_all_tables() -> None:
    """See `retention_tables`."""
    assert faults(THANKS) == []


def test_a_greeting_with_a_name_has_it_once_and_one_without_never() -> None:
    """For each tone."""
    assert set(GREETINGS) == set(NAMELESS) == set(TONES)
    assert all(greeting.count("{name}") == 1 for tone in TONES for greeting in GREETINGS[tone])
    assert not any("{" in greeting for tone in TONES for greeting in NAMELESS[tone])


def test_a_tenure_is_thanked_for_where_there_is_one() -> None:
    """Good thanks for a known tenure always name it; without one they never do."""
    for frame in THANKS:
        if not frame.weakness:
            assert ("{tenure}" in frame.pattern) == (frame.tenures != ("unstated",))
        else:
            assert "{tenure}" not in frame.pattern


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("tenure", TENURES)
def test_every_brief_has_good_thanks(tone: str, tenure: str) -> None:
    """At least three ways in training for each tone and tenure."""
    fitting = [f for f in THANKS if tone in f.tones and tenure in f.tenures and f.split == "train"]

    assert len([f for f in fitting if not f.weakness]) >= 3
    assert {"cold", "flattery", "wordy"} <= {f.weakness for f in fitting}
    assert ("generic_thanks" in {f.weakness for f in fitting}) == (tenure in KNOWN)
