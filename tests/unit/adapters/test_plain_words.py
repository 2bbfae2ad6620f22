"""Figures and reasons in words."""

import pytest

from churn_saver.adapters import plain_words
from churn_saver.adapters.summary import PROTECTED
from churn_saver.domain.action import Reason

NBSP = "\N{NO-BREAK SPACE}"


def test_every_reason_and_protected_column_has_words() -> None:
    """A flag or column added later fails here until it is said in words."""
    assert set(plain_words.REASONS) == {flag.name.lower() for flag in Reason if flag.name and flag}
    assert set(plain_words.COLUMNS) == set(PROTECTED)


def test_an_unknown_reason_is_shown_by_its_name() -> None:
    """A record of a later version still reads."""
    assert plain_words.reason("too_far_away") == "too far away"
    assert plain_words.reason("cooldown").startswith("Contacted too recently")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(123456, "1,234.56"), (0, "0.00"), (-150, "−1.50"), (99.5, "1.00"), (None, "not known")],
)
def test_money_is_minor_units_with_a_true_minus(amount: float | None, shown: str) -> None:
    """Rounded to minor units; not known is said."""
    assert plain_words.money(amount) == shown


def test_units_and_shares() -> None:
    """1,234.5 units; 30 of 400 is 7.5 %; a share of nothing is a dash."""
    assert plain_words.units(1234.5) == "1,234.50"
    assert plain_words.units(None) == "not known"
    assert plain_words.count(7032) == "7,032"
    assert plain_words.percent(None) == "not known"
    assert plain_words.share(30, 400) == f"7.5{NBSP}%"
    assert plain_words.share(0, 0) == "–"


def test_an_interval_is_wilsons() -> None:
    """2 of 10: (0.2 + 1.9208/10 ± 1.96·√(.016 + .9604/100)) / 1.38416 → 5.7 to 51.0 %."""
    assert plain_words.interval(2, 10) == f"5.7–51.0{NBSP}%"
    assert plain_words.interval(0, 0) == "–"
