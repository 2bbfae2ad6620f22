"""Draw the pictures of a data report as inline SVG; each title says what the picture shows.

Takes the report's own plain values, so that a picture never shows another figure than the JSON.
Knows nothing of files, pages and how a picture becomes SVG (`drawing` does).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from churn_saver.adapters.drawing import INK, drawn
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.plain_words import count, percent
from churn_saver.evidence.shares import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Plain = Mapping[str, Any]
"""Part of a report, as JSON gives it."""
THIRD = "#8f63b8"
COLOURS = (WARM, ACCENT, THIRD)
_LONGEST_NAME = 24
_MOST_BARS = 12


def label_shares(splits: Sequence[Plain], label: str) -> str:
    """Draw the share of ones in each split with its interval, and over all of them."""
    seen = [split for split in splits if split["label"] is not None]
    shares = [split["label"]["share"] for split in seen]
    ones, rows = (sum(split["label"][key] for split in seen) for key in ("ones", "rows"))
    whole = ones / rows

    def paint(axes: "Axes") -> None:
        axes.axvline(whole, color=INK, alpha=0.5, linewidth=0.9, linestyle=(0, (4, 3)))
        for place, split in enumerate(seen):
            found = split["label"]
            axes.plot([found["low"], found["high"]], [place, place], color=ACCENT, linewidth=2.2, alpha=0.7)
            axes.plot([found["share"]], [place], "o", color=ACCENT, markersize=7)
            axes.annotate(percent(found["share"]), (found["high"], place), (6, 0), va="center", size=9,
                          textcoords="offset points")  # fmt: skip
        _rows(axes, [f"{split['name']}\n{count(split['label']['rows'])}" for split in seen])
        axes.set(xlabel=f"share of {_name(label)}; line: 95 % interval", ylim=(len(seen) - 0.6, -0.6))
        low, high = (end(split["label"][key] for split in seen) for key, end in (("low", min), ("high", max)))
        axes.set_xlim(low - 0.15 * (high - low), high + 0.3 * (high - low))
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.4g} %")
        axes.locator_params(axis="x", nbins=6)

    apart = 100 * (max(shares) - min(shares))
    title = f"{_title(label)}: {percent(whole)} of {rows:,} rows"
    title += f"; splits at most {apart:.1f} points apart" if len(seen) > 1 else ""
    return drawn(title, f"Share of {label} in {', '.join(split['name'] for split in seen)}.", paint)


def histogram(found: Plain) -> str:
    """Draw how a column of numbers is spread, one outline for each group of rows."""
    edges = np.array(found["edges"])
    groups = found["groups"]

    def paint(axes: "Axes") -> None:
        for colour, group in zip(_colours(groups), groups, strict=True):
            share = np.array(group["counts"]) / max(group["rows"], 1)
            axes.stairs(share, edges, color=colour, linewidth=1.7, label=_name(group["name"]))
            axes.stairs(share, edges, color=colour, alpha=0.16, fill=True, linewidth=0)
            axes.axvline(group["median"], color=colour, linewidth=1.1, linestyle=(0, (2, 2)))
        axes.set(
            xlabel=f"{_name(found['column'])}; dotted: median",
            ylabel="share of rows" if len(groups) == 1 else "share of each group",
        )
        axes.set(xlim=(edges[0], edges[-1]), ylim=(0, None))
        axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
        if found["logarithmic"]:
            axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: _number(value))
        if found["logarithmic"]:
            axes.xaxis.set_minor_formatter(lambda _value, _place: "")
        if len(groups) > 1:
            axes.legend(ncols=len(groups), loc="lower left", bbox_to_anchor=(-0.02, 1.0), fontsize=8.5,
                        handlelength=1.2, columnspacing=1.4)  # fmt: skip

    medians = [_number(group["median"]) for group in groups]
    if len(groups) > 1:
        medians = [f"{m} ({_name(group['name'])})" for m, group in zip(medians, groups, strict=True)]
    title = f"{_title(found['column'])}: median {', '.join(medians)}"
    return drawn(title, f"Histogram of {found['column']} in {len(edges) - 1} bins.", paint)


def words(found: Plain, label: str | None) -> str:
    """Draw the share of ones among the rows of each word; without a label, how many rows hold each."""
    shown = found["words"][:_MOST_BARS]
    rows = np.array([word["rows"] for word in shown], dtype=np.float64)
    if label is None:
        shares = rows / max(sum(word["rows"] for word in found["words"]), 1)
    else:
        shares = np.array([word["ones"] for word in shown]) / rows

    def paint(axes: "Axes") -> None:
        ends = shares
        axes.barh(range(len(shown)), shares, 0.66, color=ACCENT if label is None else WARM, alpha=0.8)
        if label is not None:
            low, high = wilson(shares * rows, rows, 0.95)
            axes.hlines(range(len(shown)), low, high, color=INK, linewidth=1.2, alpha=0.75)
            ends = high
        for place, (share, end) in enumerate(zip(shares, ends, strict=True)):
            axes.annotate(percent(float(share)), (end, place), (5, 0), va="center", size=8.5,
                          textcoords="offset points")  # fmt: skip
        _rows(axes, [f"{_short(word['word'])} · {count(word['rows'])}" for word in shown])
        axes.set(xlim=(0, 1.18 * max(float(ends.max()), 0.01)), ylim=(len(shown) - 0.45, -0.55))
        what = "share of rows" if label is None else f"share of {_name(label)}; line: 95 % interval"
        axes.set(xlabel=what)
        axes.locator_params(axis="x", nbins=6)
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")

    most = int(shares.argmax())
    title = f"{_title(found['column'])}: {_short(shown[most]['word'])} most often"
    if label is not None:
        title = (
            f"{_title(found['column'])}: {_name(label)} from {percent(float(shares.min()), 0)} "
            f"({_short(shown[int(shares.argmin())]['word'])}) to {percent(float(shares[most]), 0)} "
            f"({_short(shown[most]['word'])})"
        )
    return drawn(title, f"A bar for each of {len(shown)} words of {found['column']}, with its rows.", paint)


def moves(found: Sequence[Plain], note: float, fail: float) -> str:
    """Draw how far each column moved since the last run, the farthest first."""
    shown = found[:_MOST_BARS]
    psi = [column["psi"] for column in shown]

    def paint(axes: "Axes") -> None:
        colours = [
            WARM if column["psi"] > note and not column["chance_alone"] else ACCENT for column in shown
        ]
        axes.barh(range(len(shown)), psi, 0.6, color=colours, alpha=0.85)
        for at, style in ((note, (2, 2)), (fail, (5, 3))):
            axes.axvline(at, color=INK, alpha=0.6, linewidth=1, linestyle=(0, style))
            axes.text(at, 1.01, f"{at:g}", ha="center", size=8, transform=axes.get_xaxis_transform())
        for place, value in enumerate(psi):
            axes.text(1, place, f"{value:.3f}", va="center", ha="right", size=8.5,
                      transform=axes.get_yaxis_transform())  # fmt: skip
        _rows(axes, [_short(_name(column["column"])) for column in shown])
        axes.set(xlabel="population stability index (PSI)", ylim=(len(shown) - 0.45, -0.55))
        axes.set_xlim(0, 1.25 * max(fail, *psi))

    far = sum(1 for column in found if column["psi"] > note and not column["chance_alone"])
    title = f"{far} of {len(found)} columns moved since the last run" if far else (
        f"None of {len(found)} columns moved since the last run")  # fmt: skip
    return drawn(title, f"PSI of {len(shown)} columns with the limits {note:g} and {fail:g}.", paint)


def _rows(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)


def _colours(groups: Sequence[Plain]) -> Sequence[str]:
    return (ACCENT,) if len(groups) == 1 else COLOURS[: len(groups)]


def _name(column: str) -> str:
    return column.replace("_", " ")


def _title(column: str) -> str:
    return _name(column)[:1].upper() + _name(column)[1:]


def _short(word: str) -> str:
    word = word or "(blank)"
    return word if len(word) <= _LONGEST_NAME else word[: _LONGEST_NAME - 1] + "…"


def _number(value: float) -> str:
    shown = f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return shown.replace("-", "−")
