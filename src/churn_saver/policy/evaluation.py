"""What a policy earns, spends and does to every customer: the exact expectation, no Monte Carlo.

Forward, day by day, over the distribution on the states that the policy reaches. All states of a
chunk of customers that decide on one day are shown to the policy together, once. Knows nothing of
optima, budgets or prices.

A stochastic policy reaches many states with almost no probability. `prune` leaves a customer alone
for good in a state that is reached with less probability: no decision and no contact any more,
valued exactly. What comes out is then the exact value of that slightly different policy, and
`reward_slack` and `spend_slack` bound how far it can be from the policy's own.
"""

from dataclasses import dataclass, replace

import numpy as np

from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError
from churn_saver.policy.answers import checked
from churn_saver.policy.dynamics import Dynamics, Floats, never_contacted
from churn_saver.policy.passage import Passage
from churn_saver.policy.spreading import (
    CONTACTS,
    DECISIONS,
    DROPPED,
    N_COUNTED,
    OVER_CAP,
    REWARD,
    SPEND,
    SURVIVAL,
    Ring,
)
from churn_saver.policy.state import Policy, States

BATCH_STATES = 65_536
"""Most states that a policy is shown at once."""
_RING_BYTES = 96 * 2**20
"""Memory for the distribution: it sets how many customers are followed together."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Expectations over one campaign for each customer; money in minor units."""

    reward: Floats
    """Margin and terminal value, less offers, contacts and decisions, (n,)."""
    spend: Floats
    """Contacts and accepted offers, (n,)."""
    over_cap: Floats
    """Contacts beyond the cap per period, (n,)."""
    contacts: Floats
    """(n,)."""
    decisions: Floats
    """Looks at the customer, (n,)."""
    survival: Floats
    """Chance to be a customer at the end, (n,)."""
    dropped: Floats
    """Chance to come into a pruned state, (n,); 0 without pruning."""
    reward_slack: Floats
    """Pruning changes `reward` by at most this, (n,)."""
    spend_slack: Floats
    """Pruning changes `spend` by at most this, (n,)."""
    states: int
    """How many states the policy was shown."""

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.reward)


def evaluate(
    dynamics: Dynamics, policy: Policy, *, progress: Progress | None = None, prune: float = 0.0
) -> Evaluation:
    """Work out what the policy does, from the first day to the last.

    Args:
        dynamics: The campaign and its customers.
        policy: Shown at most `BATCH_STATES` states at once, every reached state once.
        progress: Told the days worked through.
        prune: States that are reached with less than this probability are left alone for good.

    Raises:
        InputError: `prune` is no probability, or the policy answers with what is no distribution,
            with a contact that is closed, or with an offer that the customer's allowance does not
            cover.
    """
    if not 0.0 <= prune < 1.0:
        raise InputError(f"prune is {prune}, wanted a probability below 1; 0 prunes nothing")
    n, horizon = len(dynamics), dynamics.horizon_days
    passage, counted, shown = Passage.of(dynamics), np.zeros((n, N_COUNTED)), 0
    alone = _Alone.of(dynamics) if prune > 0.0 else None
    ring = Ring.sized(dynamics, _RING_BYTES)
    chunks = range(0, n, len(ring))
    for chunk, first in enumerate(chunks):
        ring.begin(min(len(ring), n - first), dynamics.start)
        for day in range(horizon):
            states, mass = ring.take(day, first)
            if alone is not None:
                states, mass = alone.leave(states, mass, prune, counted)
            for start in range(0, len(mass), BATCH_STATES):
                rows = slice(start, start + BATCH_STATES)
                batch = _rows(states, rows)
                decisions = checked(dynamics, batch, policy(batch))
                ring.spread(dynamics, passage, first, batch, mass[rows], decisions, counted)
            shown += len(mass)
            if progress is not None:
                progress("evaluating", chunk * horizon + day + 1, len(chunks) * horizon)
    return _evaluation(dynamics, counted, shown)


@dataclass(frozen=True, slots=True)
class _Alone:
    """What becomes of customers who are never looked at again, (n, H + 1, P + 1, L)."""

    reward: Floats
    survival: Floats

    @classmethod
    def of(cls, dynamics: Dynamics) -> "_Alone":
        nothing, one = np.zeros(len(dynamics)), np.ones(len(dynamics))
        survivors = replace(dynamics, daily_margin_minor=nothing, terminal_minor=one)
        return cls(never_contacted(dynamics), never_contacted(survivors))

    def leave(self, states: States, mass: Floats, prune: float, counted: Floats) -> tuple[States, Floats]:
        """Take out the states of less probability than `prune` and count what becomes of them."""
        little = mass < prune
        left, rest = _rows(states, little), mass[little]
        at = (left.customer, left.day, left.protection, left.level)
        for column, worth in ((REWARD, self.reward[at]), (SURVIVAL, self.survival[at]), (DROPPED, 1.0)):
            counted[:, column] += np.bincount(left.customer, rest * worth, minlength=len(counted))
        return _rows(states, ~little), mass[~little]


def _rows(states: States, rows: slice | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> States:
    return States(
        states.customer[rows], states.day[rows], states.level[rows], states.protection[rows],
        states.wait[rows], states.fatigue[rows], states.units[rows],
    )  # fmt: skip


def _evaluation(dynamics: Dynamics, counted: Floats, shown: int) -> Evaluation:
    dropped = counted[:, DROPPED]
    contacts = -(-dynamics.horizon_days // max(dynamics.cooldown_days, 1))
    dear = (dynamics.offer_cost_minor[:, 1:] / dynamics.offer_units[1:]).max(axis=1)
    free = dynamics.offer_cost_minor[:, :1].max(axis=1) * contacts
    most_spend = contacts * dynamics.contact_cost_minor + dear * dynamics.allowance_units + free
    looks = dynamics.horizon_days * dynamics.decision_cost_minor
    most_worth = dynamics.horizon_days * dynamics.daily_margin_minor + dynamics.terminal_minor
    return Evaluation(
        reward=counted[:, REWARD],
        spend=counted[:, SPEND],
        over_cap=counted[:, OVER_CAP],
        contacts=counted[:, CONTACTS],
        decisions=counted[:, DECISIONS],
        survival=counted[:, SURVIVAL],
        dropped=dropped,
        reward_slack=dropped * (most_worth + most_spend + looks),
        spend_slack=dropped * most_spend,
        states=shown,
    )
