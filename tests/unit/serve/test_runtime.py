"""The runtime: everything opened once, opened again while something is missing, never too often."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from churn_saver.decide.guarding import Guards
from churn_saver.domain.briefs import Brief
from churn_saver.errors import LedgerUnavailable, Unusable
from churn_saver.journey import Decider
from churn_saver.journey.text import LiveWriter
from churn_saver.message.bank import Bank
from churn_saver.opening import Degradation
from churn_saver.serve.runtime import REOPEN_SECONDS, Runtime, Sources
from churn_saver.store import Store, within
from churn_saver.tabular.predictors import Predictors
from tests.banks import entry
from tests.builders import NOON, customers, rules
from tests.serving import FakeBooks, told

CORRUPT = Degradation("predictors_unavailable", "churn_model.ubj was altered. Run: make train-risk")
NO_POLICY = Degradation("policy_unavailable", "ladder.json cannot be read. Run: make bench-policy")
NO_BANK = Degradation("bank_unavailable", "bank.jsonl was altered. Run: make message-bank")
NO_LIVE = Degradation("live_unavailable", "model.gguf was altered. Run: churn-saver live-model")
BY_WISH = Degradation("force_baseline", None)
BANK = Bank((entry(),), "fedcba9876543210")
LATER = timedelta(seconds=REOPEN_SECONDS)


def written_live(brief: Brief) -> str | None:
    """Write nothing in time."""
    return None


@dataclass
class Doors:
    """Things that can be opened once they are mended, and a count of how often it was tried."""

    books: FakeBooks | None = field(default_factory=FakeBooks)
    degraded: tuple[Degradation, ...] = ()
    no_policy: tuple[Degradation, ...] = ()
    no_bank: tuple[Degradation, ...] = ()
    no_live: tuple[Degradation, ...] = ()
    tried: list[str] = field(default_factory=list)

    def open_books(self, now: datetime) -> Store:
        """Open the books, if there are any."""
        self.tried.append("books")
        if self.books is None:
            raise LedgerUnavailable("ledger does not answer. Check DATABASE_URL.")
        return cast(Store, self.books)

    def open_predictors(self) -> tuple[Predictors | None, tuple[Degradation, ...]]:
        """Open the predictors, if nothing is wrong with them."""
        self.tried.append("predictors")
        return (None, self.degraded) if self.degraded else (told(), ())

    def open_policy(self) -> tuple[Decider, tuple[Degradation, ...]]:
        """Open the policy, if nothing is wrong with it."""
        self.tried.append("policy")
        return (Decider("knapsack"), self.no_policy) if self.no_policy else (Decider("greedy"), ())

    def open_bank(self) -> tuple[Bank | None, tuple[Degradation, ...]]:
        """Open the messages, if nothing is wrong with them."""
        self.tried.append("bank")
        return (None, self.no_bank) if self.no_bank else (BANK, ())

    def open_live(self) -> tuple[LiveWriter | None, tuple[Degradation, ...]]:
        """Open the live writer, if nothing is wrong with it."""
        self.tried.append("live")
        return (None, self.no_live) if self.no_live else (written_live, ())

    def sources(self) -> Sources:
        """Say how each is opened."""
        return Sources(
            rules(),
            self.open_books,
            self.open_predictors,
            self.open_policy,
            self.open_bank,
            self.open_live,
        )

    def runtime(self) -> Runtime:
        """Start."""
        return Runtime(self.sources())


def test_what_is_there_is_opened_once() -> None:
    """However many requests come."""
    doors = Doors()
    runtime = doors.runtime()
    engines = [runtime.engine(NOON + second * LATER) for second in range(3)]

    assert doors.tried == ["predictors", "policy", "bank", "live", "books"]
    assert all(engine is not None and engine.rules.decider == Decider("greedy") for engine in engines)
    assert all(engine is not None and engine.store is cast(Store, doors.books) for engine in engines)
    assert runtime.degraded == ()


def test_ready_once_everything_is_there() -> None:
    """Policy, models, messages and campaign are named."""
    found = Doors().runtime().readiness(NOON)

    assert (found.faults, found.degraded) == ((), ())
    assert (found.policy, found.models, found.campaign) == ("greedy", "told", "spring")
    assert found.messages == "fedcba9876543210"


def test_a_missing_artefact_is_a_fault_until_it_is_mended() -> None:
    """The next look after some time opens it; the books are not opened a second time."""
    doors = Doors(degraded=(CORRUPT,))
    runtime = doors.runtime()
    before = runtime.readiness(NOON)
    doors.degraded = ()
    too_soon = runtime.readiness(NOON + LATER / 2)
    after = runtime.readiness(NOON + LATER)

    assert (before.faults, before.policy, before.models) == ((CORRUPT.fault,), "propensity_rule", "none")
    assert before.degraded == ("predictors_unavailable",)
    assert too_soon.faults == before.faults
    assert (after.faults, after.degraded, after.policy) == ((), (), "greedy")
    assert doors.tried == ["predictors", "policy", "bank", "live", "books", "predictors"]


def test_a_missing_policy_leaves_it_to_the_knapsack_until_it_is_mended() -> None:
    """A fault like any other; the predictors are not opened a second time."""
    doors = Doors(no_policy=(NO_POLICY,))
    runtime = doors.runtime()
    before, engine = runtime.readiness(NOON), runtime.engine(NOON)
    doors.no_policy = ()
    after = runtime.readiness(NOON + LATER)

    assert engine is not None
    assert engine.rules.decider == Decider("knapsack")
    assert (before.faults, before.policy, before.degraded) == (
        (NO_POLICY.fault,), "knapsack", ("policy_unavailable",),
    )  # fmt: skip
    assert (after.faults, after.degraded, after.policy) == ((), (), "greedy")
    assert runtime.rules.decider == Decider("greedy")
    assert doors.tried == ["predictors", "policy", "bank", "live", "books", "policy"]


class Breaking:
    """A live writer that can fail after it was opened."""

    fault: str | None = None

    def __call__(self, brief: Brief) -> str | None:
        """Write nothing in time."""
        return None


def test_a_live_writer_that_breaks_later_is_told_until_it_writes_again() -> None:
    """Readiness degrades and stays ready; the writer is not opened again for it."""
    live, doors = Breaking(), Doors()
    sources = replace(doors.sources(), open_live=lambda: (live, ()))
    runtime = Runtime(sources)
    before = runtime.readiness(NOON)
    live.fault = "the live runtime refuses: out of memory"
    broken, code = runtime.readiness(NOON + LATER), runtime.degraded
    live.fault = None
    after = runtime.readiness(NOON + 2 * LATER)

    assert (before.degraded, after.degraded) == ((), ())
    assert (broken.degraded, code) == (("live_unavailable",), ("live_unavailable",))
    assert broken.faults == ()
    assert doors.tried == ["predictors", "policy", "bank", "books"]


def test_a_live_writer_that_breaks_at_once_is_a_fault_with_a_next_step() -> None:
    """What went wrong is told in words."""
    live = Breaking()
    live.fault = "OSError: gone"
    found = Runtime(replace(Doors().sources(), open_live=lambda: (live, ()))).readiness(NOON)

    assert found.faults == (
        "the bank answers instead of a live text: OSError: gone. Next step: restart the service",
    )


def test_without_messages_plain_sentences_are_sent_until_they_are_there() -> None:
    """A fault like any other; who decides stays who he is, before and after."""
    doors = Doors(no_bank=(NO_BANK,))
    runtime = doors.runtime()
    before, engine = runtime.readiness(NOON), runtime.engine(NOON)
    doors.no_bank = ()
    after = runtime.readiness(NOON + LATER)

    assert engine is not None
    assert (engine.rules.bank, engine.rules.decider) == (None, Decider("greedy"))
    assert (before.faults, before.messages, before.degraded) == (
        (NO_BANK.fault,), "none", ("bank_unavailable",),
    )  # fmt: skip
    assert (after.faults, after.degraded, after.messages) == ((), (), BANK.version)
    assert (runtime.rules.bank, runtime.rules.decider) == (BANK, Decider("greedy"))
    assert doors.tried == ["predictors", "policy", "bank", "live", "books", "bank"]


def test_without_a_live_writer_the_bank_answers_until_there_is_one() -> None:
    """A fault like any other; the bank is not read a second time."""
    doors = Doors(no_live=(NO_LIVE,))
    runtime = doors.runtime()
    before, engine = runtime.readiness(NOON), runtime.engine(NOON)
    doors.no_live = ()
    after = runtime.readiness(NOON + LATER)

    assert engine is not None
    assert (engine.rules.live, engine.rules.bank) == (None, BANK)
    assert (before.faults, before.degraded) == ((NO_LIVE.fault,), ("live_unavailable",))
    assert (after.faults, after.degraded) == ((), ())
    assert runtime.rules.live is written_live
    assert doors.tried == ["predictors", "policy", "bank", "live", "books", "live"]


def test_the_kill_switch_is_no_fault() -> None:
    """Ready, and degraded by wish; nothing is tried again."""
    doors = Doors(degraded=(BY_WISH,))
    runtime = doors.runtime()
    found = [runtime.readiness(NOON + second * LATER) for second in range(2)]

    assert [one.faults for one in found] == [(), ()]
    assert (found[1].degraded, found[1].policy) == (("force_baseline",), "propensity_rule")
    assert doors.tried == ["predictors", "policy", "bank", "live", "books"]
    assert runtime.missing(customers()) == ()


def test_books_that_do_not_open_are_tried_again() -> None:
    """Without them there is no engine; with them there is."""
    doors = Doors(books=None)
    runtime = doors.runtime()

    assert runtime.engine(NOON) is None
    assert "DATABASE_URL" in runtime.readiness(NOON).faults[0]
    assert runtime.readiness(NOON).degraded == ("ledger_unavailable",)
    doors.books = FakeBooks()
    assert runtime.engine(NOON + LATER / 2) is None
    assert runtime.engine(NOON + LATER) is not None
    assert runtime.readiness(NOON + LATER).faults == ()


def test_a_clock_set_back_does_not_stop_the_trying() -> None:
    """Time from the future says nothing about when to try."""
    doors = Doors(books=None)
    runtime = doors.runtime()
    runtime.open(NOON)
    doors.books = FakeBooks()

    assert runtime.engine(NOON - timedelta(days=1)) is not None


def test_a_later_fault_degrades() -> None:
    """Once ready, a restart would not help: the answer stays 200 and says what is missing."""
    doors = Doors()
    runtime = doors.runtime()
    runtime.readiness(NOON)
    cast(FakeBooks, doors.books).broken = True
    found = runtime.readiness(NOON)

    assert (found.faults, found.degraded, found.campaign) == ((), ("ledger_unavailable",), None)


def test_books_broken_from_the_start_are_a_fault() -> None:
    """They opened, and do not answer."""
    found = Doors(books=FakeBooks(broken=True)).runtime().readiness(NOON)

    assert "does not answer" in found.faults[0]


def test_no_campaign_is_no_fault() -> None:
    """Then nobody is contacted, and every answer says so."""
    found = Doors(books=FakeBooks(running=None)).runtime().readiness(NOON)

    assert (found.faults, found.campaign) == ((), None)


def test_where_the_switches_cannot_be_read_nobody_is_contacted() -> None:
    """The engine says so, and that it is no use to ask the books; a mended ledger is asked again at once."""
    doors = Doors(books=FakeBooks(broken=True))
    runtime = doors.runtime()
    lost = runtime.engine(NOON)
    cast(FakeBooks, doors.books).broken = False
    again = runtime.engine(NOON)

    assert lost is not None
    assert again is not None
    assert (lost.stopped, lost.degraded) == (True, ("ledger_unavailable",))
    assert (again.stopped, again.degraded) == (False, ())


def test_books_are_there_for_whoever_needs_no_switches() -> None:
    """To throw them, for one; opened like any other."""
    doors = Doors(books=None)
    runtime = doors.runtime()
    before = runtime.store(NOON)
    doors.books = FakeBooks(broken=True)

    assert before is None
    assert runtime.store(NOON + LATER) is cast(Store, doors.books)


def test_what_hangs_while_it_is_opened_holds_up_nobody() -> None:
    """Whoever has no time left goes on without it; when it is done it is there, without another try."""
    may, doors = threading.Event(), Doors(books=None)
    runtime = doors.runtime()
    runtime.open(NOON)

    def open_slowly(now: datetime) -> Store:
        may.wait(60)
        return doors.open_books(now)

    doors.books = FakeBooks()
    slow = Runtime(replace(doors.sources(), open_books=open_slowly))
    with within(0):
        found = [slow.engine(NOON + second * LATER) for second in range(3)]
    may.set()
    after = slow.engine(NOON + 3 * LATER)
    slow.close()

    assert found == [None] * 3
    assert after is not None
    assert doors.tried.count("books") == 2


def test_missing_inputs_are_named_once() -> None:
    """Both models read tenure; internet_service and payment_method were not sent."""
    runtime = Doors().runtime()
    runtime.open(NOON)

    assert sorted(runtime.missing(customers())) == ["internet_service", "payment_method"]


@pytest.mark.parametrize("opened", [True, False])
def test_closing_lets_go_of_the_books(opened: bool) -> None:
    """If there are any."""
    doors = Doors()
    runtime = doors.runtime()
    if opened:
        runtime.open(NOON)
    runtime.close()

    assert cast(FakeBooks, doors.books).closed is opened


def test_calls_for_one_customer_share_a_turn() -> None:
    """The same id has the same lock, and a thousand ids meet at a few hundred."""
    runtime = Doors().runtime()

    assert runtime.turn("C1") is runtime.turn("C1")
    assert len({id(runtime.turn(f"C{i}")) for i in range(1_000)}) > 200


def test_what_is_left_alone_degrades_and_stays_ready() -> None:
    """A breaker that opened is told, and nothing is opened again for it."""
    doors = Doors()
    guards = Guards.of(rules().serve.guard.model_copy(update={"faults": 1}))
    runtime = Runtime(doors.sources(), guards)
    before = runtime.readiness(NOON)
    with pytest.raises(Unusable, match=r"^predictors"):
        guards.predictors.ask(lambda: 1 // 0, NOON)
    found = runtime.readiness(NOON + LATER)
    runtime.close()

    assert (before.degraded, found.degraded, found.faults) == ((), ("predictors_unavailable",), ())
    assert doors.tried == ["predictors", "policy", "bank", "live", "books"]


def test_the_lowest_rung_stays_seated_without_predictors() -> None:
    """Who asked for nobody to be contacted gets that."""
    doors = Doors(degraded=(CORRUPT,))
    sources = replace(doors.sources(), open_policy=lambda: (Decider("never"), ()))

    assert Runtime(sources).readiness(NOON).policy == "never"
