"""Checks of rows and values: repeated ids, look-alikes, missing values, texts and preferences.

Reports; it mends nothing and drops nothing.
"""

import polars as pl

from churn_saver.data.quality.stacked import ROW, SPLIT, places_of
from churn_saver.data.quality.wanted import Check, Wanted, between, percent


def row_checks(rows: pl.DataFrame, wanted: Wanted) -> list[Check]:
    """Give the checks of single rows and columns.

    Args:
        rows: From `stacked`.
        wanted: Of this data set.
    """
    checks = []
    texts = [name for name in wanted.texts if rows.schema.get(name) == pl.String]
    if wanted.unique_ids and wanted.id_column is not None and wanted.id_column in rows.columns:
        checks.append(_unique(rows, wanted.id_column))
    checks.append(_missing(rows, wanted))
    if texts:
        checks += [_blank(rows, texts), _repeated(rows, texts, wanted.repeated)]
        if wanted.longest_text is not None:
            checks.append(_long(rows, texts, wanted.longest_text))
    else:
        checks.append(_look_alikes(rows, wanted.id_column))
    checks.append(_constant(rows))
    if wanted.preference is not None and all(
        rows.schema.get(name) == pl.String for name in wanted.preference
    ):
        checks += _preferences(rows, *wanted.preference, wanted.better_longer)
    return checks


def _unique(rows: pl.DataFrame, id_column: str) -> Check:
    again = rows.select(id_column, SPLIT, ROW).drop_nulls(id_column)
    again = again.filter(~pl.col(id_column).is_first_distinct())
    name = f"One row for each {id_column}"
    return Check(name, again.height == 0, f"{again.height:,} more", "0 more", places_of(again, id_column))


def _missing(rows: pl.DataFrame, wanted: Wanted) -> Check:
    """Check all columns at once; the rows are those of the column that misses its limit most."""
    names = [name for name in rows.columns if name not in (SPLIT, ROW)]
    gaps = {name: gap for name, gap in zip(names, _gaps(rows, names), strict=True) if gap}
    limits = {name: wanted.missing.get(name, wanted.missing_elsewhere) for name in names}
    over = {name: gap / rows.height - limits[name] for name, gap in gaps.items()}
    worst = max(over, key=lambda name: over[name], default=None)
    where: tuple[str, ...] = ()
    if worst is not None and over[worst] > 0:
        id_column = wanted.id_column if wanted.unique_ids and worst != wanted.id_column else None
        where = tuple(
            f"{place}: {worst}" for place in places_of(rows.filter(_is_missing(rows, worst)), id_column)
        )
    found = ", ".join(f"{name} {percent(gap / rows.height)}" for name, gap in gaps.items()) or "none"
    allowed = [f"{name} {percent(share, 0)}" for name, share in wanted.missing.items() if name in names]
    elsewhere = f"{'at most ' if wanted.missing_elsewhere else ''}{percent(wanted.missing_elsewhere, 0)}"
    limit = f"{'at most ' + ', '.join(allowed) + '; elsewhere ' if allowed else ''}{elsewhere}"
    return Check("Values are missing only where they may", not where, found, limit, where)


def _gaps(rows: pl.DataFrame, names: list[str]) -> tuple[int, ...]:
    if not names:
        return ()
    return rows.select(_is_missing(rows, name).sum().alias(name) for name in names).row(0)


def _is_missing(rows: pl.DataFrame, name: str) -> pl.Expr:
    column = pl.col(name)
    return column.is_null() | (column.is_finite().not_()) if rows[name].dtype.is_float() else column.is_null()


def _look_alikes(rows: pl.DataFrame, id_column: str | None) -> Check:
    """Count rows that repeat another but for the id: often real, like two new customers of one plan."""
    told = [name for name in rows.columns if name not in (SPLIT, ROW, id_column)]
    again = rows.clear()
    if told:
        again = rows.select(SPLIT, ROW, pl.struct(told).hash().alias("(hash)"))
        again = again.filter(~pl.col("(hash)").is_first_distinct())
    found = _rows(again.height)
    return Check("No row repeats another but for the id", again.height == 0, found, "0; none is dropped",
                 places_of(again), "note")  # fmt: skip


def _constant(rows: pl.DataFrame) -> Check:
    names = [name for name, kind in rows.schema.items() if name not in (SPLIT, ROW) and not kind.is_nested()]
    flat = []
    if rows.height > 1 and names:
        same = rows.select(pl.col(name).eq_missing(pl.col(name).first()).all() for name in names).row(0)
        flat = [name for name, is_same in zip(names, same, strict=True) if is_same]
    return Check("No column holds one value only", not flat, ", ".join(flat) or "none", "none", (), "note")


def _blank(rows: pl.DataFrame, texts: list[str]) -> Check:
    blank = pl.any_horizontal(
        pl.col(name).is_null() | (pl.col(name).str.strip_chars() == "") for name in texts
    )
    found = rows.filter(blank)
    return Check("No text is blank", found.height == 0, _rows(found.height), "0 rows", places_of(found))


def _long(rows: pl.DataFrame, texts: list[str], longest: int) -> Check:
    lengths = rows.select(SPLIT, ROW, *(pl.col(name).str.len_chars().fill_null(0) for name in texts))
    over = lengths.filter(pl.any_horizontal(pl.col(name) > longest for name in texts))
    most = max((int(lengths[name].max() or 0) for name in texts), default=0)  # type: ignore[arg-type]
    return Check("No text is longer than wanted", over.height == 0, f"{most:,} characters at most",
                 f"at most {longest:,}", places_of(over))  # fmt: skip


def _repeated(rows: pl.DataFrame, texts: list[str], most: float) -> Check:
    """Count rows whose texts all stand in an earlier row; split by prompt, they stay on one side."""
    again = rows.select(SPLIT, ROW, pl.struct(texts).hash().alias("(hash)"))
    again = again.filter(~pl.col("(hash)").is_first_distinct())
    share = again.height / max(rows.height, 1)
    passed = share <= most
    found = f"{_rows(again.height)}, {percent(share, 2)}"
    return Check("Texts do not repeat an earlier row", passed, found, f"at most {percent(most, 2)}",
                 () if passed else places_of(again))  # fmt: skip


def _preferences(rows: pl.DataFrame, better: str, worse: str, wanted: tuple[float, float]) -> list[Check]:
    same = rows.filter(pl.col(better).str.strip_chars() == pl.col(worse).str.strip_chars())
    longer = pl.col(better).str.len_chars().cast(pl.Int64) - pl.col(worse).str.len_chars().cast(pl.Int64)
    difference = rows.select(longer.alias("d"))["d"].drop_nulls()
    decided = int((difference != 0).sum())
    share = int((difference > 0).sum()) / decided if decided else None
    low, high = wanted
    name = f"The {better} text is not just the longer one"
    found = "no pairs" if share is None else f"longer in {percent(share)} of pairs"
    differ = f"{better} and {worse} are different texts"
    return [
        Check(differ, same.height == 0, f"{same.height:,} equal", "0 equal", places_of(same)),
        Check(name, share is None or low <= share <= high, found, between(low, high), (), "note"),
    ]


def _rows(n: int) -> str:
    return f"{n:,} row{'' if n == 1 else 's'}"
