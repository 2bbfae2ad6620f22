"""The classifier's arithmetic, by hand, and what it refuses to be made of."""

from math import exp, nan, sqrt

import numpy as np
import pytest
from numpy.typing import NDArray

from churn_saver.errors import ArtifactError
from churn_saver.message.toxicity import Toxicity


def arrays(**changes: NDArray[np.generic]) -> dict[str, NDArray[np.generic]]:
    """Give a classifier of two words and two margins."""
    plain: dict[str, NDArray[np.generic]] = {
        "words": np.frombuffer(b"bad\nbill", dtype=np.uint8),
        "idf": np.array([3.0, 2.0], dtype=np.float32),
        "weights": np.array([[2.0, -1.0], [1.0, 0.0]], dtype=np.float32),
        "intercepts": np.array([-0.5, 0.0]),
        "slopes": np.array([-2.0, -1.0]),
        "offsets": np.array([0.0, 1.0]),
    }
    return plain | changes


def sigmoid(value: float) -> float:
    """Give 1 / (1 + e^value), as the curves are written."""
    return 1 / (1 + exp(value))


def test_a_score_is_worked_by_hand() -> None:
    """Counts times rarity at unit length, margins, curves, mean.

    "bad bad bill": (2·3, 1·2) / √40 = (.9487, .3162). Margins: 2·.9487 − .3162 − .5 = 1.0811 and .9487.
    Curves: 1/(1 + e^(−2·1.0811)) and 1/(1 + e^(−.9487 + 1)).
    """
    first = (2 * 6 - 2) / sqrt(40) - 0.5
    wanted = (sigmoid(-2 * first) + sigmoid(-6 / sqrt(40) + 1)) / 2

    assert Toxicity.of_arrays(arrays()).probability("BAD, bad bill!") == pytest.approx(wanted)


def test_unknown_words_say_nothing() -> None:
    """They change neither the sums nor the length; without any known word the intercepts speak."""
    judge = Toxicity.of_arrays(arrays())

    assert judge.probability("a bad x thing") == judge.probability("bad")
    assert judge.probability("") == pytest.approx((sigmoid(1.0) + sigmoid(1.0)) / 2)


def test_the_boundary_is_a_half() -> None:
    """At .5 a text is toxic."""
    even = arrays(slopes=np.zeros(2), offsets=np.zeros(2))
    below = arrays(slopes=np.zeros(2), offsets=np.full(2, 1e-9))

    assert Toxicity.of_arrays(even).is_toxic("anything")
    assert not Toxicity.of_arrays(below).is_toxic("anything")


def test_the_steepest_curve_stays_a_probability() -> None:
    """No margin leaves the range of floats."""
    steep = Toxicity.of_arrays(arrays(slopes=np.array([1e9, -1e9])))

    assert steep.probability("bad") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"idf": np.ones(3)}, r"shapes .* for 2 words"),
        ({"slopes": np.ones(1)}, r"shapes .* for 2 words"),
        ({"offsets": np.array([np.nan, 0.0])}, r"not finite"),
        ({"extra": np.ones(1)}, r"wanted \['idf'"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes: dict[str, NDArray[np.generic]], fault: str) -> None:
    """Missing, misshapen or infinite numbers are named."""
    with pytest.raises(ArtifactError, match=fault):
        Toxicity.of_arrays(arrays(**changes))


def test_a_chance_that_is_no_number_is_no_answer() -> None:
    """Whoever asks hears that nobody can say, and not that the text is harmless."""
    broken = Toxicity({}, ((nan, 1.0, 0.0),))

    with pytest.raises(ArtifactError, match=r"is no number"):
        broken.is_toxic("any text")
