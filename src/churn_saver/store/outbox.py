"""The outbox: each message is claimed for a while by one dispatcher, then sent, put off or given up.

A claim is a lease: a dispatcher that dies loses it by the clock, and another one sends the message under
the same key, so a message goes out at least once. On PostgreSQL dispatchers pass over each other's rows
(SKIP LOCKED), on SQLite the one write lock makes them take turns. Being sent spends the contact. Giving up
releases what is held, unless the receiver may have the message all the same: then the contact is spent and
the offer stays reserved until its last day. The row stays, to be looked at. Knows no clock, no hours and no
provider.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, or_, select, update

from churn_saver.domain.waiting import UNSAFE, Obstacle, Waiting
from churn_saver.store import controls
from churn_saver.store import reservations as money
from churn_saver.store.budget import today
from churn_saver.store.columns import utc
from churn_saver.store.database import Database
from churn_saver.store.endings import Ending, give_up
from churn_saver.store.schema import (
    campaigns,
    customers,
    decision_details,
    decisions,
    outbox,
    reservations,
)

_UNCLAIMED = {"claimed_until": None, "claimed_by": None}


@dataclass(frozen=True, slots=True)
class Queue:
    """How many messages wait."""

    waiting: int
    """Neither sent nor given up."""
    due: int
    """Of these, whose moment has come."""
    given_up: int
    unsafe: int
    """Of those given up, whose text the shield stopped when it was about to be sent."""
    oldest_due_at: datetime | None
    """None: nothing is due."""


class Outbox:
    """The outbox of one database; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Take a migrated database."""
        self._database = database

    def claim(self, n: int, now: datetime, by: str, lease: timedelta) -> list[Waiting]:
        """Take messages that are due, the oldest first; nobody else gets them before the lease is over.

        Args:
            n: At most.
            now: Aware.
            by: Who claims, a name that no other dispatcher has, at most 64 characters.
            lease: How long.

        Returns:
            None at all while the switch stops sending.
        """
        return self._database.write(partial(_claim, n=n, now=utc(now), by=by, lease=lease))

    def obstacle(self, decision_id: str, now: datetime, by: str, most: timedelta) -> Obstacle | None:
        """Say what stands against sending a claimed message now, with all that came in since it was decided.

        Args:
            decision_id: Of the message.
            now: Aware.
            by: Who claimed it.
            most: How long the sending may take: lease and money must last longer.
        """
        now = utc(now)
        with self._database.reading() as connection:
            row = connection.execute(_standing(decision_id)).first()
            if row is None or row.claimed_by != by or row.claimed_until <= now + most:
                return Obstacle.LOST
            if controls.read(connection).stopped:
                return Obstacle.STOPPED
        against = {
            Obstacle.SUPPRESSED: row.suppressed_at is not None,
            Obstacle.OPTED_OUT: row.opted_out_at is not None,
            Obstacle.CAMPAIGN_CLOSED: row.closed_at is not None,
            Obstacle.RELEASED: row.voided_at is not None,
            Obstacle.OVER: row.expires_on is not None and row.expires_on < today(now + most),
        }
        return next((obstacle for obstacle, stands in against.items() if stands), None)

    def sent(self, decision_id: str, now: datetime) -> bool:
        """Spend the contact, whoever claims the message by now: it is out. False: told before.

        Raises:
            LedgerError: its money was released while it was on its way.
        """
        return self._database.write(partial(money.post_contact, decision_id=decision_id, now=utc(now)))

    def hold(self, decision_id: str, send_at: datetime, by: str) -> bool:
        """Let a claimed message wait until another moment; that is no attempt. False: not ours any more."""
        return self._change([decision_id], by, {"send_at": utc(send_at)}) == 1

    def release(self, decision_ids: Sequence[str], by: str) -> int:
        """Give claimed messages back untouched; returns how many were ours."""
        return self._change(decision_ids, by, {})

    def failed(self, decision_id: str, fault: str, retry_at: datetime, by: str, is_certain: bool) -> bool:
        """Count an attempt to send a claimed message, which waits for the next one.

        Args:
            decision_id: Of the message.
            fault: Why, without a word about the customer.
            retry_at: When to try again.
            by: Who claimed it.
            is_certain: The receiver surely does not have it.

        Returns:
            False: not ours any more, nothing was changed.
        """
        values: dict[str, object] = {"send_at": utc(retry_at), "fault": fault}
        values |= {"attempts": outbox.c.attempts + 1} | ({} if is_certain else {"is_uncertain": True})
        return self._change([decision_id], by, values) == 1

    def give_up(
        self, decision_id: str, why: str, by: str, now: datetime, is_certain: bool = True
    ) -> Ending | None:
        """Send a claimed message never more.

        Args:
            decision_id: Of the message.
            why: Without a word about the customer.
            by: Who claimed it.
            now: Aware.
            is_certain: The receiver surely has nothing of a last attempt; what came of those before is known.

        Returns:
            What became of its money; None: not ours any more, nothing was changed.
        """
        end = partial(give_up, decision_id=decision_id, why=why, by=by, now=utc(now), is_certain=is_certain)
        return self._database.write(end)

    def queue(self, now: datetime) -> Queue:
        """Count what waits."""
        waits = outbox.c.gave_up_at.is_(None)
        is_due = waits & (outbox.c.send_at <= utc(now))
        is_unsafe = ~waits & outbox.c.fault.startswith(UNSAFE)
        query = select(
            func.coalesce(func.sum(case((waits, 1), else_=0)), 0),
            func.coalesce(func.sum(case((is_due, 1), else_=0)), 0),
            func.count(outbox.c.gave_up_at),
            func.coalesce(func.sum(case((is_unsafe, 1), else_=0)), 0),
            func.min(case((is_due, outbox.c.send_at))),
        )
        with self._database.reading() as connection:
            waiting, due, given_up, unsafe, oldest = connection.execute(query).one()
        return Queue(int(waiting), int(due), int(given_up), int(unsafe), oldest)

    def sent_so_far(self) -> int:
        """Count the messages that ever went out, of whatever campaign; looks at every contact."""
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count(reservations.c.sent_at))).scalar_one())

    def _change(self, decision_ids: Sequence[str], by: str, values: dict[str, object]) -> int:
        """Let go of claimed messages with new values."""
        named = select(decisions.c.id).where(decisions.c.decision_id.in_(decision_ids))
        change = update(outbox).where(outbox.c.decision_ref.in_(named), *_ours(by))
        return self._database.write(
            lambda connection: connection.execute(change.values(_UNCLAIMED | values)).rowcount
        )


def _claim(connection: Connection, n: int, now: datetime, by: str, lease: timedelta) -> list[Waiting]:
    found = [] if controls.read(connection).stopped else connection.execute(_due(n, now, lease)).all()
    if found:
        refs = outbox.c.decision_ref.in_([row.decision_ref for row in found])
        # Who let a claim run out may have handed the message over before: nobody knows.
        doubt = or_(outbox.c.is_uncertain, outbox.c.claimed_by.is_not(None))
        taken = {"claimed_by": by, "claimed_until": now + lease, "is_uncertain": doubt}
        connection.execute(update(outbox).where(refs).values(taken))
    return [_waiting(row) for row in found]


def _due(n: int, now: datetime, lease: timedelta) -> Select[tuple[object, ...]]:
    # A claim that lasts two leases or more from now was made by a clock that was ahead, and by more than
    # clocks of hosts that work together differ.
    until = outbox.c.claimed_until
    free = or_(until.is_(None), until <= now, until > now + 2 * lease)
    return (
        select(
            outbox, decisions.c.decision_id, decisions.c.channel, decisions.c.valid_until,
            campaigns.c.campaign_id, customers.c.customer_id, decision_details.c.message,
        )
        .join(decisions, decisions.c.id == outbox.c.decision_ref)
        .join(campaigns, campaigns.c.id == decisions.c.campaign_ref)
        .join(customers, customers.c.id == decisions.c.customer_ref)
        .join(decision_details, decision_details.c.decision_ref == decisions.c.id)
        .where(outbox.c.send_at <= now, outbox.c.gave_up_at.is_(None), free)
        .order_by(outbox.c.send_at, outbox.c.decision_ref)
        .limit(n)
        .with_for_update(of=outbox, skip_locked=True)
    )  # fmt: skip


def _standing(decision_id: str) -> Select[tuple[object, ...]]:
    return (
        select(
            outbox.c.claimed_by, outbox.c.claimed_until, customers.c.suppressed_at, customers.c.opted_out_at,
            campaigns.c.closed_at, reservations.c.expires_on, reservations.c.voided_at,
        )
        .join(decisions, decisions.c.id == outbox.c.decision_ref)
        .join(reservations, reservations.c.decision_ref == outbox.c.decision_ref)
        .join(campaigns, campaigns.c.id == decisions.c.campaign_ref)
        .join(customers, customers.c.id == decisions.c.customer_ref)
        .where(decisions.c.decision_id == decision_id, outbox.c.gave_up_at.is_(None))
    )  # fmt: skip


def _waiting(row: Row[tuple[object, ...]]) -> Waiting:
    return Waiting(
        decision_id=row.decision_id,
        campaign_id=row.campaign_id,
        customer_id=row.customer_id,
        message=row.message,
        channel=row.channel,
        time_zone=row.time_zone,
        country=row.country,
        send_at=row.send_at,
        valid_until=row.valid_until,
        attempts=row.attempts + 1,
    )


def _ours(by: str) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.claimed_by == by, outbox.c.gave_up_at.is_(None)
