"""A comparison on the screen: the five conditions, who counts, and what it comes to.

Shows figures and works out none.
"""

from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from churn_saver.adapters.comparison_page import TITLES, headline
from churn_saver.adapters.plain_words import sentence
from churn_saver.cli.screen import console, say
from churn_saver.evidence.promotion import Verdict


def show_comparison(verdict: Verdict, written: Mapping[str, object]) -> None:
    """Print what the gate said.

    Args:
        verdict: Of the gate.
        written: The document (`evidence/promotion`).
    """
    say(f"campaign   {written['campaign']}, {written['reward']} after {written['days']} days")
    say(f"look       {written['look']}")
    counts = written["counts"]
    if isinstance(counts, Mapping):
        for why, count in counts.items():
            say(f"counted    {count:,} {why}")
    table = Table("condition", "holds", "why", title="Five conditions, all or nothing", title_justify="left")
    for one in verdict.conditions:
        holds = "[green]yes[/]" if one.holds else "[red]no[/]"
        table.add_row(TITLES[one.name], holds, escape(sentence(one.reason)))
    console.print(table)
    say(headline(verdict, written))
    say(f"digest     {written['digest']}")
