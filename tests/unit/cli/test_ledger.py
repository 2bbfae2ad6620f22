"""`churn-saver ledger` as a person runs it: what is printed, and what is left alone."""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.errors import CampaignError, ConfigError, InputError, LedgerError, LedgerUnavailable
from churn_saver.store import open_store, sqlite_url
from churn_saver.store.database import connect
from churn_saver.store.migrating import migrate
from tests.builders import campaign
from tests.ledgers import new_ledger
from tests.unit.store.batches import offers

LEDGER = Path("ledger.db")
TODAY = datetime.now(UTC)
"""The commands look at the clock themselves: what is held must be held today."""
HEAD = re.compile(r"(?m)^(.+): ([\d,]+) rows, head ([0-9a-f]{64})$")
Chains = list[tuple[str, int, str]]
"""Name, rows and head of each chain."""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, on a screen too narrow for a head."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url(LEDGER))
    monkeypatch.setenv("COLUMNS", "40")


def write(ids: Sequence[str] = ("A", "B"), names: Sequence[str] = ("autumn", "spring")) -> None:
    """Open campaigns where there are none, and decide in the last one."""
    with open_store(new_ledger(LEDGER)) as store:
        there = {one.campaign_id for one in store.campaigns.list()}
        for name in names:
            if name not in there:
                store.campaigns.open(campaign(campaign_id=name, starts_at=TODAY - timedelta(days=1)))
        for one in ids:
            store.settle(names[-1], offers([one], at=TODAY), TODAY)


def chains() -> Chains:
    """Ask the ledger itself for its chains."""
    with open_store(sqlite_url(LEDGER), create=False) as store:
        names = [None, *sorted(one.campaign_id for one in store.campaigns.list())]
        found = {name: store.verify_chain(name) for name in names}
    return sorted((name or "of no campaign", one.rows, one.head) for name, one in found.items())


def printed(result: Result) -> Chains:
    """Read the chains out of what a command printed."""
    assert result.exit_code == 0, result.output
    return sorted(
        (name, int(rows.replace(",", "")), head) for name, rows, head in HEAD.findall(result.output)
    )


def said(result: Result) -> str:
    """Give what a command printed, in one line."""
    return " ".join(result.output.split())


def edit(statement: str) -> None:
    """Change the ledger behind its back."""
    with closing(sqlite3.connect(LEDGER)) as connection:
        connection.execute(statement)
        connection.commit()


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, ["ledger", *arguments])


def test_a_backup_prints_every_head_whole() -> None:
    """One line for each chain, however narrow the screen is, and where the copy lies."""
    write()

    result = run("backup", "kept/backup.db")

    assert printed(result) == chains()
    assert [name for name, _, _ in printed(result)] == ["autumn", "of no campaign", "spring"]
    assert "backed up to kept/backup.db; note the heads somewhere else" in said(result)
    assert Path("kept/backup.db").is_file()


def test_a_backup_is_of_the_ledger_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not there is not made; on a server it is the server's own tool that copies."""
    for url, error, message in (
        ("sqlite:///nowhere.db", LedgerUnavailable, r"nowhere\.db"),
        ("postgresql://u:secret@localhost/books", LedgerError, r"pg_dump --format=custom --file=b\.db"),
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        result = run("backup", "b.db")
        assert isinstance(result.exception, error)
        assert re.search(message, str(result.exception))
        assert "secret" not in f"{result.exception}{result.output}"
    monkeypatch.setenv("K_SERVICE", "churn-saver")
    monkeypatch.delenv("DATABASE_URL")

    assert isinstance(run("backup", "b.db").exception, ConfigError)
    assert list(Path().iterdir()) == []


def test_a_restored_ledger_is_the_backup() -> None:
    """What was settled since is gone, the heads are the backup's, and the reader is told what to repeat."""
    write()
    before = chains()
    run("backup", "backup.db")
    write(["C"])

    result = run("restore", "--replace", "backup.db")

    assert printed(result) == before
    assert [one for one in chains() if one[0] == "spring"] == [one for one in before if one[0] == "spring"]
    assert "restored from backup.db; chains and money hold" in said(result)
    told = said(result)
    assert all(
        word in told for word in ("erase ID", "suppress import", "outcomes", "control set --no-stopped")
    )
    assert run("verify").exit_code == 0


def test_a_ledger_is_lost_only_when_that_is_said() -> None:
    """Without --replace it stays as it is, and so does a ledger whose backup does not hold together."""
    write()
    run("backup", "backup.db")
    write(["C"])
    before = chains()
    with closing(sqlite3.connect("backup.db")) as connection:
        connection.execute("UPDATE reservations SET offer_minor = 1")
        connection.commit()

    unasked, broken = run("restore", "backup.db"), run("restore", "backup.db", "--replace")

    assert isinstance(unasked.exception, LedgerError)
    assert "Say --replace to lose it" in str(unasked.exception)
    assert isinstance(broken.exception, LedgerError)
    assert "campaign 'spring'" in str(broken.exception)
    assert "restored" not in unasked.output + broken.output
    assert chains() == before


def test_all_chains_are_verified_or_one() -> None:
    """A campaign's name leaves the others out, whatever is wrong with them."""
    write()
    heads = chains()
    everything, one = run("verify"), run("verify", "spring")
    edit("UPDATE campaigns SET limit_minor = limit_minor + 1 WHERE campaign_id = 'autumn'")

    assert printed(everything) == heads
    assert printed(one) == [chain for chain in heads if chain[0] == "spring"]
    assert "note the heads somewhere else, and compare with --head" in said(one)
    assert printed(run("verify", "spring")) == printed(one)
    assert "campaign 'autumn'" in str(run("verify").exception)
    assert "campaign 'autumn'" in str(run("verify", "autumn").exception)


@pytest.mark.parametrize("asked", [(), ("spring",)])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE campaigns SET reserved_minor = 5 WHERE campaign_id = 'spring'", "running totals"),
        ("UPDATE decisions SET choice = 4", "one of its decisions was changed"),
    ],
)
def test_money_and_chain_are_both_looked_at(asked: tuple[str, ...], statement: str, message: str) -> None:
    """Of all campaigns or of one: what does not hold is the error, and nothing says that all is well."""
    write()
    edit(statement)

    result = run("verify", *asked)

    assert isinstance(result.exception, LedgerError)
    assert "campaign 'spring'" in str(result.exception)
    assert message in str(result.exception)
    assert result.output == ""


def test_a_campaign_that_is_not_there_is_named() -> None:
    """Instead of a chain of nothing that holds."""
    write()

    result = run("verify", "summer")

    assert isinstance(result.exception, CampaignError)
    assert "'summer'" in str(result.exception)


def test_decisions_older_than_the_chains_are_told_of() -> None:
    """They are covered as the upgrade found them; where there is none, nothing is said of them."""
    database = connect(sqlite_url(LEDGER), create=True)
    migrate(database)
    database.close()
    write(names=["spring"])
    before = said(run("verify"))
    database = connect(sqlite_url(LEDGER), create=False)
    migrate(database, "0003")
    migrate(database)
    database.close()

    assert "older than the audit chains" not in before
    assert "note 2 decisions older than the audit chains, covered as they stood" in said(run("verify"))
    assert "note 2 decisions older" in said(run("verify", "spring"))


def test_a_noted_head_is_compared() -> None:
    """It is found in a chain that has grown since; of an older copy, or of a chain made anew, it is not."""
    write()
    run("backup", "backup.db")
    noted = [f"{'' if name == 'of no campaign' else name}={rows}:{head}" for name, rows, head in chains()]
    write(["C"])
    grown = [f"{'' if name == 'of no campaign' else name}={rows}:{head}" for name, rows, head in chains()]
    heads = [word for one in noted + grown for word in ("--head", one)]
    alike = run("verify", *heads), run("verify", "spring", "--head", noted[2])
    other = run("verify", "--head", f"spring=2:{'0a' * 32}")
    run("restore", "backup.db", "--replace")
    older = run("verify", "spring", "--head", grown[2])

    assert [result.exit_code for result in alike] == [0, 0]
    assert "row 2 has another digest than was noted" in str(other.exception)
    assert "it has 3 rows, a head of row 4 was noted: rows were cut off" in str(older.exception)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--head", "spring"), InputError, r"wanted CAMPAIGN=ROWS:DIGEST with 64 hex digits"),
        (("--head", "spring=2:0a"), InputError, r"head is 'spring=2:0a', wanted"),
        (("--head", f"summer=2:{'0a' * 32}"), CampaignError, r"no campaign 'summer'"),
        (("spring", "--head", f"autumn=2:{'0a' * 32}"), InputError, r"only 'spring' is verified"),
    ],
)
def test_a_head_that_serves_for_nothing_is_refused(
    arguments: Sequence[str], error: type[Exception], message: str
) -> None:
    """Mistyped, of a campaign that is not there, or of another one than was asked for."""
    write()
    result = run("verify", *arguments)

    assert isinstance(result.exception, error)
    assert re.search(message, str(result.exception))


def test_without_a_word_it_explains_itself() -> None:
    """All three commands are listed, and nothing is opened."""
    result = CliRunner().invoke(app, ["ledger"], env={"COLUMNS": "120"})

    assert all(word in result.output for word in ("backup", "restore", "verify"))
    assert not LEDGER.exists()
