"""What planted faults are made of: rows that are good, ways to write them, and where a fault stands.

Written without the package under test: what is expected comes from here, by counting line ends
while writing, and by reading a good cell in the plainest way there is.
"""

import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import polars as pl

Row = Mapping[str, str]
ROW = "(row)"
"""Stands for a column where a row as a whole is meant."""
FILE = "(file)"
"""Stands for a column where the file as a whole is meant."""
ANY = "(any)"
"""Stands for a column where it does not matter which one is named."""
NOTE = "note"
"""A column that no table has: it is read over, and not kept."""
BOM = b"\xef\xbb\xbf"
NUMBERS = frozenset({
    "tenure_months", "monthly_spend", "support_tickets", "total_charges", "offer_pct", "churn_risk",
    "propensity", "contacts_last_7d", "days_since_last_contact",
})  # fmt: skip
FLAGS = frozenset({"churned", "accepted"})
WORDS = frozenset({
    "contract_type", "opted_in", "payment_method", "internet_service", "gender", "senior_citizen", "channel",
    "review",
})  # fmt: skip
TRUTHS = {"yes": 1, "no": 0, "true": 1, "false": 0}


@dataclass(frozen=True)
class At:
    """Where one fault stands, and what must be said of it."""

    line: int
    column: str
    says: tuple[str, ...] = ()
    """Each must stand in the message, in any case."""
    value: str | None = None
    """What was found, as far as the message must show it."""


@dataclass(frozen=True)
class Planted:
    """A file with a fault in it."""

    name: str
    kind: str
    file: str
    raw: bytes
    faults: tuple[At, ...]
    good: tuple[Row, ...] | None
    """The rows that must remain; None where the file is refused as a whole."""
    bad: tuple[tuple[int, tuple[str, ...]], ...] = ()
    """Line of each bad row, and what the rejects must hold of it."""
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Benign:
    """A file that looks odd and has nothing wrong in it."""

    name: str
    kind: str
    file: str
    raw: bytes
    good: tuple[Row, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)


def meaning(column: str, value: object) -> object:
    """Say what a good cell means, whether it is a string of the planter or a value that was kept."""
    if value is None or value == "":
        return None
    if column in NUMBERS:
        return float(str(value))
    if column in FLAGS:
        word = str(value).strip().lower()
        return TRUTHS[word] if word in TRUTHS else int(float(word))
    if column == "logged_at":
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return str(value).lower() if column in WORDS else str(value)


def good_row(kind: str, number: int) -> dict[str, str]:
    """Give the good row of that number; no two are alike."""
    customer = {"customer_id": f"C{number:05d}"}
    tenure = {"tenure_months": str(number % 72)}
    spend = {"monthly_spend": f"{20 + number % 90}.{number % 10}5"}
    if kind == "churn":
        tickets = {"support_tickets": str(number % 5)}
        contract = {"contract_type": ("Month-to-month", "One year", "Two year")[number % 3]}
        return customer | tenure | spend | tickets | contract | {"churned": str(number % 2)}
    if kind == "accept":
        offer = {"offer_pct": str(number % 4 * 5), "churn_risk": f"0.{1 + number % 9}"}
        logged = {
            "accepted": str(number % 2),
            "propensity": "0.25",
            "logged_at": f"2025-03-{1 + number % 28:02d}",
        }
        return customer | offer | tenure | logged
    if kind == "customers":
        name = {"name": ("Sam", "Ann Lee", "Jo")[number % 3]}
        said = {"churn_risk": f"0.{1 + number % 9}", "contacts_last_7d": str(number % 3)}
        more = {"days_since_last_contact": str(number % 90), "time_zone": "Europe/Berlin", "country": "DE"}
        return customer | name | tenure | spend | said | more | {"channel": "sms", "opted_in": "yes"}
    if kind == "pairs":
        return {
            "prompt": f"Why stay, {number}?",
            "chosen": f"Because {number} is fair.",
            "rejected": f"No {number}.",
        }
    text = f"Hello {{name}}, number {number}: take {{offer}} off {{duration}}."
    fits = {
        "offer_pct": "10",
        "tone": "warm",
        "channel": ("email", "sms", "push")[number % 3],
        "language": "en",
    }
    return {
        "message_id": f"M{number:05d}",
        "text": text,
        **fits,
        "contract_type": "One year",
        "review": "draft",
    }


@cache
def good_rows(kind: str, count: int, first: int = 1) -> tuple[Row, ...]:
    """Give good rows, numbered one after the other."""
    return tuple(good_row(kind, number) for number in range(first, first + count))


def quoted(cell: str, separator: str, always: bool = False) -> str:
    """Write a cell, in quotes where it needs them."""
    needs = always or any(sign in cell for sign in (separator, '"', "\r", "\n"))
    return '"' + cell.replace('"', '""') + '"' if needs else cell


class Page:
    """A CSV text in the making; knows the line it is on."""

    def __init__(
        self, header: Sequence[str], separator: str = ",", end: str = "\n", front: bytes = b""
    ) -> None:
        """Begin with a header.

        Args:
            header: Names.
            separator: Between cells.
            end: Of each line.
            front: What stands before the header.
        """
        self.header = tuple(header)
        self.separator = separator
        self.end = end
        self.raw = bytearray(front)
        self.line = 1 + front.count(b"\n")
        self.good: list[Row] = []
        self.bad: list[tuple[int, tuple[str, ...]]] = []
        self.put(separator.join(quoted(name, separator) for name in self.header))

    def put(self, text: str | bytes, end: bool = True) -> int:
        """Write a record as it stands; gives its line."""
        begun = self.line
        raw = text.encode() if isinstance(text, str) else text
        self.raw += raw + (self.end.encode() if end else b"")
        self.line += raw.count(b"\n") + raw.replace(b"\r\n", b"").count(b"\r") + end
        return begun

    def cells(self, row: Row, always: bool = False) -> str:
        """Write the cells of a row, in the order of the header."""
        return self.separator.join(quoted(row.get(name, ""), self.separator, always) for name in self.header)

    def add(self, *rows: Row, always: bool = False) -> "Page":
        """Write good rows."""
        for row in rows:
            self.put(self.cells(row, always))
            self.good.append(row)
        return self

    def spoil(self, row: Row, always: bool = False) -> int:
        """Write a bad row as its cells; gives its line."""
        line = self.put(self.cells(row, always))
        self.bad.append((line, tuple(row.get(name, "") for name in self.header)))
        return line

    def spoil_raw(self, text: str | bytes, *pieces: str, end: bool = True) -> int:
        """Write a bad row as it stands, of which the rejects must hold the pieces; gives its line."""
        line = self.put(text, end)
        self.bad.append((line, pieces))
        return line

    def without_last_end(self) -> "Page":
        """Take the last line end off."""
        del self.raw[len(self.raw) - len(self.end) :]
        return self


def json_value(column: str, cell: str) -> object:
    """Give a cell as JSON has it: numbers as numbers, blank ones as null."""
    if cell == "":
        return None
    return float(cell) if column in NUMBERS else int(cell) if column in FLAGS else cell


def json_line(row: Row, **instead: object) -> str:
    """Write a good row as JSON, some values replaced."""
    return json.dumps({name: json_value(name, cell) for name, cell in row.items()} | instead)


def json_lines(lines: Iterable[str]) -> bytes:
    """Write lines."""
    return "".join(f"{line}\n" for line in lines).encode()


def packed(raw: bytes) -> bytes:
    """Compress by gzip, the same each time."""
    return gzip.compress(raw, mtime=0)


def parquet(frame: pl.DataFrame, row_group_size: int | None = None) -> bytes:
    """Write a frame as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, row_group_size=row_group_size)
    return buffer.getvalue()


def typed_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Give good rows as a typed frame."""
    return pl.DataFrame(
        {name: [json_value(name, row[name]) for row in rows] for name in rows[0]}, infer_schema_length=None
    )


def text_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Give rows as a frame of strings, blank cells as null."""
    return pl.DataFrame(
        {name: pl.Series([row[name] or None for row in rows], dtype=pl.String) for name in rows[0]}
    )
