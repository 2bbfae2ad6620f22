"""Read a campaign's decisions back as columns, with what became of each: what all evidence is read from.

One statement a table, put together here by the numbers of the rows: what a settlement or a customer shares
is read once, however many decisions it has. Rows pass in parts, so that beside the columns only one part is
held as the driver gives it. Knows nothing of what follows from an outcome.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, Table, case, select

from churn_saver.domain.action import N_CHOICES
from churn_saver.domain.logbook import Logbook
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.store.budget import campaign_of, campaign_row
from churn_saver.store.schema import (
    EXCLUDED_DTYPE,
    customers,
    decision_details,
    decisions,
    outcomes,
    reservations,
    settlements,
)

PART_ROWS = 5_000
"""Rows that are held as the driver gives them, before they become columns."""
_WORD, _MOMENT, _DAY = "O", "datetime64[us]", "datetime64[D]"
_NUMBERS = {
    "number": "i8", "choice": "i1", "intended": "i1", "reasons": "i8", "probability": "f8",
    "arm_probability": "f8", "churn_risk": "f8", "accept_prob": "f8", "expected_value": "f8",
}  # fmt: skip
"""Columns of `decisions` that a logbook has under the same name."""
_TOLD = {
    "accepted_at": OutcomeKind.ACCEPTED,
    "declined_at": OutcomeKind.DECLINED,
    "retained_at": OutcomeKind.RETAINED,
    "churned_at": OutcomeKind.CHURNED,
}
_Array = NDArray[np.generic]


def logbook(connection: Connection, campaign_id: str) -> Logbook:
    """Read all decisions of a campaign, the oldest first.

    Args:
        connection: In one reading transaction.
        campaign_id: Of the campaign.

    Raises:
        CampaignError: no such campaign.
    """
    row = campaign_row(connection, campaign_id)
    own = decisions.c
    fixed = {
        "id": "i8",
        "settlement_ref": "i8",
        "customer_ref": "i8",
        "decision_id": _WORD,
        "excluded": _WORD,
    }
    kinds = fixed | _NUMBERS
    query = select(*(own[name] for name in kinds)).where(own.campaign_ref == row.id).order_by(own.id)
    read = dict(zip(kinds, _read(connection, query, list(kinds.values())), strict=True))
    numbers, who = read["id"], read["customer_ref"]
    columns = {name: read[name] for name in _NUMBERS} | {"decision_ids": read["decision_id"], "customer": who}
    packed = b"".join(cast(list[bytes], read["excluded"].tolist()))
    columns["excluded"] = np.frombuffer(packed, dtype=EXCLUDED_DTYPE).reshape(-1, N_CHOICES)
    columns |= _shared(connection, row.id, read["settlement_ref"])
    columns |= _outcomes(connection, row.id, numbers) | _contacts(connection, row.id, numbers)
    columns["customer_ids"] = _customers(connection, row.id, who)
    columns["features"] = _features(connection, row.id, numbers)
    # Writers take turns, but each with a clock of its own: a later number may have an earlier moment.
    order = np.argsort(columns["decided_at"], kind="stable")
    ordered = {name: column[order] for name, column in columns.items()}
    given = {name: column.tolist() if column.dtype == _WORD else column for name, column in ordered.items()}
    return Logbook(campaign=campaign_of(row), **given)  # type: ignore[arg-type]


def _shared(connection: Connection, ref: int, of: _Array) -> dict[str, _Array]:
    """Read what whole settlements share, and give it to each decision.

    Shapes: of (n,), number of the settlement → columns of (n,).
    """
    own = settlements.c
    columns = (own.id, own.settled_at, own.price, own.policy, own.models)
    query = select(*columns).where(own.campaign_ref == ref).order_by(own.id)
    found, *values = _read(connection, query, ["i8", _MOMENT, "f8", _WORD, _WORD])
    place = np.searchsorted(found, of)
    names = ("decided_at", "price", "policies", "models")
    return {name: column[place] for name, column in zip(names, values, strict=True)}


def _outcomes(connection: Connection, ref: int, numbers: _Array) -> dict[str, _Array]:
    query = _of_decisions(ref, outcomes, "decision_ref", "kind", "happened_at")
    of, kind, moment = _read(connection, query, ["i8", "i1", _MOMENT])
    return {
        name: _spread(of[kind == told], moment[kind == told], numbers, np.datetime64("NaT"))
        for name, told in _TOLD.items()
    }


def _contacts(connection: Connection, ref: int, numbers: _Array) -> dict[str, _Array]:
    own = reservations.c
    spent = (
        case((own.sent_at.is_not(None), own.contact_minor), else_=0),
        case((own.accepted_at.is_not(None), own.offer_minor), else_=0),
    )
    query = select(own.decision_ref, own.sent_at, own.expires_on, *spent).where(own.campaign_ref == ref)
    of, sent, last, contact, offer = _read(connection, query, ["i8", _MOMENT, _DAY, "i8", "i8"])
    none = np.datetime64("NaT")
    return {
        "sent_at": _spread(of, sent, numbers, none),
        "expires_on": _spread(of, last, numbers, none),
        "contact_spent_minor": _spread(of, contact, numbers, 0),
        "offer_spent_minor": _spread(of, offer, numbers, 0),
    }


def _customers(connection: Connection, ref: int, who: _Array) -> _Array:
    own = customers.c
    theirs = select(decisions.c.customer_ref).where(decisions.c.campaign_ref == ref)
    query = select(own.id, own.customer_id).where(own.id.in_(theirs)).order_by(own.id)
    found, names = _read(connection, query, ["i8", _WORD])
    return names[np.searchsorted(found, who)]


def _features(connection: Connection, ref: int, numbers: _Array) -> _Array:
    """Read what the decisions were made on; those of who was erased have no row."""
    query = _of_decisions(ref, decision_details, "decision_ref", "features")
    of, told = _read(connection, query, ["i8", _WORD])
    return _spread(of, told, numbers, None)


def _of_decisions(ref: int, table: Table, *names: str) -> Select[tuple[object, ...]]:
    """Ask for columns of the rows that belong to the decisions of a campaign."""
    query = select(*(table.c[name] for name in names)).where(decisions.c.campaign_ref == ref)
    return query.join(decisions, decisions.c.id == table.c.decision_ref)


def _spread(of: _Array, values: _Array, numbers: _Array, default: object) -> _Array:
    """Put values where their decisions stand. Shapes: of and values (m,), numbers (n,), rising → (n,)."""
    column: _Array = np.full(len(numbers), default, dtype=values.dtype)
    column[np.searchsorted(numbers, of)] = values
    return column


def _read(connection: Connection, query: Select[tuple[object, ...]], kinds: Sequence[str]) -> list[_Array]:
    """Run a statement and give its columns, NULL as NaN, NaT or None."""
    parts = [
        [_column(values, kind) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
        for rows in connection.execute(query, execution_options={"yield_per": PART_ROWS}).partitions()
    ]
    empty: list[_Array] = [np.zeros(0, dtype=kind) for kind in kinds]
    return [np.concatenate(pieces) for pieces in zip(empty, *parts, strict=True)]


def _column(values: Sequence[object], kind: str) -> _Array:
    if kind == _MOMENT:
        # NumPy knows no zones, and the books give every moment in UTC.
        moments = cast(Sequence[datetime | None], values)
        values = [None if one is None else one.replace(tzinfo=None) for one in moments]
    return np.array(values, dtype=kind)
