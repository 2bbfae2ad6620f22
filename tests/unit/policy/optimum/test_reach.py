"""Which states a campaign can reach."""

from typing import Any

import numpy as np
import pytest

from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.optimum.reach import reachable
from churn_saver.policy.state import Decisions, States
from tests.tiny_campaigns import campaign, one_level, random_policy, tiny


def test_two_days_by_hand() -> None:
    """One contact at most, then no wait; 2 units; offers protect for 1, 2, 3, 4 days and take 0, 1, 2, 3.

    On day 0 a look that comes at once finds everybody untouched: 1 protection to value, 0 days. A
    look later may follow a contact: with 2 units left offer 0 (1 day), with 1 offer 1, with 0 offer 2.
    On day 1 a look that comes at once finds one day of each gone; one more contact may come before a
    later one. Three units for offer 3 there never are.
    """
    dynamics = one_level(allowance_units=2, per_period=1)

    counts = reachable(dynamics, n_fatigue=2)

    assert counts.shape == (2, 9, 2, 3)
    assert counts[0, 0].tolist() == [[0, 0, 1], [0, 0, 0]]
    for ahead in range(1, 9):
        assert counts[0, ahead].tolist() == [[0, 0, 1], [4, 3, 2]]
        assert counts[1, ahead].tolist() == [[0, 0, 1], [4, 3, 2]]
    assert counts[1, 0].tolist() == [[0, 0, 1], [3, 2, 1]]


def test_the_end_of_a_period_forgives_contacts() -> None:
    """A period of 3 days and a cooldown of 2: on day 3 nobody has a contact to his name."""
    counts = reachable(tiny(), n_fatigue=3)

    assert counts[3, 0, 1:].max() == 0
    assert counts[3, 0, 0].max() > 1
    assert counts[2, 0, 1].max() > 0


@pytest.mark.parametrize(
    "changes", [{}, {"cooldown_days": 0}, {"cooldown_days": 8, "horizon_days": 12}, {"allowance_units": 1}]
)
@pytest.mark.parametrize("above_cap", [False, True])
def test_whatever_a_policy_does_is_within_reach(changes: dict[str, Any], above_cap: bool) -> None:
    """A random policy that looks at any time, inside the cooldown too, meets only states that count.

    A wait of w days is over when w more have passed, or the campaign is. Without a cooldown a day
    counts as if it could see several contacts, which values more than is needed.
    """
    dynamics = tiny(3, **{"horizon_days": 9, **changes})
    n_fatigue = 1 + (dynamics.max_fatigue if above_cap else dynamics.contact_cap)
    counts, policy = reachable(dynamics, n_fatigue), random_policy(dynamics, 4, above_cap=above_cap)
    seen = np.zeros_like(counts)

    def watched(states: States) -> Decisions:
        assert np.all(states.fatigue < n_fatigue)
        for j in range(9):
            ends = (states.wait <= j) | (states.day + j >= dynamics.horizon_days)
            days = np.full(np.count_nonzero(ends), j)
            at = (states.day[ends], days, states.fatigue[ends], states.units[ends])
            assert np.all(states.protection[ends] < counts[at])
            np.maximum.at(seen.ravel(), np.ravel_multi_index(at, seen.shape), 1 + states.protection[ends])
        return policy(states)

    evaluate(dynamics, watched)

    assert dynamics.cooldown_days == 0 or np.all(seen[:, 0] == counts[:, 0])


def test_most_of_the_shipped_grid_is_out_of_reach() -> None:
    """Days are saved only if the counts are small: under the shipped caps two fifths of the grid are met."""
    counts = reachable(campaign(), n_fatigue=3)

    assert counts.mean() / 31 < 0.45
