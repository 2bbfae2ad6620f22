"""Boosted trees behind one narrow door."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from churn_saver.errors import ArtifactError
from churn_saver.tabular.boosting import FEW_ROWS, Recipe, Trees, grow
from tests.binary_models import grown, length

RECIPE = Recipe(20, 2, 0.3, 1.0, 0.8, 1.0, 7)
NAMES = ("a", "b")


def drawn(seed: int = 0, n: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows whose label follows the first column."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2)).astype(np.float32)
    return x, (rng.random(n) < 1 / (1 + np.exp(-2 * x[:, 0]))).astype(np.float64)


def test_one_stump_by_hand() -> None:
    """One split of ten ones and ten zeros, rate 1, λ = 1, starting from p = 1/2.

    Left leaf: −Σ(p − y) / (Σp(1 − p) + 1) = −5 / (2.5 + 1); right leaf the opposite.
    """
    x = np.repeat([[0.0], [1.0]], 10, axis=0).astype(np.float32)
    label = np.repeat([0.0, 1.0], 10)

    trees = grow([x], label, None, ["a"], Recipe(1, 1, 1.0, 0.0, 1.0, 1.0, 0))

    np.testing.assert_allclose(trees.raw(x)[[0, -1]], [-5 / 3.5, 5 / 3.5], rtol=1e-6)


def test_it_learns_and_ignores_noise() -> None:
    """Scores rise with the column that matters."""
    x, label = drawn()

    raw = grow([x], label, None, NAMES, RECIPE).raw(x)

    assert np.corrcoef(raw, x[:, 0])[0, 1] > 0.8


def test_same_rows_same_bytes() -> None:
    """Growing twice gives the same file, another seed another one."""
    x, label = drawn()

    first, second = (grow([x], label, None, NAMES, RECIPE).to_bytes() for _ in range(2))

    assert first == second
    assert grow([x], label, None, NAMES, replace(RECIPE, seed=8)).to_bytes() != first


def test_the_contributions_to_one_stump_by_hand() -> None:
    """Leaves of −5 / 3.5 and 5 / 3.5 with as many rows each: it starts from 0, and the column has it all."""
    x = np.repeat([[0.0, 3.0], [1.0, 3.0]], 10, axis=0).astype(np.float32)
    label = np.repeat([0.0, 1.0], 10)
    trees = grow([x], label, None, NAMES, Recipe(1, 1, 1.0, 0.0, 1.0, 1.0, 0))

    found = trees.contributions(x[[0, -1]])

    np.testing.assert_allclose(found, [[-5 / 3.5, 0.0, 0.0], [5 / 3.5, 0.0, 0.0]], atol=1e-6)


def test_contributions_add_up_to_the_score() -> None:
    """Of every row, absent values included, to the rounding of 32 bits."""
    x, label = drawn(2)
    x[::7, 0] = np.nan
    trees = grow([x], label, None, NAMES, RECIPE)

    np.testing.assert_allclose(trees.contributions(x).sum(axis=1), trees.raw(x), atol=1e-5)


def test_trees_come_back_from_bytes() -> None:
    """The same scores and the same bytes after a round trip, whatever the threads."""
    x, label = drawn()
    trees = grow([x], label, None, NAMES, RECIPE)

    for threads in (1, 2):
        again = Trees.from_bytes(trees.to_bytes(), NAMES, threads)
        np.testing.assert_array_equal(again.raw(x), trees.raw(x))
        assert again.to_bytes() == trees.to_bytes()


@dataclass
class Counting:
    """A booster that notes how many rows it was asked about."""

    rows: list[int] = field(default_factory=list)

    def inplace_predict(
        self, data: NDArray[np.float32], *, predict_type: str, validate_features: bool
    ) -> NDArray[np.float32]:
        """Score every row 0."""
        assert (predict_type, validate_features) == ("margin", False)
        self.rows.append(len(data))
        return np.zeros(len(data), dtype=np.float32)

    def predict(self, data: object, *, pred_contribs: bool) -> NDArray[np.float32]:
        """Is asked for scores alone."""
        raise NotImplementedError

    def save_raw(self, raw_format: str) -> bytearray:
        """Give nothing."""
        return bytearray(raw_format.encode())

    def set_param(self, params: dict[str, int]) -> None:
        """Take no note."""


def test_few_rows_are_asked_on_one_thread() -> None:
    """A request never waits for a second thread; a table of more rows has as many as it was given."""
    alone, crew = Counting(), Counting()
    trees = Trees(NAMES, alone, crew)
    for n in (1, 4, FEW_ROWS, FEW_ROWS + 1):
        trees.raw(np.zeros((n, len(NAMES)), dtype=np.float32))

    assert (alone.rows, crew.rows) == ([1, 4, FEW_ROWS], [FEW_ROWS + 1])


def test_a_row_alone_has_the_bits_it_has_among_others() -> None:
    """Blocks of any size, and one row, score alike."""
    x, label = drawn(1, 300)
    trees = grow([x], label, None, NAMES, RECIPE)
    whole = trees.raw(x)

    for size in (1, 7, 63, 64, 65, 300):
        np.testing.assert_array_equal(trees.raw(x[:size]), whole[:size])
    assert all(trees.raw(x[[i]])[0] == whole[i] for i in range(0, 300, 13))


def test_a_rising_column_never_lowers_the_score() -> None:
    """Labels fall with the column, so the constraint leaves it flat; without it the score falls."""
    x, label = drawn()
    grid = np.column_stack([np.linspace(-3, 3, 50), np.zeros(50)]).astype(np.float32)

    held = grow([x], 1 - label, None, NAMES, replace(RECIPE, rising=("a",))).raw(grid)
    free = grow([x], 1 - label, None, NAMES, RECIPE).raw(grid)

    assert (np.diff(held) >= 0).all()
    assert (np.diff(free) < 0).any()


def test_two_ways_are_rows_twice() -> None:
    """Learning from two ways equals learning from both stacked; weights follow the rows."""
    x, label = drawn()
    blind = x.copy()
    blind[:, 0] = np.nan
    weight = np.linspace(0.5, 2, len(label))
    plain = replace(RECIPE, row_share=1.0)

    ways = grow([x, blind], label, weight, NAMES, plain)
    stacked = grow([np.vstack([x, blind])], np.tile(label, 2), np.tile(weight, 2), NAMES, plain)

    assert ways.to_bytes() == stacked.to_bytes()


@pytest.mark.parametrize("content", [b"{L", b"", b"{}", b"not trees", grown(1)[:-1]])
def test_bytes_that_are_no_trees_are_refused(content: bytes) -> None:
    """The message says what to do; over no bytes at all the library would end the process."""
    with pytest.raises(ArtifactError, match=r"trees cannot be read .*make train-risk"):
        Trees.from_bytes(content, NAMES, 1)


def test_trees_that_lead_nowhere_are_refused() -> None:
    """Valid by the format, and the library would read foreign memory: a child that no tree has."""
    content = grown(1)
    at = content.index(b"left_children[$l#") + len(b"left_children[$l#") + len(length(0))
    lost = content[:at] + b"\x7f" + content[at + 1 :]

    with pytest.raises(ArtifactError, match=r"cannot be read \(a child stands before .*outside its tree\)"):
        Trees.from_bytes(lost, NAMES, 1)


def test_trees_of_other_columns_are_refused() -> None:
    """A model must not be asked with columns in another order."""
    x, label = drawn()
    content = grow([x], label, None, NAMES, RECIPE).to_bytes()

    with pytest.raises(ArtifactError, match=r"grown on \['a', 'b'\], wanted \['b', 'a'\]"):
        Trees.from_bytes(content, ("b", "a"), 1)
