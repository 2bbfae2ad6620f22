"""Faults of a file's form: encoding, byte order marks, headers, separators."""

from collections.abc import Iterator

from tests.contract.planting import (
    BOM,
    FILE,
    ROW,
    At,
    Page,
    Planted,
    good_row,
    good_rows,
    packed,
)

CUSTOMER, CHURN = tuple(good_row("customers", 1)), tuple(good_row("churn", 1))
UTF8 = ("utf-8",)
CELLS = ("cells",)
BAD = good_row("churn", 99_999)


def case(name: str, kind: str, page: Page, *faults: At, file: str = "", pack: bool = False) -> Planted:
    """Give a CSV case of a page; every bad row of it was written by `spoil`."""
    raw = packed(bytes(page.raw)) if pack else bytes(page.raw)
    name_of_file = file or f"{kind}.csv{'.gz' if pack else ''}"
    return Planted(name, kind, name_of_file, raw, faults, tuple(page.good), tuple(page.bad))


def refused(name: str, kind: str, raw: bytes, *faults: At, file: str = "", **mapping: str) -> Planted:
    """Give a case in which the file cannot be used at all."""
    return Planted(name, kind, file or f"{kind}.csv", raw, faults, None, (), mapping)


def spoilt_bytes(
    kind: str, column: str, cell: bytes, separator: str = ",", end: str = "\n", quotes: bool = False
) -> tuple[Page, int]:
    """Write good rows, and among them one with bytes in a cell that no string can hold."""
    row = good_row(kind, 99_999)
    page = Page(list(row), separator, end).add(*good_rows(kind, 3), always=quotes)
    raw = page.cells({**row, column: "@@"}, quotes).encode().replace(b"@@", cell)
    line = page.spoil_raw(raw, *(text for name, text in row.items() if name != column))
    page.add(good_row(kind, 4), always=quotes)
    return page, line


def encodings() -> Iterator[Planted]:
    """Bytes that are no UTF-8, in one row or in the whole file."""
    bad_bytes = {
        "latin-1": "Zoë".encode("latin-1"), "cp1252 quote": b"O\x92Neil", "lone continuation": b"A\x80b",
        "overlong": b"A\xc0\xaf", "half surrogate": b"A\xed\xa0\x80", "cut at the cell's end": b"Zo\xc3",
        "beyond Unicode": b"A\xf5\x80\x80\x80", "shift-jis": "山田".encode("shift_jis"),
        "koi8-r": "Иван".encode("koi8-r"), "gb18030": "王伟".encode("gb18030"), "0xff": b"A\xff\xfe",
    }  # fmt: skip
    ways = [(",", "\n", False), (";", "\r\n", False), ("\t", "\n", True)]
    for number, (name, raw) in enumerate(bad_bytes.items()):
        separator, end, quotes = ways[number % 3]
        page, line = spoilt_bytes("customers", "name", raw, separator, end, quotes)
        yield case(f"encoding {name}", "customers", page, At(line, "name", UTF8), pack=number % 4 == 3)
    page, line = spoilt_bytes("churn", "customer_id", b"C\xe9")
    yield case("encoding in the id", "churn", page, At(line, "customer_id", UTF8))
    page, line = spoilt_bytes("churn", "monthly_spend", b"12\xa0")
    yield case("encoding latin-1 space in money", "churn", page, At(line, "monthly_spend", UTF8))
    page = Page(CUSTOMER).add(*good_rows("customers", 2))
    line = page.spoil_raw(page.cells(good_row("customers", 9)).encode() + b"\xc3", "C00009", end=False)
    yield case("encoding cut at the file's end", "customers", page, At(line, "opted_in", UTF8))
    good = bytes(Page(CHURN).add(*good_rows("churn", 3)).raw)
    yield refused(
        "encoding latin-1 header", "churn", good.replace(b"churned", b"churn\xe9d", 1), At(1, FILE, UTF8)
    )
    text = good.decode()
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield refused(f"encoding {name}", "churn", text.encode(name), At(1, FILE, ("utf-16", "wanted")))
    kinds = {
        "zip": b"PK\x03\x04\x14\x00",
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "png": b"\x89PNG\r\n\x1a\n",
    }
    for name, magic in kinds.items():
        yield refused(f"encoding {name} file", "churn", magic + bytes(range(256)) * 9, At(1, FILE, UTF8))
    yield refused("encoding all NUL", "churn", bytes(5_000), At(1, FILE, UTF8))


def headers() -> Iterator[Planted]:
    """Byte order marks in odd places, and headers that do not say what stands below them."""
    for name, raw in {
        "empty": b"",
        "blank lines": b"\n \n\t\n",
        "mark alone": BOM,
        "line end": b"\r\n",
    }.items():
        yield refused(f"header {name}", "churn", raw, At(1, FILE, ("empty",)))
    wanted = {"churn": "churned", "accept": "offer_pct", "customers": "monthly_spend", "pairs": "rejected"}
    for number, (kind, absent) in enumerate(wanted.items()):
        names = [name for name in good_row(kind, 1) if name != absent]
        page = Page(names, (",", ";", "\t", ",")[number]).add(*good_rows(kind, 2))
        yield refused(f"header of {kind} without {absent}", kind, bytes(page.raw), At(1, absent, ("absent",)))
    page = Page(["customer_id", "tenure", "spendings", "support_tickets", "contract"]).add(
        *good_rows("churn", 1)
    )
    absent_two = (At(1, "monthly_spend", ("absent",)), At(1, "churned", ("absent",)))
    yield refused("header without two", "churn", bytes(page.raw), *absent_two)
    page = Page(CHURN[1:], front=b"\n\n").add(*good_rows("churn", 1))
    yield refused(
        "header after blank lines without id", "churn", bytes(page.raw), At(3, "customer_id", ("absent",))
    )
    for twin in ("tenure", "Tenure Months", "tenure_months"):
        page = Page([*CHURN, twin]).add(*good_rows("churn", 2))
        yield refused(
            f"header with {twin} as well", "churn", bytes(page.raw), At(1, twin, ("second", "same"))
        )
    row = Page(CHURN).cells(good_row("churn", 1))
    yield refused("header not there", "churn", f"{row}\n{row}\n".encode(), At(1, "customer_id", ("absent",)))
    yield refused(
        "header under a title", "churn", b"Export of May\n" + bytes(Page(CHURN).raw), At(1, "customer_id")
    )
    good = bytes(Page(CHURN).add(*good_rows("churn", 2)).raw)
    yield refused(
        "header map to nothing",
        "churn",
        good,
        At(0, "", ("no column", "spendings")),
        monthly_spend="spendings",
    )
    yield refused(
        "header map of nothing",
        "churn",
        good,
        At(0, "", ("loyalty", "tenure_months")),
        loyalty="tenure_months",
    )
    yield refused(
        "header of a web page",
        "churn",
        b"<!DOCTYPE html>\n<html></html>\n",
        At(1, "customer_id", ("absent",)),
    )
    for place in (0, 2, 4):
        for mark in (b"", BOM):
            page = Page(CHURN, ";", "\r\n").add(*good_rows("churn", place))
            line = page.spoil_raw(mark + ";".join(CHURN).encode(), "tenure_months")
            page.add(*good_rows("churn", 4 - place, place + 1))
            name = f"header again {'with a mark ' if mark else ''}after {place} rows"
            yield case(name, "churn", page, At(line, ROW, ("header",)))
    page = Page(CHURN).add(*good_rows("churn", 2))
    line = page.spoil_raw(BOM + page.cells(BAD).encode(), *BAD.values())
    yield case("header mark before a row", "churn", page, At(line, "customer_id", ("id",)))


def broken(name: str, kind: str, text: str, says: tuple[str, ...], column: str = ROW, **look: str) -> Planted:
    """Plant a row as it stands between good ones."""
    page = Page(list(good_row(kind, 1)), look.get("separator", ","), look.get("end", "\n"))
    page.add(*good_rows(kind, 2))
    line = page.spoil_raw(text, *[piece for piece in text.split(page.separator) if '"' not in piece])
    page.add(*good_rows(kind, 2, 3))
    return case(name, kind, page, At(line, column, says), pack="pack" in look)


def separators() -> Iterator[Planted]:
    """Rows with too many cells or too few, and separators of another kind."""
    row = [*BAD.values()]
    for mine, other in (
        (",", ";"),
        (";", ","),
        ("\t", ","),
        (",", "\t"),
        (";", "\t"),
        (",", "|"),
        (";", ":"),
    ):
        yield broken(
            f"separator {other!r} in a row of {mine!r}", "churn", other.join(row), CELLS, separator=mine
        )
    for mine, end in ((",", "\n"), (";", "\r\n"), ("\t", "\n")):
        short, long, wide = mine.join(row[:-1]), mine.join([*row, "x"]), mine.join(row) + mine
        yield broken(f"separator {mine!r} one cell short", "churn", short, CELLS, separator=mine, end=end)
        yield broken(f"separator {mine!r} one cell long", "churn", long, CELLS, separator=mine, end=end)
        yield broken(
            f"separator {mine!r} one at the end",
            "churn",
            wide,
            (*CELLS, "separator"),
            separator=mine,
            end=end,
        )
        yield broken(
            f"separator {mine!r} row of one cell", "churn", "Total: 4", CELLS, separator=mine, end=end
        )
        yield broken(f"separator {mine!r} forty too many", "churn", mine * 45, CELLS, separator=mine, pack="")
    yield broken("separator in a name", "customers", "C9,Lee, Ann,3,20.5,0.2,1,4,Europe/Berlin,yes", CELLS)
    yield broken("separator as decimal comma", "churn", "C9,3,20,5,1,One year,1", CELLS)
    for separator in ("|", ":", " "):
        page = Page(CHURN, separator).add(*good_rows("churn", 2))
        yield refused(
            f"separator {separator!r} throughout",
            "churn",
            bytes(page.raw),
            At(1, "customer_id", ("absent", "separator")),
        )
    page = Page(CHURN).add(*good_rows("churn", 2))
    at = At(page.spoil_raw("C9,3,20.", "C9", "20.", end=False), ROW, CELLS)
    yield case("separator: file cut within a row", "churn", page, at)
    page = Page(CHURN)
    lines = [page.spoil_raw(page.cells(row) + ",", *row.values()) for row in good_rows("churn", 3)]
    page.add(good_row("churn", 4))
    yield case("separator at the end of three rows", "churn", page, *(At(line, ROW, CELLS) for line in lines))
    page = Page(CHURN)
    one, two = page.spoil_raw("C7,3", "C7"), page.spoil_raw("C8,3,20.5,1,One year,1,1,1,1,1", "C8")
    page.add(good_row("churn", 1))
    yield case("separator short and long row", "churn", page, At(one, ROW, CELLS), At(two, ROW, CELLS))
    page = Page(CHURN).add(good_row("churn", 1))
    line = page.spoil_raw(",,,,,", "")
    blank = ("customer_id", "tenure_months", "monthly_spend", "contract_type", "churned")
    page.add(good_row("churn", 2))
    yield case("separator row of blanks", "churn", page, *(At(line, column) for column in blank))
