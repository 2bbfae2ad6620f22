"""Columns become rows on both databases."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Date, Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.dialects import postgresql

from churn_saver.store.bulk import insert_columns
from churn_saver.store.columns import HexId, UtcDateTime
from tests.builders import NOON

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]

things = Table(
    "things", MetaData(),
    Column("id", Integer, primary_key=True), Column("word", String(9), unique=True),
    Column("day", Date), Column("name", HexId), Column("at", UtcDateTime),
)  # fmt: skip


def test_columns_become_rows() -> None:
    """Values are converted by the columns' types; a column that is not given is NULL."""
    engine = create_engine("sqlite://")

    with engine.begin() as connection:
        things.metadata.create_all(connection)
        insert_columns(
            connection, things,
            {"name": ["ab" * 16, None], "id": [1, 2], "day": [date(2026, 3, 2), None], "at": [NOON, None]},
        )  # fmt: skip
        insert_columns(connection, things, {"id": []})
        rows = connection.execute(select(things).order_by(things.c.id)).all()
    engine.dispose()

    assert [tuple(row) for row in rows] == [
        (1, None, date(2026, 3, 2), "ab" * 16, NOON),
        (2, None, None, None, None),
    ]


def test_moments_are_written_row_by_row_whatever_they_share() -> None:
    """Equal moments in two zones, one an hour later and none at all: each row gets its own."""
    engine, there = create_engine("sqlite://"), NOON.astimezone(ZoneInfo("Asia/Tokyo"))

    with engine.begin() as connection:
        things.metadata.create_all(connection)
        insert_columns(connection, things, {"at": [NOON, there, None, NOON + timedelta(hours=1), NOON]})
        rows = connection.execute(select(things.c.at).order_by(things.c.id)).scalars().all()
    engine.dispose()

    assert rows == [NOON, NOON, None, NOON + timedelta(hours=1), NOON]


def test_what_is_there_already_can_be_left_alone() -> None:
    """Of two words, one known, only the new one is added."""
    engine = create_engine("sqlite://")

    with engine.begin() as connection:
        things.metadata.create_all(connection)
        insert_columns(connection, things, {"word": ["a"]})
        insert_columns(connection, things, {"word": ["a", "b"]}, skip_existing=True)
        rows = connection.execute(select(things.c.id, things.c.word).order_by(things.c.id)).all()
    engine.dispose()

    assert [tuple(row) for row in rows] == [(1, "a"), (2, "b")]


class Spy:
    """A connection to PostgreSQL, its driver's and a cursor, that only writes down what it is told."""

    def __init__(self) -> None:
        """Start with nothing said, and nobody who listens."""
        self.dialect, self.connection, self.dispatch = POSTGRESQL, self, self
        self.before_cursor_execute: tuple[()] = ()
        self.said: list[tuple[str, object]] = []

    def cursor(self) -> "Spy":
        """Be the cursor too."""
        return self

    def executemany(self, statement: str, rows: object) -> None:
        """Write it down."""
        self.said.append((statement, rows))

    def close(self) -> None:
        """Do nothing."""


def test_a_driver_that_wants_names_gets_names() -> None:
    """PostgreSQL's drivers take rows by name, and the same clause for rows that are there."""
    spy = Spy()

    named = {"id": [1, 2], "word": ["a", "b"]}
    insert_columns(spy, things, named, skip_existing=True)  # type: ignore[arg-type]

    ((statement, rows),) = spy.said
    assert rows == [{"id": 1, "word": "a"}, {"id": 2, "word": "b"}]
    assert "ON CONFLICT DO NOTHING" in statement
    assert "%(word)s" in statement
