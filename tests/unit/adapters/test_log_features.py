"""Columns of what was known, as float32."""

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.log_features import MOST_INDICATORS, FeatureColumn, matrix_of


def column(*parts: list[str | None], name: str = "plan") -> FeatureColumn:
    """Give a column that came in parts."""
    made = FeatureColumn(name)
    for part in parts:
        made.add(pl.Series(part, dtype=pl.String))
    return made


def test_numbers_stay_numbers_and_blanks_stay_missing() -> None:
    """In one column under the file's name."""
    matrix, names = matrix_of([column(["1.5", None], ["-2e3"])], 3)

    assert names == ("plan",)
    assert matrix.dtype == np.float32
    np.testing.assert_array_equal(matrix[:, 0], [1.5, np.nan, -2000])


def test_few_words_become_a_column_each() -> None:
    """In the order of the words; a missing one is missing in all of them."""
    matrix, names = matrix_of([column(["web", "phone", None, "web"])], 4)

    assert names == ("plan=phone", "plan=web")
    np.testing.assert_array_equal(matrix, [[0, 1], [1, 0], [np.nan, np.nan], [0, 1]])


def test_many_words_become_codes_the_most_frequent_first() -> None:
    """Equally frequent ones in their own order."""
    words = [f"w{place:02d}" for place in range(MOST_INDICATORS + 1)]
    matrix, names = matrix_of([column(["w12", *words])], len(words) + 1)

    assert names == ("plan",)
    np.testing.assert_array_equal(matrix[:, 0], [0, *range(1, len(words)), 0])


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_where_a_file_is_cut_makes_no_difference(cut: int) -> None:
    """A part of numbers before a part of words is one of words too, 2.0 and 2 the same."""
    cells = ["2", "2.0", "other", None]
    whole, names = matrix_of([column(cells)], 4)
    parts, same = matrix_of([column(cells[:cut], cells[cut:])], 4)

    assert names == same == ("plan=2.0", "plan=other")
    np.testing.assert_array_equal(whole, parts)
    np.testing.assert_array_equal(whole[:, 0], [1, 1, 0, np.nan])


def test_numbers_need_not_come_as_text() -> None:
    """NaN and null are both missing."""
    made = FeatureColumn("risk")
    made.add(pl.Series([0.5, None, float("nan")], dtype=pl.Float64))
    matrix, _ = matrix_of([made], 3)

    np.testing.assert_array_equal(matrix[:, 0], [0.5, np.nan, np.nan])
