"""A campaign's money as one transaction sees it: running totals, expiry, the lock.

A campaign's row carries its running totals, so that neither a read nor a settlement adds up
history. A writer locks the row first, which makes writers of one campaign take turns, and voids
what has expired; a read subtracts what has expired by date. Knows nothing of decisions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from churn_saver.domain.campaign import Campaign, Caps
from churn_saver.errors import CampaignError
from churn_saver.store import audit
from churn_saver.store.columns import utc
from churn_saver.store.pacing import reservable_minor
from churn_saver.store.prepared import Asked, Found, Prepared, together
from churn_saver.store.schema import campaigns, outbox, reservations

NOWHERE = Campaign(
    campaign_id="", starts_at=datetime(1970, 1, 1, tzinfo=UTC), horizon_days=1, limit_minor=0, customers=1,
    currency="", price=0.0, holdout_share=0.0, exploration_share=0.0,
    caps=Caps(per_7_days=1, per_30_days=1, per_period=1, cooldown_days=0, allowance_units=0),
    salt="no campaign",
)  # fmt: skip
"""Of no days and no money: decisions without a campaign are numbered and named under it."""

CAP_COLUMNS = ("per_7_days", "per_30_days", "per_period", "cooldown_days", "allowance_units")
PLAIN_COLUMNS = (
    "campaign_id", "starts_at", "horizon_days", "limit_minor", "customers", "currency", "price",
    "holdout_share", "exploration_share", "salt", "is_paced", "closed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Totals:
    """A campaign's money at one moment, minor units; limit = free + reserved + spent."""

    limit_minor: int
    free_minor: int
    reserved_minor: int
    spent_minor: int


@dataclass(frozen=True, slots=True)
class CampaignBooks:
    """A campaign's row as one transaction sees it."""

    ref: int | None
    """Its number; None for `NOWHERE`."""
    campaign: Campaign
    totals: Totals
    reservable_minor: int
    """What may be reserved now: all that is free, or what pacing has released of it."""


def campaign_row(connection: Connection, campaign_id: str, lock: bool = False) -> Found:
    """Read a campaign's row, and with `lock` let other writers of it wait.

    Raises:
        CampaignError: no such campaign.
    """
    query = _CAMPAIGN_LOCKED if lock else _CAMPAIGN
    row = query.first(connection, {"wanted_id": campaign_id})
    if row is None:
        raise _no_such(campaign_id)
    return row


def campaign_of(row: Found) -> Campaign:
    """Turn a row into the core's own type."""
    caps = Caps(**{name: getattr(row, name) for name in CAP_COLUMNS})
    return Campaign(**{name: getattr(row, name) for name in PLAIN_COLUMNS}, caps=caps)


def books_of(connection: Connection, campaign_id: str | None, now: datetime) -> CampaignBooks:
    """Read a campaign; what expired before today is not reserved any more.

    Raises:
        CampaignError: no such campaign.
    """
    if campaign_id is None:
        return CampaignBooks(None, NOWHERE, Totals(0, 0, 0, 0), 0)
    row = campaign_row(connection, campaign_id)
    return books_from(row, int(_EXPIRED.rows(connection, _of(campaign_id, now))[0][1]), now)


def locked(connection: Connection, campaign_id: str | None, now: datetime) -> CampaignBooks:
    """Read a campaign for writing: other writers of it wait, what has expired is made void.

    Raises:
        CampaignError: no such campaign.
    """
    if campaign_id is None:
        return CampaignBooks(None, NOWHERE, Totals(0, 0, 0, 0), 0)
    return books_found(connection, campaign_id, together(connection, *locking(campaign_id, now)), now)


def locking(campaign_id: str, now: datetime) -> tuple[Asked, Asked]:
    """Word what locks a campaign, and then reads what has expired, to be handed over with more."""
    return (_CAMPAIGN_LOCKED, {"wanted_id": campaign_id}), (_EXPIRED, _of(campaign_id, now))


def books_found(
    connection: Connection, campaign_id: str, found: Sequence[Sequence[Found]], now: datetime
) -> CampaignBooks:
    """Give the books that the two statements of `locking` found; what has expired is made void.

    Raises:
        CampaignError: no such campaign.
    """
    (rows, ((count, amount),)) = found
    if not rows:
        raise _no_such(campaign_id)
    row = rows[0]
    if count:
        _sweep(connection, row.id, int(count), int(amount), now)
    return books_from(row, int(amount), now)


def move(connection: Connection, ref: int, reserved_minor: int, spent_minor: int) -> None:
    """Add to the running totals of a locked campaign; negative amounts take away."""
    _MOVE.run(connection, {"own_ref": ref, "reserved_more": reserved_minor, "spent_more": spent_minor})


def held_minor() -> ColumnElement[int]:
    """What a reservation that is not void still holds: its parts that are not spent."""
    part = reservations.c
    return case((part.sent_at.is_(None), part.contact_minor), else_=0) + case(
        (part.accepted_at.is_(None), part.offer_minor), else_=0
    )


def expired_minor(ref: ColumnElement[int]) -> ScalarSelect[int]:
    """Word what the running total of a campaign still holds although its last day is over.

    Args:
        ref: Number of the campaign's row, in the statement around it; the parameter `today` is the day.
    """
    return select(_HELD).where(*_is_expired(ref)).correlate(campaigns).scalar_subquery()


def today(now: datetime) -> date:
    """Give the day in UTC: a reservation whose last day is before it has expired."""
    return utc(now).date()


def _sweep(connection: Connection, ref: int, count: int, amount: int, now: datetime) -> None:
    """Void what has expired: so many reservations, that hold so much."""
    expired, at = _is_expired(_OWN_REF), {"own_ref": ref, "today": today(now)}
    move(connection, ref, reserved_minor=-amount, spent_minor=0)
    unsent = select(reservations.c.decision_ref).where(*expired)
    waits = outbox.c.gave_up_at.is_(None)
    connection.execute(delete(outbox).where(outbox.c.decision_ref.in_(unsent), waits), at)
    voided = update(reservations).where(*expired).values(is_held=False, voided_at=now)
    connection.execute(voided, at)
    audit.append(connection, ref, "expire", {"count": count, "minor": amount}, now)


def _no_such(campaign_id: str) -> CampaignError:
    return CampaignError(
        f"there is no campaign {campaign_id!r}. `churn-saver campaign list` shows all, "
        "`campaign open` makes one."
    )


def _is_expired(ref: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    part = reservations.c
    return part.campaign_ref == ref, part.is_held.is_(True), part.expires_on < bindparam("today")


def _of(campaign_id: str, now: datetime) -> dict[str, object]:
    return {"wanted_id": campaign_id, "today": today(now)}


def books_from(row: Found, expired: int, now: datetime) -> CampaignBooks:
    """Make books out of a row that has the columns of a campaign.

    Args:
        row: From a statement that asks for them.
        expired: What its running total holds too much, minor units.
        now: Aware, UTC.
    """
    reserved = row.reserved_minor - expired
    free = row.limit_minor - reserved - row.spent_minor
    campaign, totals = campaign_of(row), Totals(row.limit_minor, free, reserved, row.spent_minor)
    return CampaignBooks(row.id, campaign, totals, reservable_minor(campaign, free, now))


_OWN_REF = bindparam("own_ref", type_=reservations.c.campaign_ref.type)
_HELD = func.coalesce(func.sum(held_minor()), 0)
_ONE = select(campaigns).where(campaigns.c.campaign_id == bindparam("wanted_id"))
_CAMPAIGN, _CAMPAIGN_LOCKED = Prepared(_ONE), Prepared(_ONE.with_for_update())
_WANTED_REF = _ONE.with_only_columns(campaigns.c.id).scalar_subquery()
_EXPIRED = Prepared(select(func.count(), _HELD).where(*_is_expired(_WANTED_REF)))
_MOVE = Prepared(
    update(campaigns)
    .where(campaigns.c.id == bindparam("own_ref"))
    .values(
        reserved_minor=campaigns.c.reserved_minor + bindparam("reserved_more"),
        spent_minor=campaigns.c.spent_minor + bindparam("spent_more"),
    )
)
