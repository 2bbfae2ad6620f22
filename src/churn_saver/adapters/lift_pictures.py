"""Draw what a campaign did as inline SVG: who stays in either arm, the difference, the arms' sizes.

Takes the report's own plain values, so that a picture never shows another figure than the JSON. Knows
nothing of files, pages and how a picture becomes SVG (`drawing` does).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.drawing import INK, drawn
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.plain_numbers import Floats, column, need, number, sequence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ENDS = ("value", "low", "high")
_COLOURS = {"treated": ACCENT, "holdout": WARM}
_DASHED = (0, (5, 3))


def lift_pictures(report: Mapping[str, object], wanted: float | None) -> list[Picture]:
    """Draw the three pictures.

    Args:
        report: Of `lift_report`.
        wanted: Difference of the retained shares that the protocol asks for; None: it asks for none.

    Raises:
        ArtifactError: something is missing or of another kind; names it.
    """
    return [_curves(report), _difference(report, wanted), _sizes(report)]


def _curves(report: Mapping[str, object]) -> Picture:
    points = [need(one, ("day", "treated", "holdout"), "curve") for one in sequence(report["curve"], "curve")]
    days = column([one["day"] for one in points], "curve.day")
    bands = {arm: _band(points, arm) for arm in _COLOURS}

    def paint(axes: "Axes") -> None:
        for arm, (value, low, high) in bands.items():
            axes.fill_between(days, low, high, color=_COLOURS[arm], alpha=0.16, linewidth=0)
            axes.plot(days, value, color=_COLOURS[arm], linewidth=1.8, label=arm,
                      linestyle="-" if arm == "treated" else _DASHED)  # fmt: skip
        lowest = min(float(low.min()) for _, low, _ in bands.values())
        axes.set(xlabel="days after the first decision", ylabel="still customers", xlim=(0, days[-1]))
        axes.set_ylim(max(0.0, lowest - 0.05 * (1 - lowest)), 1.0)
        axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.4g} %")
        axes.legend(loc="lower left", fontsize=8.5)

    ends = {arm: 100 * values[0][-1] for arm, values in bands.items()}
    title = (
        f"After {days[-1]:g} days {ends['treated']:.1f} % of the treated and {ends['holdout']:.1f} % of the "
        "held out are still customers"
    )
    said = f"Share of each arm still there, over {len(days)} days, each with the band of its interval."
    return drawn(title, said, paint), "Bands are the intervals of each day alone."


def _band(points: Sequence[Mapping[str, object]], arm: str) -> tuple[Floats, Floats, Floats]:
    found = [need(one[arm], _ENDS, f"curve.{arm}") for one in points]
    value, low, high = (column([one[end] for one in found], f"curve.{arm}.{end}") for end in _ENDS)
    return value, low, high


def _difference(report: Mapping[str, object], wanted: float | None) -> Picture:
    effects = need(report["effects"], ("retained",), "effects")
    effect = need(effects["retained"], ("difference", "smallest"), "effects.retained")
    ends = need(effect["difference"], _ENDS, "effects.retained.difference")
    value, low, high = (100 * number(ends[end], end) for end in _ENDS)
    smallest = 100 * number(effect["smallest"], "smallest")
    rows = ["found", "smallest that\nthis sample shows", *([] if wanted is None else ["asked for"])]

    def paint(axes: "Axes") -> None:
        axes.axvline(0.0, color=INK, linewidth=0.9)
        axes.plot([low, high], [0, 0], color=ACCENT, linewidth=2.2)
        axes.plot([value], [0], color=ACCENT, marker="o", markersize=7)
        axes.plot([-smallest, smallest], [1, 1], color=WARM, linewidth=0, marker="|", markersize=15,
                  markeredgewidth=2.2)  # fmt: skip
        if wanted is not None:
            axes.plot([100 * wanted], [2], color=INK, marker="D", markersize=6)
        axes.set_yticks(range(len(rows)), rows)
        axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel="percentage points of customers who stay")
        axes.margins(x=0.08)
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)

    title = f"A difference of {value:+.1f} points was found, from {low:+.1f} to {high:+.1f}".replace("-", "−")
    said = "The difference with its interval, beside the smallest one that a sample of this size shows."
    return drawn(title, said, paint), (
        "Smallest: of either sign, found in 80 % of campaigns of this size. One that is smaller may be "
        "there and not be seen."
    )


def _sizes(report: Mapping[str, object]) -> Picture:
    ratio = need(report["sample_ratio"], ("customers", "treated", "expected", "p_value"), "sample_ratio")
    customers, treated, expected = (
        number(ratio[name], name) for name in ("customers", "treated", "expected")
    )
    seen, planned = (treated, customers - treated), (expected, customers - expected)
    p_value = number(ratio["p_value"], "p_value")

    def paint(axes: "Axes") -> None:
        place = np.arange(2)
        axes.barh(place - 0.19, seen, 0.34, color=[ACCENT, WARM], linewidth=0)
        axes.barh(place + 0.19, planned, 0.34, facecolor="none", edgecolor=INK, linewidth=0.9, alpha=0.6)
        for row, (one, other) in enumerate(zip(seen, planned, strict=True)):
            axes.text(one, row - 0.19, f" {one:,.0f} seen", va="center", size=8.5)
            axes.text(other, row + 0.19, f" {other:,.1f} drawn for", va="center", size=8.5)
        axes.set_yticks(place, ["treated", "holdout"])
        axes.set(xlabel="customers", ylim=(1.55, -0.55), xlim=(0, 1.35 * max(*seen, *planned)))
        axes.xaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
        axes.locator_params(axis="x", nbins=5)
        axes.grid(False, axis="y")
        axes.tick_params(axis="y", length=0)

    title = f"{seen[1]:,.0f} are held out, {planned[1]:,.1f} were to be expected (p = {p_value:.2g})"
    said = "Customers of each arm, as they were seen and as the recorded probabilities let expect."
    return drawn(
        title, said, paint
    ), "Sizes that cannot come from the draw make every other figure worthless."
