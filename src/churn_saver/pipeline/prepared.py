"""What a recipe is given and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import polars as pl

from churn_saver.adapters.download import Raw
from churn_saver.config import DataSettings
from churn_saver.errors import Fault


@dataclass(frozen=True, slots=True)
class Taken:
    """What was downloaded of one source."""

    set: str
    """Name of the set in sources.yaml."""
    files: tuple[Raw, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data set in its splits, not yet judged and not yet written."""

    splits: Mapping[str, pl.DataFrame]
    form: Literal["parquet", "jsonl"]
    settings: Mapping[str, object]
    """What of data.yaml bears on it."""
    left_out: Mapping[str, int]
    """Rows left out on purpose, by reason."""
    rejects: pl.DataFrame
    """Rows that cannot be used, as they came, with `file`, `line` and `fault`."""
    faults: tuple[Fault, ...]
    """What is wrong with them."""
    checksums: Mapping[str, tuple[str, str]]
    """Contents that are known to the byte: SHA-256 found and wanted, by name."""
    notes: tuple[str, ...] = ()
    """What a reader must know of it, one sentence each."""

    @property
    def whole(self) -> pl.DataFrame:
        """All rows, split by split."""
        return pl.concat(list(self.splits.values()))


Recipe: TypeAlias = Callable[[Mapping[str, Taken], DataSettings], Prepared]
