"""Whom the decision policy learns from and whom it is judged on: a scored table, cut into two halves.

The first half teaches, calibrates and certifies; the second is held out. Both halves run evenly
through the order of what a contact is worth, so that a price which meets a budget on one nearly meets it on
the other. Knows nothing of policies.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from churn_saver.config import EnvSettings
from churn_saver.errors import InputError
from churn_saver.policy.population import Population
from churn_saver.tabular.predictors import Predictors
from churn_saver.train.datasets import RiskTable


@dataclass(frozen=True, slots=True)
class ScoredTable:
    """A table as the simulator sees it, in two halves."""

    learning: Population
    held_out: Population
    described: str
    """What it is, without any path of this machine."""
    sha256: str
    """Of the scores and bills of both halves."""


def scored_table(table: RiskTable, predictors: Predictors, env: EnvSettings) -> ScoredTable:
    """Score a table's customers and cut it in two.

    Customers without a bill have nothing to lose or to save, and are left out.

    Raises:
        InputError: too few customers, or scores that cannot be used.
    """
    paying = np.flatnonzero(table.customers.bill_minor > 0)
    customers = table.customers.take(paying)
    risk = predictors.risk.probability(customers)
    accept = predictors.accept.probabilities(customers, risk)
    source = table.source
    described = (
        f"{len(customers):,} customers of {source.file} ({source.kind}), predictors {predictors.version}"
    )
    return in_halves(Population.of_scores(risk, accept, customers.bill_minor, env), env, described)


def in_halves(population: Population, env: EnvSettings, described: str) -> ScoredTable:
    """Cut a population in two by turns along the order of stakes.

    Raises:
        InputError: fewer than two customers a half.
    """
    if len(population) < 4:
        raise InputError(
            f"{len(population)} customers cannot be halved, wanted 4 or more: a policy is judged on "
            "customers that it did not learn from; use a larger table"
        )
    order = population.by_stake(env)
    # By turns a b b a: with a b the second half would be worth more in every pair.
    turn = np.isin(np.arange(len(order)) % 4, (0, 3))
    halves = [population.take(np.sort(order[chosen])) for chosen in (turn, ~turn)]
    digest = hashlib.sha256()
    for half in halves:
        for column in (half.usual_logit, half.accept, half.bill_minor):
            digest.update(np.ascontiguousarray(column).tobytes())
    return ScoredTable(halves[0], halves[1], described, digest.hexdigest())
