"""What another policy would have earned on a log, and whether it would have earned more.

Takes target policies as probabilities on the logged contexts and expected rewards that
`outcome_model.cross_fitted` made. Value is the mean reward of one decision. What no interval here
covers: a target that changes who comes back later, rewards that depend on what other customers got,
and a log of other customers than those to come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from churn_saver.errors import InputError
from churn_saver.evidence.clusters import COVERED, Estimate, Units, estimate, units_of
from churn_saver.evidence.logged import Floats, Logged
from churn_saver.evidence.scoring import Four, Scored, four
from churn_saver.evidence.support import (
    ArmOverlap,
    chance_of_logged,
    overlap_of,
    propensity_of,
    refuse_unsupported,
)
from churn_saver.evidence.weights import Weights, effective_rows, weights_of

ODDS_IN_DOUBT = 1.1
"""Factor by which the odds of an estimated propensity are taken to be off at most, either way."""
FEW_EFFECTIVE_ROWS = 50.0
FEW_UNITS = 30
UNBALANCED_Z = 4.0


class Caution(StrEnum):
    """Why a reader should not lean on a valuation."""

    FEW_EFFECTIVE_ROWS = "few_effective_rows"
    """Fewer than `FEW_EFFECTIVE_ROWS`: intervals of weights this uneven cover less than they say."""
    FEW_UNITS = "few_units"
    """Fewer than `FEW_UNITS` customers."""
    UNBALANCED = "unbalanced"
    """An arm's weights do not add up to what the target wants: propensities are wrong, or support is missing
    for a part of the customers."""
    CLIPPED = "clipped"
    """Weights were cut; the intervals hold the bias bound."""
    ESTIMATED = "estimated_propensities"
    """Propensities are a model's; the intervals hold `ODDS_IN_DOUBT`, and nothing else that is hidden."""


@dataclass(frozen=True, slots=True)
class Side:
    """How one target lies on the log."""

    weights: Weights
    overlap: tuple[ArmOverlap, ...]
    """One for each arm."""


@dataclass(frozen=True, slots=True)
class Valuation:
    """Mean reward of a decision under a target, or a difference of two, four ways, and what carries it."""

    ips: Estimate
    snips: Estimate
    dr: Estimate
    dm: Estimate
    """The direct method: its interval holds which contexts came, not how wrong q is. Never by itself."""
    rows: int
    units: int
    effective_rows: float
    """Of the weights; of a difference, of what the weights differ by, up or down, whichever is less:
    policies that mostly agree are told apart by the few rows where they do not."""
    sides: tuple[Side, ...]
    """Of the target, and of the policy it is compared with if any."""
    estimated_propensities: bool
    cautions: tuple[Caution, ...]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A target on a log, and all that its estimates need."""

    four: Four
    chance: Floats
    """Probability that it does what was done, (n,), where that bears on the weight; 0 of who logged."""
    side: Side


def evaluate(
    log: Logged,
    target: Floats | None,
    outcomes: Floats,
    *,
    clip: float | None = None,
    odds: float = ODDS_IN_DOUBT,
) -> Valuation:
    """Estimate the value of a target policy.

    Shapes: target, outcomes (n, k).

    Args:
        log: With propensities.
        target: Its probabilities on the logged contexts; 0 and 1 for a policy that draws nothing. None: the
            policy that logged, whose value is the mean reward.
        outcomes: Expected reward of each arm by a model that did not see the row.
        clip: Largest weight; None: cut none. The intervals widen by the bias that it may bring.
        odds: As `ODDS_IN_DOUBT`, 1 or more; used where propensities were estimated.

    Raises:
        InputError: shapes that differ, expectations that are no numbers, no propensities, only one unit.
        TableError: rows of the target that are no policy.
        SupportError: the target wants what the log never did.
    """
    units = units_of(log.unit)
    one = _weighed(log, target, outcomes, clip, units, "target")
    return _valuation(log, units, (one,), odds)


def difference(
    log: Logged,
    target: Floats | None,
    other: Floats | None,
    outcomes: Floats,
    *,
    clip: float | None = None,
    odds: float = ODDS_IN_DOUBT,
    level: float = COVERED,
) -> Valuation:
    """Estimate how much more a target earns than another policy, paired on the same rows.

    Where both do the same, nothing varies: the interval is that of where they differ. Arguments and
    errors as of `evaluate`; `other` is (n, k) too, and `level` the coverage of the intervals, inside (0, 1).
    """
    units = units_of(log.unit)
    pair = (
        _weighed(log, target, outcomes, clip, units, "target"),
        _weighed(log, other, outcomes, clip, units, "other"),
    )
    return _valuation(log, units, pair, odds, level)


def _weighed(
    log: Logged, target: Floats | None, outcomes: Floats, clip: float | None, units: Units, name: str
) -> _Weighed:
    if target is not None:
        refuse_unsupported(log, target, name)
    if outcomes.shape != log.allowed.shape or not np.isfinite(outcomes).all():
        raise InputError(
            f"outcomes has shape {outcomes.shape} and {int((~np.isfinite(outcomes)).sum()):,} values that "
            f"are no numbers, wanted {log.allowed.shape} and none: take them from outcome_model.cross_fitted "
            f"on this log"
        )
    at_logged = chance_of_logged(log, outcomes)
    if target is None:
        # What was done is a draw of it: every weight is 1, whatever the propensities are.
        drawn = np.eye(log.arms)[log.arm]
        weights = weights_of(log, drawn * propensity_of(log)[:, None], None)
        side = Side(weights, overlap_of(log, drawn, weights.used, units))
        return _Weighed(four(weights.used, log.reward, at_logged, at_logged), np.zeros_like(log.reward), side)
    weights, chance = weights_of(log, target, clip), chance_of_logged(log, target)
    at_target = np.einsum("nk,nk->n", target, outcomes)
    return _Weighed(
        four(weights.used, log.reward, at_target, at_logged),
        chance,
        Side(weights, overlap_of(log, target, chance / propensity_of(log), units)),
    )


def _valuation(
    log: Logged, units: Units, sides: tuple[_Weighed, ...], odds: float, level: float = COVERED
) -> Valuation:
    if not odds >= 1:
        raise InputError(
            f"odds is {odds:g}, wanted a factor of 1 or more: 1 trusts estimated propensities fully"
        )
    effective = _effective_rows([side.side.weights.used for side in sides])
    doubted = odds if log.estimated_propensities else 1.0

    def told(pick: Callable[[Four], Scored]) -> Estimate:
        scored = [pick(side.four) for side in sides]
        whole = scored[0] if len(scored) == 1 else scored[0].less(scored[1])
        return estimate(whole.value, whole.influence, units, _doubt(log, sides, scored, doubted), level)

    return Valuation(
        ips=told(lambda of: of.ips),
        snips=told(lambda of: of.snips),
        dr=told(lambda of: of.dr),
        dm=told(lambda of: of.dm),
        rows=len(log),
        units=units.count,
        effective_rows=effective,
        sides=tuple(side.side for side in sides),
        estimated_propensities=log.estimated_propensities,
        cautions=_cautions(log, units, effective, [side.side for side in sides]),
    )


def _doubt(
    log: Logged, sides: tuple[_Weighed, ...], scored: list[Scored], odds: float
) -> tuple[float, float]:
    """Bound what cut weights and wrong propensities may do to an estimate, downwards and upwards.

    Cutting: |E[(w − w')·e]| ≤ mean(w − w')·max|e|, e the reward (IPS), its distance from the value (SNIPS)
    or from q (DR), over the rewards seen. Propensities, Tan, "A distributional approach for causal inference
    using propensity scores", 2006: 1/p − 1 is off by a factor from 1/odds to odds; first order in SNIPS.
    """
    cut = 0.0
    for side, one in zip(sides, scored, strict=True):
        cut += side.side.weights.clipping.cut_mean * float(np.abs(one.slope).max())
    if odds == 1:
        return cut, cut
    push = sides[0].chance * scored[0].slope
    if len(sides) == 2:
        push = push - sides[1].chance * scored[1].slope
    odds_against = 1 / propensity_of(log) - 1
    up = float(np.mean(odds_against * np.maximum(push, 0)))
    down = float(np.mean(odds_against * np.maximum(-push, 0)))
    less, more = 1 - 1 / odds, odds - 1
    return cut + less * up + more * down, cut + more * up + less * down


def _effective_rows(used: list[Floats]) -> float:
    if len(used) == 1:
        return effective_rows(used[0])
    apart = used[0] - used[1]
    if not apart.any():
        return float(len(apart))
    return min(effective_rows(np.maximum(apart, 0)), effective_rows(np.maximum(-apart, 0)))


def _cautions(log: Logged, units: Units, effective: float, sides: list[Side]) -> tuple[Caution, ...]:
    found = {
        Caution.FEW_EFFECTIVE_ROWS: effective < FEW_EFFECTIVE_ROWS,
        Caution.FEW_UNITS: units.count < FEW_UNITS,
        Caution.UNBALANCED: any(
            abs(arm.balance_z) > UNBALANCED_Z for one in sides for arm in one.overlap
        ),
        Caution.CLIPPED: any(one.weights.clipping.rows > 0 for one in sides),
        Caution.ESTIMATED: log.estimated_propensities,
    }  # fmt: skip
    return tuple(caution for caution, holds in found.items() if holds)
