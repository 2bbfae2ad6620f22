"""Train, validation and test, by a keyed hash, so that nothing leaks from one into another.

A row's split depends on its key alone: it stays where it is when rows are added, taken out or
reordered. For texts the key is the whole web of what belongs together: conversations that share
an id, an opening text or a prompt are joined, so neither an id nor a prompt is ever in two splits.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from churn_saver.domain.draws import chance

SPLITS = ("train", "valid", "test")


def split_of(keys: Sequence[str], seed: int, shares: Mapping[str, float]) -> NDArray[np.int64]:
    """Say to which split each key belongs, as an index of `SPLITS`.

    A key is in test when its draw is below the test share, in valid when it is in the next part.
    The draw is that of the hold-out in `tabular.cross_fit.folds`: with the same seed and share,
    the test split is the hold-out.

    Shapes: (n,) → (n,).

    Args:
        keys: What must not be torn apart.
        seed: Another seed, other splits.
        shares: Of train, valid and test, together 1.
    """
    unique, place = np.unique(np.asarray(keys, dtype=object), return_inverse=True)
    key = str(seed).encode()
    draws = np.array([chance(str(one), key) for one in unique])
    edges = np.array([shares["test"], shares["test"] + shares["valid"]])
    # 0, 1, 2 in the order of the draw: test, valid, train.
    return (2 - np.searchsorted(edges, draws, side="right"))[place]


def webs(ids: pl.Series, roots: pl.Series, prompts: pl.Series) -> list[str]:
    """Give one key to all rows that are joined by an id or by a text, directly or through others.

    A text joins rows as their opening or as their prompt, letter case and spaces folded. The key is the
    least opening text of the web.

    Shapes: (n,), (n,), (n,) → (n,).
    """
    if len(ids) == 0:
        return []
    n = len(ids)
    texts = pl.select(folded(pl.lit(pl.concat([roots.alias(""), prompts.alias("")])))).to_series()
    names = texts.unique().sort()
    place = texts.replace_strict(names, pl.arange(len(names), eager=True)).to_numpy()
    by_id = ids.rank("dense").to_numpy().astype(np.int64) - 1 + len(names)
    size = int(by_id.max()) + 1
    ends = (place, np.concatenate([by_id, by_id]))
    edges = coo_array((np.ones(2 * n, dtype=np.int8), ends), shape=(size, size))
    web = connected_components(edges, directed=False)[1]
    by_root = place[:n]
    least = np.full(size, len(names), dtype=np.int64)
    np.minimum.at(least, web[by_root], by_root)
    keys: list[str] = names[least[web[by_root]]].to_list()
    return keys


def folded(texts: pl.Expr) -> pl.Expr:
    """Give texts as they are compared: letter case and spaces make no difference."""
    return texts.str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


def parts(frame: pl.DataFrame, split: NDArray[np.int64]) -> dict[str, pl.DataFrame]:
    """Cut a frame into its splits, rows in their order."""
    return {name: frame.filter(pl.Series(split == i)) for i, name in enumerate(SPLITS)}
