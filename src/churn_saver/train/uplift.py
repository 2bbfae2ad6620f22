"""Recipe: learn from a log whom a contact moves, and show on held-out folds what that is worth.

What is shown of an arm is found by trees that never saw the customer: how much its ranking wins over a
random order (Qini), how much contacting in that order wins at all (AUUC), whether predicted effects are
what scores find, and what is left after costs. Where no interval lies above 0 the report says that the
log does not show that customers differ; the effects are then near their mean, since they were shrunk to
what they are worth. Nothing is written here. The same log, seed and code give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from churn_saver import __version__
from churn_saver.config import EnvSettings
from churn_saver.domain.action import choice_costs_minor
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.domain.progress import Progress
from churn_saver.errors import SupportError
from churn_saver.evidence.clusters import Estimate, units_of
from churn_saver.evidence.effect_parts import effect_parts
from churn_saver.evidence.learner import LearnedEffects
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.evidence.outcome_model import RECIPE as OUTCOME_RECIPE
from churn_saver.evidence.outcome_model import Recipe
from churn_saver.evidence.qini import Curve, cost_curve, qini
from churn_saver.evidence.shares import Interval
from churn_saver.evidence.uplift import LEAST_OF_AN_ARM, RECIPE, Uplift, uplift
from churn_saver.policy.reward import staying_value
from churn_saver.train.effects_log import ARMS, EffectsLog

Plain = dict[str, object]
NOT_SHOWN = "the log does not show that customers differ"


@dataclass(frozen=True, slots=True)
class TrainedEffects:
    """What was learned, and what the log shows of it."""

    effects: LearnedEffects
    """Its version is empty until it is written."""
    report: Plain
    """Plain values, for JSON and for the page."""

    @property
    def provenance(self) -> Plain:
        """What the manifest says it was learned from."""
        names = ("source", "rows", "customers", "days", "seed", "columns", "recipe", "notes")
        return {name: self.report[name] for name in names}

    @property
    def metrics(self) -> Plain:
        """What the manifest says of how good it is."""
        arms = self.report["arms"]
        assert isinstance(arms, list)
        kept = ("arm", "rows", "average", "auuc", "qini")
        told = [{name: arm[name] for name in kept} for arm in arms]
        return {"slope": self.report["slope"], "shown": self.report["shown"], "arms": told}


def learn_effects(
    data: EffectsLog,
    source: Mapping[str, object],
    days: int,
    seed: int,
    env: EnvSettings,
    progress: Progress,
    recipes: tuple[Recipe, Recipe] = (RECIPE, OUTCOME_RECIPE),
) -> TrainedEffects:
    """Learn the effect of each arm, and measure it.

    Args:
        data: The log.
        source: What it is, for the report; plain values, no path.
        days: Of the reward: still a customer so many days after the decision.
        seed: Of folds, drawn rows and ties.
        env: What a customer is worth and a contact costs, for the curves in money.
        progress: Told the arms that were measured.
        recipes: Of the effects and of expected rewards.

    Raises:
        SupportError: an arm with too few rows; names it.
        InputError: fewer customers than folds.
    """
    _refuse_thin(data)
    effects, outcomes = (replace(one, seed=seed) for one in recipes)
    found = uplift(data.log, effects, outcomes)
    stake = _stakes(data, days, env)
    costs = choice_costs_minor(data.bill_minor, env.contact_cost_minor) / MINOR_PER_UNIT
    arms = []
    for arm, choice in enumerate(data.choices[1:], start=1):
        arms.append(_measured(data, found, arm, stake, costs[:, choice], seed))
        progress("measuring", arm, len(data.choices) - 1)
    report: Plain = {
        "source": dict(source), "code": __version__, "rows": len(data.log),
        "customers": units_of(data.log.unit).count, "days": days, "seed": seed, "columns": list(data.names),
        "recipe": asdict(effects), "notes": list(data.notes), "stayed": float(data.log.reward.mean()),
        "slope": _of_estimate(found.slope), "shown": found.slope.low > 0, "arms": arms,
        "warnings": _warnings(found, arms),
    }  # fmt: skip
    return TrainedEffects(LearnedEffects(found.learner, data.names, data.choices, days, ""), report)


def _refuse_thin(data: EffectsLog) -> None:
    log = data.log
    counts = np.bincount(log.arm[log.allowed[:, 0]], minlength=log.arms)
    for arm in np.flatnonzero(counts < LEAST_OF_AN_ARM):
        raise SupportError(
            f"arm {ARMS[data.choices[arm]]} was drawn in {counts[arm]:,} of {len(log):,} rows that could "
            f"have had no contact, wanted {LEAST_OF_AN_ARM}: let the campaign explore longer, or take the "
            "arm out of the log"
        )


def _stakes(data: EffectsLog, days: int, env: EnvSettings) -> Floats:
    """Give what a customer who is there at the end of the window is worth, currency units; NaN: not known."""
    unknown = np.full(len(data.log), np.nan)
    left = max(env.horizon_days - days, 0)
    worth = staying_value(data.churn_risk, unknown, data.bill_minor, left, env) / MINOR_PER_UNIT
    return np.where(data.bill_minor > 0, worth, np.nan)


def _measured(data: EffectsLog, found: Uplift, arm: int, stake: Floats, cost: Floats, seed: int) -> Plain:
    effect, score, unit = found.effect[:, arm], found.score[:, arm], data.log.unit
    curve = qini(effect, score, unit, np.random.default_rng(seed), cross_fitted=True)
    parts = effect_parts(effect, score, unit)
    return {
        "arm": ARMS[data.choices[arm]],
        "rows": int((data.log.arm == arm).sum()),
        "average": _of_estimate(found.average[arm - 1]),
        "auuc": _of_interval(curve.area),
        "qini": _of_interval(curve.over_random),
        "shown": curve.over_random.low > 0,
        "curve": _of_curve(curve, curve.share),
        "parts": [
            {"rows": part.rows, "predicted": part.predicted, "agrees": part.agrees}
            | {"observed": _of_estimate(part.observed)}
            for part in parts
        ],
        "money": _money(effect, score, stake, cost, unit, seed),
    }


def _money(
    effect: Floats, score: Floats, stake: Floats, cost: Floats, unit: Whole, seed: int
) -> Plain | None:
    """Follow the ranking by effect per cost in money; None: nobody knows what customers are worth."""
    known = np.isfinite(stake) & (cost > 0) & ~np.isnan(score)
    if len(np.unique(unit[known])) < 2:
        return None
    money = cost_curve(
        (effect * stake)[known], (score * stake)[known], cost[known], unit[known],
        np.random.default_rng(seed), cross_fitted=True,
    )  # fmt: skip
    return _of_curve(money.net, money.spent)


def _warnings(found: Uplift, arms: Sequence[Plain]) -> list[str]:
    said = []
    if found.slope.low <= 0:
        said.append(
            f"{NOT_SHOWN}: the slope is {found.slope.value:.2f}, {found.slope.low:.2f} to "
            f"{found.slope.high:.2f}, not above 0 for sure. Who comes first may be chance; explore longer"
        )
    unshown = [str(arm["arm"]) for arm in arms if not arm["shown"]]
    if unshown:
        said.append(
            f"arms {', '.join(unshown)}: the held-out ranking does not win over a random order for sure, its "
            "interval holds 0 or lies below"
        )
    harmful = [arm for one, arm in zip(found.average, arms, strict=True) if one.high < 0]
    if harmful:
        said.append(
            f"a contact with {', '.join(str(arm['arm']) for arm in harmful)} drives customers away on average"
        )
    return said


def _of_curve(curve: Curve, x: Floats) -> Plain:
    return {
        "x": x.tolist(),
        "gain": curve.gain.tolist(),
        "low": curve.low.tolist(),
        "high": curve.high.tolist(),
    }


def _of_interval(one: Interval) -> Plain:
    return {"value": one.value, "low": one.low, "high": one.high}


def _of_estimate(one: Estimate) -> Plain:
    return {"value": one.value, "low": one.low, "high": one.high}
