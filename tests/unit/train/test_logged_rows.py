"""What rows tell of how they came about."""

from datetime import UTC, datetime

import polars as pl
import pytest

from churn_saver.errors import InputError
from churn_saver.train.logged_rows import propensity_of, said_of


def test_a_table_tells_when_by_which_chances_and_of_whom() -> None:
    """First and last day, least and largest chance, and how many were contacted."""
    days = [datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC), None]
    frame = pl.DataFrame({"logged_at": days, "propensity": [0.5, 0.025, None], "contacted": [1, 0, None]})

    words, notes = said_of(frame)

    assert words == "logged 2026-03-02 to 2026-04-01, propensity 0.025 to 0.5, 1 of 3 contacted"
    assert notes == ("contacted customers: 1; theirs is the risk of a contacted customer",)


def test_a_table_that_does_not_tell_is_silent() -> None:
    """Neither absent nor blank columns say anything, nor does nobody contacted."""
    blank = pl.Series([None, None], dtype=pl.Float64)
    frame = pl.DataFrame({"propensity": blank, "logged_at": blank, "contacted": [0, 0]})

    assert said_of(frame) == ("", ())
    assert said_of(pl.DataFrame({"offer_pct": [0.0]})) == ("", ())
    assert propensity_of(frame, "t.csv") is None
    assert propensity_of(pl.DataFrame({"offer_pct": [0.0]}), "t.csv") is None


def test_offers_that_were_certain_have_no_weights() -> None:
    """One row that was drawn is enough to weigh by; where none was, the model is associational."""
    certain = pl.DataFrame({"propensity": [1.0, 1.0], "offer_pct": [0.0, 5.0]})
    drawn = pl.DataFrame({"propensity": [1.0, 0.5], "offer_pct": [0.0, 5.0]})

    weights = propensity_of(drawn, "t.csv")

    assert propensity_of(certain, "t.csv") is None
    assert "every offer was certain (propensity 1)" in said_of(certain)[1][0]
    assert weights is not None
    assert weights.tolist() == [1.0, 0.5]
    assert said_of(drawn)[1] == ()


def test_chances_are_all_or_none() -> None:
    """Some blank ones are refused, with how many."""
    frame = pl.DataFrame({"propensity": [1.0, None, None]})

    with pytest.raises(InputError, match=r"t\.csv has 2 rows without a propensity and 1 with one"):
        propensity_of(frame, "t.csv")
