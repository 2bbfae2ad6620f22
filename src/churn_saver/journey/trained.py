"""A trained policy as a rung: what it sees, what is closed to it, and what it then wants.

It acts as it was certified, greedily. What it wants is at most what the gates leave open; where it sees
nothing (no score, no bill) it wants no contact. Knows no certificate: `seating` has looked.
"""

import numpy as np

from churn_saver.config import EnvSettings
from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.journey.appraisal import Appraisal
from churn_saver.journey.chosen import Chosen, Price, certain
from churn_saver.journey.decider import Decider
from churn_saver.journey.observing import observed, seeable
from churn_saver.policy.certificate import ServedPolicy
from churn_saver.policy.network import INPUTS


def network_choice(
    appraisal: Appraisal, price: Price, decider: Decider, policy: ServedPolicy, env: EnvSettings
) -> Chosen:
    """Let a trained policy choose; without a campaign there is no budget, and it wants nothing.

    Args:
        appraisal: n customers, with scores.
        price: λ, of the policy's own certificate.
        decider: For its label.
        policy: The weights.
        env: How long an accepted offer protects, and how well.
    """
    n, campaign = len(appraisal.customers), appraisal.situation.campaign
    unwanted = np.full(n, int(Reason.NOT_WORTH_IT))
    if campaign is None or n == 0:
        return certain(np.zeros(n, dtype=np.int8), unwanted, decider.label)
    offers = appraisal.standing.allowed[:, 1:]
    known = seeable(appraisal)
    names = INPUTS[policy.network.observation]
    seen = observed(appraisal, campaign, names, float(np.max(price)), env)
    contact, offer, delay = policy.network.act(seen, offers.any(axis=1) & known, offers)
    choice = np.where(contact, 1 + offer, NO_CONTACT).astype(np.int8)
    return certain(choice, unwanted, decider.label, np.where(known, delay, 0).astype(np.int8))
