"""Forget a customer: what says who it was, and what was written to it; the money stays as it is.

Gone are id, name, message, features, the salts of their digests, kept answers and waiting messages. A
decision keeps its numbers, so that totals and audit chain are what they were; its details can no longer
be read, nor guessed by hashing. That the customer must not be contacted is kept as a keyed hash. Knows
nothing of backups, of files that were written from the ledger, nor of the database's own free pages:
SQLite overwrites them as it goes (`connecting`), PostgreSQL when it next vacuums.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from churn_saver.store import audit, reservations, suppressing
from churn_saver.store.budget import locked
from churn_saver.store.database import Database
from churn_saver.store.history import Customer, find_customers
from churn_saver.store.schema import answers, campaigns, customers, decision_details, decisions, outbox
from churn_saver.store.schema import reservations as contacts
from churn_saver.store.suppressing import Mark

NAMELESS = "erased-"
"""How the id begins that stands for one who was erased; 32 drawn hex digits follow."""
PATIENCE_MS = 1_000
"""How long SQLite's log waits for readers before it is left to be emptied later."""


def erase(connection: Connection, customer_id: str, now: datetime) -> bool:
    """Forget a customer.

    Args:
        connection: In a writing transaction.
        customer_id: The customer's own id.
        now: Aware, UTC.

    Returns:
        False when nothing is known under this id, or not any more.
    """
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
    suppressing.remember(connection, customer_id, _marks(known), now)
    _forget(connection, known.ref, now)
    audit.append(connection, None, "erase", {"customer": known.ref}, now)
    return True


def empty_log(database: Database) -> bool:
    """Bring SQLite's log into its file and cut it to nothing: it holds the pages as they were before.

    Returns:
        False when a reader stood in the way: the log is overwritten later.
    """
    if database.engine.dialect.name != "sqlite":
        return True
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        (usual,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout={usual}")
    finally:
        connection.close()
    return not busy


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
    for table in (decision_details, answers, outbox):
        connection.execute(delete(table).where(table.c.decision_ref.in_(own)))
    nobody = {
        "customer_id": NAMELESS + secrets.token_hex(16), "suppressed_at": None, "opted_out_at": None,
        "erased_at": now,
    }  # fmt: skip
    connection.execute(update(customers).where(customers.c.id == ref).values(nobody))
