"""The whole store: against a plain model, in races, and after a kill."""

import itertools
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from churn_saver.errors import LedgerUnavailable
from churn_saver.store import Store, Totals, open_store
from churn_saver.store.connecting import engine_for
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers
from tests.unit.store.twins import agree
from tests.writing import writing

ROOT = Path(__file__).parents[3]
EXAMPLES, STEPS = 10, 25


def test_a_ledger_of_another_shape_does_not_answer(store: Store, url: str) -> None:
    """Its revision is the right one, and a column is missing all the same: said before anybody settles."""
    store.ping()
    engine = engine_for(url, create=False)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox DROP COLUMN fault"))
    engine.dispose()

    with pytest.raises(LedgerUnavailable, match=r"does not answer: .*fault"):
        store.ping()


def test_the_ledger_equals_the_plain_books(store: Store) -> None:
    """Whatever is told to both, in whatever order, they agree after every step."""
    agree(store, EXAMPLES, STEPS)


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
from tests.writing import writing
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
    with writing(database) as connection:
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
