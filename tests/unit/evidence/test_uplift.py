"""Effects for each customer: scores by hand and unbiased, a toy with known effects."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from churn_saver.errors import InputError, SupportError
from churn_saver.evidence.clusters import units_of
from churn_saver.evidence.effect_parts import effect_parts
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.outcome_model import RECIPE as OUTCOME_RECIPE
from churn_saver.evidence.qini import qini
from churn_saver.evidence.rising import rising_ladder
from churn_saver.evidence.uplift import RECIPE, Uplift, scores, uplift
from tests.known_effects import ARMS, Known, retention_log

ROWS = 20_000
FEW_FOLDS = replace(RECIPE, folds=3)
QUICK = (replace(RECIPE, folds=3, trees=8), replace(OUTCOME_RECIPE, trees=8))


@cache
def known() -> Known:
    """Draw one log for many tests."""
    return retention_log(ROWS, np.random.default_rng(1))


@cache
def learned() -> Uplift:
    """Learn from it once."""
    return uplift(known().log, FEW_FOLDS)


def test_scores_by_hand() -> None:
    """Expected .5 and .6. No contact drawn with 1/2, reward 1: q_0 becomes .5 + .5/.5 = 1.5; .6 − 1.5 = −.9.

    Contact drawn with 1/4, reward 0: q_1 becomes .6 − .6·4 = −1.8, the effect −1.8 − .5 = −2.3.
    """
    log = Logged.checked(
        unit=np.arange(2), arm=np.array([0, 1]), propensity=np.array([0.5, 0.25]),
        allowed=np.ones((2, 2), dtype=np.bool_), reward=np.array([1.0, 0]),
        features=np.zeros((2, 1), dtype=np.float32),
    )  # fmt: skip

    np.testing.assert_allclose(scores(log, np.array([[0.5, 0.6], [0.5, 0.6]])), [[0, -0.9], [0, -2.3]])


def test_scores_are_unbiased_whatever_is_expected() -> None:
    """Over all arms and rewards of one customer, weighed by their chances, the score is the true effect.

    Chances to stay .7, .4, .9 of arms drawn with .5, .2, .3; expected rewards are nonsense.
    """
    mean, p, nonsense = np.array([0.7, 0.4, 0.9]), np.array([0.5, 0.2, 0.3]), np.array([[5.0, -3.0, 0.2]])
    total = np.zeros(3)
    for arm, reward in product(range(3), (0.0, 1.0)):
        log = Logged.checked(
            unit=np.array([0]), arm=np.array([arm]), propensity=p[[arm]],
            allowed=np.ones((1, 3), dtype=np.bool_), reward=np.array([reward]),
            features=np.zeros((1, 1), dtype=np.float32),
        )  # fmt: skip
        total += p[arm] * (mean[arm] if reward else 1 - mean[arm]) * scores(log, nonsense)[0]

    np.testing.assert_allclose(total, mean - 0.7)


def test_what_was_not_allowed_has_no_score() -> None:
    """Neither an arm that a gate closed, nor any arm where no contact was impossible."""
    log = Logged.checked(
        unit=np.arange(2), arm=np.array([0, 1]), propensity=np.array([0.5, 0.5]),
        allowed=np.array([[True, True, False], [False, True, True]]), reward=np.ones(2),
        features=np.zeros((2, 1), dtype=np.float32),
    )  # fmt: skip

    assert np.isnan(scores(log, np.zeros((2, 3)))).tolist() == [[False, False, True], [True, True, True]]


@pytest.mark.parametrize("targeted", [False, True])
def test_mean_effects_are_found(targeted: bool) -> None:
    """Each arm's mean effect lies within 3.5 standard errors of the truth, drawn by target or not."""
    drawn = retention_log(8_000, np.random.default_rng(6), targeted)

    for arm, average in enumerate(uplift(drawn.log, *QUICK).average, start=1):
        assert abs(average.value - float(drawn.effect[:, arm].mean())) < 3.5 * average.standard_error
        assert average.standard_error < 0.02


def test_effects_are_better_than_their_means() -> None:
    """They are nearer to the truth than every arm's true mean effect, and the slope is above 0 for sure."""
    truth, found = known().effect[:, 1:], learned().effect[:, 1:]

    assert np.mean((found - truth) ** 2) < np.mean((truth.mean(axis=0) - truth) ** 2)
    assert learned().slope.low > 0


def test_effects_win_over_a_random_order() -> None:
    """By the true effects, the order of each arm's effects earns at least half of what the oracle's earns."""
    for arm in range(1, ARMS):
        truth, rng = known().effect[:, arm], np.random.default_rng(0)
        ours = qini(learned().effect[:, arm], truth, known().log.unit, rng, parts=20).over_random.value
        best = qini(truth, truth, known().log.unit, rng, parts=20).over_random.value

        assert 0.5 * best < ours < best


def test_effects_are_as_large_as_they_say() -> None:
    """Three parts of each arm: at most two of the twelve predictions lie outside their 95 % intervals."""
    parts = [
        part
        for arm in range(1, ARMS)
        for part in effect_parts(learned().effect[:, arm], learned().score[:, arm], known().log.unit, parts=3)
    ]

    assert sum(not part.agrees for part in parts) <= 2


def test_effects_rise_with_the_offer() -> None:
    """Of every customer, known or new; no contact has no effect."""
    x = known().log.features[:100]

    for found in (learned().effect, learned().learner.effects(x)):
        assert (np.diff(found[:, 1:], axis=1) >= 0).all()
        assert (found[:, 0] == 0).all()


def test_new_customers_get_effects() -> None:
    """The learner of all rows orders customers it never saw as the truth does."""
    new = retention_log(4_000, np.random.default_rng(2))

    found = learned().learner.effects(new.log.features)

    assert found.shape == (4_000, ARMS)
    assert np.corrcoef(found[:, 4], new.effect[:, 4])[0, 1] > 0.6


def small(rows: int = 1_500, seed: int = 3) -> Logged:
    """Draw a log that is learned from in no time."""
    return retention_log(rows, np.random.default_rng(seed)).log


def test_the_same_log_gives_the_same_effects() -> None:
    """Bit by bit, also with two threads."""
    effects, outcomes = (replace(one, threads=2) for one in QUICK)

    found, again = uplift(small(), *QUICK), uplift(small(), effects, outcomes)

    np.testing.assert_array_equal(found.effect, again.effect)
    np.testing.assert_array_equal(found.score, again.score)


def test_a_row_does_not_learn_from_itself() -> None:
    """With rewards of 200 customers of a fold turned round, its customers keep their order among each other.

    Only slope and mean may move, which are one number each, so the fold's effects stay on a line.
    """
    log = known().log
    fold = units_of(log.unit).folds(3, RECIPE.seed) == 0
    some = fold & (np.cumsum(fold) <= 200)
    turned = replace(log, reward=np.where(some, 1 - log.reward, log.reward))

    found, other = (uplift(one, *QUICK, rising=False).effect[fold, 4] for one in (log, turned))

    assert min(found.std(), other.std()) > 1e-3
    assert np.corrcoef(found, other)[0, 1] == pytest.approx(1, abs=1e-9)


def test_customers_who_do_not_differ_show_no_slope() -> None:
    """Where no arm does anything, the slope's interval holds 0 or lies below, and effects are small."""
    log = small(4_000)
    nothing = replace(log, reward=(np.random.default_rng(4).random(4_000) < 0.6).astype(np.float64))

    found = uplift(nothing, *QUICK)

    assert found.slope.low < 0
    assert all(one.low < 0 < one.high for one in found.average)


def test_without_anything_known_everybody_has_the_mean() -> None:
    """Customers who all look alike cannot be told apart: slope 0, and each arm's mean made to rise."""
    log = small()
    blind = replace(log, features=np.zeros_like(log.features))

    found = uplift(blind, *QUICK)

    assert (found.slope.value, found.slope.low, found.slope.high) == (0, 0, 0)
    means = np.array([[one.value for one in found.average]])
    np.testing.assert_allclose(found.effect[:, 1:], np.tile(rising_ladder(means), (len(log), 1)))


def test_money_need_not_rise() -> None:
    """With `rising` False a larger offer may be worth less: its cost is found, and in money of any size."""
    truth = retention_log(6_000, np.random.default_rng(5))
    cost = np.array([0.0, 0, 10, 20, 40])
    paid = replace(truth.log, reward=100 * truth.log.reward - cost[truth.log.arm])

    found = uplift(paid, *QUICK, rising=False)

    assert (np.diff(found.effect[:, 1:].mean(axis=0)) < 0).all()


def test_gates_leave_rows_out_of_an_arm() -> None:
    """Customers who may not get the largest offer have no score of it, and the others teach it."""
    log = small(6_000)
    closed = (np.arange(6_000) % 4 == 0) & (log.arm != 4)
    allowed = log.allowed.copy()
    allowed[closed, 4] = False

    found = uplift(replace(log, allowed=allowed), *QUICK)

    assert np.isnan(found.score[:, 4]).sum() == closed.sum()
    assert np.isfinite(found.effect).all()


def test_an_arm_that_was_hardly_drawn_is_refused() -> None:
    """Two dozen rows teach no effect; the arm is named, and what to do."""
    log = small()
    kept = log.taken((log.arm != 3) | (np.cumsum(log.arm == 3) <= 24))

    with pytest.raises(
        SupportError, match=r"arm 3 was drawn in 24 of .* wanted 100: let the log explore it longer"
    ):
        uplift(kept)


def test_chances_have_to_be_known() -> None:
    """Without propensities there are no scores."""
    with pytest.raises(InputError, match=r"the log has no propensities"):
        uplift(replace(small(), propensity=None))


def test_estimated_chances_teach_nothing_about_one_customer() -> None:
    """What a model says of the past is no randomised log."""
    with pytest.raises(InputError, match=r"propensities of the log are estimated, wanted logged ones"):
        uplift(replace(small(), estimated_propensities=True))


def test_two_folds_are_too_few() -> None:
    """With two, the rows that teach would be scored by the rows they judge."""
    with pytest.raises(InputError, match=r"recipe has 2 folds, wanted 3 or more"):
        uplift(small(), replace(RECIPE, folds=2))
