"""Raw scores → probabilities, checked against scikit-learn and against numbers worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from churn_saver.errors import ArtifactError, InputError
from churn_saver.tabular.calibration import (
    LEAST_SLOPE,
    Beta,
    Isotonic,
    fit_beta,
    fit_isotonic,
    from_json,
    strictly,
)


def drawn(seed: int, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Draw raw scores and labels whose log-odds are 1.4·raw − 0.3."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(0, 1.5, n)
    return raw, (rng.random(n) < 1 / (1 + np.exp(0.3 - 1.4 * raw))).astype(np.float64)


def test_isotonic_pools_what_falls() -> None:
    """Labels 0 1 0 1 at scores 1 2 3 4: the middle two pool to 1/2.

    The first step is at 0 and holds one row: it is lifted to min(0.5 / 2, 1/2) = 1/4; the last one
    at 1 sinks to max(1 − 1/4, 1/2) = 3/4.
    """
    fit = fit_isotonic(np.array([3.0, 1, 4, 2]), np.array([0.0, 0, 1, 1]))

    np.testing.assert_array_equal(fit.knots, [1, 2, 3, 4])
    np.testing.assert_array_equal(fit.values, [0.25, 0.5, 0.5, 0.75])
    np.testing.assert_allclose(fit.apply(np.array([0.0, 1.5, 2.5, 9])), [0.25, 0.375, 0.5, 0.75])


def test_isotonic_never_lifts_the_first_step_above_its_neighbour() -> None:
    """One 0, then 1 of 100: 0.5 / 2 would be 1/4, the neighbour at 1/100 bounds it."""
    raw = np.arange(101.0)
    label = np.zeros(101)
    label[1] = 1

    fit = fit_isotonic(raw, label)

    np.testing.assert_allclose(fit.values, 0.01)


def test_isotonic_of_one_label_stays_inside() -> None:
    """Three zeros make one step at 0.5 / 4, three ones one at 1 − 0.5 / 4."""
    raw = np.array([1.0, 2, 3])

    assert fit_isotonic(raw, np.zeros(3)).values.tolist() == [0.125, 0.125]
    assert fit_isotonic(raw, np.ones(3)).values.tolist() == [0.875, 0.875]


def test_equal_scores_share_one_probability() -> None:
    """Two rows of score 1 with labels 0 and 1, weights 3 and 1: the step is 1/4."""
    fit = fit_isotonic(np.array([1.0, 1, 2]), np.array([0.0, 1, 1]), np.array([3.0, 1, 1]))

    assert fit.apply(np.array([1.0])).tolist() == [0.25]


@given(st.integers(0, 2**32 - 1))
def test_isotonic_agrees_with_scikit_learn_inside_its_steps(seed: int) -> None:
    """Away from the steps at exactly 0 and 1 both libraries give the same curve."""
    raw, label = drawn(seed)
    peer = IsotonicRegression(out_of_bounds="clip").fit(raw, label)
    asked = np.linspace(-6, 6, 200)

    ours, theirs = fit_isotonic(raw, label).apply(asked), peer.predict(asked)

    inside = (theirs > 0) & (theirs < 1)
    first, last = raw[peer.predict(raw) <= 0], raw[peer.predict(raw) >= 1]
    inside &= asked > (first.max() if len(first) else -np.inf)
    ramps_up_from_zero = asked < raw[peer.predict(raw) > 0].min()
    ramps_up_to_one = asked > raw[peer.predict(raw) < 1].max()
    inside &= ~(ramps_up_from_zero | ramps_up_to_one)
    inside &= asked < (last.min() if len(last) else np.inf)
    np.testing.assert_allclose(ours[inside], theirs[inside], atol=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_isotonic_never_falls_and_stays_inside(seed: int) -> None:
    """Higher scores never get lower probabilities, and nothing is impossible or certain."""
    raw, label = drawn(seed, 50)

    p = fit_isotonic(raw, label).apply(np.linspace(-9, 9, 500))

    assert (np.diff(p) >= 0).all()
    assert p.min() > 0
    assert p.max() < 1


def test_beta_with_a_b_1_and_c_0_is_the_logistic_function() -> None:
    """Ln s − ln(1 − s) is the score itself, so the curve changes nothing: σ(0) = 1/2, σ(ln 3) = 3/4."""
    p = Beta(1.0, 1.0, 0.0).apply(np.array([0.0, np.log(3), -np.log(3)]))

    np.testing.assert_allclose(p, [0.5, 0.75, 0.25], atol=1e-15)


def test_beta_by_hand() -> None:
    """A = 2, b = 1, c = ln 2 at s = 1/2: log-odds −2 ln 2 + ln 2 + ln 2 = 0."""
    assert Beta(2.0, 1.0, float(np.log(2))).apply(np.zeros(1))[0] == pytest.approx(0.5, abs=1e-15)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_beta_agrees_with_scikit_learn(seed: int) -> None:
    """An unpenalised logistic regression on ln s and −ln(1 − s) finds the same curve."""
    raw, label = drawn(seed, 3_000)
    weight = np.random.default_rng(seed).uniform(0.2, 3, len(raw))
    inputs = np.column_stack([-np.logaddexp(0, -raw), np.logaddexp(0, raw)])
    peer = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=500)
    peer.fit(inputs, label, sample_weight=weight)

    ours = fit_beta(raw, label, weight)

    np.testing.assert_allclose([ours.a, ours.b], peer.coef_[0], rtol=2e-3)
    np.testing.assert_allclose(ours.c, peer.intercept_[0], atol=2e-3)


def test_beta_slopes_stay_above_their_bound() -> None:
    """Labels that fall with the score would need negative slopes: both stop at the bound."""
    raw, label = drawn(3)

    fit = fit_beta(raw, 1 - label)

    assert fit.a == LEAST_SLOPE
    assert fit.b == LEAST_SLOPE
    share = float((1 - label).mean())
    assert fit.c == pytest.approx(np.log(share / (1 - share)), abs=0.01)


@pytest.mark.parametrize("flip", [1, -1])
def test_beta_holds_one_slope_where_only_that_one_would_fall(flip: int) -> None:
    """A rate that falls again on one side bends one slope to its bound and keeps the other free."""
    rng = np.random.default_rng(0)
    raw = rng.normal(0, 2, 6_000)
    odds = np.where(raw * flip > 0, 1.5 * np.abs(raw), 0.6 * np.abs(raw)) * flip - 1
    label = (rng.random(len(raw)) < 1 / (1 + np.exp(-odds))).astype(np.float64)

    fit = fit_beta(raw, label)

    assert min(fit.a, fit.b) == LEAST_SLOPE
    assert max(fit.a, fit.b) > 0.3


def test_beta_of_scores_that_separate_the_labels_is_still_finite() -> None:
    """Perfectly separated rows have no finite optimum; the slight prior gives one."""
    raw = np.array([-2.0, -1, 1, 2])

    fit = fit_beta(raw, np.array([0.0, 0, 1, 1]))

    p = fit.apply(raw)
    assert np.isfinite([fit.a, fit.b, fit.c]).all()
    assert (p[:2] < 0.05).all()
    assert (p[2:] > 0.95).all()


@given(
    st.floats(LEAST_SLOPE, 20), st.floats(LEAST_SLOPE, 20), st.floats(-10, 10),
    st.lists(st.floats(-50, 50), min_size=1, max_size=20),
)  # fmt: skip
def test_a_lift_orders_equal_scores_strictly(a: float, b: float, c: float, scores: list[float]) -> None:
    """Whatever the curve and however far out the score, four lifted copies rise strictly inside (0, 1)."""
    raw = np.repeat(np.array(scores), 4)
    lift = np.tile([0.0, 5e-6, 1e-5, 1.5e-5], len(scores))

    p = strictly(Beta(a, b, c), raw, lift).reshape(-1, 4)

    assert (np.diff(p, axis=1) > 0).all()
    assert p.min() > 0
    assert p.max() < 1


def test_without_a_lift_the_curve_is_plain() -> None:
    """None leaves the curve as it is, steps included."""
    curve = Isotonic(np.array([0.0, 1]), np.array([0.2, 0.4]))

    assert strictly(curve, np.array([0.0, 0.5]), None).tolist() == curve.apply(np.array([0.0, 0.5])).tolist()
    assert strictly(curve, np.zeros(1), np.zeros(1))[0] == pytest.approx(0.2, abs=1e-12)


@pytest.mark.parametrize(
    "curve", [Beta(0.5, 2.0, -1.0), Isotonic(np.array([-1.0, 0, 2.5]), np.array([0.1, 0.1, 0.75]))]
)
def test_a_curve_comes_back_from_json(curve: Beta | Isotonic) -> None:
    """The same bits before and after."""
    asked = np.linspace(-3, 3, 50)

    again = from_json(curve.to_json())

    assert type(again) is type(curve)
    np.testing.assert_array_equal(again.apply(asked), curve.apply(asked))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"kind": "platt"}, "kind 'platt', wanted isotonic or beta"),
        ({}, "cannot be read"),
        ({"kind": "beta", "a": 1.0, "b": 1.0}, "cannot be read"),
        ({"kind": "beta", "a": "x", "b": 1.0, "c": 0.0}, "cannot be read"),
        ({"kind": "beta", "a": 0.0, "b": 1.0, "c": 0.0}, r"a=0.0.* wanted a and b above 0"),
        ({"kind": "beta", "a": 1.0, "b": 1.0, "c": float("nan")}, "wanted a and b above 0"),
        ({"kind": "isotonic", "knots": [0, 0], "values": [0.1, 0.2]}, "do not rise"),
        ({"kind": "isotonic", "knots": [0, 1], "values": [0.3, 0.2]}, "values that fall"),
        ({"kind": "isotonic", "knots": [0, 1], "values": [0.0, 0.2]}, "wanted a rising curve"),
        ({"kind": "isotonic", "knots": [0, 1], "values": [0.1, 1.0]}, "wanted a rising curve"),
        ({"kind": "isotonic", "knots": [0, float("inf")], "values": [0.1, 0.2]}, "holes"),
        ({"kind": "isotonic", "knots": [0], "values": [0.1, 0.2]}, "holes"),
        ({"kind": "isotonic", "knots": [], "values": []}, "wanted a rising curve"),
    ],
)
def test_a_curve_that_is_none_is_refused(raw: dict[str, object], message: str) -> None:
    """Each message says what is wrong and which command makes a fresh one."""
    with pytest.raises(ArtifactError, match=message) as caught:
        from_json(raw)

    assert "make train-risk" in str(caught.value)


@pytest.mark.parametrize("raw", [np.array([]), np.array([1.0, np.nan])])
def test_scores_that_cannot_be_calibrated_are_refused(raw: np.ndarray) -> None:
    """No rows, or a score that is not a number."""
    with pytest.raises(InputError, match="wanted at least one and all of them finite"):
        fit_isotonic(raw, np.zeros(len(raw)))
    with pytest.raises(InputError, match="wanted at least one and all of them finite"):
        fit_beta(raw, np.zeros(len(raw)))


@given(st.integers(0, 2**32 - 1), st.integers(0, 399))
def test_a_score_alone_has_the_bits_it_has_among_others(seed: int, row: int) -> None:
    """One score and four hundred give the same probability, for both kinds."""
    raw, label = drawn(seed)

    for curve in (fit_isotonic(raw, label), fit_beta(raw, label)):
        assert curve.apply(raw)[row] == curve.apply(raw[[row]])[0]
