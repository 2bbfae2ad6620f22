"""How a data set is cut."""

from collections.abc import Mapping

import polars as pl
import pytest

from churn_saver.data.quality.split_checks import countable, split_checks
from churn_saver.data.quality.stacked import stacked
from churn_saver.data.quality.wanted import Check, Wanted

SHARES = {"train": 0.8, "valid": 0.1, "test": 0.1}


def _checks(splits: Mapping[str, pl.DataFrame], wanted: Wanted) -> dict[str, Check]:
    return {check.name: check for check in split_checks(splits, stacked(splits), wanted)}


def _ids(sizes: tuple[int, int, int]) -> dict[str, pl.DataFrame]:
    return {
        name: pl.DataFrame({"id": [f"{name}{i}" for i in range(n)]}, schema={"id": pl.String})
        for name, n in zip(SHARES, sizes, strict=True)
    }


def test_rows_are_counted_against_the_documented_number() -> None:
    """10 rows where 11 are documented."""
    check = _checks(_ids((8, 1, 1)), Wanted(rows=11))["As many rows as documented"]

    assert (check.passed, check.found, check.wanted) == (False, "10", "11")


def test_an_empty_split_fails() -> None:
    """It is named; the others are not looked at for likeness."""
    checks = _checks(_ids((8, 0, 2)), Wanted())

    assert checks["Every split has rows"].failed
    assert checks["Every split has rows"].found == "valid without"
    assert "Splits look like train" not in checks


@pytest.mark.parametrize(("valid", "passed"), [(63, True), (62, False)])
def test_shares_may_miss_by_four_deviations(valid: int, passed: bool) -> None:
    """Of 1,000 rows with p = .1, σ = √(.1·.9/1000) = .94868 %: so from 6.2053 % on a share is chance."""
    splits = _ids((900 - valid, valid, 100))
    # train holds 83.7 % or 83.8 %: 4σ of .8 is 5.06 %, so only valid can fail here.
    check = _checks(splits, Wanted(shares=SHARES, id_column="id", unique_ids=True))[
        "Splits have their shares"
    ]

    assert check.passed is passed
    assert "valid 10\N{NO-BREAK SPACE}% ± 3.8" in check.wanted


def test_conversations_count_not_rows() -> None:
    """1,000 rows in 10 conversations of 100 are worth 10: 4·√(.09/10) = 37.9 points."""
    splits = {
        "train": pl.DataFrame({"id": [f"c{i % 7}" for i in range(700)]}),
        "valid": pl.DataFrame({"id": ["c7"] * 100 + ["c8"] * 100}),
        "test": pl.DataFrame({"id": ["c9"] * 100}),
    }
    check = _checks(splits, Wanted(shares=SHARES, id_column="id"))["Splits have their shares"]

    assert check.passed
    assert "test 10\N{NO-BREAK SPACE}% ± 37.9" in check.wanted


def test_other_splits_than_wanted_fail() -> None:
    """A table cut in two where three parts are wanted."""
    splits = {name: frame for name, frame in _ids((8, 0, 2)).items() if name != "valid"}

    assert _checks(splits, Wanted(shares=SHARES))["Splits have their shares"].failed


def test_planted_leaks_are_found_with_their_rows() -> None:
    """An id and a prompt in two splits; the prompt differs in case and spaces only."""
    splits = {
        "train": pl.DataFrame({"id": ["a", "b", "c"], "prompt": ["Hi  there", "x", "y"]}),
        "test": pl.DataFrame({"id": ["d", "b"], "prompt": [" hi THERE\n", "z"]}),
    }
    checks = _checks(splits, Wanted(id_column="id", prompt="prompt"))
    ids = checks["No id in two splits"]
    prompts = checks["No prompt in two splits, letter case and spaces aside"]

    assert (ids.failed, ids.found, ids.rows) == (True, "1", ("train:2 = test:2",))
    assert (prompts.failed, prompts.found, prompts.rows) == (True, "1", ("train:1 = test:1",))


def test_clean_splits_pass() -> None:
    """Nothing in common, nothing named."""
    checks = _checks(_ids((80, 10, 10)), Wanted(shares=SHARES, id_column="id", unique_ids=True, rows=100))

    assert all(check.passed and not check.rows for check in checks.values())


def _labelled(ones: tuple[int, int], n: int = 1_000) -> dict[str, pl.DataFrame]:
    return {
        name: pl.DataFrame({"y": [1] * k + [0] * (n - k)})
        for name, k in zip(("train", "test"), ones, strict=True)
    }


def test_the_label_must_lie_in_its_range_everywhere() -> None:
    """20 % and 36 % where 15–35 % are wanted."""
    wanted = Wanted(label="y", label_share=(0.15, 0.35))
    check = _checks(_labelled((200, 360)), wanted)["Share of y as expected"]

    assert check.failed
    assert check.found == "train 20.0\N{NO-BREAK SPACE}%, test 36.0\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(("ones", "z", "passed"), [(250, "2.68", True), (270, "3.70", False)])
def test_two_shares_are_compared_by_chance(ones: int, z: str, passed: bool) -> None:
    """200 and 250 of 1,000: pooled .225, z = .05/√(.225·.775·2/1000) = 2.68; 270: pooled .235, 3.69."""
    check = _checks(_labelled((200, ones)), Wanted(label="y"))["Splits differ in y by no more than chance"]

    assert (check.passed, check.severity) == (passed, "note")
    assert float(check.found.removeprefix("|z| = ")) == pytest.approx(float(z), abs=0.015)


def test_labels_that_are_all_equal_do_not_differ() -> None:
    """No deviation to divide by: 0 and 0 are the same share."""
    checks = _checks(_labelled((0, 0)), Wanted(label="y"))

    assert checks["Splits differ in y by no more than chance"].found == "|z| = 0.00"


def test_without_labels_the_check_fails() -> None:
    """A label column that is all null, and a split without rows."""
    splits = {"train": pl.DataFrame({"y": [None, None]}, schema={"y": pl.Int8}),
              "test": pl.DataFrame(schema={"y": pl.Int8})}  # fmt: skip
    check = _checks(splits, Wanted(label="y"))["Share of y as expected"]

    assert (check.failed, check.found) == (True, "no labels")


def test_a_split_unlike_the_first_is_noted() -> None:
    """Test holds only the dear half: the column is named with how far it is off."""
    splits = {
        "train": pl.DataFrame({"bill": [float(i) for i in range(1_000)]}),
        "test": pl.DataFrame({"bill": [float(i) for i in range(500, 1_000)]}),
    }
    check = _checks(splits, Wanted())["Splits look like train"]

    assert (check.passed, check.severity) == (False, "note")
    assert check.rows[0].startswith("test: bill ")


def test_small_splits_are_not_blamed_for_chance() -> None:
    """Ten rows of the same numbers, drawn unluckily: far apart, and still chance."""
    splits = {
        "train": pl.DataFrame({"bill": [float(i) for i in range(100)]}),
        "test": pl.DataFrame({"bill": [1.0, 2.0, 3.0, 50.0, 51.0, 52.0, 53.0, 90.0, 91.0, 92.0]}),
    }

    assert _checks(splits, Wanted())["Splits look like train"].passed


def test_a_table_of_its_own_has_few_split_checks() -> None:
    """One part: no shares, no leaks, no likeness."""
    checks = _checks({"table": pl.DataFrame({"id": ["a", "a"]})}, Wanted(id_column="id"))

    assert list(checks) == ["The table has rows"]


@pytest.mark.parametrize(
    ("dtype", "can"), [(pl.Int8, True), (pl.Boolean, True), (pl.Float64, True), (pl.String, False)]
)
def test_what_can_be_a_label(dtype: type[pl.DataType], can: bool) -> None:
    """Numbers, and yes or no."""
    assert countable(pl.DataFrame(schema={"y": dtype}), "y") is can
    assert not countable(pl.DataFrame(), "y")
