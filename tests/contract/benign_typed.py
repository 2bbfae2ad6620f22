"""Types of JSON and Parquet that look odd and mean what a CSV would say."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from tests.contract.planting import (
    BOM,
    Benign,
    Row,
    good_rows,
    json_line,
    json_lines,
    packed,
    parquet,
    typed_frame,
)

THREE = good_rows("churn", 3)


def typed() -> Iterator[Benign]:
    """Types of JSON and Parquet that mean what a CSV would say."""

    def changed(**instead: object) -> list[str]:
        return [json_line(THREE[0], **instead), json_line(THREE[1]), json_line(THREE[2])]

    def first(column: str, cell: str) -> tuple[Row, ...]:
        return ({**THREE[0], column: cell}, *THREE[1:])

    values: Mapping[str, tuple[str, object, str]] = {
        "whole number": ("monthly_spend", 12, "12"), "number as text": ("monthly_spend", "12.50", "12.5"),
        "id as number": ("customer_id", 7, "7"), "truth value": ("churned", True, "1"),
        "1.0": ("churned", 1.0, "1"), "null where blank may be": ("support_tickets", None, ""),
        "escapes": ("customer_id", "\u00e9\u4e2d\U0001f600", "é中😀"),
    }  # fmt: skip
    for name, (column, value, cell) in values.items():
        raw = json_lines(changed(**{column: value}))
        yield Benign(f"json {name}", "churn", "c.jsonl", raw, first(column, cell))
    lines = json_lines(map(json_line, THREE))
    spaced = lines.replace(b": ", b" :\t ").replace(b"{", b"  { ")
    shapes = {
        "mark": BOM + lines, "CRLF": lines.replace(b"\n", b"\r\n"), "no last line end": lines[:-1],
        "spaced": spaced, "blank lines": b"\n \n" + lines.replace(b"\n", b"\n\n"), "gzip": packed(lines),
        "tight": lines.replace(b": ", b":"),
    }  # fmt: skip
    for name, raw in shapes.items():
        yield Benign(f"json {name}", "churn", "c.jsonl", raw, THREE)
    yield Benign("json without its suffix", "churn", "export", lines, THREE)
    absent = {name: cell for name, cell in THREE[0].items() if name != "support_tickets"}
    raw = json_lines([json_line(THREE[1]), json.dumps(dict(reversed(absent.items())))])
    good: tuple[Row, ...] = (THREE[1], {**THREE[0], "support_tickets": ""})
    yield Benign("json keys in another order, one left out", "churn", "c.jsonl", raw, good)
    raw = json_lines([json_line(THREE[0]), json_line(THREE[1], gender="Male")])
    good = ({**THREE[0], "gender": ""}, {**THREE[1], "gender": "male"})
    yield Benign("json key that comes late", "churn", "c.jsonl", raw, good)
    for digits in ("9007199254740993", "18446744073709551617", "123456789012345678901234"):
        raw = json_lines([json_line(THREE[0], customer_id=int(digits)), *changed()[1:]])
        yield Benign(
            f"json id of {len(digits)} digits", "churn", "c.jsonl", raw, first("customer_id", digits)
        )
    frame = typed_frame(THREE)
    casts: dict[str, tuple[str, pl.DataType | type[pl.DataType]]] = {
        "small floats": ("tenure_months", pl.Float32), "unsigned": ("tenure_months", pl.UInt8),
        "bool": ("churned", pl.Boolean), "decimal": ("monthly_spend", pl.Decimal(10, 2)),
        "categories": ("contract_type", pl.Categorical), "float flag": ("churned", pl.Float64),
        "text": ("monthly_spend", pl.String),
    }  # fmt: skip
    for name, (column, dtype) in casts.items():
        yield Benign(
            f"parquet {name}",
            "churn",
            "c.parquet",
            parquet(frame.with_columns(pl.col(column).cast(dtype))),
            THREE,
        )
    odd: dict[str, list[object]] = {
        "lists": [[1], [], None], "structures": [{"a": 1}] * 3, "bytes": [b"a", b"\xff", b""],
        "durations": [timedelta(days=1)] * 3, "clock times": [time(9)] * 3,
    }  # fmt: skip
    for name, several in odd.items():
        raw = parquet(frame.with_columns(pl.Series("more", several)))
        yield Benign(f"parquet {name} nobody asked for", "churn", "c.parquet", raw, THREE)
    ids = frame.with_columns(pl.Series("customer_id", [7.0, 8.0, 9.0]))
    good = tuple({**row, "customer_id": text} for row, text in zip(THREE, "789", strict=True))
    yield Benign("parquet ids as floats", "churn", "c.parquet", parquet(ids), good)
    logged = good_rows("accept", 2)
    moments: dict[str, list[date] | list[datetime]] = {
        "days": [date(2025, 1, 31)] * 2, "local times": [datetime(2025, 1, 31)] * 2,
        "times": [datetime(2025, 1, 31, tzinfo=UTC)] * 2,
        "times elsewhere": [datetime(2025, 1, 31, 5, 30, tzinfo=ZoneInfo("Asia/Kolkata"))] * 2,
    }  # fmt: skip
    for name, times in moments.items():
        raw = parquet(typed_frame(logged).with_columns(pl.Series("logged_at", times)))
        yield Benign(
            f"parquet {name}",
            "accept",
            "a.parquet",
            raw,
            tuple({**row, "logged_at": "2025-01-31"} for row in logged),
        )
    exact = frame.with_columns(pl.Series("monthly_spend", [Decimal("12.50")] * 3))
    good = tuple({**row, "monthly_spend": "12.5"} for row in THREE)
    yield Benign("parquet money as decimals", "churn", "renamed.csv", parquet(exact), good)
    yield Benign("parquet in many row groups", "churn", "c.parquet", parquet(frame, 1), THREE)
