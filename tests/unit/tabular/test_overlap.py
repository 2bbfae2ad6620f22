"""What a table of past offers can show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.tabular.overlap import OfferSeen, offers_seen, warnings_of, weights


def test_weights_by_hand() -> None:
    """1/.5, 1/.25 and 1/.1 (floor over .05) are 2, 4, 10: mean 16/3; 16² / (4 + 16 + 100) rows."""
    weight, overlap = weights(np.array([0.5, 0.25, 0.05]), floor=0.1)

    np.testing.assert_allclose(weight, np.array([2, 4, 10]) * 3 / 16)
    assert overlap.effective_rows == pytest.approx(256 / 120)
    assert overlap.least_propensity == 0.05
    assert overlap.clipped_share == pytest.approx(1 / 3)


@given(st.integers(0, 2**32 - 1))
def test_weights_have_mean_1_and_at_most_n_effective_rows(seed: int) -> None:
    """Equal propensities keep all rows, unequal ones cost some."""
    propensity = np.random.default_rng(seed).uniform(0.01, 1, 50)

    weight, overlap = weights(propensity, 0.05)

    assert weight.mean() == pytest.approx(1)
    assert 1 <= overlap.effective_rows <= 50 + 1e-9
    assert weights(np.full(50, 0.25), 0.05)[1].effective_rows == pytest.approx(50)


@pytest.mark.parametrize("wrong", [0.0, -0.1, 1.01, float("nan")])
def test_a_propensity_that_is_no_chance_is_refused(wrong: float) -> None:
    """The message shows the value and what to do."""
    with pytest.raises(InputError, match=rf"propensity is {wrong}, wanted a chance above 0"):
        weights(np.array([0.5, wrong]), 0.05)


def test_offers_are_counted_by_rung() -> None:
    """Two rows at 0 % with one acceptance of weight 3 against 1, one at 15 %, none between."""
    seen = offers_seen(np.array([0.0, 0, 15]), np.array([1.0, 0, 1]), np.array([3.0, 1, 1]))

    assert [(one.offer_pct, one.rows) for one in seen] == [(0, 2), (5, 0), (10, 0), (15, 1)]
    assert seen[0].accepted_share == 0.75
    assert np.isnan(seen[1].accepted_share)
    assert offers_seen(np.array([0.0, 0]), np.array([1.0, 0]))[0].accepted_share == 0.5


def test_a_full_rising_ladder_has_no_warning() -> None:
    """Fine: stay silent."""
    seen = tuple(OfferSeen(percent, 200, 0.1 + percent / 100) for percent in (0, 5, 10, 15))

    assert warnings_of(seen, weighted=False) == ()


def test_missing_rare_and_falling_offers_are_warned_about() -> None:
    """Each warning names the offer and what to do about it."""
    seen = (
        OfferSeen(0, 500, 0.2),
        OfferSeen(5, 199, 0.3),
        OfferSeen(10, 0, float("nan")),
        OfferSeen(15, 500, 0.1),
    )

    rare, missing, falling = warnings_of(seen, weighted=False)

    assert "only 199 rows have offer 5 %, wanted 200" in rare
    assert "no row has offer 10 %" in missing
    assert "falls from 0.300 at 5 % to 0.100 at 15 %" in falling
    assert "log the propensity" in falling
    assert "check the propensity column" in warnings_of(seen, weighted=True)[2]
