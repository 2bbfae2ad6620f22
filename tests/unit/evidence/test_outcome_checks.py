"""Scores against outcomes and decisions against deliveries, on campaigns written out by hand."""

from datetime import datetime

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.evidence.outcome_checks import accept_calibration, delivery, fates, risk_calibration
from tests.logbooks import logbook

HELD = int(Reason.HOLDOUT)
LATE = 100.0
"""Days since the campaign's start: everything is due."""


def held(**changes: object) -> dict[str, object]:
    """Give a decision about a customer who is held out."""
    return {"reasons": HELD, "decided_at": 0.0, **changes}


def test_fates_are_told_by_any_decision_of_the_customer() -> None:
    """A left after 10 days, told of his second decision; B stayed 30; C left after 31; D is not heard of."""
    log = logbook(
        [
            {"customer_id": "A", "decided_at": 0.0},
            {"customer_id": "B", "decided_at": 0.0, "retained_at": 30.0},
            {"customer_id": "C", "decided_at": 0.0, "churned_at": 31.0},
            {"customer_id": "D", "decided_at": 0.0},
            {"customer_id": "A", "decided_at": 5.0, "churned_at": 5.0},
        ]
    )

    found = fates(log, np.arange(4), LATE)

    assert found.kept[:3].tolist() == [0.0, 1.0, 1.0]
    assert found.known.tolist() == [True, True, True, False]
    assert found.due.all()


def test_an_outcome_is_not_known_before_it_is_due() -> None:
    """A leaver is heard of after a day; that he left counts on the day on which all others are known too."""
    log = logbook([{"decided_at": 0.0, "churned_at": 1.0}])

    assert np.isnan(fates(log, np.arange(1), 30.9).kept[0])
    assert fates(log, np.arange(1), 31.0).kept[0] == 0.0


def test_risk_is_judged_by_who_is_held_out() -> None:
    """Four held out at .4, one left: −.15. Who was contacted, and a second decision, do not count."""
    rows = [held(customer_id=name, retained_at=30.0) for name in "ABC"] + [
        held(customer_id="D", churned_at=2.0)
    ]
    rows += [{"customer_id": "E", "decided_at": 0.0, "choice": 2, "churned_at": 1.0}]
    rows += [held(customer_id="A", decided_at=1.0, churn_risk=0.9)]

    found = risk_calibration(logbook(rows), LATE, 0.05, 0.1)

    assert found.whom == "customers who are held out"
    assert (found.customers, found.early, found.overdue) == (4, 0, 0)
    assert found.found is not None
    assert found.found.in_the_large.value == pytest.approx(0.25 - 0.4)


def test_without_a_holdout_those_left_alone_judge() -> None:
    """A never had a contact, B has one within 30 days, C one after 30 days."""
    log = logbook(
        [
            {"customer_id": "A", "decided_at": 0.0, "churned_at": 3.0},
            {"customer_id": "B", "decided_at": 0.0, "retained_at": 30.0},
            {"customer_id": "C", "decided_at": 0.0, "retained_at": 30.0},
            {"customer_id": "B", "decided_at": 29.0, "choice": 1},
            {"customer_id": "C", "decided_at": 31.0, "choice": 1},
        ]
    )

    found = risk_calibration(log, LATE, 0.05, 0.1)

    assert "nobody is held out" in found.whom
    assert (found.customers, found.overdue) == (2, 0)
    assert found.found is not None
    assert found.found.in_the_large.value == pytest.approx(0.5 - 0.4)


def test_pending_is_never_a_no() -> None:
    """Twenty at .5, half of them left; ten more are not due yet: the gap stays 0."""
    rows = [held(churn_risk=0.5, churned_at=1.0) for _ in range(10)]
    rows += [held(churn_risk=0.5, retained_at=30.0) for _ in range(10)]
    rows += [held(churn_risk=0.5, decided_at=10.0) for _ in range(10)]

    found = risk_calibration(logbook(rows), 31.0, 0.05, 0.1)

    assert found.found is not None
    assert (found.found.rows, found.early, found.found.in_the_large.value) == (20, 10, 0.0)


@pytest.mark.parametrize(("unknown", "is_judged"), [(2, True), (3, False)])
def test_too_many_unknown_outcomes_judge_nothing(unknown: int, is_judged: bool) -> None:
    """Of twenty due, two (a tenth) may be unknown; with three nothing is said, whatever the others show."""
    rows = [held(churned_at=1.0) for _ in range(20 - unknown)] + [held() for _ in range(unknown)]

    found = risk_calibration(logbook(rows), LATE, 0.05, 0.1)

    assert (found.found is not None) == is_judged
    assert found.overdue == unknown
    assert is_judged or f"{unknown} of 20 outcomes that are due are not known" in found.why_not


def test_nothing_due_is_no_verdict() -> None:
    """A campaign of yesterday."""
    found = risk_calibration(logbook([held()]), 2.0, 0.05, 0.1)

    assert (found.verdict, found.early, found.why_not) == ("cannot tell", 1, "no outcome is due yet")


def test_acceptance_is_judged_by_contacts_that_went_out() -> None:
    """Of four contacts one was not sent and one is not due: one accepted, one did not, .3 predicted: +.2."""
    log = logbook(
        [
            {"decided_at": 0.0, "choice": 2, "sent_at": 0.1, "accepted_at": 3.0},
            {"decided_at": 0.0, "choice": 2, "sent_at": 0.1},
            {"decided_at": 0.0, "choice": 2},
            {"decided_at": 9.0, "choice": 2, "sent_at": 0.1, "accepted_at": 1.0},
            {"decided_at": 0.0, "choice": 0},
        ]
    )

    found = accept_calibration(log, 18.0, 17, 0.05, 0.1)

    assert (found.whom, found.customers, found.early) == ("contacts that went out", 3, 1)
    assert found.found is not None
    assert found.found.in_the_large.value == pytest.approx(0.5 - 0.3)


def test_where_nobody_tells_what_went_out_all_contacts_judge() -> None:
    """A company that sends by its own means."""
    log = logbook([{"decided_at": 0.0, "choice": 1}, {"decided_at": 0.0, "choice": 4, "accepted_at": 1.0}])

    found = accept_calibration(log, LATE, 17, 0.05, 0.1)

    assert found.customers == 2
    assert "none is known to have gone out" in found.whom


def test_deliveries_of_the_window_are_counted() -> None:
    """Since day 10 three contacts: two old enough, one of them sent. Half: Wilson's .095 to .905 by hand.

    z = 1.96, n = 2: middle (.5 + .9604)/2.9207 = .5, half 1.96·√(.125 + .2401)/2.9207 = .4055.
    """
    log = logbook(
        [
            {"decided_at": 1.0, "choice": 1},
            {"decided_at": 10.0, "choice": 1, "sent_at": 0.5},
            {"decided_at": 10.0, "choice": 3},
            {"decided_at": 10.0, "choice": 0},
            {"decided_at": 19.0, "choice": 1},
        ]
    )

    found = delivery(log, 20.5, 10.0, 2, 0.9)

    assert (found.decided, found.delivered, found.early) == (2, 1, 1)
    assert found.share is not None
    assert (found.share.low, found.share.high) == pytest.approx((0.0945, 0.9055), abs=2e-4)


@pytest.mark.parametrize(
    ("sent", "decided", "verdict"),
    [
        (0, 0, "cannot tell"),
        (0, 40, "off"),
        (36, 40, "cannot tell"),
        (400, 400, "holds"),
        (3, 4, "cannot tell"),
    ],
)
def test_a_dispatcher_that_stands_still_is_noticed(sent: int, decided: int, verdict: str) -> None:
    """By evidence only: nine tenths are wanted, and four contacts say little."""
    rows: list[dict[str, object]] = [
        {"decided_at": 1.0, "choice": 1, "sent_at": 0.1 if place < sent else None} for place in range(decided)
    ]

    assert delivery(logbook(rows or [{}]), 10.0, 0.0, 2, 0.9).verdict == verdict


def test_moments_of_one_length_apart_agree_at_any_second() -> None:
    """Thirty days after an odd microsecond is thirty days: no stayer is lost to the rounding of days."""
    rows = [held(decided_at=place * 0.123457, retained_at=30.0) for place in range(300)]

    found = risk_calibration(logbook(rows), LATE, 0.05, 0.1)

    assert (found.overdue, found.customers) == (0, 300)


def test_who_left_on_the_last_day_left() -> None:
    """At the end of the thirtieth day, and told so to the second."""
    log = logbook([{"decided_at": datetime.fromisoformat("2026-03-02T17:00:00+00:00"), "churned_at": 30.0}])

    assert fates(log, np.arange(1), LATE).kept.tolist() == [0.0]
