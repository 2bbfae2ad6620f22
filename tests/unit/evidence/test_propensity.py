"""Propensities of a log that has none."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.evidence_offpolicy import LOGGING, TARGET, campaign, gated, truth
from churn_saver.errors import InputError
from churn_saver.evidence.estimators import Caution, evaluate
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.outcome_model import RECIPE
from churn_saver.evidence.propensity import estimated, with_estimated

SMALL = replace(RECIPE, trees=15)


def forgotten(logging: str, units: int, seed: int = 3) -> tuple[Logged, np.ndarray]:
    """Draw a campaign whose propensities nobody kept, and the probabilities that it had, (n, k)."""
    log, cell = campaign(np.random.default_rng(seed), logging, True, units)
    return replace(log, propensity=None), gated(LOGGING[logging][cell], log.allowed)


def test_chances_are_chances_of_what_was_allowed() -> None:
    """Together 1, nothing for a shut arm, never 0 for one that was open."""
    log, _ = forgotten("targeted", 300)

    found = estimated(log, SMALL)

    assert found.sum(axis=1) == pytest.approx(np.ones(len(log)))
    assert (found[~log.allowed] == 0).all()
    assert found[log.allowed].min() > 0


@pytest.mark.parametrize(("logging", "near"), [("uniform", 0.02), ("targeted", 0.04)])
def test_the_truth_is_found(logging: str, near: float) -> None:
    """6,000 rows: within a few hundredths of the true chances on average, whether they vary or not."""
    log, true = forgotten(logging, 3_000)

    assert np.abs(estimated(log, RECIPE) - true).mean() < near


def test_they_mean_what_they_say() -> None:
    """Of rows and arms said to have about the same chance, that share was drawn, in ten groups of an arm."""
    log, _ = forgotten("targeted", 3_000)
    found = estimated(log, RECIPE)
    drawn = np.eye(log.arms)[log.arm]

    for arm in range(log.arms):
        order = np.argsort(found[:, arm], kind="stable")
        for part in np.array_split(order, 10):
            assert found[part, arm].mean() == pytest.approx(drawn[part, arm].mean(), abs=0.06)
        assert found[:, arm].mean() == pytest.approx(drawn[:, arm].mean(), abs=0.01)


def test_no_row_is_guessed_by_trees_that_saw_its_unit() -> None:
    """One customer got other arms: others are guessed otherwise, this one only by the common curve."""
    log, _ = forgotten("uniform", 300)
    own = log.unit == 11
    turned = replace(log, arm=np.where(own, (log.arm + 1) % 3, log.arm))

    before, after = estimated(log, SMALL), estimated(turned, SMALL)

    assert np.abs(after - before)[own].max() < 3e-3
    assert np.abs(after - before)[~own].max() > 6e-3


def test_a_guess_is_marked_and_widens_every_interval() -> None:
    """The valuation says so, its intervals are wider than those of logged propensities, and hold truth."""
    log, cell = campaign(np.random.default_rng(8), "targeted", True, 1_000)
    guessed = with_estimated(replace(log, propensity=None), SMALL)
    target, q = gated(TARGET[cell], log.allowed), np.full(log.allowed.shape, log.reward.mean())

    known, found = evaluate(log, target, q), evaluate(guessed, target, q)

    assert guessed.estimated_propensities
    assert Caution.ESTIMATED in found.cautions
    assert found.dr.doubt_low > 0 == known.dr.doubt_low
    assert found.dr.high - found.dr.low > 1.05 * (known.dr.high - known.dr.low)
    assert found.dr.low < truth(TARGET, money=True) < found.dr.high


def test_the_same_log_gives_the_same_guess() -> None:
    """Bit for bit."""
    log, _ = forgotten("greedy", 200)

    assert (estimated(log, SMALL) == estimated(log, SMALL)).all()


def test_logged_propensities_are_not_replaced() -> None:
    """A guess is never better than the record."""
    log, _ = campaign(np.random.default_rng(8), "uniform", True, 20)

    with pytest.raises(InputError, match=r"the log has propensities of its own, wanted one without"):
        with_estimated(log, SMALL)
