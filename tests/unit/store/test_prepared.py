"""A statement that is handed straight to the driver finds, writes and fails as SQLAlchemy's own do."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Double,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from churn_saver.errors import LedgerError
from churn_saver.store.columns import HexId, UtcDateTime
from churn_saver.store.database import Database, connect
from churn_saver.store.prepared import Found, Prepared, together, unawaited
from tests.builders import NOON
from tests.statements import executed

things = Table(
    "things", MetaData(),
    Column("id", Integer, primary_key=True), Column("word", String(9), unique=True), Column("day", Date),
    Column("name", HexId), Column("at", UtcDateTime), Column("share", Double), Column("is_new", Boolean),
)  # fmt: skip
FULL: dict[str, object] = {
    "id": 1, "word": "a", "day": date(2026, 3, 2), "name": "ab" * 16, "at": NOON, "share": 0.25,
    "is_new": True,
}  # fmt: skip
EMPTY: dict[str, object] = dict.fromkeys(FULL, None) | {"id": 2}
INSERT = Prepared(insert(things))
ADD = Prepared(insert(things).returning(things.c.id))
BY_ID = Prepared(select(things).where(things.c.id == bindparam("wanted")))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a database with two things, one of them without any value."""
    found = connect(database_url, create=True)
    with found.engine.begin() as connection:
        things.metadata.create_all(connection)
        for row in (FULL, EMPTY):
            INSERT.run(connection, row)
    yield found
    found.close()


def test_values_go_in_and_come_out_as_their_types_say(database: Database) -> None:
    """Of every type of column that the books have, and NULL: as SQLAlchemy's own statement finds them."""
    with database.reading() as connection:
        full, empty = (BY_ID.first(connection, {"wanted": one}) for one in (1, 2))
        theirs = connection.execute(select(things).order_by(things.c.id)).all()

    assert full is not None
    assert empty is not None
    assert full._asdict() == FULL
    assert full.at == NOON
    assert [tuple(full), tuple(empty)] == [tuple(row) for row in theirs]


def test_a_row_that_is_not_there_is_none(database: Database) -> None:
    """So that nobody takes an empty row for one."""
    with database.reading() as connection:
        found = BY_ID.first(connection, {"wanted": 3})

    assert found is None


def test_columns_without_a_name_are_had_by_place(database: Database) -> None:
    """As a sum; a value that the statement itself has need not be given."""
    ours = Prepared(select(func.count(), func.max(things.c.id)).where(things.c.id < 2))

    with database.reading() as connection:
        found = ours.rows(connection, {})

    assert [tuple(row) for row in found] == [(1, 1)]


def test_what_is_written_is_there(database: Database) -> None:
    """Inserted, with the number that it got, changed and deleted."""
    returning = Prepared(insert(things).returning(things.c.id))
    change = Prepared(update(things).where(things.c.id == bindparam("own")).values(word=bindparam("other")))
    drop = Prepared(delete(things).where(things.c.id == bindparam("own")))

    with database.engine.begin() as connection:
        added = returning.rows(connection, {"id": 7, "word": "c"})
        change.run(connection, {"own": 1, "other": "b"})
        drop.run(connection, {"own": 2})
        rows = connection.execute(select(things.c.id, things.c.word).order_by(things.c.id)).all()

    assert [tuple(row) for row in added] == [(7,)]
    assert [tuple(row) for row in rows] == [(1, "b"), (7, "c")]


def test_an_error_of_the_driver_is_told_by_sqlalchemy(database: Database) -> None:
    """Without the values, which may be personal, and what was begun is taken back."""

    def write(database: Database) -> None:
        with database.engine.begin() as connection:
            INSERT.run(connection, {"id": 3, "word": "lost"})
            INSERT.run(connection, {"id": 1, "word": "untold"})

    with pytest.raises(IntegrityError, match=r"(?i)unique") as caught:
        write(database)
    with database.reading() as connection:
        left = connection.execute(select(func.count()).select_from(things)).scalar()

    assert "untold" not in str(caught.value)
    assert left == 2


def test_a_race_that_was_lost_is_told_by_the_database(database: Database) -> None:
    """The way of a write to its caller is that of any other statement."""
    with pytest.raises(LedgerError, match=r"Another writer was first"):
        database.write(lambda connection: INSERT.run(connection, {"id": 1}))


def test_a_connection_that_broke_is_let_go_of(database: Database) -> None:
    """What hung up is not handed out again, nor what rests in the pool beside it."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("there is nobody to hang up")

    def hang_up(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.pgconn.finish()

    with database.engine.connect() as connection:
        hang_up(connection)
        with pytest.raises(DBAPIError, match=r"(?i)closed") as caught:
            BY_ID.first(connection, {"wanted": 1})
    with database.reading() as connection:
        found = BY_ID.first(connection, {"wanted": 1})

    assert caught.value.connection_invalidated
    assert found is not None


def test_it_is_counted_among_the_statements(database: Database) -> None:
    """Whoever listens to the engine hears of it: what a request costs is counted so."""
    with executed() as statements, database.reading() as connection:
        BY_ID.first(connection, {"wanted": 1})

    assert len(statements) == 1
    assert statements[0].startswith("SELECT")


def test_statements_that_are_not_waited_for_are_all_executed(database: Database) -> None:
    """In their order, and what one of them finds is what those before it wrote."""

    def work(connection: Connection) -> Found | None:
        with unawaited(connection):
            INSERT.run(connection, {"id": 8})
            found = BY_ID.first(connection, {"wanted": 8})
            INSERT.run(connection, {"id": 9})
        return found

    during = database.write(work)
    with database.reading() as connection:
        after = [BY_ID.first(connection, {"wanted": number}) for number in (8, 9)]

    assert None not in (during, *after)


def test_a_fault_that_was_not_waited_for_is_told(database: Database) -> None:
    """At the end at the latest, as any other; nothing is kept, and the connection goes on."""

    def work(connection: Connection) -> None:
        with unawaited(connection):
            INSERT.run(connection, {"id": 8})
            INSERT.run(connection, {"id": 1})

    with pytest.raises(LedgerError, match=r"Another writer was first"):
        database.write(work)
    with database.reading() as connection:
        found = BY_ID.first(connection, {"wanted": 8})

    assert found is None


def test_a_fault_of_the_block_itself_is_the_one_told(database: Database) -> None:
    """Not one that a statement would have had."""

    def work(connection: Connection) -> None:
        with unawaited(connection):
            INSERT.run(connection, {"id": 8})
            raise LedgerError("on purpose")

    with pytest.raises(LedgerError, match="on purpose"):
        database.write(work)
    with database.reading() as connection:
        assert BY_ID.first(connection, {"wanted": 8}) is None


@pytest.mark.parametrize("inside", [False, True])
def test_several_are_executed_together_in_their_order(database: Database, inside: bool) -> None:
    """Each finds what those before it wrote, within a block of unawaited ones too."""

    def work(connection: Connection) -> list[list[Found]]:
        with unawaited(connection) if inside else nullcontext():
            found = together(connection, (BY_ID, {"wanted": 8}), (ADD, {"id": 8}), (BY_ID, {"wanted": 8}))
            INSERT.run(connection, {"id": 9})
        return found

    before, added, after = database.write(work)
    with database.reading() as connection:
        assert BY_ID.first(connection, {"wanted": 9}) is not None

    assert before == []
    assert [row.id for row in added] == [row.id for row in after] == [8]


@pytest.mark.parametrize("inside", [False, True])
def test_a_fault_of_one_among_several_is_told(database: Database, inside: bool) -> None:
    """As its own, not as one of those that came after it."""

    def work(connection: Connection) -> None:
        with unawaited(connection) if inside else nullcontext():
            together(connection, (ADD, {"id": 8}), (ADD, {"id": 1}), (BY_ID, {"wanted": 8}))

    with pytest.raises(LedgerError, match=r"Another writer was first"):
        database.write(work)
    with database.reading() as connection:
        found = BY_ID.first(connection, {"wanted": 8})

    assert found is None
