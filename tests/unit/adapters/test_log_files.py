"""Logs read from files: what is found in them, and which rows are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.log_files import LogFile, read_log
from churn_saver.errors import InputError, TableError

EXAMPLE = Path(__file__).parents[3] / "docs" / "evidence" / "example_log.csv"
PLAIN = "customer_id,arm,propensity,reward,age\na,0,0.5,1,30\nb,10,0.5,0,\na,0,0.5,2.5,31\n"


def read(folder: Path, text: str, name: str = "log.csv", **how: Any) -> LogFile:
    """Read a text as a file."""
    path = folder / name
    path.write_text(text)
    return read_log(path, **how)


def refused(folder: Path, text: str, **how: Any) -> str:
    """Give the message with which a text is refused."""
    with pytest.raises(TableError, match=r"log\.csv:\d+: column .*, wanted ") as caught:
        read(folder, text, **how)
    return str(caught.value)


def test_a_log_becomes_codes(tmp_path: Path) -> None:
    """One customer twice; a blank is missing; all arms are allowed where nothing is said."""
    found = read(tmp_path, PLAIN)

    assert (found.arms, found.features, found.notes) == (("0", "10"), ("age",), ())
    assert found.decision_ids is None
    assert found.log.arm.tolist() == [0, 1, 0]
    assert found.log.unit[0] == found.log.unit[2] != found.log.unit[1]
    assert found.log.reward.tolist() == [1.0, 0.0, 2.5]
    assert found.log.allowed.all()
    np.testing.assert_array_equal(found.log.features, [[30], [np.nan], [31]])


def test_the_documented_example_reads_as_documented() -> None:
    """Words before numbers; the fourth row allows one arm, the ninth two; a word has a column of its own."""
    found = read_log(EXAMPLE, campaign="spring")

    assert found.arms == ("none", "0", "10")
    assert found.log.allowed[[0, 3, 8]].tolist() == [[True] * 3, [True, False, False], [True, True, False]]
    assert found.features[:2] == ("tenure_months", "monthly_spend")
    assert found.features[2:] == tuple(
        f"contract_type={word}" for word in ("month-to-month", "one year", "two year")
    )
    assert found.log.unit[0] == found.log.unit[10]
    assert found.decision_ids is not None
    assert found.decision_ids[0] == "d01"


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_every_kind_of_file_is_the_same_log(tmp_path: Path, kind: str) -> None:
    """Rewards that were truth values are 1 and 0 there."""
    frame = pl.read_csv(EXAMPLE).with_columns(pl.col("reward") == 1)
    path = tmp_path / f"log.{kind}"
    (frame.write_ndjson if kind == "jsonl" else frame.write_parquet)(path)
    found, plain = read_log(path), read_log(EXAMPLE)

    assert (found.arms, found.features) == (plain.arms, plain.features)
    for name in ("arm", "propensity", "allowed", "reward", "features"):
        np.testing.assert_array_equal(getattr(found.log, name), getattr(plain.log, name))


def test_names_of_others_are_mapped_and_rows_are_customers_where_none_is_named(tmp_path: Path) -> None:
    """As a public trial comes: a word for the arm, no propensity, no id."""
    text = "segment,visit,spend,channel\nMens,1,29.99,web\nNone,0,0,phone\nWomens,0,0,web\n"
    found = read(tmp_path, text, mapping={"arm": "segment", "reward": "visit"}, features=["channel"])

    assert found.arms == ("Mens", "None", "Womens")
    assert found.log.propensity is None
    assert len(set(found.log.unit.tolist())) == 3
    assert found.features == ("channel=phone", "channel=web")
    assert found.notes == (
        "no customer_id: each row is taken as a customer of its own", "columns not used: spend",
    )  # fmt: skip


def test_propensities_that_are_all_blank_are_none(tmp_path: Path) -> None:
    """Nobody recorded them."""
    assert read(tmp_path, PLAIN.replace(",0.5,", ",,")).log.propensity is None


HEAD = "decision_id,campaign_id,customer_id,decided_at,outcome_at,arm,propensity,allowed,reward\n"
GOOD = "d1,c,x,2026-01-02,2026-02-02,a,0.5,a|b,1\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("d2,c,x,,,,0.5,a|b,1", "column 'arm' is '', wanted what was done, in a word or a number"),
        ("d2,c,,,,a,0.5,a|b,1", "column 'customer_id' is '', wanted an id"),
        ("d2,c,x,,,a,0.5,a|b,", "column 'reward' is '', wanted a number; an outcome still pending is no row"),
        ("d2,c,x,,,a,0.5,a|b,much", "column 'reward' is 'much', wanted a number"),
        ("d2,c,x,,,a,0.5,a|b,inf", "column 'reward' is 'inf', wanted a number"),
        ("d2,c,x,,,a,0,a|b,1", "column 'propensity' is '0', wanted a probability above 0 and at most 1"),
        ("d2,c,x,,,a,1.2,a|b,1", "column 'propensity' is '1.2', wanted a probability above 0 and at most 1"),
        ("d2,c,x,,,a,,a|b,1", "column 'propensity' is '', wanted a probability above 0 and at most 1"),
        ("d2,c,x,,,b,0.5,a|c,1", "column 'allowed' is 'a|c', wanted the arm that was drawn to be among them"),
        ("d2,c,x,,,a,0.5,,1", "column 'allowed' is '', wanted the arms that could have been drawn"),
        ("d2,c,x,,,a,0.5,a,1", "column 'propensity' is '0.5', wanted 1, since its row allows no other arm"),
        ("d1,c,x,,,a,0.5,a|b,1", "column 'decision_id' is 'd1', wanted an id that does not stand on line 2"),
        (
            "d2,c,x,2026-01-02,2026-01-01,a,0.5,a|b,1",
            "column 'outcome_at' is '2026-01-01', wanted a moment not before its decision",
        ),
        ("d2,c,x,yesterday,,a,0.5,a|b,1", "column 'decided_at' is 'yesterday', wanted an ISO date or time"),
        ("d2,c,x,,,a,0.5", "wanted "),
    ],
)
def test_a_row_that_cannot_be_used_is_named_by_its_line(tmp_path: Path, row: str, told: str) -> None:
    """The file is refused as a whole: nothing is dropped."""
    message = refused(tmp_path, f"{HEAD}{GOOD}{row}\n{GOOD.replace('d1', 'd3')}")

    assert message.startswith("log.csv:3: ")
    assert told in message
    assert message.endswith("a row dropped in silence bends every value.")


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    """A cell that goes over two lines moves what follows down by one."""
    text = 'customer_id,arm,reward,note\nx,a,1,"two\nlines"\ny,b,,\n'

    assert refused(tmp_path, text).startswith("log.csv:4: column 'reward'")


def test_another_campaign_is_refused_by_row(tmp_path: Path) -> None:
    """And without --campaign a log of two campaigns is refused as a whole."""
    text = HEAD + GOOD + GOOD.replace("d1,c", "d2,autumn").replace(",a,", ",b,")

    assert "log.csv:3: column 'campaign_id' is 'autumn', wanted 'c', as --campaign says" in refused(
        tmp_path, text, campaign="c"
    )
    with pytest.raises(InputError, match=r"holds decisions of 2 campaigns \(autumn, c\), wanted one"):
        read(tmp_path, text)


def test_infinite_features_are_refused(tmp_path: Path) -> None:
    """Trees would not grow on them."""
    assert "log.csv:3: column 'features' is 'inf', wanted finite numbers" in refused(
        tmp_path, PLAIN.replace("0,\n", "0,inf\n")
    )


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("arm,reward\n", r"holds no decision, wanted at least one row below the header"),
        ("arm,reward\na,1\na,0\n", r"has 1 arms \(a\), wanted 2 to 64"),
        (
            "arm,reward\n" + "".join(f"{number},1\n" for number in range(65)),
            r"has 65 arms .*Is another column meant",
        ),
    ],
)
def test_a_log_without_a_choice_is_refused(tmp_path: Path, text: str, match: str) -> None:
    """One arm, or as many as there are customers: then another column is meant."""
    with pytest.raises(InputError, match=match):
        read(tmp_path, text)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    """With what is nearest."""
    with pytest.raises(TableError, match=r"'arm' is 'absent', wanted what was done"):
        read(tmp_path, "treatment,reward\na,1\n")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what to name instead."""
    with pytest.raises(InputError, match=r"none\.csv cannot be read .*one row a decision"):
        read_log(tmp_path / "none.csv")
