"""Who must not be contacted: the list, also of people the books have never seen or had to forget.

A customer with a row is marked there. Anybody else stands in `suppressions` as a keyed hash of the id,
so that a list of strangers brings no id into the books, and a promise outlives an erasure; who is
enrolled later takes the mark along, so that everybody stands in one place. Knows nothing of what is
decided.
"""

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntFlag
from operator import itemgetter

from sqlalchemy import Connection, bindparam, delete, func, select, text, update

from churn_saver.domain.identifiers import spellings
from churn_saver.errors import LedgerError
from churn_saver.store import audit
from churn_saver.store.bulk import insert_columns
from churn_saver.store.columns import chunks
from churn_saver.store.prepared import Asked, Found, Prepared
from churn_saver.store.schema import customers, keys, suppressions

_PURPOSE = "suppression"
SECRET: Asked = (Prepared(select(keys.c.value).where(keys.c.purpose == _PURPOSE)), {})
"""Reads the ledger's own key, for `secret_of`."""
SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Moment of every mark that outlives its customer: its own would name the row that was forgotten."""


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


Handed = tuple[str, str, datetime]
"""A customer's id, what the audit chain calls the mark, and its moment."""


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
    for some in chunks(sorted({spelled for one in ids for spelled in spellings(one)})):
        query = select(customers.c.customer_id, customers.c.id, column).where(
            customers.c.customer_id.in_(some)
        )
        rows.update({one: (ref, at) for one, ref, at in connection.execute(query).all()})
    fresh = sorted(ref for ref, at in rows.values() if at is None)
    mark(connection, fresh, what, now)
    listed = _list(connection, [one for one in ids if rows.keys().isdisjoint(spellings(one))], what, now)
    if listed:
        audit.append(connection, None, "list", {"count": listed, "mark": _KIND[what]}, now)
    return len(fresh) + listed


def remember(connection: Connection, customer_id: str, what: Mark) -> list[str]:
    """Keep the marks of somebody whose row is about to be forgotten.

    Returns:
        What the audit chain calls them, to be told of the row: nothing here says whose they were.
    """
    kept = [one for one in _COLUMN if one in what and _list(connection, [customer_id], one, SOME_TIME)]
    return [_KIND[one] for one in kept]


def marks(connection: Connection, strangers: Sequence[str]) -> Mapping[str, Mark]:
    """Say which of those without a row must not be contacted; the others are left out."""
    # Hashing a whole table would be for nothing where nobody is on the list.
    if not strangers or connection.execute(select(suppressions.c.kind).limit(1)).first() is None:
        return {}
    by_digest = _digests(connection, strangers)
    found: dict[str, Mark] = {}
    for digest, (what, _) in _listed(connection, by_digest).items():
        found[by_digest[digest]] = found.get(by_digest[digest], Mark.NONE) | what
    return found


def hand_over(connection: Connection, enrolled: Sequence[str]) -> list[Handed]:
    """Give customers who have a row since this transaction the marks that they had without one.

    Returns:
        The marks, for `tell` when the rows are known.
    """
    # Read only now: writing their rows has waited for whoever was adding to the list.
    if not enrolled or connection.execute(select(suppressions.c.kind).limit(1)).first() is None:
        return []
    by_digest = _digests(connection, enrolled)
    listed = _listed(connection, by_digest)
    handed: list[Handed] = []
    for mark, column in _COLUMN.items():
        marked_at = [(by_digest[found], at) for found, (what, at) in listed.items() if mark in what]
        first = dict(sorted(marked_at, key=itemgetter(1), reverse=True))
        rows = [{"one": one, "then": first[one]} for one, _ in marked_at]
        if rows:
            marked = update(customers).where(customers.c.customer_id == bindparam("one"))
            connection.execute(marked.values({column: bindparam("then")}), rows)
            handed += [(one, _KIND[mark], first[one]) for one, _ in marked_at]
    for some in chunks(list(listed)):
        connection.execute(delete(suppressions).where(suppressions.c.digest.in_(some)))
    return handed


def tell(connection: Connection, handed: Sequence[Handed], refs: Mapping[str, int], now: datetime) -> None:
    """Note marks that were handed over in the audit chain, so that none can be taken away unseen.

    Args:
        connection: In the transaction of `hand_over`, with the customers locked: who holds the end of the
            chain waits for nobody.
        handed: From `hand_over`.
        refs: Row numbers by customer id.
        now: Aware, UTC.
    """
    if handed:
        marks = [[refs[one], mark, at.isoformat()] for one, mark, at in handed]
        audit.append(connection, None, "marked", {"marks": sorted(marks)}, now)


def count(connection: Connection) -> Unwanted:
    """Count who must not be contacted, with a row or without."""
    query = select(func.count(customers.c.suppressed_at), func.count(customers.c.opted_out_at))
    suppressed, opted_out = connection.execute(query).one()
    strangers = count_listed(connection)
    return Unwanted(
        suppressed + strangers[_KIND[Mark.SUPPRESSED]], opted_out + strangers[_KIND[Mark.OPTED_OUT]]
    )


def count_listed(connection: Connection) -> Counter[str]:
    """Count the marks of people without a row, by what the audit chain calls them."""
    found: Counter[str] = Counter()
    kinds = select(suppressions.c.kind, func.count()).group_by(suppressions.c.kind)
    for kind, strangers in connection.execute(kinds).all():
        found.update({name: strangers for mark, name in _KIND.items() if mark in Mark(kind)})
    return found


def alone(connection: Connection) -> None:
    """Let nobody else enrol a customer until the transaction ends: one place each needs one writer."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE customers IN SHARE ROW EXCLUSIVE MODE"))


def mark(connection: Connection, refs: Sequence[int], what: Mark, now: datetime) -> None:
    """Mark customers by the numbers of their rows, which the transaction holds; none of them is marked so."""
    for some in chunks(refs):
        connection.execute(update(customers).where(customers.c.id.in_(some)).values({_COLUMN[what]: now}))
        for ref in some:
            audit.append(connection, None, _KIND[what], {"customer": ref}, now)


def _list(connection: Connection, strangers: Sequence[str], what: Mark, at: datetime) -> int:
    """Put people without a row on the list; returns how many were not marked so before."""
    if not strangers:
        return 0
    by_digest = _digests(connection, strangers)
    there = _listed(connection, by_digest)
    had = {by_digest[digest] for digest in there}
    # Of several spellings the first, which is an id's own form.
    new = sorted({one: digest for digest, one in reversed(by_digest.items()) if one not in had}.values())
    other = [found for found, (marked, _) in there.items() if what not in marked]
    insert_columns(
        connection, suppressions, {"digest": new, "kind": [int(what)] * len(new), "at": [at] * len(new)}
    )
    for some in chunks(other):
        both = update(suppressions).where(suppressions.c.digest.in_(some))
        connection.execute(both.values(kind=suppressions.c.kind + int(what)))
    return len(new) + len(other)


def _listed(connection: Connection, by_digest: Mapping[bytes, str]) -> dict[bytes, tuple[Mark, datetime]]:
    found: dict[bytes, tuple[Mark, datetime]] = {}
    own = suppressions.c
    for some in chunks(list(by_digest)):
        query = select(own.digest, own.kind, own.at).where(own.digest.in_(some))
        found.update({bytes(row.digest): (Mark(row.kind), row.at) for row in connection.execute(query).all()})
    return found


def _digests(connection: Connection, customer_ids: Sequence[str]) -> dict[bytes, str]:
    """Give the keyed hash of each id, (32,), of one that can be spelled in several ways of each way."""
    key = secret(connection)
    return {
        hmac.digest(key, spelled.encode(), "sha256"): one
        for one in customer_ids
        for spelled in spellings(one)
    }


def secret(connection: Connection) -> bytes:
    """Give the ledger's own key, (32,).

    Raises:
        LedgerError: it is gone, and with it all marks of people without a row.
    """
    asked, values = SECRET
    return secret_of(asked.rows(connection, values))


def secret_of(found: Sequence[Found]) -> bytes:
    """Give the ledger's own key as `SECRET` found it; errors as of `secret`."""
    if not found:
        raise LedgerError("the ledger has lost the key of its suppression list. Restore a backup.")
    return bytes(found[0][0])
