"""Files that look odd and have nothing wrong in them: none of their rows may be called bad."""

import gzip
import json
from collections.abc import Iterable, Iterator

import polars as pl

from tests.contract import benign_cells, benign_typed
from tests.contract.planting import (
    BOM,
    Benign,
    Page,
    Row,
    good_row,
    good_rows,
    json_line,
    json_lines,
    packed,
    parquet,
    typed_frame,
)

CHURN = tuple(good_row("churn", 1))
THREE = good_rows("churn", 3)


def page(kind: str = "churn", rows: Iterable[Row] | None = None, *more: str, **look: str) -> bytes:
    """Write good rows as CSV."""
    every = list(good_rows(kind, 3) if rows is None else rows)
    written = Page([*every[0], *more], look.get("separator", ","), look.get("end", "\n"))
    return bytes(written.add(*every, always="always" in look).raw)


def forms() -> Iterator[Benign]:
    """Ways to write a table."""
    plain = page()
    title = ",".join(CHURN).encode()
    shapes = {
        "mark": BOM + plain, "two marks": BOM + BOM + plain, "CRLF": page(end="\r\n"),
        "lone CR": page(end="\r"), "semicolons": page(separator=";"), "tabs": page(separator="\t"),
        "all quoted": page(always=""),
        "quoted with CRLF and mark": BOM + page(always="", end="\r\n", separator=";"),
        "no last line end": plain[:-1], "blank lines first": b"\n\r\n\n" + plain,
        "blank lines last": plain + b"\n\n \n", "blank lines between": plain.replace(b"\n", b"\n\n"),
        "lines of spaces between": plain.replace(b"\n", b"\n  \n"),
        "mixed line ends": plain.replace(b"\n", b"\r\n", 2), "gzip": packed(plain),
        "gzip with mark": packed(BOM + plain), "gzip of two members": packed(plain[:50]) + packed(plain[50:]),
        "gzip of many members": b"".join(packed(plain[i : i + 9]) for i in range(0, len(plain), 9)),
        "gzip with an empty member": packed(plain) + packed(b""),
        "gzip stored": gzip.compress(plain, 0, mtime=0),
        "gzip with zeros behind": packed(plain) + bytes(512),
        "header in capitals": plain.replace(title, title.upper()),
        "header with spaces": plain.replace(title, title.replace(b"_", b" ").title()),
        "header quoted": plain.replace(title, b",".join(b'"%s"' % name for name in title.split(b","))),
        "header over lines": plain.replace(b"tenure_months", b'"tenure\nmonths"'),
        "header padded": plain.replace(title, title.replace(b",", b" , ")),
    }  # fmt: skip
    for name, raw in shapes.items():
        yield Benign(name, "churn", "c.csv", raw, THREE)
    yield Benign("name in capitals", "churn", "EXPORT.CSV", plain, THREE)
    yield Benign("name without a suffix", "churn", "export", plain, THREE)
    yield Benign("gzip named .gz", "churn", "c.csv.gz", packed(plain), THREE)
    yield Benign("name of letters from afar", "churn", "küche 山.csv", plain, THREE)
    yield Benign("one row", "churn", "c.csv", page(rows=THREE[:1]), THREE[:1])
    many = good_rows("churn", 3_000)
    yield Benign("three thousand rows quoted", "churn", "c.csv", page(rows=many, always="", end="\r\n"), many)


def columns() -> Iterator[Benign]:
    """Columns in another order, under other names, and more of them than asked for."""
    backwards = [{name: row[name] for name in reversed(CHURN)} for row in THREE]
    yield Benign("columns backwards", "churn", "c.csv", page(rows=backwards), THREE)
    for name, theirs in {
        "telco names": {
            "tenure_months": "tenure",
            "monthly_spend": "MonthlyCharges",
            "contract_type": "Contract",
        },
        "Churn": {"churned": "Churn", "customer_id": "CustomerID", "support_tickets": "Support-Tickets"},
    }.items():
        renamed = [{theirs.get(name, name): cell for name, cell in row.items()} for row in THREE]
        yield Benign(f"columns of {name}", "churn", "c.csv", page(rows=renamed), THREE)
        raw = json_lines(json.dumps(row) for row in renamed)
        yield Benign(f"keys of {name}", "churn", "c.jsonl", raw, THREE)
    mapped = [
        {"kunde" if name == "customer_id" else name: cell for name, cell in row.items()} for row in THREE
    ]
    yield Benign("column mapped", "churn", "c.csv", page(rows=mapped), THREE, {"customer_id": "kunde"})
    mapping = {"tenure": "notes"}
    swapped = [{**row, "notes": row["tenure_months"], "tenure_months": "?"} for row in THREE]
    yield Benign("column mapped by an alias", "churn", "c.csv", page(rows=swapped), THREE, mapping)
    more = [{**row, "note": 'one, "two"\n\nthree', "": "", "NaN": "inf", "日本": "\u200b"} for row in THREE]
    yield Benign("columns nobody asked for", "churn", "c.csv", page(rows=more), THREE)
    yield Benign("keys nobody asked for", "churn", "c.jsonl", json_lines(map(json.dumps, more)), THREE)
    nested = [json_line(row, tags=["a", {"b": [None]}], more={"customer_id": "x"}) for row in THREE]
    yield Benign("nested keys nobody asked for", "churn", "c.jsonl", json_lines(nested), THREE)
    twice = page(rows=[{**row, "note": "a"} for row in THREE], more_of="").replace(b"note", b"note,note", 1)
    twice = twice.replace(b",a\n", b",a,b\n")
    yield Benign("names twice that nobody asked for", "churn", "c.csv", twice, THREE)
    empty = [{**row, "total_charges": "", "gender": "", "partner": " "} for row in THREE]
    said = [{**row, "total_charges": "", "gender": "", "partner": ""} for row in THREE]
    yield Benign("columns all blank", "churn", "c.csv", page(rows=empty), tuple(said))
    yield Benign("columns all null", "churn", "c.jsonl", json_lines(map(json_line, said)), tuple(said))
    nulls = typed_frame(THREE).with_columns(pl.lit(None).alias("total_charges"))
    good = tuple({**row, "total_charges": ""} for row in THREE)
    yield Benign("column of type null", "churn", "c.parquet", parquet(nulls), good)


def benign() -> list[Benign]:
    """Give all of them; no two have one name."""
    return [*forms(), *columns(), *benign_cells.cells(), *benign_typed.typed()]
