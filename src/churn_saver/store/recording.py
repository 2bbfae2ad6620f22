"""Write a judged batch: decisions, details, reservations, outbox rows and its audit row together.

Turns the columns of a batch into rows of tables, and nothing else: who may be recorded was
judged in `settling`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

from churn_saver.domain.action import NO_CONTACT, OFFER_UNITS
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.store import audit
from churn_saver.store.budget import CampaignBooks, move
from churn_saver.store.bulk import insert_columns
from churn_saver.store.digests import details_digest, salts
from churn_saver.store.history import Customer
from churn_saver.store.prepared import Prepared, together, unawaited
from churn_saver.store.schema import (
    EXCLUDED_DTYPE,
    ROW_BITS,
    decision_details,
    decisions,
    outbox,
    reservations,
    settlements,
)

_FLOATS = (
    "probability", "arm_probability", "message_probability", "churn_risk", "accept_prob",
    "expected_value", "retention_prob",
)  # fmt: skip
_WHOLE = ("choice", "intended", "reasons", "needs_minor", "contact_minor", "delay_days")
_SETTLEMENT = Prepared(insert(settlements).returning(settlements.c.id))
_Rows = dict[str, Sequence[object]]


def record(
    connection: Connection, books: CampaignBooks, proposals: Proposals, refused: Sequence[int],
    known: Mapping[str, Customer], now: datetime, key: str | None,
) -> Settlement:  # fmt: skip
    """Write the rows that are not refused, and take their money out of the free budget.

    A decision's id is drawn: nobody finds an erased customer by it, and a ledger that was restored from a
    backup gives none a second time, which a receiver would take for a copy of the first one's message.
    """
    settled, head = _settlement(connection, books, proposals, refused, now, key)
    settlement = int(cast(int, settled["id"][0]))
    rows = np.flatnonzero(np.array(refused) == 0)
    kept = proposals if len(rows) == len(proposals) else proposals.take(rows)
    first = settlement << ROW_BITS
    refs = [known[one].ref for one in kept.customer_ids]
    ids = [drawn.hex() for drawn in salts(len(refs))]
    numbers = (first + rows).tolist()
    shared: _Rows = {"settlement_ref": [settlement] * len(rows), "campaign_ref": [books.ref] * len(rows)}
    own: _Rows = {"id": numbers, "decision_id": ids, "customer_ref": refs}
    details = _details(kept)
    decided = own | shared | _decisions(kept) | {"details_digest": _details_digests(kept, details)}
    with unawaited(connection):
        insert_columns(connection, decisions, decided)
        insert_columns(connection, decision_details, {"decision_ref": numbers} | details)
        reserved = _reserve(connection, books.ref, kept, numbers, refs, now)
        # As arrays the numbers cost nothing to digest; as lists with None they cost as much as all else.
        numbers_kept = {name: getattr(kept, name) for name in _FLOATS}
        digest = audit.settlement_digest(settled, decided | numbers_kept, reserved)
        content = {"settlement": settlement, "rows": len(numbers), "digest": digest, "form": audit.FORM}
        audit.add(connection, head, "settle", content, now)
    placed = [""] * len(proposals)
    for row, decision_id in zip(rows.tolist(), ids, strict=True):
        placed[row] = decision_id
    return Settlement(placed, np.array(refused, dtype=np.int64), number=settlement)


def _settlement(
    connection: Connection, books: CampaignBooks, proposals: Proposals, refused: Sequence[int],
    now: datetime, key: str | None,
) -> tuple[_Rows, audit.Head]:  # fmt: skip
    """Write the settlement's own row, and hold the end of the chain that it will stand in."""
    values: dict[str, object] = {
        "idempotency_key": key,
        "campaign_ref": books.ref,
        "settled_at": now,
        "price": proposals.price,
        "policy": proposals.versions.policy,
        "models": proposals.versions.models,
        "code": proposals.versions.code,
        "row_count": len(refused),
        "refused": json.dumps([[row, flags] for row, flags in enumerate(refused) if flags]),
    }
    ((number,),), chain = together(connection, (_SETTLEMENT, values), audit.holding(books.ref))
    rows: _Rows = {name: [value] for name, value in ({"id": number} | values).items()}
    return rows, audit.head_of(books.ref, chain)


def _decisions(kept: Proposals) -> _Rows:
    columns: _Rows = {
        "number": kept.decision_numbers.tolist(),
        "excluded": _packed(kept.excluded),
        "message_source": kept.message_sources,
        "message_entry": kept.message_entries,
        "channel": kept.channels,
        "send_at": kept.send_at,
        "valid_until": kept.valid_until,
        "next_decision_at": kept.next_decision_at,
    }
    columns |= {name: getattr(kept, name).tolist() for name in _WHOLE}
    return columns | {name: _nullable(getattr(kept, name)) for name in _FLOATS}


def _details(kept: Proposals) -> _Rows:
    return {
        "name": kept.names,
        "message": kept.texts,
        "violations": [",".join(codes) or None for codes in kept.violations],
        "features": kept.features,
        "salt": salts(len(kept)),
    }


def _details_digests(kept: Proposals, details: _Rows) -> list[bytes]:
    fields = zip(kept.customer_ids, *(details[name] for name in audit.DETAILS), strict=True)
    return [details_digest(cast(bytes, salt), row) for salt, row in zip(details["salt"], fields, strict=True)]


def _reserve(
    connection: Connection, campaign_ref: int | None, kept: Proposals, numbers: Sequence[int],
    refs: Sequence[int], now: datetime,
) -> _Rows:  # fmt: skip
    rows = np.flatnonzero(kept.choice != NO_CONTACT)
    if campaign_ref is None or not len(rows):
        return {name: [] for name in audit.RESERVED}
    listed = rows.tolist()
    refers: _Rows = {"decision_ref": [numbers[row] for row in listed]}
    needs, contact = kept.needs_minor[rows], kept.contact_minor[rows]
    reserved: _Rows = {
        **refers,
        "campaign_ref": [campaign_ref] * len(listed),
        "customer_ref": [refs[row] for row in listed],
        "contacted_at": [now] * len(listed),
        "units": np.array(OFFER_UNITS)[kept.choice[rows] - 1].tolist(),
        "contact_minor": contact.tolist(),
        "offer_minor": (needs - contact).tolist(),
        "expires_on": [kept.expires_on[row] for row in listed],
        "is_held": [True] * len(listed),
    }
    insert_columns(connection, reservations, reserved)
    waits = {"send_at": kept.send_at, "time_zone": kept.time_zones, "country": kept.countries}
    queued = {name: [column[row] for row in listed] for name, column in waits.items()}
    insert_columns(connection, outbox, refers | queued)
    move(connection, campaign_ref, reserved_minor=int(needs.sum()), spent_minor=0)
    return reserved


def _nullable(column: NDArray[np.float64]) -> list[object]:
    """Give a column as a list with None for NaN: SQL knows no NaN that compares alike on both databases."""
    values: list[object] = column.tolist()
    for row in np.flatnonzero(np.isnan(column)):
        values[row] = None
    return values


def _packed(excluded: NDArray[np.int64]) -> list[bytes]:
    packed = np.ascontiguousarray(excluded, dtype=EXCLUDED_DTYPE)
    width = packed.itemsize * packed.shape[1]
    whole = packed.tobytes()
    return [whole[start : start + width] for start in range(0, len(whole), width)]
