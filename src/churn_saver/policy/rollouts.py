"""Let the learning policy act in a portfolio and write down what it saw, did and got.

Knows nothing of losses. Money leaves here in currency units: minor units stay inside the simulator.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.policy.actor_critic import ActorCritic
from churn_saver.policy.network import CONTACT, DELAY, INPUTS, OFFER, Scaling, features
from churn_saver.policy.observing import observations
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.state import PRICE, Ints, Matrix
from churn_saver.policy.successors import Outlook
from churn_saver.rl.losses import categorical_log_prob, joint_log_prob, masked_logits


class Batch(NamedTuple):
    """What was seen and done in m decisions."""

    x: Tensor
    """Features, (m, features)."""
    open_contact: Tensor
    """(m, 2), the first always open."""
    open_offers: Tensor
    """(m, 4)."""
    contact: Tensor
    """(m,)."""
    offer: Tensor
    """(m,)."""
    delay: Tensor
    """(m,)."""
    logp: Tensor
    """Log-probability of contact and offer, and of the delay, when they were chosen, (m, 2)."""
    bill: Tensor
    """Currency units, (m,)."""

    def at(self, rows: Tensor) -> "Batch":
        """Give the decisions at the rows."""
        return Batch(*(column[rows] for column in self))


@dataclass(frozen=True, slots=True)
class Rollout:
    """T decisions of each of n slots."""

    batch: Batch
    """Of T·n decisions, time first."""
    r_t: Matrix
    """Reward, spend and contacts above the cap, (T, 3, n), currency units and a count; with an outlook
    plus what is expected of the next state's values over that of the state that was drawn."""
    v_t: Matrix
    """Their values before each decision and after the last, (T + 1, 3, n)."""
    gamma_t: Matrix
    """Chance to survive to the next decision, 0 at an end, (T, 1, n)."""
    price: Matrix
    """λ under which each decision was made, where it is an input, (T, n)."""
    ended: NDArray[np.float64]
    """Reward, spend and contacts above the cap of each episode that ended, (3, episodes)."""


def collect(
    portfolio: Portfolio,
    module: ActorCritic,
    scaling: Scaling,
    steps: int,
    generator: torch.Generator,
    outlook: Outlook | None = None,
) -> Rollout:
    """Act `steps` times in every slot, drawing from the policy.

    Args:
        portfolio: Goes on from where it stands.
        module: The policy; gradients are not kept.
        scaling: Of the features.
        steps: T.
        generator: Of the draws.
        outlook: Takes temporal differences in expectation over the next state; None: as it was drawn.
    """
    n = len(portfolio)
    seen: list[Batch] = []
    rewards, discounts = np.empty((steps, 3, n), np.float32), np.empty((steps, 1, n), np.float32)
    values, prices = np.empty((steps + 1, 3, n), np.float32), np.empty((steps, n), np.float32)
    expected = np.empty((steps if outlook else 0, 3, n), np.float32)
    ended: list[NDArray[np.float64]] = []
    scale = np.array([MINOR_PER_UNIT, MINOR_PER_UNIT, 1.0])[:, None]
    for t in range(steps + 1):
        x = observed(portfolio, module.observation, scaling)
        bill = torch.from_numpy(portfolio.dynamics.bill_minor[portfolio.slots.customer] / MINOR_PER_UNIT)
        with torch.no_grad():
            logits, value = module(x)
        values[t] = (value * bill[:, None]).T.numpy()
        if t == steps:
            break
        prices[t] = portfolio.slots.price
        batch = _drawn(x, logits, bill.float(), portfolio, generator)
        decision = batch.contact.numpy(), batch.offer.numpy(), batch.delay.numpy()
        if outlook is not None:
            expected[t] = _expected_values(outlook, decision, portfolio, module, scaling)
        step = portfolio.step(*decision)
        rewards[t] = np.stack([step.reward, step.spend, step.over_cap]) / scale
        discounts[t, 0] = step.discount
        episodes = np.stack([step.episode_reward, step.episode_spend, step.episode_over_cap]) / scale
        ended.append(episodes[:, step.ended])
        seen.append(batch)
    batch = Batch(*(torch.cat(columns) for columns in zip(*seen, strict=True)))
    if outlook is not None:
        rewards += expected - discounts * values[1:]
    return Rollout(batch, rewards, values, discounts, prices, np.concatenate(ended, axis=1))


def observed(portfolio: Portfolio, observation: str, scaling: Scaling) -> Tensor:
    """Give the features of every slot, (n, features)."""
    return _features(portfolio.observe(), portfolio.slots.price, observation, scaling)


def _features(seen: Matrix, price: NDArray[np.float64], observation: str, scaling: Scaling) -> Tensor:
    """Give the features of m states and their prices, (m, features)."""
    names = INPUTS[observation]
    if names[-1] == PRICE:
        seen = np.concatenate([seen, price[:, None].astype(np.float32)], axis=1)
    return torch.from_numpy(features(seen[:, : len(names)], observation, scaling, np.float32))


def _expected_values(
    outlook: Outlook,
    decision: tuple[Ints, Ints, Ints],
    portfolio: Portfolio,
    module: ActorCritic,
    scaling: Scaling,
) -> Matrix:
    """Give what the decisions lead to is worth in expectation, survival included, (3, n)."""
    after = outlook.after(portfolio.slots, *decision)
    seen = observations(portfolio.dynamics, after.states)
    x = _features(seen, portfolio.slots.price[after.slot], module.observation, scaling)
    with torch.no_grad():
        values = module.values_of(x).numpy()
    weight = after.chance * portfolio.dynamics.bill_minor[after.states.customer] / MINOR_PER_UNIT
    n = len(portfolio)
    return np.stack([np.bincount(after.slot, weight * column, n) for column in values.T]).astype(np.float32)


def head_logits(logits: Tensor, open_contact: Tensor, open_offers: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Give each head's logits, closed answers masked. Shapes: (m, 14) → (m, 2), (m, 4), (m, 8)."""
    return (
        masked_logits(logits[:, CONTACT], open_contact),
        masked_logits(logits[:, OFFER], open_offers),
        logits[:, DELAY],
    )


def log_probs_of(batch: Batch, heads: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Give the log-probability of what was chosen: of contact and offer, and of the delay, (m, 2)."""
    contact, offer, delay = heads
    choice = joint_log_prob(
        categorical_log_prob(contact, batch.contact), categorical_log_prob(offer, batch.offer), batch.contact
    )
    return torch.stack([choice, categorical_log_prob(delay, batch.delay)], dim=1)


def _drawn(
    x: Tensor, logits: Tensor, bill: Tensor, portfolio: Portfolio, generator: torch.Generator
) -> Batch:
    """Draw a decision for every slot."""
    may_contact, may_offer = portfolio.open_choices()
    open_contact = torch.from_numpy(np.stack([np.ones_like(may_contact), may_contact], axis=1))
    open_offers = torch.from_numpy(may_offer)
    heads = head_logits(logits, open_contact, open_offers)
    contact, offer, delay = (_gumbel_argmax(head, generator) for head in heads)
    batch = Batch(x, open_contact, open_offers, contact, offer, delay, bill, bill)
    return batch._replace(logp=log_probs_of(batch, heads))


def _gumbel_argmax(logits: Tensor, generator: torch.Generator) -> Tensor:
    """Draw from logits: the argmax after Gumbel noise. Shapes: (m, k) → (m,)."""
    uniform = torch.rand(logits.shape, generator=generator).clamp_(1e-20)
    return (logits - torch.log(-torch.log(uniform))).argmax(dim=1)
