"""The books as an audit chain tells them, to be compared with the books as they stand.

The chain is taken row by row. Settlements are compared at once, a few thousand decisions at a time; what
became of their money is compared at the end. What is older than the chain is taken as it stands, until
the chain tells of it. Knows nothing of how rows hang together: `chain_rows` has seen to that.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, Table, select

from churn_saver.domain.identifiers import spellings
from churn_saver.store import audit
from churn_saver.store.chain_rows import Entry
from churn_saver.store.columns import chunks
from churn_saver.store.digests import details_digest
from churn_saver.store.schema import (
    MAX_ROWS,
    ROW_BITS,
    customers,
    decision_details,
    decisions,
    reservations,
    settlements,
)

BATCH_ROWS = 5_000
"""Decisions that are compared at a time."""
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_NEVER = -1
_NO_DAY = np.iinfo(np.int64).max
_PARTS = ("sent_at", "accepted_at", "voided_at")
Rows = Sequence[Row[tuple[object, ...]]]


Refuse = Callable[[Entry, str], Exception]
"""Makes the error that names a row of the chain and what is wrong with it."""


class Settled:
    """Compares settlements with their digests, many at a time."""

    def __init__(self, connection: Connection, chain: int, refuse: Refuse) -> None:
        """Take the chain's number; 0 is of what was settled without a campaign."""
        self._connection, self._refuse = connection, refuse
        self._ref = chain or None
        self._waiting: list[Entry] = []
        self._rows = 0
        self.rows = 0
        """Decisions compared."""
        self.count = 0
        """Settlements compared."""

    def take(self, entry: Entry) -> None:
        """Take a row of kind `settle` or `older`."""
        self._waiting.append(entry)
        self._rows += entry.whole("rows")
        if self._rows >= BATCH_ROWS or len(self._waiting) >= BATCH_ROWS:
            self.compare()

    def compare(self) -> None:
        """Compare what was taken; raises what `refuse` makes."""
        if not self._waiting:
            return
        numbers = [entry.whole("settlement") for entry in self._waiting]
        first, last = min(numbers), max(numbers)
        span = first << ROW_BITS, (last << ROW_BITS) + MAX_ROWS - 1
        found = _grouped(self._read(settlements, settlements.c.id.between(first, last)), 0, "id")
        decided = _grouped(self._read_decisions(*span), ROW_BITS, "id")
        held = _grouped(
            self._read(reservations, reservations.c.decision_ref.between(*span)), ROW_BITS, "decision_ref"
        )
        for entry, number in zip(self._waiting, numbers, strict=True):
            rows = decided.get(number, ())
            if len(rows) != entry.whole("rows"):
                raise self._refuse(
                    entry, f"recorded {entry.whole('rows'):,} decisions, there are {len(rows):,}"
                )
            told = audit.settlement_digest(
                _columns(settlements, found.get(number, ())),
                _columns(decisions, rows),
                _columns(reservations, held.get(number, ())),
                int(cast(int, entry.content.get("form", 1))),
            )
            if told != entry.content["digest"]:
                raise self._refuse(entry, f"settlement {number} or one of its decisions was changed since")
            if (one := _altered_details(rows)) is not None:
                raise self._refuse(entry, f"the personal details of decision {one} were changed since")
        self.rows, self.count = self.rows + self._rows, self.count + len(self._waiting)
        self._waiting, self._rows = [], 0

    def _read(self, table: Table, where: ColumnElement[bool]) -> Rows:
        own = table.c.campaign_ref == self._ref
        return self._connection.execute(select(table).where(where, own).order_by(*table.primary_key)).all()

    def _read_decisions(self, first: int, last: int) -> Rows:
        details = (decision_details.c[name] for name in (*audit.DETAILS, "salt"))
        query = (
            select(decisions, customers.c.customer_id, customers.c.erased_at, *details)
            .outerjoin(customers, customers.c.id == decisions.c.customer_ref)
            .outerjoin(decision_details, decision_details.c.decision_ref == decisions.c.id)
            .where(decisions.c.id.between(first, last), decisions.c.campaign_ref == self._ref)
        )
        return self._connection.execute(query.order_by(decisions.c.id)).all()


class ToldMoney:
    """What became of each reservation of a campaign, by the chain and by the books."""

    def __init__(self, connection: Connection, chain: int, older: int) -> None:
        """Read the reservations; those of settlements up to `older` are taken as they stand."""
        own = reservations.c
        names = ("decision_ref", "contact_minor", "offer_minor", "expires_on", "is_held", *_PARTS)
        query = select(*(own[name] for name in names)).where(own.campaign_ref == chain)
        rows = connection.execute(query.order_by(own.decision_ref)).all()
        self._refs = np.array([row.decision_ref for row in rows], dtype=np.int64)
        self._minor = np.array([(row.contact_minor, row.offer_minor) for row in rows], dtype=np.int64)
        self._minor = self._minor.reshape(len(rows), 2)
        days = [_NO_DAY if row.expires_on is None else row.expires_on.toordinal() for row in rows]
        self._last_day = np.array(days, dtype=np.int64)
        self._is_held = np.array([row.is_held for row in rows], dtype=np.bool_)
        self._stands = np.array(
            [[_moment(row[name]) for name in range(5, 8)] for row in rows], dtype=np.int64
        )
        self._stands = self._stands.reshape(len(rows), len(_PARTS))
        # Numbers of settlements begin at 1: what is below was put there by hand.
        self._is_older = (self._refs >= 1 << ROW_BITS) & (self._refs < (older + 1) << ROW_BITS)
        self._is_settled = self._is_older.copy()
        self._told = np.where(self._is_older[:, None], self._stands, _NEVER)

    def vouch(self) -> None:
        """Take nothing as it stands any more: rows follow that tell what was older, by `became`."""
        self._told[self._is_older] = _NEVER
        self._is_settled &= ~self._is_older
        self._is_older[:] = False

    def became(self, entry: Entry) -> bool:
        """Take the moments of what is older, row `older`. False: one of its reservations is not there."""
        self.settle(entry.whole("settlement"))
        for ref, *moments in cast(Sequence[tuple[int, str | None]], entry.content["became"]):
            for part, at in zip(_PARTS, moments, strict=True):
                if at is not None and not self.resolve(ref, part, datetime.fromisoformat(at)):
                    return False
        return True

    def settle(self, settlement: int) -> None:
        """Begin to hold what a settlement reserved."""
        first = settlement << ROW_BITS
        start, end = np.searchsorted(self._refs, [first, first + MAX_ROWS])
        self._is_settled[start:end] = True

    def resolve(self, ref: int, part: str, at: datetime) -> bool:
        """Spend or release a part; `part` is a name of a moment. False: there is no such reservation."""
        row = int(np.searchsorted(self._refs, ref))
        if row == len(self._refs) or self._refs[row] != ref:
            return False
        self._told[row, _PARTS.index(part)] = _moment(at)
        return True

    def expire(self, at: datetime, count: int, minor: int) -> bool:
        """Release what is over. False: that is not as many, or not as much, as the chain says."""
        over = self._held() & self._is_settled & ~self._is_older & (self._last_day < at.date().toordinal())
        released = np.where(self._told[over, :2] == _NEVER, self._minor[over], 0).sum()
        self._told[over, 2] = _moment(at)
        # What is older than the chain was released too, but is not known one by one.
        return bool(self._is_older.any()) or (int(over.sum()), int(released)) == (count, minor)

    def differing(self) -> int | None:
        """Give the first reservation that does not stand as the chain tells it; None: all do."""
        same = (self._told == self._stands).all(axis=1) & (self._held() == self._is_held) & self._is_settled
        wrong = np.flatnonzero(~same)
        return int(self._refs[wrong[0]]) if len(wrong) else None

    def _held(self) -> NDArray[np.bool_]:
        sent, accepted, voided = (self._told[:, part] != _NEVER for part in range(len(_PARTS)))
        held: NDArray[np.bool_] = ~voided & ~(sent & accepted)
        return held


def decision_names(connection: Connection, refs: Sequence[int]) -> dict[int, str]:
    """Give the ids of decisions by their numbers."""
    found: dict[int, str] = {}
    for some in chunks(refs):
        query = select(decisions.c.id, decisions.c.decision_id).where(decisions.c.id.in_(some))
        found.update({row.id: row.decision_id for row in connection.execute(query)})
    return found


def _moment(at: datetime | None) -> int:
    return _NEVER if at is None else (at - _EPOCH) // _MICROSECOND


def _grouped(rows: Rows, shift: int, key: str) -> dict[int, Rows]:
    found: dict[int, list[Row[tuple[object, ...]]]] = {}
    for row in rows:
        found.setdefault(getattr(row, key) >> shift, []).append(row)
    return cast(dict[int, Rows], found)


def _columns(table: Table, rows: Rows) -> dict[str, Sequence[object]]:
    """Turn rows, whose first columns are the table's, into columns."""
    names = table.columns.keys()
    if not rows:
        return {name: [] for name in names}
    return dict(zip(names, zip(*rows, strict=True), strict=False))


def _altered_details(rows: Rows) -> str | None:
    """Give the first decision whose details are not what was recorded, or are gone without an erasure."""
    for row in rows:
        if row.salt is None:
            altered = row.erased_at is None or row.features is not None
        else:
            fields = [getattr(row, name) for name in audit.DETAILS]
            # Of a customer whose row was taken away nothing says who it was.
            ids = () if row.customer_id is None else spellings(row.customer_id)
            told = (details_digest(row.salt, (one, *fields)) for one in ids)
            altered = row.details_digest not in told
        if altered:
            return str(row.decision_id)
    return None
