"""What waits goes out at its moment, once, and never when something stands against it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.senders import NotSent
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.domain.waiting import Waiting
from churn_saver.errors import Erased, LedgerUnavailable, Unusable
from churn_saver.pipeline.dispatching import Dispatcher, Result, Step, Terms, pause_after
from churn_saver.policy.quiet_hours import Daytime
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign, rules
from tests.ledgers import new_ledger
from tests.unit.store.batches import DAY, offers
from tests.unit.store.moving import void

TERMS = Terms(Daytime(ZoneInfo("America/New_York"), opens_hour=8, closes_hour=21))
MINUTE = timedelta(minutes=1)


@dataclass
class Letterbox:
    """A sender that keeps what it gets, after a number of faults."""

    faults: list[NotSent] = field(default_factory=list)
    got: list[Waiting] = field(default_factory=list)

    def send(self, message: Waiting) -> None:
        """Take it, or fail as planned."""
        if self.faults:
            raise self.faults.pop(0)
        self.got.append(message)


@dataclass
class Desk:
    """One dispatcher with a clock that stands still until it is told to go on."""

    store: Store
    box: Letterbox = field(default_factory=Letterbox)
    check: Callable[[Waiting], tuple[str, ...]] = lambda _: ()
    now: datetime = NOON
    steps: list[Step] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    stops_after: int = 1_000_000

    def wait(self, seconds: float) -> bool:
        """Keep what was waited for; the wish to stop comes after so many questions."""
        self.asked.append(seconds)
        return len(self.asked) > self.stops_after

    def dispatcher(self, terms: Terms = TERMS) -> Dispatcher:
        """Give the dispatcher."""
        return Dispatcher(
            self.store, self.box, self.check, terms, "desk", lambda: self.now, self.wait, self.steps.append
        )

    def run_once(self, terms: Terms = TERMS) -> list[Result]:
        """Send what is due now; what became of each."""
        del self.steps[:]
        self.dispatcher(terms).run_once()
        return [step.result for step in self.steps]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Open a ledger with the campaign 'spring' at noon in New York."""
    with open_store(new_ledger(tmp_path / "ledger.db")) as store:
        store.campaigns.open(campaign())
        yield Desk(store)


def test_what_is_due_is_sent_and_spent(desk: Desk) -> None:
    """Twelve messages, more than are claimed at once: each is handed over once, 1.00 spent for each."""
    ids = [f"C{i:02d}" for i in range(12)]
    made = desk.store.settle("spring", offers(ids), NOON)

    results = desk.run_once()

    assert results == [Result.SENT] * 12
    assert sorted(message.decision_id for message in desk.box.got) == sorted(made.decision_ids)
    assert desk.store.verify("spring", NOON).spent_minor == 1_200
    assert desk.run_once() == []


def test_a_message_waits_for_its_moment(desk: Desk) -> None:
    """Due in an hour: nothing happens before."""
    desk.store.settle("spring", offers(["A"], send_at=[NOON + 60 * MINUTE]), NOON)
    before = desk.run_once()
    desk.now = NOON + 60 * MINUTE

    assert before == []
    assert desk.run_once() == [Result.SENT]


@pytest.mark.parametrize(
    ("zone", "now", "opening"),
    [
        (None, "2026-03-03T02:00", "2026-03-03T13:00"),  # 21:00 in New York, the company's zone
        ("America/New_York", "2026-03-02T12:59", "2026-03-02T13:00"),  # 7:59
        ("Europe/Berlin", "2026-03-02T20:00", "2026-03-03T07:00"),  # 21:00
        ("Asia/Kathmandu", "2026-03-02T17:00", "2026-03-03T02:15"),  # 22:45, +5:45
        ("America/New_York", "2026-03-08T02:00", "2026-03-08T12:00"),  # 21:00 EST; opens at 8:00 EDT
    ],
)
def test_a_quiet_hour_holds_the_message_until_the_window_opens(
    desk: Desk, zone: str | None, now: str, opening: str
) -> None:
    """Whatever was planned: the recipient's own clock decides at the moment of sending."""
    desk.store.settle("spring", offers(["A"], at=NOON - DAY, time_zones=[zone]), NOON - DAY)
    desk.now = datetime.fromisoformat(now).replace(tzinfo=UTC)
    opens = datetime.fromisoformat(opening).replace(tzinfo=UTC)

    held = desk.run_once()
    desk.now = opens - MINUTE
    waits = desk.run_once()
    desk.now = opens

    assert (held, waits) == ([Result.HELD], [])
    assert desk.run_once() == [Result.SENT]
    assert desk.box.got[0].attempts == 1


@pytest.mark.parametrize(
    ("zone", "country", "now", "opening"),
    [
        (None, "US", "2026-03-02T17:00", "2026-03-02T18:00"),  # noon in New York, 7:00 in Honolulu
        (None, "US", "2026-03-03T02:00", "2026-03-03T18:00"),  # 21:00 in New York
        (None, "US", "2026-03-08T17:00", "2026-03-08T18:00"),  # New York's clock moved, Honolulu's never does
        ("America/New_York", "US", "2026-03-02T12:59", "2026-03-02T13:00"),  # the zone goes before it
        (None, "DE", "2026-03-29T05:59", "2026-03-29T06:00"),  # 8:00 CEST on the day of the change
        (None, "AQ", "2026-03-02T12:59", "2026-03-02T13:00"),  # no common hour: the company's New York
    ],
)
def test_where_only_the_country_is_known_it_is_day_in_all_its_zones(
    desk: Desk, zone: str | None, country: str, now: str, opening: str
) -> None:
    """The rule of the decision holds again at the moment of sending."""
    placed: dict[str, Any] = {"time_zones": [zone], "countries": [country], "valid_until": [date(2026, 5, 1)]}
    until = date(2026, 5, 3)
    desk.store.settle("spring", offers(["A"], at=NOON - DAY, expires_on=until, **placed), NOON - DAY)
    desk.now = datetime.fromisoformat(now).replace(tzinfo=UTC)

    held = desk.run_once()
    desk.now = datetime.fromisoformat(opening).replace(tzinfo=UTC)

    assert held == [Result.HELD]
    assert desk.run_once() == [Result.SENT]
    assert desk.box.got[0].country == country


def test_the_last_day_of_a_country_is_over_where_it_is_over_first(desk: Desk) -> None:
    """21:00 UTC on the last day: still the day itself on Midway, already the next one on Wake."""
    desk.store.settle("spring", offers(["A"], countries=["UM"], valid_until=[date(2026, 3, 16)]), NOON)
    desk.now = datetime(2026, 3, 16, 21, tzinfo=UTC)

    assert desk.run_once() == [Result.GIVEN_UP]


def test_a_message_that_could_arrive_too_late_is_held(desk: Desk) -> None:
    """A sending may take ten seconds: at 20:59:50 it could end at 21:00, a second earlier it cannot."""
    desk.store.settle("spring", offers(["A", "B"]), NOON)
    closes = datetime(2026, 3, 3, 2, tzinfo=UTC)
    desk.now = closes - timedelta(seconds=10)
    late = desk.run_once()
    desk.store.settle("spring", offers(["C"]), NOON)
    desk.now = closes - timedelta(seconds=11)

    assert late == [Result.HELD] * 2
    assert desk.run_once() == [Result.SENT]


def test_what_may_never_be_sent_is_given_up_and_frees_its_money(desk: Desk) -> None:
    """Suppressed, opted out: 10.00 each come back; the third is sent."""
    desk.store.settle("spring", offers(["A", "B", "C"]), NOON)
    desk.store.suppress("A", NOON)
    desk.store.opt_out("B", NOON)

    results = desk.run_once()

    assert sorted(results) == [Result.GIVEN_UP, Result.GIVEN_UP, Result.SENT]
    assert sorted(step.why for step in desk.steps) == ["", "opted_out", "suppressed"]
    assert [message.customer_id for message in desk.box.got] == ["C"]
    totals = desk.store.verify("spring", NOON)
    assert (totals.reserved_minor, totals.spent_minor) == (900, 100)
    assert desk.store.outbox.queue(NOON).given_up == 2


def test_a_text_that_breaks_a_rule_now_is_never_sent_and_frees_its_money(desk: Desk) -> None:
    """Of two texts one is stopped: its codes are told and kept in its row, its 10.00 come back."""
    first, second = desk.store.settle("spring", offers(["A", "B"]), NOON).decision_ids
    desk.check = lambda message: ("toxic", "promise") if message.decision_id == first else ()

    results = desk.run_once()
    desk.check = lambda _: ()
    desk.now += timedelta(days=1)

    assert sorted(results) == [Result.SENT, Result.UNSAFE]
    assert [step.why for step in desk.steps if step.decision_id == first] == ["unsafe: toxic, promise"]
    assert desk.run_once() == []
    assert [message.decision_id for message in desk.box.got] == [second]
    totals, queue = desk.store.verify("spring", desk.now), desk.store.outbox.queue(desk.now)
    assert (totals.reserved_minor, totals.spent_minor) == (900, 100)
    assert (queue.waiting, queue.given_up, queue.unsafe) == (0, 1, 1)


def test_a_text_is_judged_when_it_is_about_to_go_out_and_not_before(desk: Desk) -> None:
    """What is held for the night is not judged: a rule may be another one by the morning."""
    judged: list[str] = []

    def noted(message: Waiting) -> tuple[str, ...]:
        judged.append(message.decision_id)
        return ()

    desk.check = noted
    (name,) = desk.store.settle("spring", offers(["A"]), NOON).decision_ids
    desk.now = datetime(2026, 3, 3, 2, tzinfo=UTC)

    held = desk.run_once(), list(judged)
    desk.now = datetime(2026, 3, 3, 13, tzinfo=UTC)

    assert held == ([Result.HELD], [])
    assert (desk.run_once(), judged) == ([Result.SENT], [name])


def test_a_text_that_cannot_be_judged_is_not_sent(desk: Desk) -> None:
    """The classifier raises: an attempt that failed; the customer was forgotten: nothing is left to do."""
    desk.store.settle("spring", offers(["A"]), NOON)

    def fails(_: Waiting) -> tuple[str, ...]:
        raise Unusable("toxicity", "raised")

    def forgotten(_: Waiting) -> tuple[str, ...]:
        raise Erased("the customer was erased")

    desk.check = fails
    failed, why = desk.run_once(), desk.steps[0].why
    desk.check, desk.now = forgotten, NOON + MINUTE

    assert (failed, desk.run_once(), desk.box.got) == ([Result.FAILED], [Result.LOST], [])
    assert "toxicity cannot be used now" in why


@pytest.mark.parametrize(("zone", "result"), [("Pacific/Kiritimati", "given_up"), ("Pacific/Niue", "sent")])
def test_an_offer_whose_last_day_is_over_is_not_stated(desk: Desk, zone: str, result: str) -> None:
    """20:00 UTC on the last day: at +14 it is tomorrow morning, at -11 it is nine on the day itself."""
    desk.store.settle("spring", offers(["A"], time_zones=[zone], valid_until=[date(2026, 3, 16)]), NOON)
    desk.now = datetime(2026, 3, 16, 20, tzinfo=UTC)

    assert desk.run_once() == [result]


def test_what_is_not_taken_is_tried_again_and_then_given_up(desk: Desk) -> None:
    """Three attempts are allowed: pauses of 5 to 10 and 10 to 20 seconds; refused, so its money is free."""
    terms = replace(TERMS, attempts=3)
    desk.store.settle("spring", offers(["A"]), NOON)
    desk.box.faults = [NotSent(f"answers 40{i}", is_certain=True) for i in range(3)]
    seen: list[tuple[str, str]] = []

    for seconds in (0, 4.9, 5.1, 9.8, 10.2):
        desk.now += timedelta(seconds=seconds)
        desk.run_once(terms)
        seen += [(step.result, step.why) for step in desk.steps]

    assert seen == [("failed", "answers 400"), ("failed", "answers 401"), ("given_up", "answers 402")]
    assert desk.store.verify("spring", NOON).free_minor == 500_000


def test_a_promise_that_may_have_arrived_is_kept(desk: Desk) -> None:
    """The receiver takes each copy and answers too late: given up in doubt, and the customer can accept."""
    (name,) = desk.store.settle("spring", offers(["A"]), NOON).decision_ids
    desk.box.faults = [NotSent("does not answer in time"), NotSent("answers 400", is_certain=True)]
    seen: list[str] = []

    for _ in range(2):
        seen += desk.run_once(replace(TERMS, attempts=2))
        desk.now += MINUTE

    assert seen == ["failed", "in_doubt"]
    totals = desk.store.verify("spring", desk.now)
    assert (totals.reserved_minor, totals.spent_minor) == (900, 100)
    assert desk.store.record_outcome(name, OutcomeKind.ACCEPTED, desk.now, desk.now)


def test_attempts_are_those_that_failed(desk: Desk) -> None:
    """Five dispatchers claim it and are killed before they send; the sixth one's fault is the first."""
    desk.store.settle("spring", offers(["A"]), NOON)
    for i in range(5):
        desk.store.outbox.claim(1, desk.now, f"dead-{i}", MINUTE)
        desk.now += MINUTE
    desk.box.faults = [NotSent("answers 503")]

    assert desk.run_once(replace(TERMS, attempts=5)) == [Result.FAILED]
    desk.now += MINUTE
    assert desk.run_once() == [Result.SENT]
    assert desk.box.got[0].attempts == 2


def test_a_zone_that_this_machine_does_not_know_is_a_fault(desk: Desk) -> None:
    """Nothing goes out at a guessed hour."""
    desk.store.settle("spring", offers(["A"], time_zones=["Mars/Olympus"]), NOON)

    assert desk.run_once() == [Result.FAILED]
    assert "Mars/Olympus" in desk.steps[0].why


def test_a_country_that_this_machine_does_not_know_is_a_fault(desk: Desk) -> None:
    """An older time zone database than the one it was decided with: nothing goes out at a guessed hour."""
    desk.store.settle("spring", offers(["A"], countries=["XX"]), NOON)

    assert desk.run_once() == [Result.FAILED]
    assert "wanted an ISO 3166 code" in desk.steps[0].why


def test_asked_to_stop_it_gives_back_what_it_has_not_begun(desk: Desk) -> None:
    """The wish comes after the second message of four: the two others are anybody's at once."""
    desk.store.settle("spring", offers(["A", "B", "C", "D"]), NOON)
    desk.stops_after = 3

    desk.dispatcher().run()
    again = desk.store.outbox.claim(9, NOON, "other", MINUTE)

    assert [step.result for step in desk.steps] == [Result.SENT] * 2
    assert [message.attempts for message in again] == [1, 1]


def test_it_waits_while_nothing_is_due(desk: Desk) -> None:
    """One second at a time, until it is asked to stop."""
    desk.stops_after = 4

    desk.dispatcher().run()

    assert desk.asked == [0, 1.0, 0, 1.0, 0]


def test_a_slow_receiver_costs_the_claim_not_a_second_sending(desk: Desk) -> None:
    """The first sending takes all of the lease: the second message is left to whoever claims it then."""
    desk.store.settle("spring", offers(["A", "B"]), NOON)

    @dataclass
    class Slow(Letterbox):
        """Takes two minutes."""

        def send(self, message: Waiting) -> None:
            """Let the clock go on, then take it."""
            desk.now += timedelta(seconds=120)
            super().send(message)

    desk.box = slow = Slow()
    desk.dispatcher()._pass()

    assert [step.result for step in desk.steps] == [Result.SENT, Result.LOST]
    assert desk.run_once() == [Result.SENT]
    assert len({message.decision_id for message in slow.got}) == len(slow.got) == 2


def test_money_that_was_released_on_the_way_is_told(desk: Desk) -> None:
    """Somebody voids the decision while its message is being handed over."""
    (name,) = desk.store.settle("spring", offers(["A"]), NOON).decision_ids

    @dataclass
    class Meanwhile(Letterbox):
        """Takes a message that is void by then."""

        def send(self, message: Waiting) -> None:
            """Void it."""
            void(desk.store, message.decision_id, NOON)

    desk.box = Meanwhile()

    assert desk.run_once() == [Result.UNBOOKED]
    assert desk.steps[0].decision_id == name
    assert "can no longer be sent" in desk.steps[0].why


def test_a_ledger_that_does_not_answer_is_asked_again(desk: Desk) -> None:
    """The loop goes on; a single pass says so."""

    class Silent:
        """Stands where the store would."""

        @property
        def outbox(self) -> "Silent":
            """Be the outbox too."""
            return self

        def claim(self, *_: object) -> list[Waiting]:
            """Answer nothing."""
            raise LedgerUnavailable("ledger does not answer")

    silent = replace(desk.dispatcher(), store=Silent())  # type: ignore[arg-type]
    desk.stops_after = 4

    silent.run()

    assert [step.result for step in desk.steps] == [Result.WAITING, Result.WAITING]
    desk.asked.clear()
    with pytest.raises(LedgerUnavailable, match="does not answer"):
        silent.run_once()


@given(st.integers(1, 60), st.text("0123456789abcdef", min_size=32, max_size=32), st.floats(0, 1e9))
def test_pauses_grow_within_their_bounds(attempts: int, name: str, asked: float) -> None:
    """Between half and all of 10 s · 2^(attempts − 1), never more than two hours, and the same each time."""
    message = Waiting(name, "spring", "C1", "Hello", "email", None, None, NOON, None, attempts)
    grown = min(10.0 * 2.0 ** (attempts - 1), 7_200.0)

    plain, longer = pause_after(message, TERMS, 0.0), pause_after(message, TERMS, asked)

    assert grown / 2 <= plain.total_seconds() <= grown
    assert plain == pause_after(message, TERMS, 0.0)
    assert longer.total_seconds() == pytest.approx(min(7_200.0, max(asked, plain.total_seconds())), abs=1e-5)


def test_pauses_are_spread() -> None:
    """A hundred messages that failed together do not come back together."""
    made = {
        pause_after(Waiting(f"{i:032x}", "s", "C", "H", None, None, None, NOON, None, 5), TERMS, 0.0)
        for i in range(100)
    }

    assert len(made) == 100


def test_the_window_is_the_one_of_serve_yaml() -> None:
    """8 to 21 o'clock, New York where the recipient's zone is not known."""
    assert Terms.of(rules().serve) == TERMS
