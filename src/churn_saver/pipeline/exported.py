"""Rows on their way out of the books: what is taken, and what is left out, each row for one reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError
from churn_saver.evidence.logged import Flags, Whole

LeftOut: TypeAlias = tuple[tuple[str, int], ...]
"""Why, and how many."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A table that came out of the books."""

    frame: pl.DataFrame
    left_out: LeftOut
    notes: tuple[str, ...]
    """What a reader of the table must know."""


def sifted(name: str, what: str, reasons: Sequence[tuple[str, Flags]]) -> tuple[Whole, LeftOut]:
    """Leave rows out, each under the first reason that holds.

    Shapes: each reason (n,) → numbers of the rows that stay, rising.

    Args:
        name: Of the campaign.
        what: One of the rows, in words.
        reasons: Why, and for which rows.

    Raises:
        InputError: no row stays; says why.
    """
    stays = np.ones(len(reasons[0][1]), dtype=np.bool_)
    left_out = []
    for why, holds in reasons:
        here = int((stays & holds).sum())
        stays &= ~holds
        if here:
            left_out.append((why, here))
    if not stays.any():
        told = "; ".join(f"{count:,} {why}" for why, count in left_out) or "it has no decision"
        raise InputError(
            f"campaign {name!r} has no {what} to write, wanted one at least: {told}. Book outcomes, or wait"
        )
    return np.flatnonzero(stays), tuple(left_out)


def erased(book: Logbook) -> Flags:
    """Say which decisions are of customers who were erased, (n,)."""
    return np.fromiter((one is None for one in book.features), np.bool_, len(book))


def instants(moments: NDArray[np.datetime64]) -> pl.Series:
    """Give moments as a column of a table, in UTC."""
    return pl.Series(moments.astype("datetime64[us]")).dt.replace_time_zone("UTC")
