"""What the documented log of decisions holds, column by column.

One row a decision:

    arm          required: what was done, any words or numbers, two or more in all
    reward       required: what came of it, a number
    customer_id  whose decision it is: rows of one customer count together; absent: each row is a customer
    propensity   probability with which the arm was drawn, in (0, 1]; absent or all blank: nobody recorded it
    allowed      arms that could have been drawn, joined by |, the arm among them; absent: all
    decision_id  each once
    campaign_id  one value
    decided_at   an ISO moment
    outcome_at   an ISO moment, not before decided_at

Every other column is something that was known before: numbers as they are, words as 0 and 1 or as
codes, blank where missing. Knows nothing of files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from churn_saver.data.meaning.cells import Reading, read_number
from churn_saver.data.meaning.columns import Column, Rule, Table, identifier, instant, number, required, text
from churn_saver.data.meaning.naming import canonical, meaning
from churn_saver.errors import InputError, listed, quoted

BETWEEN = "|"
"""Stands between the arms in `allowed`."""
_MOST_REWARD = 1e15


def _read_reward(cells: pl.Series) -> Reading:
    """Read numbers, and the truth values of JSON and Parquet as 1 and 0."""
    return read_number(cells.replace({"true": "1", "false": "0"}))


_REWARD = number("reward", "a number; an outcome still pending is no row yet", -_MOST_REWARD, _MOST_REWARD)
KNOWN: tuple[Column, ...] = (
    required(replace(text("arm"), wanted="what was done, in a word or a number")),
    required(replace(_REWARD, read=_read_reward)),
    replace(identifier("customer_id", unique=False), required=False),
    number("propensity", "a probability above 0 and at most 1", 0, 1, include_low=False),
    replace(
        text("allowed"), wanted=f"the arms that could have been drawn, joined by {BETWEEN}", blank_ok=False
    ),
    replace(identifier("decision_id"), required=False),
    replace(text("campaign_id"), wanted="the campaign's name", blank_ok=False),
    instant("decided_at"),
    instant("outcome_at"),
)
_OPTIONS = pl.col("allowed").str.split(BETWEEN).list.eval(pl.element().str.strip_chars())
_RULES: Mapping[tuple[str, ...], tuple[Rule, ...]] = {
    ("allowed",): (
        Rule("allowed", "the arm that was drawn to be among them", ~_OPTIONS.list.contains(pl.col("arm"))),
    ),
    ("allowed", "propensity"): (
        Rule("propensity", "1, since its row allows no other arm",
             (_OPTIONS.list.unique().list.len() == 1) & (pl.col("propensity") < 1)),
    ),
    ("decided_at", "outcome_at"): (
        Rule("outcome_at", "a moment not before its decision", pl.col("outcome_at") < pl.col("decided_at")),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column of a file is what."""

    documented: tuple[str, ...]
    """Documented names of those that the file has, or must have."""
    features: tuple[str, ...]
    """What was known before, by the file's own names."""
    unused: tuple[str, ...]


def layout_of(names: Sequence[str], mapping: Mapping[str, str], features: Sequence[str] | None) -> Layout:
    """Say what each column of a file is.

    Args:
        names: The file's own.
        mapping: Documented name → the file's own, where names alone do not tell.
        features: Those that are to count as known before; None: all that have no other meaning.

    Raises:
        InputError: the mapping names no documented column, or a feature is none that could be one.
    """
    own = [name for name in names if name not in mapping.values()]
    mapped = {canonical(name, KNOWN) for name in mapping}
    found = mapped | {meaning(name, KNOWN) for name in own}
    free = [name for name in own if meaning(name, KNOWN) is None]
    if absent := [name for name in features or () if name not in free]:
        raise InputError(
            f"--features names {quoted(absent[0])}, wanted columns that were known before: {listed(free)}"
        )
    chosen = tuple(free if features is None else features)
    used = (*mapping.values(), *chosen)
    return Layout(
        tuple(column.name for column in KNOWN if column.required or column.name in found),
        chosen,
        tuple(name for name in names if name not in used and meaning(name, KNOWN) in (None, *mapped)),
    )


def log_table(layout: Layout, campaign: str | None, never_blank: Sequence[str] = ()) -> Table:
    """Say what each cell of a file must hold.

    Args:
        layout: Of the file.
        campaign: The only one that may be in it; None: any.
        never_blank: Documented columns that are blank in no row.

    Raises:
        InputError: a campaign is asked for, and the file names none.
    """
    columns = [
        replace(column, blank_ok=column.blank_ok and column.name not in never_blank)
        for column in KNOWN
        if column.name in layout.documented
    ]
    columns += [Column(name, "a number or a word", pl.String, _read_words) for name in layout.features]
    rules = [rule for need, some in _RULES.items() if set(need) <= set(layout.documented) for rule in some]
    if campaign is not None:
        if "campaign_id" not in layout.documented:
            raise InputError(
                f"--campaign is {quoted(campaign)}, but the log has no column campaign_id to compare with: "
                "leave --campaign out, or name the column: --column campaign_id=YOURS"
            )
        told = f"{quoted(campaign)}, as --campaign says"
        rules.append(Rule("campaign_id", told, pl.col("campaign_id") != campaign))
    return Table("log", tuple(columns), tuple(rules))


def _read_words(cells: pl.Series) -> Reading:
    words = cells.str.strip_chars()
    words = words.set(words == "", None)
    return words, pl.repeat(False, len(words), dtype=pl.Boolean, eager=True)
