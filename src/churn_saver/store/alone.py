"""What a settlement holds: a campaign, and of one customer alone all that it judges by, at once.

Who holds a campaign lets all others wait, and on a server most of that time is the way there and back. A
request is about one customer; of a table `settling` asks for the same part by part. Knows no rule about what
follows from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, select

from churn_saver.store.budget import CampaignBooks, books_found, locked, locking
from churn_saver.store.controls import ONLY_ROW
from churn_saver.store.dossier import last_contact, last_number
from churn_saver.store.history import Customer
from churn_saver.store.past import LONGEST_DAYS
from churn_saver.store.prepared import Found, Prepared, together
from churn_saver.store.schema import campaigns, controls, customers, reservations

_LONGEST = timedelta(days=LONGEST_DAYS)


@dataclass(frozen=True, slots=True)
class Again:
    """What a settlement looks at once more, now that nobody else can change it but the switch."""

    last_number: int | None
    """Of the customer's decisions in the campaign; None: there is none."""
    contacted_at: Sequence[datetime]
    """Moments of the customer's contacts, in any campaign: of the last `LONGEST_DAYS`, else the last one."""
    is_stopped: bool
    """Somebody has thrown the switch that stops all contacts."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a settlement has locked."""

    books: CampaignBooks
    known: dict[str, Customer]
    """The one customer, where their row was there and could be found at once."""
    again: Again | None
    """Of that customer; None: it is to be asked for."""


def held(connection: Connection, campaign_id: str | None, customer_ids: Sequence[str], now: datetime) -> Held:
    """Lock a campaign, and a customer who is alone.

    Args:
        connection: In a writing transaction.
        campaign_id: None: there is none.
        customer_ids: Without doubles. One that has several spellings is left to `settling.enrol`, as are
            strangers, and several, who are locked in an order.
        now: Aware, UTC.

    Raises:
        CampaignError: no such campaign.
    """
    if campaign_id is None or len(customer_ids) != 1 or not customer_ids[0].isascii():
        return Held(locked(connection, campaign_id, now), {}, None)
    who, since = {"wanted_id": customer_ids[0]}, now - _LONGEST
    *of_campaign, rows, again = together(
        connection,
        *locking(campaign_id, now),
        (_CUSTOMER_LOCKED, who),
        (_AGAIN_BY_ID, who | {"own_campaign": campaign_id, "since": since}),
    )
    books = books_found(connection, campaign_id, of_campaign, now)
    if not rows:
        return Held(books, {}, None)
    row = rows[0]
    customer = Customer(row.id, row.suppressed_at is not None, row.opted_out_at is not None)
    return Held(books, {customer_ids[0]: customer}, _again_of(again))


def look_again(connection: Connection, campaign_id: str, ref: int, now: datetime) -> Again:
    """Read what a settlement judges one customer by, whom it had to enrol or to look for.

    Args:
        connection: In a writing transaction that holds the campaign and the customer.
        campaign_id: The campaign.
        ref: Number of the customer's row.
        now: Aware, UTC.
    """
    values = {"own_ref": ref, "own_campaign": campaign_id, "since": now - _LONGEST}
    return _again_of(_AGAIN_BY_REF.rows(connection, values))


def _again_of(rows: Sequence[Found]) -> Again:
    last, stopped, last_at, _ = rows[0]
    recent = [row[3] for row in rows if row[3] is not None]
    return Again(last, recent or [at for at in (last_at,) if at is not None], bool(stopped))


def _again(whose: ColumnElement[bool]) -> Select[int | None, bool | None, datetime | None, datetime]:
    recent = reservations.alias("recent")
    is_recent = and_(recent.c.customer_ref == customers.c.id, recent.c.contacted_at >= bindparam("since"))
    stopped = select(controls.c.stopped).where(controls.c.id == ONLY_ROW).scalar_subquery()
    own = select(campaigns.c.id).where(campaigns.c.campaign_id == bindparam("own_campaign"))
    number = last_number(own.scalar_subquery(), customers.c.id)
    return (
        select(number, stopped, last_contact(), recent.c.contacted_at)
        .outerjoin_from(customers, recent, is_recent)
        .where(whose)
    )


_WANTED = customers.c.customer_id == bindparam("wanted_id")
_AGAIN_BY_ID = Prepared(_again(_WANTED))
_AGAIN_BY_REF = Prepared(_again(customers.c.id == bindparam("own_ref")))
_CUSTOMER_LOCKED = Prepared(select(customers).where(_WANTED).with_for_update())
