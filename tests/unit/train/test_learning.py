"""The loop of PPO-Lagrangian: the same bits however it is interrupted, and multipliers that move rightly."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from churn_saver.adapters.trainings import read_training, write_training
from churn_saver.train.learning import CurvePoint, Learner
from tests.tiny_tables import ENV, dynamics, quick

WORLD = dynamics()
LAVISH, THRIFTY = 1_000.0, 0.01
"""Budgets that are never reached, and always broken."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def learner(seed: int = 0, start_price: float = 1.0, budget: float = 3.0, **changes: Any) -> Learner:
    """Make one for the tiny campaign at a budget."""
    env = ENV.changed({"budget_per_customer": budget}, "a test")
    return Learner(WORLD, env, quick(**changes), seed, start_price)


def ruled(rule: str) -> dict[str, Any]:
    """Give round numbers of a multiplier's rule."""
    return {"rule": rule, "start": 1.0, "kp": 0.1, "ki": 0.02, "learning_rate": 0.01, "max_error": 1.0}


def bits(one: Learner) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Give all that the next iteration depends on, so that NaN is itself and −0 is not 0."""
    return {name: (str(array.dtype), array.shape, array.tobytes()) for name, array in one.to_arrays().items()}


@pytest.mark.parametrize(
    "changes",
    [
        {"observation": "full", "multiplier": ruled("pi")},
        {"observation": "nine", "multiplier": ruled("plain"), "successors": "drawn", "churn": "sampled"},
        {"observation": "full_price", "shared_trunk": True, "entropy_coefficient": 0.01},
    ],
)
def test_a_learner_that_was_written_down_goes_on_bit_for_bit(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Two iterations, a file, and three more in another learner are five without a stop."""
    straight, first, second = (learner(iterations=5, **changes) for _ in range(3))
    whole = [straight.advance() for _ in range(5)]
    for _ in range(2):
        first.advance()
    write_training(tmp_path / "t", first.to_arrays(), {})

    second.restore(read_training(tmp_path / "t", {})[0])

    assert bits(second) == bits(first)
    rest = [second.advance() for _ in range(3)]
    assert repr(rest) == repr(whole[2:])
    assert bits(second) == bits(straight)
    assert second.finished
    assert not math.isnan(rest[-1].spend)


def test_what_was_written_down_does_not_change_afterwards() -> None:
    """Arrays are copies: an iteration later they are still those of then."""
    one = learner(iterations=3)
    one.advance()
    arrays = one.to_arrays()
    before = {name: array.tobytes() for name, array in arrays.items()}

    one.advance()

    assert {name: array.tobytes() for name, array in arrays.items()} == before
    assert {name: array.tobytes() for name, array in one.to_arrays().items()} != before


def test_the_same_seed_is_the_same_policy_and_another_is_not() -> None:
    """From the first weights on; draws of others in between change nothing."""
    first, second, other = learner(7), learner(7), learner(8)
    assert bits(first) == bits(second)

    for one in (first, second, other):
        torch.rand(3)
        one.advance()

    assert bits(first) == bits(second)
    assert not np.array_equal(first.network().weights[0], other.network().weights[0])


def test_making_a_learner_leaves_the_draws_of_others_alone() -> None:
    """Torch's own generator stands where it stood."""
    torch.manual_seed(1)
    before = torch.get_rng_state().tolist()

    learner(5)

    assert torch.get_rng_state().tolist() == before


@pytest.mark.parametrize("budget", [LAVISH, THRIFTY])
def test_the_pi_rule_moves_the_price_by_the_relative_error(budget: float) -> None:
    """From 1 with kp .1 and ki .02, error e: I = 1 + .02 e and λ = I + .1 e.

    Far beyond the budget e is cut to 1: 1.02 and 1.12. Far below it is nearly −1: nearly .88.
    """
    one = learner(budget=budget, multiplier=ruled("pi"))

    point = one.advance()

    error = min(point.spend / budget - 1.0, 1.0)
    assert point.spend > 0.5
    assert (one.price.integral, one.price.value) == pytest.approx(
        (1.0 + 0.02 * error, 1.0 + 0.12 * error), abs=1e-12
    )
    assert one.price.value == pytest.approx(1.12 if budget == THRIFTY else 0.88, abs=0.01)
    assert point.price == 1.0


@pytest.mark.parametrize("budget", [LAVISH, THRIFTY])
def test_the_plain_rule_moves_the_price_by_what_was_used_beyond_the_budget(budget: float) -> None:
    """λ ← max(0, λ + .01 (used − budget)): from 1 up a little, or to 0."""
    one = learner(budget=budget, multiplier=ruled("plain"))

    point = one.advance()

    assert one.price.value == pytest.approx(max(0.0, 1.0 + 0.01 * (point.spend - budget)), abs=1e-12)
    assert (one.price.value > 1.0) == (budget == THRIFTY)


def test_the_cap_has_a_price_of_its_own_that_stays_at_nothing_while_the_mask_holds() -> None:
    """Nobody is contacted above the cap, so its λ has no reason to rise; without tolerance it stays."""
    one = learner(multiplier=ruled("pi"))
    points = [one.advance() for _ in range(2)]

    assert [(point.over_cap, point.cap_price) for point in points] == [(0.0, 0.0)] * 2
    assert (one.cap_price.value, one.cap_price.integral) == (0.0, 0.0)


def test_without_an_episode_that_ended_no_price_moves() -> None:
    """After one step nobody is at the horizon: nothing is known of the spend."""
    one = learner(rollout_steps=1, minibatch=16)

    point = one.advance()

    assert math.isnan(point.spend)
    assert math.isnan(point.reward)
    assert (one.price.value, point.price) == (1.0, 1.0)


def test_where_the_price_is_an_input_no_multiplier_is_touched() -> None:
    """λ is drawn for each episode within its range; a start price is not read."""
    one = learner(start_price=5.0, budget=THRIFTY, observation="full_price", prices={"low": 0.5, "high": 4.0})

    points = [one.advance() for _ in range(4)]

    assert [(point.price, point.cap_price) for point in points] == [(0.0, 0.0)] * 4
    assert (one.price.value, one.cap_price.value) == (0.0, 0.0)
    assert ((one.portfolio.slots.price >= 0.5) & (one.portfolio.slots.price <= 4.0)).all()
    assert len(set(one.portfolio.slots.price.tolist())) > 1
    assert (one.scaling.low_price, one.scaling.high_price) == (0.5, 4.0)


def test_scaling_is_of_the_customers_and_the_campaign() -> None:
    """The mean bill in currency units, and what the campaign says."""
    scaling = learner().scaling

    assert scaling.bill == pytest.approx(float(WORLD.bill_minor.mean()) / 100)
    assert (scaling.hazard_factor, scaling.cooldown_days, scaling.contact_cap) == (0.25, 7, 2)
    assert (scaling.horizon_days, scaling.low_price, scaling.high_price) == (10, 0.0, 0.0)


@pytest.mark.parametrize(
    ("final", "wanted"), [(0.02, [0.004, 0.003, 0.002, 0.001]), (0.6, [0.004, 0.003, 0.0024, 0.0024])]
)
def test_the_learning_rate_falls_evenly_to_its_last_share(final: float, wanted: list[float]) -> None:
    """Four iterations from .004; .6 of it is .0024."""
    one = learner(iterations=4, learning_rate=0.004, final_learning_rate=final)

    points = [one.advance() for _ in range(4)]

    assert [point.learning_rate for point in points] == pytest.approx(wanted)


def test_at_first_only_the_values_learn() -> None:
    """The policy answers as before and λ stays, for two of three iterations; then both move."""
    one = learner(iterations=3, values_first=2)
    before, price = bits_of(one), one.price

    for _ in range(2):
        one.advance()

    assert bits_of(one) == before
    assert one.price == price
    one.advance()
    assert bits_of(one) != before
    assert one.price != price


def bits_of(one: Learner) -> list[bytes]:
    """Give the policy's weights as they are."""
    network = one.network()
    return [array.tobytes() for array in (*network.weights, *network.biases)]


def test_the_entropy_bonus_falls_evenly_to_nothing() -> None:
    """In the last of four iterations a quarter is left of .04: the very step that .01 makes in the first."""
    late, early = (
        learner(iterations=4, final_learning_rate=1.0, entropy_coefficient=bonus) for bonus in (0.04, 0.01)
    )
    late.restore(late.to_arrays() | {"iteration": np.array([3])})

    for one in (late, early):
        one.advance()

    for found, wanted in zip(late.network().weights, early.network().weights, strict=True):
        assert found.tolist() == wanted.tolist()


def test_points_count_iterations_and_decisions() -> None:
    """16 slots by 8 steps are 128 decisions an iteration."""
    one = learner(iterations=2)
    assert not one.finished

    points = [one.advance() for _ in range(2)]

    assert [(point.iteration, point.decisions) for point in points] == [(1, 128), (2, 256)]
    assert one.finished


def trained(budget: float, iterations: int) -> list[CurvePoint]:
    """Learn from 256 slots, quickly, with λ 0 to begin with."""
    gains = {"rule": "pi", "start": 0.0, "kp": 2.0, "ki": 0.5, "learning_rate": 0.1, "max_error": 1.0}
    one = learner(
        0, 0.0, budget, slots=256, minibatch=512, iterations=iterations, learning_rate=0.01, hidden=(16,),
        multiplier=gains,
    )  # fmt: skip
    return [one.advance() for _ in range(iterations)]


def test_the_budget_holds_though_more_would_pay() -> None:
    """Without a limit some eight units a customer would be spent; with one of 3, some 3, within a tenth.

    λ starts at 0 and has to find its way.
    """
    free, held = trained(LAVISH, 20), trained(3.0, 50)

    assert np.mean([point.spend for point in free[-5:]]) > 6.0
    assert np.mean([point.spend for point in held[-10:]]) == pytest.approx(3.0, rel=0.1)
    assert free[-1].price == 0.0
    assert held[-1].price > 3.0
