"""What is known of customers, and the door that lets no row in that cannot be judged."""

from typing import Any

import numpy as np
import pytest

from churn_saver.errors import InputError, TableError
from churn_saver.evidence.followed import Followed, State


def six(**other: Any) -> Followed:
    """Give six sound customers over a window of 30 days, some columns replaced."""
    columns: dict[str, Any] = {
        "treated": np.array([True, True, True, False, False, False]),
        "arm_probability": np.full(6, 0.5),
        "state": np.array([State.RETAINED, State.CHURNED, State.PENDING] * 2),
        "days": np.array([30.0, 12.0, 20.0, 45.0, 40.0, 0.0]),
        "margin_minor": np.array([900.0, 300.0, np.nan, 1_000.0, 900.0, 0.0]),
        "cost_minor": np.array([20.0, 20.0, np.nan, 0.0, 0.0, 0.0]),
        "window_days": 30.0,
        "customer": np.arange(6),
    }
    return Followed.checked(**(columns | other))


def test_everybody_is_judged_at_the_end_of_the_window() -> None:
    """Who leaves on day 40 of a window of 30 was kept; who is pending is neither kept nor known."""
    found = six()

    assert len(found) == 6
    assert found.kept.tolist() == [1, 0, 0, 1, 1, 0]
    assert found.known.tolist() == [True, True, False, True, True, False]
    assert found.time.tolist() == [30, 12, 20, 30, 30, 0]


def test_who_leaves_on_the_last_day_has_left() -> None:
    """Day 30 still belongs to a window of 30 days."""
    assert six(days=np.array([30.0, 30.0, 20.0, 45.0, 40.0, 0.0])).kept[1] == 0


def test_the_probability_of_either_arm_tells_that_of_the_treated() -> None:
    """Held out with .05 is treated with .95."""
    found = six(arm_probability=np.array([0.95, 0.95, 0.95, 0.05, 0.05, 0.05]))

    np.testing.assert_allclose(found.treated_probability, 0.95)


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, 1.2, float("nan")])
def test_a_probability_that_allows_one_arm_only_is_refused_by_row(wrong: float) -> None:
    """Row 2 is line 4 of its file; the message says why and what to do."""
    p = np.full(6, 0.5)
    p[2] = wrong

    with pytest.raises(
        TableError,
        match=rf"(?s)^campaign:4: column 'arm_probability' is '{wrong:g}'.*one arm.*leave them out",
    ):
        six(arm_probability=p)


@pytest.mark.parametrize(
    ("column", "row", "value", "wanted"),
    [
        ("state", 1, 3, r"0 \(pending\), 1 \(retained\) or 2 \(churned\)"),
        ("days", 0, 29.0, r"30 or more of who is retained: pending until then"),
        ("days", 2, 30.0, r"less than 30 of who is pending: say what became of him"),
        ("days", 1, -1.0, r"days, not negative"),
        ("days", 3, np.inf, r"days, not negative"),
        ("margin_minor", 0, np.nan, r"an amount, in minor units"),
        ("margin_minor", 2, np.inf, r"an amount, in minor units"),
        ("cost_minor", 4, -1.0, r"no amount below 0"),
        ("customer", 5, 4, r"each customer once"),
    ],
)
def test_a_row_that_cannot_be_judged_is_named(column: str, row: int, value: float, wanted: str) -> None:
    """File, line, column, value and what was wanted stand in one line."""
    columns = {
        "state": np.array([1, 2, 0, 1, 2, 0]),
        "days": np.array([30.0, 12.0, 20.0, 45.0, 40.0, 0.0]),
        "margin_minor": np.ones(6),
        "cost_minor": np.ones(6),
        "customer": np.arange(6),
    }
    columns[column][row] = value

    with pytest.raises(TableError, match=rf"^trial:{row + 2}: column '{column}' .*wanted {wanted}"):
        six(**columns, source="trial")


def test_every_fault_is_counted() -> None:
    """A hundred and fifty bad rows: ten are shown, the others counted."""
    with pytest.raises(TableError, match=r"\.\.\. and 140 more"):
        Followed.checked(
            treated=np.arange(300) % 2 == 0,
            arm_probability=np.where(np.arange(300) < 150, 0.0, 0.5),
            state=np.ones(300, dtype=np.int64),
            days=np.full(300, 30.0),
            margin_minor=np.ones(300),
            window_days=30,
        )


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("days", np.ones(5), r"days has shape \(5,\), wanted \(6,\), one row for each customer"),
        (
            "treated",
            np.ones(6),
            r"treated has shape \(6,\) and type float64, wanted \(n,\) of true and false",
        ),
        ("treated", np.ones(0, dtype=np.bool_), r"treated has shape \(0,\)"),
        ("treated", np.ones(6, dtype=np.bool_), r"nobody is in the holdout, so there is nothing to compare"),
        ("treated", np.zeros(6, dtype=np.bool_), r"nobody is in the treated arm"),
        ("state", np.ones(6), r"state is of type float64, wanted whole numbers"),
        ("window_days", 0.0, r"the window is 0\.0 days, wanted a number of days above 0"),
        ("window_days", float("nan"), r"the window is nan days"),
    ],
)
def test_columns_that_do_not_fit_are_refused(column: str, value: object, message: str) -> None:
    """The whole table is meant, and the next step is told."""
    with pytest.raises(InputError, match=message):
        six(**{column: value})


def test_without_costs_nothing_was_spent() -> None:
    """A cost that nobody gave is 0."""
    assert six(cost_minor=None).cost_minor.tolist() == [0] * 6
