"""Who must not be contacted: the list, also of people the books have never seen or had to forget.

A customer with a row is marked there. Anybody else stands in `suppressions` as a keyed hash of the id,
so that a list of strangers brings no id into the books, and a promise outlives an erasure; who is
enrolled later takes the mark along, so that everybody stands in one place. Knows nothing of what is
decided.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from churn_saver.errors import LedgerError
from churn_saver.store import audit
from churn_saver.store.bulk import insert_columns
from churn_saver.store.columns import chunks
from churn_saver.store.schema import customers, keys, suppressions

_PURPOSE = "suppression"


class Mark(IntFlag):
    """Why somebody must not be contacted; the numbers stand in the books."""

    NONE = 0
    SUPPRESSED = 1
    """On the suppression list."""
    OPTED_OUT = 2
    """Said no to messages."""


_COLUMN = {Mark.SUPPRESSED: customers.c.suppressed_at, Mark.OPTED_OUT: customers.c.opted_out_at}
_KIND = {Mark.SUPPRESSED: "suppress", Mark.OPTED_OUT: "opt_out"}
"""Of the audit chain."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """How many must not be contacted; one may be both."""

    suppressed: int
    opted_out: int


def add(connection: Connection, customer_ids: Sequence[str], what: Mark, now: datetime) -> int:
    """Mark customers, for good; who has no row is not enrolled.

    Returns:
        How many were not marked so before.
    """
    alone(connection)
    ids = sorted(set(customer_ids))
    column, rows = _COLUMN[what], {}
    for some in chunks(ids):
        query = select(customers.c.customer_id, customers.c.id, column).where(
            customers.c.customer_id.in_(some)
        )
        rows.update({one: (ref, at) for one, ref, at in connection.execute(query).all()})
    fresh = sorted(ref for ref, at in rows.values() if at is None)
    for refs in chunks(fresh):
        connection.execute(update(customers).where(customers.c.id.in_(refs)).values({column: now}))
        for ref in refs:
            audit.append(connection, None, _KIND[what], {"customer": ref}, now)
    return len(fresh) + _list(connection, [one for one in ids if one not in rows], what, now)


def remember(connection: Connection, customer_id: str, what: Mark, now: datetime) -> None:
    """Keep the marks of somebody whose row is about to be forgotten."""
    for one in _COLUMN:
        if one in what:
            _list(connection, [customer_id], one, now)


def marks(connection: Connection, strangers: Sequence[str]) -> Mapping[str, Mark]:
    """Say which of those without a row must not be contacted; the others are left out."""
    # Hashing a whole table would be for nothing where nobody is on the list.
    if not strangers or connection.execute(select(suppressions.c.kind).limit(1)).first() is None:
        return {}
    by_digest = _digests(connection, strangers)
    return {by_digest[found]: what for found, (what, _) in _listed(connection, by_digest).items()}


def hand_over(connection: Connection, enrolled: Sequence[str]) -> None:
    """Give customers who have a row since this transaction the marks that they had without one."""
    # Read only now: writing their rows has waited for whoever was adding to the list.
    if not enrolled or connection.execute(select(suppressions.c.kind).limit(1)).first() is None:
        return
    by_digest = _digests(connection, enrolled)
    listed = _listed(connection, by_digest)
    if not listed:
        return
    for mark, column in _COLUMN.items():
        rows = [{"one": by_digest[found], "then": at} for found, (what, at) in listed.items() if mark in what]
        if rows:
            marked = update(customers).where(customers.c.customer_id == bindparam("one"))
            connection.execute(marked.values({column: bindparam("then")}), rows)
    for some in chunks(list(listed)):
        connection.execute(delete(suppressions).where(suppressions.c.digest.in_(some)))


def count(connection: Connection) -> Unwanted:
    """Count who must not be contacted, with a row or without."""
    query = select(func.count(customers.c.suppressed_at), func.count(customers.c.opted_out_at))
    suppressed, opted_out = connection.execute(query).one()
    kinds = select(suppressions.c.kind, func.count()).group_by(suppressions.c.kind)
    for kind, strangers in connection.execute(kinds).all():
        suppressed += strangers if Mark.SUPPRESSED in Mark(kind) else 0
        opted_out += strangers if Mark.OPTED_OUT in Mark(kind) else 0
    return Unwanted(suppressed, opted_out)


def alone(connection: Connection) -> None:
    """Let nobody else enrol a customer until the transaction ends: one place each needs one writer."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE customers IN SHARE ROW EXCLUSIVE MODE"))


def _list(connection: Connection, strangers: Sequence[str], what: Mark, now: datetime) -> int:
    """Put people without a row on the list; returns how many were not marked so before."""
    if not strangers:
        return 0
    by_digest = _digests(connection, strangers)
    there = _listed(connection, by_digest)
    new = sorted(by_digest.keys() - there.keys())
    other = [found for found, (had, _) in there.items() if what not in had]
    insert_columns(
        connection, suppressions, {"digest": new, "kind": [int(what)] * len(new), "at": [now] * len(new)}
    )
    for some in chunks(other):
        both = update(suppressions).where(suppressions.c.digest.in_(some))
        connection.execute(both.values(kind=suppressions.c.kind + int(what)))
    if new or other:
        whole = hashlib.sha256(b"".join(sorted([*new, *other]))).hexdigest()
        told = {"count": len(new) + len(other), "digest": whole, "mark": _KIND[what]}
        audit.append(connection, None, "list", told, now)
    return len(new) + len(other)


def _listed(connection: Connection, by_digest: Mapping[bytes, str]) -> dict[bytes, tuple[Mark, datetime]]:
    found: dict[bytes, tuple[Mark, datetime]] = {}
    own = suppressions.c
    for some in chunks(list(by_digest)):
        query = select(own.digest, own.kind, own.at).where(own.digest.in_(some))
        found.update({bytes(row.digest): (Mark(row.kind), row.at) for row in connection.execute(query).all()})
    return found


def _digests(connection: Connection, customer_ids: Sequence[str]) -> dict[bytes, str]:
    """Give the keyed hash of each id, (32,)."""
    key = connection.execute(select(keys.c.value).where(keys.c.purpose == _PURPOSE)).scalar()
    if key is None:
        raise LedgerError("the ledger has lost the key of its suppression list. Restore a backup.")
    return {hmac.digest(bytes(key), one.encode(), "sha256"): one for one in customer_ids}
