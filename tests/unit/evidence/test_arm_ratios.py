"""The sample-ratio check of several arms, against Pearson's and over campaigns."""

import numpy as np
import pytest
from scipy.stats import chisquare

from churn_saver.errors import InputError
from churn_saver.evidence.arm_ratios import arm_ratios

FIVE = np.array([0.2, 0.2, 0.3, 0.25, 0.05])


def drawn(rng: np.random.Generator, p: np.ndarray) -> np.ndarray:
    """Draw an arm for every row."""
    arm: np.ndarray = (rng.random((len(p), 1)) > np.cumsum(p, axis=1)[:, :-1]).sum(axis=1)
    return arm


def test_with_the_same_probabilities_it_is_pearsons_chi_square() -> None:
    """Counts 18, 22, 35, 15, 10 of a hundred, and scipy's p-value."""
    counts = [18, 22, 35, 15, 10]
    arm = np.repeat(np.arange(5), counts)

    found = arm_ratios(arm, np.tile(FIVE, (100, 1)))

    assert found.counts == tuple(counts)
    assert found.expected == pytest.approx((20, 20, 30, 25, 5))
    assert found.p_value == pytest.approx(chisquare(counts, 100 * FIVE).pvalue)


def test_two_arms_by_hand() -> None:
    """60 of 100 at one half: (10/5)² = 4 with one degree, p = .0455."""
    found = arm_ratios(np.repeat([0, 1], [60, 40]), np.full((100, 2), 0.5))

    assert found.p_value == pytest.approx(0.0455, abs=5e-5)
    assert not found.is_mismatch


def test_arms_that_a_gate_left_out_are_not_missed() -> None:
    """Half of the rows could not be given the last arm, and none of them was: what is there is expected."""
    gated = np.array([[0.5, 0.5, 0.0]] * 300 + [[0.2, 0.2, 0.6]] * 300)
    arm = np.concatenate([np.repeat([0, 1], 150), np.repeat([0, 1, 2], [60, 60, 180])])

    found = arm_ratios(arm, gated)

    assert found.p_value == pytest.approx(1)
    assert found.verdict == "All 3 arms have the sizes that were drawn for (p = 1)."


def test_where_nothing_was_drawn_nothing_is_amiss() -> None:
    """Every row had one arm alone."""
    assert arm_ratios(np.array([0, 1, 0]), np.array([[1.0, 0], [0, 1], [1, 0]])).p_value == 1.0


def test_sound_logs_are_let_pass_and_skewed_ones_found() -> None:
    """In 300 sound logs an alarm is expected .3 times, and four have a chance of .03 %.

    With two points of arm 2 moved to arm 0 in the draw, at 20,000 rows, each of 20 is found.
    """
    rng = np.random.default_rng(1)
    own = rng.dirichlet(20 * FIVE, 5_000)
    wide = np.tile(FIVE, (20_000, 1))
    skewed = wide + np.array([0.02, 0, -0.02, 0, 0])

    sound = [arm_ratios(drawn(rng, own), own).is_mismatch for _ in range(300)]
    found = [arm_ratios(drawn(rng, skewed), wide).is_mismatch for _ in range(20)]

    assert sum(sound) < 4
    assert all(found)


def test_the_verdict_names_the_worst_arm() -> None:
    """Arm 4 has four times what was to be expected."""
    found = arm_ratios(np.repeat(np.arange(5), [170, 170, 255, 205, 200]), np.tile(FIVE, (1_000, 1)))

    assert found.verdict.startswith(
        "The arms do not have the sizes that were drawn for (p below 0.001): arm 4 has 200 rows, and 50.0 "
    )


@pytest.mark.parametrize(
    ("arm", "p", "alpha", "message"),
    [
        (np.array([0, 2]), np.full((2, 2), 0.5), 0.01, r"row 1 has an arm that is not from 0 to 1; 1 rows"),
        (np.array([0, 1]), np.array([[1, 0], [1, 0.0]]), 0.01, r"row 1 has an arm that was drawn with prob"),
        (np.array([0, 1]), np.array([[0.5, 0.4], [0.5, 0.5]]), 0.01, r"row 0 has probabilities that are not"),
        (np.array([0, 1]), np.array([[0.5, 0.5], [np.nan, 0.5]]), 0.01, r"row 1 has probabilities"),
        (np.array([0, 1]), np.full((3, 2), 0.5), 0.01, r"arms of shape \(2,\) beside probabilities of shape"),
        (np.array([0.0, 1]), np.full((2, 2), 0.5), 0.01, r"arm is of type float64"),
        (np.array([0, 1]), np.full((2, 2), 0.5), 0.0, r"alpha is 0\.0"),
    ],
)
def test_what_is_no_draw_is_refused(arm: np.ndarray, p: np.ndarray, alpha: float, message: str) -> None:
    """The row is named, with its fault."""
    with pytest.raises(InputError, match=message):
        arm_ratios(arm, p, alpha)
