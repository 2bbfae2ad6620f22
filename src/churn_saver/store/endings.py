"""How a message ends that is not sent any more, and what becomes of its money.

Money is released only where the receiver surely has nothing: a customer may accept what arrived, so what
may have arrived keeps its money until its last day. Knows no dispatcher but the name of whose claim it is.
"""

from datetime import datetime
from enum import Enum

from sqlalchemy import Connection, delete, insert, select

from churn_saver.store import reservations as money
from churn_saver.store.budget import locked
from churn_saver.store.schema import campaigns, decisions, outbox, reservations


class Ending(Enum):
    """What became of the money of a message that was given up."""

    RELEASED = "released"
    """All that was held is free again."""
    KEPT = "kept"
    """The receiver may have it: the contact is spent, the offer is reserved until its last day."""


def give_up(
    connection: Connection, decision_id: str, why: str, by: str, now: datetime, is_certain: bool
) -> Ending | None:
    """Take a claimed message out of what is sent; its row stays, with the reason.

    Args:
        connection: In a writing transaction.
        decision_id: Of the message.
        why: Without a word about the customer.
        by: Who claimed it.
        now: Aware, UTC.
        is_certain: The receiver surely has nothing of a last attempt.

    Returns:
        None: not that dispatcher's any more, nothing was changed.
    """
    campaign_id = connection.execute(
        select(campaigns.c.campaign_id)
        .join(decisions, decisions.c.campaign_ref == campaigns.c.id)
        .where(decisions.c.decision_id == decision_id)
    ).scalar()
    # The campaign before the row, as all writers of money do it, or two of them could wait for each other.
    locked(connection, campaign_id, now)
    row = connection.execute(
        select(outbox, reservations.c.voided_at)
        .join(decisions, decisions.c.id == outbox.c.decision_ref)
        .join(reservations, reservations.c.decision_ref == outbox.c.decision_ref)
        .where(decisions.c.decision_id == decision_id, outbox.c.claimed_by == by)
    ).first()
    if row is None:
        return None
    is_uncertain = row.is_uncertain or not is_certain
    keeps = is_uncertain and row.voided_at is None
    (money.post_contact if keeps else money.void)(connection, decision_id, now)
    # Its money took the row along; it is put back as the record of what is not sent any more, and why.
    connection.execute(delete(outbox).where(outbox.c.decision_ref == row.decision_ref))
    connection.execute(
        insert(outbox).values(
            {column.name: row._mapping[column] for column in outbox.columns}
            | {"claimed_by": None, "claimed_until": None, "is_uncertain": is_uncertain}
            | {"fault": why, "gave_up_at": now}
        )
    )
    return Ending.KEPT if keeps else Ending.RELEASED
