"""The compiled recursion, a block of customers at a time."""

from dataclasses import replace

import numpy as np

from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.optimum.blocks import CONTACT, LANES, solve_blocks
from churn_saver.policy.optimum.pricing import best_plans, model_of, no_answers
from tests.tiny_campaigns import campaign, one_level


def rows(dynamics: Dynamics, at: slice) -> Dynamics:
    """Leave some customers in a campaign."""
    columns = ("bill_minor", "daily_margin_minor", "terminal_minor", "accept", "offer_cost_minor")
    taken = {name: getattr(dynamics, name)[at] for name in columns}
    return replace(dynamics, survival=dynamics.survival[:, at], **taken)


def test_a_customer_has_the_same_bits_alone_and_in_any_lane() -> None:
    """Two full blocks and a third that is filled up: nobody's numbers touch another's."""
    dynamics = campaign(n=2 * LANES + 3, seed=2, horizon_days=40)

    together = best_plans(dynamics, 0.5)

    assert np.count_nonzero(together.spend) > LANES
    for customer in (0, 5, LANES, 2 * LANES + 2):
        alone = best_plans(rows(dynamics, slice(customer, customer + 1)), 0.5)
        assert alone.reward[0] == together.reward[customer]
        assert alone.spend[0] == together.spend[customer]


def test_asking_for_less_gives_the_same_values() -> None:
    """The first channel is the same whether the others are carried, answers are written, or not."""
    dynamics = campaign(n=LANES, horizon_days=30)
    one, two = model_of(dynamics, 0.5, None, 1), model_of(dynamics, 0.5, None, 2)
    answers = np.zeros((1, 30, *one.reach.shape[2:], *one.survival.shape[1:]), dtype=np.uint16)

    value = solve_blocks(one, no_answers())[0]

    assert solve_blocks(two, no_answers())[0].tolist() == value.tolist()
    assert solve_blocks(one, answers)[0].tolist() == value.tolist()


def test_answers_of_the_last_day_by_hand() -> None:
    """A message alone, tomorrow worth (.9 − .81)·6100/2 = 274.5, costs 100; where nobody is annoyed it goes.

    Its code is offer 0 with the longest delay, for all delays end the campaign: 1 + 7 above the byte
    of idle delays, which has the longest alone. Protected for a day already it is worth nothing.
    """
    dynamics = one_level(horizon_days=1)
    model = model_of(replace(dynamics, stays=np.ones_like(dynamics.stays)), 0.0, None, 1)
    answers = np.zeros((1, 1, *model.reach.shape[2:], *model.survival.shape[1:]), dtype=np.uint16)

    solve_blocks(model, answers)

    untouched = answers[0, 0, 0, 6, 0]
    assert untouched[:LANES].tolist() == [((1 + 7) << CONTACT) | 0x80] * LANES
    assert not untouched[LANES:].any()  # nobody starts protected
    assert answers[0, 0, 1, 6, 0, : 2 * LANES].tolist() == [0x80] * 2 * LANES  # contacted: idle is left
