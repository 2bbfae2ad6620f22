"""Carrying a distribution over states from day to day."""

import numpy as np
import pytest

from churn_saver.policy.passage import Passage
from churn_saver.policy.spreading import N_COUNTED, REWARD, SPEND, SURVIVAL, Ring
from churn_saver.policy.state import Decisions, States
from tests.tiny_campaigns import one_level

ROW = ("customer", "day", "level", "protection", "wait", "fatigue", "units")


def told(states: States, mass: np.ndarray) -> dict[tuple[int, ...], float]:
    """Give each state with its probability."""
    columns = zip(*(getattr(states, name).tolist() for name in ROW), strict=True)
    return dict(zip(columns, mass.tolist(), strict=True))


def test_a_campaign_begins_with_nothing_done() -> None:
    """Day 0, the whole allowance, no wait; and what was taken is gone."""
    dynamics = one_level(n=3)
    ring = Ring.sized(dynamics, 2**20)

    ring.begin(2, dynamics.start)

    assert told(*ring.take(0, 1)) == {(1, 0, 0, 0, 0, 0, 6): 1.0, (2, 0, 0, 0, 0, 0, 6): 1.0}
    assert told(*ring.take(0, 1)) == {}


def test_one_contact_by_hand() -> None:
    """Two tenths: contact with 5 %, half of which is accepted, .9 stay; then 1 or 3 days of three.

    Idle .8: after one day .81 of .4 arrive, after three .81³ of .4 survive the end.
    Refused .2·.9·.5 = .09: half of it .045·.81 on day 1, units whole. Accepted .09, protected for two days:
    .045·.9 on day 1 with one day left; .045·.9·.9·.81 at the end.
    """
    dynamics = one_level(horizon_days=3)
    ring, counted = Ring.sized(dynamics, 2**20), np.zeros((1, N_COUNTED))
    ring.begin(1, dynamics.start)
    states, mass = ring.take(0, 0)
    half_and_half = np.array([[0.5, 0, 0, 0, 0.5, 0, 0, 0]])
    decisions = Decisions(np.array([0.2]), np.array([[0.0, 1.0, 0.0, 0.0]]), half_and_half)

    ring.spread(dynamics, Passage.of(dynamics), 0, states, mass, decisions, counted)

    arrived = told(*ring.take(1, 0))
    assert arrived == pytest.approx(
        {
            (0, 1, 0, 0, 0, 0, 6): 0.4 * 0.81,
            (0, 1, 0, 0, 0, 1, 6): 0.045 * 0.81,
            (0, 1, 0, 1, 0, 1, 5): 0.045 * 0.9,
        },
        abs=1e-12,
    )
    assert told(*ring.take(2, 0)) == {}
    survivors = (0.4 + 0.045) * 0.81**3 + 0.045 * 0.9 * 0.9 * 0.81
    earned = 100 * (
        (0.8 + 0.09) * 0.81 + 0.09 * 0.9
        + (0.4 + 0.045) * (0.81**2 + 0.81**3) + 0.045 * (0.81 + 0.81 * 0.81)
    )  # fmt: skip
    assert counted[0, SURVIVAL] == pytest.approx(survivors, abs=1e-12)
    assert counted[0, SPEND] == pytest.approx(0.2 * 100 + 0.09 * 150, abs=1e-12)
    assert counted[0, REWARD] == pytest.approx(earned + 6000 * survivors - 33.5 - 5, abs=1e-9)


@pytest.mark.parametrize(("most_bytes", "customers"), [(1, 1), (2**40, 3)])
def test_the_ring_holds_at_least_one_customer_and_at_most_all(most_bytes: int, customers: int) -> None:
    """Whatever the memory."""
    assert len(Ring.sized(one_level(n=3), most_bytes)) == customers
