"""A trained policy from a folder to an answer: served, not certified here, corrupt;."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from churn_saver.adapters import plans
from churn_saver.adapters.policies import policy_file
from churn_saver.cli import app
from churn_saver.config import Environment
from churn_saver.domain.campaign import Caps
from churn_saver.serve.app import create_app, sources_of
from churn_saver.store import open_store
from tests.builders import campaign
from tests.ladders import ENV, asking, measured
from tests.openapi import conforms
from tests.serving import NIGHT, NOON, PREDICT, RETAIN, Client, Clock, started
from tests.trained import eager, served

PATHS = (("/retain", RETAIN), ("/predict", {**PREDICT, "customer_id": "C2"}))
TABLE = "customer_id,tenure_months,monthly_spend,contract_type\n" + "".join(
    f"C{i:03d},{1 + i % 24},{20 + i},Month-to-month\n" for i in range(60)
)


@contextmanager
def service(environment: Environment, **of_campaign: Any) -> Iterator[Client]:
    """Start the service as the environment says, with a campaign of 5.00 for each of 200 customers."""
    plain = {"starts_at": NIGHT, "limit_minor": 100_000, "customers": 200, "price": 0.7}
    with open_store(str(environment.DATABASE_URL)) as store:
        store.campaigns.open(campaign(**(plain | of_campaign)))
    with started(create_app(sources_of(environment), Clock(NOON), wait=patiently)) as client:
        yield client


def patiently(answered: threading.Event, _: float) -> bool:
    """Wait for a model however busy the machine is: who decides is asked here, not how fast."""
    return answered.wait(60)


@pytest.mark.parametrize(
    ("name", "observation"), [("champion", "full_price"), ("ppo", "full"), ("ppo_nine", "nine")]
)
def test_a_trained_policy_answers_both_documented_requests(
    tmp_path: Path, name: str, observation: str
) -> None:
    """Answers of the documented shape, with the policy's version, its price and its delay."""
    rung = "ppo_price" if name == "champion" else name
    ladder = measured(tmp_path / "policies", rung, {rung: eager(served(observation, 1))})
    with service(asking(tmp_path, name)) as client:
        document = client.get("/openapi.json").json()
        ready = client.get("/readyz").json()
        answers = [client.post(path, body) for path, body in PATHS]

    label = f"{rung}@{ladder.files[rung][:16]}"
    assert (ready["status"], ready["policy"], ready["degraded_reasons"]) == ("ready", label, [])
    for (path, _), answer in zip(PATHS, answers, strict=True):
        found = answer.json()
        schema = document["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert (answer.status_code, conforms(found, schema, document)) == (200, [])
        assert (found["decision"]["contact"], found["metadata"]["policy"]) == (True, label)
        assert 0 <= found["decision"]["delay_days"] <= 7
        assert found["metadata"]["next_decision_at"].startswith(
            f"2026-03-{3 + found['decision']['delay_days']:02d}T17:00"
        )
        # 5.00 lies between 2.00 at λ 7 and 8.00 at λ 3.
        assert 3.0 < found["metadata"]["price"] < 7.0
        assert found["metadata"]["code_version"].startswith("5+settings.")
        assert found["metadata"]["probability"] == 1.0
        assert (found["metadata"]["degraded"], found["metadata"]["degraded_reasons"]) == (False, [])


def test_a_corrupt_policy_degrades_and_is_named(tmp_path: Path) -> None:
    """/readyz is 503 with file and commands; both requests are answered by the knapsack."""
    measured(tmp_path / "policies")
    path = tmp_path / "policies" / policy_file("ppo_price")
    path.write_bytes(path.read_bytes()[:-9])
    with service(asking(tmp_path, "champion")) as client:
        ready = client.get("/readyz")
        answers = [client.post(path, body).json() for path, body in PATHS]

    assert ready.status_code == 503
    assert str(path) in ready.json()["detail"][0]
    assert "make train-ppo" in ready.json()["detail"][0]
    for found in answers:
        assert found["metadata"]["degraded_reasons"] == ["policy_unavailable"]
        assert (found["metadata"]["policy"], found["metadata"]["price"]) == ("knapsack", 0.7)
        assert found["decision"]["delay_days"] == 0


@pytest.mark.parametrize(
    "of_campaign", [{"limit_minor": 10_000}, {"caps": Caps(1, 2, 3, 7, 6)}, {"horizon_days": 60}]
)
def test_in_a_campaign_that_it_was_not_certified_for_the_knapsack_answers(
    tmp_path: Path, of_campaign: dict[str, Any]
) -> None:
    """Ready all the same: nothing is missing, and another campaign may be its own."""
    measured(tmp_path / "policies")
    with service(asking(tmp_path, "champion"), **of_campaign) as client:
        ready = client.get("/readyz").json()
        answers = [client.post(path, body).json() for path, body in PATHS]

    assert (ready["status"], ready["policy"][:10]) == ("ready", "ppo_price@")
    for found in answers:
        assert found["metadata"]["degraded_reasons"] == ["policy_not_certified_here"]
        assert found["metadata"]["policy"] == "knapsack"


def test_the_exact_policy_answers_too(tmp_path: Path) -> None:
    """Named in serve.yaml it works the customer's plan out anew."""
    measured(tmp_path / "policies")
    with service(asking(tmp_path, "exact")) as client:
        found = client.post("/retain", RETAIN).json()

    assert (found["metadata"]["policy"], found["metadata"]["degraded"]) == ("exact", False)
    assert 3.0 < found["metadata"]["price"] < 7.0


def commanded(place: Path, monkeypatch: pytest.MonkeyPatch, name: str, limit: str) -> str:
    """Decide for a table of 60 with a rung, and give what the screen said."""
    for variable, value in asking(place, name).model_dump(exclude_none=True).items():
        monkeypatch.setenv(variable, str(value))
    monkeypatch.setenv("FORCE_BASELINE", "false")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(place)
    (place / "t.csv").write_text(TABLE)
    said = []
    for words in (("campaign", "open", "--id", "spring", "--limit", limit, "--customers", "60"),
                  ("decide", "t.csv", "--out", "run")):  # fmt: skip
        result = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        said.append(result.output)
    return said[-1]


def test_a_table_is_decided_by_the_champion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Policy, price and delays stand in the file; the screen names who decided and at which price."""
    ladder = measured(tmp_path / "policies")
    output = " ".join(commanded(tmp_path, monkeypatch, "champion", "480").split())

    frame = pl.read_parquet(tmp_path / "run" / "decisions.parquet")
    label = f"ppo_price@{ladder.files['ppo_price'][:16]}"
    assert f"contacted by {label}" in output
    assert "price of budget 3.000" in output
    assert "note" not in output
    assert frame["policy"].unique().to_list() == [label]
    assert frame["contact"].any()
    assert plans.read_index(tmp_path / "run" / "plan").notes == ()


@pytest.mark.parametrize(("limit", "spoilt", "code"), [
    ("480", True, "policy_unavailable"), ("6", False, "was measured at 2.00 to 32.00 per customer"),
])  # fmt: skip
def test_a_table_that_is_left_to_the_knapsack_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, spoilt: bool, code: str
) -> None:
    """On the screen and in the plan: a file that is gone, or 0.10 per customer."""
    measured(tmp_path / "policies")
    if spoilt:
        (tmp_path / "policies" / policy_file("ppo_price")).unlink()
    output = commanded(tmp_path, monkeypatch, "ppo_price", limit)

    frame = pl.read_parquet(tmp_path / "run" / "decisions.parquet")
    (said,) = plans.read_index(tmp_path / "run" / "plan").notes
    assert frame["policy"].unique().to_list() == ["knapsack"]
    assert "contacted by knapsack" in output
    assert code in said
    assert code in " ".join(output.split())


def test_a_policy_of_other_assumptions_is_not_served(tmp_path: Path) -> None:
    """It was trained where a contact annoys less."""
    measured(tmp_path / "policies", env=ENV.changed({"annoyance": 0.001}, "a test"))
    with service(asking(tmp_path, "champion")) as client:
        found = client.post("/retain", RETAIN).json()

    assert found["metadata"]["degraded_reasons"] == ["policy_of_other_assumptions"]
    assert found["metadata"]["policy"] == "knapsack"
