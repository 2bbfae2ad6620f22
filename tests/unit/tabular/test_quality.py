"""Figures of probabilities, by hand and against scikit-learn."""

import numpy as np
import pytest
import sklearn.metrics as peer
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.tabular.quality import (
    LadderFaults,
    auc,
    brier,
    ece,
    ece_floor,
    ladder_faults,
    log_loss,
    reliability_points,
    roc_points,
)


def drawn(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Draw probabilities with many ties and labels that follow them, both labels present."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(1, 2, n), 2)
    label = (rng.random(n) < p).astype(np.float64)
    label[:2] = [0, 1]
    return label, p


def test_auc_by_hand() -> None:
    """Ones at .8 and .4, zeros at .4 and .1: of four pairs three are won and one is a tie, 3.5 / 4."""
    assert auc(np.array([1.0, 1, 0, 0]), np.array([0.8, 0.4, 0.4, 0.1])) == 0.875


def test_auc_needs_both_labels() -> None:
    """With one label there is no pair to rank."""
    with pytest.raises(InputError, match="2 ones and 0 zeros, wanted both labels"):
        auc(np.ones(2), np.array([0.1, 0.2]))


def test_brier_and_log_loss_by_hand() -> None:
    """.8 for a 1 and .4 for a 0: (.04 + .16) / 2 and −(ln .8 + ln .6) / 2."""
    label, p = np.array([1.0, 0]), np.array([0.8, 0.4])

    assert brier(label, p) == pytest.approx(0.1)
    assert log_loss(label, p) == pytest.approx(-(np.log(0.8) + np.log(0.6)) / 2)


def test_log_loss_of_a_certain_mistake_is_large_but_finite() -> None:
    """A 0 for what happened costs −ln 1e-15, about 34.5."""
    assert log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(34.54, abs=0.01)


@given(st.integers(0, 2**32 - 1))
def test_auc_brier_and_log_loss_agree_with_scikit_learn(seed: int) -> None:
    """The peer library finds the same figures, ties included."""
    label, p = drawn(seed)
    inside = np.clip(p, 0.001, 0.999)

    assert auc(label, p) == pytest.approx(peer.roc_auc_score(label, p), abs=1e-12)
    assert brier(label, p) == pytest.approx(peer.brier_score_loss(label, p), abs=1e-12)
    assert log_loss(label, inside) == pytest.approx(peer.log_loss(label, inside), abs=1e-9)


def test_ece_of_equal_width_by_hand() -> None:
    """Two bins: .1 and .3 with labels 0, 1 → |.4 − 1| = .6; .9 with label 1 → .1; together .7 of 3 rows.

    1.0 falls in the last bin, not beyond it.
    """
    assert ece(np.array([0.0, 1, 1]), np.array([0.1, 0.3, 0.9]), bins=2) == pytest.approx(0.7 / 3)
    assert ece(np.array([0.0]), np.array([1.0]), bins=15) == 1.0


def test_ece_of_equal_mass_by_hand() -> None:
    """Sorted .1 .2 | .3 .9 with labels 0 1 | 0 1: |.3 − 1| + |1.2 − 1| = .9 of 4 rows."""
    label, p = np.array([1.0, 0, 1, 0]), np.array([0.9, 0.1, 0.2, 0.3])

    assert ece(label, p, bins=2, equal_mass=True) == pytest.approx(0.9 / 4)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_ece_is_bounded_and_blind_to_the_order_of_rows(seed: int, equal_mass: bool) -> None:
    """0 ≤ ECE ≤ 1; shuffling rows without ties changes nothing."""
    rng = np.random.default_rng(seed)
    p = rng.random(80)
    label = (rng.random(80) < 0.5).astype(np.float64)
    order = rng.permutation(80)

    found = ece(label, p, equal_mass=equal_mass)

    assert 0 <= found <= 1
    assert ece(label[order], p[order], equal_mass=equal_mass) == pytest.approx(found, abs=1e-12)


def test_the_floor_of_two_coins_by_hand() -> None:
    """One bin, two rows of p = 1/2: |Σ label − 1| / 2 is 1/2 in half of the draws, 0 in the other: 1/4."""
    floor = ece_floor(np.array([0.5, 0.5]), np.random.default_rng(0), 20_000)

    assert floor == pytest.approx(0.25, abs=0.01)


def test_the_floor_falls_with_the_root_of_the_rows() -> None:
    """A perfect model of 7,032 rows shows about .013 and one of 703 about three times that."""
    rng = np.random.default_rng(0)
    p = rng.beta(0.6, 1.6, 7_032)

    large, small = ece_floor(p, rng, 50), ece_floor(p[:703], rng, 50)

    assert large == pytest.approx(0.0126, abs=0.003)
    assert small / large == pytest.approx(np.sqrt(10), rel=0.15)
    assert ece_floor(p, rng, 50, equal_mass=True) == pytest.approx(large, rel=0.3)


@given(st.integers(0, 2**32 - 1))
def test_the_area_under_the_roc_points_is_the_auc(seed: int) -> None:
    """Trapezoids under all points add up to the AUC."""
    label, p = drawn(seed)

    points = roc_points(label, p)

    assert points[0].tolist() == [0, 0]
    assert points[-1].tolist() == [1, 1]
    assert np.trapezoid(points[:, 1], points[:, 0]) == pytest.approx(auc(label, p), abs=1e-12)


def test_roc_points_are_few() -> None:
    """Ten thousand scores give at most the points asked for, and the origin; both shares rise."""
    label, p = drawn(0, 10_000)

    points = roc_points(label, p + np.random.default_rng(0).random(10_000) * 1e-6, most=50)

    assert len(points) <= 51
    assert (np.diff(points, axis=0) >= 0).all()


def test_reliability_points_by_hand() -> None:
    """Two bins of two rows: means .15 and .6, shares 1/2 and 1/2."""
    points = reliability_points(np.array([0.0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.9]), bins=2)

    np.testing.assert_allclose(points, [[0.15, 0.5, 2], [0.6, 0.5, 2]])


def test_empty_bins_have_no_point() -> None:
    """Three rows fill three of fifteen bins."""
    assert len(reliability_points(np.array([0.0, 1, 1]), np.array([0.1, 0.2, 0.3]))) == 3


def test_ladder_faults_by_hand() -> None:
    """One customer rises, one ties once, one falls, one ties and falls."""
    ladder = np.array(
        [[0.1, 0.2, 0.3, 0.4], [0.1, 0.1, 0.3, 0.4], [0.2, 0.1, 0.3, 0.4], [0.2, 0.2, 0.1, 0.4]]
    )

    assert ladder_faults(ladder) == LadderFaults(ties=2, violations=2, customers=4)
