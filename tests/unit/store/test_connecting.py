"""A URL becomes an engine, or a message that says what is wrong with it."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine.interfaces import DBAPIConnection

from churn_saver.errors import LedgerUnavailable
from churn_saver.store import connecting
from churn_saver.store.connecting import engine_for, sqlite_url
from churn_saver.store.database import connect
from churn_saver.store.deadlines import within
from churn_saver.store.migrating import migrate
from tests.postgres import ON_POSTGRESQL, ON_SQLITE


def test_folders_are_made(tmp_path: Path) -> None:
    """The folder of a new ledger is made with it."""
    path = tmp_path / "a" / "b" / "ledger.db"

    made = connect(f"sqlite:///{path}", create=True)
    migrate(made)
    made.close()

    assert path.is_file()


def test_nothing_is_made_unasked(tmp_path: Path) -> None:
    """Without `create` an absent ledger is named and not made; a present one opens."""
    path = tmp_path / "a" / "ledger.db"

    with pytest.raises(LedgerUnavailable, match=r"no ledger at .*ledger\.db"):
        connect(f"sqlite:///{path}", create=False)

    assert not path.parent.exists()

    migrate(made := connect(f"sqlite:///{path}", create=True))
    made.close()
    again = connect(f"sqlite:///{path}", create=False)
    migrate(again)
    again.close()


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("ledger.db", "not a URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("nosuch://host/db", "names 'nosuch', wanted sqlite or postgresql"),
        ("mysql://host/db", "names 'mysql', wanted sqlite or postgresql"),
        ("postgresql+nosuch://host/db", r"nosuch.*cannot be loaded.*churn-saver\[postgres\]"),
    ],
)
def test_urls_that_cannot_be_used(url: str, match: str) -> None:
    """A URL that names no database says what is wanted."""
    with pytest.raises(LedgerUnavailable, match=match):
        connect(url, create=True)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where a file stands in the way of the folder, the path is named."""
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(LedgerUnavailable, match=r"taken/ledger\.db cannot be made"):
        connect(f"sqlite:///{tmp_path}/taken/ledger.db", create=True)


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_server_is_reached_by_psycopg(name: str) -> None:
    """Whatever a provider calls it; how long to wait for an answer may stand in the URL."""
    engine = engine_for(f"{name}://me:secret@127.0.0.1:1/books?connect_timeout=1", create=False)

    assert engine.driver == "psycopg"
    assert engine.url.query == {"connect_timeout": "1"}
    assert "secret" not in repr(engine)


@ON_POSTGRESQL
def test_a_server_is_durable_and_patient(database_url: str) -> None:
    """Every connection waits for its commit to be on disk, and for another's lock for half a minute."""
    engine = engine_for(database_url, create=False)

    with engine.connect() as connection:
        found = {
            name: connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("synchronous_commit", "lock_timeout")
        }
    engine.dispose()

    assert found == {"synchronous_commit": "on", "lock_timeout": "30s"}


@ON_POSTGRESQL
def test_a_peer_that_is_gone_is_noticed(database_url: str) -> None:
    """The system looks for it in the caller's place, and the server looks for its caller."""
    engine = engine_for(f"{database_url}&keepalives_idle=7", create=False)
    with engine.connect() as connection:
        looks = connection.execute(text("SHOW client_connection_check_interval")).scalar()
        driver = connection.connection.driver_connection
        told = {} if driver is None else driver.info.get_parameters()
    engine.dispose()

    assert looks == "1s"
    assert told | {"keepalives_idle": "7", "tcp_user_timeout": "20000", "connect_timeout": "10"} == told


@ON_SQLITE
def test_a_file_is_waited_for_as_long_as_there_is_time(database_url: str) -> None:
    """On the very connection that waited longer before, and waits longer after."""
    engine = engine_for(database_url, create=True)
    found = []
    for seconds in (3_600, 0, 3_600):
        with within(seconds), engine.begin() as connection:
            found.append(connection.exec_driver_sql("PRAGMA busy_timeout").scalar())
    with engine.begin() as connection:
        found.append(connection.exec_driver_sql("PRAGMA busy_timeout").scalar())
    engine.dispose()

    assert found == [30_000, 0, 30_000, 30_000]


def test_the_url_of_a_file_survives_its_path(tmp_path: Path) -> None:
    """Signs that mean something in a URL mean nothing in the path."""
    path = tmp_path / "a b?c#d%20.db"

    engine = engine_for(sqlite_url(path), create=True)

    assert engine.url.database == str(path)
    engine.dispose()


@ON_POSTGRESQL
@pytest.mark.parametrize(("seconds", "asked"), [(3_600.0, 0), (0.0, 2)])
def test_a_connection_is_asked_only_when_it_rested(
    database_url: str, monkeypatch: pytest.MonkeyPatch, seconds: float, asked: int
) -> None:
    """The first of three users made it, the two others found it resting."""
    monkeypatch.setattr(connecting, "RESTED_SECONDS", seconds)
    engine, pings = engine_for(database_url, create=False), list[object]()
    ping = engine.dialect.do_ping

    def counted(connection: DBAPIConnection) -> bool:
        pings.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", counted)

    for _ in range(3):
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    engine.dispose()

    assert len(pings) == asked
