"""Draw the ladder of policies: a bar of gain for each rung, marks for other budgets.

Knows nothing of files, pages and how a picture becomes SVG or PNG (`drawing` does).
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from churn_saver.adapters import policy_words as words
from churn_saver.adapters.drawing import INK, Painter, drawn, png
from churn_saver.adapters.ladder import LadderRow
from churn_saver.adapters.pictures import ACCENT, WARM

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = ("o", "s", "D", "^", "v", "P")
"""One for each other budget, the smallest first."""
_WIDTH, _MARGIN, _ROW = 4.8, 1.15, 0.33
"""Inches: of the picture, of what stands above and below the bars, of a bar."""
_NARROW, _WIDE = (1.0,), (0.76, 0.875, 1.0)
"""Right ends of gain, or of gain, regret and time, as shares of the width."""
_ENDS = {_NARROW: 116.0, _WIDE: 155.0}
"""End of the axis, per cent: figures stand to the right of what is drawn."""
_HEIGHT, _RAISED, _LOWERED = 0.42, 0.13, 0.24
"""Of a bar, in rows: how high, how far above the middle, and how far below it the marks are."""


def ladder_picture(rows: Sequence[LadderRow], champion: str) -> str:
    """Draw the ladder as SVG.

    Args:
        rows: At budget factor 1, drawn as bars, and at others, drawn as marks on them.
        champion: Rung that stands out.
    """
    bars = ranked(rows)
    said = f"A bar of gain for each of {len(bars)} rungs, with intervals and marks for other budgets."
    return drawn(_title(bars, champion), said, _painter(rows, bars, champion, _NARROW), _inches(bars))


def ladder_png(rows: Sequence[LadderRow], champion: str) -> bytes:
    """Draw the ladder as a PNG file, regret and time beside the gain; arguments as of `ladder_picture`."""
    bars = ranked(rows)
    painter = _painter(rows, bars, champion, _WIDE)
    return png([(_title(bars, champion), painter)], _inches(bars, 6.4))


def ranked(rows: Sequence[LadderRow]) -> list[LadderRow]:
    """Give the rows at budget factor 1: within the budget before over it, then by gain, the best first."""
    return sorted(
        (row for row in rows if row.budget_factor == 1.0), key=lambda row: (not row.feasible, -row.gain_pct)
    )


def factor_name(factor: float) -> str:
    """Write a factor of the budget: 0.0625 → '1/16×', 4 → '4×'."""
    part = Fraction(factor).limit_denominator(64)
    return f"{part if part == factor else f'{factor:g}'}×"


def _painter(
    rows: Sequence[LadderRow], bars: Sequence[LadderRow], champion: str, columns: tuple[float, ...]
) -> Painter:
    def paint(axes: "Axes") -> None:
        for place, row in enumerate(bars):
            gain = f"{row.gain_pct:.1f}" if row.feasible else "–"
            shown = gain, f"{row.regret_pct:.1f}", words.duration(row.seconds_per_decision)
            _bar(axes, place, row, row.name == champion)
            _figures(axes, place, columns, shown, row.name == champion)
        _marks(axes, rows, [row.name for row in bars])
        axes.set_yticks(range(len(bars)), [_named(row) for row in bars])
        for label, row in zip(axes.get_yticklabels(), bars, strict=True):
            label.set_fontweight("bold" if row.name == champion else "normal")
        axes.tick_params(axis="y", length=0)
        axes.grid(False, axis="y")
        axes.spines["left"].set_visible(False)
        axes.spines["bottom"].set_bounds(0, 100)
        axes.set_xlabel("gain, % of the attainable; line: 95 % interval", loc="left")
        axes.set(xlim=(-1, _ENDS[columns]), ylim=(len(bars) - 0.4, -1.15), xticks=range(0, 101, 20))
        _figures(axes, -0.85, columns, ("gain", "regret", "time"), False)

    return paint


def _named(row: LadderRow) -> str:
    return words.title(row.name) + ("" if row.feasible else "\nover the budget")


def _bar(axes: "Axes", place: int, row: LadderRow, is_champion: bool) -> None:
    """Draw one rung at the budget itself; one that is over it is hatched, its gain means nothing."""
    gain, middle = max(row.gain_pct, 0.0), place - _RAISED
    if not row.feasible:
        axes.barh(middle, gain, _HEIGHT, facecolor="none", edgecolor=INK, hatch="////", linewidth=0.6,
                  alpha=0.45)  # fmt: skip
        return
    colour, opacity = (WARM, 1.0) if is_champion else (ACCENT, 0.6)
    axes.barh(middle, gain, _HEIGHT, color=colour, alpha=opacity)
    if row.high > row.low:
        axes.plot([row.low, row.high], [middle, middle], color=INK, linewidth=1.6)


def _figures(
    axes: "Axes", place: float, columns: tuple[float, ...], shown: Sequence[str], is_bold: bool
) -> None:
    """Write to the right of a bar as many figures as there are columns."""
    for at, figure in zip(columns, shown, strict=False):
        axes.text(at, place, figure, size=8.5, va="center", ha="right", transform=axes.get_yaxis_transform(),
                  weight="bold" if is_bold else "normal")  # fmt: skip


def _marks(axes: "Axes", rows: Sequence[LadderRow], names: Sequence[str]) -> None:
    """Mark the gain at other budgets below the bar, where the rung keeps within them."""
    for mark, factor in zip(MARKS, sorted({row.budget_factor for row in rows} - {1.0}), strict=False):
        within = [row for row in rows if row.budget_factor == factor and row.name in names and row.feasible]
        axes.scatter([row.gain_pct for row in within], [names.index(row.name) + _LOWERED for row in within],
                     s=15, marker=mark, facecolor="none", edgecolor=INK, linewidth=0.8, zorder=3,
                     label=f"{factor_name(factor)} budget")  # fmt: skip
    if axes.get_legend_handles_labels()[0]:
        axes.legend(ncols=4, loc="lower left", bbox_to_anchor=(-0.03, 1.0), fontsize=8, handletextpad=0.1,
                    columnspacing=1.0)  # fmt: skip


def _title(bars: Sequence[LadderRow], champion: str) -> str:
    for row in bars:
        if row.name == champion and row.feasible:
            return f"{words.title(champion)} gains {words.points(row.gain_pct)} of the attainable"
    return f"{words.title(champion)} serves"


def _inches(bars: Sequence[LadderRow], width: float = _WIDTH) -> tuple[float, float]:
    return width, _MARGIN + _ROW * max(len(bars), 2)
