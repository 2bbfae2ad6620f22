"""What the scalar and the array environment share."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.state import FULL, NINE
from churn_saver.policy.terms import Terms, begin_episodes, observation_space, split_actions
from tests.tiny_campaigns import campaign, one_level, tiny


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"observation": "ten"}, r"observation of the environment is 'ten', wanted 'full' or 'nine'"),
        ({"churn": "sample"}, r"churn of the environment is 'sample', wanted 'sampled' or 'expected'"),
        ({"reward": None}, r"reward of the environment is None, wanted 'money' or 'gain'"),
        ({"price": -0.1}, r"price of the environment is -0\.1, wanted λ ≥ 0, or None"),
        ({"price": float("nan")}, r"price of the environment is nan"),
        ({"price": float("inf")}, r"price of the environment is inf"),
    ],
)
def test_what_is_no_choice_is_refused(wish: dict[str, Any], message: str) -> None:
    """By name, with what it may be."""
    with pytest.raises(InputError, match=message):
        Terms(**wish)


def test_a_reward_is_in_currency_units_and_pays_for_spend() -> None:
    """A message that nobody accepts: .9·.81 = .729 stay a day and earn 72.9, less 100 and 5: −.321.

    At λ = 2 twice the 1.00 that was spent goes off as well.
    """
    world = one_level(horizon_days=5)
    world.accept[:] = 0.0
    step = Portfolio(world, 1, 0).step(np.array([1]), np.array([2]), np.array([0]))

    assert Terms().rewards(step)[0] == pytest.approx(-0.321)
    assert Terms(price=0.0).rewards(step)[0] == Terms().rewards(step)[0]
    assert Terms(price=2.0).rewards(step)[0] == pytest.approx(-2.321)


def test_the_box_has_the_bounds_of_the_campaign() -> None:
    """Under env.yaml: cooldown 7, five contacts at most in a period, 30 protected days, shifts −.8 to 2.4."""
    world = campaign(3, 0)
    space = observation_space(world, Terms())

    high = dict(zip(FULL, space.high.tolist(), strict=True))
    low = dict(zip(FULL, space.low.tolist(), strict=True))

    ones = {
        "churn_risk",
        "accept_prob_0",
        "accept_prob_3",
        "budget_remaining",
        "cooldown_active",
        "time_left",
    }
    assert {high[name] for name in ones} == {1.0}
    assert [high[name] for name in ("days_since_contact", "fatigue_count", "day_in_period")] == [7, 5, 29]
    assert high["protection_left"] == 30
    assert high["value"] == pytest.approx(world.bill_minor.max() / 100)
    assert (low.pop("risk_shift"), high["risk_shift"]) == pytest.approx((-0.8, 2.4))
    assert set(low.values()) == {0.0}


def test_nine_inputs_are_the_first_nine() -> None:
    """Of the same box."""
    full, nine = (
        observation_space(tiny(), terms) for terms in (Terms(), Terms(observation="nine"))
    )  # fmt: skip

    assert (len(NINE), nine.shape, full.shape) == (9, (9,), (14,))
    assert np.array_equal(nine.high, full.high[:9])


def test_an_input_that_cannot_vary_has_a_width_all_the_same() -> None:
    """No cooldown and one level: Gymnasium warns of a box of no width."""
    space = observation_space(one_level(cooldown_days=0), Terms())

    assert np.all(space.high > space.low)
    assert space.high[FULL.index("days_since_contact")] == 1.0


def test_actions_are_split_into_their_parts() -> None:
    """Columns of any whole type, contiguous 64-bit numbers."""
    actions = np.array([[1, 3, 7], [0, 0, 0]], dtype=np.int8)

    parts = split_actions(actions, 2)

    assert [part.tolist() for part in parts] == [[1, 0], [3, 0], [7, 0]]
    assert {part.dtype for part in parts} == {np.dtype(np.int64)}
    assert all(part.flags.c_contiguous for part in parts)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([2, 0, 0], r"contact is 2 in slot 1, wanted 0 to 1"),
        ([1, -1, 0], r"offer is -1 in slot 1, wanted 0 to 3"),
        ([1, 4, 9], r"offer is 4 in slot 1, wanted 0 to 3"),
        ([0, 0, 8], r"delay is 8 in slot 1, wanted 0 to 7"),
    ],
)
def test_actions_out_of_range_are_refused(row: list[int], message: str) -> None:
    """By part and slot, though the offer is not read without a contact."""
    with pytest.raises(InputError, match=message):
        split_actions(np.array([[1, 0, 0], row]), 2)


def test_actions_of_another_shape_or_kind_are_refused() -> None:
    """Two of three parts, one slot too few, numbers that are not whole."""
    wanted = r"wanted \(2, 3\) whole numbers: contact, offer, delay"
    for actions in (np.zeros((2, 2), dtype=np.int64), np.zeros((1, 3), dtype=np.int64), np.zeros((2, 3))):
        with pytest.raises(InputError, match=wanted):
            split_actions(actions, 2)


@given(st.integers(0, 2**64 - 1))
def test_a_seed_is_the_portfolios(seed: int) -> None:
    """The first episodes of a seed, whatever went before and whatever could be drawn."""
    begun, fresh = Portfolio(tiny(), 3, 1), Portfolio(tiny(), 3, seed)
    begun.renew(np.arange(3))

    begin_episodes(begun, seed, None, np.random.default_rng(0))

    assert np.array_equal(begun.slots.stream, fresh.slots.stream)


def test_without_a_seed_one_is_drawn_or_the_next_episodes_begin() -> None:
    """Drawn from the generator where there is one; else each slot goes on."""
    drawn, again, other = (Portfolio(tiny(), 3, 1) for _ in range(3))
    for portfolio, seed in ((drawn, 4), (again, 4), (other, 5)):
        begin_episodes(portfolio, None, {}, np.random.default_rng(seed))
    streams = [portfolio.slots.stream.tolist() for portfolio in (drawn, again, other)]

    begin_episodes(drawn, None, None, None)

    assert (streams[0] == streams[1], streams[0] == streams[2]) == (True, False)
    assert drawn.slots.episode.tolist() == [1, 1, 1]


def test_options_and_negative_slots_are_refused() -> None:
    """There are no options, and slots count from 0."""
    with pytest.raises(InputError, match=r"reset was given options \['reset_mask'\], wanted none"):
        begin_episodes(Portfolio(tiny(), 1, 0), 1, {"reset_mask": True}, None)
    with pytest.raises(InputError, match=r"slot of the environment is -1, wanted 0 or more"):
        Terms().portfolio(tiny(), 1, -1)
