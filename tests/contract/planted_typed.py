"""Faults of typed files: JSON lines, Parquet, and the texts of pairs and messages."""

import json
from collections.abc import Iterator

import polars as pl

from tests.contract.planting import (
    ANY,
    BOM,
    FILE,
    ROW,
    At,
    Page,
    Planted,
    good_row,
    good_rows,
    json_line,
    json_lines,
    packed,
    parquet,
    typed_frame,
)

BAD = good_row("churn", 99_999)
JSON = ("JSON object",)


def line_case(name: str, kind: str, lines: str | bytes, *faults: tuple[int, str, tuple[str, ...]]) -> Planted:
    """Plant lines between good ones; a fault gives the number of its line among them, from 0."""
    raw_lines = lines.encode() if isinstance(lines, str) else lines
    good = good_rows(kind, 4)
    before = json_lines([json_line(good[0]), json_line(good[1]), "", json_line(good[2])])
    raw = before + raw_lines + b"\n" + json_lines([json_line(good[3])])
    planted = raw_lines.decode("utf-8", "backslashreplace").split("\n")
    numbers = sorted({number for number, _, _ in faults})
    bad = tuple((5 + number, (planted[number].removesuffix("\r"),)) for number in numbers)
    at = tuple(At(5 + number, column, says) for number, column, says in faults)
    return Planted(f"json {name}", kind, f"{kind}.jsonl", raw, at, good, bad)


def json_forms() -> Iterator[Planted]:
    """Lines that are no JSON object."""
    whole = json_line(BAD)
    forms = {
        "cut in half": whole[: len(whole) // 2], "cut before the brace": whole[:-1], "second half": whole[9:],
        "two objects": whole + whole, "two with a comma": f"{whole}, {whole}", "comma behind": whole + ",",
        "comma within": whole[:-1] + ",}", "an array": f"[{whole}]",
        "an array of cells": json.dumps([*BAD.values()]), "a number": "12", "a text": '"C9"', "null": "null",
        "true": "true", "no JSON at all": "C9,3,20.5", "single quotes": str(dict(BAD)),
        "names without quotes": "{customer_id: 'C9'}", "a comment": f"// {whole}",
        "a comment behind": f"{whole} # good", "a brace alone": "{", "a bracket alone": "]",
        "colon missing": '{"a" 1}', "bad escape": whole.replace("C9", r"\x", 1),
        "tab in a text": whole.replace("C9", "C\t9", 1), "hundred thousand deep": "[" * 100_000,
        "deep object": '{"a":' * 50_000 + "1" + "}" * 50_000, "leading zero": whole.replace("63.0", "063"),
        "plus sign": whole.replace("63.0", "+63"), "hex": whole.replace("63.0", "0x3f"),
        "Python True": whole.replace(' "churned": 1', ' "churned": True'),
        "mark before": BOM.decode() + whole, "control character": whole + "\x07",
        "huge and cut": '{"a": "' + "x" * 300_000,
    }  # fmt: skip
    for name, line in forms.items():
        yield line_case(name, "churn", line, (0, ROW, JSON))
    cut = whole.replace("C9", "C\n9", 1)
    yield line_case("line end in a text", "churn", cut, (0, ROW, JSON), (1, ROW, JSON))
    pretty = json.dumps(dict(BAD), indent=1)
    yield line_case("pretty", "churn", pretty, *((n, ROW, JSON) for n in range(pretty.count("\n") + 1)))
    yield line_case(
        "latin-1", "churn", whole.encode().replace(b"C9", b"C\xe9", 1), (0, "customer_id", ("utf-8",))
    )
    good = good_rows("churn", 3)
    end = json_lines(json_line(row) for row in good)
    last = whole[:31].encode()
    at = At(4, ROW, JSON)
    for name, pack in (("plain", False), ("gzip", True)):
        raw = packed(end + last) if pack else end + last
        file = "c.jsonl.gz" if pack else "c.jsonl"
        yield Planted(
            f"json file cut within a line {name}", "churn", file, raw, (at,), good, ((4, (whole[:31],)),)
        )
    array = json.dumps([dict(row) for row in good]).encode()
    yield Planted("json one array", "churn", "c.json", array, (At(1, ANY, JSON),), None)
    twice = [json_line(row)[:-1] + ', "churned": 1}' for row in good[:2]]
    faults = tuple(At(line, "churned", ("twice",)) for line in (1, 2))
    bad = tuple((line, (twice[line - 1],)) for line in (1, 2))
    yield Planted(
        "json with a key twice on every line", "churn", "c.jsonl", json_lines(twice), faults, (), bad
    )
    table = bytes(Page(list(BAD)).add(*good).raw)
    for name, raw in {
        "CSV": table,
        "one array over lines": b"[\n" + end.replace(b"}\n", b"},\n") + b"]\n",
    }.items():
        yield Planted(f"json that is {name}", "churn", "c.jsonl", raw, (At(1, ANY, JSON),), None)
    yield Planted("json empty", "churn", "c.jsonl", b"", (At(1, FILE, ("empty",)),), None)
    without = [json_line({name: cell for name, cell in row.items() if name != "churned"}) for row in good]
    yield Planted(
        "json without churned",
        "churn",
        "c.jsonl",
        json_lines(without),
        (At(1, "churned", ("absent",)),),
        None,
    )
    utf16 = end.decode().encode("utf-16")
    yield Planted("json UTF-16", "churn", "c.jsonl", utf16, (At(1, FILE, ("utf-16",)),), None)


def json_cells() -> Iterator[Planted]:
    """Objects with a cell that cannot be used."""
    spend = "monthly_spend"
    literal = json_line(BAD, monthly_spend="@@")
    for text in ("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "9" * 400, "-" + "9" * 5_000):
        yield line_case(f"money {text[:12]}", "churn", literal.replace('"@@"', text), (0, spend, ()))
    values = {
        "true": True,
        "list": [12.5],
        "object": {"amount": 12.5},
        "null": None,
        "blank": "",
        "text": "12.50 EUR",
    }
    for name, value in values.items():
        yield line_case(f"money is {name}", "churn", json_line(BAD, monthly_spend=value), (0, spend, ()))
    for column in ("customer_id", "tenure_months", "contract_type", "churned"):
        absent = json_line({name: cell for name, cell in BAD.items() if name != column})
        yield line_case(f"{column} absent", "churn", absent, (0, column, ()))
    yield line_case(
        "spend twice", "churn", literal.replace('"@@"', '1, "monthly_spend": 2'), (0, spend, ("twice",))
    )
    huge = literal.replace('"@@"', f'1, "{"k" * 100_000}": 1, "{"k" * 100_000}": 2')
    yield line_case("huge key twice", "churn", huge, (0, "k" * 100_000, ("twice",)))
    second = json_line(BAD, tenure=5)
    yield line_case("two keys mean the same", "churn", second, (0, "tenure", ("same",)))
    yield line_case(
        "half a pair", "churn", json_line(BAD, customer_id="C\ud800"), (0, "customer_id", ("surrogate",))
    )
    yield line_case("churned is a text", "churn", json_line(BAD, churned="perhaps"), (0, "churned", ("Yes",)))
    yield line_case("churned is 2", "churn", json_line(BAD, churned=2), (0, "churned", ("Yes",)))
    yield line_case(
        "contract is a number", "churn", json_line(BAD, contract_type=7), (0, "contract_type", ())
    )
    yield line_case("id is a list", "churn", json_line(BAD, customer_id=["C9"]), (0, "customer_id", ()))
    yield line_case(
        "id is a fraction of nothing", "churn", json_line(BAD, customer_id=None), (0, "customer_id", ())
    )
    both = json_line(BAD, monthly_spend=-1, churned="x")
    yield line_case("two cells", "churn", both, (0, spend, ()), (0, "churned", ()))
    late = json_line(BAD, monthly_spend=-1) + "\r"
    yield line_case("with CRLF", "churn", late, (0, spend, ("currency",)))
    person = good_row("customers", 9)
    yield line_case("name is a number", "customers", json_line(person, name=7), (0, "name", ("name",)))
    yield line_case(
        "zone is true", "customers", json_line(person, time_zone=True), (0, "time_zone", ("IANA",))
    )
    logged = good_row("accept", 9)
    yield line_case(
        "time as a number", "accept", json_line(logged, logged_at=1738281600), (0, "logged_at", ("ISO",))
    )
    yield line_case(
        "offer as a fraction", "accept", json_line(logged, offer_pct=0.1), (0, "offer_pct", ("5, 10",))
    )


def pairs() -> Iterator[Planted]:
    """Pairs whose texts cannot be learned from."""
    row = good_row("pairs", 9)
    changes: dict[str, tuple[str, object, tuple[str, ...]]] = {
        "blank prompt": ("prompt", "", ("text",)), "prompt of spaces": ("prompt", " \n\t", ("text",)),
        "no-break spaces": ("chosen", "\u00a0\u00a0", ("text",)),
        "null rejected": ("rejected", None, ("text",)), "number": ("chosen", 12, ("text",)),
        "truth value": ("rejected", False, ("text",)), "list": ("prompt", ["a"], ()),
        "object": ("chosen", {"text": "a"}, ()), "half a pair": ("chosen", "\udc00", ()),
        "NUL": ("prompt", "a\x00b", ()), "too long": ("chosen", "x" * 1_000_001, ("1,000,000",)),
        "the same": ("rejected", row["chosen"], ("chosen",)),
        "the same but for spaces": ("rejected", f" {row['chosen']}\n", ("chosen",)),
    }  # fmt: skip
    for name, (column, value, says) in changes.items():
        yield line_case(f"pair with {name}", "pairs", json_line(row, **{column: value}), (0, column, says))
    for column in row:
        absent = json_line({name: cell for name, cell in row.items() if name != column})
        yield line_case(f"pair without {column}", "pairs", absent, (0, column, ()))
    yield line_case("pair cut in half", "pairs", json_line(row)[:30], (0, ROW, JSON))
    page = Page(list(row)).add(*good_rows("pairs", 2))
    at = At(page.spoil({**row, "chosen": " "}), "chosen", ("text",))
    raw = bytes(page.raw)
    yield Planted("pair blank in CSV", "pairs", "p.csv", raw, (at,), tuple(page.good), tuple(page.bad))
    at = At(page.spoil_raw('Why, "you"?,a,b,c', "you"), ROW, ("cells",))
    raw = bytes(page.raw)
    faults = (At(4, "chosen", ("text",)), at)
    yield Planted(
        "pair with a comma in CSV", "pairs", "p.csv", raw, faults, tuple(page.good), tuple(page.bad)
    )
    good = good_rows("pairs", 3)
    frame = pl.concat([typed_frame(good), pl.DataFrame([{**row, "rejected": row["chosen"]}])])
    bad = ((5, (row["prompt"], row["chosen"])),)
    at = At(5, "rejected", ("chosen",))
    yield Planted("pair the same in Parquet", "pairs", "p.parquet", parquet(frame), (at,), good, bad)
