"""Who is in which arm, what is known of him, and who is left out of both."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from benchmarks.evidence_lives import WINDOW, Plan, lives
from churn_saver.domain.action import Reason
from churn_saver.errors import InputError, TableError
from churn_saver.evidence.followed import State
from churn_saver.evidence.lift import lift
from churn_saver.pipeline.following import LeftOut, Window, arms_of
from tests.builders import NOON
from tests.lift_books import BILL, CONTACTED, HELD_OUT, TREATED, ten, ten_rows
from tests.logbooks import logbook


def after(days: float, window_days: int = 30, margin_share: float = 1.0) -> Window:
    """Look so many days after NOON, when most are decided for."""
    return Window(window_days, margin_share, NOON + timedelta(days=days))


def test_ten_customers_by_hand() -> None:
    """90.00 for 30 days, 30.00, 45.00 and 60.00 for 10, 15 and 20; 1.00 a contact and 9.00 the offer."""
    arms = arms_of(ten(), after(31))
    found = arms.followed

    assert found.treated.tolist() == [True] * 6 + [False] * 4
    assert found.arm_probability.tolist() == [0.6] * 6 + [0.4] * 4
    assert found.days.tolist() == [30, 30, 30, 30, 30, 10, 30, 30, 15, 20]
    assert found.margin_minor.tolist() == [9_000] * 5 + [3_000, 9_000, 9_000, 4_500, 6_000]
    assert found.cost_minor.tolist() == [1_000, 100, 100, 0, 0, 0, 0, 0, 0, 0]
    assert found.known.all()
    assert arms.left_out == ()


def test_margin_is_a_share_of_the_bill_for_the_days_inside_the_window() -> None:
    """Half of 90.00 in 30 days is 22.50 in 15, whoever left on day 20 included; 15.00 in 10."""
    found = arms_of(ten(), after(31, window_days=15, margin_share=0.5)).followed

    assert found.margin_minor.tolist() == [2_250] * 5 + [1_500] + [2_250] * 4
    assert found.kept.tolist() == [1] * 5 + [0] + [1, 1, 0, 1]


def test_a_customer_is_one_row_by_his_first_decision() -> None:
    """Later ones bring what was spent inside the window, and what became of him, counted from the first.

    Contacted on days 0 and 20 for 1.00 each, an offer of 9.00 taken on day 35: 2.00. Said to have left on day
    25 and on day 28: 25. The arm is the first row's.
    """
    rows = ten_rows()
    late = {"decided_at": 20.0, "customer_id": "C00000", "features": BILL}
    rows[0] = CONTACTED | {"decided_at": 0.0, "features": BILL, "churned_at": 28.0}
    rows.append(CONTACTED | late | {"churned_at": 5.0, "accepted_at": 15.0, "offer_spent_minor": 900})
    found = arms_of(ten(rows), after(31)).followed

    assert len(found) == 10
    assert (found.days[0], found.cost_minor[0]) == (25, 200)
    assert found.state[0] == State.CHURNED


def test_of_several_reports_of_staying_the_latest_counts() -> None:
    """Twelve days after the first decision, or eleven after the one on day 20: 31."""
    rows = ten_rows()
    rows[0] = rows[0] | {"retained_at": 12.0}
    again = {"decided_at": 20.0, "customer_id": "C00000", "features": BILL, "retained_at": 11.0}
    found = arms_of(ten([*rows, TREATED | again]), after(31)).followed

    assert (found.days[0], found.state[0]) == (31, State.RETAINED)


def test_pending_is_neither() -> None:
    """Nothing heard, or heard of for 29.5 days only; who is said to have stayed and then left has left."""
    rows = ten_rows()
    rows[1] = rows[1] | {"retained_at": None}
    rows[2] = rows[2] | {"retained_at": 29.5}
    rows[3] = rows[3] | {"retained_at": 28.0, "churned_at": 29.0}
    found = arms_of(ten(rows), after(31)).followed

    assert found.state[1:4].tolist() == [State.PENDING, State.PENDING, State.CHURNED]
    assert found.days[1:4].tolist() == [0, 29.5, 29]


def test_a_clock_behind_is_forgiven() -> None:
    """A leaver reported two minutes before the decision left on day 0."""
    rows = ten_rows()
    rows[5] = rows[5] | {"churned_at": -2 / 1_440}

    assert arms_of(ten(rows), after(31)).followed.days[5] == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"features": None}, "erased"),
        ({"arm_probability": float("nan")}, "could be in one arm only"),
        ({"arm_probability": 1.0}, "could be in one arm only"),
        ({"excluded": (0, *[int(Reason.SUPPRESSED)] * 4)}, "may not be written to"),
        ({"excluded": (0, *[int(Reason.OPTED_OUT | Reason.COOLDOWN)] * 4)}, "may not be written to"),
        ({"features": '{"tenure_months": 3}'}, "without a bill on record"),
        ({"decided_at": 2.0}, "not yet followed for 30 days"),
    ],
)
def test_who_is_left_out_is_counted_by_arm(change: dict[str, Any], why: str) -> None:
    """One of either arm: eight remain."""
    rows = ten_rows()
    for place in (0, 9):
        rows[place] = rows[place] | change
    arms = arms_of(ten(rows), after(31))

    assert arms.left_out == (LeftOut(why, 1, 1),)
    assert len(arms.followed) == len(arms.entered_at) == 8


def test_gates_that_pass_leave_nobody_out() -> None:
    """A cooldown or an empty budget is over some day, and holds for both arms alike."""
    rows = ten_rows()
    rows[3] = rows[3] | {"excluded": (0, *[int(Reason.COOLDOWN | Reason.BUDGET | Reason.STOPPED)] * 4)}

    assert arms_of(ten(rows), after(31)).left_out == ()


def test_who_is_left_out_counts_under_one_reason() -> None:
    """Erased and young is erased."""
    rows = ten_rows()
    rows[0] = rows[0] | {"features": None, "decided_at": 2.0}

    assert arms_of(ten(rows), after(31)).left_out == (LeftOut("erased", 1, 0),)


@pytest.mark.parametrize(
    ("rows", "campaign", "reason"),
    [
        (ten_rows(), {"holdout_share": 0.0}, r"'spring' has no holdout"),
        ([], {}, r"'spring' has no decision yet"),
        (ten_rows()[:6], {}, r"'spring' has nobody in the holdout .*Left out: none"),
        (ten_rows()[6:], {}, r"'spring' has nobody in the treated arm"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(
    rows: list[dict[str, Any]], campaign: dict[str, object], reason: str
) -> None:
    """With the next step."""
    with pytest.raises(InputError, match=reason):
        arms_of(ten(rows, **campaign), after(31))


def test_before_the_first_window_is_over_nobody_is_compared() -> None:
    """Not the leavers either, of whom alone one has heard by then."""
    with pytest.raises(
        InputError, match=r"Left out: 10 not yet followed for 30 days\. .* wait until their 30 days are over"
    ):
        arms_of(ten(), after(29))


def test_leavers_alone_are_refused() -> None:
    """Of the holdout two are pending and nobody is known to have stayed: its share would be 0."""
    rows = ten_rows()
    for place in (6, 7):
        rows[place] = rows[place] | {"retained_at": None}

    with pytest.raises(InputError, match=r"of the holdout nobody is known to have stayed.* 2 are pending"):
        arms_of(ten(rows), after(31))


def test_an_arm_that_all_have_left_is_no_fault() -> None:
    """Nobody is pending, so nothing is hidden."""
    rows = ten_rows()
    for place in (6, 7):
        rows[place] = rows[place] | {"retained_at": None, "churned_at": 1.0}

    assert arms_of(ten(rows), after(31)).followed.kept[6:].sum() == 0


def test_books_that_cannot_be_are_named_by_row() -> None:
    """An amount below 0."""
    rows = ten_rows()
    rows[1] = rows[1] | {"contact_spent_minor": -100}

    with pytest.raises(TableError, match=r"cost_minor.*wanted no amount below 0"):
        arms_of(ten(rows), after(31))


@pytest.mark.parametrize("seed", range(3))
def test_campaigns_that_were_made_up_come_back(seed: int) -> None:
    """What the books tell of customers who entered on different days gives the plain difference of shares.

    Customers whose 90 days are over by day 160, all known: the share of the treated who left later, less
    that of the held out, counted from the lives themselves.
    """
    made = lives(Plan(300, np.full(3, 0.3), has_effect=True), np.random.default_rng(seed))
    day = 160.0
    rows = [
        (TREATED if treated else HELD_OUT)
        | {
            "arm_probability": float(drawn),
            "decided_at": float(entry),
            "features": {"bill_minor": round(bill)},
        }
        | ({"churned_at": float(leaves)} if leaves <= day - entry else {"retained_at": day - float(entry)})
        for treated, drawn, entry, bill, leaves in zip(
            made.treated, made.arm_probability, made.entry, made.bill_minor, made.leaves, strict=True
        )
    ]
    order = np.argsort(made.entry, kind="stable")
    book = logbook([rows[place] for place in order], holdout_share=0.3)
    arms = arms_of(book, after(day, window_days=WINDOW))
    over = made.entry <= day - WINDOW
    stays = made.leaves > WINDOW
    wanted = stays[over & made.treated].mean() - stays[over & ~made.treated].mean()

    assert len(arms.followed) == over.sum()
    assert sum(one.treated + one.held_out for one in arms.left_out) == (~over).sum()
    assert lift(arms.followed).retained.difference.value == pytest.approx(wanted)


def test_the_order_of_customers_changes_nothing() -> None:
    """Who comes first in the books is the same customer anywhere."""
    rows = [row | {"customer_id": f"C{place}"} for place, row in enumerate(ten_rows())]
    forward, backward = (arms_of(ten(some), after(31)).followed for some in (rows, rows[::-1]))

    assert forward.margin_minor.tolist() == backward.margin_minor[::-1].tolist()
