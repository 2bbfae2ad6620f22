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
from churn_saver.store.prepared import Found, Prepared, together
from churn_saver.store.schema import answers, decisions
from churn_saver.store.suppressing import SECRET, secret, secret_of

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
    """Gives the answer for a decision id. Called inside the transaction, and again with another id where that
    is begun anew: it must neither wait for anything nor change anything."""
    is_table: bool = False
    """Of a whole table: only that it was answered is kept, and with which settlement."""


def find(connection: Connection, key: str, request_digest: bytes, now: datetime) -> Answer | None:
    """Give what was answered under a key; None: nothing yet, or too long ago.

    Raises:
        AnswerMismatch: it was another request.
    """
    rows = _KEPT.rows(connection, _under(key, now))
    found = _first_of(rows, key, request_digest, secret(connection)) if rows else None
    return None if found is None else found[0]


def decided(
    connection: Connection, asked: Sequence[Answering], now: datetime
) -> tuple[list[str | None], bytes]:
    """Give the decisions that keys were answered with, and the ledger's own key for `keep_all`.

    Of each key None: nothing was answered yet, or too long ago. Of a table's key it is `OF_A_TABLE`: its
    answer names the settlement. Where nothing is asked the ledger's key is empty.

    Raises:
        AnswerMismatch: one belongs to another request.
    """
    if not asked:
        return [], b""
    own, *kept = together(connection, SECRET, *((_KEPT, _under(one.key, now)) for one in asked))
    own_key = secret_of(own)
    told: list[str | None] = []
    for one, rows in zip(asked, kept, strict=True):
        found = _first_of(rows, one.key, one.request_digest, own_key)
        told.append(None if found is None else found[1] or OF_A_TABLE)
    return told, own_key


def keep_all(
    connection: Connection, own_key: bytes, answers: Sequence[Answering | None], now: datetime,
    settlement: Settlement,
) -> None:  # fmt: skip
    """Write the answers to requests that were settled just now: one for each row, or one of a table.

    One that was refused gets none. Of a table only status and settlement are kept: nobody who is erased could
    be found in its bytes again, so they are made from its decisions. The books know the settlement by no key
    of the caller's, who may use it anew when it is forgotten.

    Args:
        connection: In the transaction of the settlement.
        own_key: The ledger's, from `decided`.
        answers: None: nothing is kept of this one; empty: of none.
        now: Aware, UTC.
        settlement: Of as many rows, or of a table.

    Raises:
        LedgerError: bytes for several rows, or a key that cannot be kept.
    """
    rows = [settlement] if len(answers) == 1 else [settlement.of(row) for row in range(len(answers))]
    kept = [
        _row(answering, own_key, own, now)
        for answering, own in zip(answers, rows, strict=True)
        if answering is not None
    ]
    if wanted := [row for row in kept if row is not None]:
        sweep(connection, now)
        for row in wanted:
            _KEEP.run(connection, row)


def _row(
    answering: Answering, own_key: bytes, settlement: Settlement, now: datetime
) -> dict[str, object] | None:
    if not 1 <= len(answering.key) <= MAX_KEY_LENGTH:
        raise LedgerError(
            f"idempotency key has {len(answering.key)} characters, wanted 1 to {MAX_KEY_LENGTH}. "
            "Send a shorter key."
        )
    is_table = len(settlement.decision_ids) != 1 or answering.is_table
    decision_id = OF_A_TABLE if is_table else settlement.decision_ids[0]
    if decision_id == _NOT_RECORDED and not is_table:
        return None
    answer = answering.write(decision_id)
    if is_table and answer.body:
        raise LedgerError(
            f"bytes were to be kept for {len(settlement.decision_ids)} decisions, wanted one: "
            "erasing one of them would not find them. Report this as a defect."
        )
    return {
        "key": answering.key, "request_digest": _kept_digest(own_key, answering.request_digest),
        "of_decision": decision_id, "status": answer.status, "body": answer.body, "made_at": now,
        "settlement_ref": settlement.number if is_table else None,
    }  # fmt: skip


def _under(key: str, now: datetime) -> dict[str, object]:
    return {"own_key": key, "since": now - KEPT_FOR}


def _first_of(
    rows: Sequence[Found], key: str, request_digest: bytes, own_key: bytes
) -> tuple[Answer, str | None] | None:
    """Give the answer that was found under a key, and its decision."""
    if not rows:
        return None
    row = rows[0]
    if bytes(row.request_digest) == FORGOTTEN:
        raise AnswerMismatch(
            f"idempotency key {quoted(key)} was used for a customer who was erased since. Send a new key."
        )
    if bytes(row.request_digest) != _kept_digest(own_key, request_digest):
        raise AnswerMismatch(
            f"idempotency key {quoted(key)} was used for another request. Send a new key with a new request."
        )
    return Answer(row.status, bytes(row.body), row.settlement_ref), row.decision_id


def sweep(connection: Connection, now: datetime) -> None:
    """Delete what has expired."""
    _SWEEP.run(connection, {"since": now - KEPT_FOR})


def _kept_digest(own_key: bytes, request_digest: bytes) -> bytes:
    """Give what is kept of a request, (32,)."""
    return hmac.digest(own_key, b"answer\n" + request_digest, "sha256")
