"""The decision policy on the screen: a training as it runs, what a policy reaches, ladder and frontier.

Shows figures and works out none but shares of them; the pages of the same things do likewise.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table

from churn_saver.adapters import plain_words
from churn_saver.adapters import policy_words as words
from churn_saver.adapters.frontier_page import frontier_view
from churn_saver.adapters.ladder import LadderRow
from churn_saver.adapters.ladder_page import ladder_view
from churn_saver.adapters.ladder_pictures import factor_name
from churn_saver.cli.live import LiveLines
from churn_saver.cli.screen import console, say
from churn_saver.policy.certificate import Certificate

if TYPE_CHECKING:
    from churn_saver.train.learning import CurvePoint


class LiveCurves(LiveLines):
    """The training of a policy as it runs."""

    _regret = ""

    def __call__(self, point: "CurvePoint") -> None:
        """Show one iteration."""
        self.show(point.iteration, f"{_figures(point)}{self._regret}")

    def regret(self, regret_pct: float) -> None:
        """Show a regret from now on; it is measured now and then."""
        self._regret = f" regret {words.points(regret_pct)}"


def show_certificate(certificate: Mapping[str, object]) -> None:
    """Print at which budgets a policy was measured, and what it reaches there.

    Args:
        certificate: `Certificate.to_dict()`.

    Raises:
        ArtifactError: it is none.
    """
    rows = Certificate.from_dict(certificate).rows
    table = Table(title="On customers that it was not trained on", title_justify="left")
    for heading in ("budget", "price λ", "spend", "of budget", "gain", "regret", "within"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            plain_words.money(row.budget_per_customer_minor),
            f"{row.price:.3f}",
            plain_words.money(row.spend_per_customer_minor),
            plain_words.percent(row.spend_per_customer_minor / row.budget_per_customer_minor),
            words.points(row.gain_pct) if row.feasible else "–",
            words.points(row.regret_pct),
            "yes" if row.feasible else "[red]no[/]",
        )
    console.print(table)
    console.print("gain       100 %: the best policy that knows the model; 0 %: never contacting")
    console.print("regret     what is lost against the best, spend valued at its price")


def show_ladder(ladder: Mapping[str, object]) -> None:
    """Print every rung at the budget, those at other budgets, and who serves.

    Args:
        ladder: As of `ladder_page`.

    Raises:
        ArtifactError: as `ladder_page`.
    """
    view = ladder_view(ladder)
    table = Table("rung", title=f"At {view.budget:,.2f} per customer", title_justify="left")
    for heading in ("gain", "95 % interval", "regret", "spend", "decision"):
        table.add_column(heading, justify="right")
    for row in view.rows:
        table.add_row(
            words.title(row.name),
            _gain(row),
            f"{row.low:.1f} to {row.high:.1f}" if row.feasible and row.high > row.low else "",
            words.points(row.regret_pct),
            f"{row.spend_per_customer:,.2f}",
            words.duration(row.seconds_per_decision),
            style="bold" if row.name == view.champion.name else "",
        )
    console.print(table)
    if len(view.factors) > 1:
        others = Table("gain at", title_justify="left")
        for factor in view.factors:
            others.add_column(f"{factor_name(factor)} budget", justify="right")
        for row in view.rows:
            found = (view.others.get((row.name, factor)) for factor in view.factors)
            others.add_row(words.title(row.name), *("" if one is None else _gain(one) for one in found))
        console.print(others)
    say(f"champion   {words.title(view.champion.name)}")
    say(f"why        {view.why}")


def show_frontier(frontier: Mapping[str, object]) -> None:
    """Print what each budget buys at best, and at what price.

    Args:
        frontier: As of `frontier_page`.

    Raises:
        ArtifactError: as `frontier_page`.
    """
    view = frontier_view(frontier)
    table = Table(title="Per customer, currency units", title_justify="left")
    for heading in ("budget", "spend", "gain", "price λ", "gap", *map(words.title, view.others)):
        table.add_column(heading, justify="right")
    columns = view.columns
    for row, budget in enumerate(columns["budget"]):
        others = (view.gain_of(rung, row) for rung in view.others)
        table.add_row(
            f"{budget:,.2f}",
            f"{columns['spend'][row]:,.2f}",
            f"{columns['gain'][row]:,.2f}",
            f"{columns['price'][row]:.3f}",
            _gap(columns["gap"][row]),
            *("–" if gain is None else f"{gain:,.2f}" for gain in others),
            style="bold" if row == view.marked else "",
        )
    console.print(table)
    say(f"described  {view.described}")
    console.print("gap        what the proof leaves open, as a share of the gain")


def _figures(point: "CurvePoint") -> str:
    """Say reward, spend, λ where there is one, entropy and KL; what has not been seen yet is left out."""
    shown = [f"reward {point.reward:.1f} spend {point.spend:.2f}"] if point.spend == point.spend else []
    if point.price > 0.0:
        shown.append(f"λ {point.price:.2f}")
    return " ".join((*shown, f"entropy {point.entropy:.2f} KL {point.kl:.4f}"))


def _gap(share: float) -> str:
    if share != share:
        return "–"
    return f"{share:.0e}" if share > 0.0 else "0"


def _gain(row: LadderRow) -> str:
    return words.points(row.gain_pct) if row.feasible else "[red]over[/]"
