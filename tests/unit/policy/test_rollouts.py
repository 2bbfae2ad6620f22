"""What the learning policy saw, did and got, in the order in which it is handed on."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from churn_saver.policy.actor_critic import ActorCritic
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.network import CONTACT, DELAY, OFFER, features
from churn_saver.policy.portfolio import Churn, Portfolio, Reward
from churn_saver.policy.rollouts import Batch, Rollout, collect, head_logits, log_probs_of
from churn_saver.policy.successors import Outlook
from tests.policies import SCALING, actor_critic, indifferent, opinionated
from tests.tiny_campaigns import campaign, one_level, tiny

CHURNS: list[Churn] = ["sampled", "expected"]
REWARDS: list[Reward] = ["money", "gain"]
STEPS, SLOTS = 9, 7


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Setting(NamedTuple):
    """A portfolio of few days, in which episodes end and contacts are closed again and again."""

    churn: Churn = "expected"
    reward: Reward = "money"
    prices: tuple[float, float] = (0.5, 2.0)

    def portfolio(self, n: int = SLOTS) -> Portfolio:
        """Make it, standing at its start."""
        return Portfolio(tiny(n=5), n, seed=3, churn=self.churn, reward=self.reward, prices=self.prices)


def learner(observation: str = "full_price", shared_trunk: bool = False) -> ActorCritic:
    """Give a network that contacts about as often as not."""
    return opinionated(actor_critic(observation, 1, (8,), shared_trunk), 1, 0.3)


def acted(portfolio: Portfolio, module: ActorCritic, steps: int = STEPS, seed: int = 0) -> Rollout:
    """Collect with draws of a seed."""
    return collect(portfolio, module, SCALING, steps, torch.Generator().manual_seed(seed))


def in_whole(amounts: NDArray[np.float64]) -> NDArray[np.float32]:
    """Turn minor units into currency units, as they are kept."""
    return (amounts / 100).astype(np.float32)


def assert_row_is_the_slots(batch: Batch, rows: slice, twin: Portfolio) -> None:
    """Compare what was seen at one time with what a portfolio shows, slot by slot."""
    seen = np.concatenate([twin.observe(), twin.slots.price[:, None].astype(np.float32)], axis=1)
    contact, offers = twin.open_choices()

    assert batch.x[rows].tolist() == features(seen, "full_price", SCALING, np.float32).tolist()
    assert batch.open_contact[rows].tolist() == [[True, may] for may in contact.tolist()]
    assert batch.open_offers[rows].tolist() == offers.tolist()
    assert batch.bill[rows].tolist() == in_whole(twin.dynamics.bill_minor[twin.slots.customer]).tolist()


@pytest.mark.parametrize("churn", CHURNS)
@pytest.mark.parametrize("reward", REWARDS)
def test_it_is_what_a_twin_gives_that_is_stepped_by_hand(churn: Churn, reward: Reward) -> None:
    """Row t·n + i is slot i at time t: seen before the step, paid by it, bit for bit."""
    setting = Setting(churn, reward)
    rollout, twin = acted(setting.portfolio(), learner()), setting.portfolio()
    batch, ended = rollout.batch, []

    for t in range(STEPS):
        rows = slice(t * SLOTS, (t + 1) * SLOTS)
        assert_row_is_the_slots(batch, rows, twin)
        assert rollout.price[t].tolist() == twin.slots.price.astype(np.float32).tolist()
        step = twin.step(*(part[rows].numpy() for part in (batch.contact, batch.offer, batch.delay)))

        assert rollout.r_t[t, 0].tolist() == in_whole(step.reward).tolist()
        assert rollout.r_t[t, 1].tolist() == in_whole(step.spend).tolist()
        assert rollout.r_t[t, 2].tolist() == step.over_cap.tolist()
        assert rollout.gamma_t[t, 0].tolist() == step.discount.astype(np.float32).tolist()
        assert (rollout.gamma_t[t, 0][step.ended] == 0).all()
        assert batch.contact[rows].tolist() == step.contacted.astype(int).tolist()
        episodes = (step.episode_reward / 100, step.episode_spend / 100, step.episode_over_cap)
        ended.append(np.stack(episodes)[:, step.ended])
    assert rollout.ended.tolist() == np.concatenate(ended, axis=1).tolist()
    assert rollout.ended.shape[1] > SLOTS
    assert 0 < int(batch.contact.sum()) < STEPS * SLOTS


@pytest.mark.parametrize("shared_trunk", [True, False])
def test_values_are_the_networks_times_the_bill_before_each_decision_and_after_the_last(
    shared_trunk: bool,
) -> None:
    """v_t[t] belongs to what was seen at t, one row more than steps; a next episode's where one ended."""
    module, portfolio = learner(shared_trunk=shared_trunk), Setting().portfolio()
    rollout = acted(portfolio, module)
    seen = np.concatenate([portfolio.observe(), portfolio.slots.price[:, None].astype(np.float32)], axis=1)
    last = torch.from_numpy(features(seen, "full_price", SCALING, np.float32))
    bill = in_whole(portfolio.dynamics.bill_minor[portfolio.slots.customer])

    with torch.no_grad():
        values = (module(rollout.batch.x)[1] * rollout.batch.bill[:, None]).numpy()
        after = module(last)[1].numpy() * bill[:, None]

    assert rollout.v_t.shape == (STEPS + 1, 3, SLOTS)
    for t in range(STEPS):
        for i in range(SLOTS):
            assert rollout.v_t[t, :, i] == pytest.approx(values[t * SLOTS + i], rel=1e-5, abs=1e-5)
    assert pytest.approx(after, rel=1e-5, abs=1e-5) == rollout.v_t[STEPS].T


def test_the_price_is_the_slots_in_every_episode() -> None:
    """Drawn anew when an episode ends, within its range, and seen by the network as log(1 + λ)."""
    rollout = acted(Setting().portfolio(), learner())
    seen = rollout.batch.x[:, -3].reshape(STEPS, SLOTS).numpy()
    ended = rollout.gamma_t[:-1, 0] == 0

    assert np.log1p(rollout.price) == pytest.approx(seen, abs=1e-6)
    assert ((rollout.price >= 0.5) & (rollout.price <= 2.0)).all()
    assert ((rollout.price[1:] != rollout.price[:-1]) == ended).all()
    assert 0 < ended.sum() < ended.size


@pytest.mark.parametrize(("observation", "inputs"), [("nine", 22), ("full", 34)])
def test_without_a_price_among_the_inputs_the_episodes_have_none(observation: str, inputs: int) -> None:
    """λ 0 throughout, and the features of that observation alone."""
    rollout = acted(Setting(prices=(0.0, 0.0)).portfolio(), learner(observation))

    assert not rollout.price.any()
    assert rollout.batch.x.shape == (STEPS * SLOTS, inputs)


def by_hand(logits: NDArray[np.float32], allowed: NDArray[np.bool_], choice: int) -> float:
    """Give the log-probability of a choice among those that are open, in plain Python."""
    total = sum(math.exp(z) for z, may in zip(logits.tolist(), allowed.tolist(), strict=True) if may)
    return float(logits[choice]) - math.log(total)


def test_the_log_probabilities_are_those_of_the_decision_when_it_was_made() -> None:
    """Of contact among what is open, with its offer where there is one; and apart of the delay."""
    module = learner()
    batch = acted(Setting().portfolio(), module).batch
    with torch.no_grad():
        logits = module.logits(batch.x)
        again = log_probs_of(batch, head_logits(logits, batch.open_contact, batch.open_offers))
    z = logits.numpy()

    assert batch.logp.shape == (STEPS * SLOTS, 2)
    assert again.numpy() == pytest.approx(batch.logp.numpy(), abs=1e-6)
    for i in range(STEPS * SLOTS):
        contact, offer, delay = int(batch.contact[i]), int(batch.offer[i]), int(batch.delay[i])
        choice = by_hand(z[i, CONTACT], batch.open_contact[i].numpy(), contact)
        choice += by_hand(z[i, OFFER], batch.open_offers[i].numpy(), offer) if contact else 0.0
        timing = by_hand(z[i, DELAY], np.ones(8, dtype=np.bool_), delay)

        assert batch.logp[i].tolist() == pytest.approx([choice, timing], abs=1e-5)


def test_draws_follow_the_softmax_of_all_three_heads_together() -> None:
    """χ² of 20,000 decisions over 2·4·8 cells, 63 degrees of freedom: 103.4 is passed once in a thousand."""
    chances = [(0.7, 0.3), (0.4, 0.1, 0.2, 0.3), (0.05, 0.1, 0.15, 0.2, 0.2, 0.15, 0.1, 0.05)]
    logits = tuple(math.log(p) for head in chances for p in head)
    n = 20_000

    batch = acted(Portfolio(campaign(2), n, seed=0), indifferent(actor_critic(), logits), 1).batch

    cell = (batch.contact * 4 + batch.offer) * 8 + batch.delay
    counts = torch.bincount(cell, minlength=64).numpy()
    expected = n * np.einsum("c,o,d->cod", *(np.array(head) for head in chances)).ravel()
    assert ((counts - expected) ** 2 / expected).sum() < 103.4


def test_draws_among_what_is_open_follow_its_share() -> None:
    """Allowance of one unit: offers 0 and 1 are open, 3 : 1. χ² of one degree: 10.8 once in a thousand."""
    logits = (0.0, 1.0, math.log(3), 0.0, 5.0, 5.0, *[0.0] * 8)
    portfolio = Portfolio(campaign(2, allowance_units=1), 8_000, seed=0)

    batch = acted(portfolio, indifferent(actor_critic(), logits), 1).batch

    counts = torch.bincount(batch.offer, minlength=4).tolist()
    assert counts[2:] == [0, 0]
    assert (counts[0] - 6_000) ** 2 / 6_000 + (counts[1] - 2_000) ** 2 / 2_000 < 10.8


@pytest.mark.parametrize("closed", [-math.inf, 40.0])
def test_what_is_closed_is_never_drawn(closed: float) -> None:
    """However much the network leans to a contact and to the dearest offer; what is left is drawn surely."""
    logits = (0.0, 40.0, 0.0, closed, closed, 60.0, *[0.0] * 8)
    batch = acted(Setting().portfolio(50), indifferent(actor_critic("full_price"), logits), 12).batch

    assert batch.contact.tolist() == batch.open_contact[:, 1].long().tolist()
    assert batch.open_offers.gather(1, batch.offer[:, None]).all()
    dearest = batch.open_offers[:, 3]
    assert (batch.offer[dearest] == 3).all()
    assert 0 < int(dearest.sum()) < len(dearest)
    assert 0 < int(batch.contact.sum()) < len(dearest)
    assert batch.logp.isfinite().all()


def test_the_same_seed_gives_the_same_rollout_and_another_does_not() -> None:
    """Bit for bit, of the portfolio's seed and the generator's."""
    first, second = (acted(Setting().portfolio(), learner()) for _ in range(2))
    other = acted(Setting().portfolio(), learner(), seed=1)

    for name in Batch._fields:
        assert getattr(first.batch, name).tolist() == getattr(second.batch, name).tolist()
    for name in ("r_t", "v_t", "gamma_t", "price", "ended"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist()
    assert first.batch.delay.tolist() != other.batch.delay.tolist()


def test_two_short_rollouts_are_one_long_one() -> None:
    """It goes on from where the portfolio stands, and looks at the last state without drawing."""
    long, portfolio = acted(Setting().portfolio(), learner()), Setting().portfolio()
    generator = torch.Generator().manual_seed(0)

    parts = [collect(portfolio, learner(), SCALING, steps, generator) for steps in (4, STEPS - 4)]

    for name in Batch._fields:
        joined = torch.cat([getattr(part.batch, name) for part in parts])
        assert joined.tolist() == getattr(long.batch, name).tolist()
    for name in ("r_t", "gamma_t", "price"):
        assert (
            np.concatenate([getattr(part, name) for part in parts]).tolist() == getattr(long, name).tolist()
        )
    assert parts[0].v_t[-1].tolist() == parts[1].v_t[0].tolist() == long.v_t[4].tolist()
    assert np.concatenate([part.ended for part in parts], axis=1).tolist() == long.ended.tolist()


def test_no_gradient_is_kept_and_no_weight_moves() -> None:
    """Acting is not learning."""
    module = learner()
    before = [parameter.tolist() for parameter in module.parameters()]

    batch = acted(Setting().portfolio(), module).batch

    assert not any(column.requires_grad for column in batch)
    assert [parameter.tolist() for parameter in module.parameters()] == before


def test_rows_of_a_batch_are_taken_in_every_column() -> None:
    """The same rows, in the order asked for."""
    batch = acted(Setting().portfolio(), learner()).batch

    taken = batch.at(torch.tensor([5, 0]))

    for name in Batch._fields:
        column = getattr(batch, name).tolist()
        assert getattr(taken, name).tolist() == [column[5], column[0]]


def looked_ahead(dynamics: Dynamics, logits: tuple[float, ...], n: int, steps: int) -> list[Rollout]:
    """Act alike in twin portfolios, without an outlook and with one; the values have opinions."""
    module = indifferent(opinionated(actor_critic("full"), 2), logits)
    rollouts = []
    for outlook in (None, Outlook(dynamics)):
        portfolio, generator = Portfolio(dynamics, n, seed=0, reward="gain"), torch.Generator().manual_seed(0)
        rollouts.append(collect(portfolio, module, SCALING, steps, generator, outlook))
    for name in Batch._fields:
        assert getattr(rollouts[0].batch, name).tolist() == getattr(rollouts[1].batch, name).tolist()
    return rollouts


def test_an_outlook_changes_nothing_where_all_is_certain() -> None:
    """One level, every offer taken, nobody annoyed: what follows is what was expected, or the end."""
    world = one_level(n=3, horizon_days=6)
    world = replace(world, accept=np.ones((3, 4)), stays=np.ones_like(world.stays))

    drawn, expected = looked_ahead(world, (0.0,) * 14, 20, 8)

    assert expected.r_t == pytest.approx(drawn.r_t, rel=1e-4, abs=1e-3)
    for name in ("v_t", "gamma_t", "ended"):
        assert getattr(expected, name).tolist() == getattr(drawn, name).tolist()
    assert (drawn.gamma_t == 0).any()


def test_with_an_outlook_a_step_is_worth_what_it_is_worth_on_average() -> None:
    """Two customers at two levels, a contact in each of 6,000 slots, one step.

    Reward and what follows do not depend on the draw any more, and are the mean of what was drawn, within
    four standard errors; the draws themselves differ.
    """
    logits = (0.0, 60.0, 0.0, 0.0, 60.0, 0.0, 0.0, 60.0, *[0.0] * 6)
    drawn, expected = (
        rollout.r_t[0] + rollout.gamma_t[0] * rollout.v_t[1]
        for rollout in looked_ahead(tiny(), logits, 6_000, 1)
    )
    slots = Portfolio(tiny(), 6_000, seed=0).slots

    for who in ((slots.customer == c) & (slots.level == level) for c in (0, 1) for level in (0, 1)):
        there, worth = drawn[:, who].astype(np.float64), expected[:, who].astype(np.float64)
        error = there.std(axis=1) / math.sqrt(who.sum())

        assert np.ptp(worth, axis=1) == pytest.approx(np.zeros(3), abs=1e-3)
        assert (error > 0).all()
        assert (np.abs(there.mean(axis=1) - worth.mean(axis=1)) < 4 * error + 1e-4).all()


def test_at_the_horizon_an_outlook_sees_nothing() -> None:
    """A campaign of one day: every step is an end, with its reward alone."""
    drawn, expected = looked_ahead(campaign(3, horizon_days=1), (0.0,) * 14, 10, 3)

    assert expected.r_t.tolist() == drawn.r_t.tolist()
    assert not expected.gamma_t.any()
    assert expected.ended.shape == (3, 30)
