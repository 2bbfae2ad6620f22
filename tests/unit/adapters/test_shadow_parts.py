"""What a shadow would do about a plan, written and read back, or refused."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.shadow_parts import read_shadows, write_shadows
from churn_saver.errors import InputError
from tests.shadowing import shadowed

A = "a" * 64


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    """Every number; names of decisions come later, and no customer's name stands in the file."""
    made = shadowed(
        A,
        ["", "", ""],
        choice=np.array([0, 3, 4], dtype=np.int8),
        needs_minor=np.array([0, 1_000, 1_450]),
        chances=np.eye(5)[[0, 3, 4]],
        accept_prob=np.array([np.nan, 0.2, 0.3]),
    )
    part = write_shadows(tmp_path, 7, made)
    found = read_shadows(tmp_path, part)

    assert (part.name, part.rows, part.contacts, part.needs_minor) == ("shadow-00007.parquet", 3, 2, 2_450)
    assert (found.version, list(found.decision_ids), len(found)) == (A, ["", "", ""], 3)
    for name in made.__slots__:
        if name not in ("version", "decision_ids"):
            np.testing.assert_array_equal(getattr(found, name), getattr(made, name), err_msg=name)
            assert getattr(found, name).dtype == getattr(made, name).dtype


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    """By its hash, before anything of it is read."""
    part = write_shadows(tmp_path, 0, shadowed(A, [""]))
    (tmp_path / part.name).write_bytes(b"x")

    with pytest.raises(InputError, match=r"shadow-00000\.parquet has SHA-256 .* changed after planning"):
        read_shadows(tmp_path, part)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """A part of the plan itself has no chances in it."""
    part = write_shadows(tmp_path, 0, shadowed(A, [""]))
    pl.read_parquet(tmp_path / part.name).drop("chance_2").write_parquet(tmp_path / part.name)
    own = replace(part, sha256=hashlib.sha256((tmp_path / part.name).read_bytes()).hexdigest())

    with pytest.raises(InputError, match=r"cannot be read .*another version of churn-saver made the plan"):
        read_shadows(tmp_path, own)
