"""Weights by hand, and the laws of their diagnostics."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.evidence.weights import effective_rows, weights_of
from tests.offpolicy_logs import always, log_of


def test_weights_by_hand() -> None:
    """π/p of 0/.5, 1/.25, 1/.5: 0, 4, 2. Mean 2, effective rows 36/20, and 4 of 6 lies in the top row."""
    log = log_of([0, 1, 1], [0.5, 0.25, 0.5], [0, 0, 0])

    found = weights_of(log, always(1, 3), None)

    assert found.used.tolist() == [0, 4, 2]
    assert (found.mean, found.largest) == (2.0, 4.0)
    assert found.effective_rows == pytest.approx(1.8)
    assert found.top_share == pytest.approx(4 / 6)
    assert (found.clipping.threshold, found.clipping.rows, found.clipping.cut_share) == (None, 0, 0.0)


def test_clipping_by_hand() -> None:
    """At 3 the 4 loses 1: of 6 in all that is a sixth, per row a third; the mean is that before cutting."""
    found = weights_of(log_of([0, 1, 1], [0.5, 0.25, 0.5], [0, 0, 0]), always(1, 3), 3.0)

    assert found.used.tolist() == [0, 3, 2]
    assert (found.mean, found.largest, found.clipping.rows) == (2.0, 3.0, 1)
    assert found.clipping.cut_share == pytest.approx(1 / 6)
    assert found.clipping.cut_mean == pytest.approx(1 / 3)
    assert found.effective_rows == pytest.approx(25 / 13)


def test_no_weight_is_worth_no_row() -> None:
    """Nothing divided by nothing is told as 0."""
    assert effective_rows(np.zeros(3)) == 0
    assert effective_rows(np.array([3.0, 1.0])) == pytest.approx(1.6)


def test_the_top_share_is_that_of_a_hundredth() -> None:
    """200 rows: the two largest weights, 100 and 50, of 348 in all."""
    propensity = [1 / 100, 1 / 50] + [1.0] * 198
    log = log_of([1] * 200, propensity, [0] * 200)

    assert weights_of(log, always(1, 200), None).top_share == pytest.approx(150 / 348)


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=40), st.floats(1.0, 50.0))
def test_laws_of_weights(propensities: list[float], clip: float) -> None:
    """Effective rows lie between 1 and n; cutting leaves at least as many, and what is cut adds up."""
    log = log_of([1] * len(propensities), propensities, [0] * len(propensities))
    target = always(1, len(propensities))

    whole, cut = weights_of(log, target, None), weights_of(log, target, clip)

    assert 1 - 1e-9 <= whole.effective_rows <= len(log) * (1 + 1e-9)
    assert cut.effective_rows >= whole.effective_rows * (1 - 1e-9)
    assert cut.largest <= clip
    assert cut.used.mean() + cut.clipping.cut_mean == pytest.approx(whole.mean)


@pytest.mark.parametrize("clip", [0.0, -1.0, np.nan, np.inf])
def test_a_clip_that_is_no_weight_is_refused(clip: float) -> None:
    """To cut nothing there is None."""
    with pytest.raises(InputError, match=r"wanted a weight above 0, or None to cut nothing"):
        weights_of(log_of([1, 1], [0.5, 0.5], [0, 0]), always(1, 2), clip)
