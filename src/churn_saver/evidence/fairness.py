"""Who gets what: contact rate, offer rate, cost and effect by group of any column, and a gate.

The column need be no input of any model: what a policy never sees it can still treat unequally. A
group is compared with all other customers together. Intervals tell what other customers like these
would show, and those of all groups hold together, after Šidák. A gate fails only on evidence:
`worse than bound` is said where the whole interval of a group's shortfall lies beyond the bound,
`cannot tell` where it reaches over the bound, and `too small` where the group has too few customers
to say anything; neither is a pass. A missing value is a group too. Why groups differ, and whether
they ought to, this module does not know.

Source: intervals of shares after Wilson and Newcombe (`shares`), of means after Welch (`groups`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError, quoted
from churn_saver.evidence.groups import Groups, grouped, means, refuse
from churn_saver.evidence.shares import Interval, intervals, newcombe, wilson
from churn_saver.evidence.simultaneous import each_level

Floats: TypeAlias = NDArray[np.float64]
Measure: TypeAlias = Literal["contact_rate", "offer_rate", "cost_share", "effect", "difference"]
Verdict: TypeAlias = Literal["within bound", "worse than bound", "cannot tell", "too small"]

LEVEL = 0.95
LEAST_ROWS = 30
"""Customers of a group below which no interval is trusted."""


@dataclass(frozen=True, slots=True)
class Treated:
    """What happened to each customer; one row a customer, all (n,)."""

    contacted: NDArray[np.bool_]
    offered: NDArray[np.bool_]
    """Contacted with a discount above 0."""
    cost_minor: NDArray[np.int64]
    """Spent on the customer."""
    effect: Floats | None = None
    """A score whose mean over customers estimates the effect, such as the doubly robust one of
    `evidence/uplift`; None: not known."""

    def __post_init__(self) -> None:
        """Refuse rows that do not fit together, offers without a contact and costs below 0."""
        n = len(self.contacted)
        lengths = [
            len(self.offered),
            len(self.cost_minor),
            *([] if self.effect is None else [len(self.effect)]),
        ]
        if not n or any(length != n for length in lengths):
            raise InputError(
                f"there are {n} contacts beside {lengths} other values, wanted one row a customer"
            )
        refuse(self.offered & ~self.contacted, "has an offer and no contact")
        refuse(self.cost_minor < 0, "cost less than 0")
        if self.effect is not None:
            refuse(
                ~np.isfinite(self.effect), "has no finite effect score", "mend the row, or leave effects out"
            )


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One measure of one group."""

    group: str
    customers: int
    value: Interval
    """Of the group. cost_share: its share of all cost over its share of customers; 1 is an even share."""
    shortfall: Interval
    """Value of all other customers minus the group's: above 0 the group gets less."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Gap:
    """The two groups that lie farthest apart, among those large enough to say so."""

    most: str
    least: str
    difference: Interval
    """Holds for all pairs of groups together, so also for the pair picked as the widest."""


@dataclass(frozen=True, slots=True)
class Fairness:
    """One measure over the groups of one column."""

    measure: Measure
    bound: float
    groups: tuple[GroupFigure, ...]
    """By name."""
    widest: Gap | None
    """None with fewer than two groups that are large enough."""

    @property
    def worse(self) -> tuple[str, ...]:
        """Name the groups that are worse than the bound, by evidence."""
        return tuple(one.group for one in self.groups if one.verdict == "worse than bound")

    @property
    def unknown(self) -> tuple[str, ...]:
        """Name the groups of which nothing can be said."""
        return tuple(one.group for one in self.groups if one.verdict in ("cannot tell", "too small"))


def fairness(
    unit: NDArray[np.int64], group: Sequence[str | None], treated: Treated, bounds: Mapping[Measure, float]
) -> tuple[Fairness, ...]:
    """Give every measure asked for, by group.

    Args:
        unit: Customers, (n,), each once.
        group: Value of the column, (n,); None: missing.
        treated: What happened to them.
        bounds: Largest shortfall let pass, by measure: contact_rate and offer_rate in shares,
            cost_share in even shares, effect in its own unit.

    Raises:
        InputError: a customer twice, rows that do not fit together, one group only, a measure that is
            none of these, no effect scores although asked for, nothing spent although its shares are
            asked for, or a bound below 0.
    """
    groups = grouped(unit, group, len(treated.contacted))
    if len(groups.names) < 2:
        raise InputError(f"all customers are of group {quoted(groups.names[0])}, wanted two groups at least")
    return tuple(_one(measure, bound, groups, treated) for measure, bound in bounds.items())


def harmed(
    unit: NDArray[np.int64], group: Sequence[str | None], difference: Floats, bound: float
) -> Fairness:
    """Ask whether a change makes any group worse off than it was.

    A group's shortfall is what it loses by the change: its mean difference with the sign turned, not
    how it stands beside other groups.

    Args:
        unit: Customers, (n,), each once.
        group: Value of the column, (n,); None: missing.
        difference: Score whose mean estimates value under the new policy minus the old, (n,).
        bound: Largest loss let pass.

    Raises:
        InputError: as `fairness`, but one group is enough.
    """
    groups = grouped(unit, group, len(difference))
    refuse(~np.isfinite(difference), "has no finite difference")
    return _mean("difference", bound, groups, difference, alone=True)


def _one(measure: Measure, bound: float, groups: Groups, treated: Treated) -> Fairness:
    if measure == "contact_rate":
        return _rate(measure, bound, groups, treated.contacted.astype(np.float64))
    if measure == "offer_rate":
        return _rate(measure, bound, groups, treated.offered.astype(np.float64))
    if measure == "cost_share":
        if not treated.cost_minor.any():
            raise InputError("nothing was spent, so there are no shares of it: leave cost_share out")
        return _mean(measure, bound, groups, treated.cost_minor.astype(np.float64), relative=True)
    if measure == "effect" and treated.effect is not None:
        return _mean(measure, bound, groups, treated.effect)
    raise InputError(
        f"measure {quoted(measure)} was asked for, wanted contact_rate, offer_rate, cost_share, or effect "
        f"with an effect score for each customer"
    )


def _rate(measure: Measure, bound: float, groups: Groups, has: Floats) -> Fairness:
    count, rows = groups.sums(has), groups.rows
    level = each_level(LEVEL, len(rows))
    others, other_rows = count.sum() - count, rows.sum() - rows
    value = intervals(count / rows, *wilson(count, rows, level))
    shortfall = intervals(
        others / other_rows - count / rows, *newcombe(others, other_rows, count, rows, level)
    )

    def gap(most: int, least: int, of_pairs: float) -> Interval:
        ends = newcombe(count[[most]], rows[[most]], count[[least]], rows[[least]], of_pairs)
        return Interval(
            float(count[most] / rows[most] - count[least] / rows[least]), *map(float, np.ravel(ends))
        )

    return _judged(measure, bound, groups, value, shortfall, _widest(groups, count / rows, gap))


def _mean(
    measure: Measure,
    bound: float,
    groups: Groups,
    values: Floats,
    relative: bool = False,
    alone: bool = False,
) -> Fairness:
    """Judge means of groups; `alone`: against 0, with the sign turned, and not against the others."""
    found, each = means(groups, values), np.eye(len(groups.names))
    level = each_level(LEVEL, len(groups.names))
    value = tuple(found.contrast(one, level, relative) for one in each)
    shortfall = tuple(one.negative for one in value)
    if not alone:
        against = [groups.against_others(k) for k in range(len(groups.names))]
        shortfall = tuple(found.contrast(one, level, relative) for one in against)

    def gap(most: int, least: int, of_pairs: float) -> Interval:
        return found.contrast(each[most] - each[least], of_pairs, relative)

    return _judged(measure, bound, groups, value, shortfall, _widest(groups, found.value, gap))


def _judged(
    measure: Measure,
    bound: float,
    groups: Groups,
    value: Sequence[Interval],
    shortfall: Sequence[Interval],
    widest: Gap | None,
) -> Fairness:
    if not bound >= 0:
        raise InputError(f"bound of {measure} is {bound}, wanted 0 or more: the largest shortfall let pass")
    found = tuple(
        GroupFigure(name, int(rows), one, short, _verdict(int(rows), short, bound))
        for name, rows, one, short in zip(groups.names, groups.rows, value, shortfall, strict=True)
    )
    return Fairness(measure, bound, found, widest)


def _verdict(rows: int, shortfall: Interval, bound: float) -> Verdict:
    if rows < LEAST_ROWS:
        return "too small"
    if shortfall.low > bound:
        return "worse than bound"
    return "within bound" if shortfall.high <= bound else "cannot tell"


def _widest(groups: Groups, value: Floats, gap: Callable[[int, int, float], Interval]) -> Gap | None:
    """Find the groups with most and least, and give their difference at a level that all pairs share."""
    large = np.flatnonzero(groups.rows >= LEAST_ROWS)
    if len(large) < 2:
        return None
    most, least = int(large[np.argmax(value[large])]), int(large[np.argmin(value[large])])
    if most == least:
        most, least = int(large[0]), int(large[1])
    level = each_level(LEVEL, len(large) * (len(large) - 1) // 2)
    return Gap(groups.names[most], groups.names[least], gap(most, least, level))
