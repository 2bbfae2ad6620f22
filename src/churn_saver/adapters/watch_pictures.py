"""Draw what a look found as inline SVG: how far columns moved, predictions against outcomes, groups.

Knows nothing of files, pages and how a picture becomes SVG (`drawing` does).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churn_saver.adapters.drawing import INCHES, INK, drawn
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.plain_words import count
from churn_saver.evidence.drift import ColumnDrift, Drift
from churn_saver.evidence.fairness import Fairness
from churn_saver.evidence.matured import Maturity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 16
_LONGEST_NAME = 24
_DASHED = (0, (5, 3))


def psi_bars(found: Drift, limit: float) -> str:
    """Draw how far each column moved, the farthest first, with what chance alone brings.

    Args:
        found: The look.
        limit: PSI above which a sure difference is a move.
    """
    shown = sorted(found.columns, key=lambda one: -one.psi)[:MOST_BARS]

    def paint(axes: "Axes") -> None:
        colours = [WARM if one.verdict == "moved" else ACCENT for one in shown]
        places = range(len(shown))
        axes.barh(places, [one.psi for one in shown], 0.6, color=colours, alpha=0.85)
        chance = [one.psi_by_chance for one in shown]
        axes.plot(chance, places, linestyle="", marker="|", markersize=11, color=INK, markeredgewidth=1.4,
                  label="by chance, 1 in 20")  # fmt: skip
        axes.axvline(limit, color=INK, alpha=0.6, linewidth=1, linestyle=_DASHED, label=f"limit {limit:g}")
        _rows(axes, [_short(one.column) for one in shown])
        axes.set(xlabel="population stability index (PSI)", ylim=(len(shown) - 0.45, -0.55))
        axes.set_xlim(0, 1.15 * max(limit, *chance, *(one.psi for one in shown)))
        axes.legend(loc="lower right", fontsize=8)

    described = f"A bar for each of {len(shown)} columns, a mark where chance alone ends, and the limit."
    return drawn(_moves(found.columns), described, paint, (INCHES[0], 1.4 + 0.26 * max(len(shown), 6)))


def calibration(found: Maturity, event: str) -> str:
    """Draw by decile what was predicted against what happened.

    Args:
        found: Of one score.
        event: What is predicted, as a verb: leave, accept.
    """
    parts = found.parts

    def paint(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color=INK, alpha=0.5, linewidth=0.9, linestyle=(0, (4, 3)))
        for part in parts:
            colour = ACCENT if part.agrees else WARM
            ends = [part.observed.low, part.observed.high]
            axes.plot([part.expected] * 2, ends, color=colour, linewidth=1.6, alpha=0.8)
            axes.plot([part.expected], [part.observed.value], "o", color=colour, markersize=6)
        axes.text(0.02, 0.97, "line: 95 % interval, all together", size=8, alpha=0.8, va="top",
                  transform=axes.transAxes)  # fmt: skip
        top = min(1.02, 1.1 * max(max(part.observed.high, part.expected) for part in parts))
        axes.set(xlim=(-0.01, top), ylim=(-0.01, top), xlabel=f"predicted to {event}", ylabel=f"did {event}")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")

    gap = 100 * abs(found.in_the_large.value)
    more = "more" if found.in_the_large.value > 0 else "fewer"
    title = f"{gap:.1f} in 100 {more} {event} than was predicted"
    return drawn(title, f"Predicted and observed in {len(parts)} parts, with the line of agreement.", paint)


def group_rates(column: str, rates: Sequence[Fairness]) -> str:
    """Draw contact and offer rate of each group with their intervals.

    Args:
        column: Whose groups they are.
        rates: Contact rate and offer rate, of the same groups.
    """
    names = [figure.group for figure in rates[0].groups]
    low = min(figure.value.value for figure in rates[0].groups)
    high = max(figure.value.value for figure in rates[0].groups)

    def paint(axes: "Axes") -> None:
        for colour, step, rate in zip((ACCENT, WARM), (-0.13, 0.13), rates, strict=False):
            for place, figure in enumerate(rate.groups):
                label = rate.measure.replace("_", " ") if place == 0 else None
                ends = [figure.value.low, figure.value.high]
                axes.plot(ends, [place + step] * 2, color=colour, linewidth=2.0, alpha=0.7)
                axes.plot([figure.value.value], [place + step], "o", color=colour, markersize=6, label=label)
        counted = [count(figure.customers) for figure in rates[0].groups]
        _rows(axes, [f"{_short(name)}\n{n}" for name, n in zip(names, counted, strict=True)])
        axes.set(xlabel="share of customers; line: 95 % interval, all together")
        axes.set(xlim=(0, None), ylim=(len(names) - 0.5, -0.5))
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=8)

    title = f"{_said(column)}: contacted between {100 * low:.1f} and {100 * high:.1f} in 100"
    described = f"Contact and offer rate of {len(names)} groups of {column}, with their intervals."
    return drawn(title, described, paint, (INCHES[0], 1.6 + 0.5 * max(len(names), 2)))


def _moves(columns: Sequence[ColumnDrift]) -> str:
    moved = sum(one.verdict == "moved" for one in columns)
    return f"{moved or 'None'} of {len(columns)} columns moved"


def _rows(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)


def _said(column: str) -> str:
    words = column.replace("_", " ")
    return words[:1].upper() + words[1:]


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_NAME else word[: _LONGEST_NAME - 1] + "…"
