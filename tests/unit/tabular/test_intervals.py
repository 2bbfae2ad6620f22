"""Bootstrap intervals, against closed forms and scipy."""

import numpy as np
import pytest
from scipy.stats import bootstrap as peer_bootstrap

from churn_saver.tabular.intervals import bootstrap, difference, intervals, scores
from churn_saver.tabular.quality import auc, brier, log_loss


def drawn(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities and labels that follow them."""
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 2, n)
    return (rng.random(n) < p).astype(np.float64), p


def test_the_interval_of_a_mean_has_the_width_of_the_normal_law() -> None:
    """The mean of 2,000 draws of sd 1 has a standard error of 1/√2000 = .02236: ± 1.96 of it."""
    values = np.random.default_rng(1).normal(0, 1, 2_000)
    values = (values - values.mean()) / values.std()

    found = bootstrap(lambda rows: [values[rows].mean()], 2_000, np.random.default_rng(2), 2_000)[0]

    assert found.value == pytest.approx(0, abs=1e-12)
    assert found.high - found.low == pytest.approx(2 * 1.96 / np.sqrt(2_000), rel=0.05)
    assert found.low == pytest.approx(-found.high, abs=0.004)


def test_the_interval_agrees_with_scipy() -> None:
    """Scipy's percentile bootstrap of the Brier score ends in the same places, to its own noise."""
    label, p = drawn(3, 500)
    peer = peer_bootstrap(
        ((p - label) ** 2,), np.mean, method="percentile", n_resamples=4_000, rng=np.random.default_rng(0)
    ).confidence_interval

    found = intervals([brier], label, p, np.random.default_rng(0), 4_000)[0]

    assert found.low == pytest.approx(peer.low, abs=0.002)
    assert found.high == pytest.approx(peer.high, abs=0.002)


def test_scores_hold_every_figure_of_the_rows() -> None:
    """The figures are those of all rows, each inside or near its interval, and the floor is there."""
    label, p = drawn(4, 1_000)

    found = scores(label, p, np.random.default_rng(0), 50)

    assert found.rows == 1_000
    assert found.auc.value == auc(label, p)
    assert found.log_loss.value == pytest.approx(log_loss(label, p), abs=1e-12)
    assert found.auc.low < found.auc.value < found.auc.high
    assert found.brier.low < found.brier.value < found.brier.high
    assert 0 < found.ece.value < 0.1
    assert 0 < found.ece_equal_mass.value < 0.1
    assert 0.01 < found.ece_floor < 0.05


def test_a_model_is_no_better_than_itself() -> None:
    """The difference is 0 in every resample, since both are scored on the same rows."""
    label, p = drawn(5, 200)

    found = difference(auc, label, p, p.copy(), np.random.default_rng(0), 40)

    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_the_truth_beats_a_constant() -> None:
    """Its log loss is lower by more than chance."""
    label, p = drawn(6, 500)

    found = difference(log_loss, label, np.full(500, label.mean()), p, np.random.default_rng(0), 100)

    assert found.low > 0


def test_resamples_without_both_labels_are_drawn_again() -> None:
    """One 1 among twelve rows is absent from a third of all resamples, and AUC needs it."""
    label = np.zeros(12)
    label[3] = 1

    found = intervals([auc], label, np.linspace(0, 1, 12), np.random.default_rng(0), 60)[0]

    assert found.low <= found.value <= found.high


def test_same_draws_same_interval() -> None:
    """The generator handed in decides everything."""
    label, p = drawn(7, 100)

    first, second = (intervals([auc], label, p, np.random.default_rng(1), 30) for _ in range(2))

    assert first == second
