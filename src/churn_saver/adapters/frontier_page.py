"""Set the page of the frontier: what each budget buys at best, and at what price.

Works out no figure but shares of those it is given. Knows no clock and no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from churn_saver.adapters import policy_words as words
from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.drawing import INK, Painter, drawn, png
from churn_saver.adapters.pages import templates
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.plain_numbers import Floats, column, need, number, text
from churn_saver.errors import ArtifactError, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("budget", "gain", "price", "spend", "gap")
_COLOURS = (WARM, "#8f63b8", INK)
_BUDGET = "budget_per_customer"


@dataclass(frozen=True, slots=True)
class FrontierView:
    """What the page says; amounts in currency units per customer."""

    described: str
    """Whose frontier it is."""
    columns: Mapping[str, Floats]
    """`COLUMNS`, (k,) each, rising in budget."""
    others: Mapping[str, tuple[Floats, Floats]]
    """Budget and gain of other policies, by rung."""
    marked: int
    """Row of the budget that the campaign has, or of the largest."""

    @property
    def halves(self) -> float:
        """Share of the marked budget's gain that half of it buys already."""
        budget, gain = self.columns["budget"], self.columns["gain"]
        half = np.interp(budget[self.marked] / 2.0, np.append(0.0, budget), np.append(0.0, gain))
        return float(half / gain[self.marked]) if gain[self.marked] > 0.0 else 0.0

    def gain_of(self, rung: str, row: int) -> float | None:
        """Give another policy's gain at the budget of a row; None where it was not measured."""
        budget, gain = self.others[rung]
        at = np.flatnonzero(budget == self.columns["budget"][row])
        return float(gain[at[0]]) if len(at) and np.isfinite(gain[at[0]]) else None


def frontier_page(frontier: Mapping[str, object], assumed: Sequence[Assumption] = ()) -> str:
    """Set the page.

    Args:
        frontier: budget (rising), gain, price, spend (lists of one length; currency units per customer,
            the price a number), gap (share of the attainable gain that the proof leaves open), others (by
            rung: budget and gain), described (whose frontier), and budget_per_customer where one budget
            is to stand out.
        assumed: Settings of env.yaml, from `assumptions.assumptions`; none: the page says where they are.

    Raises:
        ArtifactError: something is missing or of another kind; names it.
    """
    view = frontier_view(frontier)
    return templates().get_template("frontier.html.j2").render(
        v=view,
        pictures=[drawn(title, said, paint) for title, said, paint in _pictures(view)],
        assumptions=assumed,
        points=words.points,
        title=words.title,
    )  # fmt: skip


def frontier_png(frontier: Mapping[str, object]) -> bytes:
    """Draw gain and price over the budget as a PNG file; argument and errors as of `frontier_page`."""
    return png([(title, paint) for title, _, paint in _pictures(frontier_view(frontier))])


def frontier_view(frontier: Mapping[str, object]) -> FrontierView:
    """Read a frontier for its page; argument and errors as of `frontier_page`."""
    found = need(frontier, (*COLUMNS, "others", "described"), "the frontier")
    columns = {name: column(found[name], name) for name in COLUMNS}
    budget = columns["budget"]
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1 or not len(budget):
        raise ArtifactError(f"the frontier has columns of lengths {lengths}, wanted one length of 1 or more")
    unknown = [name for name in COLUMNS[:-1] if not np.isfinite(columns[name]).all()]
    if unknown:
        raise ArtifactError(f"the frontier has no number in {listed(unknown)}, wanted one for each budget")
    if not (np.diff(budget) > 0.0).all():
        raise ArtifactError(f"the frontier's budgets are {budget.tolist()}, wanted them to rise")
    others = {}
    for rung, raw in need(found["others"], (), "others").items():
        other = need(raw, ("budget", "gain"), f"others.{rung}")
        pair = tuple(column(other[name], f"others.{rung}.{name}") for name in ("budget", "gain"))
        if len(pair[0]) != len(pair[1]):
            raise ArtifactError(f"others.{rung} has {len(pair[0])} budgets and {len(pair[1])} gains")
        others[rung] = (pair[0], pair[1])
    wanted = number(found[_BUDGET], _BUDGET) if _BUDGET in found else budget[-1]
    marked = int(np.abs(budget - wanted).argmin())
    return FrontierView(text(found["described"], "described"), columns, others, marked)


def _pictures(view: FrontierView) -> list[tuple[str, str, Painter]]:
    """Give title, description and painter of gain and price."""
    budget, gain, price = (view.columns[name] for name in ("budget", "gain", "price"))
    at = budget[view.marked]

    def gains(axes: "Axes") -> None:
        axes.plot(np.append(0.0, budget), np.append(0.0, gain), color=ACCENT, linewidth=1.8, marker="o",
                  markersize=3.5, label=words.title("optimum"))  # fmt: skip
        for colour, (rung, (x, y)) in zip(_COLOURS, view.others.items(), strict=False):
            axes.plot(x, y, color=colour, linewidth=1.5, linestyle=(0, (5, 2)), marker="o", markersize=3,
                      label=words.title(rung))  # fmt: skip
        _dress(axes, "gain over never contacting", at)
        if view.others:
            axes.legend(loc="lower right", fontsize=8.5)

    def prices(axes: "Axes") -> None:
        axes.plot(budget, price, color=ACCENT, linewidth=1.8, marker="o", markersize=3.5)
        _dress(axes, "λ", at)

    first = f"A budget of {at:,.2f} buys a gain of {gain[view.marked]:,.2f} per customer"
    second = f"At {at:,.2f} the last unit of budget brings λ = {price[view.marked]:,.2f}"
    described = f"over {len(budget)} budgets from {budget[0]:,.2f} to {budget[-1]:,.2f}."
    return [(first, f"Gain {described}", gains), (second, f"Price λ {described}", prices)]


def _dress(axes: "Axes", label: str, marked: float) -> None:
    axes.axvline(marked, color=WARM, linewidth=1.1, linestyle=(0, (2, 2)), zorder=0)
    axes.set(xlabel="budget per customer, currency units", ylabel=label, xlim=(0, None), ylim=(0, None))
