"""How far a skewed interval reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.evidence.skewness import reaches


def test_without_skewness_an_interval_reaches_evenly() -> None:
    """1.96 to either side, also where the skewness is only rounding."""
    assert reaches(1.96, 0.0) == (1.96, 1.96)
    assert reaches(1.96, 1e-9) == (1.96, 1.96)
    assert reaches(1.96, 1e-7) == pytest.approx((1.96, 1.96), abs=1e-6)


@pytest.mark.parametrize("skewness", [0.05, 0.3, 1.0, 4.0])
def test_the_far_end_is_where_the_transformed_distance_is_the_quantile(skewness: float) -> None:
    """Skewed to the right the truth may lie high: below it is 1.96, above T = −reach with g(T) = −1.96."""
    below, above = reaches(1.96, skewness)
    t = -above

    assert below == 1.96
    assert above > 1.96
    assert t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6 == pytest.approx(-1.96)


@given(st.floats(0.1, 9), st.floats(-8, 8))
def test_no_end_is_nearer_than_the_even_one_and_a_mirrored_skewness_mirrors_it(
    quantile: float, skewness: float
) -> None:
    """Skewed the other way, the ends change places."""
    below, above = reaches(quantile, skewness)

    assert min(below, above) >= quantile
    assert reaches(quantile, -skewness) == pytest.approx((above, below))
