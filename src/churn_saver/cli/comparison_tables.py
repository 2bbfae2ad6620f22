"""A comparison on the screen: the five conditions, who counts, and what it comes to.

Shows figures and works out none.
"""

from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from churn_saver.adapters.comparison_page import TITLES, headline
from churn_saver.adapters.plain_words import sentence
from churn_saver.adapters.shadow_rows import HEADINGS, TITLE, shadow_rows
from churn_saver.cli.screen import console, say
from churn_saver.evidence.promotion import Verdict
from churn_saver.evidence.shadowed import Beside


def show_comparison(verdict: Verdict, written: Mapping[str, object], shadow: Beside | None = None) -> None:
    """Print what the gate said.

    Args:
        verdict: Of the gate.
        written: The document (`evidence/promotion`).
        shadow: What the challenger would have done; None: it never was a shadow here.
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
    if shadow is not None:
        beside = Table(*HEADINGS, title=TITLE, title_justify="left")
        for row in shadow_rows(shadow):
            beside.add_row(*map(escape, row))
        console.print(beside)
    say(headline(verdict, written))
    say(f"digest     {written['digest']}")
