"""What is worth drawing."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.quality.distributions import (
    BINS,
    MOST,
    Histogram,
    Words,
    length_differences,
    text_lengths,
)
from churn_saver.data.quality.distributions import distributions as counted
from churn_saver.data.quality.profile import profile


def distributions(frame: pl.DataFrame, label: str | None) -> tuple[Histogram | Words, ...]:
    """Count with the table's own profile."""
    return counted(frame, profile(frame), label)


def _table(n: int = 1_000) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    y = rng.random(n) < 0.3
    return pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "noise": rng.normal(0, 1, n),
            "telling": rng.normal(0, 1, n) + 2 * y,
            "plan": np.where(y, "a", rng.choice(["a", "b"], n)),
            "same": "x",
            "y": y.astype(np.int8),
        }
    )


def test_columns_that_tell_most_come_first() -> None:
    """Numbers, then words; the label, ids and constant columns are left out."""
    found = distributions(_table(), "y")

    assert [one.column for one in found] == ["telling", "noise", "plan"]


def test_groups_are_those_of_the_label() -> None:
    """Their rows add up; the median of the ones lies about 2 above."""
    (telling, *_), y = distributions(_table(), "y"), _table()["y"]

    assert isinstance(telling, Histogram)
    ones, others = telling.groups
    assert (ones.name, ones.rows, others.name) == ("y: yes", y.sum(), "y: no")
    assert others.rows == len(y) - ones.rows
    assert 1.7 < ones.median - others.median < 2.3


def test_words_are_counted_with_their_ones() -> None:
    """Six a with two ones, five b with one; by hand."""
    frame = pl.DataFrame({"plan": ["a"] * 6 + ["b"] * 5 + ["c"], "y": [1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]})
    with_label = distributions(frame, "y")
    without = distributions(frame.drop("y"), None)

    assert with_label == (Words("plan", (("a", 6, 2), ("b", 5, 1), ("others", 1, 1))),)
    assert without == (Words("plan", (("a", 6, None), ("b", 5, None), ("others", 1, None))),)


def test_whole_numbers_stand_in_the_middle_of_their_bins() -> None:
    """1..4: four bins of width 1 around them."""
    (found,) = distributions(pl.DataFrame({"x": [1.0, 2.0, 2.0, 4.0]}), None)

    assert isinstance(found, Histogram)
    assert found.edges == (0.5, 1.5, 2.5, 3.5, 4.5)
    assert found.groups[0].counts == (1, 2, 0, 1)


def test_no_more_columns_than_promised() -> None:
    """Five of numbers and none of words are three pictures."""
    frame = pl.DataFrame({f"x{i}": [float(i), 1.5, 7.0 + i] for i in range(5)})

    assert len(distributions(frame, None)) == MOST


def test_a_far_value_does_not_flatten_the_picture() -> None:
    """One bill of a million among a thousand usual ones is counted in the last bin."""
    bills = [float(i % 50) + 0.5 for i in range(1_000)] + [1e6]
    (found,) = distributions(pl.DataFrame({"bill": bills}), None)

    assert isinstance(found, Histogram)
    assert found.edges[-1] < 60
    assert sum(found.groups[0].counts) == 1_001


@given(st.lists(st.one_of(st.floats(-1e5, 1e5), st.integers(-50, 50).map(float)), min_size=2, max_size=200))
def test_every_row_is_in_one_bin(values: list[float]) -> None:
    """Whatever the values: bins grow, and counts add up."""
    for found in distributions(pl.DataFrame({"x": values}, schema={"x": pl.Float64}), None):
        assert isinstance(found, Histogram)
        assert sum(found.groups[0].counts) == len(values)
        assert list(found.edges) == sorted(set(found.edges))
        assert len(found.groups[0].counts) == len(found.edges) - 1


def test_label_of_one_kind_has_one_group() -> None:
    """Nobody left: only the others are counted, and no column tells more than another."""
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0], "y": [0, 0, 0]})
    (found,) = distributions(frame, "y")

    assert isinstance(found, Histogram)
    assert [group.name for group in found.groups] == ["y: no"]


def test_lengths_of_texts_share_their_bins() -> None:
    """Lengths 1, 3 and 10; a null is no text."""
    frame = pl.DataFrame({"prompt": ["a", "abc", None], "response": ["x" * 10] * 3})
    found = text_lengths(frame, ("prompt", "response"))

    assert found is not None
    assert [(group.name, group.rows, group.median) for group in found.groups] == [
        ("prompt", 2, 2.0),
        ("response", 3, 10.0),
    ]
    assert found.logarithmic
    assert all(sum(group.counts) == group.rows for group in found.groups)


def test_without_texts_there_is_nothing_to_count() -> None:
    """No row, only nulls, only empty texts."""
    for values in ([], [None], [""]):
        frame = pl.DataFrame({"a": values, "b": values}, schema={"a": pl.String, "b": pl.String})
        assert text_lengths(frame, ("a", "b")) is None
    assert length_differences(pl.DataFrame(schema={"a": pl.String, "b": pl.String}), "a", "b") is None


def test_differences_of_length_lie_around_nothing() -> None:
    """+2, −1 and 0: median 0, the same reach to both sides."""
    frame = pl.DataFrame({"chosen": ["abc", "a", "xy"], "rejected": ["a", "ab", "yx"]})
    found = length_differences(frame, "chosen", "rejected")

    assert found is not None
    assert found.edges[0] == -found.edges[-1]
    assert (found.groups[0].median, sum(found.groups[0].counts), len(found.edges)) == (0, 3, BINS + 1)
