"""The audit chain: every change of a promise, in a row that holds the digest of the row before.

One chain per campaign, and one, number 0, of what belongs to no campaign. A row is appended in the
transaction that makes the change, so that the two are kept together or not at all. Rows hold
numbers, moments and digests, nobody's name. `verifying` compares a chain with the books. Who can
write to the database can also write a whole new chain: keep the head somewhere else too.

Kinds and their contents; `decision` and `customer` are row numbers, amounts are minor units:

    begin    campaigns, customers, settlements  last numbers of what is older than the chains (chain 0)
    campaign campaign                       one was opened (chain 0)
    open     limit_minor, price, digest     first row of a campaign's chain; digest: of what never changes
    limit    limit_minor                    the budget was changed
    price    price                          a table was decided at λ
    close    -                              no more contacts
    settle   settlement, rows, digest       decisions recorded in one settlement; digest: of all its rows
    expire   count, minor                   what was past its last day was released
    sent     decision                       the contact part was spent
    accept   decision                       the offer part was spent
    void     decision                       what was not spent was released
    outcome  decision, outcome, happened_at what became of a decision
    suppress, opt_out, erase  customer      a mark of a customer (chain 0)
    list     count, digest, mark            ids put on the suppression list (chain 0)
    control  baseline, stopped, by          a switch was thrown (chain 0)
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select, update

from churn_saver.store.columns import utc
from churn_saver.store.digests import Columns, columns_digest
from churn_saver.store.schema import audit, campaigns, chains, decisions, reservations, settlements

NO_CAMPAIGN = 0
"""Number of the chain of what belongs to no campaign."""
NO_ROW = bytes(32)
"""Stands for the digest of the row before the first one."""
CHANGING = {"id", "reserved_minor", "spent_minor", "limit_minor", "price", "closed_at"}
"""Columns of a campaign that its opening does not settle for good."""
RESERVED = (
    "decision_ref", "campaign_ref", "customer_ref", "contacted_at", "units", "contact_minor", "offer_minor",
    "expires_on",
)  # fmt: skip
"""Columns of a reservation that never change; what becomes of its money are rows of their own."""

DETAILS = ("name", "message", "violations", "features")
"""Columns of a decision's details; its digest covers them and the customer's id."""


def append(
    connection: Connection, campaign_ref: int | None, kind: str, content: Mapping[str, object], now: datetime
) -> None:
    """Add a row to a chain; other writers of the chain wait until the transaction ends.

    Args:
        connection: In the writing transaction that makes the change.
        campaign_ref: Number of a campaign's row; None: the change belongs to no campaign.
        kind: One of the kinds above.
        content: What changed, as JSON has it, without personal data.
        now: Moment of the change, aware.
    """
    chain, now = campaign_ref or NO_CAMPAIGN, utc(now)
    own = chains.c.campaign_ref == chain
    head = connection.execute(select(chains.c.number, chains.c.digest).where(own).with_for_update()).first()
    number, before = (head.number + 1, head.digest) if head else (1, NO_ROW)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    digest = row_digest(before, chain, number, now, kind, text)
    if head is None:
        connection.execute(insert(chains).values(campaign_ref=chain, number=number, digest=digest))
    else:
        connection.execute(update(chains).where(own).values(number=number, digest=digest))
    row = {"campaign_ref": chain, "number": number, "at": now, "kind": kind, "content": text}
    connection.execute(insert(audit).values(**row, digest=digest))


def row_digest(before: bytes, chain: int, number: int, at: datetime, kind: str, content: str) -> bytes:
    """Give the digest of a row: SHA-256 over the digest before it and the row as a JSON list."""
    row = json.dumps([chain, number, at.isoformat(), kind, content], separators=(",", ":"))
    return sha256(before + row.encode()).digest()


def settlement_digest(settled: Columns, decided: Columns, reserved: Columns) -> str:
    """Digest all rows of a settlement; of the reservations what never changes."""
    fixed = {name: reserved[name] for name in RESERVED}
    return columns_digest((settlements, settled), (decisions, decided), (reservations, fixed)).hex()


def campaign_digest(values: Mapping[str, object]) -> str:
    """Digest what never changes of a campaign.

    Args:
        values: The whole row, by column; what may change is left out.
    """
    fixed: dict[str, Sequence[object]] = {
        column.name: [values[column.name]] for column in campaigns.columns if column.name not in CHANGING
    }
    return columns_digest((campaigns, fixed)).hex()
