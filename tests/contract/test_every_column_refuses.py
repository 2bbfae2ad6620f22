"""More than 300 planted faults, each named by line and column, and no row lost."""

import csv
import io
import json

import pytest

from churn_saver.data.meaning.columns import Table
from churn_saver.data.reading.parsing import Sizes
from churn_saver.data.tables import ACCEPT_TRAIN, CHURN_TRAIN, CUSTOMERS, MESSAGES, PAIRS, TABLES, read

GOOD: dict[str, dict[str, str]] = {
    "churn_train": {
        "customer_id": "C", "tenure_months": "12", "monthly_spend": "89.99", "support_tickets": "1",
        "contract_type": "One year", "churned": "0", "contacted": "1", "propensity": "0.25",
        "logged_at": "2025-01-31",
    },
    "accept_train": {
        "customer_id": "C", "offer_pct": "10", "churn_risk": "0.5", "tenure_months": "12", "accepted": "1",
        "propensity": "0.25", "logged_at": "2025-01-31",
    },
    "customers": {
        "customer_id": "C", "tenure_months": "12", "monthly_spend": "89.99", "name": "Sam",
        "churn_risk": "0.5", "contacts_last_7d": "1", "days_since_last_contact": "3",
        "time_zone": "Europe/Berlin", "country": "DE", "channel": "push", "opted_in": "yes",
    },
    "rlhf_pairs": {"prompt": "p", "chosen": "a", "rejected": "b"},
    "messages": {
        "message_id": "M", "text": "Hello {name}", "offer_pct": "5", "tone": "warm", "channel": "sms",
        "language": "en", "contract_type": "One year", "review": "draft",
    },
}  # fmt: skip
NO_NUMBER = (
    "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "1,234.50", "1.234,50", "89,99", "€89.99",
    "$89.99", "89.99 €", "15%", "1 000", "1_000", "0x1F", "twelve", "-1", "1e12", "1.2.3", "--1", "12 months",
    "9" * 400, "#N/A",
)  # fmt: skip
NO_WORD = ("weekly", "2", "n/a", "null", "True story", "-", "yes no", "\u200b", "x" * 2_000_000)
NO_TIME = (
    "2025-02-30", "31/12/2025", "12/31/2025", "31.12.2025", "2025-13-01", "yesterday", "2025-1-1",
    "1735689600000",
    "2025-01-31T25:00:00", "0000-00-00", "2025-01-31T09:30:00+25:00",
)  # fmt: skip
NO_DRAFT = (
    "{nam}",
    "{",
    "}",
    "{{name}}",
    "{name",
    "name}",
    "{0}",
    "{ name }",
    "x" * 1_001,
    "a\x00b",
    "x" * 2_000_000,
)
NO_ID = ("x" * 129, "a\u202eb", "a\tb", "a\x00b", "a\u200bb", "x" * 2_000_000)
NO_PASSAGE = ("x" * 1_000_001, "a\x00b")
BAD: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("tenure_months", "monthly_spend", "support_tickets", "offer_pct"), NO_NUMBER),
    **dict.fromkeys(("churn_risk", "propensity", "contacts_last_7d", "days_since_last_contact"), NO_NUMBER),
    **dict.fromkeys(("contract_type", "churned", "contacted", "accepted", "opted_in"), NO_WORD),
    **dict.fromkeys(("channel", "review"), NO_WORD),
    **dict.fromkeys(("time_zone", "country"), NO_WORD),
    **dict.fromkeys(("customer_id", "message_id"), NO_ID),
    **dict.fromkeys(("prompt", "chosen", "rejected"), NO_PASSAGE),
    "logged_at": NO_TIME,
    "name": ("<b>Sam</b>", "Sam 2", "sam@example.com", "Percent Off", "x" * 81, "{name}"),
    "text": NO_DRAFT,
    "tone": ("warm!", "x" * 41, "a\x00b"),
    "language": ("english!", "e", "en_", "en-"),
}
BLANK = ("", "  ")


def planted(table: Table) -> list[tuple[dict[str, str], str | None]]:
    """Rows with the column in which each is bad; None where it is good."""
    rows: list[tuple[dict[str, str], str | None]] = [(GOOD[table.name], None)]
    for column in table.columns:
        if column.name not in GOOD[table.name]:
            continue
        cells = BAD[column.name] + (() if column.blank_ok else BLANK)
        rows += [({**GOOD[table.name], column.name: cell}, column.name) for cell in cells]
    ids = {"customer_id", "message_id"}
    return [
        (
            {
                name: f"{cell}{i}" if name in ids and cell in ("C", "M") else cell
                for name, cell in row.items()
            },
            bad,
        )
        for i, (row, bad) in enumerate(rows)
    ]


def as_csv(rows: list[dict[str, str]]) -> str:
    """Write rows as CSV, every cell quoted."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def test_there_are_more_than_300_of_them() -> None:
    """Counted once, though each is looked for in two kinds of file."""
    assert sum(bad is not None for table in TABLES.values() for _, bad in planted(table)) > 300


@pytest.mark.parametrize(
    "table", [CHURN_TRAIN, ACCEPT_TRAIN, CUSTOMERS, PAIRS, MESSAGES], ids=lambda table: table.name
)
@pytest.mark.parametrize("kind", ["t.csv", "t.jsonl"])
def test_each_planted_fault_is_named(table: Table, kind: str) -> None:
    """Exactly those, on their lines, in few words, and every row is either good or a reject."""
    rows = planted(table)
    cells = [row for row, _ in rows]
    raw = as_csv(cells) if kind == "t.csv" else "\n".join(map(json.dumps, cells))
    first = 2 if kind == "t.csv" else 1
    expected = [(line, bad) for line, (_, bad) in enumerate(rows, start=first) if bad is not None]

    checked = read(raw.encode(), kind, table, sizes=Sizes(piece=1 << 16))

    assert [(fault.line, fault.column) for fault in checked.faults] == expected
    assert all(len(str(fault)) < 400 for fault in checked.faults)
    assert checked.rejects["line"].to_list() == [line for line, _ in expected]
    assert checked.frame.height + checked.rejects.height == len(rows)
