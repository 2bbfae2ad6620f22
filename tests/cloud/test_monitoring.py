"""Dashboard, alerts and metrics: read by the API's own types, and made of what there is to measure."""

import asyncio
import copy
import io
import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Message, Receive, Scope, Send

from churn_saver.adapters.watch_figures import watch_lines, watch_metrics
from churn_saver.cli.dispatching import dispatch
from churn_saver.evidence.watch import Reference, Watch, watch
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.runtime import LEDGER_UNAVAILABLE
from churn_saver.serve.sendings import Sendings
from churn_saver.serve.telemetry import JsonLines, Telemetry, trace_of
from churn_saver.store import Totals, open_store
from tests.builders import campaign, proposals
from tests.cloud.monitored import (
    GOOGLES,
    OF_THE_LOG,
    RUNBOOK,
    alert_queries,
    dashboard_queries,
    filled,
    labels_in,
    log_metrics,
    names_in,
    names_of_log_metrics,
    rules,
)
from tests.cloud.terraform import MODULE, Module, made_ready, resources
from tests.tiny_configs import CONFIGS
from tests.unit.store.batches import offers
from tests.watched_campaigns import ANSWER_DAYS, LOOK, settings, sound

ABSENT = "Google's own types of {} are not installed: `make setup` brings {}"
METRICS = MODULE / "monitoring_metrics.tf"
api = pytest.importorskip(
    "google.cloud.monitoring_v3.types", reason=ABSENT.format("alerts", "google-cloud-monitoring")
)
dashboards = pytest.importorskip(
    "google.cloud.monitoring_dashboard_v1.types",
    reason=ABSENT.format("dashboards", "google-cloud-monitoring-dashboards"),
)
json_format = pytest.importorskip(
    "google.protobuf.json_format", reason=ABSENT.format("messages", "protobuf with the two above")
)


def parsed(told: Any, kind: Any) -> Any:
    """Read what stands in a file as Google's API reads it: a field that it does not know is an error."""
    return json_format.ParseDict(told, kind.pb()(), ignore_unknown_fields=False)


def looked() -> Watch:
    """Look at a campaign with drift and outcomes."""
    log = sound(400, 4, spend_shift=40.0)
    return watch(log, LOOK, settings(), ANSWER_DAYS, Reference("days 0 to 13", 0, 14), {})


def test_every_alert_is_one_that_google_reads() -> None:
    """With one condition in PromQL, evaluated as often as may be asked for, and words for who is paged."""
    alerts = [parsed(one, api.AlertPolicy) for one in filled("alerts.json")]

    assert len({alert.user_labels["alert"] for alert in alerts}) == len(alerts) >= 6
    for alert in alerts:
        (condition,) = alert.conditions
        asked = condition.condition_prometheus_query_language
        assert asked.query
        assert asked.disable_metric_validation
        assert asked.evaluation_interval.seconds >= 30
        assert asked.evaluation_interval.seconds % 30 == 0
        assert asked.alert_rule in alert.documentation.content
        assert re.fullmatch(r"[a-z0-9_-]{1,63}", alert.user_labels["alert"])
        assert alert.severity in (1, 2, 3)


def test_the_dashboard_is_one_that_google_reads() -> None:
    """No two tiles lie on each other, none beyond the edge, and each chart asks something."""
    board = parsed(filled("dashboard.json"), dashboards.Dashboard)

    taken: set[tuple[int, int]] = set()
    for tile in board.mosaic_layout.tiles:
        place = {
            (x, y)
            for x in range(tile.x_pos, tile.x_pos + tile.width)
            for y in range(tile.y_pos, tile.y_pos + tile.height)
        }
        assert not place & taken, tile.widget.title
        assert tile.x_pos + tile.width <= board.mosaic_layout.columns <= 48
        taken |= place
    titles = " ".join(tile.widget.title.lower() for tile in board.mosaic_layout.tiles)
    for wanted in (
        "requests",
        "5xx",
        "time of a decision",
        "acceptance by decile",
        "drift",
        "free budget",
        "stopped",
    ):
        assert wanted in titles
    assert len(dashboard_queries()) >= len(board.mosaic_layout.tiles) - 1


def _misspelt_condition(told: Any) -> None:
    asked = told[0]["conditions"][0]
    asked["conditionPrometheusQueryLanguages"] = asked.pop("conditionPrometheusQueryLanguage")


def _wrong_severity(told: Any) -> None:
    told[0]["severity"] = "URGENT"


def _wrong_duration(told: Any) -> None:
    told[0]["conditions"][0]["conditionPrometheusQueryLanguage"]["duration"] = "five minutes"


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (_misspelt_condition, "conditionPrometheusQueryLanguages"),
        (_wrong_severity, "URGENT"),
        (_wrong_duration, "duration|Duration"),
    ],
)
def test_a_wrong_alert_is_refused(plant: Callable[[Any], None], named: str) -> None:
    """A misspelt field, a severity and a time that there are not, planted in a copy."""
    told = copy.deepcopy(filled("alerts.json"))
    plant(told)

    with pytest.raises(json_format.ParseError, match=named):
        parsed(told[0], api.AlertPolicy)


def test_a_misspelt_chart_is_refused() -> None:
    """A field of a tile that there is not, planted in a copy."""
    told = copy.deepcopy(filled("dashboard.json"))
    told["mosaicLayout"]["tiles"][0]["widget"]["xyChart"]["dataSet"] = []

    with pytest.raises(json_format.ParseError, match="dataSet"):
        parsed(told, dashboards.Dashboard)


def exported() -> dict[str, set[str]]:
    """Give every sample that service and watch export, with its labels."""
    metrics = Metrics()
    metrics.answered("POST", "/retain", 200, 0.03)
    metrics.decided(proposals(1, violations=[("toxic",)]), True, ("bank_unavailable",))
    metrics.failed("policy", "late")
    metrics.turned("policy", is_open=True)
    metrics.refused("full")
    page = metrics.page([(campaign(), Totals(4, 3, 1, 0))], Sendings(1, 0, 0, 0, 0, 0.0)) + watch_metrics(
        looked()
    )
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_rules_ask_for_what_is_exported() -> None:
    """Every name and label of rules.yml is on the service's page, in a look's text, or recorded above."""
    known, recorded = exported(), set[str]()
    for rule in rules():
        asked = names_in(rule["expr"]) - {"up"}
        assert asked <= known.keys() | recorded, asked - known.keys() - recorded
        assert asked or rule["alert"] == "ChurnSaverDown"
        for name, label in labels_in(rule["expr"]):
            assert name == "up" or label in known[name], (name, label)
        recorded |= {rule["record"]} if "record" in rule else set()


def test_alerts_and_charts_of_the_cloud_ask_for_what_there_is() -> None:
    """Every name is one of Cloud Run's own or made in monitoring_metrics.tf; so is every label."""
    known = GOOGLES | names_of_log_metrics()
    labels = {f"{OF_THE_LOG}{name}": set(labels) for name, (_, labels, _) in log_metrics().items()}
    of_google = {"monitored_resource", "service_name", "job_name", "le", "response_code_class", "result"}
    asked_of: set[str] = set()
    for query in (*alert_queries().values(), *dashboard_queries()):
        assert names_in(query) <= known, names_in(query) - known
        asked_of |= names_in(query)
        for name, label in labels_in(query):
            own = labels.get(re.sub(r"_(?:bucket|sum|count)$", "", name), set())
            assert label in of_google | own, (name, label)
    unasked = {
        name for name in log_metrics() if not any(one.startswith(OF_THE_LOG + name) for one in asked_of)
    }
    assert unasked == set()


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """Log a line of each kind: an answer, a dispatch with its state, and a look."""
    monkeypatch.setenv("CONFIG_DIR", str(CONFIGS))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{tmp_path / 'ledger.db'}") as store:
        store.campaigns.open(campaign(starts_at=now - timedelta(days=1)))
        noon = f"Etc/GMT{now.hour - 12:+d}"
        store.settle("spring", offers(["ann"], at=now, time_zones=[noon]), now)
    dispatch(f"file:{tmp_path / 'sent.jsonl'}", None, is_once=True)
    made = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    return [*made, answered(), *({"message": what, **fields} for what, fields in watch_lines(looked()))]


async def _deciding(scope: Scope, receive: Receive, send: Send) -> None:
    trace_of(scope).contacts, trace_of(scope).degraded = 1, (LEDGER_UNAVAILABLE,)
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def _nothing(*_: Message) -> Message:
    return {}


def answered() -> Any:
    """Give the line of an answer, with all that it may say."""
    log, stream = logging.getLogger("churn_saver.serve.requests"), io.StringIO()
    kept = logging.StreamHandler(stream)
    kept.setFormatter(JsonLines("my-project"))
    before = log.level
    log.addHandler(kept)
    log.setLevel(logging.INFO)
    try:
        scope = {"type": "http", "method": "POST", "headers": []}
        asyncio.run(Telemetry(_deciding, lambda *_: None)(scope, _nothing, _nothing))  # type: ignore[arg-type]
    finally:
        log.removeHandler(kept)
        log.setLevel(before)
    return json.loads(stream.getvalue())


def test_metrics_of_the_log_are_made_of_lines_that_there_are(lines: list[Any]) -> None:
    """Every label and value is a field of the line that it is taken from, values are numbers."""
    by_message = {line["message"]: line for line in lines}

    assert len(log_metrics()) == 12
    for name, (message, labels, value) in log_metrics().items():
        line = by_message[message]
        assert set(labels) <= line.keys(), (name, message)
        if value is not None:
            assert isinstance(line[value], int | float), (name, value)
    assert {"status", "route"} <= by_message["answered"].keys()
    assert by_message["dispatched"]["result"] == "unsafe"
    (code,) = re.findall(r'jsonPayload\.degraded:\\"(\w+)\\"', METRICS.read_text(encoding="utf-8"))
    assert code in by_message["answered"]["degraded"]


def test_every_alert_has_an_entry_in_the_runbook() -> None:
    """And no entry is of an alert that there is not; a rule names the entry that is its own."""
    entries = re.findall(r"^### (ChurnSaver\w+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    alerts = [rule for rule in rules() if "alert" in rule]

    assert sorted(entries) == sorted({rule["alert"] for rule in alerts} | alert_queries().keys())
    assert len(set(entries)) == len(entries)
    for rule in alerts:
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    """Make our Terraform ready, or skip."""
    return made_ready(tmp_path_factory.mktemp("terraform"))


def _of_type(found: dict[str, dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [values for address, values in found.items() if address.startswith(f"{kind}.")]


def test_terraform_makes_what_is_asked_for(module: Module) -> None:
    """The plan has each alert, its query unchanged, each metric of the log, and the dashboard."""
    found = resources(module.planned(project_id="my-project", alert_email="ops@example.com"))

    policies = _of_type(found, "google_monitoring_alert_policy")
    planned = {
        one["alert_rule"]: one["query"]
        for policy in policies
        for condition in policy["conditions"]
        for one in condition["condition_prometheus_query_language"]
    }
    assert planned == alert_queries()
    metrics = _of_type(found, "google_logging_metric")
    assert {metric["name"] for metric in metrics} == log_metrics().keys()
    for metric in metrics:
        _, labels, value = log_metrics()[metric["name"]]
        assert (metric["value_extractor"] or None) == (value and f"EXTRACT(jsonPayload.{value})")
        assert sorted(metric["label_extractors"] or {}) == sorted(labels)
        assert metric["metric_descriptor"][0]["value_type"] == ("DISTRIBUTION" if value else "INT64")
    (board,) = _of_type(found, "google_monitoring_dashboard")
    assert json.loads(board["dashboard_json"]) == filled("dashboard.json")
    (channel,) = _of_type(found, "google_monitoring_notification_channel")
    assert (channel["type"], channel["labels"]) == ("email", {"email_address": "ops@example.com"})


def test_a_planted_fault_in_monitoring_is_found(module: Module, tmp_path: Path) -> None:
    """A misspelt argument of a metric, in a copy."""
    broken = module.copied(tmp_path / "broken")
    broken.planted("monitoring_metrics.tf", "value_extractor  =", "value_extracter  =")

    assert any("value_extracter" in fault for fault, _ in broken.faults())
