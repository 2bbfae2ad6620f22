"""Two policies that served in one campaign: who counts for which, by hand."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError
from churn_saver.evidence.compared_arms import Arms, Serving, compared_arms
from tests.builders import NOON
from tests.logbooks import logbook

LATE = NOON + timedelta(days=80)


def arms(log: Logbook, window: int = 30, now: datetime = LATE, share: float = 0.5) -> Arms:
    """Follow the customers of "new" and "old"; a bill is all margin."""
    policies = np.array(log.policies)
    serving = Serving(policies == "new", policies == "old", np.full(len(log), share))
    return compared_arms(log, serving, window, 1.0, now)


def row(customer: str, policy: str, day: float, **more: object) -> dict[str, object]:
    """Give a decision; without more the customer is known to have stayed for 30 days."""
    known = {} if {"retained_at", "churned_at"} & set(more) else {"retained_at": 30}
    return {"customer_id": customer, "policy": policy, "decided_at": day, **known, **more}


BOTH = [row("C1", "new", 1), row("C2", "old", 2), row("C3", "new", 3)]


def test_a_customer_counts_for_who_decided_first() -> None:
    """C2 is decided about by the new one later, and stays the old one's; C1 the other way round."""
    log = logbook([*BOTH, row("C2", "new", 4), row("C1", "old", 5), row("C4", "new", 6)])

    found = arms(log)

    assert found.rows.tolist() == [0, 1, 2, 5]
    assert found.followed.treated.tolist() == [True, False, True, True]
    assert found.followed.arm_probability.tolist() == [0.5] * 4
    assert found.followed.kept.tolist() == [1.0] * 4


def test_the_arms_carry_the_share_that_was_drawn_with() -> None:
    """A fifth for the challenger: .2 for its own customers, .8 for the others."""
    assert arms(logbook(BOTH), share=0.2).followed.arm_probability.tolist() == pytest.approx([0.2, 0.8, 0.2])


def test_a_share_that_grew_counts_as_it_was_when_a_customer_came_in() -> None:
    """A tenth on days 1 and 2, a half on day 3; on day 4 it was taken back: C4 is in no arm."""
    log = logbook([*BOTH, row("C4", "new", 4)])
    policies = np.array(log.policies)
    share = np.array([0.1, 0.1, 0.5, np.nan])

    found = compared_arms(log, Serving(policies == "new", policies == "old", share), 30, 1.0, LATE)

    assert found.followed.arm_probability.tolist() == pytest.approx([0.1, 0.9, 0.5])
    assert found.left_out["only decided about before or after both served"] == 1


def test_only_the_time_in_which_both_served_counts() -> None:
    """C0 was decided about before the challenger began, and after; C9 only after its last decision.

    C0 comes in with the decision of day 2, C9 not at all.
    """
    log = logbook([row("C0", "old", 0), *BOTH, row("C0", "old", 2.5), row("C9", "old", 9)])
    first, *_ = [row("C0", "old", 0)]
    ordered = logbook([first, *BOTH[:2], row("C0", "old", 2.5), BOTH[2], row("C9", "old", 9)])

    assert arms(ordered).rows.tolist() == [1, 2, 3, 4]
    assert arms(ordered).left_out["only decided about before or after both served"] == 1
    assert len(arms(log).followed) == 4


def test_everybody_who_is_left_out_is_counted_under_a_reason() -> None:
    """One held out, one decided about by a third policy, one erased, one followed for 29 days."""
    log = logbook(
        [
            *BOTH[:2],
            row("C4", "new", 2.1, reasons=int(Reason.HOLDOUT)),
            row("C5", "fallback", 2.2),
            row("C6", "old", 2.3, features=None),
            row("C7", "old", 51),
            row("C3", "new", 51),
        ]
    )

    found = arms(log)

    assert found.left_out == {
        "only decided about before or after both served": 0,
        "held out": 1,
        "first decided about by neither": 1,
        "erased": 1,
        "in for less than 30 days": 2,
        "without a bill on record": 0,
    }
    assert found.rows.tolist() == [0, 1]


def test_margin_runs_until_somebody_leaves_and_costs_are_those_of_the_window() -> None:
    """Bills of 90.00 and 30.00: C1 stays for 30 days, C2 leaves after 10, which is a third of a bill.

    On C1 20 and 900 were spent inside the window, and 50 a day after it.
    """
    log = logbook(
        [
            row(
                "C1", "new", 1, features={"bill_minor": 9_000}, contact_spent_minor=20, offer_spent_minor=900
            ),
            row("C2", "old", 2, features={"bill_minor": 3_000}, churned_at=10),
            row("C1", "new", 32, contact_spent_minor=50),
        ]
    )

    found = arms(log).followed

    assert found.margin_minor.tolist() == pytest.approx([9_000, 1_000])
    assert found.cost_minor.tolist() == [920, 0]
    assert found.kept.tolist() == [1, 0]
    assert found.time.tolist() == [30, 10]


def test_what_is_spent_after_the_window_is_not_the_windows() -> None:
    """As `lift` counts: C1's offer of day 21 is taken 15 days later, on day 35 after he came in.

    The contact of day 21 cost 20 and is his; its 900 are spent when no margin is counted any more. C2's
    message of the first day waits until day 31 after it: nothing was spent on him in time.
    """
    late = {"accepted_at": 15, "contact_spent_minor": 20, "offer_spent_minor": 900}
    log = logbook(
        [
            row("C1", "new", 1),
            row("C2", "old", 2, contact_spent_minor=20, sent_at=31),
            row("C1", "new", 21, **late),
        ]
    )

    assert arms(log).followed.cost_minor.tolist() == [20, 0]


def test_what_was_promised_before_both_served_is_neithers_cost() -> None:
    """C1's offer of day 0 is taken on day 2, after the customer came in on day 1."""
    log = logbook([row("C1", "old", 0, contact_spent_minor=20, offer_spent_minor=900, accepted_at=2), *BOTH])

    assert arms(log).followed.cost_minor.tolist() == [0, 0, 0]


def test_a_customer_without_a_bill_is_counted_and_left_out() -> None:
    """What he pays is not known, so neither is his margin; whose customer he was had no part in it."""
    log = logbook([*BOTH, row("C4", "old", 3.5, features='{"tenure_months": 3}'), row("C1", "new", 4)])

    found = arms(log)

    assert found.left_out["without a bill on record"] == 1
    assert found.rows.tolist() == [0, 1, 2]


def test_news_of_any_decision_is_news_of_the_customer() -> None:
    """C1's leaving is told of the second decision, on day 15 after the first; C2 leaves after the window."""
    log = logbook(
        [
            row("C1", "new", 1, retained_at=5),
            row("C2", "old", 2, churned_at=45),
            row("C1", "new", 11, churned_at=5),
        ]
    )

    found = arms(log).followed

    assert found.kept.tolist() == [0, 1]
    assert found.time.tolist() == pytest.approx([15, 30])


def test_too_many_outcomes_that_are_due_and_not_known_are_refused() -> None:
    """One of ten is let pass and counted as pending, two are not."""
    rows = [row(f"C{k}", "new" if k % 2 else "old", 1 + k / 100) for k in range(1, 10)]
    silent = [row("C10", "old", 1.02, retained_at=20), row("C11", "old", 1.03, retained_at=None)]
    ordered = [rows[0], silent[0], *rows[1:]]

    assert arms(logbook(ordered)).overdue == 1
    with pytest.raises(InputError, match=r"of 2 of 10 customers nobody said whether they stayed 30 days"):
        arms(logbook([rows[0], *silent, *rows[2:]]))


def test_a_challenger_that_never_decided_is_refused() -> None:
    """There is nobody to compare."""
    with pytest.raises(InputError, match=r"the challenger made no decision in this campaign: let it serve"):
        arms(logbook([row("C1", "old", 1)]))


def test_a_champion_that_served_nobody_is_refused() -> None:
    """All customers are the challenger's."""
    with pytest.raises(InputError, match=r"the champion has no customer who can be judged: none of 2 who"):
        arms(logbook([row("C1", "new", 1), row("C2", "new", 2)]))
