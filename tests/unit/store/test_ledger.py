"""The whole store: against a plain model, in races, and after a kill."""

import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from churn_saver.errors import CampaignError, LedgerError, LedgerUnavailable
from churn_saver.store import Store, Totals, open_store
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers
from tests.unit.store.plain_books import PlainBooks

ROOT = Path(__file__).parents[3]
EXAMPLES, STEPS = 30, 25


class Twins(RuleBasedStateMachine):
    """Tells the store and the plain books the same things."""

    contacts: Bundle[str] = Bundle("contacts")
    names = itertools.count()

    def __init__(self, store: Store) -> None:
        """Begin a campaign of its own."""
        super().__init__()
        self.store, self.now, self.plain = store, NOON, PlainBooks(5_000)
        self.id = f"campaign-{next(self.names)}"
        store.campaigns.open(campaign(campaign_id=self.id, limit_minor=5_000, horizon_days=3_650))

    @rule(
        target=contacts,
        asks=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 1_500)), min_size=1, max_size=4),
        days=st.integers(0, 5),
    )
    def settle(self, asks: list[tuple[int, int]], days: int) -> MultipleResults[str]:
        """Propose contacts to customers never seen, in one batch."""
        names = [f"customer-{next(self.names)}" for _ in asks]
        last_day = (self.now + days * DAY).date()
        batch = offers(names, [sum(ask) for ask in asks], at=self.now, expires_on=last_day)
        batch.contact_minor[:] = [contact for contact, _ in asks]

        settled = self.store.settle(self.id, batch, self.now, names[0])
        again = self.store.settle(self.id, batch, self.now, names[0])
        fits = [
            self.plain.settle(decision, *ask, last_day)
            for decision, ask in zip(
                (campaign(campaign_id=self.id).decision_id(n, 0) for n in names), asks, strict=True
            )
        ]

        assert (settled.refused == 0).tolist() == fits
        assert list(settled.decision_ids) == list(again.decision_ids)
        return multiple(*(one for one in settled.decision_ids if one))

    @rule(decision=contacts, part=st.sampled_from(["contact", "offer"]))
    def post(self, decision: str, part: str) -> None:
        """Report a message as sent, or an offer as accepted."""
        tell = self.store.post_contact if part == "contact" else self.store.post_offer

        wanted = self.plain.post(decision, part)
        if wanted is None:
            with pytest.raises(LedgerError, match="released"):
                tell(decision, self.now)
        else:
            assert tell(decision, self.now) == wanted

    @rule(decision=contacts)
    def void(self, decision: str) -> None:
        """Report that nothing came of it."""
        assert self.store.void(decision, self.now) == self.plain.void(decision)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        """Let days go by: nothing runs."""
        self.now += days * DAY
        self.plain.wait(self.now.date())

    @rule(limit=st.integers(0, 8_000))
    def change_limit(self, limit: int) -> None:
        """Change the budget, or be told the least possible one."""
        totals = self.plain.totals()
        if limit < totals.reserved_minor + totals.spent_minor:
            with pytest.raises(CampaignError, match="least possible limit"):
                self.store.campaigns.set_limit(self.id, limit, self.now)
        else:
            self.store.campaigns.set_limit(self.id, limit, self.now)
            self.plain.limit = limit

    @invariant()
    def add_up(self) -> None:
        """The limit is free + reserved + spent, nothing negative, and the same as in the plain books."""
        totals = self.store.verify(self.id, self.now)

        assert totals == self.plain.totals()
        assert totals.limit_minor == totals.free_minor + totals.reserved_minor + totals.spent_minor
        assert min(totals.free_minor, totals.reserved_minor, totals.spent_minor) >= 0


def test_the_ledger_equals_the_plain_books(store: Store) -> None:
    """Whatever is told to both, in whatever order, they agree after every step."""

    class Bound(Twins):
        """The machine takes no argument."""

        def __init__(self) -> None:
            super().__init__(store)

    run_state_machine_as_test(
        Bound,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_a_race_never_overspends_nor_leaves_money_lying(url: str) -> None:
    """Two stores ask 60 times each for 1.00 of 50.00: exactly 50 are granted, and every read adds up."""
    with open_store(url) as first, open_store(url) as second, open_store(url) as reader:
        first.campaigns.open(campaign(limit_minor=5_000))
        done = threading.Event()

        def ask(store: Store, who: str) -> int:
            asks = (offers([f"{who}-{number}"], needs=100) for number in range(60))
            return sum(int(store.settle("spring", one, NOON).refused[0] == 0) for one in asks)

        def watch() -> list[Totals]:
            seen = []
            while not done.is_set():
                seen.append(reader.verify("spring", NOON))
            return seen

        with ThreadPoolExecutor(3) as pool:
            watched = pool.submit(watch)
            granted = [pool.submit(ask, first, "a"), pool.submit(ask, second, "b")]
            try:
                total = sum(one.result() for one in granted)
            finally:
                done.set()
        seen = watched.result()

    assert total == 50
    assert seen
    assert all(t.free_minor + t.reserved_minor + t.spent_minor == 5_000 and t.free_minor >= 0 for t in seen)


def test_one_customer_asked_for_by_many_is_contacted_once(store: Store) -> None:
    """Of 16 calls at once, one is recorded; the others are told to read again."""
    with ThreadPoolExecutor(8) as pool:
        settled = list(pool.map(lambda _: store.settle("spring", offers(["A"]), NOON), range(16)))

    assert sum(int(one.refused[0] == 0) for one in settled) == 1
    assert store.verify("spring", NOON).reserved_minor == 1_000


CHILD = """
import sys
from churn_saver.store import open_store
from tests.builders import NOON
from tests.unit.store.batches import offers
store = open_store(sys.argv[1])
for part in range(200):
    ids = [f"C{part}-{row}" for row in range(20)]
    store.settle("spring", offers(ids, needs=10, contact=1), NOON, f"plan:{part:05d}")
    print(part, flush=True)
"""


def test_a_kill_loses_nothing_acknowledged_and_a_retry_spends_once(store: Store, url: str) -> None:
    """After SIGKILL all that was acknowledged is there, and going on ends at 200 × 20 × 0.10."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    acknowledged = [int(line) for line in itertools.islice(child.stdout, 25)]
    child.kill()
    acknowledged += [int(line) for line in child.stdout]
    child.wait()
    child.stdout.close()

    there = {str(one) for batch in store.records(key_prefix="plan:") for one in batch["customer_id"]}
    held = store.verify("spring", NOON).reserved_minor
    for part in range(200):
        ids = [f"C{part}-{row}" for row in range(20)]
        settled = store.settle("spring", offers(ids, needs=10, contact=1), NOON, f"plan:{part:05d}")
        assert not settled.refused.any()

    assert 25 <= len(acknowledged) < 200
    assert there >= {f"C{part}-{row}" for part in acknowledged for row in range(20)}
    assert held == 10 * len(there)
    assert store.verify("spring", NOON).reserved_minor == 200 * 20 * 10


def test_a_store_is_opened_and_closed(url: str) -> None:
    """It answers while open; a ledger opened twice is the same ledger."""
    with open_store(url) as store:
        store.ping()
        store.campaigns.open(campaign())
    with open_store(url, create=False) as store:
        assert store.campaigns.get("spring") == campaign()


def test_a_ledger_that_vanished_is_noticed(store: Store, url: str) -> None:
    """A ping fails when the tables are gone."""
    from churn_saver.store.database import connect

    database = connect(url, create=False)
    with database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    database.close()

    with pytest.raises(LedgerUnavailable, match="does not answer"):
        store.ping()


def test_a_ledger_that_cannot_be_opened_is_let_go(tmp_path: Path) -> None:
    """A file that is no database is refused by name."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 50)

    with pytest.raises(LedgerUnavailable, match=r"ledger\.db does not answer"):
        open_store(f"sqlite:///{path}")


def test_consent_is_kept_once(store: Store) -> None:
    """Saying it twice is no error, and it holds."""
    for _ in range(2):
        store.suppress("A", NOON)
        store.opt_out("A", NOON + DAY)

    history = store.read("spring", ["A"], NOON).history
    assert history.suppressed.all()
    assert history.opted_out.all()
