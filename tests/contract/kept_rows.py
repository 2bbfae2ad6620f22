"""What a file of rows holds, read without the package."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from tests.contract.planting import NOTE, Row, meaning


def rows_of(path: Path) -> list[dict[str, object]]:
    """Read a file of good rows without the package."""
    if path.suffix == ".parquet":
        return pl.read_parquet(path).to_dicts()
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.split("\n") if line]
    csv.field_size_limit(1 << 30)
    with path.open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def meant(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Say what good rows mean."""
    return [{name: meaning(name, cell) for name, cell in row.items() if name != NOTE} for row in rows]


def kept_as(path: Path, like: Sequence[Row]) -> list[dict[str, object]]:
    """Say what the kept rows mean, in the columns that the planter knows; no rows need no file."""
    if not like and not path.exists():
        return []
    names = [name for name in like[0] if name != NOTE] if like else []
    return [{name: meaning(name, row[name]) for name in names} for row in rows_of(path)]
