"""Is a data set what it should be: all checks of its splits, rows and values, and against the last run.

Pure: says what it found, and where. Writing it down, and stopping, is the caller's.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from churn_saver.data.quality.drift import drift
from churn_saver.data.quality.profile import Profile
from churn_saver.data.quality.row_checks import row_checks
from churn_saver.data.quality.split_checks import countable, split_checks
from churn_saver.data.quality.stacked import ROW, SPLIT, stacked
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.errors import InputError

_SMALL = 0.001
"""PSI that is not worth a name."""
COLUMNS_AS_BEFORE, SPREAD_AS_BEFORE = (
    "Same columns as in the last run",
    "Values are spread as in the last run",
)
AGAINST_LAST = (COLUMNS_AS_BEFORE, SPREAD_AS_BEFORE)
"""Names of the checks that compare with the last run."""
_SAME_COLUMNS = "All splits have the same columns"


def examine(
    splits: Mapping[str, pl.DataFrame],
    wanted: Wanted,
    last: Profile | None = None,
    handed_in: Sequence[Check] = (),
) -> tuple[Check, ...]:
    """Check a data set.

    Args:
        splits: By name, in their order; a table that is not split is one split, `table`.
        wanted: Of this data set.
        last: Of all rows together, as the last run left it; None: there was none.
        handed_in: Checks made where the bytes are, such as `checksum`; they come last.

    Raises:
        InputError: there is no split, or a column has a name that the checks use themselves.
    """
    if not splits:
        raise InputError("there is no split to check, wanted at least one")
    for name, frame in splits.items():
        if {SPLIT, ROW} & set(frame.columns):
            raise InputError(f"{name} has a column {SPLIT!r} or {ROW!r}: rename it, the checks use the name")
    rows = stacked(splits)
    checks = [*_columns(splits, wanted), *split_checks(splits, rows, wanted), *row_checks(rows, wanted)]
    if last is not None:
        checks += _against(last, rows.drop(SPLIT, ROW), wanted)
    return (*checks, *handed_in)


def checksum(file: str, found: str, wanted: str | None) -> Check:
    """Compare the SHA-256 of a file with the one on record.

    Args:
        file: Name of the file.
        found: What its bytes give.
        wanted: What is on record; None: this is the first time the file is seen.
    """
    if wanted is None:
        return Check(f"SHA-256 of {file} is on record", False, found, "a recorded one", (), "note")
    return Check(f"SHA-256 of {file} is the one on record", found == wanted, found, wanted)


def _columns(splits: Mapping[str, pl.DataFrame], wanted: Wanted) -> list[Check]:
    """Check that nothing is missing that other checks need, so that none is passed over silently."""
    first = next(iter(splits.values()))
    others = [name for name, frame in splits.items() if frame.schema != first.schema]
    named = [wanted.id_column, wanted.prompt, wanted.label, *wanted.texts, *(wanted.preference or ())]
    absent = sorted({name for name in named if name is not None and name not in first.columns})
    found = [f"{name} differs from {next(iter(splits))}" for name in others]
    found += [f"{name} is absent" for name in absent]
    texts = {name for name in (wanted.prompt, *wanted.texts, *(wanted.preference or ())) if name is not None}
    found += [
        f"{name} holds {first.schema[name]}, not texts"
        for name in sorted(texts)
        if first.schema.get(name, pl.String) != pl.String
    ]
    if wanted.label in first.columns and not countable(first, wanted.label):
        found.append(f"{wanted.label} holds {first.schema[wanted.label]}, not 0 and 1")
    what = _SAME_COLUMNS if len(splits) > 1 else "The table has the columns it needs"
    needed = ", ".join(dict.fromkeys(name for name in named if name is not None))
    return [Check(what, not found, "; ".join(found) or f"{first.width} columns",
                  f"{needed} among them" if needed else "any")]  # fmt: skip


def _against(last: Profile, frame: pl.DataFrame, wanted: Wanted) -> list[Check]:
    """Compare with the last run; small tables are given what chance alone would bring."""
    moved = drift(last, frame)
    other = [f"{name} came" for name in moved.came] + [f"{name} went" for name in moved.went]
    other += [f"{name} holds another type" for name in moved.changed]
    far = sorted(
        ((move.psi, name) for name, move in moved.moves.items()
         if move.psi > wanted.psi_note and not move.is_chance),
        reverse=True,
    )  # fmt: skip
    largest, name = max(((move.psi, name) for name, move in moved.moves.items()), default=(0.0, ""))
    found = f"largest PSI: {name} {largest:.3f}" if largest >= _SMALL else f"PSI below {_SMALL} everywhere"
    fails = bool(far) and far[0][0] > wanted.psi_fail
    return [
        Check(COLUMNS_AS_BEFORE, not other, ", ".join(other) or "the same", "the same", (),
              "fail" if moved.changed else "note"),
        Check(SPREAD_AS_BEFORE, not far, found,
              f"PSI at most {wanted.psi_note:g}; above {wanted.psi_fail:g} it fails",
              tuple(f"{name} {psi:.3f}" for psi, name in far[:10]), "fail" if fails else "note"),
    ]  # fmt: skip
