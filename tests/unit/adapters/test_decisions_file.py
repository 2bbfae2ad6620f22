"""Decisions as files: the documented columns, money in currency units, what was not known left blank."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.decisions_file import CSV, CSV_COLUMNS, PARQUET, decisions_frame, write_decisions
from churn_saver.store import open_store
from tests.builders import NOON, campaign, proposals
from tests.ledgers import new_ledger


@pytest.fixture
def frame(tmp_path: Path) -> Iterator[pl.DataFrame]:
    """Give four settled decisions, read back from a ledger: rows 0 and 2 with 10 % off 89.99."""
    with open_store(new_ledger(tmp_path / "ledger.db")) as store:
        store.campaigns.open(campaign())
        delays = np.array([0, 7, 3, 1], dtype=np.int8)
        store.settle("spring", proposals(4, delay_days=delays), NOON, key="plan:0")
        yield decisions_frame(store.records(key_prefix="plan:"), campaign())


def test_columns_mean_what_is_documented(frame: pl.DataFrame) -> None:
    """2,500.5 minor units are 25.005; no contact has no offer; the reason is a word."""
    assert frame["customer_id"].to_list() == ["C00000", "C00001", "C00002", "C00003"]
    assert frame["contact"].to_list() == [True, False, True, False]
    assert frame["offer_percentage"].to_list() == [10, None, 10, None]
    assert frame["reserved_minor"].to_list() == [1_000, 0, 1_000, 0]
    assert frame["expected_value"].to_list() == [25.005, 0.0, 25.005, 0.0]
    assert frame["reason"].to_list() == ["", "not_worth_it", "", "not_worth_it"]
    assert frame["arm"].unique().to_list() == ["treated"]
    assert frame["currency"].unique().to_list() == ["USD"]
    assert frame["delay_days"].to_list() == [0, 7, 3, 1]
    assert frame["next_decision_at"].to_list() == [NOON + timedelta(days=days) for days in (1, 8, 4, 2)]


def test_files_hold_the_same_rows(frame: pl.DataFrame, tmp_path: Path) -> None:
    """The CSV has exactly the documented columns, in their order; Parquet has all."""
    write_decisions(frame, tmp_path / "out")

    table = pl.read_csv(tmp_path / "out" / CSV)
    assert tuple(table.columns) == CSV_COLUMNS
    assert table["delay_days"].to_list() == [0, 7, 3, 1]
    assert table["reason"].to_list() == [None, "not_worth_it", None, "not_worth_it"]
    assert pl.read_parquet(tmp_path / "out" / PARQUET).equals(frame)


def test_no_decisions_are_an_empty_table(tmp_path: Path) -> None:
    """A plan of nobody still has its columns, in the files too."""
    frame = decisions_frame([], campaign())
    write_decisions(frame, tmp_path)

    assert len(frame) == 0
    assert (tmp_path / CSV).read_text().strip() == ",".join(CSV_COLUMNS)
    assert tuple(frame.columns[: len(CSV_COLUMNS)]) == CSV_COLUMNS
