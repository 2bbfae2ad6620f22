"""Campaigns: opened, closed, listed, re-priced; a limit never falls below what is promised.

Knows no decision and no customer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from churn_saver.domain.campaign import Campaign
from churn_saver.domain.money import shown
from churn_saver.errors import CampaignError
from churn_saver.store import audit, protocols
from churn_saver.store.budget import (
    CAP_COLUMNS,
    PLAIN_COLUMNS,
    Totals,
    books_of,
    campaign_of,
    campaign_row,
    locked,
)
from churn_saver.store.columns import utc
from churn_saver.store.database import Database
from churn_saver.store.schema import campaigns

_NEWEST_FIRST = (
    select(campaigns)
    .where(campaigns.c.closed_at.is_(None), campaigns.c.starts_at <= bindparam("now"))
    .order_by(campaigns.c.starts_at.desc(), campaigns.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget as somebody wants it."""

    campaign_id: str
    limit_minor: int
    """Minor units."""


class Campaigns:
    """The campaigns of one database; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Take a migrated database."""
        self._database = database

    def open(self, campaign: Campaign, protocol: Mapping[str, object] | None = None) -> None:
        """Begin a campaign with nothing reserved or spent, and with its protocol or not at all.

        Args:
            campaign: As it is to be.
            protocol: What it is to show, plain values; None: nothing is written down.

        Raises:
            CampaignError: the id is taken.
        """
        row = {name: getattr(campaign, name) for name in PLAIN_COLUMNS} | {
            name: getattr(campaign.caps, name) for name in CAP_COLUMNS
        }
        row |= {"reserved_minor": 0, "spent_minor": 0}
        taken = select(campaigns.c.id).where(campaigns.c.campaign_id == campaign.campaign_id)

        def open_it(connection: Connection) -> None:
            if connection.execute(taken).first() is not None:
                raise CampaignError(f"campaign {campaign.campaign_id!r} exists already. Choose another id.")
            ref = connection.execute(insert(campaigns).values(row).returning(campaigns.c.id)).scalar_one()
            begins_at = utc(campaign.starts_at)
            _tell_opened(connection, ref, row, begins_at)
            if protocol is not None:
                protocols.keep(connection, ref, campaign.campaign_id, protocol, begins_at)

        self._database.write(open_it)

    def close(self, campaign_id: str, now: datetime) -> None:
        """End a campaign: no more contacts; what is reserved stays so until posted, void or expired.

        Raises:
            CampaignError: no such campaign, or closed before.
        """
        now = utc(now)

        def close(connection: Connection) -> None:
            books = locked(connection, campaign_id, now)
            if (closed_at := books.campaign.closed_at) is not None:
                raise CampaignError(f"campaign {campaign_id!r} was closed at {closed_at.isoformat()} already")
            _set(connection, books.ref, closed_at=now)
            audit.append(connection, books.ref, "close", {}, now)

        self._database.write(close)

    def list(self) -> Sequence[Campaign]:
        """Give all campaigns, oldest start first."""
        query = select(campaigns).order_by(campaigns.c.starts_at, campaigns.c.id)
        with self._database.reading() as connection:
            return [campaign_of(row) for row in connection.execute(query)]

    def get(self, campaign_id: str) -> Campaign:
        """Give one campaign.

        Raises:
            CampaignError: no such campaign.
        """
        with self._database.reading() as connection:
            return campaign_of(campaign_row(connection, campaign_id))

    def current(self, now: datetime) -> Campaign | None:
        """Give the campaign that is open at `now`, the newest start of several; None: none is."""
        with self._database.reading() as connection:
            return running(connection, utc(now))

    def set_price(self, campaign_id: str, price: float, now: datetime) -> None:
        """Keep the price λ that a batch was solved at.

        Raises:
            CampaignError: no such campaign, or the price is not a number from 0 up.
        """
        if not 0 <= price < float("inf"):
            raise CampaignError(f"price of campaign {campaign_id!r} is {price}, wanted a number from 0 up")

        def set_it(connection: Connection) -> None:
            ref = campaign_row(connection, campaign_id, lock=True).id
            _set(connection, ref, price=price)
            audit.append(connection, ref, "price", {"price": price}, now)

        self._database.write(set_it)

    def set_limit(self, campaign_id: str, limit_minor: int, now: datetime, by: str | None = None) -> None:
        """Change the budget; arguments and errors as of `change_limit`."""
        limit = Limit(campaign_id, limit_minor)
        self._database.write(lambda connection: change_limit(connection, limit, utc(now), by))

    def totals(self, campaign_id: str, now: datetime) -> Totals:
        """Give a campaign's money: limit = free + reserved + spent.

        Raises:
            CampaignError: no such campaign.
        """
        with self._database.reading() as connection:
            return books_of(connection, campaign_id, utc(now)).totals


def running(connection: Connection, now: datetime) -> Campaign | None:
    """Give the campaign that is open at `now`, in UTC, the newest start of several; None: none is."""
    # The first will do, unless somebody leaves campaigns open after their end.
    begun = (campaign_of(row) for row in connection.execute(_NEWEST_FIRST, {"now": now}))
    return next((one for one in begun if one.is_open(now)), None)


def change_limit(connection: Connection, limit: Limit, now: datetime, by: str | None) -> None:
    """Change the budget of a campaign.

    Args:
        connection: In a writing transaction.
        limit: As it is to be.
        now: Aware, UTC.
        by: Who wants it, for the audit chain; None: nobody said.

    Raises:
        CampaignError: no such campaign, or less than what is reserved and spent together: names
            the least possible limit.
    """
    books = locked(connection, limit.campaign_id, now)
    reserved, spent = books.totals.reserved_minor, books.totals.spent_minor
    least = reserved + spent
    if limit.limit_minor < least:
        raise CampaignError(
            f"limit of campaign {limit.campaign_id!r} cannot be {shown(limit.limit_minor)}: "
            f"{shown(reserved)} are reserved and {shown(spent)} spent. "
            f"The least possible limit is {shown(least)}."
        )
    _set(connection, books.ref, limit_minor=limit.limit_minor)
    told = {"limit_minor": limit.limit_minor} | ({} if by is None else {"by": by})
    audit.append(connection, books.ref, "limit", told, now)


def _tell_opened(connection: Connection, ref: int, row: Mapping[str, object], now: datetime) -> None:
    """Begin the campaign's chain, and note in the chain of all that it has one."""
    content = {"limit_minor": row["limit_minor"], "price": row["price"], "digest": audit.campaign_digest(row)}
    audit.append(connection, ref, "open", content, now)
    if row["closed_at"] is not None:
        audit.append(connection, ref, "close", {}, now)
    audit.append(connection, None, "campaign", {"campaign": ref}, now)


def _set(connection: Connection, ref: int | None, **values: object) -> None:
    connection.execute(update(campaigns).where(campaigns.c.id == ref).values(**values))
