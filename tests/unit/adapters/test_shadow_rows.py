"""A shadow beside the champion as rows of words."""

from dataclasses import replace

from churn_saver.adapters.shadow_rows import shadow_rows
from churn_saver.evidence.conditions import Unread
from tests.comparisons import BESIDE


def told(**changes: object) -> dict[str, tuple[str, str]]:
    """Give the rows by what they say."""
    return {what: (own, other) for what, own, other in shadow_rows(replace(BESIDE, **changes))}  # type: ignore[arg-type]


def test_agreement_is_told_whole_and_by_what_the_champion_wanted() -> None:
    """90 of 96 alike: 60 of 60 left alone, 30 of 36 offered 10 %; four were not asked about."""
    rows = told()

    assert rows["decisions of the champion that it was asked about"] == ("96", "")
    assert rows["decisions of the champion that it was not asked about"] == ("4", "")
    assert rows["wanted what the champion wanted"] == ("90 of 96, 93.8%", "")
    assert rows["… where the champion wanted no contact"] == ("60 of 60, 100.0%", "")
    assert rows["… where the champion wanted 10 %"] == ("30 of 36, 83.3%", "")


def test_contacts_and_cost_stand_beside_the_champions() -> None:
    """30 against 36 of 96; 300.00 against 360.50."""
    rows = told()

    assert rows["contacts"] == ("30 of 96, 31.2%", "36 of 96, 37.5%")
    assert rows["the most that these can cost"] == ("300.00", "360.50")


def test_what_it_would_have_earned_has_its_intervals_and_cautions() -> None:
    """DR first, the gain with its sign, and why to read with care."""
    rows = told()

    assert rows["value of a decision, DR"] == ("0.8, from 0.7 to 0.9", "0.75, as it came")
    assert rows["gain of a decision over who decided, DR"] == ("+0.05, from -0.01 to +0.11", "")
    assert rows["effective rows"] == ("40 of 90", "")
    assert rows["read with care"] == ("few_effective_rows", "")


def test_without_a_value_it_says_why() -> None:
    """And gives no figure of one."""
    rows = told(worth=Unread("nobody said what came of it"))

    assert rows["value of a decision"] == ("not known", "nobody said what came of it")
    assert not [what for what in rows if "DR" in what]


def test_of_nobody_there_is_no_share() -> None:
    """It was asked about decisions of others only."""
    rows = told(decisions=0, alike={}, contacts=(0, 0), reserved_minor=(0, 0))

    assert rows["wanted what the champion wanted"] == ("0 of 0", "")
    assert rows["contacts"] == ("0 of 0", "0 of 0")
