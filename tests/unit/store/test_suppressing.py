"""The suppression list: it holds for everybody, known or not, and names no stranger."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select

from churn_saver.domain.action import Reason
from churn_saver.errors import LedgerError
from churn_saver.store import Store, Unwanted
from churn_saver.store.database import connect
from churn_saver.store.schema import customers, keys, metadata, suppressions
from tests.builders import NOON
from tests.unit.store.batches import DAY, offers, silence
from tests.writing import writing

NOBODY = Unwanted(suppressed=0, opted_out=0)


def dump(url: str) -> str:
    """Give every value of every table as text."""
    database = connect(url, create=False)
    with database.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    database.close()
    return repr(rows)


def listed(store: Store, ids: list[str]) -> list[bool]:
    """Ask who is suppressed."""
    found: list[bool] = store.read("spring", ids, NOON + 9 * DAY).history.suppressed.tolist()
    return found


def test_strangers_are_listed_without_being_known(store: Store, url: str) -> None:
    """The list holds for ids never seen; none of them stands anywhere in the books."""
    new = store.import_suppressions(["stranger-1", "stranger-2", "stranger-1"], NOON)

    assert new == 2
    assert listed(store, ["stranger-2", "other", "stranger-1"]) == [True, False, True]
    assert store.unwanted() == Unwanted(2, 0)
    assert "stranger" not in dump(url)


def test_a_list_that_comes_again_adds_what_is_new(store: Store) -> None:
    """Known, listed and new ones in one list; nobody is counted twice."""
    store.settle("spring", silence(["A", "B"]), NOON)

    counts = [store.import_suppressions(ids, NOON) for ids in (["A", "X"], ["X", "A", "B", "Y"], [], ["Y"])]

    assert counts == [2, 2, 0, 0]
    assert listed(store, ["A", "B", "X", "Y", "Z"]) == [True, True, True, True, False]
    assert store.unwanted() == Unwanted(4, 0)
    store.verify_chain(None)


def test_a_stranger_who_is_enrolled_stays_on_the_list(store: Store, url: str) -> None:
    """A contact is refused, silence is recorded, and the mark with its moment stands in one place only."""
    store.import_suppressions(["A", "B"], NOON)
    store.opt_out("B", NOON + DAY)

    contact = store.settle("spring", offers(["A", "B"], at=NOON + 2 * DAY), NOON + 2 * DAY)
    store.settle("spring", silence(["A", "B"]), NOON + 2 * DAY)

    assert contact.refused.tolist() == [Reason.SUPPRESSED, Reason.SUPPRESSED | Reason.OPTED_OUT]
    assert store.unwanted() == Unwanted(2, 1)
    database = connect(url, create=False)
    with database.reading() as connection:
        assert connection.execute(select(suppressions)).all() == []
        found = connection.execute(select(customers.c.suppressed_at).order_by(customers.c.id)).scalars()
        assert list(found) == [NOON, NOON]
    database.close()
    store.verify_chain(None)


def test_both_marks_can_be_on_a_stranger(store: Store) -> None:
    """Suppressed and opted out are two things, each told once."""
    told = [
        store.suppress("A", NOON),
        store.opt_out("A", NOON),
        store.suppress("A", NOON),
        store.opt_out("A", NOON),
    ]

    history = store.read("spring", ["A", "B"], NOON).history

    assert told == [True, True, False, False]
    assert history.suppressed.tolist() == history.opted_out.tolist() == [True, False]
    assert store.unwanted() == Unwanted(1, 1)


def test_the_first_moment_stands(store: Store, url: str) -> None:
    """Of a known customer; saying it again a day later changes nothing."""
    store.settle("spring", silence(["A"]), NOON)
    told = [store.suppress("A", NOON), store.suppress("A", NOON + DAY)]
    database = connect(url, create=False)
    with database.reading() as connection:
        found = connection.execute(select(customers.c.suppressed_at)).scalar_one()
    database.close()

    assert told == [True, False]
    assert found == NOON


def test_rows_are_marked_one_by_one_in_any_order(store: Store) -> None:
    """Doubled ids in a read, and ids of every alphabet, find their own mark."""
    store.import_suppressions(["Ä", "ä", "中"], NOON)

    assert listed(store, ["ä", "a", "中", "Ä", "ä", "A"]) == [True, False, True, True, True, False]


def test_a_long_list_is_more_than_one_statement_holds(store: Store) -> None:
    """12,000 strangers: all found, all counted, and all marked once they are enrolled."""
    ids = [f"C{i}" for i in range(12_000)]

    assert store.import_suppressions(ids, NOON) == 12_000
    assert all(listed(store, ids))
    store.settle("spring", silence(ids[:11_000]), NOON)
    assert store.unwanted() == Unwanted(12_000, 0)
    assert all(listed(store, ids))


def test_without_the_key_nobody_is_taken_for_unlisted(store: Store, url: str) -> None:
    """A lost key is an error of every read and settlement of a stranger: the gate is closed."""
    store.suppress("A", NOON)
    database = connect(url, create=False)
    with writing(database) as connection:
        connection.execute(delete(keys))
    database.close()

    with pytest.raises(LedgerError, match="has lost the key of its suppression list"):
        store.read("spring", ["A"], NOON)
    with pytest.raises(LedgerError, match="has lost the key of its suppression list"):
        store.settle("spring", offers(["A"]), NOON)


def test_nobody_slips_through_while_being_enrolled(store: Store) -> None:
    """Listed and settled at the same moment, 4 times: in whatever order, listed in the end."""
    assert store.unwanted() == NOBODY
    with ThreadPoolExecutor(2) as pool:
        for turn in range(4):
            ids = [f"T{turn}-{i}" for i in range(5)]
            settled = pool.submit(store.settle, "spring", silence(ids), NOON)
            imported = pool.submit(store.import_suppressions, ids, NOON)
            settled.result(), imported.result()

            assert all(listed(store, ids))
    assert store.unwanted() == Unwanted(20, 0)


JOSE, JOSE_IN_TWO = "Jos\u00e9", "Jose\u0301"


@pytest.mark.parametrize("old", [JOSE, JOSE_IN_TWO])
def test_a_mark_holds_in_every_spelling(store: Store, old: str) -> None:
    """Listed in one before ids had one form, or with a row in one: refused, counted once, erased in both."""
    store.import_suppressions([old], NOON)
    again = store.import_suppressions([JOSE], NOON + DAY)
    refused = store.settle("spring", offers([JOSE]), NOON).refused.tolist()
    store.verify_chain(None)

    assert (again, refused) == (0, [Reason.SUPPRESSED])
    assert store.unwanted() == Unwanted(1, 0)
    assert listed(store, [JOSE, JOSE_IN_TWO]) == [True, True]


def test_a_customer_of_older_books_is_known_by_the_other_spelling(store: Store) -> None:
    """Decided, marked and erased under the one form; the chain bears the decisions of both."""
    store.settle("spring", silence([JOSE_IN_TWO]), NOON)
    seen = store.read("spring", [JOSE], NOON).history.decisions_made.tolist()
    decided = store.settle("spring", silence([JOSE], numbers=1), NOON)
    store.suppress(JOSE, NOON)
    store.verify_chain("spring")

    assert seen == [1]
    assert decided.refused.tolist() == [0]
    assert listed(store, [JOSE_IN_TWO]) == [True]
    assert store.erase(JOSE, NOON)
    assert not store.erase(JOSE_IN_TWO, NOON)
    store.verify_chain("spring")
    store.verify_chain(None)
    assert store.unwanted() == Unwanted(1, 0)


def test_two_rows_of_one_name_are_held_to_the_stricter(store: Store) -> None:
    """Older books may have both: a mark of either holds for both, and both are erased."""
    store.settle("spring", silence([JOSE, JOSE_IN_TWO]), NOON)
    store.suppress(JOSE_IN_TWO, NOON)

    assert listed(store, [JOSE]) == [True]
    assert store.erase(JOSE, NOON)
    assert not store.erase(JOSE, NOON)
    assert listed(store, [JOSE]) == [True]
    store.verify_chain(None)
