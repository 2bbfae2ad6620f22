"""Acceptance measured where the truth is known."""

import numpy as np
import polars as pl
import pytest

from churn_saver.config import TabularSettings
from churn_saver.data.uci_bank import NUMBERS, WORDS
from churn_saver.train.bank_reference import (
    Base,
    base_of,
    draw_offers,
    ladder_of,
    measure,
    spline_ladder_of,
)
from churn_saver.train.risk import methods


@pytest.fixture(scope="module")
def base(quick: TabularSettings) -> Base:
    """A table of the Bank's columns in which a yes grows likelier with age."""
    rng = np.random.default_rng(0)
    n = 4_000
    age = rng.uniform(20, 70, n)
    frame = pl.DataFrame(
        {
            "customer_id": [f"B{i}" for i in range(n)],
            **{name: rng.random(n) for name in NUMBERS},
            "age": age,
            **{name: np.array(["yes", "no"])[rng.integers(0, 2, n)] for name in WORDS},
            "accepted_base": (rng.random(n) < age / 200).astype(np.int8),
        }
    )
    return base_of(frame, quick)


def test_the_base_follows_the_real_answers(base: Base) -> None:
    """Cross-fitted, without a hold-out: as many yes as there are, and more among the old."""
    age = base.frame["age"].to_numpy()

    assert set(base.fold) == {0, 1, 2}
    assert base.probability.mean() == pytest.approx(base.frame["accepted_base"].mean(), abs=0.01)
    assert np.corrcoef(age, base.probability)[0, 1] > 0.4


def test_offers_have_the_assumed_truth(base: Base, quick: TabularSettings) -> None:
    """The offer is the last column, weights have mean 1, the truth rises with the offer."""
    offers = draw_offers(base, 1, "targeted", quick.accept.propensity_floor)

    assert offers.names[-1] == "offer_pct"
    np.testing.assert_array_equal(offers.x[:, -1], offers.offer_pct)
    assert offers.weight.mean() == pytest.approx(1)
    assert (np.diff(offers.truth, axis=1) > 0).all()
    assert 0.2 < offers.accepted.mean() < 0.5


def test_the_truth_has_no_regret(base: Base, quick: TabularSettings) -> None:
    """Measured against itself it reaches the Bayes AUC, and only a constant offer loses."""
    offers = draw_offers(base, 1, "uniform", quick.accept.propensity_floor)

    found = measure(offers, offers.truth, quick, (0.5,))

    assert found.regret.value == pytest.approx(0, abs=1e-12)
    assert found.scores.auc.value == found.bayes_auc
    assert (found.ties, found.violations) == (0, 0)
    assert found.constant_regret > 0
    assert found.by_margin["0.5"][0] == pytest.approx(0, abs=1e-12)


def test_a_constant_ladder_chooses_the_smallest_offer(base: Base, quick: TabularSettings) -> None:
    """Equal probabilities tie everywhere and make 0 % the best choice: the regret of 0 % for all."""
    offers = draw_offers(base, 1, "uniform", quick.accept.propensity_floor)
    values = offers.truth * (quick.accept.margin_kept - np.array([0, 0.05, 0.1, 0.15]))

    found = measure(offers, np.full((4_000, 4), 0.3), quick, ())

    assert found.ties == 4_000
    assert found.regret.value == pytest.approx(1 - values[:, 0].sum() / values.max(axis=1).sum())


def test_fits_come_near_the_truth(base: Base, quick: TabularSettings) -> None:
    """Our model and the splines rank nearly as well as the truth; ours never ties."""
    offers = draw_offers(base, 2, "uniform", quick.accept.propensity_floor)

    ours = measure(offers, ladder_of(offers, methods(quick, "accept")[0]), quick, ())
    splines = measure(offers, spline_ladder_of(offers), quick, ())

    assert (ours.ties, ours.violations) == (0, 0)
    assert ours.scores.auc.value > ours.bayes_auc - 0.05
    assert splines.scores.auc.value > splines.bayes_auc - 0.05
