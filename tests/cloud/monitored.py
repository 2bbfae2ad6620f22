"""What monitoring is made of: rules, alerts and dashboard as they stand, and the names that they use."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

import yaml

from tests.cloud.terraform import MODULE, ROOT

RULES = ROOT / "ops" / "monitoring" / "rules.yml"
HISTORIES = ROOT / "ops" / "monitoring" / "rules_test.yml"
RUNBOOK = ROOT / "docs" / "runbook.md"
PLACES = {
    "service_name": "churn-retain-api",
    "job_name": "churn-retain-api-dispatch",
    "watch_job_name": "churn-retain-api-watch",
    "project_id": "my-project",
}
"""What Terraform puts into the open places of a template."""
GOOGLES = {"run_googleapis_com:request_count", "run_googleapis_com:job_completed_execution_count"}
"""Cloud Run's own metrics, as PromQL calls them: https://cloud.google.com/monitoring/api/metrics_gcp_p_z"""
OF_THE_LOG = "logging_googleapis_com:user_"
_NAME = re.compile(r"\b(?:up\b|(?:churn_saver|run_googleapis_com|logging_googleapis_com)[\w:]*)")
_OURS = re.compile(
    r"^    (\w+) += \{ filter = \"(.*?)(?<!\\)\", labels = \[(.*?)\](?:, value = \"(\w+)\")?", re.MULTILINE
)
_LINE = re.compile(r"jsonPayload\.message=\\\"(\w+)\\\"")


def filled(name: str) -> Any:
    """Read a template of ops/terraform/monitoring as Terraform fills it; an unknown place is an error."""
    text = (MODULE / "monitoring" / name).read_text(encoding="utf-8")
    return json.loads(Template(text).substitute(PLACES))


def rules(path: Path = RULES) -> list[dict[str, Any]]:
    """Give the rules of all groups, in their order."""
    return [
        rule
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


def alert_queries() -> dict[str, str]:
    """Give the query of each alert of the cloud, by its name."""
    conditions = [
        alert["conditions"][0]["conditionPrometheusQueryLanguage"] for alert in filled("alerts.json")
    ]
    return {condition["alertRule"]: condition["query"] for condition in conditions}


def dashboard_queries() -> list[str]:
    """Give the queries of all charts."""
    charts = [tile["widget"].get("xyChart", {}) for tile in filled("dashboard.json")["mosaicLayout"]["tiles"]]
    return [
        one["timeSeriesQuery"]["prometheusQuery"] for chart in charts for one in chart.get("dataSets", ())
    ]


def names_in(query: str) -> set[str]:
    """Name the metrics that a query asks for."""
    return set(_NAME.findall(re.sub(r"\{[^}]*\}", "", query)))


def labels_in(query: str) -> Iterator[tuple[str, str]]:
    """Give each metric of a query with each label that it is chosen by."""
    for name, chosen in re.findall(r"([\w:]+)\{([^}]*)\}", query):
        for label in re.findall(r"(\w+)(?:=~|!~|!=|=)", re.sub(r"\"[^\"]*\"", "", chosen)):
            yield name, label


def log_metrics() -> dict[str, tuple[str, list[str], str | None]]:
    """Read what monitoring_metrics.tf makes: name → line that it is made of, labels, field of its value."""
    text = (MODULE / "monitoring_metrics.tf").read_text(encoding="utf-8")
    found = {}
    for name, which, labels, value in _OURS.findall(text):
        line = _LINE.search(which)
        found[f"churn_saver_{name}"] = (
            line[1] if line else "answered", re.findall(r"\w+", labels), value or None
        )  # fmt: skip
    return found


def names_of_log_metrics() -> set[str]:
    """Give the names under which PromQL knows them: of a distribution its buckets, its sum and its count."""
    names = set()
    for name, (_, _, value) in log_metrics().items():
        names |= {
            f"{OF_THE_LOG}{name}{end}" for end in (("",) if value is None else ("_bucket", "_sum", "_count"))
        }
    return names
