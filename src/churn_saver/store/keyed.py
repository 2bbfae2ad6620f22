"""Settle what was asked under keys: the answer is kept with what was settled, and said once.

What was answered before settles nothing. Knows nothing of what an answer says.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np
from sqlalchemy import Connection

from churn_saver.domain.action import Reason
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.store import answering, settling, tabling
from churn_saver.store.answering import Answering


def settle(
    connection: Connection, campaign_id: str | None, proposals: Proposals, now: datetime,
    key: str | None = None, answers: Sequence[Answering | None] = (), withholds: bool = False,
    said_no: Sequence[str] = (),
) -> Settlement:  # fmt: skip
    """Settle proposals, and keep what their callers are told.

    Args:
        connection: In a writing transaction.
        campaign_id: None: no campaign is open.
        proposals: In the order in which the budget is given out.
        now: Moment of the decisions.
        key: As of `settling.settle`.
        answers: One for each proposal; None: nothing is kept of it; empty: of none.
        withholds: As of `settling.settle`.
        said_no: As of `settling.settle`.

    Returns:
        Of one proposal that was answered before, the earlier decision; of several of which one was, all
        refused.

    Raises:
        AnswerMismatch: a key belongs to another request.
        CampaignError: no such campaign.
        LedgerError: a proposal contradicts itself, or a key cannot be kept.
    """
    told, own_key = answering.decided(connection, [one for one in answers if one is not None], now)
    if any(one is not None for one in told):
        return _repeated(told) if len(answers) == 1 else _overtaken(len(proposals))
    tell = partial(answering.keep_all, connection, own_key, answers, now)
    return settling.settle(connection, campaign_id, proposals, now, key, withholds, said_no, tell)


def settle_table(
    connection: Connection, campaign_id: str, parts: Sequence[Proposals], now: datetime,
    answer: Answering, said_no: Sequence[str] = (),
) -> list[Settlement]:  # fmt: skip
    """Settle a table in its parts, and keep that it was answered with them; see `tabling`.

    Args:
        connection: In a writing transaction.
        campaign_id: That is open.
        parts: As of `tabling.settle_parts`.
        now: Moment of the decisions.
        answer: Of the table.
        said_no: As of `settling.settle`.

    Returns:
        One for each part; one that is repeated where the table was answered before.

    Raises:
        AnswerMismatch: the key belongs to another request.
        CampaignError: no such campaign.
        LedgerError: a proposal contradicts itself, or the key cannot be kept.
    """
    told, own_key = answering.decided(connection, [answer], now)
    if told[0] is not None:
        return [_repeated(told)]
    made = tabling.settle_parts(connection, campaign_id, parts, now, said_no)
    answering.keep_all(connection, own_key, [replace(answer, is_table=True)], now, made[0])
    return made


def _repeated(told: Sequence[str | None]) -> Settlement:
    ids = [one for one in told if one]
    return Settlement(ids, np.zeros(len(ids), dtype=np.int64), is_repeated=True)


def _overtaken(n: int) -> Settlement:
    return Settlement([""] * n, np.full(n, int(Reason.STATE_UNREADABLE)))
