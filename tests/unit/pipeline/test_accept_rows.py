"""Contacts as rows that teach acceptance."""

from datetime import timedelta

import pytest

from churn_saver.errors import InputError
from churn_saver.pipeline.accept_rows import accept_rows
from tests.builders import NOON
from tests.logbooks import logbook

LATER = NOON + timedelta(days=60)
SENT = {"choice": 3, "expires_on": 16, "sent_at": 0.5, "probability": 0.25}


def test_a_campaign_by_hand() -> None:
    """Accepted, declined, never answered; the others wait, were never sent, or are nobody's any more."""
    rows: list[dict[str, object]] = [
        {"customer_id": "A", **SENT, "accepted_at": 2},
        {"customer_id": "B", **SENT, "choice": 1, "declined_at": 2},
        {"customer_id": "C", **SENT, "choice": 4, "probability": 0.5},
        {"customer_id": "D", **SENT, "decided_at": 50, "accepted_at": 1},
        {"customer_id": "E", **SENT, "sent_at": None},
        {"customer_id": "F", **SENT, "features": None, "accepted_at": 1},
        {"customer_id": "G"},
        {"customer_id": "H", **SENT, "churn_risk": float("nan")},
        {"customer_id": "I", **SENT, "features": '{"bill_minor": 100}'},
        {"customer_id": "J", **SENT, "probability": float("nan")},
    ]

    found = accept_rows(logbook(rows), LATER)

    columns = ("customer_id", "offer_pct", "accepted", "propensity", "churn_risk", "tenure_months")
    assert found.frame.select(columns).rows() == [
        ("A", 10, 1, 0.25, 0.4, 12.0), ("B", 0, 0, 0.25, 0.4, 12.0), ("C", 15, 0, 0.5, 0.4, 12.0),
    ]  # fmt: skip
    assert found.left_out == (
        ("decisions without a contact", 1),
        ("of customers who were erased", 1),
        ("whose message never went out", 1),
        ("pending: an answer may still come", 1),
        ("without a churn risk on record, which train-risk needs", 1),
        ("without tenure on record, which train-risk needs", 1),
        ("without a recorded probability", 1),
    )
    assert found.notes == ()


def test_a_contact_counts_from_the_day_after_its_last_one() -> None:
    """On the last day an answer may still come, also where one has come already."""
    book = logbook([{**SENT, "accepted_at": 1}])
    last = NOON + timedelta(days=16)

    with pytest.raises(InputError, match=r"no contact to write.*: 1 pending: an answer may still come"):
        accept_rows(book, last)
    assert accept_rows(book, last + timedelta(days=1)).frame.height == 1


def test_where_nobody_tells_of_sending_all_were_sent() -> None:
    """Else those who answered would stand alone, and everybody would seem to accept."""
    unsent = {**SENT, "sent_at": None}

    answered = [{**unsent, "accepted_at": 1}, {**unsent, "declined_at": 1, "sent_at": 1}]

    found = accept_rows(logbook([*answered, unsent]), LATER)

    assert found.frame["accepted"].to_list() == [1, 0, 0]
    assert found.notes == ("nobody has told which messages went out: every contact is taken as sent",)


def test_offers_that_were_certain_are_told() -> None:
    """By a policy that draws nothing, offers cannot be told from the customers who got them."""
    found = accept_rows(logbook([{**SENT, "probability": 1.0}, SENT]), LATER)

    assert found.notes[0].startswith("1 of 2 offers were certain (propensity 1)")


def test_where_no_probability_was_recorded_the_column_is_blank() -> None:
    """Rows are not lost for it: the model is then associational, and says so."""
    frame = accept_rows(logbook([{**SENT, "probability": float("nan")}] * 2), LATER).frame

    assert frame["propensity"].null_count() == 2
