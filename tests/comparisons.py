"""What the gate looks at, for a challenger that passes."""

import numpy as np

from churn_saver.evidence.broken_caps import BrokenCaps
from churn_saver.evidence.clusters import Estimate
from churn_saver.evidence.conditions import Gain, Losses, Replays
from churn_saver.evidence.estimators import Caution, Valuation
from churn_saver.evidence.fairness import harmed
from churn_saver.evidence.promotion import Evidence, document, gate
from churn_saver.evidence.sample_ratio import sample_ratio
from churn_saver.evidence.shadowed import Beside, Worth
from churn_saver.evidence.shares import Interval

GOOD = Evidence(
    gain=Gain(Interval(0.03, 0.01, 0.05), 0.95, "of the customers kept", "randomised", (), 1_000.0),
    caps=BrokenCaps(10, 10, {"budget": 0}),
    losses=Losses({"gender": harmed(np.arange(90), ["<i>a</i>"] * 90, np.resize([0.01, 0.02], 90), 0.02)}),
    replays=Replays("B", 50, (), ()),
    ratios={"challenger against champion": sample_ratio(np.arange(100) < 50, np.full(100, 0.5))},
)


def written(evidence: Evidence = GOOD, **about: object) -> dict[str, object]:
    """Give the document of a verdict, as `compare` writes it."""
    told = {
        "challenger": "B", "champion": "A", "campaign": "spring", "reward": "retained", "days": 30,
        "level": 0.95, "judged_at": "2026-03-02T17:00:00+00:00", "counts": {"customers": 100},
        "challenger_version": None, "champion_version": None, "protocol": None, "look": "The only look.",
    }  # fmt: skip
    return document(gate(evidence, 0.95), {**told, **about})


def _estimate(value: float, off: float) -> Estimate:
    return Estimate(value, off / 2, value - off, value + off, 60.0)


def _valued(value: float, off: float, *cautions: Caution) -> Valuation:
    one = _estimate(value, off)
    return Valuation(one, one, one, one, 90, 80, 40.0, (), False, cautions)


BESIDE = Beside(
    decisions=96,
    unasked=4,
    alike={"none": (60, 60), "10": (30, 36)},
    contacts=(30, 36),
    reserved_minor=(30_000, 36_050),
    worth=Worth(_valued(0.8, 0.1, Caution.FEW_EFFECTIVE_ROWS), _valued(0.05, 0.06), 0.75),
)
"""A shadow that wants six contacts less than the champion."""
