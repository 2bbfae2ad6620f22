"""The suppression list and erasure, as a person runs them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.errors import InputError, TableError
from churn_saver.store import open_store
from tests.builders import NOON, campaign
from tests.unit.store.batches import offers

LEDGER = "sqlite:///ledger.db"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", LEDGER)


def told(*arguments: str) -> str:
    """Run a command that must succeed, and give what it said in one line."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def run(*arguments: str) -> Result:
    """Run a command."""
    return CliRunner().invoke(app, list(arguments))


def test_a_list_is_imported_and_counted() -> None:
    """Twice the same file: nobody is new the second time; a further one is added by id."""
    Path("list.csv").write_text("Customer ID;reason\nC1;asked\nC2;court\nC1;asked again\n", encoding="utf-8")

    assert "3 rows read, 2 new on the list" in told("suppress", "import", "list.csv")
    assert "3 rows read, 0 new on the list" in told("suppress", "import", "list.csv")
    assert "C3 is on the list: no message goes out" in told("suppress", "add", " C3 ")
    assert "C3 is on the list already" in told("suppress", "add", "C3")
    assert "3 suppressed, 0 opted out" in told("suppress", "list-count")
    with open_store(LEDGER) as store:
        assert store.read(None, ["C1", "C9", "C3"], NOON).history.suppressed.tolist() == [True, False, True]


def test_a_file_of_one_column_is_a_list() -> None:
    """A header and ids, nothing else."""
    Path("ids.csv").write_text("customer_id\nC1\nC2\n", encoding="utf-8")

    assert "2 rows read, 2 new on the list" in told("suppress", "import", "ids.csv")


def test_on_a_bad_row_nobody_is_put_on_the_list() -> None:
    """The row is named by file, line and column."""
    Path("list.csv").write_text("customer_id\nC1\nC\u202e2\n", encoding="utf-8")

    result = run("suppress", "import", "list.csv")

    assert isinstance(result.exception, TableError)
    assert str(result.exception).startswith("list.csv:3: column 'customer_id' is")
    assert "0 suppressed" in told("suppress", "list-count")


def test_a_file_that_is_not_there_is_named() -> None:
    """With the next step."""
    result = run("suppress", "import", "nowhere.csv")

    assert isinstance(result.exception, InputError)
    assert "nowhere.csv cannot be read" in str(result.exception)


def test_a_customer_is_erased() -> None:
    """Once; what is known under no id is said so, and what is left to do is named."""
    with open_store(LEDGER) as store:
        store.campaigns.open(campaign())
        store.settle("spring", offers(["C1"]), NOON)

    assert "erased; the customer's decisions keep their numbers" in told("erase", "C1")
    assert "nothing is known under 'C1': never seen, or erased before" in told("erase", "C1")
    with open_store(LEDGER) as store:
        assert store.read("spring", ["C1"], NOON).history.decisions_made.tolist() == [0]


def test_it_is_said_when_a_reader_keeps_what_was_before() -> None:
    """An export that goes on reads the log: erased all the same, and the person is told."""
    with open_store(LEDGER) as store:
        store.campaigns.open(campaign())
        store.settle("spring", offers(["C1"]), NOON)
        records = store.records()
        next(records)
        words = told("erase", "C1", "--wait", "0")
        records.close()  # type: ignore[attr-defined]

    assert "erased; the customer's decisions keep" in words
    assert "note the ledger's log still holds what was before" in words
    assert "note the ledger's log" not in told("erase", "C1")


def test_one_name_in_two_spellings_is_one_customer() -> None:
    """As a list writes it, or as macOS does: whichever comes first stands for both."""
    told("suppress", "add", "Jos\u00e9")

    assert "is on the list already" in told("suppress", "add", "Jose\u0301")
    assert "1 suppressed" in told("suppress", "list-count")


def test_an_id_that_no_table_can_hold_is_refused() -> None:
    """By the rule of all ids, before the ledger is opened."""
    for command in (("suppress", "add"), ("erase",)):
        assert isinstance(run(*command, "a\u200bb").exception, InputError)
    assert not Path("ledger.db").exists()
