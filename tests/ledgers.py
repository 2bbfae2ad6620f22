"""New SQLite ledgers: migrated once, then copied, since to migrate takes longer than most tests."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from churn_saver.store import open_store, sqlite_url


def new_ledger(path: Path) -> str:
    """Write an empty ledger that is migrated, and its folder, and give its URL; one that is there stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(_migrated())
    return sqlite_url(path)


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        open_store(sqlite_url(path)).close()
        return path.read_bytes()
