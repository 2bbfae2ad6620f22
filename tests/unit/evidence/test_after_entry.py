"""What became of customers in the days after they came in, by hand."""

from datetime import timedelta

import numpy as np
import pytest

from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError, TableError
from churn_saver.evidence.after_entry import followed_after, is_over
from churn_saver.evidence.followed import Followed, State
from tests.builders import NOON
from tests.logbooks import logbook


def row(customer: str, day: float, **more: object) -> dict[str, object]:
    """Give a decision about a customer."""
    return {"customer_id": customer, "decided_at": day, **more}


def followed(log: Logbook, rows: list[int], window: int = 30, margin_share: float = 1.0) -> Followed:
    """Follow customers of whom the first is treated, from these rows, each of a bill of 90.00."""
    places, treated = np.array(rows, dtype=np.int64), np.arange(len(rows)) == 0
    half, bill = np.full(len(rows), 0.5), np.full(len(rows), 9_000.0)
    return followed_after(log, places, treated, half, bill, window, margin_share)


def test_a_window_is_over_on_its_last_moment() -> None:
    """Decided on days 0, 1 and just after: 31 days later two windows of 30 days are over."""
    log = logbook([row("C1", 0), row("C2", 1), row("C3", 1 + 1e-6)])

    assert is_over(log, 30, NOON + timedelta(days=31)).tolist() == [True, True, False]


def test_two_customers_by_hand() -> None:
    """A leaves on day 20 of 30 and keeps two thirds of 90.00, half of it margin; B stays, 45.00.

    On A a contact of 1.00 was sent on day 0, on B none.
    """
    log = logbook(
        [row("A", 0, churned_at=20, contact_spent_minor=100, sent_at=0), row("B", 1, retained_at=30)]
    )

    found = followed(log, [0, 1], margin_share=0.5)

    assert found.state.tolist() == [State.CHURNED, State.RETAINED]
    assert found.days.tolist() == [20, 30]
    assert found.margin_minor.tolist() == [3_000, 4_500]
    assert found.cost_minor.tolist() == [100, 0]


@pytest.mark.parametrize(
    ("more", "cost"),
    [
        ({"sent_at": 30}, 100),
        ({"sent_at": 30.001}, 0),
        ({}, 100),
        ({"accepted_at": 30, "offer_spent_minor": 900, "sent_at": 1}, 1_000),
        ({"accepted_at": 30.001, "offer_spent_minor": 900, "sent_at": 1}, 100),
        ({"sent_at": -0.001}, 100),
    ],
)
def test_cost_counts_by_when_it_was_spent(more: dict[str, object], cost: int) -> None:
    """A contact of 1.00 and an offer of 9.00: on the last moment yes, later no, without a moment as decided.

    A clock of the sender that is a little behind takes nothing away.
    """
    log = logbook([row("A", 0, contact_spent_minor=100, **more), row("B", 0)])

    assert followed(log, [0, 1]).cost_minor[0] == cost


def test_costs_of_later_decisions_are_his_and_those_of_earlier_ones_are_not() -> None:
    """A came in with his second decision: 2.00 and 4.00 count, not the 1.00 before nor B's 8.00."""
    log = logbook(
        [
            row("A", 0, contact_spent_minor=100),
            row("A", 1, contact_spent_minor=200),
            row("B", 1, contact_spent_minor=800),
            row("A", 20, contact_spent_minor=400),
        ]
    )

    assert followed(log, [1, 2]).cost_minor.tolist() == [600, 800]


def test_news_told_of_an_earlier_decision_counts_from_when_he_came_in() -> None:
    """A left on day 9, told of the decision of day 0: 8 days after he came in. B's stay reaches 31."""
    log = logbook(
        [row("A", 0, churned_at=9), row("B", 0, retained_at=32), row("A", 1), row("B", 1, retained_at=3)]
    )

    found = followed(log, [2, 3])

    assert found.state.tolist() == [State.CHURNED, State.RETAINED]
    assert found.days.tolist() == [8, 31]


def test_who_had_left_and_came_back_is_no_loss() -> None:
    """Told of an earlier decision and before he came in; told of his own decision it is a slow clock."""
    log = logbook(
        [row("A", 0, churned_at=3, retained_at=2), row("B", 4), row("A", 5, retained_at=30), row("B", 5)]
    )
    behind = logbook([row("A", 5, churned_at=-0.001), row("B", 5)])

    assert followed(log, [2, 1]).state.tolist() == [State.RETAINED, State.PENDING]
    assert followed(behind, [0, 1]).days.tolist() == [0, 0]
    assert followed(behind, [0, 1]).state[0] == State.CHURNED


def test_leaving_weighs_more_than_staying() -> None:
    """Of several reports the first leaving and the last stay; whoever left after the window was kept."""
    log = logbook(
        [
            row("A", 0, churned_at=45, retained_at=29),
            row("B", 0, retained_at=40, churned_at=12),
            row("A", 2, churned_at=41),
        ]
    )

    found = followed(log, [0, 1])

    assert found.days.tolist() == [43, 12]
    assert found.kept.tolist() == [1, 0]
    assert found.margin_minor.tolist() == [9_000, 3_600]


def test_the_order_in_which_customers_are_asked_for_changes_nothing() -> None:
    """Each row of the answer is the customer of that row."""
    rng = np.random.default_rng(0)
    entries = [
        row(f"C{k}", float(k) / 100, churned_at=float(rng.integers(0, 50)), contact_spent_minor=int(cost))
        for k, cost in enumerate(rng.integers(0, 500, 40))
    ]
    log, order = logbook(entries), rng.permutation(40)
    plain = followed(log, list(range(40)))

    mixed = followed(log, order.tolist())

    np.testing.assert_array_equal(mixed.days, plain.days[order])
    np.testing.assert_array_equal(mixed.cost_minor, plain.cost_minor[order])
    np.testing.assert_array_equal(mixed.margin_minor, plain.margin_minor[order])


def test_what_the_books_cannot_say_is_refused_by_the_campaigns_name() -> None:
    """An amount below 0; and nobody in one arm."""
    log = logbook([row("A", 0, contact_spent_minor=-1), row("B", 0)])

    with pytest.raises(TableError, match=r"campaign 'spring'.*cost_minor.*wanted no amount below 0"):
        followed(log, [0, 1])
    with pytest.raises(InputError, match=r"campaign 'spring': nobody is in the holdout"):
        followed(log, [1])
