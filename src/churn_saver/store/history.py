"""What the books know of customers: consent, contacts, scores, decisions made.

Works inside the transaction it is handed, in a handful of queries for any number of customers.
A contact is a decision to contact, whatever became of it: a void reservation does not give the
right to write again. Knows no rule about what follows from it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from churn_saver.domain.action import N_OFFERS
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory
from churn_saver.domain.identifiers import spellings
from churn_saver.store.budget import books_of, today
from churn_saver.store.columns import among, chunks
from churn_saver.store.outcomes import last_acceptances
from churn_saver.store.past import Past, history_of
from churn_saver.store.schema import customers, decisions, reservations
from churn_saver.store.scores import usual_risks
from churn_saver.store.suppressing import Mark, marks

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
    pasts = _pasts(connection, books.ref, [found.get(one) for one in unique], now)
    history = history_of(pasts, books.campaign, now)
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


def _pasts(
    connection: Connection, campaign_ref: int | None, rows: Sequence[Customer | None], now: datetime
) -> list[Past | None]:
    """Read what the books hold of each customer; None: never seen."""
    places = {customer.ref: row for row, customer in enumerate(rows) if customer is not None}
    if not places:
        return [None] * len(rows)
    refs = sorted(places)
    decided, made_to = last_decisions(connection, campaign_ref, refs, now), contacts(connection, refs, now)
    takers = sorted(ref for ref, made in made_to.items() if any(one.accepted for one in made))
    taken = last_acceptances(connection, takers)
    usual = usual_risks(connection, places, len(rows)).tolist()

    def past(row: int, customer: Customer) -> Past:
        ref = customer.ref
        last, made = decided.get(ref), made_to.get(ref, ())
        moments = [one.at for one in made]
        return Past(
            customer.suppressed,
            customer.opted_out,
            None if last is None else last.number,
            last is None or last.is_over,
            moments,
            max(moments, default=None),
            sum(one.units for one in made if one.campaign_ref == campaign_ref),
            [taken.get((ref, offer)) for offer in range(N_OFFERS)],
            usual[row],
        )

    return [None if customer is None else past(row, customer) for row, customer in enumerate(rows)]


def _last(these: ColumnElement[bool], campaign_ref: int | None) -> Select[int, int]:
    """Ask for customer and number of the last decisions; the unique index alone answers it."""
    own = decisions.c
    return (
        select(own.customer_ref, func.max(own.number).label("number"))
        .where(these, own.campaign_ref == campaign_ref)
        .group_by(own.customer_ref)
    )
