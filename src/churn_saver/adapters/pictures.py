"""Draw the pictures of the reports as inline SVG; each title says what the picture shows.

Knows nothing of files, pages and how a picture becomes SVG (`drawing` does).

Colours: the offers run along one ramp from light to dark, so that their order shows in grey print
and with any colour vision.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters.drawing import INK, drawn
from churn_saver.domain.action import N_CHOICES, OFFER_PERCENTS
from churn_saver.domain.money import to_units
from churn_saver.evidence.shares import wilson

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACCENT = "#3a7cc0"
WARM = "#d0702f"
CHOICE_COLOURS = (INK, "#f2c14e", "#e07b39", "#b6437c", "#6852c2")
CHOICE_OPACITY = (0.2, 1.0, 1.0, 1.0, 1.0)
CHOICE_NAMES = ("no contact", *(f"{percent} %" for percent in OFFER_PERCENTS))
RISK_BINS = 10
CURVE_POINTS = 200


def roc(points: Sequence[tuple[float, float]], auc_text: str, event: str = "leave") -> str:
    """Draw how well the ranking finds the customers that the event happens to.

    Args:
        points: (false-positive rate, true-positive rate), from (0, 0) to (1, 1).
        auc_text: The area with its interval, as it is to be shown.
        event: What is predicted, as a verb: leave, accept.
    """
    curve = np.array(points, dtype=np.float64).reshape(-1, 2)

    def paint(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color=INK, alpha=0.5, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.fill_between(curve[:, 0], curve[:, 1], color=ACCENT, alpha=0.12, linewidth=0)
        axes.plot(curve[:, 0], curve[:, 1], color=ACCENT, linewidth=1.8)
        axes.text(0.6, 0.54, "guessing", alpha=0.8, size=8)
        _shares(axes, f"false alarms, of those who do not {event}", f"found, of those who {event}")

    title = f"Those who {event} rank first: AUC {auc_text}"
    return drawn(title, f"ROC curve through {len(curve)} points, with the line of guessing.", paint)


def reliability(points: Sequence[tuple[float, float, int]], event: str = "leave") -> str:
    """Draw what was predicted against what happened.

    Args:
        points: (mean prediction, observed share, customers) for each bin.
        event: What is predicted, as a verb: leave, accept.
    """
    bins = np.array(points, dtype=np.float64).reshape(-1, 3)
    bins = bins[bins[:, 2] > 0]
    predicted, observed, counts = bins.T
    low, high = wilson(observed * counts, counts, 0.95)

    def paint(axes: "Axes") -> None:
        axes.plot([0, 1], [0, 1], color=INK, alpha=0.5, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.vlines(predicted, low, high, color=WARM, linewidth=1.4, alpha=0.8)
        area = 14 + 90 * counts / max(counts.max(initial=1), 1)
        axes.scatter(predicted, observed, s=area, color=WARM, edgecolor=INK, linewidth=0.5, zorder=3,
                     clip_on=False)  # fmt: skip
        note = "dot: size by customers\nline: 95 % interval"
        axes.text(0.02, 0.97, note, size=8, alpha=0.8, va="top", transform=axes.transAxes)
        _shares(axes, f"predicted to {event}", f"did {event}")

    gap = float((counts * np.abs(predicted - observed)).sum() / max(counts.sum(), 1))
    title = f"Predicted and observed: {100 * gap:.1f} points apart on average"
    return drawn(title, f"Reliability in {len(bins)} bins, with the line of perfect agreement.", paint)


def offer_mix_by_risk(risk: NDArray[np.float64], choice: NDArray[np.int8]) -> str:
    """Draw the shares of no contact and of each offer over ten bins of churn risk.

    Shapes: risk (n,), NaN is left out; choice (n,), 0..4 as in `domain.action`.
    """
    scored = ~np.isnan(risk)
    bins = np.minimum((risk[scored] * RISK_BINS).astype(np.int64), RISK_BINS - 1)
    counts = np.zeros((RISK_BINS, N_CHOICES), dtype=np.int64)
    np.add.at(counts, (bins, choice[scored]), 1)
    total = counts.sum(axis=1)
    shares = counts / np.maximum(total, 1)[:, None]

    def paint(axes: "Axes") -> None:
        floor = np.zeros(RISK_BINS)
        for number, name in enumerate(CHOICE_NAMES):
            axes.bar(range(RISK_BINS), shares[:, number], 0.86, floor, label=name,
                     color=CHOICE_COLOURS[number], alpha=CHOICE_OPACITY[number], linewidth=0)  # fmt: skip
            floor += shares[:, number]
        for place, n in enumerate(total):
            axes.text(place, 1.015 if n else 0.015, _short(int(n)), ha="center", size=7.5, alpha=0.8)
        axes.set_xticks(np.arange(RISK_BINS + 1) - 0.5, [f"{10 * k}" for k in range(RISK_BINS + 1)])
        axes.set(xlabel="churn risk, %  (number of customers above each bar)", ylabel="share of customers")
        axes.set(ylim=(0, 1.06), xlim=(-0.5, RISK_BINS - 0.5))
        axes.grid(False, axis="x")
        axes.yaxis.set_major_formatter(_percent())
        axes.legend(ncols=5, loc="lower center", bbox_to_anchor=(0.47, 1.01), fontsize=8,
                    columnspacing=1.1, handlelength=0.9, handletextpad=0.4)  # fmt: skip

    described = "Stacked shares of no contact and of each offer, over ten bins of churn risk."
    return drawn(_mix_title(shares, total), described, paint)


def spend(
    reserved_minor: NDArray[np.int64],
    value: NDArray[np.float64],
    limit_minor: int,
    currency: str,
    price: float,
) -> str:
    """Draw the money reserved, customer by customer in the order of value per unit of budget.

    Shapes: reserved_minor (m,), value (m,) currency units, NaN: not known; one entry a contact.

    Args:
        reserved_minor: Most that each contact can cost, minor units.
        value: Expected margin kept by each contact.
        limit_minor: The campaign's limit.
        currency: Its currency.
        price: λ.
    """
    order = _best_first(reserved_minor, value)
    total = np.concatenate([[0], np.cumsum(reserved_minor[order])]) / 100
    picked = _picked(len(total))

    def paint(axes: "Axes") -> None:
        axes.axhline(to_units(limit_minor), color=WARM, linewidth=1.3, linestyle=(0, (5, 3)))
        axes.fill_between(picked, total[picked], color=ACCENT, alpha=0.15, linewidth=0)
        axes.plot(picked, total[picked], color=ACCENT, linewidth=1.8)
        axes.text(0.01, to_units(limit_minor), f"limit {to_units(limit_minor):,.0f}", size=8.5, va="bottom",
                  transform=axes.get_yaxis_transform())  # fmt: skip
        axes.text(0.98, 0.06, f"price of budget λ = {price:.2f}", size=8.5, ha="right",
                  transform=axes.transAxes)  # fmt: skip
        axes.set(xlabel="customers contacted, best value per unit of budget first")
        axes.set(ylabel=f"reserved, {currency}", xlim=(0, max(len(order), 1)))
        axes.set_ylim(0, 1.12 * max(to_units(limit_minor), float(total[-1]), 0.01))
        _thousands(axes)

    count = f"{len(order):,} customer" + ("" if len(order) == 1 else "s")
    title = f"{total[-1]:,.2f} of {to_units(limit_minor):,.2f} {currency} reserved for {count}"
    return drawn(title, "Money reserved, summed up over the contacts, with the limit.", paint)


def expected_gain_curve(reserved_minor: NDArray[np.int64], value: NDArray[np.float64], currency: str) -> str:
    """Draw the expected margin kept against the money reserved for it, best first.

    Shapes: as in `spend`; an unknown value counts as 0.
    """
    order = _best_first(reserved_minor, value)
    cost = np.concatenate([[0], np.cumsum(reserved_minor[order])]) / 100
    gain = np.concatenate([[0], np.cumsum(np.nan_to_num(value[order]))])
    picked = _picked(len(cost))

    def paint(axes: "Axes") -> None:
        axes.fill_between(cost[picked], gain[picked], color=ACCENT, alpha=0.15, linewidth=0)
        axes.plot(cost[picked], gain[picked], color=ACCENT, linewidth=1.8)
        axes.set(xlabel=f"reserved, {currency}", ylabel=f"expected margin kept, {currency}")
        axes.set(xlim=(0, max(float(cost[-1]), 0.01)), ylim=(0, 1.06 * max(float(gain.max()), 0.01)))
        _thousands(axes)

    half = float(np.interp(cost[-1] / 2, cost, gain) / gain[-1]) if gain[-1] > 0 else 0.0
    title = f"The first half of the money brings {100 * half:.0f} % of the expected margin kept"
    return drawn(title, "Expected margin kept, summed up over the contacts, by money reserved.", paint)


def _mix_title(shares: NDArray[np.float64], total: NDArray[np.int64]) -> str:
    """Name the bin with the most contacts, among bins large enough for a share to mean something."""
    contacted = np.where(total >= max(total.sum() / 100, 1), 1 - shares[:, 0], 0.0)
    best = int(contacted.argmax())
    if contacted[best] == 0:
        return "Nobody is contacted at any risk"
    share = f"{100 * contacted[best]:.0f} in 100"
    return f"Contacted most often: customers at {10 * best}–{10 * best + 10} % risk ({share})"


def _best_first(reserved_minor: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.int64]:
    worth = np.nan_to_num(value) / np.maximum(reserved_minor, 1)
    return np.argsort(-worth, kind="stable")


def _picked(size: int) -> NDArray[np.int64]:
    """Thin a curve out evenly, ends kept, so that a million contacts make a small picture."""
    return np.unique(np.linspace(0, size - 1, min(size, CURVE_POINTS)).round().astype(np.int64))


def _short(n: int) -> str:
    if n < 10_000:
        return f"{n:,}" if n else "–"
    return f"{n / 1e3:,.0f}k" if n < 1_000_000 else f"{n / 1e6:.1f}M"


def _percent() -> Callable[[float, float], str]:
    return lambda share, _: f"{100 * share:.0f} %"


def _thousands(axes: "Axes") -> None:
    axes.xaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}")
    axes.yaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}")


def _shares(axes: "Axes", x: str, y: str) -> None:
    """Name and scale two axes that both run from 0 to 100 %."""
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), xlabel=x, ylabel=y)
    axes.xaxis.set_major_formatter(_percent())
    axes.yaxis.set_major_formatter(_percent())
