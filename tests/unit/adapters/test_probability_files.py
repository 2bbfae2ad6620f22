"""Probabilities of a policy that somebody else asked."""

from pathlib import Path

import polars as pl
import pytest

from churn_saver.adapters.probability_files import read_probabilities
from churn_saver.errors import InputError, TableError

ARMS = ("none", "10")
IDS = pl.Series(["d1", "d2"])


def file(folder: Path, text: str) -> Path:
    """Write a text."""
    path = folder / "p.csv"
    path.write_text(text)
    return path


def test_rows_are_those_of_the_log_in_its_order(tmp_path: Path) -> None:
    """Arms stand in the order of the log, whatever that of the file."""
    path = file(tmp_path, "10,none\n0.25,0.75\n1,0\n")

    assert read_probabilities(path, ARMS, None, 2).tolist() == [[0.75, 0.25], [0, 1]]
    assert read_probabilities(path, ARMS, IDS, 2).tolist() == [[0.75, 0.25], [0, 1]]


def test_rows_are_found_by_their_decision(tmp_path: Path) -> None:
    """In any order, and there may be more of them: the log leaves decisions out."""
    path = file(tmp_path, "decision_id,none,10\nd2,0,1\nd9,1,0\nd1,0.5,0.5\n")

    assert read_probabilities(path, ARMS, IDS, 2).tolist() == [[0.5, 0.5], [0, 1]]


def test_a_decision_that_nobody_asked_about_is_named(tmp_path: Path) -> None:
    """And counted."""
    path = file(tmp_path, "decision_id,none,10\nd2,0,1\n")

    with pytest.raises(InputError, match=r"no row for 1 of 2 decisions of the log \(d1\)"):
        read_probabilities(path, ARMS, IDS, 2)


def test_another_number_of_rows_is_refused(tmp_path: Path) -> None:
    """Nobody knows which row is which."""
    with pytest.raises(InputError, match=r"has 1 rows, the log 2: wanted one for each, in the order"):
        read_probabilities(file(tmp_path, "none,10\n0,1\n"), ARMS, None, 2)


def test_an_arm_without_a_column_and_cells_that_are_no_probability_are_named(tmp_path: Path) -> None:
    """By their line."""
    with pytest.raises(TableError, match=r"'10' is 'absent', wanted a probability from 0 to 1"):
        read_probabilities(file(tmp_path, "none,20\n0,1\n"), ARMS, None, 1)
    with pytest.raises(TableError, match=r"p\.csv:2: column 'none' is '1\.5', wanted a probability"):
        read_probabilities(file(tmp_path, "none,10\n1.5,0\n"), ARMS, None, 1)
