"""Back up and restore a ledger that is a SQLite file; a server has tools of its own for that.

A backup is one moment of a ledger that others go on writing to, by SQLite's online backup
(https://www.sqlite.org/backup.html): a whole file, or none. What is restored is verified first, beside
the place it goes to, and replaces nothing that is in use. A backup holds what it held: erasures, marks,
outcomes and sendings since are not in it, so a restored ledger contacts nobody until somebody says so.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.store.chain_rows import Noted
from churn_saver.store.connecting import sqlite_url
from churn_saver.store.ledger import Store, open_store
from churn_saver.store.verifying import ChainCheck

BY = "ledger restore"
"""Who threw the switch that stops all contacts."""
WAIT_SECONDS = 30
"""How long a copy waits for a writer."""
_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file that is open, or that was open when its process died."""
_HEADS = """
    SELECT campaigns.campaign_id, chains.number, chains.digest FROM chains
    LEFT JOIN campaigns ON campaigns.id = chains.campaign_ref ORDER BY chains.campaign_ref
"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where an audit chain ended at the moment of a backup."""

    rows: int
    digest: str
    """Of the last row, hex."""


Heads = Mapping[str | None, Head]
"""By campaign; None: the chain of what belongs to no campaign."""
Checks = Mapping[str | None, ChainCheck]
NOTHING_NOTED: Mapping[str | None, Noted] = {}


def backup(database_url: str, target: Path) -> Heads:
    """Copy a ledger into a file, while others may write to it.

    Args:
        database_url: Of the ledger.
        target: The new file; only its owner may read it.

    Returns:
        The heads of its audit chains; none of a ledger that is older than they are.

    Raises:
        LedgerUnavailable: no such ledger, or it cannot be copied.
        LedgerError: the file is there already, or the ledger is on a server.
    """
    source = _file_of(database_url, f"pg_dump --format=custom --file={target} --dbname=URL")
    if target.exists():
        raise LedgerError(f"{target} is there already, and a backup replaces nothing. Name another file.")
    with _side_of(target) as side:
        _copy(source, side)
        with closing(sqlite3.connect(side)) as connection:
            known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'chains'").fetchone()
            rows = connection.execute(_HEADS).fetchall() if known else []
        _put(side, target)
    return {campaign_id: Head(number, digest.hex()) for campaign_id, number, digest in rows}


def restore(database_url: str, source: Path, replace: bool, now: datetime) -> Checks:
    """Put a backup in the place of a ledger, when it holds what its audit chains tell; stop all contacts.

    Args:
        database_url: Of the ledger; migrated when the backup is older than this version.
        source: A file that `backup` wrote.
        replace: There may be a ledger already; it is gone then.
        now: Aware.

    Returns:
        What was found in the backup, before the switch was thrown.

    Raises:
        LedgerUnavailable: the backup cannot be read, or is of a newer version.
        LedgerError: it does not hold together; there is a ledger and `replace` is not said, or it is in
            use; or the ledger is on a server.
    """
    target = _file_of(database_url, f"pg_restore --clean --if-exists --dbname=URL {source}")
    if target.exists() and not replace:
        raise LedgerError(
            f"there is a ledger at {target}. Say --replace to lose it, or name another in DATABASE_URL."
        )
    with _side_of(target) as side:
        _copy(source, side)
        with open_store(sqlite_url(side), create=False) as store:
            checks = verify_all(store, now)
            store.set_control(store.control().baseline, stopped=True, by=BY, now=now)
        _close_log(side)
        if target.exists():
            _take(target)
            side.chmod(stat.S_IMODE(target.stat().st_mode))
        _put(side, target)
    return checks


def verify_all(store: Store, now: datetime, noted: Mapping[str | None, Noted] = NOTHING_NOTED) -> Checks:
    """Check every audit chain, and add up every campaign's money.

    Args:
        store: The ledger.
        now: Aware.
        noted: Heads that were noted at other times, by campaign; None: of no campaign.

    Raises:
        CampaignError: a head was noted of a campaign that is not there.
        LedgerError: names the first thing that does not hold.
    """
    names = [campaign.campaign_id for campaign in store.campaigns.list()]
    missing = [name for name in noted if name is not None and name not in names]
    found: dict[str | None, ChainCheck] = {None: store.verify_chain(None, noted.get(None, {}))}
    for name in names + missing:
        store.verify(name, now)
        found[name] = store.verify_chain(name, noted.get(name, {}))
    return found


def _file_of(database_url: str, command: str) -> Path:
    """Name the file of a ledger."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise LedgerUnavailable(
            "DATABASE_URL is not a URL, wanted one such as sqlite:///var/ledger.db"
        ) from None
    if url.get_backend_name() != "sqlite":
        raise LedgerError(
            f"the ledger is on a server, which has its own tool for this: {command} (URL as DATABASE_URL "
            "has it, beginning with postgresql://). After a restore: churn-saver control set --stopped, "
            "churn-saver ledger verify"
        )
    if not url.database:
        raise LedgerUnavailable("DATABASE_URL names no file, wanted one such as sqlite:///var/ledger.db")
    return Path(url.database)


@contextmanager
def _side_of(target: Path) -> Iterator[Path]:
    """Make an empty file beside a place; whatever is left of it in the end is removed."""
    side = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        side.unlink(missing_ok=True)
        os.close(os.open(side, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield side
    except OSError as error:
        raise LedgerUnavailable(
            f"{target} cannot be written ({error.strerror}). Name another place."
        ) from error
    finally:
        for ending in ("", *_BESIDE):
            # What cannot be removed could not be made either, and that has been said.
            with suppress(OSError):
                Path(f"{side}{ending}").unlink(missing_ok=True)


def _copy(source: Path, side: Path) -> None:
    if not source.is_file():
        raise LedgerUnavailable(f"there is no ledger at {source}. Check the path and DATABASE_URL.")
    try:
        uri = f"file:{quote(str(source.absolute()))}?mode=ro"
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=WAIT_SECONDS)) as found,
            closing(sqlite3.connect(side)) as made,
        ):
            found.backup(made)
        _close_log(side)
        with closing(sqlite3.connect(side)) as made:
            fault = str(made.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        fault = str(error)
    if fault != "ok":
        raise LedgerUnavailable(f"{source} cannot be copied: {fault}. It is damaged, or no ledger.") from None


def _close_log(path: Path) -> None:
    """Make a file whole by itself, without a log beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _take(target: Path) -> None:
    """See that nobody has a ledger open that is about to go, and take its log away.

    SQLite gives up its log only when nobody else is there; one who wrote on would write to a file that
    no longer has a name.
    """
    try:
        with closing(sqlite3.connect(target, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise LedgerUnavailable(
                f"ledger {target} cannot be replaced: {error}. Name another in DATABASE_URL."
            ) from None
        raise LedgerError(
            f"ledger {target} is in use. Stop `churn-saver serve`, `dispatch` and `decide` first."
        ) from None
    except sqlite3.DatabaseError:
        pass  # Damaged: that may be why it is replaced.
    for ending in _BESIDE:
        Path(f"{target}{ending}").unlink(missing_ok=True)


def _put(side: Path, target: Path) -> None:
    """Give a file its name, on the disk before it has it."""
    _sync(side)
    side.replace(target)
    # Where a folder cannot be opened like a file, the name is as durable as the system makes it.
    with suppress(PermissionError):
        _sync(target.parent)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
