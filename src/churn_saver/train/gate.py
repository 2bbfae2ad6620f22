"""Who serves: the ladder's rows, and a champion by rule, not by belief.

    1  a candidate is amortised and within the budget with every seed
    2  the policy for every budget wins if it is nowhere further than some points behind the policy
       that was trained for that budget alone; else the candidate of the largest mean gain does
    3  whoever wins must gain more than the tuned knapsack, with an interval above 0; else the knapsack

Knows nothing of files and pages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np
from scipy.stats import t as student

from churn_saver.adapters.ladder import OPTIMUM, LadderRow
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.shares import Interval
from churn_saver.train.ladder import Bench, Measured

AMORTISED_SECONDS = 2e-4
"""Longest that a rung may take for one decision and still answer a request."""
KNAPSACK, SPECIALISED, FOR_EVERY_BUDGET = "knapsack", "ppo", "ppo_price"
COMPARED_AT = (0.25, 1.0, 4.0)
"""Budget factors at which the champion is held against the knapsack, where they were measured."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate found."""

    champion: str
    why: str
    """In words."""
    rows: tuple[LadderRow, ...]
    beyond_knapsack: tuple[tuple[float, Interval], ...]
    """Points of gain that the champion is above the tuned knapsack, by budget factor."""


def judge(bench: Bench, within_points: float) -> Verdict:
    """Make the rows and name the champion.

    Args:
        bench: All that was measured.
        within_points: How far the policy for every budget may be behind.
    """
    factors = sorted({one.factor for one in bench.measured})
    rows = [row for factor in factors for row in _rows(bench, factor)]
    at = {(row.name, row.budget_factor): row for row in rows}
    candidates = [
        row for row in rows
        if row.budget_factor == 1.0 and row.amortised and row.feasible and row.name != OPTIMUM
    ]  # fmt: skip
    if not candidates:
        return Verdict(KNAPSACK, "no rung is fast enough and within the budget", tuple(rows), ())
    best = max(candidates, key=lambda row: row.gain_pct)
    behind = {
        factor: at[SPECIALISED, factor].gain_pct - at[FOR_EVERY_BUDGET, factor].gain_pct
        for factor in factors
        if (SPECIALISED, factor) in at
        and (FOR_EVERY_BUDGET, factor) in at
        # What overspends gains more than there is to gain, and serves nobody.
        and at[SPECIALISED, factor].feasible
    }
    everywhere = all(row.feasible and row.amortised for row in rows if row.name == FOR_EVERY_BUDGET)
    name, why = best.name, f"largest gain of the rungs that answer a request: {best.gain_pct:.1f} %"
    if behind and everywhere and max(behind.values()) <= within_points:
        name = FOR_EVERY_BUDGET
        furthest = max(behind.values())
        why = (
            "one policy for every budget, within all of them and "
            + (f"at most {furthest:.1f} points behind" if furthest > 0.0 else "ahead of")
            + " the policies trained for one each"
        )
    beyond = _beyond(bench, name)
    if name != KNAPSACK and not (beyond and all(interval.low > 0.0 for _, interval in beyond)):
        return Verdict(KNAPSACK, f"{name} is not above the tuned knapsack for certain", tuple(rows), beyond)
    for factor, interval in beyond:
        why += (
            f"; above the tuned knapsack at {factor:g} times the budget by {interval.value:.1f} points "
            f"({interval.low:.1f} to {interval.high:.1f})"
        )
    return Verdict(name, why, tuple(rows), beyond)


def over_seeds(values: Sequence[float], level: float = 0.95) -> Interval:
    """Give the mean with its Student interval."""
    middle, n = mean(values), len(values)
    if n < 2:
        return Interval(middle, middle, middle)
    half = float(student.ppf(0.5 + level / 2.0, n - 1) * np.std(values, ddof=1) / n**0.5)
    return Interval(middle, middle - half, middle + half)


def _rows(bench: Bench, factor: float) -> list[LadderRow]:
    """Sum up every rung at one budget, in the order measured, and the optimum last."""
    rungs = list(dict.fromkeys(one.rung for one in bench.measured if one.factor == factor))
    rows = [
        _row([one for one in bench.measured if (one.rung, one.factor) == (rung, factor)]) for rung in rungs
    ]
    sticks = [stick for (at, _), stick in bench.sticks.items() if at == factor]
    spend = sticks[0].budget / MINOR_PER_UNIT
    rows.append(LadderRow(OPTIMUM, factor, 100.0, 100.0, 100.0, 0.0, True, spend, len(sticks), 0.0, False))
    return rows


def _row(found: Sequence[Measured]) -> LadderRow:
    gain = over_seeds([one.scores.gain_pct for one in found])
    seconds = max(one.seconds_per_decision for one in found)
    return LadderRow(
        name=found[0].rung,
        budget_factor=found[0].factor,
        gain_pct=gain.value,
        low=gain.low,
        high=gain.high,
        regret_pct=mean(one.scores.regret_pct for one in found),
        feasible=all(one.scores.feasible for one in found),
        spend_per_customer=mean(one.scores.spend for one in found) / MINOR_PER_UNIT,
        seeds=len(found),
        seconds_per_decision=seconds,
        amortised=seconds <= AMORTISED_SECONDS,
    )


def _beyond(bench: Bench, name: str) -> tuple[tuple[float, Interval], ...]:
    """Compare with the knapsack, seed by seed on the same customers."""
    gains = {(one.rung, one.factor, one.seed): one.scores.gain_pct for one in bench.measured}
    found = []
    for factor in COMPARED_AT:
        apart = [
            gain - gains[KNAPSACK, factor, seed]
            for (rung, at, seed), gain in gains.items()
            if rung == name and at == factor and (KNAPSACK, factor, seed) in gains
        ]
        if apart:
            found.append((factor, over_seeds(apart)))
    return tuple(found)
