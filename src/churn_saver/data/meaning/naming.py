"""Which column of a file is meant by which canonical name.

Names agree when `domain.customer.column_key` folds them to the same; what the caller maps goes
before that. Two columns that mean the same are refused, never silently chosen between.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from shlex import quote
from textwrap import wrap

from churn_saver.data.meaning.columns import Column
from churn_saver.domain.customer import column_key
from churn_saver.errors import Fault, InputError, TableError, listed, quoted, shown

_ELSEWHERE = {"|": "'|'", ":": "':'", " ": "blanks", "/": "'/'", "\\": "a backslash", "^": "'^'", "~": "'~'"}
"""What separates cells in files that are not for us."""
_SEPARATORS = "comma, semicolon or tab"
_LINE, _NAME = 100, 40
"""Characters of a line of known names, and of a name that is worth to be typed again."""


def places(
    header: Sequence[str], header_line: int, file: str, columns: Sequence[Column], mapping: Mapping[str, str]
) -> dict[str, int]:
    """Find the canonical columns in a header.

    Args:
        header: Names in the file.
        header_line: Its line, for faults.
        file: Name of the file, for faults.
        columns: Canonical columns.
        mapping: Canonical name, or an alias of it → the file's own name.

    Returns:
        Canonical name → index in the header; an optional column that is absent is left out.

    Raises:
        TableError: a required column is missing, or two columns mean the same; names all of them.
        InputError: the mapping names a column that the table or the file does not have.
    """
    found = {canonical(name, columns): _place(theirs, header, file) for name, theirs in mapping.items()}
    faults = []
    free = [i for i in range(len(header)) if i not in set(found.values())]
    for column in columns:
        if column.name in found:
            continue
        same = [i for i in free if column_key(header[i]) in _keys(column)]
        if same:
            found[column.name] = same[0]
        if len(same) > 1:
            wanted = f"one column for {column.name}: {quoted(header[same[0]])} means the same"
            faults += [Fault(file, header_line, header[i], "a second column", wanted) for i in same[1:]]
    absent = [column for column in columns if column.required and column.name not in found]
    faults += [Fault(file, header_line, column.name, "absent", column.wanted) for column in absent]
    if faults:
        unused = [header[i] for i in free if i not in set(found.values())]
        raise TableError(faults, _next_step(header, unused, absent, columns))
    return found


def meaning(theirs: str, columns: Sequence[Column]) -> str | None:
    """Give the canonical name that a file's own name agrees with, if any."""
    return next((column.name for column in columns if column_key(theirs) in _keys(column)), None)


def canonical(name: str, columns: Sequence[Column]) -> str:
    """Give the canonical name of a column that a mapping speaks of.

    Raises:
        InputError: there is no such column.
    """
    found = meaning(name, columns)
    if found is None:
        known = "\n".join(wrap(", ".join(column.name for column in columns), _LINE))
        raise InputError(f"the mapping names {quoted(name)}, wanted one of: {known}")
    return found


def _keys(column: Column) -> set[str]:
    return {column_key(name) for name in (column.name, *column.aliases)}


def _place(theirs: str, header: Sequence[str], file: str) -> int:
    exact = [i for i, name in enumerate(header) if name == theirs]
    same = exact or [i for i, name in enumerate(header) if column_key(name) == column_key(theirs)]
    if len(same) == 1:
        return same[0]
    number = "no column" if not same else f"{len(same)} columns"
    wanted = f"wanted exactly one of: {listed(header, _NAME * 2)}"
    raise InputError(f"{shown(file, _NAME * 2)} has {number} {quoted(theirs)} to map, {wanted}")


def _next_step(
    header: Sequence[str], unused: Sequence[str], absent: Sequence[Column], columns: Sequence[Column]
) -> str:
    steps = [f"Columns found: {listed(header)}."]
    other = _other_separator(header[0], columns) if len(header) == 1 else None
    if other is not None:
        steps.append(f"The separator seems to be {other}, wanted {_SEPARATORS}: write the table with one.")
        return "\n".join(steps)
    if len(header) == 1:
        steps.append(f"Only one was found: is the separator another than {_SEPARATORS}?")
    if absent:
        left = list(unused)
        lines = ["If one of them is meant, say so:"]
        for column in absent:
            near = _nearest(column.name, left)
            left = [name for name in left if name != near]
            more = f" --map {column.name}={_typed_again(near)}"
            lines[-1:] = [lines[-1] + more] if len(lines[-1] + more) <= _LINE * 2 else [lines[-1], more]
        steps += lines
    else:
        steps.append("Take one of the two out, or choose with --map NAME=YOURS.")
    return "\n".join(steps)


def _other_separator(only: str, columns: Sequence[Column]) -> str | None:
    """Say by what else a header of one name seems to be separated, if two of its parts are names we know."""
    for separator, called in _ELSEWHERE.items():
        parts = only.split(separator)
        if len(parts) > 1 and sum(meaning(part, columns) is not None for part in parts) > 1:
            return called
    return None


def _typed_again(near: str | None) -> str:
    """Give a name as a shell takes it, if it can be typed at all."""
    return quote(near) if near and len(near) <= _NAME and near.isprintable() else "YOUR_NAME"


def _nearest(canonical: str, names: Sequence[str]) -> str | None:
    """Give the name that is part of the canonical one, else the one that looks most like it."""
    parts = [name for name in names if column_key(name) and column_key(name) in column_key(canonical)]
    return next(iter(parts or get_close_matches(canonical, names, n=1, cutoff=0.4)), None)
