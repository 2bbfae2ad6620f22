"""Forget a customer: what says who it was, and what was written to it; the money stays as it is.

Gone are id, name, message, features, the salts of their digests, what shadows made of them, kept answers and
waiting messages. A decision keeps its numbers, so that totals and audit chain are what they were; its details
can no longer be read, nor guessed by hashing. That the customer must not be contacted is kept as a keyed
hash. Knows nothing of backups, of files that were written from the ledger, nor of the database's own files:
SQLite overwrites what is deleted as it goes (`connecting`), the rest is for `emptying`.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from churn_saver.store import answering, audit, reservations, suppressing
from churn_saver.store.budget import locked
from churn_saver.store.evidence_tables import shadows
from churn_saver.store.history import Customer, find_customers
from churn_saver.store.schema import (
    answers,
    campaigns,
    customers,
    decision_details,
    decisions,
    outbox,
    settlements,
)
from churn_saver.store.schema import reservations as contacts
from churn_saver.store.suppressing import Mark
from churn_saver.store.tabling import is_parted

NAMELESS = "erased-"
"""How the id begins that stands for one who was erased; 32 drawn hex digits follow."""


def erase(connection: Connection, customer_id: str, now: datetime) -> bool:
    """Forget a customer.

    Args:
        connection: In a writing transaction.
        customer_id: The customer's own id.
        now: Aware, UTC.

    Returns:
        False when nothing is known under this id, or not any more.
    """
    gone = False
    # Books older than one spelling for all may have two rows of one name.
    while _erase(connection, customer_id, now):
        gone = True
    return gone


def _erase(connection: Connection, customer_id: str, now: datetime) -> bool:
    known = find_customers(connection, [customer_id]).get(customer_id)
    if known is None:
        return False
    # Campaigns before customers, as a settlement does: two writers never wait for each other.
    for campaign_id in sorted({campaign_id for campaign_id, _ in _waiting(connection, known.ref)}):
        locked(connection, campaign_id, now)
    suppressing.alone(connection)
    known = find_customers(connection, [customer_id], lock=True).get(customer_id)
    if known is None:
        return False
    for _, decision_id in _waiting(connection, known.ref):
        reservations.void(connection, decision_id, now)
    kept = suppressing.remember(connection, customer_id, _marks(known))
    # The end of the chain before answers, as a settlement does.
    audit.append(connection, None, "erase", {"customer": known.ref, "kept": kept}, now)
    _forget(connection, known.ref, now)
    return True


def _waiting(connection: Connection, ref: int) -> Sequence[tuple[str, str]]:
    """Give campaign and decision of each message that is not sent yet."""
    rows = connection.execute(
        select(campaigns.c.campaign_id, decisions.c.decision_id)
        .join(contacts, contacts.c.campaign_ref == campaigns.c.id)
        .join(decisions, decisions.c.id == contacts.c.decision_ref)
        .where(contacts.c.customer_ref == ref, contacts.c.is_held.is_(True), contacts.c.sent_at.is_(None))
    )
    return [(row.campaign_id, row.decision_id) for row in rows]


def _marks(known: Customer) -> Mark:
    suppressed = Mark.SUPPRESSED if known.suppressed else Mark.NONE
    return suppressed | (Mark.OPTED_OUT if known.opted_out else Mark.NONE)


def _forget(connection: Connection, ref: int, now: datetime) -> None:
    own = select(decisions.c.id).where(decisions.c.customer_ref == ref).scalar_subquery()
    for table in (decision_details, answers, outbox, shadows):
        connection.execute(delete(table).where(table.c.decision_ref.in_(own)))
    # Nor a digest of what was asked in a table of this one customer: with the ledger's key it can be guessed.
    theirs = (
        select(settlements.c.id)
        .join(decisions, decisions.c.settlement_ref == settlements.c.id)
        .where(decisions.c.customer_ref == ref, settlements.c.row_count == 1)
    )
    alone = [one for one in connection.execute(theirs).scalars().all() if not is_parted(connection, one)]
    asked = update(answers).where(answers.c.settlement_ref.in_(alone))
    connection.execute(asked.values(request_digest=answering.FORGOTTEN))
    answering.sweep(connection, now)
    nobody = {
        "customer_id": NAMELESS + secrets.token_hex(16), "suppressed_at": None, "opted_out_at": None,
        "erased_at": now,
    }  # fmt: skip
    connection.execute(update(customers).where(customers.c.id == ref).values(nobody))
