"""What was learned of effects, written down and read back."""

import numpy as np
import pytest
import xgboost

from churn_saver.errors import ArtifactError
from churn_saver.evidence.learner import Learner, laddered
from tests.persuadables import learned

LEARNER = learned().effects.learner
NUMBERS = (LEARNER.average.tolist(), LEARNER.found.tolist(), LEARNER.slope, LEARNER.rising)


def again(content: bytes) -> Learner:
    """Read trees back beside the same numbers."""
    return Learner.from_bytes(content, *NUMBERS)


def asked(rows: int, seed: int = 0) -> np.ndarray:
    """Give x of as many columns as were learned from, some of it missing."""
    x = np.random.default_rng(seed).random((rows, LEARNER.columns)).astype(np.float32) * 70
    x[::3, 1] = np.nan
    return x


def test_what_is_read_back_gives_the_same_effects_to_the_bit() -> None:
    """Of customers it never saw, and written again it is the same bytes."""
    found = again(LEARNER.to_bytes())

    np.testing.assert_array_equal(found.effects(asked(500)), LEARNER.effects(asked(500)))
    assert found.to_bytes() == LEARNER.to_bytes()
    assert found.columns == LEARNER.columns == 4


@pytest.mark.parametrize("seed", [1, 2])
def test_a_row_has_the_same_effects_alone_and_in_a_batch(seed: int) -> None:
    """To the bit."""
    x = asked(40, seed)

    whole = LEARNER.effects(x)

    for row in range(0, 40, 7):
        np.testing.assert_array_equal(LEARNER.effects(x[row : row + 1])[0], whole[row])


def test_a_ladder_by_hand() -> None:
    """.3 above .1 is pooled to .2 and .2 where it must rise, and stays where it need not."""
    found = np.array([[0.3, 0.1, 0.4]])

    np.testing.assert_allclose(laddered(found, rising=True), [[0, 0.2, 0.2, 0.4]])
    np.testing.assert_array_equal(laddered(found, rising=False), [[0, 0.3, 0.1, 0.4]])


@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04", b"{}", b"{L" + bytes(40)])
def test_what_is_no_tree_is_refused(content: bytes) -> None:
    """An empty file, half a line, another format, zeros; the command that mends it is named."""
    with pytest.raises(
        ArtifactError, match=r"trees of effects cannot be read .*learn again: churn-saver train-uplift"
    ):
        again(content)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_what_was_cut_short_is_refused(share: float) -> None:
    """Wherever it was cut."""
    whole = LEARNER.to_bytes()

    with pytest.raises(ArtifactError, match=r"trees of effects cannot be read"):
        again(whole[: int(share * len(whole))])


def test_trees_of_something_else_are_refused() -> None:
    """Their answers would be log-odds."""
    rows = xgboost.DMatrix(np.arange(8.0).reshape(-1, 1), np.array([0, 1] * 4))
    other = xgboost.train({"objective": "binary:logistic", "nthread": 1}, rows, 1)

    with pytest.raises(ArtifactError, match=r"grown for 'binary:logistic', wanted 'reg:squarederror'"):
        again(bytes(other.save_raw("ubj")))


@pytest.mark.parametrize(
    ("average", "found", "slope"),
    [([], [], 1.0), ([0.1], [0.1, 0.2], 1.0), ([float("nan")], [0.1], 1.0), ([0.1], [0.1], -0.5)],
)
def test_numbers_that_are_none_are_refused(average: list[float], found: list[float], slope: float) -> None:
    """No arm, one number too many, not a number, a slope that would turn the ranking round."""
    with pytest.raises(ArtifactError, match=r"wanted one of each for each arm, finite, and a slope of 0"):
        Learner.from_bytes(LEARNER.to_bytes(), average, found, slope, True)
