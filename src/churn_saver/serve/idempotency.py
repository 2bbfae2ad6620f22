"""Under which key a request is answered once, and what the request was.

A key is hashed before it reaches the books: of an event it holds the customer's id. What two requests
mean is compared, not how they are written: order, spaces and other names of a field make no difference.
Knows nothing of answers.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel

from churn_saver.errors import AnswerMismatch
from churn_saver.serve.refusals import Refusal, Refused
from churn_saver.serve.wire import CustomerRequest

HEADER = "Idempotency-Key"
MAX_HEADER_LENGTH = 200
MISMATCH = "was used for another request"

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=HEADER,
        min_length=1,
        max_length=MAX_HEADER_LENGTH,
        pattern=r"^[!-~]+$",
        description="A name of your own for this request, such as a UUID. For 48 hours the same request "
        "under it gets the same bytes and decides nothing anew; another one is refused.",
    ),
]


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request under a key."""

    key: str
    """As the books know it: says nothing of customer or caller."""
    digest: bytes
    """SHA-256 of what was asked, (32,)."""
    field: str
    """Where the caller put the key, for a refusal."""


def keyed(header: str | None, request: CustomerRequest, path: str, caller: str | None) -> Keyed | None:
    """Give the key of a request for one customer; None: each call is a new decision.

    Args:
        header: What stands in Idempotency-Key, which goes before an event_id.
        request: The request.
        path: Which of the routes was asked.
        caller: Name of the caller's key: two callers may choose the same words.
    """
    if header is not None:
        return of_header(header, request, path, caller)
    if request.event_id is None:
        return None
    return Keyed(_hashed("event", request.customer_id, request.event_id), _digest(path, request), "event_id")


def of_header(header: str, request: BaseModel, path: str, caller: str | None) -> Keyed:
    """Give the key that a header names; arguments as of `keyed`."""
    return Keyed(_hashed("header", caller or "", header), _digest(path, request), HEADER)


def mismatched(found: Keyed) -> Refused:
    """Say that a key belongs to another request."""
    wanted = "a new key with a new request, the same request with the same key"
    return Refused(detail=[Refusal(field=found.field, reason=MISMATCH, wanted=wanted)])


class Mismatched(Exception):
    """A key came back with another request; answered 422."""

    def __init__(self, found: Keyed, error: AnswerMismatch) -> None:
        """Keep which key."""
        super().__init__(str(error))
        self.refused = mismatched(found)


def _hashed(kind: str, *parts: str) -> str:
    return f"{kind}:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


def _digest(path: str, request: BaseModel) -> bytes:
    # What was not sent is left out, so that a field that is new tomorrow changes nothing for today's.
    return hashlib.sha256(f"{path}\n{request.model_dump_json(exclude_none=True)}".encode()).digest()
