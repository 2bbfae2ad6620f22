"""What the books refuse, as a status that says what to do, without a word about the database."""

import pytest
from starlette.exceptions import HTTPException

from churn_saver.errors import CampaignError, DecisionAbsent, Erased, LedgerError, LedgerUnavailable
from churn_saver.serve.asking import books, documented_refusals
from churn_saver.serve.keys import Role
from churn_saver.serve.runtime import Runtime
from tests.serving import Clock, FakeBooks, sources

DATABASE = "postgresql://somebody@secret-host/ledger"


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (
            DecisionAbsent(f"there is no decision 'x'. Check {DATABASE}."),
            404,
            "there is no decision of this id",
        ),
        (Erased("its customer was erased"), 410, "its customer was erased"),
        (CampaignError("no campaign is open"), 409, "no campaign is open"),
        (LedgerError("the offer held until yesterday"), 409, "the offer held until yesterday"),
        (LedgerUnavailable(f"{DATABASE} does not answer"), 503, "the ledger does not answer"),
    ],
)
def test_a_refusal_has_its_status(error: LedgerError, status: int, told: str) -> None:
    """And a text for the caller; only what passes by itself is to be tried again."""
    with pytest.raises(HTTPException, match=told) as found, books(Runtime(sources(FakeBooks())), Clock()):
        raise error

    assert found.value.status_code == status
    assert "secret-host" not in found.value.detail
    assert ("Retry-After" in (found.value.headers or {})) == (status == 503)


def test_books_that_never_opened_do_not_answer() -> None:
    """The block is not entered."""
    runtime = Runtime(sources(LedgerUnavailable(DATABASE)))
    with pytest.raises(HTTPException, match="does not answer"), books(runtime, Clock()):
        raise AssertionError("there are no books")


def test_documented_errors_are_those_that_can_happen() -> None:
    """Roles, bad requests and lost ledgers everywhere; the others where they are named."""
    found = documented_refusals(Role.OPERATE, 404)

    assert set(found) == {401, 403, 404, 408, 413, 421, 422, 500, 503}
    assert "Too many requests wait" in found[503]["description"]
    assert 401 not in documented_refusals(Role.OPEN)
