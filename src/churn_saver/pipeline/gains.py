"""What a challenger earns more than a champion, by the strongest way that the books allow.

Where both served, each its own customers by a sticky draw, those customers are compared: by intention to
treat, and nothing is assumed but the draw. Else both are asked about the same logged decisions, and the
doubly robust difference is taken. Knows neither registry nor screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from churn_saver.domain.logbook import Logbook
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.clusters import units_of
from churn_saver.evidence.compared_arms import Serving, compared_arms
from churn_saver.evidence.conditions import Gain, wanted_level
from churn_saver.evidence.decision_columns import Flags, Floats, Rows
from churn_saver.evidence.estimators import FEW_UNITS, Caution, difference
from churn_saver.evidence.followed import Followed
from churn_saver.evidence.lift import lift
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.outcome_model import RECIPE, Recipe, cross_fitted
from churn_saver.evidence.sample_ratio import SampleRatio
from churn_saver.evidence.scoring import four
from churn_saver.evidence.shares import Interval
from churn_saver.evidence.support import chance_of_logged, propensity_of
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.evaluating import AskRung, Ground, ground_of_books, target_of

ARMS = "challenger against champion"


@dataclass(frozen=True, slots=True)
class Sides:
    """Who is compared."""

    challenger: str
    champion: str
    """Names, as `evaluating` takes them where one did not serve."""
    by_challenger: Flags
    """Decisions of the campaign that it made, (n,)."""
    by_champion: Flags
    share: Floats | None
    """As `compared_arms.Serving.share`; None: nobody wrote down what the challenger was to have."""


@dataclass(frozen=True, slots=True)
class Unit:
    """In what a gain is told."""

    words: str
    is_money: bool
    """Margin less cost; else the share that stays."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a gain."""

    gain: Gain
    rows: Rows
    """One decision of each customer who is judged, (m,)."""
    score: Floats
    """Of the same customers, (m,): its mean estimates the gain."""
    challenged: Flags | None
    """Who of them is the challenger's, (m,); None: both were asked about all."""
    ratio: SampleRatio | None
    """None: no shares of a challenger were drawn, or nobody wrote down which."""
    counts: Mapping[str, int]
    """Customers who count, and who do not, by why."""


def randomised(log: Logbook, sides: Sides, asked: Asked, level: float) -> Found:
    """Compare the customers of both.

    Args:
        log: All decisions of the campaign.
        sides: Both of whom decided something.
        asked: By what they are judged.
        level: Coverage of the interval.

    Raises:
        InputError: nobody can be judged; says why.
        TableError: what is known of customers contradicts itself.
    """
    share = np.full(len(log), 0.5) if sides.share is None else sides.share
    serving = Serving(sides.by_challenger, sides.by_champion, share)
    arms = compared_arms(log, serving, asked.days, asked.margin_share, asked.now)
    unit, followed = _unit_of(asked, log.campaign.currency, "a customer"), arms.followed
    known, treated = followed.known, followed.treated
    if sides.share is None:
        # Where nobody wrote it down, the share is the one that came out, and the sizes are not judged.
        seen = float(treated.mean())
        followed = replace(followed, arm_probability=np.where(treated, seen, 1 - seen))
    gain, ratio = gain_of(followed, unit, level)
    counts = {
        "customers of the challenger": int(treated.sum()),
        "customers of the champion": int((~treated).sum()),
        "of them with an outcome that is due and not known": arms.overdue,
        **{f"left out: {why}": count for why, count in arms.left_out.items() if count},
    }
    return Found(
        gain, arms.rows[known], scores_of(followed, unit.is_money), treated[known],
        None if sides.share is None else ratio, counts,
    )  # fmt: skip


def logged(
    log: Logbook, sides: Sides, asked: Asked, level: float, ask: AskRung, recipe: Recipe = RECIPE
) -> Found:
    """Ask both about the same decisions.

    Args:
        log: All decisions of the campaign.
        sides: Of whom one may never have decided anything.
        asked: By what they are judged.
        level: Coverage that the looks leave; estimated propensities are held to more.
        ask: Asks a rung, or a trained policy's file.
        recipe: How trees are grown for expected rewards.

    Raises:
        InputError: no decision counts, or a policy cannot be asked.
        SupportError: the log cannot show what one of them would have earned.
        TableError: rows of a policy that are no probabilities of what the row allows.
    """
    ground = ground_of_books(log, asked, ask)
    target, other = (target_of(name, ground) for name in (sides.challenger, sides.champion))
    expected = cross_fitted(ground.log, recipe)
    unit = _unit_of(asked, log.campaign.currency, "a decision")
    gain, score = paired_gain(ground.log, target, other, expected, unit, level)
    rows, each = _by_customer(log, ground, score)
    counts = {"decisions": len(ground.log), "customers": len(rows)}
    counts |= {f"left out: {why}": count for why, count in ground.left_out}
    return Found(gain, rows, each, None, None, counts)


def gain_of(followed: Followed, unit: Unit, level: float) -> tuple[Gain, SampleRatio]:
    """Give the gain of the treated arm, the challenger's, over the other one, and their sizes.

    Args:
        followed: Customers of both.
        unit: In which it is told.
        level: Coverage of the interval.

    Raises:
        InputError: nobody of an arm was followed to the end of the window.
    """
    found = lift(followed, level)
    few = min(found.treated.known, found.holdout.known) < FEW_UNITS
    return Gain(
        _units(found.net_minor.difference) if unit.is_money else found.retained.difference,
        level,
        unit.words,
        "randomised",
        (Caution.FEW_UNITS,) if few else (),
        min(found.treated.effective_size, found.holdout.effective_size),
    ), found.sample_ratio


def scores_of(followed: Followed, is_money: bool) -> Floats:
    """Give each known customer a score whose mean estimates the gain: (y − ȳ)·(T/p − (1 − T)/(1 − p))."""
    y, known = followed.kept, followed.known
    if is_money:
        y = (followed.margin_minor - followed.cost_minor) / MINOR_PER_UNIT
    sign = np.where(followed.treated, 1.0, -1.0)
    score: Floats = ((y - y[known].mean()) * sign / followed.arm_probability)[known]
    return score


def paired_gain(
    log: Logged, target: Floats | None, other: Floats | None, expected: Floats, unit: Unit, level: float
) -> tuple[Gain, Floats]:
    """Give the gain of a policy over another one on the same rows, and the score of every row, (n,).

    Args:
        log: With propensities.
        target: Probabilities of the challenger, (n, k); None: it is the policy that logged.
        other: Of the champion, (n, k), or None.
        expected: Expected rewards by models that did not see the row, (n, k).
        unit: In which it is told.
        level: That the looks leave; estimated propensities are held to more.

    Raises:
        InputError: shapes that differ, or only one customer.
        SupportError: the log cannot show what one of them would have earned.
        TableError: rows that are no probabilities of what the row allows.
    """
    level = wanted_level(level, log.estimated_propensities)
    value = difference(log, target, other, expected, level=level)
    interval = Interval(value.dr.value, value.dr.low, value.dr.high)
    gain = Gain(interval, level, unit.words, "logged", value.cautions, value.effective_rows)
    return gain, _scored(log, target, expected) - _scored(log, other, expected)


def _scored(log: Logged, target: Floats | None, expected: Floats) -> Floats:
    """Give the doubly robust score of every row, (n,); of the policy that logged it is what was earned."""
    if target is None:
        return log.reward
    weight = chance_of_logged(log, target) / propensity_of(log)
    at_target = np.einsum("nk,nk->n", target, expected)
    one = four(weight, log.reward, at_target, chance_of_logged(log, expected)).dr
    return one.value + one.influence


def _by_customer(log: Logbook, ground: Ground, score: Floats) -> tuple[Rows, Floats]:
    """Give each customer the mean score of his decisions, and the first of their rows."""
    place = {name: row for row, name in enumerate(log.decision_ids)}
    ids = [] if ground.decision_ids is None else ground.decision_ids.to_list()
    units = units_of(ground.log.unit)
    first = np.unique(units.code, return_index=True)[1]
    rows = np.array([place[ids[row]] for row in first], dtype=np.int64)
    return rows, units.sums(score) / units.sums(np.ones(len(score)))


def _units(minor: Interval) -> Interval:
    return Interval(minor.value / MINOR_PER_UNIT, minor.low / MINOR_PER_UNIT, minor.high / MINOR_PER_UNIT)


def _unit_of(asked: Asked, currency: str, of: str) -> Unit:
    is_money = asked.reward == "margin"
    return Unit(f"{currency} {of}" if is_money else f"of the share that stays, mean of {of}", is_money)
