"""Types that mean the same on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from churn_saver.errors import LedgerError
from churn_saver.store.columns import IN_LIST, HexId, UtcDateTime, among, chunks, utc

POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]

moments = Table("moments", MetaData(), Column("at", UtcDateTime), Column("name", HexId))


def test_moments_come_back_in_utc() -> None:
    """A moment of another zone is stored in UTC and comes back aware."""
    engine = create_engine("sqlite://")
    kabul = datetime(2026, 3, 2, 21, 30, tzinfo=timezone(timedelta(hours=4, minutes=30)))

    with engine.begin() as connection:
        moments.metadata.create_all(connection)
        connection.execute(insert(moments), [{"at": kabul, "name": "0f" * 16}, {"at": None, "name": None}])
        rows = connection.execute(select(moments)).all()
    engine.dispose()

    assert rows[0].at == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert rows[0].at.tzinfo is UTC
    assert rows[0].name == "0f" * 16
    assert tuple(rows[1]) == (None, None)


def test_an_aware_answer_of_the_driver_is_turned_into_utc() -> None:
    """PostgreSQL answers in the session's zone: 19:00+02:00 is 17:00 UTC."""
    answer = datetime(2026, 3, 2, 19, 0, tzinfo=timezone(timedelta(hours=2)))

    found = UtcDateTime().process_result_value(answer, POSTGRESQL)

    assert found == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused() -> None:
    """Nobody knows when a naive moment is, so it never reaches the database."""
    naive = datetime(2026, 3, 2, 17, 0)
    engine = create_engine("sqlite://")

    with pytest.raises(LedgerError, match="2026-03-02T17:00:00 has no zone"):
        utc(naive)
    with engine.begin() as connection:
        moments.metadata.create_all(connection)
        with pytest.raises(StatementError, match="has no zone"):
            connection.execute(insert(moments), [{"at": naive, "name": None}])
    engine.dispose()


def test_ids_are_half_the_size_of_their_text() -> None:
    """32 hex digits are bound as 16 bytes."""
    bound = HexId().process_bind_param("00ff" * 8, sqlite.dialect())

    assert bound == b"\x00\xff" * 8


def test_a_run_of_numbers_is_one_range() -> None:
    """3, 4, 5 is a range, 3, 5 is a list, nothing is an empty answer."""
    column: Column[int] = Column("id", Integer)

    run, (gap,), none = list(among(column, [3, 4, 5])), among(column, [3, 5]), list(among(column, []))

    assert [str(one) for one in run] == ["id BETWEEN :id_1 AND :id_2"]
    assert "IN" in str(gap)
    assert none == []


def test_chunks_cover_the_list_once() -> None:
    """25,000 values make two full chunks and a half one; none is lost."""
    pieces = list(chunks(list(range(25_000))))

    assert [len(piece) for piece in pieces] == [IN_LIST, IN_LIST, 5_000]
    assert [value for piece in pieces for value in piece] == list(range(25_000))
