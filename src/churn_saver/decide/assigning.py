"""Which version decides for a customer: the champion, or the challenger for its share of them.

A customer stays with the challenger for as long as it has the role. In a table each of the two works with
the share of the money that its customers are of the table, so that neither has more for a customer. Knows
no registry and no files.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from churn_saver.decide.laddering import Means
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.versions import is_challenged
from churn_saver.journey import Decider
from churn_saver.tabular.predictors import Predictors


@dataclass(frozen=True, slots=True)
class Deciding:
    """A version, loaded and ready to decide."""

    version: str
    """SHA-256, hex."""
    predictors: Predictors | None
    decider: Decider

    def over(self, means: Means) -> Means:
        """Give the means with which it decides: messages, settings and guards are those at hand."""
        return replace(means, predictors=self.predictors, rules=replace(means.rules, decider=self.decider))


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenger, and for how many it decides."""

    by: Deciding
    share: float
    """Of the customers, in (0, 1)."""

    def decides_for(self, customer_id: str, campaign: Campaign | None) -> bool:
        """Say whether it decides for a customer; always the same answer within a campaign."""
        return is_challenged(customer_id, campaign, self.by.version, self.share)


@dataclass(frozen=True, slots=True)
class Arm:
    """The customers of a table for whom one version decides."""

    customers: Customers
    of_customers: int
    """Of the whole table."""
    challenger: Deciding | None = None
    """Who decides for them; None: the champion."""


def arms(customers: Customers, challenge: Challenge | None, campaign: Campaign) -> Iterator[Arm]:
    """Part a table by who decides: first the champion's customers, then the challenger's if there are any.

    Args:
        customers: The table.
        challenge: None: the champion decides for all.
        campaign: The one that is open.
    """
    n = len(customers)
    if challenge is None:
        yield Arm(customers, n)
        return
    taken = np.array([challenge.decides_for(one, campaign) for one in customers.ids], dtype=np.bool_)
    yield Arm(customers.take(np.flatnonzero(~taken)), n)
    if taken.any():
        yield Arm(customers.take(np.flatnonzero(taken)), n, challenge.by)
