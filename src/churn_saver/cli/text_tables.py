"""The message models on the screen: a line while they learn, a table of what they reached.

Shows figures and works out none.
"""

from collections.abc import Mapping

from rich.table import Table

from churn_saver.adapters.plain_words import percent
from churn_saver.adapters.text_page import text_view
from churn_saver.adapters.text_words import word_of
from churn_saver.cli.screen import console, note, say

LIVE = ("loss", "valid_loss", "valid_accuracy", "reward", "kl", "beta", "pass_rate", "gold", "entropy")
"""Curves that fit a line, where they were measured."""


def curve_line(point: Mapping[str, float]) -> str:
    """Say one step or iteration in a line."""
    there = [(name, point[name]) for name in LIVE if name in point and point[name] == point[name]]
    return "  ".join(f"{word_of(name).title.lower()} {word_of(name).shown(value)}" for name, value in there)


def show_figures(report: Mapping[str, object]) -> None:
    """Print what a stage reached, kind by kind where it has kinds.

    Args:
        report: As of `adapters.text_page`.

    Raises:
        ArtifactError: it is none.
    """
    view = text_view(dict(report) | {"curves": []})
    table = Table("figure", title=view.title, title_justify="left")
    table.add_column("value", justify="right")
    table.add_column("what it is")
    for figure in view.figures:
        table.add_row(figure.title, figure.shown, figure.meaning)
    console.print(table)
    if view.kinds:
        kinds = Table("kind of rejection", title_justify="left")
        kinds.add_column("pairs", justify="right")
        kinds.add_column("accuracy", justify="right")
        for kind in view.kinds:
            kinds.add_row(kind.name, f"{kind.pairs:,}", percent(kind.accuracy))
        console.print(kinds)
    say(f"trained    {view.model['trainable']} of {view.model['parameters']} numbers of {view.model['base']}")
    for line in view.notes:
        note(line)
