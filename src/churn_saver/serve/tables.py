"""A table that comes as one request: read row by row, so that no body costs more than it is worth.

Faults are named by row and field, in the words of a request's own. Knows nothing of decisions.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from churn_saver.decide.batches import MOST_ROWS
from churn_saver.serve.refusals import MOST_SHOWN, strict_json
from churn_saver.serve.wire import PredictRequest

MOST_NAMES = 60
"""Of one object: a customer has fewer fields."""
_MOST_SIGNS = {b",": MOST_ROWS * MOST_NAMES, b"{": MOST_ROWS * 10, b"[": MOST_ROWS * 10}
"""More of a sign than a table of `MOST_ROWS` has, its texts included. Python needs a hundred bytes for each
value, so what has more is refused before it is read."""


class BatchRequest(BaseModel):
    """POST /decide/batch, read."""

    model_config = ConfigDict(frozen=True)

    customers: list[PredictRequest]


class _Sent(BaseModel):
    """The same before any row was looked at."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    customers: Annotated[list[object], Field(min_length=1, max_length=MOST_ROWS)]


def read_batch(raw: bytes) -> BatchRequest:
    """Read a body, at a cost that its sender cannot drive up: 16 MiB may hold millions of faults.

    Raises:
        RequestValidationError: names row and field of what cannot be used; rows that come after
            `MOST_SHOWN` faults are not looked at.
    """
    if any(raw.count(sign) > most for sign, most in _MOST_SIGNS.items()):
        raise invalid("too_long", ("body",), {})
    try:
        sent = strict_json(raw)
        if isinstance(sent, dict) and len(sent) > MOST_NAMES:
            raise invalid("too_long", ("body",), {})
        rows = _Sent.model_validate(sent).customers
    except json.JSONDecodeError as error:
        raise invalid("json_invalid", ("body",), {"error": error.msg}) from None
    except ValidationError as error:
        raise RequestValidationError(_faults(error)) from None
    request = BatchRequest.model_construct(customers=_read_rows(rows))
    seen: dict[str, int] = {}
    for row, one in enumerate(request.customers):
        if seen.setdefault(one.customer_id, row) != row:
            why = {"error": f"there twice, first in customers[{seen[one.customer_id]}]"}
            raise invalid("value_error", ("body", "customers", row, "customer_id"), why)
    return request


def _read_rows(rows: Sequence[object]) -> list[PredictRequest]:
    read: list[PredictRequest] = []
    faults: list[Mapping[str, object]] = []
    for number, row in enumerate(rows):
        place = ("customers", number)
        try:
            if isinstance(row, dict) and len(row) > MOST_NAMES:
                faults.append({"type": "too_long", "loc": ("body", *place)})
            else:
                read.append(PredictRequest.model_validate(row))
        except ValidationError as error:
            faults += _faults(error, *place)
        if len(faults) > MOST_SHOWN:
            break
    if faults:
        raise RequestValidationError(faults)
    return read


def _faults(error: ValidationError, *place: object) -> list[Mapping[str, object]]:
    return [{**one, "loc": ("body", *place, *one["loc"])} for one in error.errors(include_url=False)]


def invalid(kind: str, location: tuple[object, ...], context: Mapping[str, object]) -> RequestValidationError:
    """Make a refusal of one fault."""
    return RequestValidationError([{"type": kind, "loc": location, "msg": "", "input": b"", "ctx": context}])
