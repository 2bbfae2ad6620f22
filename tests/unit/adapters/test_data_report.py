"""The data report: plain values and a page."""

import json
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.data_report import (
    FAULTS_SHOWN,
    About,
    Origin,
    Rejects,
    data_report,
    report_dict,
    written,
)
from churn_saver.data.quality.examining import checksum, examine
from churn_saver.data.quality.profile import profile
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.errors import Fault, InputError
from tests.pages import Page, assert_needs_nothing_else

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
TABLE = Wanted(id_column="id", unique_ids=True, label="churned", shares={"train": 0.8, "test": 0.2})
PAIRS = Wanted(texts=("prompt", "chosen", "rejected"), preference=("chosen", "rejected"), prompt="prompt")


def _table(n: int = 400) -> pl.DataFrame:
    rng = np.random.default_rng(9)
    return pl.DataFrame(
        {
            "id": [f"C{i}" for i in range(n)],
            "bill": rng.gamma(3, 20, n).round(2),
            "plan": rng.choice(["a", "b"], n),
            "churned": (rng.random(n) < 0.3).astype(np.int8),
        }
    )


def _report(about: About | None = None, drifted: float = 1.3) -> dict[str, object]:
    frame = _table()
    splits = {"train": frame.head(320), "test": frame.tail(80)}
    last = profile(frame.with_columns(bill=pl.col("bill") * drifted))
    checks = examine(splits, TABLE, last, [checksum("raw.csv", "ab" * 32, None)])
    given = about or About(
        "demo", "A demo set", "customers", {"demo": "full"}, [("demo", "MIT", "Somebody (2020).", "https://x")],
        {"no bill yet": 11}, [Origin("raw.csv", "ab" * 32, 970_457, "MIT")],
        [Origin("train.parquet", "cd" * 32, 12_345, rows=320)], 42, "1", "make data.demo", ("a note",),
    )  # fmt: skip
    return report_dict(given, splits, TABLE, checks, last)


def _pairs(n: int = 60) -> dict[str, object]:
    frame = pl.DataFrame(
        {
            "source": ["hh"] * n,
            "prompt": [f"My secret {'x' * i}" for i in range(n)],
            "chosen": ["yes " * (i + 2) for i in range(n)],
            "rejected": ["no " * (i + 1) for i in range(n)],
        }
    )
    splits = {"train": frame.head(n - n // 4), "test": frame.tail(n // 4)}
    return report_dict(About("preferences", "Pairs", "pairs"), splits, PAIRS, examine(splits, PAIRS))


def test_every_figure_of_the_page_is_the_reports() -> None:
    """Named figures, splits and checks, against the plain values."""
    report = json.loads(canonical(_report()))
    page = Page(data_report(report))
    verdicts = [check["verdict"] for check in report["checks"]]

    assert page.values["rows"] == str(report["rows"]) == "400"
    assert page.values["left-out"] == "11"
    assert page.values["passed"] == str(verdicts.count("passed"))
    assert page.values["failed"] == str(verdicts.count("failed"))
    for place, split in enumerate(report["splits"], start=1):
        assert page.values[f"rows-{place}"] == str(split["rows"])
        assert page.values[f"ones-{place}"] == str(split["label"]["ones"])
    for check in report["checks"]:
        row = next(row for row in page.rows if row[0] == check["name"])
        said = [check["verdict"], f"{check['found']} {', '.join(check['rows'])}", check["wanted"]]
        assert row[1:] == [" ".join(one.split()) for one in said]
    for column in report["profile"]["columns"]:
        row = next(row for row in page.rows if row[0] == column["name"])
        assert row[1] == f"{column['kind']} {column['dtype']}"
    assert ["no bill yet", "11"] in page.rows


def test_split_shares_have_wilsons_interval() -> None:
    """2 of 10: 5.7 % to 51.0 %."""
    frame = pl.DataFrame({"churned": [1, 1] + [0] * 8})
    report = report_dict(About("d", "D"), {"table": frame}, Wanted(label="churned"), ())
    page = Page(data_report(report))

    assert next(row for row in page.rows if row[0] == "table")[3] == ("2, 20.0 % 5.7–51.0 %")


@pytest.mark.parametrize("kind", ["table", "pairs"])
def test_a_page_needs_nothing_but_itself(kind: str) -> None:
    """No script, no link outwards; ids are unique, links within the page land, pictures have titles."""
    page = data_report(_report() if kind == "table" else _pairs())

    assert_needs_nothing_else(Page(page))
    assert page.count("<svg") == page.count('role="img"') == {"table": 4, "pairs": 2}[kind]


def test_the_same_input_gives_the_same_bytes_in_another_process() -> None:
    """Through JSON and back, in an interpreter with another hash seed."""
    report = canonical(_report())
    code = (
        "import json, sys; from churn_saver.adapters.data_report import data_report;"
        "sys.stdout.buffer.write(data_report(json.load(sys.stdin)).encode())"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], input=report, capture_output=True, check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )  # fmt: skip

    assert there.stdout == data_report(_report()).encode()


def test_hostile_text_is_shown_not_run() -> None:
    """Markup in words, columns, notes, faults, licences and files stays text."""
    frame = pl.DataFrame({EVIL: [EVIL] * 5 + ["a"] * 6, "y": [1.0] * 11}).with_columns(z=pl.lit(EVIL))
    about = About(
        EVIL, EVIL, EVIL, {EVIL: EVIL}, [(EVIL,) * 4], {EVIL: 1}, [Origin(EVIL, EVIL, 1)], [], 1, EVIL, EVIL,
        (EVIL,), Rejects(1, [Fault(EVIL, 2, EVIL, EVIL, EVIL)], EVIL),
    )  # fmt: skip
    splits = {"train": frame, EVIL: frame}
    checks = [*examine(splits, Wanted()), Check(EVIL, False, EVIL, EVIL, (EVIL,))]
    page = Page(data_report(report_dict(about, splits, Wanted(), checks, profile(frame))))

    assert not page.tags & {"script", "img"}
    assert "<script" not in page.html
    assert "<script>alert(1)</script>" in page.text


def test_what_people_wrote_is_not_in_the_report() -> None:
    """Texts are measured, never shown."""
    report = _pairs()

    assert "secret" not in canonical(report).decode()
    assert "secret" not in data_report(report)


def test_rejects_are_shown_the_first_of_them() -> None:
    """Every fault is counted, twenty are shown, and the file with all rows is named."""
    faults = [Fault("c.csv", line, "bill", "x" * 200, "a number") for line in range(2, 73)]
    about = About("c.csv", "c.csv", "customers", rejects=Rejects(70, faults, "c.rejects.csv"))
    page = Page(data_report(report_dict(about, {"table": _table(5)}, Wanted(), ())))
    shown = [row for row in page.rows if row[-1] == "a number"]

    assert "5 customers can be used, 70 rows cannot" in page.text
    assert (page.values["rejected"], page.values["faults"]) == ("70", "71")
    assert len(shown) == FAULTS_SHOWN
    assert shown[0][:2] == ["2", "bill"]
    assert len(shown[0][2]) == 80
    assert "c.rejects.csv" in page.text
    assert "keep it where the table may be kept" in page.text


@pytest.mark.parametrize("rows", [0, 1])
def test_small_sets_have_pages(rows: int) -> None:
    """An empty table, a single row, with a column of nothing, labels and texts."""
    frame = _table(3).with_columns(void=None, prompt=pl.lit("p"), chosen=pl.lit("c"), rejected=pl.lit("r"))
    splits = {"train": frame.head(rows), "test": frame.clear()}
    wanted = Wanted(id_column="id", label="churned", texts=("prompt", "chosen", "rejected"),
                    preference=("chosen", "rejected"), shares={"train": 0.8, "test": 0.2})  # fmt: skip
    last = profile(frame)
    page = data_report(report_dict(About("d", "D"), splits, wanted, examine(splits, wanted, last), last))

    assert f"{rows} row{'' if rows == 1 else 's'}: " in Page(page).text


def test_drift_is_drawn_when_there_was_a_run_before() -> None:
    """With columns that came and went; without a last run the section is absent."""
    frame = _table(50)
    last = profile(frame.rename({"plan": "tariff"}))
    page = data_report(report_dict(About("d", "D"), {"table": frame}, Wanted(), (), last))

    assert "New: plan. Gone: tariff." in Page(page).text
    assert "None of 2 columns moved since the last run" in page
    assert "drift" not in Page(data_report(_pairs())).ids


def test_a_report_of_another_version_is_refused() -> None:
    """By its schema, or by what it lacks; the next step is named."""
    good = _report()
    lacking = {key: value for key, value in good.items() if key != "notes"}
    twisted = good | {"splits": [1]}

    with pytest.raises(InputError, match=r"schema 2, wanted 1.*make data\.all"):
        data_report(good | {"schema": 2})
    with pytest.raises(InputError, match=r"another version .*notes"):
        data_report(lacking)
    with pytest.raises(InputError, match=r"another version"):
        data_report(twisted)


def test_the_written_page_is_that_of_the_written_figures() -> None:
    """Whoever reads report.json back gets the page to the byte."""
    splits = {"table": pl.DataFrame({"x": [1.0, 2.0, 3.0]})}
    wanted = Wanted()

    files = written(About("own", "own.csv"), splits, wanted, examine(splits, wanted))

    assert set(files) == {"report.html", "report.json"}
    assert data_report(json.loads(files["report.json"])).encode() == files["report.html"]
