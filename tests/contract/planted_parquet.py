"""Faults of Parquet: files that are torn, and typed cells that cannot be used."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import inf, nan

import polars as pl

from tests.contract.planting import FILE, At, Page, Planted, good_row, good_rows, parquet, typed_frame


def parquets() -> Iterator[Planted]:
    """Parquet that is torn, and typed cells that cannot be used."""
    good = good_rows("churn", 4)
    frame = typed_frame(good)
    whole = parquet(frame)
    half = len(whole) // 2
    torn = {"half": whole[:half], "last byte": whole[:-1], "foot": whole[:-8], "all but the mark": whole[:4]}
    torn |= {"a middle": whole[:200] + whole[400:], "its data": whole[:4] + bytes(half) + whole[4 + half :]}
    for name, raw in torn.items():
        yield Planted(
            f"parquet without {name}", "churn", "c.parquet", raw, (At(-1, FILE, ("Parquet",)),), None
        )
    no_churned = parquet(frame.drop("churned"))
    yield Planted(
        "parquet no churned", "churn", "c.parquet", no_churned, (At(1, "churned", ("absent",)),), None
    )

    def cell(name: str, kind: str, column: str, value: object, says: tuple[str, ...] = ()) -> Planted:
        rows = good_rows(kind, 3)
        bad = good_row(kind, 99_999)
        typed = typed_frame([*rows[:2], bad, rows[2]])
        values = typed[column].to_list()
        values[2] = value
        raw = parquet(typed.with_columns(pl.Series(column, values)), row_group_size=2)
        pieces = tuple(text for other, text in bad.items() if other == "customer_id" != column)
        return Planted(
            f"parquet {name}", kind, f"{kind}.parquet", raw, (At(4, column, says),), rows, ((4, pieces),)
        )

    for number in (nan, inf, -inf, -1.0, 1e300, 1_000_000.5, None):
        yield cell(f"money {number}", "churn", "monthly_spend", number, ("currency",))
    yield cell("tenure 1201", "churn", "tenure_months", 1201.0, ("months",))
    yield cell("tickets -1", "churn", "support_tickets", -1.0, ("count",))
    yield cell("churned 2", "churn", "churned", 2, ("Yes",))
    yield cell("churned null", "churn", "churned", None, ("Yes",))
    yield cell("id null", "churn", "customer_id", None, ("id",))
    yield cell("id invisible", "churn", "customer_id", "C\u200b", ("id",))
    yield cell("id huge", "churn", "customer_id", "C" * 500_000, ("id",))
    yield cell("offer nan", "accept", "offer_pct", nan, ("5, 10",))
    yield cell("risk inf", "customers", "churn_risk", inf, ("probability",))
    yield cell("contacts 2.5", "customers", "contacts_last_7d", 2.5, ("whole",))

    def column(name: str, kind: str, changed: str, values: list[object], *says: str) -> Planted:
        rows = good_rows(kind, len(values))
        raw = parquet(typed_frame(rows).with_columns(pl.Series(changed, values)))
        at = tuple(At(line, changed, says) for line in range(2, 2 + len(values)))
        bad = tuple((line, (rows[line - 2]["customer_id"],)) for line in range(2, 2 + len(values)))
        return Planted(f"parquet column of {name}", kind, f"{kind}.parquet", raw, at, (), bad)

    spend = "monthly_spend"
    nested: dict[str, tuple[str, list[object]]] = {
        "lists": (spend, [[12.5], [1.0]]), "structures": (spend, [{"a": 1}, {"a": 2}]),
        "bytes": ("contract_type", [b"One year", b"Two year"]), "lists of ids": ("customer_id", [["C1"], []]),
    }  # fmt: skip
    for name, (changed, values) in nested.items():
        raw = parquet(typed_frame(good_rows("churn", 2)).with_columns(pl.Series(changed, values)))
        at = At(0, changed, ("wanted",))
        yield Planted(f"parquet column of {name}", "churn", "c.parquet", raw, (at,), None)
    yield column("truth values for money", "churn", spend, [True, False], "currency")
    yield column("days for money", "churn", spend, [date(2025, 1, 1), date(2025, 1, 2)], "currency")
    yield column("times for money", "churn", spend, [datetime(2025, 1, 1, tzinfo=UTC)] * 2, "currency")
    yield column("durations for months", "churn", "tenure_months", [timedelta(days=30)] * 2, "months")
    yield column("numbers for contracts", "churn", "contract_type", [7, 8], "One year")
    yield column("numbers for names", "customers", "name", [7, 8], "name")
    yield column("epochs", "accept", "logged_at", [1_738_281_600, 1_738_281_601], "ISO")
    yield column("clock times", "accept", "logged_at", [time(9, 30), time(9, 31)], "ISO")
    yield column("decimals below zero", "churn", spend, [Decimal("-1.50"), Decimal("-2.50")], "currency")
    fractions = parquet(typed_frame(good_rows("accept", 2)).with_columns(pl.Series("offer_pct", [0.05, 0.1])))
    at = At(0, "offer_pct", ("fractions", "whole per cent"))
    yield Planted("parquet offers as fractions", "accept", "a.parquet", fractions, (at,), None)
    page = Page(list(good_row("accept", 1))).add(
        *({**row, "offer_pct": "0.05"} for row in good_rows("accept", 3))
    )
    yield Planted("offers as fractions in CSV", "accept", "a.csv", bytes(page.raw), (at,), None)
