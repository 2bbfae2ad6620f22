"""What becomes of reserved money: each part is spent once, or released once.

A reservation has two parts: the contact, spent when the message is sent, and the offer, spent
when it is accepted. The rule for doubles: telling the same thing twice is a no-op that answers
False; spending what was released (void, or past the last day) is an error, because the budget may
have been given to somebody else since; releasing never takes back what is spent. An acceptance
may arrive before the message is marked as sent: the two reports come by different ways.
"""

import re
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, case, delete, func, select, update

from churn_saver.domain.money import shown
from churn_saver.errors import LedgerError
from churn_saver.store import audit
from churn_saver.store.budget import Totals, books_of, held_minor, locked, move
from churn_saver.store.schema import campaigns, decisions, outbox, reservations

_DECISION_ID = re.compile(r"[0-9a-f]{32}")


def is_decision_id(text: str) -> bool:
    """Say whether a text has the form of a decision id."""
    return _DECISION_ID.fullmatch(text) is not None


def post_contact(connection: Connection, decision_id: str, now: datetime) -> bool:
    """Spend the contact part: the message was sent.

    Returns:
        False when it was posted before.

    Raises:
        LedgerError: no such contact, or its money was released.
    """
    held = _locked(connection, decision_id, now)
    if held.sent_at is not None:
        return False
    _refuse_released(held, decision_id, "its message can no longer be sent")
    _resolve(connection, held, sent_at=now, is_held=held.accepted_at is None)
    move(connection, held.campaign_ref, -held.contact_minor, held.contact_minor)
    _take_from_outbox(connection, held)
    _tell(connection, held, "sent", now)
    return True


def post_offer(connection: Connection, decision_id: str, now: datetime) -> bool:
    """Spend the offer part: the customer accepted.

    Returns:
        False when it was posted before.

    Raises:
        LedgerError: no such contact, or its money was released: names the last day.
    """
    held = _locked(connection, decision_id, now)
    if held.accepted_at is not None:
        return False
    _refuse_released(held, decision_id, "its offer can no longer be accepted")
    _resolve(connection, held, accepted_at=now, is_held=held.sent_at is None)
    move(connection, held.campaign_ref, -held.offer_minor, held.offer_minor)
    _tell(connection, held, "accept", now)
    return True


def void(connection: Connection, decision_id: str, now: datetime) -> bool:
    """Release what is not spent; a message that still waits is not sent any more.

    Returns:
        False when nothing was held any more.

    Raises:
        LedgerError: no such contact.
    """
    held = _locked(connection, decision_id, now)
    if not held.is_held:
        return False
    _resolve(connection, held, voided_at=now, is_held=False)
    move(connection, held.campaign_ref, -held.held_minor, 0)
    _take_from_outbox(connection, held)
    _tell(connection, held, "void", now)
    return True


def verify(connection: Connection, campaign_id: str, now: datetime) -> Totals:
    """Add up every reservation of a campaign and compare with its running totals.

    Raises:
        CampaignError: no such campaign.
        LedgerError: the two differ, or exceed the limit; names both.
    """
    totals = books_of(connection, campaign_id, now).totals
    compare_totals(connection, campaign_id)
    return totals


def compare_totals(connection: Connection, campaign_id: str) -> None:
    """Compare a campaign's running totals with its reservations.

    Raises:
        LedgerError: the two differ; names both.
    """
    part = reservations.c
    spent = _sum(
        case((part.sent_at.is_not(None), part.contact_minor), else_=0)
        + case((part.accepted_at.is_not(None), part.offer_minor), else_=0)
    )
    reserved = _sum(case((part.voided_at.is_(None), held_minor()), else_=0))
    row = connection.execute(
        select(campaigns.c.reserved_minor, campaigns.c.spent_minor, reserved, spent)
        .select_from(campaigns.outerjoin(reservations, part.campaign_ref == campaigns.c.id))
        .where(campaigns.c.campaign_id == campaign_id)
        .group_by(campaigns.c.id)
    ).one()
    kept, added = (int(row[0]), int(row[1])), (int(row[2]), int(row[3]))
    if kept != added:
        raise LedgerError(
            f"campaign {campaign_id!r}: running totals say {shown(kept[0])} reserved and {shown(kept[1])} "
            f"spent, its reservations add up to {shown(added[0])} and {shown(added[1])}. Restore a backup."
        )


def _locked(connection: Connection, decision_id: str, now: datetime) -> Row[tuple[object, ...]]:
    """Read a reservation after its campaign is locked, with what it holds still."""
    row = campaign_id = None
    if is_decision_id(decision_id):
        campaign_id = connection.execute(
            select(campaigns.c.campaign_id)
            .join(decisions, decisions.c.campaign_ref == campaigns.c.id)
            .where(decisions.c.decision_id == decision_id)
        ).scalar()
    if campaign_id is not None:
        locked(connection, campaign_id, now)
        row = connection.execute(
            select(reservations, held_minor().label("held_minor"))
            .join(decisions, decisions.c.id == reservations.c.decision_ref)
            .where(decisions.c.decision_id == decision_id)
        ).first()
    if row is None:
        raise LedgerError(
            f"decision {decision_id!r} holds no reservation. Check the id, and that it is a contact."
        )
    return row


def _refuse_released(held: Row[tuple[object, ...]], decision_id: str, consequence: str) -> None:
    if held.voided_at is not None:
        raise LedgerError(
            f"reservation of decision {decision_id!r} was released at {held.voided_at.isoformat()}, "
            f"its last day was {held.expires_on}: {consequence}. Decide anew."
        )


def _resolve(connection: Connection, held: Row[tuple[object, ...]], **values: object) -> None:
    own = reservations.c.decision_ref == held.decision_ref
    connection.execute(update(reservations).where(own).values(**values))


def _tell(connection: Connection, held: Row[tuple[object, ...]], kind: str, now: datetime) -> None:
    audit.append(connection, held.campaign_ref, kind, {"decision": held.decision_ref}, now)


def _take_from_outbox(connection: Connection, held: Row[tuple[object, ...]]) -> None:
    connection.execute(delete(outbox).where(outbox.c.decision_ref == held.decision_ref))


def _sum(what: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(what), 0)
