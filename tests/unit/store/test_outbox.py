"""A message is claimed by one dispatcher, then sent once in the books, put off, or given up."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.domain.waiting import UNSAFE, Obstacle, Waiting
from churn_saver.errors import LedgerError
from churn_saver.store import Ending, Store, open_store
from churn_saver.store.connecting import engine_for
from churn_saver.store.outbox import Queue
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import void

SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=60)
MOST = timedelta(seconds=10)


def money(store: Store) -> tuple[int, int, int]:
    """Give free, reserved and spent, after the books were added up."""
    totals = store.verify("spring", NOON)
    return totals.free_minor, totals.reserved_minor, totals.spent_minor


def claimed(store: Store, at: datetime = NOON, by: str = "a") -> list[str]:
    """Claim all that is due, and name the customers."""
    return [message.customer_id for message in store.outbox.claim(100, at, by, LEASE)]


@pytest.fixture
def message(store: Store) -> Waiting:
    """Claim one message for dispatcher 'a': 1.00 for the contact, 9.00 for its offer."""
    store.settle("spring", offers(["A"], time_zones=["Asia/Kathmandu"], countries=["NP"]), NOON)
    (found,) = store.outbox.claim(1, NOON, "a", LEASE)
    return found


def test_a_claim_has_all_that_a_dispatcher_needs(message: Waiting, store: Store) -> None:
    """Text, channel, zone, country and last day as they were decided; the claim is the first attempt."""
    decision = store.decision(message.decision_id)

    assert message == Waiting(
        decision_id=decision.decision_id, campaign_id="spring", customer_id="A", message="Hello Sam",
        channel="email", time_zone="Asia/Kathmandu", country="NP", send_at=NOON,
        valid_until=date(2026, 3, 16), attempts=1,
    )  # fmt: skip


def test_only_what_is_due_is_claimed_and_the_oldest_first(store: Store) -> None:
    """C was due first, then B and D; A is due tomorrow and S is left alone."""
    moments = [NOON + DAY, NOON - SECOND, NOON - DAY, NOON]
    store.settle("spring", offers(["A", "B", "C", "D"], send_at=moments), NOON)
    store.settle("spring", silence(["S"]), NOON)

    first = store.outbox.claim(2, NOON, "a", LEASE)

    assert [one.customer_id for one in first] == ["C", "B"]
    assert claimed(store) == ["D"]
    assert claimed(store, NOON + DAY) == ["C", "B", "D", "A"]


def test_nobody_else_gets_a_claimed_message_before_the_lease_is_over(message: Waiting, store: Store) -> None:
    """Sixty seconds from noon; a claim that ran out is no attempt that failed."""
    before = store.outbox.claim(9, NOON + LEASE - SECOND, "b", LEASE)
    (after,) = store.outbox.claim(9, NOON + LEASE, "b", LEASE)

    assert before == []
    assert (after.decision_id, after.attempts) == (message.decision_id, 1)
    assert store.outbox.obstacle(message.decision_id, NOON + LEASE, "a", MOST) is Obstacle.LOST


def test_sent_spends_the_contact_once(message: Waiting, store: Store) -> None:
    """1.00 is spent, the offer's 9.00 stay reserved; telling it again changes nothing."""
    first, again = (store.outbox.sent(message.decision_id, NOON) for _ in range(2))

    assert (first, again) == (True, False)
    assert money(store) == (499_000, 900, 100)
    assert store.outbox.queue(NOON + DAY) == Queue(0, 0, 0, 0, None)


def test_what_ever_went_out_is_counted(message: Waiting, store: Store) -> None:
    """None before, one after, and still one when it is told again."""
    before = store.outbox.sent_so_far()
    for _ in range(2):
        store.outbox.sent(message.decision_id, NOON)

    assert (before, store.outbox.sent_so_far()) == (0, 1)


def test_a_text_that_was_stopped_is_counted_among_those_given_up(message: Waiting, store: Store) -> None:
    """By how its fault begins: any other reason is given up and not unsafe."""
    store.outbox.give_up(message.decision_id, UNSAFE + "toxic", "a", NOON)
    store.settle("spring", offers(["other"], numbers=0), NOON)
    claimed = store.outbox.claim(9, NOON, "a", LEASE)
    for one in claimed:
        store.outbox.give_up(one.decision_id, "said that it is unsafe: toxic", "a", NOON)
    queue = store.outbox.queue(NOON)

    assert len(claimed) == 1
    assert (queue.waiting, queue.given_up, queue.unsafe) == (0, 2, 1)


def test_sent_counts_although_the_lease_was_lost(message: Waiting, store: Store) -> None:
    """The message is out: who claims it by now has nothing left to send."""
    store.outbox.claim(9, NOON + LEASE, "b", LEASE)

    assert store.outbox.sent(message.decision_id, NOON + LEASE)
    assert store.outbox.obstacle(message.decision_id, NOON + LEASE, "b", MOST) is Obstacle.LOST


def test_a_message_whose_money_was_released_on_the_way_is_an_error(message: Waiting, store: Store) -> None:
    """The dispatcher is told: the books cannot spend what somebody else may hold by now."""
    void(store, message.decision_id, NOON)

    with pytest.raises(LedgerError, match=r"was released at 2026-03-02.*can no longer be sent"):
        store.outbox.sent(message.decision_id, NOON)


def test_a_held_message_waits_and_no_attempt_is_counted(message: Waiting, store: Store) -> None:
    """Held until tomorrow: not claimed before, and then for the first time again."""
    held = store.outbox.hold(message.decision_id, NOON + DAY, "a")
    early = store.outbox.claim(9, NOON + DAY - SECOND, "b", LEASE)
    (again,) = store.outbox.claim(9, NOON + DAY, "b", LEASE)

    assert held
    assert early == []
    assert (again.send_at, again.attempts) == (NOON + DAY, 1)
    assert money(store) == (499_000, 1_000, 0)


def test_released_messages_are_anybodys_at_once(message: Waiting, store: Store) -> None:
    """No attempt is counted, and what is not ours is not released."""
    others, own = (store.outbox.release([message.decision_id], by) for by in ("b", "a"))
    (again,) = store.outbox.claim(9, NOON, "b", LEASE)

    assert (others, own) == (0, 1)
    assert again.attempts == 1


def test_a_failed_message_is_tried_again_later(message: Waiting, store: Store) -> None:
    """An hour later, as the second attempt; its money stays reserved."""
    kept = store.outbox.failed(message.decision_id, "answers 503", NOON + 60 * LEASE, "a", is_certain=False)
    early = store.outbox.claim(9, NOON + LEASE, "b", LEASE)
    (again,) = store.outbox.claim(9, NOON + 60 * LEASE, "b", LEASE)

    assert kept
    assert early == []
    assert again.attempts == 2
    assert money(store) == (499_000, 1_000, 0)


def test_a_message_that_is_given_up_stays_to_be_looked_at(message: Waiting, store: Store) -> None:
    """Its 10.00 are free again, nobody claims it, and it counts among those given up."""
    ending = store.outbox.give_up(message.decision_id, "suppressed", "a", NOON)

    assert ending is Ending.RELEASED
    assert money(store) == (500_000, 0, 0)
    assert claimed(store, NOON + 30 * DAY) == []
    assert store.outbox.queue(NOON) == Queue(waiting=0, due=0, given_up=1, unsafe=0, oldest_due_at=None)
    assert store.outbox.obstacle(message.decision_id, NOON, "a", MOST) is Obstacle.LOST


def test_what_may_have_arrived_keeps_its_money_when_it_is_given_up(message: Waiting, store: Store) -> None:
    """One attempt was uncertain: 1.00 is spent, 9.00 stay for an acceptance, and the row can be looked at."""
    name = message.decision_id
    store.outbox.failed(name, "does not answer in time", NOON, "a", is_certain=False)
    store.outbox.claim(9, NOON, "a", LEASE)
    ending = store.outbox.give_up(name, "answers 400", "a", NOON)

    assert ending is Ending.KEPT
    assert money(store) == (499_000, 900, 100)
    assert store.outbox.queue(NOON).given_up == 1
    assert claimed(store, NOON + 2 * DAY) == []
    assert store.record_outcome(name, OutcomeKind.ACCEPTED, NOON, NOON)
    assert money(store) == (499_000, 0, 1_000)
    assert store.verify_chain("spring").rows == 5


def test_what_a_killed_dispatcher_had_may_have_arrived(message: Waiting, store: Store) -> None:
    """Its claim ran out: nobody knows whether it handed the message over, so its money stays."""
    store.outbox.claim(9, NOON + LEASE, "b", LEASE)

    assert store.outbox.give_up(message.decision_id, "suppressed", "b", NOON + LEASE) is Ending.KEPT
    assert money(store) == (499_000, 900, 100)


def test_what_was_given_up_in_doubt_stays_to_be_looked_at_when_it_expires(store: Store) -> None:
    """The offer's 9.00 are free after the last day, by date; the row of the message is still there."""
    store.settle("spring", offers(["A"]), NOON)
    (message,) = store.outbox.claim(1, NOON, "a", LEASE)
    store.outbox.give_up(message.decision_id, "answers 503", "a", NOON, is_certain=False)
    later = NOON + 17 * DAY
    store.settle("spring", silence(["B"]), later)

    assert store.verify("spring", later).reserved_minor == 0
    assert store.verify("spring", later).spent_minor == 100
    assert store.outbox.queue(later).given_up == 1


@pytest.mark.parametrize(("ahead", "is_left"), [(timedelta(seconds=59), True), (10 * DAY, False)])
def test_a_claim_of_a_clock_that_was_ahead_is_taken_over(
    store: Store, ahead: timedelta, is_left: bool
) -> None:
    """No honest claim lasts longer than a lease; one that lasts two of them from now is not waited for."""
    store.settle("spring", offers(["A"]), NOON)
    store.outbox.claim(1, NOON + ahead, "ahead", LEASE)

    assert claimed(store, NOON + SECOND, "b") == ([] if is_left else ["A"])


def test_a_message_without_money_is_not_sent(message: Waiting, store: Store, url: str) -> None:
    """Its reservation is void, however it came to wait: given up, and nothing is spent."""
    engine = engine_for(url, create=False)
    with engine.begin() as connection:
        connection.execute(text("UPDATE reservations SET voided_at = contacted_at, is_held = false"))
        connection.execute(text("UPDATE campaigns SET reserved_minor = 0"))
    engine.dispose()

    assert store.outbox.obstacle(message.decision_id, NOON, "a", MOST) is Obstacle.RELEASED
    assert (
        store.outbox.give_up(message.decision_id, "released", "a", NOON, is_certain=False) is Ending.RELEASED
    )
    assert money(store) == (500_000, 0, 0)


def test_who_lost_a_message_changes_nothing(message: Waiting, store: Store) -> None:
    """Dispatcher b has it now: a can neither hold, fail nor give it up."""
    store.outbox.claim(9, NOON + LEASE, "b", LEASE)
    name, later = message.decision_id, NOON + LEASE

    assert not store.outbox.hold(name, NOON + DAY, "a")
    assert not store.outbox.failed(name, "answers 503", NOON + DAY, "a", is_certain=True)
    assert store.outbox.give_up(name, "answers 503", "a", later) is None
    assert store.outbox.obstacle(name, later, "b", MOST) is None
    assert money(store) == (499_000, 1_000, 0)


def test_nothing_stands_against_a_claimed_message(message: Waiting, store: Store) -> None:
    """Until the lease lasts no longer than the sending may take: 50 seconds."""
    most = NOON + LEASE - MOST

    assert store.outbox.obstacle(message.decision_id, most - SECOND, "a", MOST) is None
    assert store.outbox.obstacle(message.decision_id, most, "a", MOST) is Obstacle.LOST
    assert store.outbox.obstacle(message.decision_id, NOON, "b", MOST) is Obstacle.LOST
    assert store.outbox.obstacle("0" * 32, NOON, "a", MOST) is Obstacle.LOST


def test_what_came_in_since_the_decision_stands_against_it(store: Store) -> None:
    """One customer was suppressed, one said no, one was erased; the fourth may be written to."""
    store.settle("spring", offers(["A", "B", "C", "D"]), NOON)
    found = {one.customer_id: one.decision_id for one in store.outbox.claim(9, NOON, "a", LEASE)}
    store.suppress("A", NOON)
    store.opt_out("B", NOON)
    store.erase("C", NOON)

    obstacles = {one: store.outbox.obstacle(name, NOON, "a", MOST) for one, name in found.items()}

    assert obstacles == {"A": "suppressed", "B": "opted_out", "C": "lost", "D": None}


def test_a_closed_campaign_sends_no_more(message: Waiting, store: Store) -> None:
    """What was decided before is not sent either."""
    store.campaigns.close("spring", NOON)

    assert store.outbox.obstacle(message.decision_id, NOON, "a", MOST) is Obstacle.CAMPAIGN_CLOSED


def test_a_campaign_whose_days_are_over_keeps_its_word(store: Store) -> None:
    """Decided on its last day, due on the next: the money is reserved and the message goes out."""
    store.campaigns.open(campaign(campaign_id="short", horizon_days=2))
    store.settle("short", offers(["A"], send_at=[NOON + DAY]), NOON)
    (message,) = store.outbox.claim(1, NOON + DAY, "a", LEASE)

    assert store.outbox.obstacle(message.decision_id, NOON + DAY, "a", MOST) is None


def test_a_message_must_be_out_before_its_money_expires(store: Store) -> None:
    """Held until 2 March: five seconds before midnight there is no time left for a sending of ten."""
    store.settle("spring", offers(["A"], expires_on=NOON.date()), NOON)
    midnight = datetime(2026, 3, 3, tzinfo=NOON.tzinfo)
    (message,) = store.outbox.claim(1, midnight - 11 * SECOND, "a", LEASE)

    obstacles = [
        store.outbox.obstacle(message.decision_id, midnight - s * SECOND, "a", MOST) for s in (11, 5)
    ]

    assert obstacles == [None, Obstacle.OVER]


def test_the_switch_stops_what_is_claimed_and_what_is_not(message: Waiting, store: Store) -> None:
    """At once, and until it is put back."""
    store.set_control(baseline=False, stopped=True, by="test", now=NOON)
    stopped = store.outbox.obstacle(message.decision_id, NOON, "a", MOST)
    none = store.outbox.claim(9, NOON + LEASE, "a", LEASE)
    store.set_control(baseline=False, stopped=False, by="test", now=NOON)

    assert stopped is Obstacle.STOPPED
    assert none == []
    assert claimed(store, NOON + LEASE) == ["A"]


def test_the_queue_is_counted(store: Store) -> None:
    """Of four, one was sent and one given up; of the two others one is due, since yesterday."""
    store.settle("spring", offers(["A", "B", "C", "D"], send_at=[NOON, NOON, NOON - DAY, NOON + DAY]), NOON)
    found = {one.customer_id: one.decision_id for one in store.outbox.claim(9, NOON, "a", LEASE)}
    store.outbox.sent(found["A"], NOON)
    store.outbox.give_up(found["B"], "answers 503", "a", NOON)

    assert store.outbox.queue(NOON) == Queue(waiting=2, due=1, given_up=1, unsafe=0, oldest_due_at=NOON - DAY)


@settings(max_examples=6)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.integers(0, 90)), max_size=30))
def test_no_message_is_claimed_by_two_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, calls: list[tuple[str, int, int]]
) -> None:
    """Whoever claims however much however often: leases of one message never overlap."""
    folder = tmp_path_factory.mktemp("outbox")
    until: dict[str, datetime] = {}
    now = NOON
    with open_store(f"sqlite:///{folder / 'ledger.db'}") as store:
        store.campaigns.open(campaign())
        store.settle("spring", offers([f"C{i}" for i in range(6)]), NOON)
        for by, n, seconds in calls:
            now += seconds * SECOND
            for message in store.outbox.claim(n, now, by, LEASE):
                assert until.get(message.decision_id, now) <= now
                until[message.decision_id] = now + LEASE
