"""Preference pairs of several sources in one frame, each source with its share.

Pairs are handed out one by one, each time by the source that is furthest behind its share: its next
pair, the (i + 1)th, has the smallest (i + ½)/share (the method of Webster and Sainte-Laguë). A source
that has no more drops out and the others go on in proportion. Which pairs of a source come first is
said by a hash of their texts with the seed as key. So the order of rows plays no part, and a smaller
mixture is the beginning of a larger one.
"""

import math
from collections.abc import Mapping

import polars as pl

from churn_saver.data.texts.gathering import PREFERENCE_COLUMNS
from churn_saver.data.texts.preference_pairs import pair_key
from churn_saver.errors import InputError

SOURCE = "source"
_KEY, _PLACE, _TURN = "key", "place", "turn"


def mixed(
    parts: Mapping[str, pl.DataFrame], shares: Mapping[str, float], total: int, seed: int
) -> pl.DataFrame:
    """Mix pairs of several sources.

    A pair that several sources have is the one's whose name comes first in the alphabet.

    Args:
        parts: Source → frame with `PREFERENCE_COLUMNS`.
        shares: Source → its part of the whole, in any unit; 0 takes none.
        total: How many pairs; fewer when there are no more.
        seed: Another seed, other pairs.

    Returns:
        `source` and `PREFERENCE_COLUMNS`, at most `total` rows.

    Raises:
        InputError: shares and parts name other sources, a share is negative or no number, all are 0, or
            total is negative.
    """
    _check(parts, shares, total)
    key = str(seed).encode()
    # Only keys and places are sorted: the texts may be some hundred MB.
    places = pl.concat(_places(parts[name], name, key) for name in sorted(parts) if shares[name] > 0)
    distinct = places.sort(_KEY, SOURCE, "conversation_id").unique(_KEY, keep="first", maintain_order=True)
    share = pl.col(SOURCE).replace_strict(dict(shares), return_dtype=pl.Float64)
    behind = (pl.int_range(pl.len()).over(SOURCE) + 0.5) / share
    taken = distinct.sort(behind, SOURCE).head(total).with_row_index(_TURN)
    rows = [_rows(parts[name], name, turns) for (name,), turns in taken.group_by(SOURCE)]
    empty = pl.DataFrame(schema=dict.fromkeys((SOURCE, *PREFERENCE_COLUMNS), pl.String))
    return pl.concat(rows).sort(_TURN).drop(_TURN) if rows else empty


def _places(part: pl.DataFrame, name: str, key: bytes) -> pl.DataFrame:
    pairs = zip(part["prompt"], part["chosen"], part["rejected"], strict=True)
    return part.select(
        pl.lit(name).alias(SOURCE),
        "conversation_id",
        pl.Series(_KEY, [pair_key(*pair, key) for pair in pairs], pl.Binary),
        pl.int_range(pl.len()).alias(_PLACE),
    )


def _rows(part: pl.DataFrame, name: str, turns: pl.DataFrame) -> pl.DataFrame:
    return part[turns[_PLACE]].select(pl.lit(name).alias(SOURCE), *PREFERENCE_COLUMNS, turns[_TURN])


def _check(parts: Mapping[str, pl.DataFrame], shares: Mapping[str, float], total: int) -> None:
    if set(parts) != set(shares):
        raise InputError(
            f"the shares name {sorted(shares)}, wanted the sources {sorted(parts)}: give each its share"
        )
    for name, share in shares.items():
        if not 0 <= share < math.inf:
            raise InputError(f"the share of {name} is {share}, wanted 0 or more")
    if not any(shares.values()):
        raise InputError("no source has a share above 0: give at least one of them a share")
    if total < 0:
        raise InputError(f"total is {total}, wanted 0 pairs or more")
