"""Read decisions back: one by its id, or many as columns, in the order in which they were settled.

Personal details that were erased read as None. Knows nothing of money but what was reserved.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, select

from churn_saver.errors import DecisionAbsent
from churn_saver.store.columns import chunks
from churn_saver.store.reservations import is_decision_id
from churn_saver.store.schema import (
    EXCLUDED_DTYPE,
    MAX_ROWS,
    ROW_BITS,
    campaigns,
    customers,
    decision_details,
    decisions,
    settlements,
)

BATCH_ROWS = 5_000
"""Rows that one step of an export holds in memory, but never less than one settlement."""
DecisionColumns = dict[str, list[object]]

_SHARED = {
    "decided_at": settlements.c.settled_at,
    "price": settlements.c.price,
    "policy": settlements.c.policy,
    "models": settlements.c.models,
    "code": settlements.c.code,
    "campaign_id": campaigns.c.campaign_id,
}
_OWN = {
    "decision_id": decisions.c.decision_id,
    "customer_id": customers.c.customer_id,
    **{
        name: decisions.c[name]
        for name in (
            "number", "choice", "intended", "reasons", "excluded", "probability", "arm_probability",
            "message_probability", "churn_risk", "accept_prob", "expected_value", "retention_prob",
            "needs_minor", "contact_minor", "message_source", "message_entry", "channel", "send_at",
            "valid_until", "delay_days", "next_decision_at",
        )
    },
    "name": decision_details.c.name,
    "message": decision_details.c.message,
    "violations": decision_details.c.violations,
    "features": decision_details.c.features,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """One decision as it was recorded; None stands for what was not a number or was erased."""

    decision_id: str
    customer_id: str
    number: int
    choice: int
    intended: int
    reasons: int
    excluded: Sequence[int]
    probability: float | None
    arm_probability: float | None
    message_probability: float | None
    churn_risk: float | None
    accept_prob: float | None
    expected_value: float | None
    retention_prob: float | None
    needs_minor: int
    contact_minor: int
    message_source: str
    message_entry: str | None
    """Of the bank; None: the message is not the bank's."""
    channel: str | None
    """email, sms or push; None: no message, or recorded before the channel was."""
    send_at: datetime | None
    valid_until: date | None
    delay_days: int
    next_decision_at: datetime
    name: str | None
    message: str | None
    violations: Sequence[str]
    features: str | None
    decided_at: datetime
    price: float
    policy: str
    models: str
    code: str
    campaign_id: str | None
    """None: decided while no campaign was open."""


def decision(connection: Connection, decision_id: str) -> DecisionRecord:
    """Read one decision.

    Raises:
        DecisionAbsent: there is none of this id.
    """
    row = None
    if is_decision_id(decision_id):
        query = _rows().add_columns(*(column.label(name) for name, column in _SHARED.items()))
        query = query.join(settlements, settlements.c.id == decisions.c.settlement_ref).outerjoin(
            campaigns, campaigns.c.id == settlements.c.campaign_ref
        )
        row = connection.execute(query.where(decisions.c.decision_id == decision_id)).first()
    if row is None:
        raise DecisionAbsent(f"there is no decision {decision_id!r}. Check the id and DATABASE_URL.")
    columns = _columns([row[: len(_OWN)]])
    values = {name: column[0] for name, column in columns.items()}
    return DecisionRecord(**values, **dict(zip(_SHARED, row[len(_OWN) :], strict=True)))  # type: ignore[arg-type]


def records(
    connection: Connection, key_prefix: str | None = None, campaign_id: str | None = None,
    settlement: int | None = None,
) -> Iterator[DecisionColumns]:  # fmt: skip
    """Read many decisions, a few thousand rows at a time.

    Args:
        connection: In one reading transaction until the iterator ends.
        key_prefix: Only what was settled under keys that start so.
        campaign_id: Only what was decided in this campaign.
        settlement: Only what was settled under this number.

    Yields:
        Columns of equal length by the names of `DecisionRecord`, in the order of settlement.
    """
    query = (
        select(settlements.c.id, settlements.c.row_count, *_SHARED.values())
        .outerjoin(campaigns, campaigns.c.id == settlements.c.campaign_ref)
        .order_by(settlements.c.id)
    )
    if key_prefix is not None:
        query = query.where(*_starts_with(key_prefix))
    if campaign_id is not None:
        query = query.where(campaigns.c.campaign_id == campaign_id)
    if settlement is not None:
        query = query.where(settlements.c.id == settlement)
    for batch in _batches(connection.execute(query).all()):
        columns = _settled(connection, batch)
        if columns["decision_id"]:
            yield columns


def _starts_with(prefix: str) -> tuple[ColumnElement[bool], ...]:
    # LIKE folds case on SQLite; a range in byte order means the same on both, and uses the index.
    own = settlements.c.idempotency_key
    if not prefix:
        return (own.is_not(None),)
    return own >= prefix, own < prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _batches(found: Sequence[Row[tuple[object, ...]]]) -> Iterator[Sequence[Row[tuple[object, ...]]]]:
    start = size = 0
    for end, row in enumerate(found, start=1):
        size += row.row_count
        if size >= BATCH_ROWS or end == len(found):
            yield found[start:end]
            start, size = end, 0


def _settled(connection: Connection, batch: Sequence[Row[tuple[object, ...]]]) -> DecisionColumns:
    first, last = batch[0].id << ROW_BITS, (batch[-1].id << ROW_BITS) + MAX_ROWS - 1
    rows: list[Sequence[object]] = []
    for some in chunks([row.id for row in batch]):
        query = _rows().add_columns(decisions.c.settlement_ref)
        query = query.where(decisions.c.id.between(first, last), decisions.c.settlement_ref.in_(some))
        rows += connection.execute(query.order_by(decisions.c.id)).all()
    by_number: Mapping[object, tuple[object, ...]] = {row.id: tuple(row[2:]) for row in batch}
    shared = [by_number[row[-1]] for row in rows]
    return _columns(rows) | _transposed(list(_SHARED), shared)


def _rows() -> Select[tuple[object, ...]]:
    return (
        select(*_OWN.values())
        .join(customers, customers.c.id == decisions.c.customer_ref)
        .outerjoin(decision_details, decision_details.c.decision_ref == decisions.c.id)
    )


def _columns(rows: Sequence[Sequence[object]]) -> DecisionColumns:
    """Turn rows of `_OWN` (further columns are ignored) into columns, flags and codes unpacked."""
    columns = _transposed(list(_OWN), rows)
    columns["excluded"] = _each(columns["excluded"], _flags)
    columns["violations"] = _each(columns["violations"], _codes)
    return columns


def _each(column: Sequence[object], read: Callable[[object], object]) -> list[object]:
    """Read every distinct value once: there are few, and a million rows."""
    distinct = {value: read(value) for value in set(column)}
    return [distinct[value] for value in column]


def _flags(packed: object) -> tuple[int, ...]:
    return tuple(np.frombuffer(cast(bytes, packed), dtype=EXCLUDED_DTYPE).tolist())


def _codes(joined: object) -> tuple[str, ...]:
    return tuple(str(joined).split(",")) if joined else ()


def _transposed(names: Sequence[str], rows: Sequence[Sequence[object]]) -> DecisionColumns:
    if not rows:
        return {name: [] for name in names}
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=False)}
