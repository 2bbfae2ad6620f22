"""Let a share of decisions take a random allowed choice, so that something can be learned of them.

Knows no rung. The draws are keyed hashes of the campaign: the same decision draws the same.
"""

from dataclasses import replace

import numpy as np

from churn_saver.domain.campaign import Campaign
from churn_saver.journey.appraisal import Appraisal
from churn_saver.journey.chosen import Chosen


def explored(own: Chosen, appraisal: Appraisal) -> Chosen:
    """Let the campaign's share of eligible decisions take a random allowed choice; delays stay the rung's.

    The probability is that of the mixture, (1 − ε)·p + ε/n over the n allowed choices, p the chance
    of the choice under the rung: 1 for the choice of a rung that draws nothing, 0 for any other.

    Args:
        own: The rung's own choice.
        appraisal: The customers it was made for.
    """
    campaign = appraisal.situation.campaign
    if campaign is None or campaign.exploration_share == 0.0:
        return own
    share, numbers = campaign.exploration_share, appraisal.situation.history.decisions_made
    choice, probability = own.choice.copy(), own.probability.copy()
    for row in map(int, np.flatnonzero(appraisal.standing.allowed[:, 1:].any(axis=1))):
        options = np.flatnonzero(appraisal.standing.allowed[row])
        key = (appraisal.customers.ids[row], int(numbers[row]))
        if _explores(campaign, *key):
            choice[row] = options[int(campaign.uniform("option", *key) * len(options))]
        same = float(choice[row] == own.choice[row])
        chance = same if own.chances is None else own.chances[row, choice[row]]
        probability[row] = (1 - share) * chance + share / len(options)
    return replace(own, choice=choice, probability=probability)


def is_explored(appraisal: Appraisal) -> bool:
    """Say whether the first customer's choice is drawn at random, be it the rung's own or another."""
    campaign, history = appraisal.situation.campaign, appraisal.situation.history
    if campaign is None or not appraisal.standing.allowed[0, 1:].any():
        return False
    return _explores(campaign, appraisal.customers.ids[0], int(history.decisions_made[0]))


def _explores(campaign: Campaign, customer_id: str, number: int) -> bool:
    return campaign.uniform("explore", customer_id, number) < campaign.exploration_share
