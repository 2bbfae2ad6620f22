"""What is asked of a challenger before it becomes champion, one question at a time.

Each condition takes what was found, or why nothing was, and says in words with figures whether it holds.
What is missing, or could not be read, does not hold. Where the figures come from this module does not
know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from churn_saver.evidence.broken_caps import BrokenCaps
from churn_saver.evidence.estimators import Caution
from churn_saver.evidence.fairness import Fairness, Measure
from churn_saver.evidence.fairness_gate import fairness_gate
from churn_saver.evidence.sample_ratio import SampleRatio
from churn_saver.evidence.shares import Interval

Name: TypeAlias = Literal["value", "caps", "fairness", "replay", "sample_ratio"]
Way: TypeAlias = Literal["randomised", "logged"]
"""randomised: both served, each its own customers by a sticky draw. logged: on the same rows of a log, by
weights (`evidence/estimators`)."""

STRICTER = 5.0
"""Where propensities are a model's, a challenger may err a fifth as often: 99 % in place of 95 %."""
STOPPING = frozenset({Caution.FEW_EFFECTIVE_ROWS, Caution.FEW_UNITS, Caution.UNBALANCED})
"""Cautions under which an interval may not cover what it says."""
_NEAR = 1e-12
_LOSS: Measure = "difference"
"""Of the measures, what a group loses by the change; the others go by their names."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What a condition wanted to see and could not."""

    why: str
    """One sentence, with the next step."""


@dataclass(frozen=True, slots=True)
class Gain:
    """Value of the challenger less that of the champion."""

    difference: Interval
    level: float
    """Coverage of the interval."""
    unit: str
    """What is gained, in words."""
    way: Way
    cautions: tuple[Caution, ...]
    effective_rows: float
    """Of the difference (`estimators.Valuation`), or effective customers of the smaller arm."""

    @property
    def is_estimated(self) -> bool:
        """Whether it rests on propensities that nobody logged."""
        return Caution.ESTIMATED in self.cautions


@dataclass(frozen=True, slots=True)
class Losses:
    """What the change takes from groups of customers."""

    columns: Mapping[str, Fairness]
    """What was found, by column, and measure where that is another than the loss (`fairness.harmed`)."""
    missing: tuple[str, ...] = ()
    """What was to be looked at and could not be: why, each."""
    override: str | None = None
    """Why a group may lose more, or why it need not be known: written down by somebody who answers for it."""


@dataclass(frozen=True, slots=True)
class Replays:
    """Decisions that were made again."""

    decided_by: str
    """Whose decisions they are."""
    asked: int
    differing: tuple[str, ...]
    """Ids of those that came out otherwise."""
    unreadable: tuple[str, ...]
    """Why one could not be made again, each."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition."""

    name: Name
    holds: bool
    reason: str
    """Why, in words with figures."""
    figures: Mapping[str, object]
    """Plain values."""


def wanted_level(level: float, is_estimated: bool) -> float:
    """Give the level at which a gain must lie clear of 0.

    Args:
        level: That the looks leave (`evidence/looks`); .95 for one look.
        is_estimated: The propensities are a model's.
    """
    return 1 - (1 - level) / STRICTER if is_estimated else level


def earns_more(gain: Gain | Unread, level: float, least: float = 0.0) -> Condition:
    """Ask whether the gain lies clear of 0, by an interval that can be trusted.

    Args:
        gain: Of the challenger.
        level: That the looks leave; see `wanted_level`.
        least: Gain that the protocol wants at least, not below 0; in the unit of the gain.
    """
    if isinstance(gain, Unread):
        return Condition("value", False, gain.why, {})
    wanted = wanted_level(level, gain.is_estimated)
    seen = (
        f"{gain.difference.value:+.4g} {gain.unit}, from {gain.difference.low:+.4g} to "
        f"{gain.difference.high:+.4g} at {100 * gain.level:.4g} %"
    )
    figures = {
        "difference": gain.difference.value, "low": gain.difference.low, "high": gain.difference.high,
        "least": least, "level": gain.level, "wanted_level": wanted, "unit": gain.unit, "way": gain.way,
        "cautions": [str(one) for one in gain.cautions], "effective_rows": gain.effective_rows,
    }  # fmt: skip
    stopping = [str(one) for one in gain.cautions if one in STOPPING]
    if gain.level < wanted - _NEAR:
        why = f"the interval is of {100 * gain.level:.4g} %, and {100 * wanted:.4g} % is wanted here: {seen}"
    elif stopping:
        why = f"the interval cannot be trusted ({', '.join(stopping)}): {seen}"
    elif not gain.difference.low > max(least, 0.0):
        more = f"more than {least:g} more" if least > 0 else "more"
        why = f"that the challenger earns {more} is not shown: {seen}"
    else:
        return Condition("value", True, f"the challenger earns more: {seen}", figures)
    return Condition("value", False, why, figures)


def keeps_caps(found: BrokenCaps | Unread) -> Condition:
    """Ask whether no limit was broken, by anybody."""
    if isinstance(found, Unread):
        return Condition("caps", False, found.why, {})
    figures = {"contacts": found.contacts, "customers": found.customers, **found.counts}
    seen = f"{found.contacts:,} contacts of {found.customers:,} customers"
    broken = ", ".join(f"{name} {count:,} times" for name, count in found.counts.items() if count)
    if broken:
        return Condition("caps", False, f"limits were broken in {seen}: {broken}", figures)
    return Condition("caps", True, f"no limit was broken in {seen}", figures)


def harms_nobody(losses: Losses | Unread) -> Condition:
    """Ask whether the fairness gate is open: every group of every column within its bound, or an override.

    Raises:
        InputError: an override that says too little to be read later.
    """
    if isinstance(losses, Unread):
        return Condition("fairness", False, losses.why, {})
    named = [(f"{name}: loss" if one.measure == _LOSS else name, one) for name, one in losses.columns.items()]
    gate = fairness_gate(named, losses.missing, losses.override)
    figures: dict[str, object] = {"override": gate.override, "outcome": gate.outcome}
    figures["groups"] = [
        {
            "column": column, "group": one.group, "customers": one.customers, "loss": one.shortfall.value,
            "low": one.shortfall.low, "high": one.shortfall.high, "bound": found.bound,
            "verdict": one.verdict,
        }
        for column, found in losses.columns.items()
        for one in found.groups
    ]  # fmt: skip
    return Condition("fairness", gate.is_open, gate.sentence, figures)


def is_repeatable(replays: Replays | Unread) -> Condition:
    """Ask whether decisions, made again, are the same to the bit."""
    if isinstance(replays, Unread):
        return Condition("replay", False, replays.why, {})
    differing, unreadable = len(replays.differing), len(replays.unreadable)
    figures = {"asked": replays.asked, "differing": differing, "unreadable": unreadable,
               "decided_by": replays.decided_by}  # fmt: skip
    whose = f"{replays.asked:,} decisions of {replays.decided_by}, made again"
    if unreadable:
        why = f"{unreadable:,} of {whose}, could not be: {replays.unreadable[0]}"
    elif differing:
        why = f"{differing:,} of {whose}, differ; the first is {replays.differing[0]}"
    elif replays.asked < 1:
        why = f"no decision of {replays.decided_by} was made again, wanted one at least"
    else:
        return Condition("replay", True, f"{whose}, are the same to the bit", figures)
    return Condition("replay", False, why, figures)


def has_drawn_sizes(ratios: Mapping[str, SampleRatio] | Unread) -> Condition:
    """Ask whether the arms have the sizes that were drawn for."""
    if isinstance(ratios, Unread):
        return Condition("sample_ratio", False, ratios.why, {})
    figures = {
        name: {"customers": one.customers, "treated": one.treated, "expected": one.expected,
               "p_value": one.p_value, "alpha": one.alpha}
        for name, one in ratios.items()
    }  # fmt: skip
    if not ratios:
        return Condition("sample_ratio", False, "no arms were drawn, so their sizes show nothing", figures)
    told = " ".join(f"{name[:1].upper()}{name[1:]}: {one.verdict}" for name, one in ratios.items())
    holds = all(one.p_value >= one.alpha for one in ratios.values())
    return Condition("sample_ratio", holds, told, figures)
