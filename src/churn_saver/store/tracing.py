"""All that the books hold of one decision: as it was recorded, its money, its message, what became of it.

What was erased reads as None. Knows nothing of how a decision came about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.store.budget import today
from churn_saver.store.decisions import DecisionRecord, decision
from churn_saver.store.schema import customers, decisions, outbox, outcomes, reservations


@dataclass(frozen=True, slots=True)
class Money:
    """What a contact reserved, minor units, and what became of both parts."""

    contact_minor: int
    offer_minor: int
    reserved_minor: int
    """Still held."""
    spent_minor: int
    expires_on: date | None
    """Last day on which it is held."""
    sent_at: datetime | None
    """The contact part was spent."""
    accepted_at: datetime | None
    """The offer part was spent."""
    voided_at: datetime | None
    """What was not spent was released."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A message that waits in the outbox."""

    send_at: datetime
    attempts: int
    fault: str | None
    """Of the last attempt."""
    gave_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class Trace:
    """One decision, whole."""

    record: DecisionRecord
    erased_at: datetime | None
    """When the customer was forgotten; None: not."""
    outcomes: Mapping[OutcomeKind, datetime]
    """When it happened, by what was reported."""
    money: Money | None
    """None: nobody was contacted."""
    queued: Queued | None
    """None: there is no message, or it was sent or withdrawn."""


def trace(connection: Connection, decision_id: str, now: datetime) -> Trace:
    """Read all of one decision.

    Args:
        connection: In a reading transaction.
        decision_id: Of the decision.
        now: What expired before today is not held any more.

    Raises:
        DecisionAbsent: there is none of this id.
    """
    record = decision(connection, decision_id)
    query = select(decisions.c.id, customers.c.erased_at).join(customers)
    ref, erased_at = connection.execute(query.where(decisions.c.decision_id == decision_id)).one()
    told = select(outcomes.c.kind, outcomes.c.happened_at).where(outcomes.c.decision_ref == ref)
    happened = {OutcomeKind(kind): at for kind, at in connection.execute(told.order_by(outcomes.c.kind))}
    money = _money(connection, ref, now)
    return Trace(record, erased_at, happened, money, _queued(connection, ref))


def _money(connection: Connection, ref: int, now: datetime) -> Money | None:
    own = reservations.c
    row = connection.execute(select(reservations).where(own.decision_ref == ref)).first()
    if row is None:
        return None
    is_over = row.voided_at is not None or (row.expires_on is not None and row.expires_on < today(now))
    parts = (row.contact_minor, row.sent_at), (row.offer_minor, row.accepted_at)
    spent = sum(minor for minor, at in parts if at is not None)
    held = 0 if is_over else sum(minor for minor, at in parts if at is None)
    return Money(
        row.contact_minor, row.offer_minor, held, spent, row.expires_on, row.sent_at, row.accepted_at,
        row.voided_at,
    )  # fmt: skip


def _queued(connection: Connection, ref: int) -> Queued | None:
    own = outbox.c
    query = select(own.send_at, own.attempts, own.fault, own.gave_up_at).where(own.decision_ref == ref)
    row = connection.execute(query).first()
    return None if row is None else Queued(*row)
