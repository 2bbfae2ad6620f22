"""A data report's plain values, read for its page."""

import polars as pl
import pytest

from churn_saver.adapters.data_report import About, Origin, Rejects, report_dict
from churn_saver.adapters.data_view import view
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.errors import Fault

PASSED = Check("a", True, "1", "1")
NOTE = Check("b", False, "1", "0", severity="note")
FAILED = Check("c", False, "1", "0")


def _report(*checks: Check, about: About | None = None, rows: int = 3) -> dict[str, object]:
    frame = pl.DataFrame({"x": [1.0, 2.0, 4.0], "prompt": ["a", "bb", None], "id": ["u", "v", "w"]}).head(
        rows
    )
    return report_dict(about or About("d", "D", "pairs"), {"table": frame}, Wanted(), checks)


@pytest.mark.parametrize(
    ("checks", "headline"),
    [
        ((PASSED, PASSED), "3 pairs: all 2 checks passed"),
        ((PASSED,), "3 pairs: the one check passed"),
        ((PASSED, NOTE), "3 pairs: no check failed, 1 of 2 passed"),
        ((PASSED, NOTE, FAILED), "3 pairs: 1 of 3 checks failed"),
    ],
)
def test_headline_says_what_was_found(checks: tuple[Check, ...], headline: str) -> None:
    """How many rows, and whether they can be used."""
    assert view(_report(*checks)).headline == headline


def test_headline_counts_rows_that_cannot_be_used() -> None:
    """Good rows and bad ones; one of each is written in the singular."""
    about = About("d", "D", "pairs", rejects=Rejects(1, [Fault("f", 2, "x", "y", "z")]))

    assert view(_report(PASSED, PASSED, about=about, rows=1)).headline == (
        "1 pair can be used, 1 row cannot: all 2 checks passed"
    )


def test_what_failed_comes_first() -> None:
    """Then notes, then what passed, each in its order; counts and lead agree."""
    found = view(_report(PASSED, NOTE, FAILED, PASSED))

    assert [check["verdict"] for check in found.checks] == ["failed", "note", "passed", "passed"]
    assert (found.failed, found.notes, found.passed) == (1, 1, 2)
    assert found.lead.startswith("The data must not be used as it is")
    assert found.lead.endswith("1 thing is worth a look.")
    assert view(_report(PASSED)).lead == "The data can be used."


def test_columns_are_told_in_words() -> None:
    """Numbers by range and middle, texts by length, ids not at all."""
    number, text, name = view(_report()).columns

    assert number.holds == "1 to 4, median 2, mean 2.3333"
    assert (text.holds, text.missing) == (
        "1 to 2 characters, median 1.5, mean 1.5",
        "1 (33.3\N{NO-BREAK SPACE}%)",
    )
    assert (name.holds, name.kind, name.distinct) == ("only counted", "id", "3")


def test_words_are_told_by_the_most_frequent() -> None:
    """Three named, the rest together; a long word is cut."""
    words = ["a"] * 8 + ["b"] * 7 + ["c" * 30] * 6 + ["d"] * 5 + ["e"]
    frame = pl.DataFrame({"plan": words, "tags": [[1]] * 27, "void": [None] * 27})
    plan, tags, void = view(report_dict(About("d", "D"), {"table": frame}, Wanted(), ())).columns

    assert plan.holds.replace("\N{NO-BREAK SPACE}", " ") == (
        f"a 29.6 %, b 25.9 %, {'c' * 30} 22.2 %, others 22.2 %"
    )
    assert (tags.holds, tags.distinct) == ("not looked into", "not counted")
    assert void.missing == "27 (100.0\N{NO-BREAK SPACE}%)"


def test_provenance_names_every_file() -> None:
    """Sets, sources, outputs, seed and code, each with what proves it."""
    about = About(
        "d", "D", sets={"hh": "full", "aa": None}, seed=42, code="1",
        sources=[Origin("raw.csv", "ab", 1_234)], outputs=[Origin("train.parquet", "cd", 99, rows=3)],
    )  # fmt: skip

    assert view(_report(about=about)).provenance == (
        ("Set of aa", "not to be had"),
        ("Set of hh", "full"),
        ("Source raw.csv", "SHA-256 ab, 1,234 bytes"),
        ("Output train.parquet", "SHA-256 cd, 3 rows, 99 bytes"),
        ("Seed of the splits", "42"),
        ("Code", "1"),
    )


def test_another_version_is_not_guessed_at() -> None:
    """What lacks a part is refused where it lacks it."""
    with pytest.raises(KeyError, match=r"profile"):
        view({key: value for key, value in _report().items() if key != "profile"})
