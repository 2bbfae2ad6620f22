"""One customer after another as a Gymnasium environment: `churn_saver/Retention-v0`.

A step is a decision about one customer of a campaign, an episode is that customer's campaign: it begins
on day 0 with a customer drawn from the population and ends, `terminated`, when the customer has left or
the last day has passed. The end of the campaign is a true end, with a worth of its own; `truncated` is
never true. An ended episode shows the customer at its end.

Action, MultiDiscrete([2, 4, 8]):

    contact  0 no, 1 send a message now
    offer    0..3: 0, 5, 10, 15 % off the next bill; read only with a contact
    delay    0..7: decide again after 1 + delay days

A contact in the cooldown, or with an offer above the customer's allowance, is not sent. One above the
cap of the period is sent and counted.

Observation, Box float32, (14,), or its first 9 with `observation="nine"`; `state` says more:

    0      churn_risk          30-day probability now, protection included
    1..4   accept_prob_0..3    chance to accept each offer when rested
    5      budget_remaining    fraction of the customer's allowance left
    6      days_since_contact  days, at most the cooldown
    7      cooldown_active     0 or 1
    8      fatigue_count       contacts in the fixed 30-day period
    9      value               monthly bill, currency units
    10     time_left           fraction of the campaign left
    11     protection_left     days
    12     day_in_period       days, 0..29
    13     risk_shift          logit of the unprotected risk now minus that of the usual one

Reward, currency units: margin / 30 for each day survived, the terminal value for a survivor of the last
day, less the contact, the discount if accepted, and the decision itself. With `reward="gain"` the
expectation over never contacting again, which has the same best policy. With `price` λ, less λ · spend.

Costs of the two constraints, in `info` and apart from the reward: `spend` (contact and accepted offer,
currency units) and `over_cap` (contacts above the cap). Beside them `contacted` (a message was sent) and
`discount`. With `churn="expected"` customers do not leave: rewards and costs are expectations and
`discount` is the chance to survive to the next decision, by which a learner discounts what comes after;
with `churn="sampled"` it is 1, and 0 at the end. `allowed_contact` and the four `allowed_offers` say
what caps and allowance leave open to the next action.

`reset(seed=s)` starts the slot's first episode of seed s, `reset()` the next one. Slot i of
`vector_env.RetentionVectorEnv` and this environment with `slot=i` give the same bits.
"""

import gymnasium
import numpy as np
from gymnasium import spaces

from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.state import Ints, Matrix
from churn_saver.policy.terms import (
    HEADS,
    Columns,
    Info,
    Terms,
    begin_episodes,
    brought,
    looks,
    observation_space,
    split_actions,
)


class RetentionEnv(gymnasium.Env[Matrix, Ints]):
    """Decide for one customer after another."""

    def __init__(self, dynamics: Dynamics, terms: Terms, slot: int = 0) -> None:
        """Prepare a slot; `reset` begins.

        Args:
            dynamics: The campaign.
            terms: What is shown and paid.
            slot: Number of the slot; another slot meets other customers and other draws.

        Raises:
            InputError: the slot is negative.
        """
        self.action_space = spaces.MultiDiscrete(list(HEADS.values()))
        self.observation_space = observation_space(dynamics, terms)
        self._terms = terms
        self._portfolio = terms.portfolio(dynamics, 1, slot)
        self._begun, self._over = False, True

    def reset(
        self, *, seed: int | None = None, options: dict[str, object] | None = None
    ) -> tuple[Matrix, Info]:
        """Begin the first episode of a seed, or the next one.

        Without a seed from the start, one is drawn.

        Raises:
            InputError: an option is given; there are none.
        """
        super().reset(seed=seed)
        begin_episodes(self._portfolio, seed, options, None if self._begun else self.np_random)
        self._begun, self._over = True, False
        return self._seen(), _first(looks(self._portfolio))

    def step(self, action: Ints) -> tuple[Matrix, float, bool, bool, Info]:
        """Decide once.

        Raises:
            InputError: the action is not in the action space; names the part.
            ResetNeeded: the episode is over, or none has begun.
        """
        if self._over:
            raise gymnasium.error.ResetNeeded("no episode is under way: call reset()")
        step = self._portfolio.step(*split_actions(np.asarray(action)[None], 1), renews=False)
        self._over = bool(step.ended[0])
        info = _first(brought(step) | looks(self._portfolio))
        return self._seen(), float(self._terms.rewards(step)[0]), self._over, False, info

    def _seen(self) -> Matrix:
        return self._portfolio.observe()[0, : self._terms.width]


def _first(columns: Columns) -> Info:
    return {name: column[0].item() if column.ndim == 1 else column[0] for name, column in columns.items()}
