"""Settle a table that several versions decided, each its own rows: judged as one, recorded side by side.

A settlement names one price and one policy, so each part is one of its own; budget and caps are held over
all rows together, in one transaction. The first part is what an answer names; the others are found by it.
Knows nothing of who decides for whom.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from churn_saver.domain.action import Reason
from churn_saver.domain.joining import joined_proposals
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.store.budget import locked
from churn_saver.store.recording import record
from churn_saver.store.schema import settlements
from churn_saver.store.settling import check, enrol, judge, keeping


def beside(settlement: int) -> str:
    """Give how the keys begin of those that were settled with a settlement."""
    return f"table:{settlement}:"


def is_parted(connection: Connection, settlement: int) -> bool:
    """Say whether others were settled with it."""
    second = settlements.c.idempotency_key == f"{beside(settlement)}1"
    return connection.execute(select(settlements.c.id).where(second)).first() is not None


def settle_parts(
    connection: Connection,
    campaign_id: str,
    parts: Sequence[Proposals],
    now: datetime,
    said_no: Sequence[str] = (),
) -> list[Settlement]:
    """Record all rows; a contact that the books refuse becomes no contact.

    Args:
        connection: In a writing transaction.
        campaign_id: That is open.
        parts: One at least, none empty, no customer twice; in the order in which the budget is given out.
        now: Moment of the decisions.
        said_no: As of `settling.settle`.

    Returns:
        One settlement for each part; refused is only what another decision came in between for.

    Raises:
        CampaignError: no such campaign.
        LedgerError: a proposal contradicts itself.
    """
    books = locked(connection, campaign_id, now)
    for part in parts:
        check(part, now)
    ids = [one for part in parts for one in part.customer_ids]
    known = enrol(connection, list(dict.fromkeys((*ids, *said_no))), now)
    known = keeping(connection, known, said_no, now)
    refused = judge(connection, books, joined_proposals(parts), known, now)
    if any(refused):
        withheld = np.array(refused, dtype=np.int64) & ~int(Reason.STATE_UNREADABLE)
        parts = [part.withhold(own) for part, own in zip(parts, _parted(withheld, parts), strict=True)]
        refused = judge(connection, books, joined_proposals(parts), known, now)
    made: list[Settlement] = []
    for part, own in zip(parts, _parted(np.array(refused, dtype=np.int64), parts), strict=True):
        key = f"{beside(made[0].number or 0)}{len(made)}" if made else None
        made.append(record(connection, books, part, own.tolist(), known, now, key))
    return made


def _parted(flags: NDArray[np.int64], parts: Sequence[Proposals]) -> list[NDArray[np.int64]]:
    return np.split(flags, np.cumsum([len(part) for part in parts])[:-1])
