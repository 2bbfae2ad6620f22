"""Do today's inputs and scores still look as those of the reference: a verdict for each column.

A column has moved when it is both far away and sure: its population stability index passes a limit
and its test rejects, after care for the number of columns. Either alone says little: among a
million rows every difference is sure, and among a hundred any PSI is large. Columns of the same rows
depend on each other in ways nobody knows, so the p-values are adjusted after Benjamini and
Yekutieli: two samples of one population raise an alarm at most in a share `alpha` of all looks,
whatever the dependence. That holds for one look; who looks daily has so many chances.

Bins of the PSI come from the reference: for numbers its deciles, equal ones once; for words those
of at least `LEAST_SHARE` of its rows, all others and new ones together. Missing values are a bin of
their own. A column of numbers with few different values is compared as words. Which columns matter,
and what to do about a move, it does not know.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.domain.stability_index import psi, psi_by_chance
from churn_saver.errors import InputError, listed, quoted
from churn_saver.evidence.simultaneous import adjusted
from churn_saver.evidence.stability import Compared, chi_square, kolmogorov_smirnov

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["number", "words"]
Verdict: TypeAlias = Literal["steady", "slight", "moved", "cannot tell"]
"""steady: not sure to be another law. slight: sure, and too little to matter. moved: far and sure.
cannot tell: not sure, and so few rows that chance alone passes the limit of the PSI."""

BINS = 10
LEAST_SHARE = 0.01
CHANCE = 0.05
"""With fewer rows than keep the PSI of one law below its limit but for this chance: cannot tell."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is called a move."""

    psi: float = 0.1
    """The customary limit of a move worth a look; 0.25 is the one of a large move."""
    alpha: float = 0.01
    """Largest chance of any alarm where nothing moved."""

    def __post_init__(self) -> None:
        """Refuse limits that always or never hold."""
        if not (self.psi > 0 and 0 < self.alpha < 1):
            raise InputError(
                f"limits are psi {self.psi} and alpha {self.alpha}, wanted above 0 and in (0, 1)"
            )


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column, reference against current."""

    column: str
    kind: Kind
    """number: tested after Kolmogorov and Smirnov. words: chi-square."""
    missing_reference: float
    """Share of the rows."""
    missing_current: float
    psi: float
    psi_by_chance: float
    """Passed by two samples of one law with chance `CHANCE`."""
    effect: float
    """Largest distance of the two distribution functions, or Cramér's V."""
    p: float
    p_adjusted: float
    """Over all columns of this look."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Drift:
    """One look at all columns."""

    rows_reference: int
    rows_current: int
    columns: tuple[ColumnDrift, ...]
    """In the order of the reference."""
    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[str, ...]
    """Hold another kind of value now: numbers that were words, say."""

    @property
    def moved(self) -> tuple[str, ...]:
        """Name the columns that are far away, and surely so."""
        return tuple(one.column for one in self.columns if one.verdict == "moved")

    @property
    def alarms(self) -> bool:
        """Tell whether somebody has to look: a column moved, went or holds another kind of value."""
        return bool(self.moved or self.went or self.changed)


def drift(reference: pl.DataFrame, current: pl.DataFrame, limits: Limits | None = None) -> Drift:
    """Compare every column that both tables have.

    Args:
        reference: One row a customer: what the models learned from, or an earlier time.
        current: The same columns, today. Customers who are in both only make the tests more careful.
        limits: What is called a move; None: the customary ones.

    Raises:
        InputError: a table without rows, an infinite number, or a column that holds neither
            numbers, words nor truth values.
    """
    limits = limits or Limits()
    if not reference.height or not current.height:
        raise InputError(
            f"reference has {reference.height:,} rows and current {current.height:,}, wanted some of both: "
            f"wait for more decisions"
        )
    shared = [name for name in reference.columns if name in current.columns]
    changed = [name for name in shared if _is_another(reference[name], current[name])]
    pairs = [(reference[name], current[name]) for name in shared if name not in changed]
    looks = [_look(old, new) for old, new in pairs]
    sure = adjusted(np.array([look.test.p for look in looks]), "yekutieli")
    return Drift(
        reference.height,
        current.height,
        tuple(_told(look, p, limits) for look, p in zip(looks, sure.tolist(), strict=True)),
        tuple(name for name in current.columns if name not in reference.columns),
        tuple(name for name in reference.columns if name not in current.columns),
        tuple(changed),
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One column before the other columns are known."""

    column: str
    kind: Kind
    missing: tuple[float, float]
    psi: float
    by_chance: float
    test: Compared


def _look(old: pl.Series, new: pl.Series) -> _Look:
    if _holds(old) == "number":
        before, now = _numbers(old), _numbers(new)
        filled = before[~np.isnan(before)]
        missing = (float(np.isnan(before).mean()), float(np.isnan(now).mean()))
        if len(np.unique(filled)) > BINS:
            edges = np.unique(np.quantile(filled, np.arange(1, BINS) / BINS, method="inverted_cdf"))
            counts = [_binned(values, edges) for values in (before, now)]
            test = kolmogorov_smirnov(before, now)
            return _Look(old.name, "number", missing, *_moved(counts[0], counts[1]), test)
        old, new = old.cast(pl.Float64).fill_nan(None), new.cast(pl.Float64).fill_nan(None)
    missing = (old.null_count() / len(old), new.null_count() / len(new))
    words = _words(old, new)
    test = chi_square(words[0], words[1])
    # The reference alone decides the bins, or the words of one day would decide how it is judged.
    rare = words[0] < LEAST_SHARE * len(old)
    rare[-1] = False
    binned = [np.append(side[~rare], side[rare].sum()) for side in words]
    return _Look(old.name, "words", missing, *_moved(binned[0], binned[1]), test)


def _told(look: _Look, p_adjusted: float, limits: Limits) -> ColumnDrift:
    verdict: Verdict = "steady"
    if p_adjusted <= limits.alpha:
        verdict = "moved" if look.psi > limits.psi else "slight"
    elif look.by_chance > limits.psi:
        verdict = "cannot tell"
    return ColumnDrift(
        look.column, look.kind, *look.missing, look.psi, look.by_chance, look.test.effect, look.test.p,
        p_adjusted, verdict,
    )  # fmt: skip


def _moved(before: Floats, now: Floats) -> tuple[float, float]:
    """Give the PSI of the bins, and what chance brings."""
    return psi(before, now), psi_by_chance(before, now, CHANCE)


def _binned(values: Floats, edges: Floats) -> Floats:
    """Count by bin, (edge before, edge], and last the missing."""
    there = values[~np.isnan(values)]
    places = np.searchsorted(edges, there, side="left")
    counts = np.bincount(places, minlength=len(edges) + 1).astype(np.float64)
    return np.append(counts, len(values) - len(there))


def _words(old: pl.Series, new: pl.Series) -> Floats:
    """Count each word, in their order, and last the missing, (2, words + 1)."""
    kind = pl.Float64 if old.dtype.is_numeric() else pl.String
    both = pl.concat([
        pl.DataFrame({"word": one.cast(kind)}).with_columns(pl.lit(side).alias("new"))
        for side, one in ((0, old), (1, new))
    ])  # fmt: skip
    found = both.group_by("word").agg(pl.len(), pl.col("new").sum()).sort("word", nulls_last=True)
    now = found["new"].to_numpy().astype(np.float64)
    counts = np.array([found["len"].to_numpy() - now, now])
    return counts if found["word"].null_count() else np.column_stack([counts, [0.0, 0.0]])


def _numbers(column: pl.Series) -> Floats:
    values = column.cast(pl.Float64).to_numpy()
    wrong = np.flatnonzero(np.isinf(values))
    if len(wrong):
        raise InputError(
            f"row {int(wrong[0])} of column {quoted(column.name)} is {values[wrong[0]]}, wanted a finite "
            f"number or none: mend the column"
        )
    return values


def _is_another(old: pl.Series, new: pl.Series) -> bool:
    """Tell whether a column can no longer be compared; without a value there is nothing to tell."""
    before, now = _holds(old), _holds(new)
    return before is not None and now is not None and before != now


def _holds(column: pl.Series) -> Kind | None:
    """Say what a column holds; None: nothing at all."""
    if column.null_count() == len(column):
        return None
    if column.dtype.is_numeric():
        return "number"
    if column.dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum):
        return "words"
    raise InputError(
        f"column {quoted(column.name)} holds {listed([str(column.dtype)])}, wanted numbers, words or truth "
        f"values: leave it out, or hand in a number made of it"
    )
