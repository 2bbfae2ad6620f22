"""A backup is one whole moment; what is restored is verified first and replaces nothing that is in use."""

import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.store import Store, open_store, sqlite_url
from churn_saver.store.backup import Head, backup, restore, verify_all
from churn_saver.store.reservations import is_decision_id
from tests.builders import NOON, campaign
from tests.ledgers import new_ledger
from tests.unit.store.batches import offers


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Write a ledger with a campaign and a contact."""
    path = tmp_path / "ledger.db"
    with open_store(new_ledger(path)) as store:
        store.campaigns.open(campaign())
        store.settle("spring", offers(["A"]), NOON)
    return path


def heads(path: Path) -> dict[str | None, Head]:
    """Ask a ledger itself for the heads of its chains."""
    with open_store(sqlite_url(path), create=False) as store:
        found = verify_all(store, NOON)
    return {name: Head(check.rows, check.head) for name, check in found.items()}


def names(folder: Path) -> set[str]:
    """Name the files of a folder."""
    return {path.name for path in folder.iterdir()}


def test_a_backup_is_the_ledger_at_one_moment(ledger: Path, tmp_path: Path) -> None:
    """While the ledger goes on, the copy stays what it was: one private file, nothing beside it."""
    target = tmp_path / "kept" / "backup.db"
    with open_store(sqlite_url(ledger)) as store:
        before = heads(ledger)
        told = backup(sqlite_url(ledger), target)
        store.settle("spring", offers(["B"]), NOON)
    restored = tmp_path / "restored.db"
    checks = restore(sqlite_url(restored), target, replace=False, now=NOON)

    assert names(target.parent) == {"backup.db"}
    assert target.stat().st_mode & 0o777 == 0o600
    assert told == before
    assert {name: Head(check.rows, check.head) for name, check in checks.items()} == before
    assert {name: check.rows for name, check in checks.items()} == {None: 3, "spring": 2}
    assert heads(ledger)["spring"].rows == 3
    with open_store(sqlite_url(restored)) as store:
        assert store.verify("spring", NOON).reserved_minor == 1_000


def test_a_backup_replaces_nothing(ledger: Path, tmp_path: Path) -> None:
    """A file that is there is named and stays."""
    target = tmp_path / "backup.db"
    target.write_text("precious")

    with pytest.raises(LedgerError, match=r"backup\.db is there already"):
        backup(sqlite_url(ledger), target)

    assert target.read_text() == "precious"


def test_a_ledger_is_replaced_only_when_asked(ledger: Path, tmp_path: Path) -> None:
    """Without --replace it stays; with it the ledger is the backup, and its file mode is what it was."""
    target = tmp_path / "backup.db"
    backup(sqlite_url(ledger), target)
    kept = heads(ledger)
    ledger.chmod(0o640)
    with open_store(sqlite_url(ledger)) as store:
        store.settle("spring", offers(["B"]), NOON)

    with pytest.raises(LedgerError, match=r"there is a ledger at .*ledger\.db\. Say --replace"):
        restore(sqlite_url(ledger), target, replace=False, now=NOON)
    untouched = heads(ledger)
    restore(sqlite_url(ledger), target, replace=True, now=NOON)

    assert untouched["spring"].rows == 3
    assert heads(ledger)["spring"] == kept["spring"]
    assert ledger.stat().st_mode & 0o777 == 0o640


def test_a_ledger_in_use_is_not_replaced(ledger: Path, tmp_path: Path) -> None:
    """Whoever has it open would write on to a file without a name: it is refused, and nothing is lost."""
    target = tmp_path / "backup.db"
    backup(sqlite_url(ledger), target)

    with open_store(sqlite_url(ledger)) as store:
        store.settle("spring", offers(["B"]), NOON)
        with pytest.raises(LedgerError, match=r"ledger\.db is in use\. Stop"):
            restore(sqlite_url(ledger), target, replace=True, now=NOON)
        store.settle("spring", offers(["C"]), NOON)

    assert heads(ledger)["spring"].rows == 4
    assert names(tmp_path) == {"ledger.db", "backup.db"}


def test_what_is_no_file_is_not_replaced(ledger: Path, tmp_path: Path) -> None:
    """A folder where the ledger should be is named, and stays."""
    backup(sqlite_url(ledger), tmp_path / "backup.db")
    folder = tmp_path / "folder"
    folder.mkdir()

    with pytest.raises(
        LedgerUnavailable, match=r"folder cannot be replaced: .*\. Name another in DATABASE_URL"
    ):
        restore(sqlite_url(folder), tmp_path / "backup.db", replace=True, now=NOON)

    assert names(folder) == set()
    assert {name for name in names(tmp_path) if not name.startswith("ledger.db")} == {"backup.db", "folder"}


def test_a_backup_that_was_changed_is_not_restored(ledger: Path, tmp_path: Path) -> None:
    """One edited amount: the chain tells, the ledger stays, nothing half-done is left."""
    target = tmp_path / "backup.db"
    backup(sqlite_url(ledger), target)
    with sqlite3.connect(target) as connection:
        connection.execute("UPDATE decisions SET needs_minor = 999")
    connection.close()
    before = heads(ledger)

    with pytest.raises(LedgerError, match=r"row 2 \(settle\): settlement 1 or one of its decisions"):
        restore(sqlite_url(ledger), target, replace=True, now=NOON)

    assert heads(ledger) == before
    assert names(tmp_path) == {"ledger.db", "backup.db"}


def test_a_damaged_ledger_can_be_replaced(ledger: Path, tmp_path: Path) -> None:
    """Nobody can open it, so nobody has; the log that its process left beside it goes too."""
    target = tmp_path / "backup.db"
    backup(sqlite_url(ledger), target)
    kept = heads(ledger)
    ledger.write_bytes(b"not a database" * 400)
    (tmp_path / "ledger.db-wal").write_bytes(b"left behind")

    restore(sqlite_url(ledger), target, replace=True, now=NOON)

    assert heads(ledger)["spring"] == kept["spring"]
    assert names(tmp_path) == {"ledger.db", "backup.db"}


def test_a_restored_ledger_contacts_nobody_and_names_no_decision_twice(ledger: Path, tmp_path: Path) -> None:
    """B was contacted after the backup and C comes after the restore, as the same row: another decision.

    A receiver that has B's message would take C's for a copy of it, and B's acceptance would spend C's offer.
    """
    target = tmp_path / "backup.db"
    backup(sqlite_url(ledger), target)
    with open_store(sqlite_url(ledger)) as store:
        (gone,) = store.settle("spring", offers(["B"]), NOON).decision_ids
        store.suppress("B", NOON)
    restore(sqlite_url(ledger), target, replace=True, now=NOON)

    with open_store(sqlite_url(ledger)) as store:
        control = store.control()
        claimed = store.outbox.claim(9, NOON, "a", timedelta(minutes=1))
        store.set_control(baseline=False, stopped=False, by="tests", now=NOON)
        (made,) = store.settle("spring", offers(["C"]), NOON).decision_ids
        with pytest.raises(LedgerError, match=f"there is no decision '{gone}'"):
            store.record_outcome(gone, OutcomeKind.ACCEPTED, NOON, NOON)
        verify_all(store, NOON)

    assert (control.stopped, control.changed_by, claimed) == (True, "ledger restore", [])
    assert is_decision_id(made)
    assert made != gone


def test_what_is_no_ledger_is_named(tmp_path: Path) -> None:
    """Neither an absent ledger nor a text file can be copied, and nothing is made of them."""
    (tmp_path / "text.db").write_text("customer_id,contact\n" * 100)

    with pytest.raises(LedgerUnavailable, match=r"no ledger at .*absent\.db"):
        backup(sqlite_url(tmp_path / "absent.db"), tmp_path / "backup.db")
    with pytest.raises(LedgerUnavailable, match=r"text\.db cannot be copied: file is not a database"):
        restore(sqlite_url(tmp_path / "new.db"), tmp_path / "text.db", replace=False, now=NOON)
    with pytest.raises(LedgerUnavailable, match=r"names no file"):
        backup("sqlite://", tmp_path / "backup.db")
    with pytest.raises(LedgerUnavailable, match=r"is not a URL"):
        backup("ledger.db", tmp_path / "backup.db")

    assert names(tmp_path) == {"text.db"}


def test_a_folder_that_cannot_be_made_is_named(ledger: Path) -> None:
    """A file stands where the folder would be."""
    with pytest.raises(LedgerUnavailable, match=r"cannot be written \(.*\)\. Name another place"):
        backup(sqlite_url(ledger), ledger / "backup.db")


def test_a_server_has_tools_of_its_own() -> None:
    """The command for PostgreSQL is named, without the password that the URL holds."""
    url = "postgresql://me:hunter2@host/books"

    for work, tool in (
        (lambda: backup(url, Path("b.dump")), "pg_dump --format=custom --file=b.dump"),
        (lambda: restore(url, Path("b.dump"), False, NOON), "pg_restore --clean --if-exists"),
    ):
        with pytest.raises(LedgerError, match=re.escape(tool)) as caught:
            work()
        assert "hunter2" not in str(caught.value)


def test_all_chains_and_all_money_are_verified(store: Store) -> None:
    """One check for each campaign and one for what belongs to none."""
    store.campaigns.open(campaign(campaign_id="winter"))

    checks = verify_all(store, NOON)

    assert {name: check.rows for name, check in checks.items()} == {None: 4, "spring": 1, "winter": 1}
