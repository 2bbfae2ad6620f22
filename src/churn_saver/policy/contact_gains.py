"""What one contact now and none after it gains and costs, in any state of any customer, exactly.

The myopic rungs decide by it and the trainer takes it as a first guess. The same numbers as
`reward.contact_values`, which the service uses; here the levels are known and nothing is interpolated.
Knows nothing of caps, budgets or what comes later.
"""

import numpy as np

from churn_saver.domain.action import N_OFFERS
from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import Dynamics, Floats, Ints
from churn_saver.policy.state import States


def contact_gains(dynamics: Dynamics, never_values: Floats, states: States) -> Floats:
    """Give the gain of a contact with each offer over never contacting again.

    Its expected cost is taken off. Closed contacts and offers get their numbers too: the caller masks.

    Args:
        dynamics: The campaign.
        never_values: Of `dynamics.never_contacted`, (n, H + 1, P + 1, L).
        states: Before the last day's end, m of them.

    Returns:
        Minor units, (m, 4).
    """
    gains = np.empty((len(states), N_OFFERS))
    _write_gains(
        states.customer, states.day, states.level, states.protection, states.fatigue, never_values,
        dynamics.accept, dynamics.rested, dynamics.stays, dynamics.offer_cost_minor,
        dynamics.contact_cost_minor, dynamics.protected_days, gains,
    )  # fmt: skip
    return gains


def contact_costs(dynamics: Dynamics, states: States) -> Floats:
    """Give the expected cost of a contact with each offer: the message and, if accepted, the discount.

    Shapes: → (m, 4), minor units.
    """
    accepted = dynamics.accept[states.customer] * (
        dynamics.stays[states.fatigue] * dynamics.rested[states.fatigue]
    )[:, None]  # fmt: skip
    costs: Floats = dynamics.contact_cost_minor + accepted * dynamics.offer_cost_minor[states.customer]
    return costs


@compiled
def gain_of_contact(
    now: float, protected: float, accepted: float, stays: float, offer_cost: float, contact_cost: float
) -> float:
    """Give the gain of one contact: stays·[a(U' − offer cost) + (1 − a)·U] − U − contact cost.

    Written without cancellation; for use inside compiled loops.

    Args:
        now: U, value of never contacting with the protection there is.
        protected: U', value of never contacting with that after an acceptance.
        accepted: a, chance to accept, fatigue included.
        stays: Chance that the contact does not end it all.
        offer_cost: Of the accepted offer.
        contact_cost: Of the message.
    """
    return stays * accepted * (protected - now - offer_cost) - (1.0 - stays) * now - contact_cost


@compiled
def _write_gains(
    customer: Ints, day: Ints, level: Ints, protection: Ints, fatigue: Ints, never_values: Floats,
    accept: Floats, rested: Floats, stays: Floats, offer_cost: Floats, contact_cost: float,
    protected_days: Ints, out: Floats,
) -> None:  # fmt: skip
    for i in range(len(customer)):
        c, t, s, p, f = customer[i], day[i], level[i], protection[i], fatigue[i]
        now = never_values[c, t, p, s]
        for k in range(N_OFFERS):
            out[i, k] = gain_of_contact(
                now, never_values[c, t, max(p, protected_days[k]), s], accept[c, k] * rested[f], stays[f],
                offer_cost[c, k], contact_cost,
            )  # fmt: skip
