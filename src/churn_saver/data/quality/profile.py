"""What a table looks like, column by column, small enough to be kept beside it and compared with the next.

Counts in bins, never a value that could tell who somebody is: ids are only counted, texts only
measured, and a word that fewer than `LEAST_ROWS` rows hold counts among the others. Says nothing of
whether a table is good; `quality` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.errors import InputError

Kind: TypeAlias = Literal["number", "words", "text", "id", "other"]
"""number: binned by value. words: counted by word. text: binned by its length in characters.
id: only counted. other (dates, lists): missing or not."""

LEAST_ROWS = 5
"""A word that fewer rows hold could point at a person: it is not named."""
MOST_WORDS = 20
"""Words that are named; the others are counted together."""
_FEW = 50
"""A column of more distinct words is text."""
_LONGEST_WORD = 40
"""Characters; a column with a longer value is text."""
_BINS = 10
_DIGITS = 9
"""Significant digits kept: more than any rule needs, fewer than the order of summing can change."""
_IDS = frozenset(("id", "customerid"))
_TEXTS = frozenset(
    ("name", "first_name", "last_name", "email", "phone", "address", "message", "text", "root", "prompt",
     "response", "chosen", "rejected")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. Counts are of rows whose value is there; k edges or words make k + 1 counts."""

    name: str
    kind: Kind
    dtype: str
    missing: int
    """Null, NaN or infinite."""
    distinct: int | None
    """None where values cannot be compared."""
    least: float | None
    """Of values, or of lengths in characters; None without any, and where there is no order."""
    median: float | None
    mean: float | None
    largest: float | None
    edges: tuple[float, ...]
    """Upper ends of all bins but the last: the deciles, equal ones once, below the largest value."""
    words: tuple[str, ...]
    """The most frequent first."""
    counts: tuple[int, ...]
    """Rows by bin, (edge before, edge]; or by word, and last all other words."""

    @property
    def filled(self) -> int:
        """Count the rows with a value, in columns that are binned."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Profile:
    """A table."""

    rows: int
    columns: tuple[ColumnProfile, ...]

    def to_dict(self) -> dict[str, object]:
        """Give plain values for JSON; columns are a list, so that their order survives."""
        return {"rows": self.rows, "columns": [_plain(column) for column in self.columns]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> "Profile":
        """Read back what `to_dict` gave, also after a journey through JSON.

        Raises:
            InputError: it is no profile, or one of another version.
        """
        try:
            rows, columns = plain["rows"], plain["columns"]
            if not isinstance(rows, int) or not isinstance(columns, list):
                raise TypeError(f"rows is {rows!r}, wanted a number; columns is {type(columns).__name__}")
            return cls(rows, tuple(_column(entry) for entry in columns))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"the profile of the last run cannot be read ({error!r}): another version wrote it. "
                "Prepare the data again: make data.all"
            ) from error


def profile(frame: pl.DataFrame, kinds: Mapping[str, Kind] | None = None) -> Profile:
    """Look at every column.

    Args:
        frame: Any table; it may be empty.
        kinds: What a column is, where its name and type do not tell.
    """
    given = kinds or {}
    counted = [name for name, kind in frame.schema.items() if not (kind.is_nested() or kind.is_numeric())]
    # One query for all columns: counting distinct values is what takes time, and so all cores do it.
    distinct = dict(zip(counted, frame.select(pl.col(counted).drop_nulls().n_unique()).row(0), strict=True)
                    ) if counted else {}  # fmt: skip
    columns = []
    for name in frame.columns:
        n = distinct.get(name)
        columns.append(_look(frame[name], given.get(name) or kind_of(frame[name], n), n))
    return Profile(frame.height, tuple(columns))


def kind_of(column: pl.Series, distinct: int | None = None) -> Kind:
    """Say what a column is, by its name and type; when in doubt, what shows least of it.

    Args:
        column: With its name.
        distinct: How many different values it has, when that is known already.
    """
    name = column.name.lower()
    if name in _IDS or name.endswith("_id"):
        return "id"
    if name in _TEXTS:
        return "text" if column.dtype == pl.String else "other"
    if column.dtype.is_numeric():
        return "number"
    if column.dtype == pl.Boolean:
        return "words"
    if column.dtype != pl.String:
        return "other"
    long = column.str.len_chars().max()
    many = (column.drop_nulls().n_unique() if distinct is None else distinct) > _FEW
    return "text" if many or (isinstance(long, int) and long > _LONGEST_WORD) else "words"


def binned(column: pl.Series, like: ColumnProfile) -> tuple[tuple[int, ...], int]:
    """Count a column in the bins of another, and what is missing.

    Raises:
        InputError: the column cannot be read as the kind that the other one is.
    """
    if like.kind == "words":
        words, missing = _as_words(column)
        found = dict(words.value_counts().iter_rows())
        named = [int(found.get(word, 0)) for word in like.words]
        return (*named, len(words) - sum(named)), missing
    if like.kind in ("number", "text"):
        values, missing = _as_numbers(column, like.kind)
        return _counted(values, like.edges), missing
    return (), column.null_count()


def _look(column: pl.Series, kind: Kind, distinct: int | None) -> ColumnProfile:
    name, dtype = column.name, str(column.dtype)
    if distinct is None and column.dtype.is_numeric() and kind != "number":
        distinct = column.drop_nulls().n_unique()
    if kind == "words":
        words, missing = _as_words(column)
        named, counts = _most_frequent(words)
        return ColumnProfile(name, kind, dtype, missing, distinct, None, None, None, None, (), named, counts)
    if kind not in ("number", "text"):
        return ColumnProfile(
            name, kind, dtype, column.null_count(), distinct, None, None, None, None, (), (), ()
        )
    values, missing = _as_numbers(column, kind)
    if len(values) == 0:
        return ColumnProfile(name, kind, dtype, missing, 0, None, None, None, None, (), (), (0,))
    values.sort()
    if kind == "number":
        distinct = 1 + int(np.count_nonzero(np.diff(values)))
    deciles = values[-(np.arange(-1, -_BINS, -1) * len(values) // _BINS) - 1]
    largest = float(values[-1])
    edges = tuple(sorted({rounded(edge) for edge in deciles.tolist() if rounded(edge) < largest}))
    return ColumnProfile(
        name, kind, dtype, missing, distinct, rounded(float(values[0])), rounded(float(np.median(values))),
        rounded(float(values.mean())), rounded(largest), edges, (), _counted(values, edges),
    )  # fmt: skip


def _as_numbers(column: pl.Series, kind: Kind) -> tuple[NDArray[np.float64], int]:
    """Give values, or lengths of texts, that are there and finite, and how many are not."""
    if kind == "text":
        if column.dtype not in (pl.String, pl.Null):
            raise InputError(f"column {column.name!r} holds {column.dtype}, wanted texts")
        column = column.cast(pl.String).str.len_chars()
    elif not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)):
        raise InputError(f"column {column.name!r} holds {column.dtype}, wanted numbers")
    there = column.cast(pl.Float64).drop_nulls()
    values = there.filter(there.is_finite()).to_numpy(writable=True)
    return values, len(column) - len(values)


def _as_words(column: pl.Series) -> tuple[pl.Series, int]:
    if column.dtype.is_nested():
        raise InputError(f"column {column.name!r} holds {column.dtype}, wanted words")
    words = column.cast(pl.String).drop_nulls()
    return words, len(column) - len(words)


def _most_frequent(words: pl.Series) -> tuple[tuple[str, ...], tuple[int, ...]]:
    found = sorted(words.value_counts().iter_rows(), key=lambda entry: (-entry[1], entry[0]))
    named = [(word, n) for word, n in found if n >= LEAST_ROWS][:MOST_WORDS]
    counts = [n for _, n in named]
    return tuple(word for word, _ in named), (*counts, len(words) - sum(counts))


def _counted(values: NDArray[np.float64], edges: Sequence[float]) -> tuple[int, ...]:
    """Count values in (−∞, e₁], (e₁, e₂], …, (e_k, ∞)."""
    bins = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="left")
    return tuple(np.bincount(bins, minlength=len(edges) + 1).tolist())


def rounded(value: float) -> float:
    """Keep as many digits as a rule needs; the same rows in another order then give the same figure."""
    return float(f"{value:.{_DIGITS}g}")


def _plain(column: ColumnProfile) -> dict[str, object]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(column).items()}


def _column(plain: Mapping[str, object]) -> ColumnProfile:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    column = ColumnProfile(**values)  # type: ignore[arg-type]
    bins = {"words": len(column.words) + 1, "number": len(column.edges) + 1, "text": len(column.edges) + 1}
    if len(column.counts) != bins.get(column.kind, 0):
        raise ValueError(f"column {column.name!r} has {len(column.counts)} counts")
    return column
