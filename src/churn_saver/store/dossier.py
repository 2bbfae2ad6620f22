"""All that the books know of one customer, in one statement; a request is about no more.

What a request costs is statements much more than rows. `history` reads the same of a whole table, part by
part; here it is a single row, and `past` counts both. A caller may send every click of a customer, and
each is a decision: no more of them are read than count. Knows no rule about what follows from it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, ScalarSelect, Select, and_, bindparam, func, select

from churn_saver.domain.action import OFFER_UNITS
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.store.budget import books_from, expired_minor, today
from churn_saver.store.campaigns import running
from churn_saver.store.history import Known, is_live, read
from churn_saver.store.past import LONGEST_DAYS, Past, history_of
from churn_saver.store.prepared import Found, Prepared
from churn_saver.store.schema import (
    campaigns,
    customers,
    decisions,
    outcomes,
    reservations,
    suppressions,
)
from churn_saver.store.scores import MOST

_LONGEST = timedelta(days=LONGEST_DAYS)
_TAKEN = tuple(f"taken_{units}" for units in OFFER_UNITS)


def read_alone(connection: Connection, customer_id: str, now: datetime) -> Known | None:
    """Read what the journey needs to know of one customer, in the campaign that is open now.

    Args:
        connection: That asks, or in a reading transaction.
        customer_id: As `domain.identifiers.checked_id` gives it.
        now: Aware, UTC.

    Returns:
        None: `read_among` is to be asked, since there is no campaign, or somebody on the suppression list
        without a row, or two spellings of the id, or the campaign that began last is over.
    """
    if not customer_id.isascii():
        return None
    values = {"who": customer_id, "now": now, "today": today(now), "month_ago": now - _LONGEST}
    rows = _ALL.rows(connection, values)
    return _known(rows, now) if rows else None


def read_among(connection: Connection, customer_id: str, now: datetime) -> Known:
    """Read the same as a table is read, whatever the books hold.

    Args:
        connection: In a reading transaction.
        customer_id: As `domain.identifiers.checked_id` gives it.
        now: Aware, UTC.
    """
    campaign = running(connection, now)
    return read(connection, campaign.campaign_id if campaign else None, [customer_id], now)


def _known(rows: Sequence[Found], now: datetime) -> Known | None:
    """Make what is known out of a row for each contact of the last month; None: it takes more than this."""
    row = rows[0]
    books = books_from(row, int(row.expired_minor), now)
    if not books.campaign.is_open(now) or (row.ref is None and row.has_strangers):
        return None
    past = Past(
        row.suppressed_at is not None,
        row.opted_out_at is not None,
        row.last_number,
        row.last_number is None or bool(row.is_over),
        [one.recent_at for one in rows if one.recent_at is not None],
        row.last_contact_at,
        int(row.units_used),
        [getattr(row, name) for name in _TAKEN],
        np.nan if row.usual_risk is None else row.usual_risk,
    )
    history = history_of([past], books.campaign, now)
    return Known(books.campaign, history, books.reservable_minor)


def _newest() -> ScalarSelect[int]:
    """Ask for the campaign that began last of those that are not closed."""
    own = campaigns.alias("own")
    begun = select(own.c.id).where(own.c.closed_at.is_(None), own.c.starts_at <= bindparam("now"))
    return begun.order_by(own.c.starts_at.desc(), own.c.id.desc()).limit(1).scalar_subquery()


def _units_used() -> ScalarSelect[int]:
    own = reservations.alias("own")
    live = is_live(own.c, bindparam("today"))
    units = select(func.coalesce(func.sum(own.c.units), 0)).where(
        own.c.customer_ref == customers.c.id, own.c.campaign_ref == campaigns.c.id, live
    )
    return units.correlate(campaigns, customers).scalar_subquery()


def last_contact() -> ScalarSelect[datetime]:
    """Ask when a customer, of the statement around it, was contacted last, in any campaign."""
    own = reservations.alias("own")
    last = select(func.max(own.c.contacted_at)).where(own.c.customer_ref == customers.c.id)
    return last.correlate(customers).scalar_subquery()


def _taken(units: int) -> ScalarSelect[datetime]:
    """Ask when an offer was last accepted, in any campaign."""
    own = reservations.alias("own")
    taken = (
        select(func.max(outcomes.c.happened_at))
        .join_from(own, outcomes, outcomes.c.decision_ref == own.c.decision_ref)
        .where(own.c.customer_ref == customers.c.id, own.c.units == units)
        .where(outcomes.c.kind == int(OutcomeKind.ACCEPTED))
    )
    return taken.correlate(customers).scalar_subquery()


def _usual_risk() -> ScalarSelect[float]:
    """Ask for the median of the last scores: half of the sum of the middle two, which may be one."""
    own = decisions.alias("own")
    last = (
        select(own.c.churn_risk)
        .where(own.c.customer_ref == customers.c.id, own.c.churn_risk.is_not(None))
        .order_by(own.c.id.desc())
        .limit(MOST)
        .correlate(customers)
        .subquery()
    )
    place = func.row_number().over(order_by=last.c.churn_risk).label("place")
    ranked = select(last.c.churn_risk, place, func.count().over().label("most")).subquery()
    middle = ranked.c.place.in_(((ranked.c.most + 1) // 2, (ranked.c.most + 2) // 2))
    risk = ranked.c.churn_risk
    return select((func.min(risk) + func.max(risk)) / 2).where(middle).scalar_subquery()


def last_number(campaign_ref: object, ref: object) -> ScalarSelect[int]:
    """Ask for the number of a customer's last decision in a campaign, by the numbers of their rows."""
    own = decisions.alias("own")
    numbers = select(func.max(own.c.number)).where(
        own.c.customer_ref == ref, own.c.campaign_ref == campaign_ref
    )
    return numbers.correlate(campaigns, customers).scalar_subquery()


def _all() -> Select[tuple[object, ...]]:
    """Word the statement: a row for each contact of the last month, one at least where a campaign runs."""
    last, recent = decisions.alias("last"), reservations.alias("recent")
    is_last = and_(
        last.c.customer_ref == customers.c.id,
        last.c.campaign_ref == campaigns.c.id,
        last.c.number == last_number(campaigns.c.id, customers.c.id),
    )
    is_recent = and_(recent.c.customer_ref == customers.c.id, recent.c.contacted_at > bindparam("month_ago"))
    return (
        select(
            campaigns,
            expired_minor(campaigns.c.id).label("expired_minor"),
            customers.c.id.label("ref"), customers.c.suppressed_at, customers.c.opted_out_at,
            select(suppressions.c.kind).exists().label("has_strangers"),
            last.c.number.label("last_number"),
            (last.c.next_decision_at <= bindparam("now")).label("is_over"),
            recent.c.contacted_at.label("recent_at"),
            last_contact().label("last_contact_at"),
            _units_used().label("units_used"),
            _usual_risk().label("usual_risk"),
            *(_taken(units).label(name) for units, name in zip(OFFER_UNITS, _TAKEN, strict=True)),
        )
        .outerjoin_from(campaigns, customers, customers.c.customer_id == bindparam("who"))
        .outerjoin(last, is_last)
        .outerjoin(recent, is_recent)
        .where(campaigns.c.id == _newest())
    )  # fmt: skip


_ALL = Prepared(_all())
