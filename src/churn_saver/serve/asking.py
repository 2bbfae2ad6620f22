"""Ask the books on behalf of a caller: what they refuse becomes a status that says what to do.

Knows no route.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.exceptions import HTTPException

from churn_saver.errors import DecisionAbsent, Erased, LedgerError, LedgerUnavailable
from churn_saver.serve.coming_back import LATER_SECONDS, come_back
from churn_saver.serve.keys import Role
from churn_saver.serve.refusals import Failed, Refused
from churn_saver.serve.routes import BUSY, refusals
from churn_saver.serve.runtime import Clock, Runtime
from churn_saver.store import Store

UNAVAILABLE = "the ledger does not answer, nothing was changed; send the request again"
ABSENT = "there is no decision of this id"
Responses = dict[int | str, dict[str, Any]]


@contextmanager
def books(runtime: Runtime, clock: Clock) -> Iterator[Store]:
    """Give the books.

    Raises:
        HTTPException: 404 for a decision that is not there, 410 for one that was erased, 409 when the
            books refuse, 503 with Retry-After when they do not answer.
    """
    try:
        store = runtime.store(clock())
        if store is None:
            raise LedgerUnavailable(UNAVAILABLE)
        yield store
    except DecisionAbsent:
        raise HTTPException(404, ABSENT) from None
    except Erased as error:
        raise HTTPException(410, str(error)) from None
    except LedgerUnavailable:
        # Its text names the database.
        raise come_back(UNAVAILABLE, LATER_SECONDS) from None
    except LedgerError as error:
        raise HTTPException(409, str(error)) from None


def documented_refusals(role: Role, *statuses: int) -> Responses:
    """Give the errors of a route for the document.

    Args:
        role: The least role of a caller.
        statuses: Of 404, 409 and 410, those that can happen.
    """
    texts = {
        404: "There is no decision of this id.",
        409: "What the ledger holds stands against it; the detail says what.",
        410: "What was personal in it was erased.",
    }
    found: Responses = {status: {"model": Failed, "description": texts[status]} for status in statuses}
    found[422] = {"model": Refused, "description": "The request cannot be used; nothing was changed."}
    found[500] = {"model": Failed, "description": "An error of the service, by trace id in its log."}
    found[503] = {
        "model": Failed,
        "description": f"The ledger does not answer; come back after Retry-After. Or: {BUSY}",
    }
    return refusals(role) | found
