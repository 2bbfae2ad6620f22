"""Intervals of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from churn_saver.adapters.proportions import wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (2, 10), (30, 100), (7, 7)])
def test_wilson_agrees_with_scipy(hits: int, n: int) -> None:
    """The interval is the score interval of a peer library."""
    ruler = binomtest(hits, n).proportion_ci(0.95, "wilson")

    low, high = wilson(np.array([hits / n]), np.array([float(n)]))

    assert low[0] == pytest.approx(ruler.low, abs=1e-9)
    assert high[0] == pytest.approx(ruler.high, abs=1e-9)


@given(n=st.integers(1, 10_000), part=st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_a_share(n: int, part: float) -> None:
    """The ends lie in 0 to 1 with the share between them."""
    share = round(part * n) / n

    low, high = wilson(np.array([share]), np.array([float(n)]))

    assert 0 <= low[0] <= share + 1e-12
    assert share - 1e-12 <= high[0] <= 1
