"""What the books know of customers: consent, contacts, scores, decisions made.

Works inside the transaction it is handed, in a handful of queries for any number of customers.
A contact is a decision to contact, whatever became of it: a void reservation does not give the
right to write again. Knows no rule about what follows from it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory
from churn_saver.domain.identifiers import spellings
from churn_saver.store.budget import books_of, today
from churn_saver.store.columns import among, chunks, utc
from churn_saver.store.outcomes import last_acceptances
from churn_saver.store.schema import customers, decisions, reservations
from churn_saver.store.scores import usual_risks
from churn_saver.store.suppressing import Mark, marks

_MICROSECOND = timedelta(microseconds=1)
_DAY_US = timedelta(days=1) // _MICROSECOND
_FIND = select(
    customers.c.customer_id, customers.c.id, customers.c.suppressed_at, customers.c.opted_out_at
).where(customers.c.customer_id.in_(bindparam("wanted_ids", expanding=True)))
_FIND_LOCKED = _FIND.order_by(customers.c.customer_id).with_for_update()


@dataclass(frozen=True, slots=True)
class Known:
    """What one consistent read found."""

    campaign: Campaign | None
    history: ContactHistory
    free_minor: int
    """What can be reserved now, minor units: all that is free, of a paced campaign its share of the days
    that have begun; 0 without a campaign."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's row."""

    ref: int
    suppressed: bool
    opted_out: bool


@dataclass(frozen=True, slots=True)
class LastDecision:
    """A customer's last decision in a campaign."""

    number: int
    is_over: bool
    """Its `next_decision_at` has come."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of a customer, in any campaign."""

    at: datetime
    campaign_ref: int
    units: int
    """Allowance units that are accepted or still reserved."""
    accepted: bool


def read(
    connection: Connection, campaign_id: str | None, customer_ids: Sequence[str], now: datetime
) -> Known:
    """Read all that the journey needs to know.

    Shapes: customer_ids (n,) → history of columns (n,), in their order; an id may come twice.

    Raises:
        CampaignError: no such campaign.
    """
    books = books_of(connection, campaign_id, now)
    unique = list(dict.fromkeys(customer_ids))
    found = find_customers(connection, unique)
    history = _history(connection, books.ref, books.campaign, [found.get(one) for one in unique], now)
    if unwanted := marks(connection, [one for one in unique if one not in found]):
        flags = [unwanted.get(one, Mark.NONE) for one in unique]
        suppressed = history.suppressed | [Mark.SUPPRESSED in one for one in flags]
        opted_out = history.opted_out | [Mark.OPTED_OUT in one for one in flags]
        history = replace(history, suppressed=suppressed, opted_out=opted_out)
    if len(unique) != len(customer_ids):
        place = {one: row for row, one in enumerate(unique)}
        history = history.take(np.array([place[one] for one in customer_ids], dtype=np.int64))
    return Known(books.campaign if campaign_id is not None else None, history, books.reservable_minor)


def find_customers(
    connection: Connection, customer_ids: Sequence[str], lock: bool = False
) -> dict[str, Customer]:
    """Look up customers, in whatever spelling they stand here; those never seen are left out.

    Args:
        connection: In a transaction.
        customer_ids: Without doubles.
        lock: Make other writers about the same customers wait; locked in one order, so that no two
            writers wait for each other.
    """
    rows: dict[str, Customer] = {}
    asked = {spelled for one in customer_ids for spelled in spellings(one)}
    for ids in chunks(sorted(asked) if lock else list(asked)):
        found_rows = connection.execute(_FIND_LOCKED if lock else _FIND, {"wanted_ids": ids}).all()
        for customer_id, ref, suppressed_at, opted_out_at in found_rows:
            rows[customer_id] = Customer(ref, suppressed_at is not None, opted_out_at is not None)
    if all(one.isascii() for one in customer_ids):
        return rows
    found: dict[str, Customer] = {}
    for one in customer_ids:
        if some := [rows[spelled] for spelled in (one, *spellings(one)) if spelled in rows]:
            # Two rows of one name, older than one spelling for all: a mark of either holds for both.
            suppressed, opted_out = any(row.suppressed for row in some), any(row.opted_out for row in some)
            found[one] = Customer(some[0].ref, suppressed, opted_out)
    return found


def last_numbers(connection: Connection, campaign_ref: int | None, refs: Sequence[int]) -> dict[int, int]:
    """Give the number of each customer's last decision in a campaign; those without one are left out."""
    found: dict[int, int] = {}
    for these in among(decisions.c.customer_ref, refs):
        found.update(connection.execute(_last(these, campaign_ref)).all())
    return found


def last_decisions(
    connection: Connection, campaign_ref: int | None, refs: Sequence[int], now: datetime
) -> dict[int, LastDecision]:
    """Give each customer's last decision in a campaign; those without one are left out."""
    found: dict[int, LastDecision] = {}
    own = decisions.c
    for these in among(own.customer_ref, refs):
        last = _last(these, campaign_ref).subquery()
        query = (
            select(own.customer_ref, own.number, own.next_decision_at <= now)
            .join(last, and_(last.c.customer_ref == own.customer_ref, last.c.number == own.number))
            .where(own.campaign_ref == campaign_ref)
        )
        for ref, number, is_over in connection.execute(query).all():
            found[ref] = LastDecision(number, is_over)
    return found


def contacts(
    connection: Connection, refs: Sequence[int], now: datetime, since: datetime | None = None
) -> Mapping[int, list[Contact]]:
    """Give the contacts of customers, those from `since` on when it is given."""
    found: dict[int, list[Contact]] = defaultdict(list)
    own = reservations.c
    live = is_live(own, today(now))
    for these in among(own.customer_ref, refs):
        query = select(
            own.customer_ref, own.contacted_at, own.campaign_ref, own.units, live.label("live"),
            own.accepted_at.is_not(None).label("accepted"),
        ).where(these)  # fmt: skip
        if since is not None:
            query = query.where(own.contacted_at >= since)
        for ref, at, campaign_ref, units, lives, accepted in connection.execute(query).all():
            found[ref].append(Contact(at, campaign_ref, units if lives else 0, accepted))
    return found


def is_live(
    own: ReadOnlyColumnCollection[str, ColumnElement[object]], day: date | ColumnElement[date]
) -> ColumnElement[bool]:
    """Word whether a reservation was accepted, or may still be.

    Args:
        own: Columns of the reservation.
        day: Today, in UTC.
    """
    lasts = or_(own.expires_on.is_(None), own.expires_on >= day)
    return or_(own.accepted_at.is_not(None), and_(own.voided_at.is_(None), lasts))


def days_between(since: datetime, now: datetime) -> float:
    """Count days since a moment; one from the future is now."""
    return max(0, (utc(now) - since) // _MICROSECOND) / _DAY_US


def within(moments: Iterable[datetime], days: int, now: datetime) -> int:
    """Count the moments less than `days` days ago; one from the future counts, for safety."""
    span = timedelta(days=days)
    return sum(now - moment < span for moment in moments)


def _history(
    connection: Connection, campaign_ref: int | None, campaign: Campaign,
    rows: Sequence[Customer | None], now: datetime,
) -> ContactHistory:  # fmt: skip
    history = ContactHistory.unseen(len(rows))
    places = {customer.ref: row for row, customer in enumerate(rows) if customer is not None}
    if not places:
        return history
    refs = sorted(places)
    due = np.ones(len(rows), dtype=np.bool_)
    # `unseen` shares one column of zeros between counts, and frozen means frozen: build new ones.
    counts = {
        name: np.zeros(len(rows), dtype=np.int64)
        for name in ("contacts_7d", "contacts_30d", "contacts_period", "units_used", "decisions_made")
    }
    for ref, one in last_decisions(connection, campaign_ref, refs, now).items():
        counts["decisions_made"][places[ref]] = one.number + 1
        due[places[ref]] = one.is_over
    days_since = np.full(len(rows), np.inf)
    period = campaign.period_start(now)
    made_to = contacts(connection, refs, now)
    for ref, made in made_to.items():
        row, moments = places[ref], [one.at for one in made]
        counts["contacts_7d"][row] = within(moments, 7, now)
        counts["contacts_30d"][row] = within(moments, 30, now)
        counts["contacts_period"][row] = sum(moment >= period for moment in moments)
        counts["units_used"][row] = sum(one.units for one in made if one.campaign_ref == campaign_ref)
        days_since[row] = days_between(max(moments), now)
    since_accepted = np.full((len(rows), N_OFFERS), np.inf)
    takers = sorted(ref for ref, made in made_to.items() if any(one.accepted for one in made))
    for (ref, offer), at in last_acceptances(connection, takers).items():
        since_accepted[places[ref], offer] = days_between(at, now)
    return ContactHistory(
        readable=True,
        suppressed=np.array([row is not None and row.suppressed for row in rows], dtype=np.bool_),
        opted_out=np.array([row is not None and row.opted_out for row in rows], dtype=np.bool_),
        days_since_contact=days_since,
        days_since_accepted=since_accepted,
        usual_risk=usual_risks(connection, places, len(rows)),
        due=due,
        **counts,
    )


def _last(these: ColumnElement[bool], campaign_ref: int | None) -> Select[int, int]:
    """Ask for customer and number of the last decisions; the unique index alone answers it."""
    own = decisions.c
    return (
        select(own.customer_ref, func.max(own.number).label("number"))
        .where(these, own.campaign_ref == campaign_ref)
        .group_by(own.customer_ref)
    )
