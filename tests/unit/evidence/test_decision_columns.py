"""The columns of a logbook: days, first decisions, inputs, groups."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.decision_columns import day_of, days, first_rows, groups, inputs, with_scores
from tests.builders import NOON
from tests.logbooks import logbook


def test_days_count_from_the_start_of_the_campaign() -> None:
    """It started a day before noon: half a day after noon is day 1.5, and a moment that never was is none."""
    log = logbook([{"decided_at": 0.5, "churned_at": 2.0}, {"decided_at": 0.0}])

    assert days(log, log.decided_at).tolist() == [1.5, 1.0]
    assert days(log, log.churned_at)[0] == 3.5
    assert np.isnan(days(log, log.churned_at)[1])
    assert day_of(log, NOON + timedelta(days=2)) == 3.0


def test_the_first_decision_of_each_customer_is_found_inside() -> None:
    """Of A, B, A, B, C the rows 0, 1 and 4; without row 0, A begins at row 2."""
    log = logbook([{"customer_id": name} for name in "ABABC"])

    assert first_rows(log, np.ones(5, dtype=np.bool_)).tolist() == [0, 1, 4]
    assert first_rows(log, np.array([False, True, True, True, True])).tolist() == [1, 2, 4]
    assert first_rows(log, np.zeros(5, dtype=np.bool_)).tolist() == []


def test_inputs_are_read_back_as_they_were() -> None:
    """Numbers as numbers, words as words; what one decision lacks, and all of an erased one, is not known."""
    log = logbook([{"features": {"country": "US"}}, {"features": None}, {"features": {"tenure_months": 3}}])

    found = inputs(log)

    assert found["tenure_months"].to_list() == [12.0, None, 3.0]
    assert found["country"].to_list() == ["US", None, None]
    assert found.height == 3


def test_inputs_of_nobody_are_no_columns() -> None:
    """All customers were erased: scores are all that is left."""
    log = logbook([{"features": None, "churn_risk": 0.25}, {"features": None, "accept_prob": float("nan")}])

    found = with_scores(log, inputs(log), ["day"])

    assert found.columns == ["churn_risk", "accept_prob"]
    assert found.rows() == [(0.25, 0.3), (0.4, None)]


def test_what_is_ignored_is_left_out_and_scores_come_last() -> None:
    """A column that is ignored and absent does no harm."""
    log = logbook([{}])

    found = with_scores(log, inputs(log), ["day", "price", "fatigue", "units_used", "bill_minor", "nothing"])

    assert found.columns == ["tenure_months", "monthly_spend", "contract_type", "churn_risk", "accept_prob"]


@pytest.mark.parametrize("broken", ["{", "[1]", "{}\n{}"])
def test_books_that_hold_something_else_are_named(broken: str) -> None:
    """Somebody has written into the database: the way to find out where is said."""
    with pytest.raises(InputError, match="ledger verify"):
        inputs(logbook([{"features": broken}]))


def test_codes_are_groups_by_their_words() -> None:
    """Gender is stored as the index of a word; other numbers are named as they are, gaps not at all."""
    assert groups(pl.Series("gender", [0.0, 1.0, None])) == ["female", "male", None]
    assert groups(pl.Series("plan", [1.0, 2.5, float("nan")])) == ["1", "2.5", None]
    assert groups(pl.Series("region", ["north", "", None])) == ["north", None, None]
    assert groups(pl.Series("gender", [7.0])) == ["7"]
