"""An evaluation on the screen: estimates, what carries them, and why not to lean on them.

Shows figures and works out none.
"""

from rich.table import Table

from churn_saver.adapters.evaluation_report import ESTIMATORS, NEVER_COVERED, Evaluation, figure
from churn_saver.adapters.plain_words import percent
from churn_saver.cli.screen import console, counted, note, say


def show_evaluation(found: Evaluation) -> None:
    """Print what was found."""
    value = found.value
    kind = "estimated" if value.estimated_propensities else "logged"
    rows, units = counted(value.rows, "decision"), counted(value.units, "customer")
    say(f"log        {found.source}: {rows} of {units}, arms {', '.join(found.arms)}; propensities {kind}")
    say(f"reward     {found.reward}, mean of a decision")
    for why, count in found.left_out:
        say(f"left out   {counted(count, 'decision')} {why}")
    for line in found.notes:
        note(line)
    console.print(_estimates(found))
    console.print(_weights(found))
    console.print(_overlap(found))
    for words in found.cautions:
        note(words)
    say(found.headline)
    say(NEVER_COVERED)


def _estimates(found: Evaluation) -> Table:
    table = Table("estimate", title="Mean reward of a decision, 95 % intervals", title_justify="left")
    for name, _ in found.told:
        table.add_column(name, justify="right")
    for key, words in ESTIMATORS.items():
        cells = []
        for name, one in found.told:
            estimate, signed = getattr(one, key), name == "difference"
            low, high = figure(estimate.low, signed), figure(estimate.high, signed)
            cells.append(f"{figure(estimate.value, signed)}\n{low} … {high}")
        table.add_row(words, *cells, style="bold" if key == "dr" else "")
    return table


def _weights(found: Evaluation) -> Table:
    """Say how evenly the weights lie, and what was cut."""
    table = Table("weights", title="What carries the estimate", title_justify="left")
    for heading in ("effective rows", "mean", "largest", "in the top 1 %", "cut rows", "cut weight"):
        table.add_column(heading, justify="right")
    for name, one in found.told:
        if name == "difference":
            table.add_row(name, f"{one.effective_rows:,.1f}", *[""] * 5)
            continue
        weights = one.sides[0].weights
        table.add_row(
            name,
            f"{one.effective_rows:,.1f}",
            f"{weights.mean:.3f}",
            f"{weights.largest:,.1f}",
            percent(weights.top_share),
            f"{weights.clipping.rows:,}",
            percent(weights.clipping.cut_share),
        )
    return table


def _overlap(found: Evaluation) -> Table:
    table = Table("arm", title="What the log holds of each arm", title_justify="left")
    for heading in ("decisions", "policy wants", "weights find", "off by, z", "least propensity"):
        table.add_column(heading, justify="right")
    for arm, of in zip(found.arms, found.value.sides[0].overlap, strict=True):
        least = of.least_propensity
        table.add_row(
            arm,
            f"{of.logged:,}",
            percent(of.wanted),
            percent(of.found),
            f"{of.balance_z:+.1f}",
            "–" if least != least else f"{least:.4f}",
        )
    return table
