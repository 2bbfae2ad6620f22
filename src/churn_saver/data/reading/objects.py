"""A stream of JSON objects, one a line → grids, a piece at a time.

A key is a column. Since no line lists all of them, the names are those of the first lines; a key
that comes later is taken in when its column has none yet, and is a fault of its line when it has.
Knows nothing of what a cell may hold, but remembers which ones were no text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import orjson
import polars as pl

from churn_saver.data.meaning.columns import Column
from churn_saver.data.meaning.naming import canonical, meaning, places
from churn_saver.data.reading.feed import Feed
from churn_saver.data.reading.grid import Grid, Trouble, refused
from churn_saver.data.reading.records import MOST_KEPT
from churn_saver.data.reading.strict_json import (
    Json,
    Unusable,
    no_key_twice,
    quickly,
    sure_object,
    too_long,
)
from churn_saver.errors import quoted

_NAMING_LINES = 1_000
_ONE_A_LINE = 'one JSON object a line, such as {"name": "value"}'
_WRITE_LINES = "Write one object a line, with nothing around or between them; a CSV must be named .csv."
_MOST_IGNORED = 1_000
_INEXACT = 2.0**53
_MOST_KNOWN = 100_000


@dataclass(slots=True)
class Keys:
    """What each key of a file means."""

    columns: Sequence[Column]
    """Those that the caller did not map: a key means one of them by its name."""
    own: dict[str, str] = field(default_factory=dict)
    """Canonical name → the file's key."""
    ignored: dict[str, None] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    """Keys of which a line may have any."""

    def second(self, key: str) -> str | None:
        """Take in a key; give the canonical name when another key of the file means the same."""
        name = meaning(key, self.columns)
        if name is not None and self.own.get(name, key) != key:
            return name
        if name is not None:
            self.own[name] = key
        elif len(self.ignored) < _MOST_IGNORED:
            self.ignored[key] = None
        if len(self.known) < _MOST_KNOWN:
            self.known.add(key)
        return None


def is_objects(head: bytes, file: str) -> bool:
    """Tell a file of JSON objects by its name or its first bytes."""
    plain = file.lower().removesuffix(".gz")
    return plain.endswith((".jsonl", ".ndjson", ".json")) or head.lstrip().startswith(b"{")


def keys_of(feed: Feed, columns: Sequence[Column], mapping: Mapping[str, str]) -> Keys:
    """Find the columns by the keys of the first lines.

    Raises:
        TableError: no text or empty, or a required column is in none of the first lines.
        InputError: the mapping names a column or a key that is not there.
    """
    mapped = {canonical(name, columns) for name in mapping}
    keys = Keys([column for column in columns if column.name not in mapped])
    first: dict[tuple[str | None, str], str] = {}
    """Meaning → key; a key without a meaning stands for itself."""
    for key in names_of(feed):
        name = None if key in mapping.values() else meaning(key, keys.columns)
        first.setdefault((name, key if name is None else ""), key)
    header = list(first.values())
    found = places(header, 1, feed.file, columns, mapping)
    for name, place in sorted(found.items(), key=lambda item: item[1]):
        keys.own[name] = header[place]
    taken = set(keys.own.values())
    keys.ignored |= dict.fromkeys(name for name in header if name not in taken)
    keys.known |= set(header)
    return keys


def names_of(feed: Feed) -> list[str]:
    """Give the keys of the first lines, in the order in which they come.

    Raises:
        TableError: no text, or empty.
    """
    lines = feed.head().split(b"\n")
    names: dict[str, None] = {}
    for line in lines[:_NAMING_LINES]:
        try:
            found = quickly(line) or (sure_object(line, feed.longest) if line.strip() else {})
            names |= dict.fromkeys(found)
        except Unusable as unusable:
            names |= dict.fromkeys(unusable.keys)
    number, first = next((number, line) for number, line in enumerate(lines, 1) if line.strip())
    if not names or first.strip() == b"[":
        shown = first[:MOST_KEPT].decode("utf-8", "backslashreplace").strip()
        kind = "" if not shown.startswith("[") else "an array: "
        raise refused(feed.file, number, f"{kind}{shown}", _ONE_A_LINE, _WRITE_LINES)
    return list(names)


def grids(feed: Feed, keys: Keys) -> Iterator[Grid]:
    """Yield the rows, a piece at a time; at least one grid, though it may be empty.

    `header` grows when a key comes for the first time, at its end.
    """
    yield _grid([], {}, [], [], keys)
    while True:
        end = len(feed.held) if feed.at_end else feed.held.rfind(b"\n") + 1
        if end:
            yield _read(feed, end, keys)
        elif len(feed.held) > feed.longest:
            yield _skip_line(feed, keys)
        if feed.at_end:
            return
        feed.fill()


def _read(feed: Feed, end: int, keys: Keys) -> Grid:
    text = feed.held[:end]
    raw = text.split(b"\n")
    numbers = list(range(feed.line, feed.line + len(raw)))
    rows = list(map(quickly, raw))
    if not all(rows):
        kept = [i for i, row in enumerate(rows) if row or raw[i].strip()]
        raw, numbers, rows = [raw[i] for i in kept], [numbers[i] for i in kept], [rows[i] for i in kept]
    is_sure = len(text) <= feed.longest and no_key_twice(text, rows)
    troubles: dict[int, tuple[Trouble, ...]] = {}
    for i, row in enumerate(rows):
        if row and is_sure and row.keys() <= keys.known:
            continue
        try:
            rows[i] = _taken_in(sure_object(raw[i], feed.longest), keys)
        except Unusable as unusable:
            troubles[i] = unusable.troubles
            rows[i] = {}
            if len(raw[i]) > feed.longest:
                raw[i] = raw[i][:MOST_KEPT]
    feed.use(end, text.count(b"\n"))
    return _grid(rows, troubles, numbers, raw, keys)


def _taken_in(row: Json, keys: Keys) -> Json:
    """Give a row after its new keys were taken in."""
    troubles = []
    for key in row.keys() - keys.known:
        name = keys.second(key)
        if name is not None:
            wanted = f"one key for {name}: {quoted(keys.own[name])} means the same"
            troubles.append(Trouble(key, "a second key", wanted))
    if troubles:
        raise Unusable(*sorted(troubles, key=lambda trouble: trouble.column))
    return row


def _skip_line(feed: Feed, keys: Keys) -> Grid:
    """Give up a line that is longer than any may be, and read on behind it."""
    front, line = feed.held[:MOST_KEPT], feed.line
    while not feed.at_end and b"\n" not in feed.held:
        feed.use(len(feed.held), 0)
        feed.fill()
    end = feed.held.find(b"\n") + 1
    feed.use(end or len(feed.held), 1)
    return _grid([{}], {0: (too_long(front, feed.longest),)}, [line], [front], keys)


def _grid(
    rows: list[Json], troubles: dict[int, tuple[Trouble, ...]], lines: list[int], raw: list[bytes], keys: Keys
) -> Grid:
    header = (*keys.own.values(), *keys.ignored)
    cells, not_text = {}, {}
    for i, key in enumerate(keys.own.values()):
        values = _values(rows, key)
        try:
            cells[str(i)] = pl.Series(values, dtype=pl.String)
        except TypeError:
            for n, value in enumerate(values):
                if isinstance(value, float) and abs(value) >= _INEXACT:
                    # The fast reader takes a long whole number for a float; an id may be one.
                    try:
                        values[n] = sure_object(raw[n], len(raw[n]), exact=True)[key]
                    except Unusable as unusable:
                        troubles[n] = unusable.troubles
                elif isinstance(value, dict | list):
                    troubles[n] = (*troubles.get(n, ()), _nested(key, value))
                    values[n] = None
            not_text[i] = pl.Series([value is not None and type(value) is not str for value in values])
            cells[str(i)] = pl.Series([_as_text(value) for value in values], dtype=pl.String)
    found = dict(sorted(troubles.items()))
    return Grid(header, 1, pl.DataFrame(cells), np.array(lines, dtype=np.int64), found, not_text, raw)


def _values(rows: list[Json], key: str) -> list[object]:
    try:
        return list(map(itemgetter(key), rows))
    except KeyError:
        return [row.get(key) for row in rows]


def _nested(key: str, value: object) -> Trouble:
    shown = orjson.dumps(value, default=str).decode()
    return Trouble(key, shown, "a single value, not a list or an object")


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower().removesuffix(".0")
