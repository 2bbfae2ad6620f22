"""Drafts of the grammar, filled with facts of every kind and judged by the shield, for tests."""

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from churn_saver.config import ServeSettings, parse
from churn_saver.domain.slots import Facts
from churn_saver.errors import InputError
from churn_saver.message.wording import fill
from churn_saver.shield import Rules, violations

NAMES = (
    "Al", "Sam", "Ana María", "陈伟", "D'Angelo", "Bartholomew-Featherstone", "April", "Łukasz", "Δημήτρης",
)  # fmt: skip
"""Of 2 to 24 characters, in several scripts, and one that is a month."""
MONTHS = {"unstated": (None, 0), "new": (1, 5, 11), "settled": (12, 24, 35), "long": (36, 100, 1200)}
DAYS = (date(2026, 5, 5), date(2026, 9, 30), date(2027, 12, 31))
OPT_OUT = " Reply STOP to opt out."
UNFILLED = ("unfilled",)


def judged(text: str, row: dict[str, object], turn: int) -> tuple[tuple[str, ...], str]:
    """Fill a draft with the facts whose turn it is, and judge it by the shield of its channel.

    Returns:
        What the shield found, `UNFILLED` where the facts have no value for a slot, and the text.
    """
    facts = facts_of(row, turn)
    try:
        filled = fill(text, facts)
    except InputError:
        return UNFILLED, text
    if row["channel"] == "sms":
        filled += OPT_OUT
    return violations(filled, facts, _rules(str(row["channel"]))), filled


def facts_of(row: dict[str, object], turn: int) -> Facts:
    """Give facts that lie in the context of a row."""
    months = MONTHS[str(row["tenure"])]
    return Facts(
        NAMES[turn % len(NAMES)] if row["has_name"] else None,
        months[turn % len(months)],
        int(str(row["offer_percent"])),
        None if row["contract"] is None else str(row["contract"]),
        DAYS[turn % len(DAYS)] if row["offer_percent"] else None,
    )


def blocked(frame: pl.DataFrame, column: str) -> list[tuple[tuple[str, ...], str]]:
    """Give every text of a column that the shield stops, with the reasons."""
    every = (judged(row[column], row, turn) for turn, row in enumerate(frame.iter_rows(named=True)))
    return [found for found in every if found[0]]


@cache
def _rules(channel: str) -> Rules:
    path = Path(__file__).parents[1] / "ops" / "configs" / "serve.yaml"
    settings = parse(ServeSettings, path.read_text(), path.name)
    return Rules.of(settings.model_copy(update={"channel": channel}))
