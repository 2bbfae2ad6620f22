"""Customers as rows that teach churn risk."""

from datetime import timedelta

import pytest

from churn_saver.domain.action import Reason
from churn_saver.errors import InputError
from churn_saver.pipeline.churn_rows import churn_rows
from tests.builders import NOON
from tests.logbooks import logbook

HELD_OUT = {"reasons": int(Reason.HOLDOUT), "arm_probability": 0.05, "intended": 2}
LATER = NOON + timedelta(days=60)


def labels(rows: list[dict[str, object]], **options: bool) -> dict[str, int]:
    """Give who left, by customer, 60 days later, within 30 days."""
    frame = churn_rows(logbook(rows), 30, LATER, **options).frame
    return dict(zip(frame["customer_id"].to_list(), frame["churned"].to_list(), strict=True))


def test_a_campaign_by_hand() -> None:
    """Left on day 30, stayed 30, left on day 31 and so stayed, left the day he was known to stay until."""
    rows: list[dict[str, object]] = [
        {"customer_id": "A", "churned_at": 30},
        {"customer_id": "B", "retained_at": 30},
        {"customer_id": "C", "churned_at": 31},
        {"customer_id": "D", "retained_at": 20, "churned_at": 25, **HELD_OUT},
        {"customer_id": "E", "retained_at": 29.9},
        {"customer_id": "F"},
        {"customer_id": "G", "features": None, "churned_at": 1},
        {"customer_id": "H", "choice": 2, "churned_at": 1},
        {"customer_id": "I", "decided_at": 31, "churned_at": 1},
        {"customer_id": "J", "features": '{"bill_minor": 100, "tenure_months": 1}', "churned_at": 1},
    ]

    found = churn_rows(logbook(rows), 30, LATER)

    assert labels(rows) == {"A": 1, "B": 0, "C": 0, "D": 1}
    assert found.left_out == (
        ("of customers who were erased", 1),
        ("first decided for less than 30 days ago", 1),
        ("pending: nobody has said whether they stayed 30 days", 2),
        ("contacted within 30 days; --all takes them", 1),
        ("without tenure, spend or contract type on record, which train-risk needs", 1),
    )
    assert found.notes == (
        "1 of 4 customers are of the holdout, left alone by a draw; of the others the policy chose whom it "
        "left alone, and their risk may differ from everybody's",
    )


def test_a_customer_is_one_row_as_he_was_first() -> None:
    """Features and moment of the first decision; what was told of a later one is a fact about him too."""
    rows: list[dict[str, object]] = [
        {"customer_id": "A", "features": {"tenure_months": 3.0}},
        {"customer_id": "B", "decided_at": 0.5, "retained_at": 40},
        {
            "customer_id": "A",
            "number": 1,
            "decided_at": 10,
            "features": {"tenure_months": 4.0},
            "churned_at": 15,
        },
        {"customer_id": "B", "number": 1, "decided_at": 35, "choice": 3},
    ]

    frame = churn_rows(logbook(rows), 30, LATER).frame

    assert frame.select("customer_id", "tenure_months", "churned", "contacted").rows() == [
        ("A", 3.0, 1, 0), ("B", 12.0, 0, 0),
    ]  # fmt: skip
    assert frame["logged_at"].to_list() == [NOON, NOON + timedelta(hours=12)]


def test_the_propensity_is_that_of_what_was_done() -> None:
    """Holdout: its draw alone. Treated: the draw times the action's. Blocked: nobody knows."""
    rows: list[dict[str, object]] = [
        {"customer_id": "A", "retained_at": 30, "probability": 0.5, **HELD_OUT},
        {"customer_id": "B", "retained_at": 30, "probability": 0.5, "arm_probability": 0.95},
        {"customer_id": "C", "retained_at": 30, "intended": 3, "reasons": int(Reason.MESSAGE_BLOCKED)},
    ]

    assert churn_rows(logbook(rows), 30, LATER).frame["propensity"].to_list() == [0.05, 0.475, None]


def test_contacted_customers_come_when_all_are_wanted() -> None:
    """A contact within the days, by whichever decision, is told; one after them does not count."""
    rows: list[dict[str, object]] = [
        {"customer_id": "A", "retained_at": 30},
        {"customer_id": "A", "number": 1, "decided_at": 29, "choice": 3},
        {"customer_id": "B", "retained_at": 30},
        {"customer_id": "B", "number": 1, "decided_at": 31, "choice": 3},
    ]

    found = churn_rows(logbook(rows), 30, LATER, everyone=True)

    assert found.frame.select("customer_id", "contacted").rows() == [("A", 1), ("B", 0)]
    assert labels(rows) == {"B": 0}
    assert "1 of 2 customers were contacted: what is known of them" in found.notes[-1]


@pytest.mark.parametrize("days", [7, 30, 45])
def test_later_news_changes_no_row_that_was_there(days: int) -> None:
    """Whoever is a row today is the same row in a month: what happens after the days cannot change it."""
    rows: list[dict[str, object]] = [
        {"customer_id": "A", "retained_at": days}, {"customer_id": "B", "churned_at": days / 2},
    ]  # fmt: skip
    now = NOON + timedelta(days=days, hours=1)

    before = churn_rows(logbook(rows), days, now).frame
    more = [*rows, {"customer_id": "A", "number": 1, "decided_at": days + 1, "choice": 3, "churned_at": 1}]
    after = churn_rows(logbook(more), days, now + timedelta(days=30)).frame

    assert before.height == 2
    assert before.equals(after)


def test_a_window_of_no_day_is_refused() -> None:
    """Nobody leaves within 0 days."""
    with pytest.raises(InputError, match="--days is 0, wanted 1 or more"):
        churn_rows(logbook([{}]), 0, LATER)


def test_a_campaign_of_which_nothing_is_known_is_refused() -> None:
    """With what is missing."""
    with pytest.raises(InputError, match=r"'spring' has no customer to write.*: 2 pending: nobody has said"):
        churn_rows(logbook([{}, {}]), 30, LATER)
