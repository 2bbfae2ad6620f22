"""What a campaign is to show, written down before anybody could look: once, and never changed.

A protocol is recorded before the campaign's first decision or not at all, and the audit chain tells its
digest. Knows nothing of what stands in it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from churn_saver.errors import CampaignError
from churn_saver.store import audit
from churn_saver.store.budget import campaign_row
from churn_saver.store.columns import utc
from churn_saver.store.database import Database
from churn_saver.store.evidence_tables import protocols
from churn_saver.store.schema import campaigns, decisions

KIND = "protocol"
"""Of its row in the audit chain."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A protocol as it was recorded."""

    body: str
    """Canonical JSON: sorted keys, no spaces."""
    digest: str
    """SHA-256 of the body, 64 hex digits."""
    recorded_at: datetime
    """Aware, UTC."""


class Protocols:
    """The protocols of one database; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Take a migrated database."""
        self._database = database

    def record(self, campaign_id: str, told: Mapping[str, object], now: datetime) -> str:
        """Write down what a campaign is to show.

        Args:
            campaign_id: Of a campaign without decisions.
            told: Plain values, as JSON has them.
            now: Aware.

        Returns:
            The digest.

        Raises:
            CampaignError: no such campaign, it has a protocol, or a decision.
        """

        def record(connection: Connection) -> str:
            ref = campaign_row(connection, campaign_id, lock=True).id
            return keep(connection, ref, campaign_id, told, utc(now))

        return self._database.write(record)

    def of(self, campaign_id: str) -> Protocol | None:
        """Give the protocol of a campaign; None: nobody wrote one.

        Raises:
            CampaignError: no such campaign.
        """
        with self._database.reading() as connection:
            return _of(connection, campaign_row(connection, campaign_id).id)

    def digests(self) -> dict[str, str]:
        """Give the digest of each campaign that has a protocol, by its id."""
        query = select(campaigns.c.campaign_id, protocols.c.digest).join_from(protocols, campaigns)
        with self._database.reading() as connection:
            return {row.campaign_id: row.digest.hex() for row in connection.execute(query)}


def keep(
    connection: Connection, ref: int, campaign_id: str, told: Mapping[str, object], now: datetime
) -> str:
    """Record a protocol; arguments and errors as of `Protocols.record`.

    Args:
        connection: In a writing transaction that has locked the campaign or has just made it.
        ref: Number of the campaign's row.
        campaign_id: Of the same campaign, for messages.
        told: Plain values.
        now: Aware, UTC.
    """
    if (known := _of(connection, ref)) is not None:
        raise CampaignError(
            f"campaign {campaign_id!r} has a protocol already, SHA-256 {known.digest[:12]}…: it is never "
            "changed. Open another campaign for another question."
        )
    made = select(decisions.c.id).where(decisions.c.campaign_ref == ref).limit(1)
    if connection.execute(made).first() is not None:
        raise CampaignError(
            f"campaign {campaign_id!r} has decided already, so a protocol would be written by who may have "
            "looked. Open a new campaign with --protocol."
        )
    body = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)
    digest = sha256(body.encode()).digest()
    row = {"campaign_ref": ref, "digest": digest, "body": body, "recorded_at": now}
    connection.execute(insert(protocols), row)
    audit.append(connection, ref, KIND, {"digest": digest.hex()}, now)
    return digest.hex()


def differs(connection: Connection, ref: int, told: tuple[str, datetime] | None) -> bool:
    """Say whether a campaign's protocol is another one than its chain tells.

    Args:
        connection: In a reading transaction.
        ref: Number of the campaign's row.
        told: Digest and moment; None: the chain tells of no protocol.
    """
    found = _of(connection, ref)
    stands = None if found is None else (sha256(found.body.encode()).hexdigest(), found.recorded_at)
    return stands != told or (found is not None and stands is not None and found.digest != stands[0])


def _of(connection: Connection, ref: int) -> Protocol | None:
    row = connection.execute(select(protocols).where(protocols.c.campaign_ref == ref)).first()
    return None if row is None else Protocol(row.body, row.digest.hex(), row.recorded_at)
