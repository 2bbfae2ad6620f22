"""A trained network as a rung of the ladder: simulated states in, its own answers out.

Knows nothing of how it was trained; what is evaluated here is what serves.
"""

import numpy as np

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.network import INPUTS, PolicyNetwork
from churn_saver.policy.observing import observations
from churn_saver.policy.state import PRICE, Decisions, Policy, States, open_choices


def network_rung(dynamics: Dynamics, network: PolicyNetwork, price: float | None = None) -> Policy:
    """Let a network decide.

    Args:
        dynamics: The campaign.
        network: The policy.
        price: λ, where the network sees it; None where not.

    Raises:
        InputError: a price for a network that sees none, or none for one that does.
    """
    names = INPUTS[network.observation]
    if (names[-1] == PRICE) != (price is not None):
        raise InputError(
            f"price is {price} for a policy of observation {network.observation!r}, wanted "
            f"{'a number' if names[-1] == PRICE else 'None'}"
        )

    def decide(states: States) -> Decisions:
        seen = observations(dynamics, states)
        if price is not None:
            seen = np.concatenate([seen, np.full((len(seen), 1), price, dtype=np.float32)], axis=1)
        contact, offers = open_choices(dynamics, states)
        return Decisions.sure(*network.act(seen[:, : len(names)], contact, offers))

    return decide
