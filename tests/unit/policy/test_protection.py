"""What an accepted offer does to the days after it."""

import numpy as np
import pytest

from churn_saver.policy.protection import days_left, retained

LASTS = (8, 16, 24, 30)


@pytest.mark.parametrize(
    ("since", "left"),
    [
        ([np.inf] * 4, 0),  # never accepted anything
        ([0.0, np.inf, np.inf, np.inf], 8),  # just now
        ([np.inf, np.inf, 10.9, np.inf], 14),  # ten whole days of 24
        ([1.0, np.inf, 20.0, np.inf], 7),  # 7 and 4 left: the longest, not 11
        ([8.0, 16.0, 24.0, 30.0], 0),  # all over
    ],
)
def test_days_left_by_hand(since: list[float], left: int) -> None:
    """Offers protect for 8, 16, 24 and 30 days."""
    assert days_left(np.array([since]), LASTS).tolist() == [left]


def test_retained_by_hand() -> None:
    """.6 in 30 days: eight protected days count as two, so .6^(24/30); 40 are no more than 30, .6^.25."""
    alone = np.array([0.6])

    assert retained(alone, 8, 0.25).tolist() == pytest.approx([0.6**0.8], abs=1e-15)
    assert retained(alone, 40, 0.25).tolist() == retained(alone, 30, 0.25).tolist()
    assert retained(alone, 30, 0.25).tolist() == pytest.approx([0.6**0.25], abs=1e-15)
