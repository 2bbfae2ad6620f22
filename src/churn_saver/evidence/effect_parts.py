"""Is an effect as large as predicted: customers by predicted effect, beside what scores find there.

Takes effects and doubly robust scores (`uplift.scores`) of rows that taught neither. Parts are drawn
by the prediction, so the few that look best are among them: what is observed there, with its error, is
what may be promised, not what is predicted.

Source: sorted group effects, Chernozhukov et al., "Generic machine learning inference on heterogeneous
treatment effects" (2018), section 2.
"""

from dataclasses import dataclass

import numpy as np

from churn_saver.errors import InputError
from churn_saver.evidence.clusters import Estimate, estimate, units_of
from churn_saver.evidence.logged import Floats, Whole

PARTS = 5


@dataclass(frozen=True, slots=True)
class EffectPart:
    """Customers whose predicted effects lie beside each other."""

    rows: int
    predicted: float
    """Mean predicted effect."""
    observed: Estimate
    """Mean score, clustered by unit; each interval holds with 95 % by itself."""

    @property
    def agrees(self) -> bool:
        """Tell whether the prediction lies in the interval."""
        return self.observed.low <= self.predicted <= self.observed.high


def effect_parts(effect: Floats, score: Floats, unit: Whole, parts: int = PARTS) -> tuple[EffectPart, ...]:
    """Hold one arm's predicted effects against what its scores find, smallest effects first.

    Args:
        effect: Predicted, (n,).
        score: Doubly robust score of the same arm, (n,); NaN: the arm was not allowed.
        unit: Codes of customers, (n,).
        parts: Of equally many rows; equal predictions stay together, so there may be fewer.

    Units: of the score.

    Raises:
        InputError: lengths that differ, an effect that is no number, an infinite score, or fewer than two
            units with a score.
    """
    if not len(effect) == len(score) == len(unit):
        raise InputError(
            f"there are {len(effect)} effects, {len(score)} scores and {len(unit)} units, wanted one each"
        )
    wrong = np.flatnonzero(~np.isfinite(effect) | np.isinf(score))
    if len(wrong):
        raise InputError(f"effect or score of row {wrong[0]} is no finite number: mend the row")
    there = ~np.isnan(score)
    effect, score, units = effect[there], score[there], units_of(unit[there])
    if units.count < 2:
        raise InputError(
            f"scores are of {units.count} customers, wanted two at least: let the log explore this arm"
        )
    edges = np.unique(np.quantile(effect, np.arange(1, parts) / parts, method="inverted_cdf"))
    place = np.searchsorted(edges, effect, side="left")
    found = []
    for part in np.unique(place):
        here = place == part
        mean, share = float(score[here].mean()), float(here.mean())
        observed = estimate(mean, np.where(here, score - mean, 0.0) / share, units)
        found.append(EffectPart(int(here.sum()), float(effect[here].mean()), observed))
    return tuple(found)
