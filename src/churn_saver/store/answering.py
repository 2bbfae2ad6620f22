"""Answers kept under idempotency keys: the same key, the same bytes, for two days.

An answer is written in the transaction that settles its decision, so that both are kept or neither
is. What has expired is never given back, and is swept in passing when the next one is kept. The
bytes are not looked at: they may hold a message, so erasing a customer takes them along. Of a request
stands a digest under the ledger's key, so that nobody without it can try names.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from churn_saver.domain.proposal import Settlement
from churn_saver.errors import AnswerMismatch, LedgerError, quoted
from churn_saver.store.prepared import Prepared
from churn_saver.store.schema import answers, decisions
from churn_saver.store.suppressing import secret

KEPT_FOR = timedelta(hours=48)
"""How long a key is remembered."""
MAX_KEY_LENGTH = 200
"""Characters of a key."""
OF_A_TABLE = ""
"""Stands for the decision of a key under which a whole table was settled."""
_NOT_RECORDED = ""
FORGOTTEN = b""
"""Stands for the digest of a request that was about one customer alone, who was erased."""
_KEPT = Prepared(
    select(
        answers.c.status, answers.c.body, answers.c.settlement_ref, answers.c.request_digest,
        decisions.c.decision_id,
    )
    .outerjoin(decisions, decisions.c.id == answers.c.decision_ref)
    .where(answers.c.key == bindparam("own_key"), answers.c.made_at > bindparam("since"))
)  # fmt: skip
_SWEEP = Prepared(delete(answers).where(answers.c.made_at <= bindparam("since")))
_KEEP = Prepared(
    insert(answers).values(
        decision_ref=select(decisions.c.id)
        .where(decisions.c.decision_id == bindparam("of_decision"))
        .scalar_subquery()
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller was told."""

    status: int
    """Of HTTP."""
    body: bytes
    settlement: int | None = None
    """Number of the settlement that a table's answer is made of; None: the bytes are the answer."""


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
    """Of a whole table: only that it was answered is kept, and with which settlement."""


def find(connection: Connection, key: str, request_digest: bytes, now: datetime) -> Answer | None:
    """Give what was answered under a key; None: nothing yet, or too long ago.

    Raises:
        AnswerMismatch: it was another request.
    """
    found = _kept(connection, key, request_digest, now)
    return None if found is None else found[0]


def decided(connection: Connection, answering: Answering, now: datetime) -> str | None:
    """Give the decision that a key was answered with; None: nothing yet, or too long ago.

    Of a table's key it is `OF_A_TABLE`: its answer names the settlement.

    Raises:
        AnswerMismatch: it was another request.
    """
    found = _kept(connection, answering.key, answering.request_digest, now)
    return None if found is None else found[1] or OF_A_TABLE


def keep_all(
    connection: Connection, answers: Sequence[Answering | None], settlement: Settlement, now: datetime
) -> None:
    """Write the answers to requests that were settled just now: one for each row, or one of a table.

    Args:
        connection: In the transaction of the settlement.
        answers: None: nothing is kept of this one; empty: of none.
        settlement: Of as many rows, or of a table.
        now: Aware, UTC.

    Raises:
        LedgerError: as `keep`.
    """
    rows = [settlement] if len(answers) == 1 else [settlement.of(row) for row in range(len(answers))]
    for answering, own in zip(answers, rows, strict=True):
        if answering is not None:
            keep(connection, answering, own, now)


def keep(connection: Connection, answering: Answering, settlement: Settlement, now: datetime) -> None:
    """Write the answer to a request that was settled just now; one that was refused gets none.

    Of a table only status and settlement are kept: nobody who is erased could be found in its bytes again,
    so they are made from its decisions. The books know the settlement by no key of the caller's, who may use
    it anew when it is forgotten.

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
    sweep(connection, now)
    answer = answering.write(decision_id)
    if is_table and answer.body:
        raise LedgerError(
            f"bytes were to be kept for {len(settlement.decision_ids)} decisions, wanted one: "
            "erasing one of them would not find them. Report this as a defect."
        )
    row = {
        "key": answering.key, "request_digest": kept_digest(connection, answering.request_digest),
        "of_decision": decision_id, "status": answer.status, "body": answer.body, "made_at": now,
        "settlement_ref": settlement.number if is_table else None,
    }  # fmt: skip
    _KEEP.run(connection, row)


def _kept(
    connection: Connection, key: str, request_digest: bytes, now: datetime
) -> tuple[Answer, str | None] | None:
    row = _KEPT.first(connection, {"own_key": key, "since": now - KEPT_FOR})
    if row is None:
        return None
    if bytes(row.request_digest) == FORGOTTEN:
        raise AnswerMismatch(
            f"idempotency key {quoted(key)} was used for a customer who was erased since. Send a new key."
        )
    if bytes(row.request_digest) != kept_digest(connection, request_digest):
        raise AnswerMismatch(
            f"idempotency key {quoted(key)} was used for another request. Send a new key with a new request."
        )
    return Answer(row.status, bytes(row.body), row.settlement_ref), row.decision_id


def sweep(connection: Connection, now: datetime) -> None:
    """Delete what has expired."""
    _SWEEP.run(connection, {"since": now - KEPT_FOR})


def kept_digest(connection: Connection, request_digest: bytes) -> bytes:
    """Give what is kept of a request, (32,)."""
    return hmac.digest(secret(connection), b"answer\n" + request_digest, "sha256")
