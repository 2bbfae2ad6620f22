"""Whatever somebody changes in the books by hand, the chain tells; what the store does itself, it bears."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from sqlalchemy import Connection, Row, Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import CampaignError, LedgerError
from churn_saver.store import Store, sqlite_url
from churn_saver.store.database import connect
from churn_saver.store.migrating import migrate
from churn_saver.store.schema import (
    audit,
    campaigns,
    chains,
    controls,
    customers,
    decision_details,
    decisions,
    outcomes,
    reservations,
    settlements,
)
from churn_saver.store.verifying import ChainCheck, verify_chain
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import void
from tests.writing import writing

COVERED = (
    audit, campaigns, chains, controls, customers, decision_details, decisions, outcomes, reservations,
    settlements,
)  # fmt: skip
SOME_OTHER_ROW = 1_000
FOUND = (
    r"^audit chain .* Restore a backup\.$|^campaign 'spring': running totals|^there is no campaign 'spring'"
)


def fill(store: Store) -> None:
    """Let everything happen once that a chain tells of; every customer has a decision."""
    store.campaigns.open(campaign())
    scored = replace(offers(["A", "B", "C", "D"]), churn_risk=np.array([0.25, np.nan, 0.5, 0.75]))
    a, b, c, _ = store.settle("spring", scored, NOON, "k1").decision_ids
    store.settle("spring", silence(["E", "F"], violations=[("toxic",), ()]), NOON + DAY)
    store.settle(None, silence(["A", "G"]), NOON + DAY)
    store.outbox.sent(a, NOON + DAY)
    store.record_outcome(a, OutcomeKind.ACCEPTED, NOON + DAY, NOON + 2 * DAY)
    store.outbox.sent(c, NOON + DAY)
    void(store, b, NOON + DAY)
    store.suppress("B", NOON + DAY)
    store.opt_out("C", NOON + DAY)
    store.erase("D", NOON + DAY)
    store.set_control(baseline=True, stopped=False, by="ops", now=NOON + DAY)
    store.campaigns.set_price("spring", 1.5, NOON + DAY)
    store.campaigns.set_limit("spring", 400_000, NOON + DAY)
    late = NOON + 20 * DAY
    store.settle("spring", offers(["E"], numbers=1, at=late), late)
    store.campaigns.close("spring", late)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Give a connection to filled books; what a test does to them it takes back."""
    database = connect(sqlite_url(tmp_path_factory.mktemp("books") / "ledger.db"), create=True)
    migrate(database)
    fill(Store(database))
    with database.engine.connect() as connection:
        # By hand nobody is held back by a reference or a check.
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("PRAGMA ignore_check_constraints=ON")
        yield connection
    database.close()


@contextmanager
def by_hand(connection: Connection) -> Iterator[None]:
    """Take back what is changed in the block."""
    try:
        yield
    finally:
        connection.rollback()


def checks(connection: Connection) -> list[ChainCheck]:
    """Verify both chains."""
    return [verify_chain(connection, None), verify_chain(connection, "spring")]


def rows_of(connection: Connection, table: Table) -> list[Row[tuple[object, ...]]]:
    """Give all rows of a table, in the order of its key."""
    return list(connection.execute(select(table).order_by(*table.primary_key)))


def key_of(table: Table, row: Row[tuple[object, ...]]) -> dict[str, object]:
    """Give the primary key of a row."""
    return {column.name: getattr(row, column.name) for column in table.primary_key}


def other(value: object, column: str) -> object:
    """Give another value of the same type, as near as can be."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + (SOME_OTHER_ROW if column in ("id", "number") or column.endswith("_ref") else 1)
    if isinstance(value, float):
        return math.nextafter(value, math.inf)
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value + DAY
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    text_value = cast(str, value)
    return ("1" if text_value[0] == "0" else "0") + text_value[1:]


FOR_NOTHING: dict[str, object] = {
    "BLOB": bytes(32), "TEXT": "x", "VARCHAR": "x", "DATETIME": NOON, "DATE": NOON.date(), "INTEGER": 1,
    "DOUBLE": 0.5, "BIGINT": 1,
}  # fmt: skip


def edited(table: Table, row: Row[tuple[object, ...]], column: str, to_null: bool) -> object:
    """Give what a column is changed to."""
    value = getattr(row, column)
    if value is not None:
        return None if to_null and table.c[column].nullable else other(value, column)
    return FOR_NOTHING[str(table.c[column].type).split("(")[0]]


@given(data=st.data())
def test_every_edit_of_a_column_is_found(books: Connection, data: st.DataObject) -> None:
    """Any column of any row of any covered table, changed by the least step or emptied: it is an error."""
    table = data.draw(st.sampled_from(COVERED))
    row = data.draw(st.sampled_from(rows_of(books, table)))
    columns = table.columns.keys()
    if table is customers and row.erased_at is not None:
        columns.remove("customer_id")  # It stands for nobody any more.
    column = data.draw(st.sampled_from(columns))
    new = edited(table, row, column, data.draw(st.booleans()))

    with by_hand(books):
        try:
            books.execute(update(table).filter_by(**key_of(table, row)).values({column: new}))
        except IntegrityError:
            reject()  # The database itself does not take it.
        with pytest.raises(LedgerError, match=FOUND):
            checks(books)


@given(data=st.data())
def test_every_removed_row_is_found(books: Connection, data: st.DataObject) -> None:
    """Any row of any covered table, also the last of a chain: it is missed."""
    table = data.draw(st.sampled_from(COVERED))
    row = data.draw(st.sampled_from(rows_of(books, table)))

    with by_hand(books):
        books.execute(delete(table).filter_by(**key_of(table, row)))
        with pytest.raises(LedgerError, match=FOUND):
            checks(books)


@given(data=st.data())
def test_every_inserted_row_is_found(books: Connection, data: st.DataObject) -> None:
    """A copy of any row under another key, below all others or above them: it is one too many."""
    # A customer of whom nothing is told changes nothing.
    table = data.draw(st.sampled_from([one for one in COVERED if one is not customers]))
    row = data.draw(st.sampled_from(rows_of(books, table)))
    (first, *_), step = table.primary_key, data.draw(st.sampled_from([-SOME_OTHER_ROW, SOME_OTHER_ROW]))
    values = row._asdict()
    values[first.name] += step
    for column, fresh in {
        "campaign_id": "fresh", "customer_id": "fresh", "decision_id": "ff" * 16, "idempotency_key": "fresh",
    }.items():  # fmt: skip
        values |= {column: fresh} if column in values else {}
    if "number" in values and table is decisions:
        values["number"] += SOME_OTHER_ROW

    with by_hand(books):
        books.execute(insert(table).values(values))
        with pytest.raises(LedgerError, match=FOUND):
            checks(books)


def test_a_chain_that_was_not_touched_holds(books: Connection) -> None:
    """What the store did itself is borne out: 14 rows of the campaign, 8 of none, all decisions covered."""
    of_none, of_spring = checks(books)

    assert (of_spring.rows, of_none.rows) == (
        len(["open", "settle", "settle", "sent", "accept", "outcome", "sent", "void", "void of the erased",
             "price", "limit", "expire", "settle", "close"]),
        len(["begin", "base", "campaign", "settle", "suppress", "opt_out", "erase", "control"]),
    )  # fmt: skip
    assert (of_spring.older, of_none.older) == (0, 0)
    assert len(of_spring.head) == 64


def test_rows_that_change_places_are_found(books: Connection) -> None:
    """The first of the two is named."""
    for old, new in ((3, 99), (4, 3), (99, 4)):
        books.execute(update(audit).filter_by(campaign_ref=1, number=old).values(number=new))

    with pytest.raises(
        LedgerError, match=r"campaign 'spring': row 3 .* not in its place\. .*Restore a backup"
    ):
        verify_chain(books, "spring")
    books.rollback()


def test_the_first_row_that_was_changed_is_named(books: Connection) -> None:
    """By its number and its kind, and an edited decision by the row of its settlement."""
    books.execute(update(audit).filter_by(campaign_ref=1, number=4).values(content="{}"))
    with pytest.raises(LedgerError, match=r"campaign 'spring': row 4 \(sent\) is not as it was written"):
        verify_chain(books, "spring")
    books.rollback()

    books.execute(update(decisions).filter_by(choice=3).values(choice=4))
    with pytest.raises(
        LedgerError, match=r"row 2 \(settle\): settlement 1 or one of its decisions was changed"
    ):
        verify_chain(books, "spring")
    books.rollback()

    books.execute(update(decision_details).values(name="Eve"))
    with pytest.raises(
        LedgerError, match=r"row 2 \(settle\): the personal details of decision [0-9a-f]{32} were"
    ):
        verify_chain(books, "spring")
    books.rollback()


def test_rows_cut_off_at_the_end_are_found(books: Connection) -> None:
    """Even where the head is made to fit, the books say more than the chain."""
    rows = rows_of(books, audit)
    last = max(row.number for row in rows if row.campaign_ref == 1)
    before = next(row.digest for row in rows if (row.campaign_ref, row.number) == (1, last - 1))
    books.execute(delete(audit).filter_by(campaign_ref=1, number=last))
    with pytest.raises(LedgerError, match=rf"row {last} is missing, or the chain's head"):
        verify_chain(books, "spring")

    books.execute(update(chains).filter_by(campaign_ref=1).values(number=last - 1, digest=before))
    with pytest.raises(LedgerError, match=r"closed_at of the campaign is not what it tells"):
        verify_chain(books, "spring")
    books.rollback()


def test_who_is_not_there_is_named(books: Connection) -> None:
    """A campaign that does not exist has no chain."""
    with pytest.raises(CampaignError, match=r"no campaign 'autumn'"):
        verify_chain(books, "autumn")
    books.rollback()


def test_what_is_older_than_the_chains_is_counted(tmp_path: Path) -> None:
    """Books from before are told as they stood at the upgrade, counted, and followed from here on."""
    database = connect(sqlite_url(tmp_path / "ledger.db"), create=True)
    migrate(database)
    store = Store(database)
    store.campaigns.open(campaign())
    first, second, _ = store.settle("spring", offers(["A", "B", "C"]), NOON).decision_ids
    store.outbox.sent(first, NOON)
    migrate(database, "0003")
    migrate(database)

    before = store.verify_chain("spring")
    store.outbox.sent(second, NOON + DAY)
    store.settle("spring", offers(["D"], at=NOON + 20 * DAY), NOON + 20 * DAY)
    after = store.verify_chain("spring")
    with writing(database) as connection:
        connection.execute(text("UPDATE reservations SET sent_at = NULL WHERE accepted_at IS NULL"))
    with pytest.raises(LedgerError, match=r"how the reservation of decision [0-9a-f]{32} came to stand"):
        store.verify_chain("spring")
    database.close()

    assert (before.rows, before.older) == (len(["base", "older"]), 3)
    assert (after.rows, after.older) == (len(["base", "older", "sent", "expire", "settle"]), 3)


def test_erasing_leaves_the_chain_whole(store: Store) -> None:
    """What erasure takes away was salted: the rows before it stand as they were, the head moves on by one."""
    store.settle("spring", silence(["A", "B"]), NOON)
    before = store.verify_chain("spring")

    store.erase("A", NOON)

    assert store.verify_chain("spring") == before
    assert store.verify_chain(None).rows == len(["begin", "base", "campaign", "erase"])
