"""Digests stand for every value, whoever gives it and in whatever form."""

from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.store.digests import SALT_BYTES, RowsByColumn, columns_digest, details_digest, salts
from churn_saver.store.schema import decisions, reservations

AT = datetime(2026, 3, 2, 17, tzinfo=UTC)
ROWS: dict[str, list[object]] = {
    "id": [1, 2],
    "decision_id": ["00" * 16, "ff" * 16],
    "campaign_ref": [1, None],
    "choice": [3, 0],
    "excluded": [b"\x00" * 20, b"\x01" * 20],
    "probability": [0.25, None],
    "message_source": ["template", "none"],
    "message_entry": [None, "m7"],
    "send_at": [AT, None],
    "valid_until": [date(2026, 3, 16), None],
}
"""One column of each type."""


def test_details_are_netstrings_after_a_salt() -> None:
    """Worked by hand: lengths keep apart what two fields share, and a dash is nothing at all."""
    told = b"2:C1" + b"3:Sam" + b"-" + b"0:" + b"2:{}"

    assert details_digest(b"salt", ["C1", "Sam", None, "", "{}"]) == sha256(b"salt" + told).digest()


@given(st.lists(st.none() | st.text(max_size=3), min_size=5, max_size=5), st.data())
def test_other_details_have_another_digest(fields: list[str | None], data: st.DataObject) -> None:
    """Whatever moves from one field to another."""
    others = data.draw(st.lists(st.none() | st.text(max_size=3), min_size=5, max_size=5))

    assert (details_digest(b"s", fields) == details_digest(b"s", others)) == (fields == others)
    assert details_digest(b"s", fields) != details_digest(b"t", fields)


def test_salts_are_all_different() -> None:
    """16 bytes each, none twice."""
    drawn = salts(1_000)

    assert {len(salt) for salt in drawn} == {SALT_BYTES}
    assert len(set(drawn)) == 1_000
    assert salts(0) == []


def test_every_value_counts() -> None:
    """Another value anywhere, a value for nothing, another order of rows, a row less: another digest."""
    plain = columns_digest((decisions, ROWS))
    others: dict[str, list[object]] = {
        "id": [1, 3], "decision_id": ["00" * 16, "fe" * 16], "campaign_ref": [1, 0], "choice": [3, 1],
        "excluded": [b"\x00" * 20, b"\x01" * 19], "probability": [0.25, 0.0],
        "message_source": ["template", "None"], "message_entry": ["", "m7"],
        "send_at": [AT + timedelta(microseconds=1), None], "valid_until": [date(2026, 3, 17), None],
    }  # fmt: skip
    changed = [columns_digest((decisions, {**ROWS, name: values})) for name, values in others.items()]
    turned = columns_digest((decisions, {name: list(reversed(values)) for name, values in ROWS.items()}))
    first = columns_digest((decisions, {name: values[:1] for name, values in ROWS.items()}))

    assert len({plain, turned, first, *changed}) == 3 + len(others)


def test_the_same_values_have_the_same_digest() -> None:
    """In another zone, as an array with NaN for nothing, with columns in another order, −0 for 0."""
    plain = columns_digest((decisions, ROWS))
    same: RowsByColumn = {
        **{name: ROWS[name] for name in reversed(list(ROWS))},
        "probability": np.array([0.25, np.nan]),
        "send_at": [AT.astimezone(timezone(timedelta(hours=-5))), None],
    }

    assert columns_digest((decisions, same)) == plain
    assert columns_digest((decisions, {"probability": [-0.0]})) == columns_digest(
        (decisions, {"probability": [0.0]})
    )


def test_tables_are_kept_apart() -> None:
    """The same column of another table is another digest."""
    column = {"campaign_ref": [1]}

    assert columns_digest((decisions, column)) != columns_digest((reservations, column))
