"""Faults of one cell: money, numbers, ids, words, flags, dates, zones, names, offers, probabilities.

Each cell is planted in another way of writing a file, and in another place of it, in turn.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle

from tests.contract.planting import (
    BOM,
    At,
    Page,
    Planted,
    Row,
    good_row,
    good_rows,
    json_line,
    json_lines,
    packed,
    parquet,
    text_frame,
)

FAR = 60_000
"""Good rows before a fault that is far from the beginning."""


@dataclass(frozen=True)
class Written:
    """A file with one bad row in it."""

    file: str
    raw: bytes
    line: int
    pieces: tuple[str, ...]
    """What the rejects must hold of the bad row."""
    good: tuple[Row, ...]


def _page(kind: str, page: Page, line: int, pack: bool = False) -> Written:
    raw = packed(bytes(page.raw)) if pack else bytes(page.raw)
    return Written(f"{kind}.csv{'.gz' if pack else ''}", raw, line, page.bad[0][1], tuple(page.good))


def comma_first(kind: str, bad: Row) -> Written:
    """Comma and LF; the bad row is the first."""
    page = Page(list(bad))
    line = page.spoil(bad)
    return _page(kind, page.add(*good_rows(kind, 4)), line)


def semicolon_last(kind: str, bad: Row) -> Written:
    """Semicolon and CRLF; the bad row is the last."""
    page = Page(list(bad), ";", "\r\n").add(*good_rows(kind, 4))
    return _page(kind, page, page.spoil(bad))


def tab_after_blanks(kind: str, bad: Row) -> Written:
    """Tab and LF; blank lines stand before the bad row."""
    page = Page(list(bad), "\t").add(*good_rows(kind, 2))
    page.put("")
    page.put("  ")
    line = page.spoil(bad)
    return _page(kind, page.add(*good_rows(kind, 2, 3)), line)


def comma_after_lines_in_quotes(kind: str, bad: Row) -> Written:
    """Comma and CRLF; a cell of several lines stands before the bad row."""
    page = Page([*bad, "note"], ",", "\r\n")
    for row in good_rows(kind, 2):
        page.add({**row, "note": 'two, or\r\n"three"\r\n\r\nlines'})
    line = page.spoil({**bad, "note": ""})
    page.add(*good_rows(kind, 2, 3))
    return _page(kind, page, line)


def quoted_packed(kind: str, bad: Row) -> Written:
    """Comma, every cell in quotes, gzip."""
    page = Page(list(bad)).add(*good_rows(kind, 3), always=True)
    line = page.spoil(bad, always=True)
    return _page(kind, page.add(good_row(kind, 4), always=True), line, pack=True)


def marked_unended(kind: str, bad: Row) -> Written:
    """Semicolon, byte order mark, no line end after the bad row, which is the last."""
    page = Page(list(bad), ";", front=BOM).add(*good_rows(kind, 3))
    line = page.spoil(bad)
    return _page(kind, page.without_last_end(), line)


def as_json(kind: str, bad: Row) -> Written:
    """JSON lines, the bad cell as a string; a blank line stands before it."""
    good = good_rows(kind, 4)
    strings = json.dumps(dict(bad))
    lines = [json_line(good[0]), json_line(good[1]), "", strings, json_line(good[2]), json_line(good[3])]
    return Written(f"{kind}.jsonl", json_lines(lines), 4, (strings,), good)


def as_parquet(kind: str, bad: Row) -> Written:
    """Parquet of strings, the bad row in the second row group."""
    good = good_rows(kind, 4)
    raw = parquet(text_frame([*good[:3], bad, good[3]]), row_group_size=3)
    return Written(f"{kind}.parquet", raw, 5, tuple(bad.values()), good)


@cache
def _far(kind: str) -> Page:
    return Page(list(good_row(kind, 1))).add(*good_rows(kind, FAR))


def comma_far(kind: str, bad: Row) -> Written:
    """Comma and LF; the bad row comes after 60,000 good ones."""
    far = _far(kind)
    line = FAR + 2
    page = Page(list(bad))
    page.spoil(bad)
    raw = bytes(far.raw) + bytes(page.raw).split(b"\n", 1)[1]
    return Written(f"{kind}.csv", raw, line, page.bad[0][1], good_rows(kind, FAR))


WAYS: tuple[Callable[[str, Row], Written], ...] = (
    comma_first, semicolon_last, as_json, tab_after_blanks, comma_after_lines_in_quotes, as_parquet,
    quoted_packed, marked_unended,
)  # fmt: skip
LONG_NUMBER, LONG_TEXT = "9" * 50_000, "x" * 200_000

MONEY = (
    "", "   ", "\u00a0", "12,50", "1.234,56", "$12.50", "12.50 USD", "€12", "12 50", "1 234.5", "1_000",
    "1,000.00", "-0.01", "-5", "1000000.01", "1e7", "NaN", "nan", "inf", "-inf", "Infinity", "1e400",
    "-1e400", "0x1F", "1.2.3", "--5", "abc", "N/A", "null", "None", "-", "#REF!", "#DIV/0!", "=1+1", "٣٤",
    "１２", "½", "12.5\u200b", "1e", ".", "1.5.", "'12.5", "“12.5”", "12.5%", "(12.50)", LONG_NUMBER,
    LONG_TEXT, "12\x00", "12\n5", "12\t5", "\x1b[31m12",
)  # fmt: skip
IDS = (
    "", "  ", "\u3000", "y" * 129, LONG_TEXT, "C\x07", "C\x00", "C\u200b1", "C\ufeff1", "C\u202e1", "C\x7f1",
    "C\u00ad1", "C\t1", "C\n1", "C\r\n1", "C\u20661", "\x1b]0;C\x07", "C\ue0001", "C\u061c1",
)  # fmt: skip
NAMES = (
    "http://evil.example", "<b>Sam</b>", "Sam 50% off", "Agent 007", "n" * 81, "Free discount", "😀",
    "Sam {name}", "one two three four five six seven", "a@b.example", "٠٧", "guaranteed refund", "`Sam`",
    "z" * 100_000,
)  # fmt: skip
DATES = (
    "2025-02-30", "2025-13-01", "31.01.2025", "01/31/2025", "yesterday", "2025-01-31T25:00:00",
    "2025-01-31T12:60:00", "1738281600", "0000-00-00", "2025-01-31T09:30:00+99:00", "2025-01-31 09:30:00 CET",
    "20250230", "2025-W60-1", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2025/01/31",
    "Jan 31 2025", "2025-02-29", "2025-1-5", "٢٠٢٥-٠١-٠١", "45688", "2025-01-31T", "NaT", "12:30",
)  # fmt: skip
TEXTS = (
    "", " ", "Hello {age}", "Hello {name", "Hello name}", "Hello {{name}}", "Hello { name }", "Hello {NAME}",
    "{}", "Hello {name!r}", "Hello {0}", "Hello {name}}", "y" * 1_001, LONG_TEXT, "a\x00b",
    "{name.__class__}",
)  # fmt: skip
_MORE: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("churn", "tenure_months", ("", "-1", "1200.5", "12 months", "1 year", "twelve", "NaN"),
    ("months", "1200")),
    ("churn", "support_tickets", ("-1", "10001", "many", "inf", "3 open"), ("count", "10,000")),
    ("churn", "contract_type", ("", "weekly", "3 year", "Monht-to-month", "month‐to‐month", "7"),
    ("One year",)),
    ("churn", "contract_type", ("c" * 5_000,), ("One year",)),
    ("churn", "churned", ("", "2", "maybe", "Y", "-1", "0.5", "oui", "NaN", "yes!"), ("Yes",)),
    ("customers", "opted_in", ("perhaps", "2", "n/a", "opt-out"), ("Yes", "No")),
    ("customers", "time_zone", ("CET+1", "Europe/Atlantis", "UTC+2", "Berlin", "+01:00", "../etc"),
    ("IANA",)),
    ("customers", "country", ("Germany", "DEU", "UK", "ß", "BV", "49", "D E"), ("ISO 3166",)),
    ("customers", "channel", ("fax", "e-mail", "email,sms"), ("push",)),
    ("customers", "contacts_last_7d", ("1.5", "-1", "10001", "NaN", "daily"), ("whole number",)),
    ("customers", "days_since_last_contact", ("36501", "-0.5", "never", "inf"), ("days", "36,500")),
    ("customers", "churn_risk", ("1.01", "-0.01", "50%", "75", "0,5", "NaN", "high"), ("probability",)),
    ("accept", "offer_pct", ("", "7", "20", "-5", "5%", "0.05", "15.5", "ten", "NaN", "inf"), ("5, 10, 15",)),
    ("accept", "churn_risk", ("", "1.0001", "-1"), ("probability",)),
    ("accept", "propensity", ("0", "-0.1", "1.5", "0%", "inf", "NaN", "1/4"), ("probability",)),
    ("accept", "accepted", ("", "3", "si", "accepted"), ("Yes",)),
    ("messages", "text", TEXTS, ("braces",)),
    ("messages", "message_id", ("", "M\x07", "m" * 200), ("an id",)),
    ("messages", "offer_pct", ("7", "0.1", "ten", "NaN"), ("5, 10, 15",)),
    ("messages", "tone", ("w4rm", "t" * 41, "<b>"), ("word",)),
    ("messages", "channel", ("fax", "e-mail", "email,sms"), ("push",)),
    ("messages", "language", ("english", "e", "en_US", "de-"), ("tag",)),
    ("messages", "review", ("maybe", "ok"), ("approved",)),
)  # fmt: skip


def _named(cell: str) -> str:
    shown = ascii(cell)[1:-1]
    return f"{shown[:16]}..{len(cell)}" if len(shown) > 24 else shown or "blank"


def _cells() -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    yield from (("churn", "monthly_spend", cell, ("currency units",)) for cell in MONEY)
    yield from (("customers", "customer_id", cell, ("an id",)) for cell in IDS)
    yield from (("customers", "name", cell, ("plain name",)) for cell in NAMES)
    yield from (("accept", "logged_at", cell, ("ISO date",)) for cell in DATES)
    for kind, column, cells, says in _MORE:
        yield from ((kind, column, cell, says) for cell in cells)


def _planted(
    kind: str, column: str, cell: str, says: tuple[str, ...], way: Callable[[str, Row], Written]
) -> Planted:
    bad = {**good_row(kind, 99_999), column: cell}
    written = way(kind, bad)
    at = At(written.line, column, says, cell)
    name = f"{kind} {column}={_named(cell)} {way.__name__}"
    bad_rows = ((written.line, written.pieces),)
    return Planted(name, kind, written.file, written.raw, (at,), written.good, bad_rows)


def faulty_cells() -> list[Planted]:
    """Give every fault of one cell, each in the next way of writing."""
    return [_planted(*cell, way) for cell, way in zip(_cells(), cycle(WAYS), strict=False)]


def far_cells() -> list[Planted]:
    """Give faults behind 60,000 good rows."""
    return [
        _planted("churn", "monthly_spend", "", ("currency units",), comma_far),
        _planted("accept", "logged_at", "2025-02-30", ("ISO date",), comma_far),
    ]
