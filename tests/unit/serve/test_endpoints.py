"""The routes: valid answers whatever is missing, and probes that say what."""

import hashlib
import logging

import numpy as np
import pytest

from churn_saver.config import Environment
from churn_saver.errors import LedgerUnavailable
from churn_saver.opening import Degradation
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.keys import access_of
from tests.builders import campaign
from tests.serving import PREDICT, RETAIN, Clock, FakeBooks, fake_service, sources, started, told

CORRUPT = Degradation("predictors_unavailable", "churn_model.ubj was altered. Run: make train-risk")


@pytest.mark.parametrize(("path", "body"), [("/retain", RETAIN), ("/predict", PREDICT)])
def test_a_request_is_decided_and_recorded_once(path: str, body: object) -> None:
    """One call, one settlement, one answer."""
    books = FakeBooks()
    with fake_service(books) as client:
        found = client.post(path, body)

    assert found.status_code == 200
    assert found.json()["decision"]["contact"] is True
    assert found.json()["metadata"]["decision_id"] == "d" * 32
    assert len(books.settled) == 1
    assert books.closed


@pytest.mark.parametrize(
    "fault", [FakeBooks(broken=True), LedgerUnavailable("no such host. Check DATABASE_URL.")]
)
def test_without_books_nothing_is_promised(fault: FakeBooks | LedgerUnavailable) -> None:
    """Whether they broke or never opened: no contact, labelled, and still scored."""
    with fake_service(fault) as client:
        found = client.post("/retain", RETAIN).json()

    assert (found["decision"]["contact"], found["offer"], found["message"]) == (False, None, None)
    assert found["metadata"]["reasons"] == ["state_unreadable"]
    assert found["metadata"]["degraded_reasons"] == ["ledger_unavailable"]
    assert found["metadata"]["churn_risk"] == 0.75
    assert (found["metadata"]["decision_id"], found["metadata"]["campaign"]) == (None, None)


@pytest.mark.parametrize(("path", "body"), [("/retain", RETAIN), ("/predict", PREDICT)])
@pytest.mark.parametrize("is_broken", [True, False])
def test_the_log_says_what_an_answer_was_made_without(
    path: str, body: object, is_broken: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The codes of the answer, in their order; where it was made with everything, nothing."""
    books = FakeBooks(broken=is_broken)
    with (
        fake_service(books, degraded=(CORRUPT,) if is_broken else ()) as client,
        caplog.at_level(logging.INFO, "churn_saver.serve.requests"),
    ):
        codes = client.post(path, body).json()["metadata"]["degraded_reasons"]

    (logged,) = [record.__dict__["fields"] for record in caplog.records if record.message == "answered"]
    assert logged.get("degraded", []) == codes
    assert codes == (["predictors_unavailable", "ledger_unavailable"] if is_broken else [])


def test_being_overtaken_again_and_again_is_answered_without_a_contact() -> None:
    """Other calls for the same customer won every time; theirs stand."""
    with fake_service(FakeBooks(refuses=True), deadline_ms=500) as client:
        found = client.post("/predict", PREDICT).json()

    assert found["decision"]["contact"] is False
    assert found["metadata"]["degraded_reasons"] == ["overtaken"]


def test_without_predictors_the_propensity_rule_answers() -> None:
    """At risk .75 above .5: 10 %. What no model says is null."""
    with fake_service(degraded=(CORRUPT,)) as client:
        found = client.post("/retain", RETAIN).json()

    assert (found["decision"]["contact"], found["decision"]["offer_percentage"]) == (True, 10)
    assert (found["metadata"]["policy"], found["metadata"]["model_version"]) == ("propensity_rule", "none")
    assert found["metadata"]["degraded_reasons"] == ["predictors_unavailable"]
    assert found["metadata"]["expected_value"] is None
    assert found["metadata"]["missing_features"] == []
    assert "10%" in found["message"]


def test_without_a_campaign_nobody_is_contacted() -> None:
    """The reason is named, and nothing is degraded: somebody closed it."""
    with fake_service(FakeBooks(running=None)) as client:
        found = client.post("/retain", RETAIN).json()["metadata"]

    assert "no_campaign" in found["reasons"]
    assert found["degraded"] is False


def test_a_customer_in_the_holdout_is_left_alone() -> None:
    """With everybody held out, the request is answered with that."""
    with fake_service(FakeBooks(running=campaign(holdout_share=1.0))) as client:
        found = client.post("/retain", RETAIN).json()

    assert (found["decision"]["contact"], found["metadata"]["reasons"]) == (False, ["holdout"])


def test_a_model_that_answers_nan_reaches_nobody() -> None:
    """No NaN in the bytes: the propensity rule decides, and the answer says so."""
    with fake_service(predictors=told(risk=float("nan"), ladder=(np.nan,) * 4)) as client:
        found = client.post("/predict", PREDICT)

    assert found.status_code == 200
    assert b"NaN" not in found.content
    assert found.json()["metadata"]["policy"] == "propensity_rule"
    assert found.json()["metadata"]["degraded_reasons"] == ["predictors_unavailable"]
    assert found.json()["metadata"]["churn_risk"] is None


def test_an_opt_out_of_the_caller_holds() -> None:
    """What the caller says can tighten a rule."""
    with fake_service() as client:
        found = client.post("/retain", {**RETAIN, "opted_in": False}).json()

    assert found["metadata"]["reasons"] == ["opted_out"]
    assert found["metadata"]["excluded"] == {str(percent): ["opted_out"] for percent in (0, 5, 10, 15)}


@pytest.mark.parametrize("path", ["/healthz", "/health"])
def test_the_process_is_alive_whatever_is_missing(path: str) -> None:
    """A restart would mend nothing."""
    with fake_service(FakeBooks(broken=True), degraded=(CORRUPT,)) as client:
        found = client.get(path)

    assert (found.status_code, found.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/readyz", "/ready"])
def test_readiness_names_what_is_missing(path: str) -> None:
    """503 with the file and the command that makes it."""
    with fake_service(degraded=(CORRUPT,)) as client:
        found = client.get(path)

    assert found.status_code == 503
    assert found.json() == {
        "status": "not ready",
        "degraded_reasons": ["predictors_unavailable"],
        "detail": [CORRUPT.fault],
    }


def test_a_stranger_hears_codes_and_the_log_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    """Where the ledger is and which file was altered is for operators; the log says it once."""
    away = LedgerUnavailable("ledger postgresql://secret-host/books does not answer. Check DATABASE_URL.")
    line, access = "ops operate sha256:" + hashlib.sha256(b"k").hexdigest(), Environment()
    doors = Doors.of(access, access_of(Environment(API_KEYS=line)))
    with started(create_app(sources(away), Clock(), doors)) as client, caplog.at_level(logging.WARNING):
        found = [client.get("/readyz") for _ in range(3)]
        told = client.send("GET", "/readyz", headers={"X-API-Key": "k"})

    assert [one.status_code for one in found] == [503] * 3
    assert found[0].json() == {
        "status": "not ready", "degraded_reasons": ["ledger_unavailable"], "detail": [],
    }  # fmt: skip
    assert told.json()["detail"] == [str(away)]
    logged = [record for record in caplog.records if record.name == "churn_saver.serve"]
    assert [record.getMessage() for record in logged] == [f"not ready: {away}"]


@pytest.mark.parametrize(
    ("degraded", "status", "policy", "models"),
    [
        ((), "ready", "knapsack", "told"),
        ((Degradation("force_baseline", None),), "degraded", "propensity_rule", "none"),
    ],
)
def test_readiness_says_what_serves(
    degraded: tuple[Degradation, ...], status: str, policy: str, models: str
) -> None:
    """200 with everything there, and with the kill switch on."""
    with fake_service(degraded=degraded) as client:
        found = client.get("/readyz")

    assert found.status_code == 200
    assert found.json() == {
        "status": status,
        "policy": policy,
        "models": models,
        "messages": "none",
        "release": None,
        "campaign": "spring",
        "degraded_reasons": [one.code for one in degraded],
    }


def test_readiness_names_the_release_that_serves() -> None:
    """As the bucket of models has it, with the hash of its list."""
    with started(create_app(sources(FakeBooks()), Clock(), release="spring-2@0123456789abcdef")) as client:
        assert client.get("/readyz").json()["release"] == "spring-2@0123456789abcdef"
