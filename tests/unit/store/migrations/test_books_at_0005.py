"""What 0005 writes can still be read: its digests are those that form 2 has for good."""

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
import sqlalchemy as sa

from churn_saver.store import audit, digests, schema
from churn_saver.store.migrations import books_at_0005 as books

MOMENT = datetime(2026, 3, 2, 17, 0, 0, 1, tzinfo=UTC)
VALUES: dict[str, object] = {
    "int": 7, "yes": True, "real": -0.0, "text": "Renée", "bytes": b"\x00x", "date": date(2026, 3, 2),
    "moment": MOMENT, "hex": "0" * 32,
}  # fmt: skip
"""A value for each kind of column."""


def filled(table: sa.TableClause) -> dict[str, list[object]]:
    """Give a table of two rows, one of values and one of nothing."""
    kinds = {sa.BigInteger: "int", sa.Boolean: "yes", sa.Double: "real", sa.Text: "text"}
    kinds |= {sa.LargeBinary: "bytes", sa.Date: "date"}
    named = {"_Moment": "moment", "_HexId": "hex"}
    return {
        column.name: [VALUES[named.get(type(column.type).__name__) or kinds[type(column.type)]], None]
        for column in table.columns
    }


def test_a_settlement_and_a_campaign_have_the_digests_of_form_2() -> None:
    """Every kind of column, with a value and without one."""
    settled, decided = filled(books.settlements), filled(books.decisions)
    held = filled(books.reservations)
    campaign = {name: values[0] for name, values in filled(books.campaigns).items()}

    assert books.settlement_digest(settled, decided, held) == audit.settlement_digest(
        settled, decided, held, form=2
    )
    assert books.campaign_digest(campaign) == audit.campaign_digest(campaign)


def test_details_have_their_digest() -> None:
    """By hand: lengths keep the fields apart, what is missing is a dash."""
    found = books.details_digest(b"salt", ["C1", None, "é"])

    assert found == sha256("salt2:C1-1:é".encode()).digest()
    assert found == digests.details_digest(b"salt", ["C1", None, "é"])


@pytest.mark.parametrize("table", [books.campaigns, books.settlements, books.decisions, books.reservations])
def test_what_is_digested_is_whole(table: sa.TableClause) -> None:
    """Every column that such a table has today and had then, in the order of the digest."""
    today = [column.name for column in schema.metadata.tables[table.name].columns]

    assert [name for name in today if name in table.c] == [column.name for column in table.columns]
