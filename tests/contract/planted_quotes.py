"""Faults of quotes, of ids that stand twice, and of gzip."""

import gzip
import zlib
from collections.abc import Iterator

from tests.contract.planted_shapes import BAD, CELLS, CHURN, broken, case, refused
from tests.contract.planting import (
    FILE,
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
    typed_frame,
)

QUOTE = ("quote",)
REPEATED = ("already",)


def quotes() -> Iterator[Planted]:
    """Quotes left open, closed too soon, escaped as elsewhere, or taken for part of a number."""
    for separator, end in ((",", "\n"), (";", "\r\n"), ("\t", "\n")):
        look = {"separator": separator, "end": end}
        cells = [*BAD.values()]
        for column in (0, 2, 4, 5):
            text = separator.join([*cells[:column], f'"{cells[column]}', *cells[column + 1 :]])
            name = f"quote opens in {CHURN[column]} of {separator!r}"
            yield broken(name, "churn", text, QUOTE, CHURN[column], **look)
        text = separator.join([cells[0], cells[1], '"12"3', *cells[3:]])
        yield broken(f"quote closes too soon in {separator!r}", "churn", text, QUOTE, "monthly_spend", **look)
        text = separator.join([*cells[:4], '"One year" ', cells[5]])
        yield broken(f"quote then space in {separator!r}", "churn", text, QUOTE, "contract_type", **look)
        text = separator.join([cells[0], '12"', *cells[2:]])
        yield broken(
            f"quote behind a number in {separator!r}", "churn", text, ("months",), "tenure_months", **look
        )
        text = separator.join([cells[0], cells[1], ' "12.5"', *cells[3:]])
        yield broken(
            f"quote behind a space in {separator!r}", "churn", text, ("currency",), "monthly_spend", **look
        )
    text = r'C9,"Ann \"Lee\"",3,20.5,0.2,1,4,Europe/Berlin,yes'
    yield broken("quote after a backslash", "customers", text, QUOTE, "name")
    yield broken("quote single", "churn", "C9,3,'20.5',1,One year,1", ("currency",), "monthly_spend")
    yield broken("quotes around all of a row", "churn", '"C9,3,20.5,1,One year,1"', CELLS)
    yield broken("quotes three", "churn", 'C9,3,20.5,1,"""One year,1', QUOTE, "contract_type")
    yield broken(
        "quotes doubled and shut", "churn", 'C9,3,20.5,1,"""One year""",1', ("One year",), "contract_type"
    )
    for after in (0, 3):
        page = Page(CHURN, ";").add(*good_rows("churn", 3 - after))
        line = page.spoil_raw('C9;3;20.5;1;One year;"1', "C9", "20.5", end=bool(after))
        page.add(*good_rows("churn", after, 4), always=True)
        yield case(f"quote open with {after} quoted rows behind", "churn", page, At(line, "churned", QUOTE))
    page = Page([*CHURN, "note"]).add({**good_row("churn", 1), "note": "two\nlines"})
    line = page.spoil_raw('C9,3,20.5,1,One year,1,"open', "C9")
    page.add({**good_row("churn", 2), "note": 'with ""quotes""\nand lines'})
    yield case("quote open in a note", "churn", page, At(line, "note", QUOTE))
    huge = Page(CHURN).add(good_row("churn", 1))
    line = huge.spoil_raw('C9,3,20.5,1,"' + "o" * 300_000 + ",1", "C9")
    huge.add(*good_rows("churn", 2, 2))
    yield case("quote open before a huge cell", "churn", huge, At(line, "contract_type", QUOTE))


def repeated() -> Iterator[Planted]:
    """Ids that stand twice."""

    def twice(name: str, first: str, second: str, between: int, **look: str) -> Planted:
        page = Page(CHURN, look.get("separator", ",")).add({**BAD, "customer_id": first})
        page.add(*good_rows("churn", between))
        line = page.spoil({**BAD, "customer_id": second}, always="always" in look)
        page.add(good_row("churn", between + 1))
        return case(name, "churn", page, At(line, "customer_id", (*REPEATED, "line 2")), pack="pack" in look)

    yield twice("id twice in a row", "C9", "C9", 0)
    yield twice("id first and later", "C9", "C9", 5, separator=";")
    yield twice("id with spaces around", "C9", "  C9 ", 2)
    yield twice("id in quotes again", "C9", "C9", 2, always="")
    yield twice("id of letters from afar", "Zoë-山", "Zoë-山", 2, separator="\t")
    yield twice("id far behind", "X1", "X1", 60_000)
    yield twice("id packed", "007", "007", 3, pack="")
    page = Page(CHURN).add({**BAD, "customer_id": "C9"})
    lines = [page.spoil({**BAD, "customer_id": "C9"}) for _ in range(3)]
    every = [At(line, "customer_id", (*REPEATED, "line 2")) for line in lines]
    yield case("id four times", "churn", page, *every)
    page = Page([*CHURN, "note"]).add({**good_row("churn", 1), "note": "a\n\nb"}, good_row("churn", 2))
    line = page.spoil({**BAD, "customer_id": "C00002"})
    yield case("id after lines in quotes", "churn", page, At(line, "customer_id", (*REPEATED, "line 5")))
    good = good_rows("churn", 3)
    again = json_line(good[0])
    raw = json_lines([json_line(row) for row in good] + [again])
    at = At(4, "customer_id", (*REPEATED, "line 1"))
    yield Planted("id twice in JSON lines", "churn", "c.jsonl", raw, (at,), good, ((4, (again,)),))
    rows: list[Row] = [{**row, "customer_id": f"{n}"} for n, row in enumerate(good)]
    raw = json_lines([json_line(rows[0]), json_line(rows[1]), json_line(rows[0], customer_id=1)])
    at = At(3, "customer_id", (*REPEATED, "line 2"))
    bad = ((3, (json_line(rows[0], customer_id=1),)),)
    yield Planted("id as text and as number", "churn", "c.jsonl", raw, (at,), tuple(rows[:2]), bad)
    raw = parquet(typed_frame([*good, good[1]]), row_group_size=2)
    at = At(5, "customer_id", (*REPEATED, "line 3"))
    yield Planted(
        "id twice in Parquet", "churn", "c.parquet", raw, (at,), good, ((5, tuple(good[1].values())),)
    )


def last_line(raw: bytes) -> int:
    """Say which is the last line of a gzip member cut short that can be read at all."""
    return zlib.decompressobj(31).decompress(raw)[:-1].count(b"\n") + 1


def gzips() -> Iterator[Planted]:
    """Gzip that is cut short, damaged, or holds something else."""
    page = Page(CHURN).add(*good_rows("churn", 300))
    whole = packed(bytes(page.raw))
    big = gzip.compress(bytes(Page(CHURN).add(*good_rows("churn", 60_000)).raw), 1, mtime=0)
    cut = {
        "half": whole[: len(whole) // 2],
        "last byte": whole[:-1],
        "its sum": whole[:-8],
        "most": whole[:40],
    }
    cut |= {"nine tenths": big[: len(big) * 9 // 10], "a half of much": big[: len(big) // 2]}
    for name, raw in cut.items():
        at = At(last_line(raw), FILE, ("gzip",))
        yield refused(f"gzip without {name}", "churn", raw, at, file="c.csv.gz")
    second = whole + whole[:30]
    yield refused(
        "gzip with half a second member", "churn", second, At(301, FILE, ("gzip",)), file="c.csv.gz"
    )
    wrong_sum = whole[:-8] + bytes(4) + whole[-4:]
    yield refused("gzip with a wrong sum", "churn", wrong_sum, At(301, FILE, ("gzip",)), file="c.csv.gz")
    wrong_size = whole[:-4] + bytes(4)
    yield refused("gzip with a wrong size", "churn", wrong_size, At(301, FILE, ("gzip",)), file="c.csv.gz")
    yield refused(
        "gzip with junk behind", "churn", whole + b"junk", At(301, FILE, ("gzip",)), file="c.csv.gz"
    )
    middle = big[: len(big) // 2] + bytes(64) + big[len(big) // 2 + 64 :]
    yield refused("gzip with a hole", "churn", middle, At(-1, FILE, ("gzip",)), file="c.csv.gz")
    yield refused("gzip of its magic alone", "churn", whole[:2], At(1, FILE, ("gzip",)), file="c.csv.gz")
    yield refused("gzip of half its head", "churn", whole[:7], At(1, FILE, ("gzip",)), file="c.csv.gz")
    yield refused("gzip of nothing", "churn", packed(b""), At(1, FILE, ("empty",)), file="c.csv.gz")
    yield refused("gzip of gzip", "churn", packed(whole), At(1, FILE, ("gzip",)), file="c.csv.gz")
    utf16 = packed(bytes(page.raw).decode().encode("utf-16"))
    yield refused("gzip of UTF-16", "churn", utf16, At(1, FILE, ("utf-16",)), file="c.csv.gz")
    lines = json_lines(json_line(row) for row in good_rows("churn", 200))
    short = packed(lines)[:-9]
    at = At(last_line(short), FILE, ("gzip",))
    yield refused("gzip of JSON lines cut short", "churn", short, at, file="c.jsonl.gz")
    page = Page(CHURN).add(*good_rows("churn", 2))
    line = page.spoil({**BAD, "churned": "maybe"})
    raw = packed(bytes(page.raw)[:70]) + packed(bytes(page.raw)[70:])
    at = At(line, "churned", ("Yes",))
    yield Planted(
        "gzip of members with a fault", "churn", "c.csv", raw, (at,), tuple(page.good), tuple(page.bad)
    )
