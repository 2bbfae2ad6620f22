"""Draw an evaluation as inline SVG: estimates with intervals, how even the weights are, arms.

Works out no figure but counts of weights. Knows no file and no page.
"""

from typing import TYPE_CHECKING

import numpy as np

from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.drawing import INK, Painter, drawn
from churn_saver.adapters.evaluation_report import ESTIMATORS, Evaluation, figure
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.plain_words import percent
from churn_saver.errors import shown
from churn_saver.evidence.estimators import Valuation
from churn_saver.evidence.logged import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 24
_DECADES = 30.0
"""Ratio of weights from which their axis is logarithmic."""
_DASHED = (0, (5, 3))
_APART = 0.17
"""Between the estimators of one policy, in rows."""
_MARKS = ("o", "s", "^", "o")
_LONGEST = 24
"""Characters of a name beside a picture."""


def evaluation_pictures(found: Evaluation) -> list[Picture]:
    """Draw what was found, in the order in which it is told."""
    policies = [(name, one) for name, one in found.told if name != "difference"]
    title = f"{shown(found.policy, _LONGEST)}: {figure(found.value.dr.value)} a decision"
    caption = "Filled: doubly robust. Hollow, last: the direct method, whose interval hides how wrong it is."
    pictures = [_intervals(policies, title, caption)]
    if found.difference is not None:
        gap = found.difference.dr
        title = f"Difference: {figure(gap.value, signed=True)} a decision"
        caption = "Paired, on the same rows: narrower than two intervals suggest. Dashed: no difference."
        pictures.append(_intervals([("difference", found.difference)], title, caption, 0.0))
    pictures.append(_weights(found.value.sides[0].weights.used, found.value))
    return [*pictures, _overlap(found)]


def _intervals(
    valuations: list[tuple[str, Valuation]], title: str, caption: str, line: float | None = None
) -> Picture:
    """Draw the four estimates of each, one below the other."""

    def paint(axes: "Axes") -> None:
        for row, (_, one) in enumerate(valuations):
            for place, key in enumerate(ESTIMATORS):
                estimate, at = getattr(one, key), row + (place - 1.5) * _APART
                colour = WARM if key == "dr" else ACCENT
                axes.plot([estimate.low, estimate.high], [at, at], color=colour, linewidth=1.6)
                filled = "none" if key == "dm" else colour
                axes.plot([estimate.value], [at], marker=_MARKS[place], markersize=6, color=filled,
                          markeredgecolor=colour, linestyle="",
                          label=ESTIMATORS[key] if row == 0 else None)  # fmt: skip
        if line is not None:
            axes.axvline(line, color=INK, linewidth=1.1, alpha=0.6, linestyle=_DASHED)
        axes.set_yticks(range(len(valuations)), [shown(name, _LONGEST) for name, _ in valuations])
        axes.set(ylim=(len(valuations) - 0.4, -0.6), xlabel="reward of a decision, with 95 % intervals")
        axes.grid(False, axis="y")
        axes.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.02, 1.0), fontsize=8)

    described = f"Four estimates with 95 % intervals for each of {len(valuations)}."
    return drawn(title, described, paint), caption


def _weights(used: Floats, value: Valuation) -> Picture:
    """Draw how many rows have which weight; rows without any are told."""
    there = used[used > 0]
    title = f"{value.effective_rows:,.0f} effective rows of {value.rows:,}"
    told = f"{percent(1 - len(there) / len(used))} of the rows have none: the policy would not do there what"
    caption = f"{told} was done. The farther right a bar stands, the more its rows decide."
    return drawn(title, f"Rows by weight, in {BINS} bins.", _bars(there), inches=(4.8, 3.4)), caption


def _bars(there: Floats) -> Painter:
    low, high = float(there.min()), float(there.max())
    is_wide = high > _DECADES * low
    ends = (low, high) if high > low else (0.5 * low, 1.5 * high)
    edges = np.geomspace(*ends, BINS + 1) if is_wide else np.linspace(*ends, BINS + 1)
    # Rounding must not push the ends out of the first and the last bin.
    edges[0], edges[-1] = ends
    counts = np.histogram(there, edges)[0]

    def paint(axes: "Axes") -> None:
        axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=ACCENT, alpha=0.75)
        if is_wide:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(lambda weight, _: f"{weight:g}")
            axes.xaxis.set_minor_formatter(lambda _weight, _place: "")
        axes.yaxis.set_major_formatter(lambda rows, _: f"{rows:,.0f}")
        axes.set(xlabel="weight: probability of the policy over that of the log", ylabel="rows")
        axes.grid(False, axis="x")

    return paint


def _overlap(found: Evaluation) -> Picture:
    """Draw for each arm its share of the log, and what the policy wants of it."""
    overlap, places = found.value.sides[0].overlap, np.arange(len(found.arms))
    logged = np.array([of.logged for of in overlap]) / found.value.rows
    wanted = np.array([of.wanted for of in overlap])
    thin = int(np.argmin(np.where(wanted > 0, logged, np.inf)))

    def paint(axes: "Axes") -> None:
        axes.barh(places - 0.19, logged, 0.36, color=INK, alpha=0.3, label="share of the log")
        axes.barh(places + 0.19, wanted, 0.36, color=WARM, label="wanted by the policy")
        axes.set_yticks(places, [shown(arm, _LONGEST) for arm in found.arms])
        axes.set(ylim=(len(found.arms) - 0.5, -0.5))
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
        axes.grid(False, axis="y")
        axes.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.02, 1.0), fontsize=8)

    title = f"{shown(found.arms[thin], _LONGEST)}: {percent(float(logged[thin]))} of the log"
    caption = "The thinnest arm that the policy wants. A long orange bar beside a short grey one: few rows "
    inches = (4.8, 1.6 + 0.36 * max(len(found.arms), 4))
    return drawn(title, "Two bars an arm.", paint, inches), f"{caption}stand for many."
