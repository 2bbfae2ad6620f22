"""Predictions against outcomes: by hand, against scikit-learn, and over seeds."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from churn_saver.errors import InputError
from churn_saver.evidence.matured import maturity, maturity_by

SEEDS = 300


def drawn(
    rng: np.random.Generator, rows: int, a: float = 0.0, b: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw predictions, and outcomes whose log-odds are a + b times those of the predictions."""
    score = rng.normal(-1, 1, rows)
    return expit(score), (rng.random(rows) < expit(a + b * score)).astype(np.float64)


def test_in_the_large_by_hand() -> None:
    """Predictions .2 and .4, of which one of each two happened: .5 − .3 = .2."""
    found = maturity(np.array([0.2, 0.2, 0.4, 0.4]), np.array([0.0, 1, 0, 1]), 0.02)

    assert found.rows == 4
    assert found.in_the_large.value == pytest.approx(0.2)
    assert found.verdict == "cannot tell"


def test_parts_by_hand() -> None:
    """Two parts of two rows: .2 with none of two, .4 with both."""
    found = maturity(np.array([0.4, 0.2, 0.4, 0.2]), np.array([1.0, 0, 1, 0]), 0.02, deciles=2)

    assert [(part.name, part.rows) for part in found.parts] == [("part 1", 2), ("part 2", 2)]
    assert [part.expected for part in found.parts] == pytest.approx([0.2, 0.4])
    assert [part.observed.value for part in found.parts] == [0, 1]


def test_equal_predictions_stay_together() -> None:
    """Two different predictions make two parts, however many were asked for."""
    found = maturity(np.repeat([0.1, 0.6], [70, 30]), np.repeat([0.0, 1], 50), 0.02)

    assert [part.rows for part in found.parts] == [70, 30]


def test_the_intercept_of_one_prediction_by_hand() -> None:
    """All predictions 1/2, and 75 of 100 happened: log 3 = 1.0986, error 1/√(100·3/16); no slope is known."""
    found = maturity(np.full(100, 0.5), np.repeat([1.0, 0], [75, 25]), 0.02)

    assert found.intercept.value == pytest.approx(np.log(3))
    assert found.intercept.high - found.intercept.value == pytest.approx(1.959964 / np.sqrt(100 * 3 / 16))
    assert np.isnan(found.slope.value)


def test_the_slope_agrees_with_scikit_learn() -> None:
    """An unpenalised logistic regression on the log-odds has the same slope."""
    p, y = drawn(np.random.default_rng(1), 2_000, b=0.6)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1_000).fit(logit(p)[:, None], y)

    found = maturity(p, y, 0.02)

    assert found.slope.value == pytest.approx(float(peer.coef_[0, 0]), abs=1e-5)
    assert found.slope.high < 1


def test_true_probabilities_lie_in_their_intervals() -> None:
    """300 draws of 800 true predictions: each figure misses in .05 of them, ± 3·√(.05·.95/300) = .038.

    Intervals of parts hold together with at least .95: at most .05 + .038 of draws have a part beside it.
    """
    found = [maturity(*drawn(np.random.default_rng(seed), 800), 0.05) for seed in range(SEEDS)]

    for figure, truth in (("in_the_large", 0.0), ("intercept", 0.0), ("slope", 1.0)):
        inside = [getattr(one, figure).low <= truth <= getattr(one, figure).high for one in found]
        assert np.mean(inside) == pytest.approx(0.95, abs=0.038), figure
    assert np.mean([all(part.agrees for part in one.parts) for one in found]) >= 0.95 - 0.038
    assert not any(one.verdict == "off" for one in found)


def test_enough_true_outcomes_hold() -> None:
    """With 20,000 rows the interval is ± .006: within a bound of .02, holds."""
    assert maturity(*drawn(np.random.default_rng(2), 20_000), 0.02).verdict == "holds"


@pytest.mark.parametrize("a", [-0.5, 0.5])
def test_predictions_that_are_off_are_found(a: float) -> None:
    """Log-odds that lie half a unit beside the truth move the mean by about .09, far beyond .02."""
    found = maturity(*drawn(np.random.default_rng(3), 5_000, a=a), 0.02)

    assert found.verdict == "off"
    assert found.intercept.low <= a <= found.intercept.high
    assert np.sign(found.in_the_large.value) == np.sign(a)


def test_pending_is_not_no() -> None:
    """Outcomes still to come are counted and change nothing else."""
    p, y = drawn(np.random.default_rng(4), 400)
    later = np.concatenate([y, np.full(50, np.nan)])

    found = maturity(np.concatenate([p, np.full(50, 0.9)]), later, 0.02)

    assert found.pending == 50
    assert found.in_the_large == maturity(p, y, 0.02).in_the_large
    assert found.parts == maturity(p, y, 0.02).parts


def test_acceptance_by_offer() -> None:
    """Offers are parts by name; a pending one counts for none of them."""
    p = np.array([0.1, 0.1, 0.3, 0.3, 0.3])

    found = maturity_by(p, np.array([0.0, 1, np.nan, 1, 0]), ["0 %", "0 %", "15 %", "15 %", "15 %"], 0.02)

    assert [(part.name, part.rows, part.observed.value) for part in found.parts] == [
        ("0 %", 2, 0.5),
        ("15 %", 2, 0.5),
    ]
    assert [part.expected for part in found.parts] == [pytest.approx(0.1), pytest.approx(0.3)]
    assert found.pending == 1


def test_certain_predictions_stay_finite() -> None:
    """A 0 for what happened is a surprise of log-odds, not of infinity."""
    p, y = drawn(np.random.default_rng(5), 300)
    p[:4], y[:4] = [0, 0, 1, 1], [0, 1, 0, 1]

    found = maturity(p, y, 0.02)

    assert np.isfinite([found.intercept.value, found.slope.value, found.slope.high]).all()


@pytest.mark.parametrize("y", [np.zeros(10), np.ones(10)])
def test_outcomes_all_alike_have_no_odds(y: np.ndarray) -> None:
    """Nothing happened, or everything: the gap is known, log-odds are not."""
    found = maturity(np.linspace(0.2, 0.8, 10), y, 0.02)

    assert np.isnan([found.intercept.value, found.slope.value]).all()
    assert abs(found.in_the_large.value) == pytest.approx(0.5)


def test_outcomes_told_apart_without_a_fault_have_no_slope() -> None:
    """Every prediction above 1/2 happened and no other: the slope would be infinite."""
    p = np.concatenate([np.linspace(0.1, 0.4, 20), np.linspace(0.6, 0.9, 20)])

    assert np.isnan(maturity(p, (p > 0.5).astype(np.float64), 0.02).slope.value)


def test_the_order_of_rows_does_not_matter() -> None:
    """Reversed rows give the same figures."""
    p, y = drawn(np.random.default_rng(6), 500)
    found, back = maturity(p, y, 0.02), maturity(p[::-1], y[::-1], 0.02)

    assert back.slope.value == pytest.approx(found.slope.value)
    assert [part.rows for part in back.parts] == [part.rows for part in found.parts]


@pytest.mark.parametrize(
    ("p", "y", "said"),
    [
        ([0.1, 1.2], [0.0, 1], r"prediction of row 1 is 1.2, wanted a probability in \[0, 1\]"),
        ([0.1, np.nan], [0.0, 1], "prediction of row 1 is nan, wanted a probability"),
        ([0.1, 0.2], [0.0, 2], "outcome of row 1 is 2.0, wanted 0, 1 or NaN for pending"),
        ([0.1], [0.0, 1], r"there are \(1,\) predictions and \(2,\) outcomes"),
        ([0.1], [np.nan], "none of 1 outcomes has matured, wanted one at least: wait"),
        ([], [], "none of 0 outcomes has matured"),
    ],
)
def test_rows_that_cannot_be_judged_are_named(p: list[float], y: list[float], said: str) -> None:
    """Each fault by its row."""
    with pytest.raises(InputError, match=said):
        maturity(np.array(p), np.array(y), 0.02)


def test_a_bound_leaves_room() -> None:
    """No finite sample lies within a bound of 0."""
    with pytest.raises(InputError, match=r"bound is 0.0, wanted one above 0, such as 0.02"):
        maturity(np.array([0.5]), np.array([1.0]), 0.0)


def test_each_prediction_has_a_group() -> None:
    """A group too few is refused."""
    with pytest.raises(InputError, match=r"there are 2 predictions and 1 groups, wanted one each"):
        maturity_by(np.array([0.5, 0.5]), np.array([1.0, 0]), ["a"], 0.02)
