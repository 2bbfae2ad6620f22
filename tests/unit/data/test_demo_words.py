"""Names and sentences of the demo tables."""

import re
from zoneinfo import available_timezones

import pytest

from churn_saver.data.demo_words import (
    FIRST_NAMES,
    OPENINGS,
    REJECTED,
    TIME_ZONES,
    TONES,
    WITH_OFFER,
    WITHOUT_OFFER,
)
from churn_saver.domain.names import clean_name


@pytest.mark.parametrize("name", FIRST_NAMES)
def test_every_name_passes_as_it_is(name: str) -> None:
    """The rule that cleans names must not take a real one apart."""
    assert clean_name(name) == name


def test_zones_exist() -> None:
    """A demo table passes its own check."""
    assert set(TIME_ZONES) <= available_timezones()


def test_every_tone_has_openings_with_a_name() -> None:
    """A message without a name would be no better than a rejected one."""
    assert set(OPENINGS) == set(TONES)
    assert all("{name}" in text for texts in OPENINGS.values() for text in texts)


def test_an_offer_is_stated_by_its_slot_alone() -> None:
    """No number of its own, and none at all where there is no offer."""
    assert all(text.count("{offer}") == 1 for text in WITH_OFFER)
    assert not any("{offer}" in text for text in WITHOUT_OFFER)
    assert not any(re.search(r"\d", text) for text in (*WITH_OFFER, *WITHOUT_OFFER))
    assert len(set(REJECTED.values())) == len(REJECTED)
