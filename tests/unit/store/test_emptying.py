"""What was erased leaves the files too: at once, or as soon as the last reader of before has gone."""

from pathlib import Path

from sqlalchemy import text

from churn_saver.store import Store
from churn_saver.store.database import connect
from churn_saver.store.emptying import empty
from tests.builders import NOON
from tests.postgres import ON_POSTGRESQL, ON_SQLITE
from tests.unit.store.batches import DAY, silence
from tests.writing import writing

NAME = "Canaria Quill"
ENOUGH_SECONDS = 60.0


def files(url: str) -> bytes:
    """Give all bytes of ledger and log."""
    path = Path(url.removeprefix("sqlite:///"))
    return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))


@ON_SQLITE
def test_a_reader_of_before_holds_it_up_no_longer_than_it_reads(store: Store, url: str) -> None:
    """Erased while an export is read: the log keeps the name until that ends, and then loses it by itself."""
    store.settle("spring", silence(["A", "B"], names=[NAME, "Sam"]), NOON)
    records = store.records()
    next(records)
    gone = store.erase("A", NOON)
    held_up, before = store.wait_until_empty(0.0), files(url)

    assert (gone, held_up) == (True, False)
    assert NAME.encode() in before
    records.close()  # type: ignore[attr-defined]
    assert store.wait_until_empty(ENOUGH_SECONDS)
    assert NAME.encode() not in files(url)


@ON_SQLITE
def test_without_a_reader_it_is_done_at_once(store: Store, url: str) -> None:
    """Nothing is left to wait for, also when nothing was erased yet."""
    store.settle("spring", silence(["A", "B"], names=[NAME, "Sam"]), NOON)
    idle = store.wait_until_empty(0.0)
    store.erase("A", NOON)

    assert idle
    assert store.wait_until_empty(0.0)
    assert NAME.encode() not in files(url)


@ON_SQLITE
def test_a_second_erasure_is_waited_for_too(store: Store, url: str) -> None:
    """Two readers, two erasures: it is empty when both have gone, not when one has."""
    store.settle("spring", silence(["A", "B"], names=[NAME, f"{NAME} II"]), NOON)
    first = store.records()
    next(first)
    store.erase("A", NOON)
    second = store.records()
    next(second)
    store.erase("B", NOON + DAY)
    first.close()  # type: ignore[attr-defined]

    assert not store.wait_until_empty(0.0)
    second.close()  # type: ignore[attr-defined]
    assert store.wait_until_empty(ENOUGH_SECONDS)
    assert NAME.encode() not in files(url)


@ON_SQLITE
def test_closing_waits_for_nobody(store: Store) -> None:
    """The thread ends with the store, while a reader of before is still there."""
    store.settle("spring", silence(["A", "B"]), NOON)
    records = store.records()
    next(records)
    store.erase("A", NOON)
    store.close()

    assert not store.wait_until_empty(0.0)
    records.close()  # type: ignore[attr-defined]


@ON_POSTGRESQL
def test_a_server_vacuums_what_was_touched(store: Store, url: str) -> None:
    """Once for each erasure, the five tables that may have held something of the customer."""
    store.settle("spring", silence(["A", "B"]), NOON)
    store.erase("A", NOON)
    database = connect(url, create=False)
    with database.reading() as connection:
        counts = (
            "SELECT relname, vacuum_count FROM pg_stat_user_tables WHERE vacuum_count > 0 ORDER BY relname"
        )
        found = [tuple(row) for row in connection.execute(text(counts))]
    database.close()

    touched = ("answers", "customers", "decision_details", "outbox", "shadows")
    assert found == [(name, 1) for name in touched]
    assert store.wait_until_empty(0.0)


def test_a_database_that_does_not_answer_is_tried_again_later(url: str) -> None:
    """One try says no and raises nothing: the erasure itself is done."""
    database = connect(url, create=True)
    database.close()
    with writing(database) as connection:
        connection.execute(text("DROP TABLE IF EXISTS outbox"))
    done = empty(database)
    database.close()

    assert done == url.startswith("sqlite")
