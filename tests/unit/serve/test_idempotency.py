"""Keys of requests: hashed, of one caller, and of what a request means."""

import pytest

from churn_saver.serve.idempotency import keyed, mismatched
from churn_saver.serve.wire import PredictRequest, RetainRequest
from tests.serving import PREDICT, RETAIN

REQUEST = RetainRequest.model_validate(RETAIN)
EVENT = RetainRequest.model_validate(RETAIN | {"event_id": "e-1"})


def test_without_header_and_event_there_is_no_key() -> None:
    """Each call is then a new decision."""
    assert keyed(None, REQUEST, "/retain", "crm") is None


def test_a_key_says_nothing_of_the_customer() -> None:
    """Neither the id nor the caller's words reach the books."""
    event, header = keyed(None, EVENT, "/retain", "crm"), keyed("C12345-1", EVENT, "/retain", "crm")

    assert event is not None
    assert header is not None
    assert (event.key[:6], event.field) == ("event:", "event_id")
    assert (header.key[:7], header.field) == ("header:", "Idempotency-Key")
    assert "C12345" not in event.key + header.key
    assert len(header.key) == len("header:") + 64


def test_an_event_belongs_to_its_customer_and_a_header_to_its_caller() -> None:
    """Two customers may have events of one name, two callers keys; who reports an event does not matter."""
    other = RetainRequest.model_validate(RETAIN | {"event_id": "e-1", "customer_id": "C2"})
    keys = [keyed(None, EVENT, "/retain", caller) for caller in ("crm", "app")]
    named = [keyed("k", REQUEST, "/retain", caller) for caller in ("crm", "app")]

    assert keys[0] == keys[1] != keyed(None, other, "/retain", "crm")
    assert named[0] != named[1]


@pytest.mark.parametrize(
    "body",
    [
        dict(reversed(RETAIN.items())),
        {"customerID" if name == "customer_id" else name: value for name, value in RETAIN.items()},
        RETAIN | {"name": None, "tenure_months": 24.0},
    ],
)
def test_the_same_request_has_one_digest_however_it_is_written(body: dict[str, object]) -> None:
    """Order, another accepted name, a null, a number with a point: nothing else was asked."""
    same = keyed("k", RetainRequest.model_validate(body), "/retain", "crm")

    assert same == keyed("k", REQUEST, "/retain", "crm")


def test_another_request_has_another_digest() -> None:
    """One field, or the route."""
    own = keyed("k", REQUEST, "/retain", "crm")
    older = keyed("k", RetainRequest.model_validate(RETAIN | {"tenure_months": 25}), "/retain", "crm")
    columns = keyed("k", PredictRequest.model_validate(PREDICT), "/predict", "crm")

    assert own is not None
    assert older is not None
    assert columns is not None
    assert own.key == older.key == columns.key
    assert len({own.digest, older.digest, columns.digest}) == 3


def test_a_mismatch_names_where_the_key_stands() -> None:
    """And repeats nothing of it."""
    own = keyed(None, EVENT, "/retain", "crm")

    assert own is not None
    assert mismatched(own).detail[0].field == "event_id"
