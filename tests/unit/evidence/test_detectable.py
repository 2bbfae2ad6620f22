"""The smallest effect and the sample it takes, by hand and against every outcome of a trial."""

import numpy as np
import pytest
from scipy.stats import binom

from churn_saver.errors import InputError
from churn_saver.evidence.detectable import money_size, share_size, smallest_effect
from churn_saver.evidence.shares import newcombe


def test_the_smallest_effect_is_two_point_eight_errors() -> None:
    """1.95996 + .84162 = 2.80159, and at 90 % with a power of .9: 1.64485 + 1.28155."""
    assert smallest_effect(10.0) == pytest.approx(28.0159, abs=1e-4)
    assert smallest_effect(1.0, level=0.9, power=0.9) == pytest.approx(2.92640, abs=1e-5)


def test_the_size_for_a_share_by_hand() -> None:
    """From .5 to .6, half held out: 7.84888 · (.24/.5 + .25/.5) / .01 = 769.2, which is 385 in each arm."""
    assert share_size(0.1, 0.5, 0.5) == 770
    assert share_size(-0.1, 0.6, 0.5) == 770


def test_the_size_for_money_is_cohens() -> None:
    """A fifth of a standard deviation, equal arms: 2 · 7.84888 · 25 = 392.4 in each arm, 785 in all."""
    assert money_size(20.0, 100.0, 0.5) == 785


def test_a_small_holdout_costs_customers() -> None:
    """One in twenty instead of half takes (1/.95 + 1/.05) / 4 = 5.263 times as many for money."""
    assert money_size(1.0, 100.0, 0.05) == pytest.approx(5.263_158 * money_size(1.0, 100.0, 0.5), rel=1e-4)


@pytest.mark.parametrize(("holdout_share", "within"), [(0.5, 0.01), (0.05, 0.06)])
def test_of_that_size_four_trials_in_five_find_the_effect(holdout_share: float, within: float) -> None:
    """Every outcome of both arms by its chance: Newcombe's interval lies above 0 in 80 %.

    With 171 held out it is 86 %: the score interval of a share above one half is the shorter upwards.
    """
    size = share_size(0.1, 0.7, holdout_share)
    held_out = round(size * holdout_share)
    treated = size - held_out
    count, other = np.arange(treated + 1.0), np.arange(held_out + 1.0)
    rows, other_rows = np.full(treated + 1, float(treated)), np.full(treated + 1, float(held_out))

    found = 0.0
    for stayed in other:
        low, _ = newcombe(count, rows, np.full(treated + 1, stayed), other_rows, 0.95)
        chance = binom.pmf(count, treated, 0.8) @ (low > 0)
        found += binom.pmf(stayed, held_out, 0.7) * chance

    assert found == pytest.approx(0.8, abs=within)


def test_the_size_shows_its_effect() -> None:
    """There and back: the error of that many customers shows the effect they were asked for."""
    size = share_size(0.02, 0.8, 0.05)
    error = np.sqrt(0.82 * 0.18 / (0.95 * size) + 0.8 * 0.2 / (0.05 * size))

    assert smallest_effect(error) == pytest.approx(0.02, rel=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: smallest_effect(float("nan")), r"the standard error is nan, wanted a number"),
        (lambda: smallest_effect(1.0, power=1.0), r"power is 1\.0, wanted a chance inside \(0, 1\)"),
        (lambda: smallest_effect(1.0, level=0.0), r"level is 0\.0"),
        (lambda: share_size(0.0, 0.5, 0.5), r"the effect is 0\.0, wanted a number other than 0"),
        (lambda: share_size(0.3, 0.8, 0.5), r"the share is 0\.8 and 1\.1 with its effect, wanted both"),
        (lambda: share_size(0.1, 0.5, 0.0), r"the holdout's share is 0\.0, wanted it inside \(0, 1\)"),
        (lambda: money_size(1.0, -1.0, 0.5), r"the spread is -1\.0 minor units"),
        (lambda: money_size(float("inf"), 1.0, 0.5), r"the effect is inf"),
    ],
)
def test_what_cannot_be_planned_is_refused(call: object, message: str) -> None:
    """The message names the thing and what was wanted."""
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]
