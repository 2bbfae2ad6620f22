"""Draw what a log shows of an arm's effect as inline SVG: its ranking, its size, what is left in money.

Takes plain values of the report, so that a picture never shows another figure than the JSON. Knows
nothing of files and pages, nor how a picture becomes SVG (`drawing` does).
"""

from typing import TYPE_CHECKING

import numpy as np

from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.drawing import INK, drawn
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.plain_numbers import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DASHED = (0, (4, 3))
_BAND = "Band: holds the whole curve with 95 %."


def ranking(name: str, x: Floats, gain: Floats, low: Floats, high: Floats) -> Picture:
    """Draw the Qini curve.

    Args:
        name: The arm, in words.
        x: Share of customers contacted, from 0 to 1, (b,).
        gain: More customers kept than without, for each customer of the log, (b,).
        low: Of the band, (b,).
        high: Of the band, (b,).
    """

    def paint(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 100 * gain[-1]], color=INK, alpha=0.5, linewidth=0.9, linestyle=_DASHED)
        _curve(axes, 100 * x, 100 * gain, 100 * low, 100 * high)
        axes.set(xlabel="contacted, % of customers, largest effect first", xlim=(0, 100))
        axes.set(ylabel="kept more, of 100 customers")

    half = float(np.interp(0.5, x, gain))
    title = f"{name}: the half with the largest effects keeps {_signed(100 * half)} more of 100 customers"
    caption = f"Dashed: a random order, which ends at the mean effect. {_BAND}"
    return drawn(title, f"Qini curve in {len(x)} points, with its band and the random order.", paint), caption


def in_money(name: str, x: Floats, gain: Floats, low: Floats, high: Floats) -> Picture:
    """Draw what is left after the cost against what was spent; arguments as of `ranking`, in currency units.

    Args:
        name: The arm, in words.
        x: Spent, for each customer of the log, (b,).
        gain: Margin kept less cost, for each customer of the log, (b,).
        low: Of the band, (b,).
        high: Of the band, (b,).
    """

    def paint(axes: "Axes") -> None:
        _curve(axes, x, gain, low, high)
        axes.set(xlabel="most that it costs, for each customer, currency units", xlim=(0, None))
        axes.set(ylabel="margin kept less cost")

    best = int(gain.argmax())
    title = f"{name}: {_signed(gain[best], 2)} per customer at best, where {x[best]:,.2f} are spent"
    caption = f"The best point is chosen among all of them: it promises too much. {_BAND}"
    return drawn(title, f"Net gain over spend in {len(x)} points, with its band.", paint), caption


def as_large_as_said(name: str, predicted: Floats, observed: Floats, low: Floats, high: Floats) -> Picture:
    """Draw predicted effects against what scores find, part by part.

    Args:
        name: The arm, in words.
        predicted: Mean of each part, (p,).
        observed: Mean score of each part, (p,).
        low: Of its 95 % interval, (p,).
        high: Of its 95 % interval, (p,).
    """

    def paint(axes: "Axes") -> None:
        ends = 100 * np.array([min(predicted.min(), low.min()), max(predicted.max(), high.max())])
        axes.plot(ends, ends, color=INK, alpha=0.5, linewidth=0.9, linestyle=_DASHED)
        axes.vlines(100 * predicted, 100 * low, 100 * high, color=WARM, linewidth=1.4, alpha=0.8)
        axes.scatter(
            100 * predicted, 100 * observed, s=26, color=WARM, edgecolor=INK, linewidth=0.5, zorder=3
        )
        axes.set(xlabel="predicted, of 100 customers", ylabel="found, of 100 customers")

    agree = int(((low <= predicted) & (predicted <= high)).sum())
    title = f"{name}: {agree} of {len(predicted)} parts are as large as predicted"
    caption = "Line: 95 % interval of what is found. Dashed: found as predicted."
    return drawn(title, f"Predicted and found effects in {len(predicted)} parts.", paint), caption


def _curve(axes: "Axes", x: Floats, gain: Floats, low: Floats, high: Floats) -> None:
    axes.axhline(0.0, color=INK, alpha=0.6, linewidth=0.7)
    axes.fill_between(x, low, high, color=ACCENT, alpha=0.15, linewidth=0)
    axes.plot(x, gain, color=ACCENT, linewidth=1.8)


def _signed(value: float, digits: int = 1) -> str:
    """Write a figure that may be below 0; one that rounds to 0 has no sign."""
    shown = f"{value:,.{digits}f}"
    return shown.replace("-", "−") if float(shown.replace(",", "")) else shown.lstrip("-")
