"""Calibrate a trained policy to a budget on customers that taught it, and judge it on others.

One number is calibrated by bisection on exact spend: the price where it is an input, else what is
added to the logit of a contact. A hundredth of the budget is left, so that customers never met do not
break it. Knows no files.
"""

import time
from dataclasses import dataclass, replace
from functools import partial
from math import expm1, log1p, sqrt

from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.domain.progress import Progress
from churn_saver.policy.certificate import Certificate, Certified, assumptions_digest
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import Evaluation, evaluate
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.network_rung import network_rung
from churn_saver.policy.optimum import optimum
from churn_saver.policy.scores import Scores, Yardstick
from churn_saver.policy.simple_rungs import tuned
from churn_saver.policy.state import Policy
from churn_saver.train.panels import Panels
from churn_saver.train.run import silent
from churn_saver.train.workers import finished, workers

PRUNE = 1e-5
"""States less likely than this are left alone while a number is looked for; what judges prunes nothing."""
MOST_BIAS = 8.0
"""Largest shift of a contact's logit, either way: beyond it everybody or nobody is contacted."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A policy that meets one budget."""

    network: PolicyNetwork
    price: float
    """λ: what it is shown, or was trained at."""
    held_out: Evaluation
    """On customers that neither taught nor calibrated it."""
    scores: Scores
    seconds: float
    """Wall time of the last evaluation."""


def yardstick(dynamics: Dynamics, budget_minor: float, progress: Progress | None = None) -> Yardstick:
    """Find the optimum that a policy is held against.

    Args:
        dynamics: The customers that judge.
        budget_minor: Per customer, minor units.
        progress: Told the rounds.
    """
    best = optimum(dynamics, budget_minor, progress=progress)
    return Yardstick(best.never_value, best.value, best.bound, best.price, budget_minor)


def calibrated(
    network: PolicyNetwork,
    panels: Panels,
    stick: Yardstick,
    trained_price: float,
    factor: float,
    settings: PpoSettings,
    progress: Progress | None = None,
) -> Calibrated:
    """Make a policy meet a budget and judge it.

    One that overspends whatever its number is judged at its thriftiest, and found infeasible.

    Args:
        network: As trained.
        panels: Whose exact spend calibrates, and who judges.
        stick: Of the panel that judges, at the budget.
        trained_price: λ that a policy without a price among its inputs was trained at.
        factor: Of the campaign's usual budget.
        settings: Share of the budget to spend, and the range of prices.
        progress: Told the evaluations.
    """
    wanted = share_of(factor, settings) * stick.budget
    if network.observation == "full_price":
        low, high = settings.prices.low, settings.prices.high
        found = tuned(
            panels.certificate,
            lambda x: network_rung(panels.certificate, network, expm1(x)),
            wanted, log1p(low), log1p(high), prune=PRUNE, progress=progress, settles=True,
        )  # fmt: skip
        price = expm1(found.scalar)
    else:
        found = tuned(
            panels.certificate,
            lambda bias: network_rung(panels.certificate, replace(network, contact_bias=bias)),
            wanted, -MOST_BIAS, MOST_BIAS, prune=PRUNE, progress=progress, settles=True,
        )  # fmt: skip
        network, price = replace(network, contact_bias=found.scalar), trained_price
    started = time.perf_counter()
    judged = evaluate(panels.held_out, rung_at(panels.held_out, network, price), progress=progress)
    return Calibrated(network, price, judged, Scores.of(judged, stick), time.perf_counter() - started)


def share_of(factor: float, settings: PpoSettings) -> float:
    """Give the share of a budget that is calibrated for: the less money, the fewer carry its spend.

    The spend of a panel strays from that of the next by an error that falls with the square root of
    how many are contacted.
    """
    return max(0.0, 1.0 - (1.0 - settings.budget_share) * max(1.0, 1.0 / sqrt(factor)))


def rung_at(dynamics: Dynamics, network: PolicyNetwork, price: float) -> Policy:
    """Let a network decide, at a price where it sees one."""
    return network_rung(dynamics, network, price if network.observation == "full_price" else None)


def certified(
    network: PolicyNetwork,
    panels: Panels,
    env: EnvSettings,
    settings: PpoSettings,
    trained_price: float,
    progress: Progress = silent,
    at_once: int = 1,
) -> tuple[PolicyNetwork, Certificate]:
    """Judge a policy at every budget that it is meant for, and write the certificate.

    Args:
        network: As trained.
        panels: Who calibrates and who judges.
        env: The budget, the caps and the assumptions.
        settings: Factors of the budget, for a policy whose price is an input; others serve one budget.
        trained_price: λ that the others were trained at.
        progress: Told what is being done.
        at_once: Budgets at a time, one core each.

    Returns:
        The network as it will serve, and its certificate.
    """
    factors = sorted(settings.budget_factors) if network.observation == "full_price" else [1.0]
    budgets = [factor * env.budget_per_customer * MINOR_PER_UNIT for factor in factors]
    judge = partial(_certified_for, network, panels, settings, trained_price)
    if len(factors) == 1 or at_once == 1:
        found = [judge(*one, progress) for one in zip(factors, budgets, strict=True)]
    else:
        with workers(min(at_once, len(factors))) as pool:
            waiting = [pool.submit(judge, *one) for one in zip(factors, budgets, strict=True)]
            for done, one in enumerate(finished(waiting), 1):
                one.result()
                progress("certifying", done, len(waiting))
        found = [one.result() for one in waiting]
    rows = tuple(row for _, row in found)
    return found[-1][0], Certificate(rows, env.caps.caps(), assumptions_digest(env))


def _certified_for(
    network: PolicyNetwork,
    panels: Panels,
    settings: PpoSettings,
    trained_price: float,
    factor: float,
    budget: float,
    progress: Progress = silent,
) -> tuple[PolicyNetwork, Certified]:
    """Judge at one budget, minor units per customer; → the network as calibrated to it, and its row."""
    stick = yardstick(panels.held_out, budget, progress)
    found = calibrated(network, panels, stick, trained_price, factor, settings, progress)
    scores = found.scores
    row = Certified(budget, found.price, scores.spend, scores.gain_pct, scores.regret_pct, scores.feasible)
    return found.network, row
