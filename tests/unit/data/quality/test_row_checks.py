"""Rows and values."""

import polars as pl
import pytest

from churn_saver.data.quality.row_checks import row_checks
from churn_saver.data.quality.stacked import stacked
from churn_saver.data.quality.wanted import Check, Wanted

TEXTS = ("prompt", "chosen", "rejected")


def _checks(frame: pl.DataFrame, wanted: Wanted, **more: pl.DataFrame) -> dict[str, Check]:
    return {check.name: check for check in row_checks(stacked({"train": frame, **more}), wanted)}


def test_repeated_ids_are_named_from_the_second_on() -> None:
    """Also across splits; a missing id is not a repeated one."""
    frame = pl.DataFrame({"id": ["a", "b", "a", None]})
    other = pl.DataFrame({"id": [None, "b"]})
    check = _checks(frame, Wanted(id_column="id", unique_ids=True), test=other)["One row for each id"]

    assert (check.failed, check.found, check.rows) == (True, "2 more", ("train:3 a", "test:2 b"))


def test_look_alikes_are_counted_and_kept() -> None:
    """Three equal rows but for the id are two that repeat; null equals null here."""
    frame = pl.DataFrame({"id": ["a", "b", "c", "d"], "x": [1, 1, 1, 2], "y": [None, None, None, "q"]})
    check = _checks(frame, Wanted(id_column="id"))["No row repeats another but for the id"]

    assert (check.verdict, check.found, check.rows) == ("note", "2 rows", ("train:2", "train:3"))


def test_ids_alone_have_no_look_alikes() -> None:
    """Nothing but an id: nobody looks like another."""
    assert _checks(pl.DataFrame({"id": ["a", "a"]}), Wanted(id_column="id"))[
        "No row repeats another but for the id"
    ].passed


def test_missing_values_are_measured_column_by_column() -> None:
    """Age misses its half by a quarter, NaN included; plan must be full and is; the worst is named."""
    frame = pl.DataFrame(
        {"id": ["a", "b", "c", "d"], "age": [None, float("nan"), float("inf"), 1.0], "plan": "x"}
    )
    wanted = Wanted(id_column="id", unique_ids=True, missing={"age": 0.5})
    check = _checks(frame, wanted)["Values are missing only where they may"]

    assert check.failed
    assert check.found == "age 75.0\N{NO-BREAK SPACE}%"
    assert check.wanted == "at most age 50\N{NO-BREAK SPACE}%; elsewhere 0\N{NO-BREAK SPACE}%"
    assert check.rows == ("train:1 a: age", "train:2 b: age", "train:3 c: age")


def test_gaps_within_their_limit_pass() -> None:
    """A quarter missing where a quarter may; what is found is said all the same."""
    frame = pl.DataFrame({"age": [None, 1.0, 2.0, 3.0]})
    check = _checks(frame, Wanted(missing_elsewhere=0.25))["Values are missing only where they may"]

    assert (check.passed, check.found) == (True, "age 25.0\N{NO-BREAK SPACE}%")
    assert check.wanted == "at most 25\N{NO-BREAK SPACE}%"


def test_a_column_of_nothing_is_named() -> None:
    """All null: wholly missing, and constant."""
    checks = _checks(pl.DataFrame({"void": [None, None], "x": [1, 2]}), Wanted())

    assert checks["Values are missing only where they may"].found == "void 100.0\N{NO-BREAK SPACE}%"
    assert checks["Values are missing only where they may"].rows == ("train:1: void", "train:2: void")
    assert checks["No column holds one value only"].found == "void"


def test_constant_columns_are_noted() -> None:
    """One row is not enough to call a column constant."""
    frame = pl.DataFrame({"x": [1, 1], "y": [1, 2]})

    assert _checks(frame, Wanted())["No column holds one value only"].found == "x"
    assert _checks(frame.head(1), Wanted())["No column holds one value only"].passed


def _pairs(*rows: tuple[str | None, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict.fromkeys(TEXTS, pl.String), orient="row")


def test_blank_texts_are_found() -> None:
    """Empty, spaces and line ends, and null."""
    frame = _pairs(("p", "a", "b"), ("q", "  \n", "b"), ("r", "a", None), ("", "a", "b"))
    check = _checks(frame, Wanted(texts=TEXTS))["No text is blank"]

    assert (check.failed, check.found) == (True, "3 rows")
    assert check.rows == ("train:2", "train:3", "train:4")


@pytest.mark.parametrize(("most", "passed"), [(0.25, True), (0.24, False)])
def test_repeated_texts_have_a_limit(most: float, passed: bool) -> None:
    """One of four rows repeats an earlier one, word for word."""
    frame = _pairs(("p", "a", "b"), ("p", "b", "a"), ("p", "a", "b"), ("q", "a", "b"))
    check = _checks(frame, Wanted(texts=TEXTS, repeated=most))["Texts do not repeat an earlier row"]

    assert (check.passed, check.rows) == (passed, () if passed else ("train:3",))
    assert check.found == "1 row, 25.00\N{NO-BREAK SPACE}%"


def test_lengths_are_characters() -> None:
    """Five letters of two bytes each are five characters; six are too many."""
    frame = _pairs(("äöüßé", "a", "b"), ("q", "sixsix", "b"))
    check = _checks(frame, Wanted(texts=TEXTS, longest_text=5))["No text is longer than wanted"]

    assert (check.failed, check.found, check.rows) == (True, "6 characters at most", ("train:2",))


def test_preferences_must_prefer_something() -> None:
    """Equal but for space at the ends."""
    frame = _pairs(("p", "a", "b"), ("q", "same ", "same"))
    wanted = Wanted(texts=TEXTS, preference=("chosen", "rejected"))
    check = _checks(frame, wanted)["chosen and rejected are different texts"]

    assert (check.failed, check.rows) == (True, ("train:2",))


@pytest.mark.parametrize(("high", "verdict"), [(0.7, "passed"), (0.6, "note")])
def test_bias_to_length_is_a_number(high: float, verdict: str) -> None:
    """Of three pairs of different lengths, two have the longer text chosen; the equal one is left out."""
    frame = _pairs(("p", "long", "b"), ("q", "longer", "b"), ("r", "b", "long"), ("s", "aa", "bb"))
    wanted = Wanted(texts=TEXTS, preference=("chosen", "rejected"), better_longer=(0.4, high))
    check = _checks(frame, wanted)["The chosen text is not just the longer one"]

    assert (check.verdict, check.found) == (verdict, "longer in 66.7\N{NO-BREAK SPACE}% of pairs")


def test_no_text_is_ever_shown() -> None:
    """Checks name rows; what people wrote stays where it is."""
    frame = _pairs(("my secret", " ", "my secret"), ("my secret", " ", "my secret"))
    wanted = Wanted(texts=TEXTS, preference=("chosen", "rejected"), longest_text=1)

    assert "secret" not in str(_checks(frame, wanted))


@pytest.mark.parametrize("rows", [0, 1])
def test_small_sets_can_be_checked(rows: int) -> None:
    """No row and one row: every check is made, and none stumbles."""
    wanted = Wanted(texts=TEXTS, preference=("chosen", "rejected"), longest_text=9, better_longer=(0.4, 0.6))
    checks = _checks(_pairs(("p", "a", "b")).head(rows), wanted)

    assert len(checks) == 7
    assert all(check.passed for check in checks.values())
