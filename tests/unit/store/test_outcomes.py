"""What became of decisions: told once, and the money follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations

import numpy as np
import pytest

from churn_saver.domain.campaign import Caps
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import LedgerError
from churn_saver.store import Store
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import void

ACCEPTED, DECLINED, RETAINED, CHURNED = OutcomeKind


def offered(store: Store, customer_id: str = "A", number: int = 0, choice: int = 3) -> str:
    """Promise 10.00 at noon, 1.00 of it for the contact, open until 14 days later."""
    batch = offers([customer_id], numbers=number, choice=choice)
    return store.settle("spring", batch, NOON).decision_ids[0]


def money(store: Store) -> tuple[int, int]:
    """Give what is reserved and what is spent, after all checks."""
    totals = store.verify("spring", NOON)
    store.verify_chain("spring")
    return totals.reserved_minor, totals.spent_minor


def test_an_acceptance_spends_the_offer_once(store: Store) -> None:
    """9.00 of the 10.00; the contact's 1.00 waits for the sender's report; told twice is told once."""
    decision = offered(store)

    told = [store.record_outcome(decision, ACCEPTED, NOON, NOON + hours * DAY / 24) for hours in range(2)]

    assert told == [True, False]
    assert money(store) == (100, 900)


def test_a_refusal_releases_the_offer_and_spends_the_contact(store: Store) -> None:
    """Who says no has had the message, whether the sender has told so yet or not; nothing waits any more."""
    sent, unsent = offered(store, "A"), offered(store, "B")
    store.outbox.sent(sent, NOON)

    told = [store.record_outcome(one, DECLINED, NOON, NOON) for one in (sent, unsent)]

    assert told == [True, True]
    assert money(store) == (0, 200)
    assert not store.outbox.sent(unsent, NOON)


@pytest.mark.parametrize("kind", [RETAINED, CHURNED])
def test_who_stays_and_who_leaves_moves_no_money(store: Store, kind: OutcomeKind) -> None:
    """Of a contact, of silence, and of silence while no campaign was open: the holdout is measured so."""
    nothing = store.settle(None, silence(["C"]), NOON).decision_ids[0]
    left_alone = store.settle("spring", silence(["B"]), NOON).decision_ids[0]

    told = [store.record_outcome(one, kind, NOON, NOON) for one in (offered(store), left_alone, nothing)]

    assert told == [True, True, True]
    assert money(store) == (1_000, 0)
    store.verify_chain(None)


def test_who_stayed_may_leave_later(store: Store) -> None:
    """Both are facts, each with its moment."""
    decision = offered(store)

    told = [store.record_outcome(decision, kind, NOON, NOON) for kind in (RETAINED, ACCEPTED, CHURNED)]

    assert told == [True, True, True]


@pytest.mark.parametrize("decision", ["", "C1", "0" * 32, "é" * 32])
def test_an_unknown_decision_is_refused(store: Store, decision: str) -> None:
    """By its id."""
    with pytest.raises(LedgerError, match=r"there is no decision '.*'\. Check the id"):
        store.record_outcome(decision, CHURNED, NOON, NOON)


@pytest.mark.parametrize("kind", [ACCEPTED, DECLINED])
def test_what_was_not_offered_cannot_be_answered(store: Store, kind: OutcomeKind) -> None:
    """Silence is neither accepted nor declined."""
    decision = store.settle("spring", silence(["A"]), NOON).decision_ids[0]

    with pytest.raises(LedgerError, match=r"was to contact nobody, so nothing can be (accepted|declined)"):
        store.record_outcome(decision, kind, NOON, NOON)


@pytest.mark.parametrize(("first", "second"), [(ACCEPTED, DECLINED), (DECLINED, ACCEPTED)])
def test_the_first_answer_stands(store: Store, first: OutcomeKind, second: OutcomeKind) -> None:
    """Nobody takes and declines one offer; the money is where the first answer put it."""
    decision = offered(store)
    store.record_outcome(decision, first, NOON, NOON)
    before = money(store)

    with pytest.raises(LedgerError, match=rf"was told to be {first.word}, so it cannot be {second.word} too"):
        store.record_outcome(decision, second, NOON, NOON)
    assert money(store) == before


@pytest.mark.parametrize(
    ("happened_at", "possible"),
    [
        (NOON - timedelta(minutes=5), True),
        (NOON - timedelta(minutes=5, microseconds=1), False),
        (NOON + DAY + timedelta(minutes=5), True),
        (NOON + DAY + timedelta(minutes=5, microseconds=1), False),
    ],
)
def test_an_impossible_moment_is_refused(store: Store, happened_at: datetime, possible: bool) -> None:
    """Before the decision or after now, by more than clocks are apart."""
    decision = offered(store)

    if possible:
        assert store.record_outcome(decision, CHURNED, happened_at, NOON + DAY)
    else:
        with pytest.raises(LedgerError, match="wanted a moment from 2026-03-02T17:00:00"):
            store.record_outcome(decision, CHURNED, happened_at, NOON + DAY)
    with pytest.raises(LedgerError, match="has no zone"):
        store.record_outcome(decision, CHURNED, NOON.replace(tzinfo=None), NOON)


def test_an_offer_holds_until_its_last_day_is_over_everywhere(store: Store) -> None:
    """2026-03-16 ends at UTC−12 at noon of the 17th in UTC; the money is held until the 18th."""
    in_time, late = offered(store, "A"), offered(store, "B")
    end = datetime(2026, 3, 17, 12, tzinfo=UTC)

    assert store.record_outcome(in_time, ACCEPTED, end - timedelta(microseconds=1), end + DAY)
    with pytest.raises(LedgerError, match="held until 2026-03-16, it cannot be accepted at 2026-03-17T12:00"):
        store.record_outcome(late, ACCEPTED, end, end)
    assert store.verify("spring", end).spent_minor == 900


def test_an_acceptance_that_is_told_when_the_money_is_gone_is_refused(store: Store) -> None:
    """Taken in time, told on the 19th: the budget may be somebody else's by then."""
    decision = offered(store)

    with pytest.raises(LedgerError, match=r"was released at .*, its last day was 2026-03-18"):
        store.record_outcome(decision, ACCEPTED, NOON, NOON + 17 * DAY)
    assert store.record_outcome(decision, CHURNED, NOON, NOON + 17 * DAY)


def test_history_tells_when_each_offer_was_last_taken(store: Store) -> None:
    """From when it happened, not from when it was told: A took 15 % a day after noon; B took nothing."""
    taken, _ = offered(store, "A", choice=4), offered(store, "B")
    store.record_outcome(taken, ACCEPTED, NOON + DAY, NOON + 2 * DAY)

    since = store.read("spring", ["B", "A", "X"], NOON + 3 * DAY).history.days_since_accepted

    never = np.inf
    np.testing.assert_array_equal(since, [[never] * 4, [never, never, never, 2.0], [never] * 4])


def test_history_keeps_the_latest_of_several_in_any_campaign(store: Store) -> None:
    """5 % twice, 20 and 8 days ago; 0 % besides, 9 days ago; each in a campaign of its own, without caps."""
    often = Caps(per_7_days=9, per_30_days=9, per_period=9, cooldown_days=0, allowance_units=6)
    for choice, days in ((2, 0), (1, 11), (2, 12)):
        now, name = NOON + days * DAY, f"day-{days}"
        store.campaigns.open(campaign(campaign_id=name, caps=often))
        settled = store.settle(name, offers(["A"], choice=choice, at=now), now)
        store.record_outcome(settled.decision_ids[0], ACCEPTED, now, now)

    since = store.read("spring", ["A"], NOON + 20 * DAY).history.days_since_accepted

    np.testing.assert_array_equal(since, [[9.0, 8.0, np.inf, np.inf]])


def test_the_same_report_from_many_is_kept_once(store: Store) -> None:
    """Of 8 at once one is the first; the offer is spent once."""
    decision = offered(store)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: store.record_outcome(decision, ACCEPTED, NOON, NOON), range(8)))

    assert sum(told) == 1
    assert money(store) == (100, 900)


def test_reports_in_any_order_leave_books_that_add_up(store: Store) -> None:
    """Sent, answered and called off in every order: whatever is refused, totals and chain hold."""

    def tell(step: str, decision: str) -> None:
        if step == "sent":
            store.outbox.sent(decision, NOON)
        elif step == "void":
            void(store, decision, NOON)
        else:
            store.record_outcome(decision, OutcomeKind.of(step), NOON, NOON)

    refused = 0
    for place, steps in enumerate(permutations(["sent", "void", "accepted", "declined"], 3)):
        decision = offered(store, f"C{place}")
        for step in steps:
            try:
                tell(step, decision)
            except LedgerError:
                refused += 1

    reserved, spent = money(store)
    assert refused > 0
    assert reserved == 0 or spent > 0
