"""The check of a company's own table, as a person runs it."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from churn_saver.cli import app
from churn_saver.cli.data_checking import MOST_LOOKED_AT, Looked
from churn_saver.errors import InputError, TableError

HEADER = "customer_id,tenure_months,monthly_spend,support_tickets,contract_type,churned\n"
GOOD = HEADER + "".join(f"C{i},{i},20.5,1,One year,{i % 2}\n" for i in range(1, 9))
BAD = GOOD.replace("C3,3", "C3,three").replace("C7,7,20.5", "C7,7,-1")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(text: str, *options: str, file: str = "own.csv") -> Result:
    """Write a file and check it as a churn table."""
    Path(file).write_text(text, encoding="utf-8")
    return CliRunner().invoke(app, ["data", "check", file, "--as", "churn", *options])


def test_a_good_table_is_said_to_be_good() -> None:
    """A page and its figures are written, and nothing is rejected."""
    result = checked(GOOD)

    assert result.exit_code == 0, result.output
    assert "8 rows, every one of them good" in result.output
    assert {path.name for path in Path("var/checks/own.csv").iterdir()} == {"report.html", "report.json"}


def test_bad_rows_are_named_and_set_aside() -> None:
    """By file, line, column, value and what was wanted; nothing is kept unasked."""
    result = checked(BAD, "--out", "seen")

    assert isinstance(result.exception, TableError)
    lines = str(result.exception).splitlines()
    assert lines[0].startswith("own.csv:4: column 'tenure_months' is 'three', wanted months")
    assert lines[1].startswith("own.csv:8: column 'monthly_spend' is '-1', wanted currency units")
    assert (
        lines[2] == "2 rows of 8 cannot be used. Mend them, or add --keep good.parquet to go on without them."
    )
    assert {path.name for path in Path("seen").iterdir()} == {"report.html", "report.json", "rejects.csv"}
    figures = json.loads(Path("seen/report.json").read_bytes())
    assert (figures["rows"], figures["rejects"]["rows"]) == (6, 2)
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["own.csv", "seen"]


def test_good_rows_are_kept_when_asked() -> None:
    """Typed, under canonical names; the check has failed all the same."""
    result = checked(BAD, "--keep", "good.parquet")

    assert isinstance(result.exception, TableError)
    assert "the good ones stand in good.parquet" in str(result.exception)
    assert pl.read_parquet("good.parquet")["customer_id"].to_list() == ["C1", "C2", "C4", "C5", "C6", "C8"]


def test_columns_that_no_rule_is_about_are_named() -> None:
    """A column called `mood` is read over."""
    text = GOOD.replace("churned\n", "churned,mood\n").replace(",0\n", ",0,x\n").replace(",1\n", ",1,y\n")
    result = checked(text)

    assert result.exit_code == 0, result.output
    assert "columns not used: mood" in result.output


def test_other_names_are_mapped() -> None:
    """By --map, as in every command."""
    result = checked(GOOD.replace("tenure_months", "months_active"), "--map", "tenure_months=months_active")

    assert result.exit_code == 0, result.output


def test_pairs_are_described_as_texts() -> None:
    """Lengths, and how often the better text is the longer one."""
    Path("p.jsonl").write_text('{"prompt": "a", "chosen": "bb", "rejected": "c"}\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["data", "check", "p.jsonl", "--as", "pairs"])

    assert result.exit_code == 0, result.output
    checks = json.loads(Path("var/checks/p.jsonl/report.json").read_bytes())["checks"]
    assert any("longer" in check["name"] and check["found"].startswith("longer in 100") for check in checks)


def test_an_unknown_kind_lists_the_known_ones() -> None:
    """Nothing is written."""
    Path("own.csv").write_text(GOOD, encoding="utf-8")
    result = CliRunner().invoke(app, ["data", "check", "own.csv", "--as", "people"])

    assert isinstance(result.exception, InputError)
    assert "wanted one of: churn, accept, customers, pairs, messages" in str(result.exception)
    assert [path.name for path in Path.cwd().iterdir()] == ["own.csv"]


def test_a_very_large_table_is_described_by_its_first_rows() -> None:
    """Blocks are taken until there is no room."""
    looked = Looked()
    for _ in range(3):
        looked.add(pl.DataFrame({"x": range(MOST_LOOKED_AT // 2 + 1)}))

    assert looked.rows == MOST_LOOKED_AT == sum(frame.height for frame in looked.frames)
    assert len(looked.frames) == 2


def test_very_many_faults_are_counted_and_the_first_are_told() -> None:
    """3,000 bad rows of one fault each: ten on screen, all in the count, all among the rejects."""
    result = checked(HEADER + "".join(f"C{i},x,20.5,1,One year,0\n" for i in range(3_000)))

    assert isinstance(result.exception, TableError)
    assert "... and 2,990 more\n3,000 rows of 3,000 cannot be used. Mend them." in str(result.exception)
    figures = json.loads(Path("var/checks/own.csv/report.json").read_bytes())
    assert (figures["rejects"]["faults"], len(figures["rejects"]["shown"])) == (3_000, 20)
    assert pl.read_csv("var/checks/own.csv/rejects.csv").height == 3_000
    assert "0 rows can be used, 3,000 rows cannot" in Path("var/checks/own.csv/report.html").read_text()


def test_a_header_alone_is_said_to_be_one() -> None:
    """No row is no good row."""
    result = checked(HEADER)

    assert result.exit_code == 0, result.output
    assert "no row below the header" in result.output
