"""The audit chain: every change of a promise, in a row that holds the digest of the row before.

One chain per campaign, and one, number 0, of what belongs to no campaign. A row is appended in the
transaction that makes the change, so that the two are kept together or not at all. Rows hold
numbers, moments and digests, nobody's name. `verifying` compares a chain with the books. Who can
write to the database can also write a whole new chain: keep the head somewhere else too.

Kinds and their contents; `decision` and `customer` are row numbers, amounts are minor units:

    begin    campaigns, customers, settlements  last numbers of what is older than the chains (chain 0)
    base     key, suppress, opt_out         the ledger's key as SHA-256, and how many without a row are marked
                                            (chain 0); after it nothing is taken as it stands any more
    base     limit_minor, price, closed_at, digest  a campaign older than its chain, as it stood by then
    older    settlement, rows, digest, form, became  one older than its chain; became: [decision, sent,
                                            accepted, voided], of each reservation with such a moment
    campaign campaign                       one was opened (chain 0)
    open     limit_minor, price, digest     first row of a campaign's chain; digest: of what never changes
    limit    limit_minor, by                the budget was changed; by: where somebody said who
    price    price                          a table was decided at λ
    close    -                              no more contacts
    protocol digest                         what the campaign is to show, SHA-256 of what was written down
    settle   settlement, rows, digest, form decisions recorded in one settlement; digest: of all its rows,
                                            over the columns of that form (none: the first)
    expire   count, minor                   what was past its last day was released
    sent     decision                       the contact part was spent
    accept   decision                       the offer part was spent
    void     decision                       what was not spent was released
    outcome  decision, outcome, happened_at what became of a decision
    suppress, opt_out  customer             a mark of a customer (chain 0)
    marked   marks                          marks that customers brought along when they got their rows:
                                            [customer, mark, moment] each (chain 0)
    erase    customer, kept                 one was forgotten; kept: marks that stay without a row (chain 0)
    list     count, mark                    so many without a row were put on the suppression list (chain 0);
                                            no digest of who: whoever has an id could look for it
    control  baseline, stopped, by          a switch was thrown (chain 0)
    version  version, by                    one was registered, by its SHA-256 (chain 0)
    role     version, role, share, by, reason, evidence, back  a version's role was changed; evidence: the
                                            gate report's SHA-256; back: a promotion was taken back (chain 0)
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from churn_saver.store.columns import utc
from churn_saver.store.digests import RowsByColumn, columns_digest
from churn_saver.store.prepared import Asked, Found, Prepared
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

FORM = 2
"""Of the digests that are written now."""
SINCE = {"channel": 2}
"""Columns of a decision that came later, by the first form of a digest that covers them."""
DETAILS = ("name", "message", "violations", "features")
"""Columns of a decision's details; its digest covers them and the customer's id."""

_OWN_CHAIN = chains.c.campaign_ref == bindparam("own_chain")
_HEAD = Prepared(select(chains.c.number, chains.c.digest).where(_OWN_CHAIN).with_for_update())
_MOVE_HEAD = Prepared(
    update(chains).where(_OWN_CHAIN).values(number=bindparam("new_number"), digest=bindparam("new_digest"))
)
_FIRST_HEAD, _ROW = Prepared(insert(chains)), Prepared(insert(audit))


class Head(NamedTuple):
    """The end of a chain, held by a transaction: good for one row."""

    chain: int
    number: int
    """Of its last row; 0: there is none yet."""
    digest: bytes
    """Of its last row, (32,)."""


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
    asked, values = holding(campaign_ref)
    add(connection, head_of(campaign_ref, asked.rows(connection, values)), kind, content, now)


def holding(campaign_ref: int | None) -> Asked:
    """Word what reads the end of a chain for `head_of`, and lets other writers of it wait."""
    return _HEAD, {"own_chain": campaign_ref or NO_CAMPAIGN}


def head_of(campaign_ref: int | None, found: Sequence[Found]) -> Head:
    """Give the end of a chain as `holding` found it."""
    number, digest = (found[0].number, bytes(found[0].digest)) if found else (0, NO_ROW)
    return Head(campaign_ref or NO_CAMPAIGN, number, digest)


def add(connection: Connection, head: Head, kind: str, content: Mapping[str, object], now: datetime) -> None:
    """Add a row to a chain whose end is held; arguments as of `append`."""
    chain, number, now = head.chain, head.number + 1, utc(now)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    digest = row_digest(head.digest, chain, number, now, kind, text)
    if head.number == 0:
        _FIRST_HEAD.run(connection, {"campaign_ref": chain, "number": number, "digest": digest})
    else:
        moved = {"own_chain": chain, "new_number": number, "new_digest": digest}
        _MOVE_HEAD.run(connection, moved)
    row = {"campaign_ref": chain, "number": number, "at": now, "kind": kind, "content": text}
    _ROW.run(connection, row | {"digest": digest})


def row_digest(before: bytes, chain: int, number: int, at: datetime, kind: str, content: str) -> bytes:
    """Give the digest of a row: SHA-256 over the digest before it and the row as a JSON list."""
    row = json.dumps([chain, number, at.isoformat(), kind, content], separators=(",", ":"))
    return sha256(before + row.encode()).digest()


def settlement_digest(
    settled: RowsByColumn, decided: RowsByColumn, reserved: RowsByColumn, form: int = FORM
) -> str:
    """Digest all rows of a settlement; of the reservations what never changes.

    Args:
        settled: Its own row.
        decided: Its decisions.
        reserved: Their reservations.
        form: Columns that are younger than this are left out.
    """
    known = {name: column for name, column in decided.items() if SINCE.get(name, 1) <= form}
    fixed = {name: reserved[name] for name in RESERVED}
    return columns_digest((settlements, settled), (decisions, known), (reservations, fixed)).hex()


def campaign_digest(values: Mapping[str, object]) -> str:
    """Digest what never changes of a campaign.

    Args:
        values: The whole row, by column; what may change is left out.
    """
    fixed: dict[str, Sequence[object]] = {
        column.name: [values[column.name]] for column in campaigns.columns if column.name not in CHANGING
    }
    return columns_digest((campaigns, fixed)).hex()
