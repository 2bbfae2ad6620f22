"""Spellings of a cell that look odd and mean something."""

import json
from collections.abc import Callable, Iterator

from tests.contract.planting import Benign, Page, Row, good_row, good_rows, json_lines, parquet, text_frame

CELLS: tuple[tuple[str, str, str, str], ...] = (
    ("churn", "monthly_spend", "1e3", "1000"), ("churn", "monthly_spend", "0", "0"),
    ("churn", "monthly_spend", " 12.50 ", "12.5"), ("churn", "monthly_spend", "1000000", "1000000"),
    ("churn", "monthly_spend", "+12.5", "12.5"), ("churn", "monthly_spend", ".5", "0.5"),
    ("churn", "monthly_spend", "5.", "5"), ("churn", "monthly_spend", "007", "7"),
    ("churn", "monthly_spend", "-0", "0"), ("churn", "monthly_spend", "1E2", "100"),
    ("churn", "monthly_spend", "0." + "3" * 300, "0." + "3" * 16),
    ("churn", "monthly_spend", "\t12.5\u00a0", "12.5"), ("churn", "monthly_spend", "1e-400", "0"),
    ("churn", "tenure_months", "12.0", "12"), ("churn", "tenure_months", "1200", "1200"),
    ("churn", "support_tickets", "", ""), ("churn", "support_tickets", "  ", ""),
    ("churn", "contract_type", "MONTH-TO-MONTH", "month-to-month"),
    ("churn", "contract_type", " one  year ", "one year"), ("churn", "contract_type", "1 Year", "one year"),
    ("churn", "contract_type", "monthly", "month-to-month"), ("churn", "churned", "Yes", "1"),
    ("churn", "churned", "no", "0"), ("churn", "churned", "TRUE", "1"), ("churn", "churned", "False", "0"),
    ("churn", "churned", "1.0", "1"), ("churn", "churned", " 0 ", "0"),
    ("churn", "customer_id", "Zoë Ångström", "Zoë Ångström"),
    ("churn", "customer_id", " 7590-VHVEG ", "7590-VHVEG"), ("churn", "customer_id", "山田太郎", "山田太郎"),
    ("churn", "customer_id", "y" * 128, "y" * 128), ("churn", "customer_id", "😀", "😀"),
    ("churn", "customer_id", "NaN", "NaN"), ("churn", "customer_id", "null", "null"),
    ("churn", "customer_id", "=1+1", "=1+1"), ("churn", "customer_id", "0", "0"),
    ("churn", "customer_id", "c00001", "c00001"), ("churn", "customer_id", 'a "b", c;d', 'a "b", c;d'),
    ("churn", "customer_id", "é", "é"), ("customers", "name", "Zoë O'Brien", "Zoë O'Brien"),
    ("customers", "name", "", ""), ("customers", "name", "Lee, Ann", "Lee, Ann"),
    ("customers", "name", "Null", "Null"), ("customers", "name", "王伟", "王伟"),
    ("customers", "name", "Иван", "Иван"), ("customers", "name", "Geoff", "Geoff"),
    ("customers", "time_zone", "", ""),
    ("customers", "time_zone", "America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
    ("customers", "country", "", ""), ("customers", "country", " de ", "DE"),
    ("customers", "channel", "", ""), ("customers", "channel", "SMS", "sms"),
    ("customers", "opted_in", "FALSE", "no"), ("customers", "opted_in", "", ""),
    ("customers", "opted_in", "1.0", "yes"), ("customers", "contacts_last_7d", "2.0", "2"),
    ("customers", "contacts_last_7d", "", ""), ("customers", "churn_risk", "0", "0"),
    ("customers", "churn_risk", "1e-9", "1e-9"), ("customers", "churn_risk", "1", "1"),
    ("accept", "offer_pct", "15.0", "15"), ("accept", "offer_pct", "0", "0"),
    ("accept", "offer_pct", "1e1", "10"), ("accept", "propensity", "1", "1"),
    ("accept", "propensity", "", ""), ("accept", "customer_id", "C00002", "C00002"),
    ("accept", "logged_at", "2024-02-29", "2024-02-29"), ("accept", "logged_at", "", ""),
    ("accept", "logged_at", "2025-01-31T09:30:00Z", "2025-01-31T09:30:00+00:00"),
    ("accept", "logged_at", "2025-01-31 09:30:00+05:30", "2025-01-31T04:00:00+00:00"),
    ("accept", "logged_at", "20250131", "2025-01-31"),
    ("accept", "logged_at", "2025-01-31T09:30", "2025-01-31T09:30:00"),
    ("accept", "logged_at", "1969-12-31T23:59:59.5-01:00", "1970-01-01T00:59:59.500000+00:00"),
    ("accept", "logged_at", "2025-W05-5", "2025-01-31"),
    ("messages", "text", "Hi {name}, {tenure} {offer} {plan} {duration} {valid_until}", ""),
    ("messages", "text", "Grüße, 50 % – “so” 😀\r\nund\tmehr", ""), ("messages", "text", "y" * 1_000, ""),
    ("messages", "offer_pct", "", ""), ("messages", "tone", "matter-of-fact", "matter-of-fact"),
    ("messages", "channel", "EMAIL", "email"), ("messages", "language", "pt-BR", "pt-BR"),
    ("messages", "review", "", ""), ("messages", "review", "Approved", "approved"),
    ("messages", "tone", "", ""), ("pairs", "prompt", "  two\n\nlines, “quoted” ", ""),
    ("pairs", "chosen", "x" * 100_000, ""), ("pairs", "rejected", '{"chosen": "no"}', ""),
    ("pairs", "chosen", "a\rb", ""), ("pairs", "chosen", '"', ""),
    ("pairs", "prompt", "a\x0bb\x0cc\x85d\u2028e\u2029f\x1eg", ""), ("pairs", "prompt", "\ufeffmark", ""),
    ("pairs", "prompt", "a\rb", ""), ("pairs", "rejected", "a\rb", ""), ("pairs", "chosen", '"quoted"', ""),
    ("pairs", "chosen", "NULL", ""), ("messages", "text", "=1+1 \r- @x", ""), ("pairs", "rejected", '""', ""),
    ("pairs", "prompt", '"', ""), ("pairs", "prompt", " \t a", ""), ("pairs", "rejected", "a\r", ""),
    ("pairs", "chosen", "\\u0000 \\n \\", ""), ("pairs", "prompt", "…", ""),
)  # fmt: skip


def _as_csv(kind: str, rows: list[Row]) -> tuple[str, bytes]:
    return f"{kind}.csv", bytes(Page(list(rows[0])).add(*rows).raw)


def _as_tsv(kind: str, rows: list[Row]) -> tuple[str, bytes]:
    return f"{kind}.tsv", bytes(Page(list(rows[0]), "\t", "\r\n").add(*rows).raw)


def _as_json(kind: str, rows: list[Row]) -> tuple[str, bytes]:
    return f"{kind}.jsonl", json_lines(json.dumps(dict(row), ensure_ascii=False) for row in rows)


def _as_parquet(kind: str, rows: list[Row]) -> tuple[str, bytes]:
    return f"{kind}.parquet", parquet(text_frame(rows), row_group_size=2)


def cells() -> Iterator[Benign]:
    """Spellings of a cell that mean something; a meaning of "" for a text is the text itself."""
    ways: tuple[Callable[[str, list[Row]], tuple[str, bytes]], ...] = (
        _as_csv,
        _as_json,
        _as_parquet,
        _as_tsv,
    )
    for number, (kind, column, cell, means) in enumerate(CELLS):
        around = good_rows(kind, 2)
        odd = {**good_row(kind, 3), column: cell}
        meant = {**odd, column: means or (cell if cell.strip() else "")}
        file, raw = ways[number % 4](kind, [around[0], odd, around[1]])
        yield Benign(
            f"{kind} {column}={ascii(cell)[1:-1][:30]} in {file}",
            kind,
            file,
            raw,
            (around[0], meant, around[1]),
        )
