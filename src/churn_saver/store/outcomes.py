"""What became of decisions: told once each, and what it means for the money.

An acceptance spends the offer part; a refusal releases it. Whoever says no has had the message, so
its contact part is spent even where the sender's own report is late: a budget may seem to be used up
too early, never too late. Who stays and who leaves moves no money. Knows nothing of who reports.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, insert, select

from churn_saver.domain.action import NO_CONTACT, OFFER_UNITS
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import DecisionAbsent, LedgerError
from churn_saver.store import audit, reservations
from churn_saver.store.budget import locked
from churn_saver.store.columns import among
from churn_saver.store.schema import campaigns, decisions, outcomes, settlements
from churn_saver.store.schema import reservations as contacts

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clock of who reports may be ahead of ours, or behind."""
_LAST_ZONE = timedelta(hours=12)
"""A day ends last at UTC−12."""
_AGAINST = {
    OutcomeKind.ACCEPTED: OutcomeKind.DECLINED,
    OutcomeKind.DECLINED: OutcomeKind.ACCEPTED,
}
"""Of these two only one can be true."""
_OWN = ("id", "campaign_ref", "choice", "valid_until")


def record(
    connection: Connection, decision_id: str, kind: OutcomeKind, happened_at: datetime, now: datetime
) -> bool:
    """Keep an outcome, and spend or release what it decides about.

    Args:
        connection: In a writing transaction.
        decision_id: Of the decision.
        kind: What became of it.
        happened_at: When, in UTC.
        now: Moment of the report, in UTC.

    Returns:
        False when it was told before; the first report stands.

    Raises:
        DecisionAbsent: no such decision.
        LedgerError: an answer to an offer that was not made, an impossible moment, the
            other answer was told before, or the offer's last day is over.
    """
    found = _decision(connection, decision_id)
    if found.campaign_id is not None:
        locked(connection, found.campaign_id, now)
    told = set(
        connection.execute(select(outcomes.c.kind).where(outcomes.c.decision_ref == found.id)).scalars()
    )
    if kind in told:
        return False
    _check(found, decision_id, kind, told, happened_at, now)
    if kind is OutcomeKind.ACCEPTED:
        reservations.post_offer(connection, decision_id, now)
    elif kind is OutcomeKind.DECLINED:
        _release(connection, found.id, decision_id, now)
    row = {"decision_ref": found.id, "kind": int(kind), "happened_at": happened_at, "recorded_at": now}
    connection.execute(insert(outcomes).values(row))
    content = {"decision": found.id, "outcome": int(kind), "happened_at": happened_at.isoformat()}
    audit.append(connection, found.campaign_ref, "outcome", content, now)
    return True


def last_acceptances(connection: Connection, refs: Sequence[int]) -> dict[tuple[int, int], datetime]:
    """Give when customers last took an offer, in any campaign, as it was reported.

    Args:
        connection: In a transaction.
        refs: Numbers of customers, rising, without doubles.

    Returns:
        By customer and offer, 0..3 of the ladder.
    """
    found: dict[tuple[int, int], datetime] = {}
    for these in among(contacts.c.customer_ref, refs):
        query = (
            select(contacts.c.customer_ref, contacts.c.units, func.max(outcomes.c.happened_at))
            .join(outcomes, outcomes.c.decision_ref == contacts.c.decision_ref)
            .where(these, outcomes.c.kind == int(OutcomeKind.ACCEPTED))
            .group_by(contacts.c.customer_ref, contacts.c.units)
        )
        for ref, units, at in connection.execute(query).all():
            found[ref, OFFER_UNITS.index(units)] = at
    return found


def _decision(connection: Connection, decision_id: str) -> Row[tuple[object, ...]]:
    row, own = None, decisions.c
    if reservations.is_decision_id(decision_id):
        columns = (*(own[name] for name in _OWN), settlements.c.settled_at, campaigns.c.campaign_id)
        row = connection.execute(
            select(*columns)
            .join(settlements, settlements.c.id == own.settlement_ref)
            .outerjoin(campaigns, campaigns.c.id == own.campaign_ref)
            .where(own.decision_id == decision_id)
        ).first()
    if row is None:
        raise DecisionAbsent(f"there is no decision {decision_id!r}. Check the id and DATABASE_URL.")
    return row


def _check(
    found: Row[tuple[object, ...]], decision_id: str, kind: OutcomeKind, told: set[int],
    happened_at: datetime, now: datetime,
) -> None:  # fmt: skip
    """Refuse what cannot be true."""
    if kind.answers_an_offer and found.choice == NO_CONTACT:
        raise LedgerError(
            f"decision {decision_id!r} was to contact nobody, so nothing can be {kind.word}. "
            "Check the id; wanted retained or churned."
        )
    if not found.settled_at - CLOCK_SKEW <= happened_at <= now + CLOCK_SKEW:
        raise LedgerError(
            f"outcome of decision {decision_id!r} happened at {happened_at.isoformat()}, wanted a moment "
            f"from {found.settled_at.isoformat()}, when it was made, to now. Check the clock and the id."
        )
    if (other := _AGAINST.get(kind)) in told and other is not None:
        raise LedgerError(
            f"decision {decision_id!r} was told to be {other.word}, so it cannot be {kind.word} too. "
            "The first report stands; decide anew to offer again."
        )
    last_day = found.valid_until
    if kind is OutcomeKind.ACCEPTED and last_day is not None and (happened_at - _LAST_ZONE).date() > last_day:
        raise LedgerError(
            f"the offer of decision {decision_id!r} held until {last_day}, it cannot be accepted at "
            f"{happened_at.isoformat()} any more. Decide anew."
        )


def _release(connection: Connection, ref: int, decision_id: str, now: datetime) -> None:
    own = contacts.c
    query = select(own.sent_at, own.voided_at).where(own.decision_ref == ref)
    row = connection.execute(query).one()
    if row.sent_at is None and row.voided_at is None:
        reservations.post_contact(connection, decision_id, now)
    reservations.void(connection, decision_id, now)
