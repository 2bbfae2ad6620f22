"""What a log can show of a policy: every arm that the policy wants must have been drawn there.

A target policy is given as probabilities on the logged contexts. Where it wants what the log never
did there is nothing to weight, and no estimator that is honest goes on.

Source: the common support assumption of Precup, Sutton and Singh, "Eligibility traces for off-policy
policy evaluation", 2000; the balance of arms is the arithmetic mean test of Li, Kim and Zitouni,
"Toward predicting the outcome of an A/B experiment for search relevance", 2015.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import Fault, InputError, SupportError, TableError
from churn_saver.evidence.clusters import Units
from churn_saver.evidence.logged import FIRST_LINE, Flags, Floats, Logged

SUMS_TO_ONE = 1e-5
"""How far the probabilities of a row may be from 1 in sum: a float32 network's are."""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class ArmOverlap:
    """What the log holds of one arm, for one target."""

    logged: int
    """Rows of the arm."""
    wanted: float
    """Mean probability that the target gives it."""
    found: float
    """The same as the weights have it: mean of the weight over all rows, those of other arms counting 0."""
    balance_z: float
    """(found − wanted) over its standard error, clustered; far from 0: the propensities are wrong, or the arm
    was never drawn for some of the rows that want it. 0 where nothing varies."""
    least_propensity: float
    """Smallest propensity of the arm's rows that the target wants; NaN: none."""
    effective_rows: float
    """(Σw)²/Σw² over the arm's rows; 0: none that the target wants."""


def chance_of_logged(log: Logged, probabilities: Floats) -> Floats:
    """Give the probability of what was done. Shapes: (n, k) → (n,)."""
    return probabilities[np.arange(len(log)), log.arm]


def propensity_of(log: Logged) -> Floats:
    """Give the propensities of a log that has them, (n,).

    Raises:
        InputError: it has none.
    """
    if log.propensity is None:
        raise InputError(
            "the log has no propensities: log the probability of each decision, or estimate them with "
            "evidence.propensity.with_estimated"
        )
    return log.propensity


def refuse_unsupported(log: Logged, target: Floats, name: str = "target") -> None:
    """Refuse a target that is no policy on these rows, or of which the log shows nothing.

    Args:
        log: With propensities.
        target: Probabilities of the target, (n, k).
        name: What messages call it.

    Raises:
        InputError: another shape.
        TableError: rows that are no probabilities, or that want an arm that is not allowed.
        SupportError: an arm that was never drawn where the target wants it, or rows in which one arm was
            drawn with probability 1 and the target wants another.
    """
    if target.shape != log.allowed.shape:
        raise InputError(
            f"{name} has shape {target.shape}, wanted {log.allowed.shape}: a probability for each arm of "
            f"each logged row"
        )
    _refuse_no_policy(log, target, name)
    _refuse_certain(log, target, name)
    wants = target > 0
    drawn = np.bincount(log.arm[chance_of_logged(log, target) > 0], minlength=log.arms)
    for arm in np.flatnonzero(wants.any(axis=0) & (drawn == 0)):
        rows = int(wants[:, arm].sum())
        raise SupportError(
            f"{name} wants arm {arm} in {rows:,} of {len(log):,} rows ({target[:, arm].mean():.2%} of all "
            f"its probability), and the log never drew it there: let the log explore this arm, or judge a "
            f"policy without it"
        )


def overlap_of(log: Logged, target: Floats, weight: Floats, units: Units) -> tuple[ArmOverlap, ...]:
    """Say what the log holds of each arm for a target. Shapes: target (n, k), weight, not cut, (n,)."""
    p = propensity_of(log)
    return tuple(_arm_overlap(log.arm == arm, target[:, arm], weight, p, units) for arm in range(log.arms))


def _arm_overlap(here: Flags, wanted: Floats, weight: Floats, p: Floats, units: Units) -> ArmOverlap:
    found = np.where(here, weight, 0.0)
    gap = found - wanted
    mean = float(gap.mean())
    error = float(np.sqrt(np.sum(units.sums(gap - mean) ** 2))) / len(gap)
    used = found > 0
    squares = float(np.sum(found**2))
    return ArmOverlap(
        logged=int(here.sum()),
        wanted=float(wanted.mean()),
        found=float(found.mean()),
        balance_z=mean / error if error > 0 else 0.0,
        least_propensity=float(p[used].min()) if used.any() else float("nan"),
        effective_rows=float(found.sum()) ** 2 / squares if squares > 0 else 0.0,
    )


def _refuse_no_policy(log: Logged, target: Floats, name: str) -> None:
    off = ~(np.isfinite(target) & (target >= 0)).all(axis=1)
    off |= ~(np.abs(target.sum(axis=1) - 1) <= SUMS_TO_ONE)
    barred = ((target > 0) & ~log.allowed).any(axis=1) & ~off
    wanted = ((off, "probabilities, together 1"), (barred, "nothing for arms that the row does not allow"))
    faults = [
        Fault(name, int(row) + FIRST_LINE, "probabilities", _told(target[row]), text)
        for bad, text in wanted
        for row in np.flatnonzero(bad)[: TableError.SHOWN]
    ]
    if faults:
        raise TableError(
            faults, "Ask the policy again, with the gates of each row.", int(off.sum() + barred.sum())
        )


def _refuse_certain(log: Logged, target: Floats, name: str) -> None:
    p = propensity_of(log)
    rows = np.flatnonzero((p == 1) & (chance_of_logged(log, target) < 1 - SUMS_TO_ONE))
    if len(rows):
        lines = ", ".join(str(row + FIRST_LINE) for row in rows[:_SHOWN])
        raise SupportError(
            f"{name} wants another arm in {len(rows):,} of {len(log):,} rows in which the log drew one with "
            f"probability 1 (lines {lines}{', …' if len(rows) > _SHOWN else ''}): there the others had "
            f"probability 0. Judge rows that were explored, or a policy that does there what was done"
        )


def _told(row: NDArray[np.float64]) -> str:
    return " ".join(f"{one:g}" for one in row)
