"""Answers kept under idempotency keys: the same key, the same bytes, for two days.

An answer is written in the transaction that settles its decision, so that both are kept or neither
is. What has expired is never given back, and is swept in passing when the next one is kept. The
bytes are not looked at: they may hold a message, so erasing a customer takes them along.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from churn_saver.domain.proposal import Settlement
from churn_saver.errors import AnswerMismatch, LedgerError, quoted
from churn_saver.store.schema import answers, decisions

KEPT_FOR = timedelta(hours=48)
"""How long a key is remembered."""
MAX_KEY_LENGTH = 200
"""Characters of a key."""
OF_A_TABLE = ""
"""Stands for the decision of a key under which a whole table was settled."""
_NOT_RECORDED = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told."""

    status: int
    """Of HTTP."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Answering:
    """How one request is to be answered, once its decision is settled."""

    key: str
    request_digest: bytes
    """SHA-256 of the request, (32,): another request under the same key is a mistake of the caller."""
    write: Callable[[str], Answer]
    """Gives the answer for a decision id; called at most once, inside the transaction: it must not
    wait for anything."""
    is_table: bool = False
    """Of a whole table: only that it was answered is kept, under the key that it is settled under."""


def find(connection: Connection, key: str, request_digest: bytes, now: datetime) -> Answer | None:
    """Give what was answered under a key; None: nothing yet, or too long ago.

    Raises:
        AnswerMismatch: it was another request.
    """
    found = _kept(connection, key, request_digest, now)
    return None if found is None else found[0]


def decided(connection: Connection, answering: Answering, now: datetime) -> str | None:
    """Give the decision that a key was answered with; None: nothing yet, or too long ago.

    Of a table's key it is `OF_A_TABLE`: its decisions stand in the books under the key itself.

    Raises:
        AnswerMismatch: it was another request.
    """
    found = _kept(connection, answering.key, answering.request_digest, now)
    return None if found is None else found[1] or OF_A_TABLE


def keep(connection: Connection, answering: Answering, settlement: Settlement, now: datetime) -> None:
    """Write the answer to a request that was settled just now; one that was refused gets none.

    Of a table only the status is kept: nobody who is erased could be found in its bytes again, so they
    are made from the decisions under the key.

    Args:
        connection: In the transaction of the settlement.
        answering: How to answer.
        settlement: Of one row, or of a table.
        now: Aware, UTC.

    Raises:
        LedgerError: bytes for several rows, or a key that cannot be kept.
    """
    if not 1 <= len(answering.key) <= MAX_KEY_LENGTH:
        raise LedgerError(
            f"idempotency key has {len(answering.key)} characters, wanted 1 to {MAX_KEY_LENGTH}. "
            "Send a shorter key."
        )
    is_table = len(settlement.decision_ids) != 1 or answering.is_table
    decision_id = OF_A_TABLE if is_table else settlement.decision_ids[0]
    if decision_id == _NOT_RECORDED and not is_table:
        return
    _sweep(connection, now)
    answer = answering.write(decision_id)
    if is_table and answer.body:
        raise LedgerError(
            f"bytes were to be kept for {len(settlement.decision_ids)} decisions, wanted one: "
            "erasing one of them would not find them. Report this as a defect."
        )
    ref = select(decisions.c.id).where(decisions.c.decision_id == decision_id).scalar_subquery()
    connection.execute(
        insert(answers).values(
            key=answering.key, request_digest=answering.request_digest, decision_ref=ref,
            status=answer.status, body=answer.body, made_at=now,
        )
    )  # fmt: skip


def _kept(
    connection: Connection, key: str, request_digest: bytes, now: datetime
) -> tuple[Answer, str | None] | None:
    own = answers.c
    row = connection.execute(
        select(own.status, own.body, own.request_digest, decisions.c.decision_id)
        .outerjoin(decisions, decisions.c.id == own.decision_ref)
        .where(own.key == key, own.made_at > now - KEPT_FOR)
    ).first()
    if row is None:
        return None
    if bytes(row.request_digest) != request_digest:
        raise AnswerMismatch(
            f"idempotency key {quoted(key)} was used for another request. Send a new key with a new request."
        )
    return Answer(row.status, bytes(row.body)), row.decision_id


def _sweep(connection: Connection, now: datetime) -> None:
    connection.execute(delete(answers).where(answers.c.made_at <= now - KEPT_FOR))
