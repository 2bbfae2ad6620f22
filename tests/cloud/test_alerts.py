"""Alerts, run through Prometheus' own tool: an outage pages, half the burn does not, nor does silence."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cloud.monitored import HISTORIES, PLACES, RULES, alert_queries, dashboard_queries, rules

OUTAGE = "an outage pages within five minutes, and not before it has cost its share"
ERASURE = "an erasure that takes a stopped text away is none"
SERVICE = 'monitored_resource="cloud_run_revision",service_name="' + PLACES["service_name"] + '"'
JOB = 'monitored_resource="cloud_run_job",job_name="' + PLACES["job_name"] + '"'
WATCH = 'monitored_resource="cloud_run_job",job_name="' + PLACES["watch_job_name"] + '"'
LOG = "logging_googleapis_com:user_churn_saver_"


@pytest.fixture(autouse=True, scope="module")
def _promtool() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: it comes with Debian's package prometheus")


def promtool(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run the tool."""
    return subprocess.run(
        ["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=550
    )


def histories(folder: Path, *names: str) -> Path:
    """Write some of our planted histories, all without names, beside a copy of our rules."""
    told = yaml.safe_load(HISTORIES.read_text(encoding="utf-8"))
    chosen = [one for one in told["tests"] if not names or one["name"] in names]
    assert len(chosen) == (len(names) or len(told["tests"]))
    (folder / HISTORIES.name).write_text(yaml.safe_dump(told | {"tests": chosen}))
    shutil.copy(RULES, folder)
    return folder


def test_rules_are_rules() -> None:
    """As Prometheus reads them; what is misspelt is refused."""
    done = promtool("check", "rules", RULES.name, folder=RULES.parent)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(rules())} rules found" in done.stdout


def test_a_misspelt_rule_is_refused(tmp_path: Path) -> None:
    """A function that is not there, in a copy."""
    text = RULES.read_text(encoding="utf-8")
    (tmp_path / RULES.name).write_text(text.replace("clamp_min(max(delta(", "clamp_mim(max(delta(", 1))

    done = promtool("check", "rules", RULES.name, folder=tmp_path)

    assert done.returncode != 0
    assert 'unknown function with name "clamp_mim"' in done.stdout + done.stderr


def test_planted_histories_raise_what_they_should(tmp_path: Path) -> None:
    """Outages, half the burn, silence, probes, tables and erasures: all of ops/monitoring/rules_test.yml."""
    done = promtool("test", "rules", HISTORIES.name, folder=histories(tmp_path))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "history"),
    [
        ("share1h > 14.4 * 0.005", "share1h > 144 * 0.005", OUTAGE),
        ('status=~"5.."}[5m]', 'status=~"4.."}[5m]', OUTAGE),
        ("> 6 * 0.005", "> 2 * 0.005", "half the slow burn pages nobody"),
        ('route!~"/healthz|/health|/readyz|/ready|/metrics"', 'route!=""',
         "what callers do wrong and what probes hear is no failure"),
        ('clamp_min(max(delta(churn_saver_messages{state="unsafe"}[5m])), 0)',
         'max(increase(churn_saver_messages{state="unsafe"}[5m]))', ERASURE),
    ],
)  # fmt: skip
def test_a_wrong_rule_fails_its_history(tmp_path: Path, right: str, wrong: str, history: str) -> None:
    """Ten times the bound, another status, a third of it, probes counted, an erasure taken for a restart."""
    folder = histories(tmp_path, history)
    text = RULES.read_text(encoding="utf-8")
    windows = [right.replace("5m", one) for one in ("5m", "30m", "1h", "6h")] if "[5m]" in right else [right]
    for one in windows:
        assert one in text
        window = re.search(r"\[(\d+[mh])\]", one)
        text = text.replace(one, wrong if window is None else wrong.replace("[5m]", f"[{window[1]}]"))
    (folder / RULES.name).write_text(text)

    done = promtool("test", "rules", HISTORIES.name, folder=folder)

    assert done.returncode != 0
    assert "FAILED" in done.stdout + done.stderr


def test_queries_of_the_cloud_are_queries(tmp_path: Path) -> None:
    """Those of its alerts and of the dashboard are read by Prometheus as ours are."""
    asked = [*alert_queries().values(), *dashboard_queries()]
    told = [{"record": f"asked:{place}", "expr": query} for place, query in enumerate(asked)]
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": told}]}))

    done = promtool("check", "rules", "asked.yml", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(asked)} rules found" in done.stdout


CLOUD: dict[str, tuple[dict[str, str], set[str]]] = {
    "an outage": (
        {
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="2xx"}}': "0+120x120 14400x10",
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="5xx"}}': "0x120 120+120x10",
        },
        {"ChurnSaverAvailabilityFastBurn", "ChurnSaverAvailabilitySlowBurn"},
    ),
    "another service that fails": (
        {
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="2xx"}}': "0+120x130",
            'run_googleapis_com:request_count{monitored_resource="cloud_run_revision",service_name="other",'
            'response_code_class="5xx"}': "0+120x130",
        },
        set(),
    ),
    "half of what may burn over six hours": (
        {
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="2xx"}}': "0+985x130",
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="5xx"}}': "0+15x130",
            f'{LOG}latency_bucket{{{SERVICE},le="500"}}': "0+85x130",
            f"{LOG}latency_count{{{SERVICE}}}": "0+100x130",
            f'{LOG}messages{{{JOB},result="sent"}}': "0+1000x130",
            f'{LOG}messages{{{JOB},result="unsafe"}}': "0+3x130",
            f"{LOG}violations{{{JOB}}}": "0+3x130",
        },
        set(),
    ),
    "slow decisions, under either spelling of the bound": (
        {
            f'{LOG}latency_bucket{{{SERVICE},le="500.0"}}': "0+20x130",
            f"{LOG}latency_count{{{SERVICE}}}": "0+100x130",
        },
        {"ChurnSaverLatencyFastBurn", "ChurnSaverLatencySlowBurn"},
    ),
    "texts that are stopped, counted every fifteen minutes": (
        {
            f'{LOG}messages{{{JOB},result="sent"}}': " ".join(f"{98 * n}x14" for n in range(9)),
            f'{LOG}messages{{{JOB},result="unsafe"}}': " ".join(f"{2 * n}x14" for n in range(9)),
            f"{LOG}violations{{{JOB}}}": " ".join(f"{2 * n}x14" for n in range(9)),
        },
        {"ChurnSaverSafetyFastBurn", "ChurnSaverSafetySlowBurn"},
    ),
    "jobs that fail, lag, run out of budget and find something": (
        {
            f'run_googleapis_com:job_completed_execution_count{{{JOB},result="failed"}}': "0+1x130",
            f"{LOG}lag_sum{{{JOB}}}": "0+4000x130",
            f"{LOG}lag_count{{{JOB}}}": "0+1x130",
            f'{LOG}free_share_sum{{{JOB},campaign="spring"}}': "0+0.04x130",
            f'{LOG}free_share_count{{{JOB},campaign="spring"}}': "0+1x130",
            f'{LOG}alarms_sum{{{WATCH},campaign="spring"}}': "0x60 2x70",
        },
        {
            "ChurnSaverDispatchFails",
            "ChurnSaverMessagesLate",
            "ChurnSaverBudgetLow",
            "ChurnSaverCampaignOff",
        },
    ),
    "looks that end with what they found are no failure of the dispatcher": (
        {f'run_googleapis_com:job_completed_execution_count{{{WATCH},result="failed"}}': "0+1x130"},
        set(),
    ),
    "one decision in ten without the ledger": (
        {
            f'{LOG}no_ledger{{{SERVICE},route="/retain"}}': "0x60 0+10x70",
            f'{LOG}latency_count{{{SERVICE},route="/retain"}}': "0+100x130",
        },
        {"ChurnSaverLedgerDown"},
    ),
    "one decision in fifty without it": (
        {
            f'{LOG}no_ledger{{{SERVICE},route="/retain"}}': "0+2x130",
            f'{LOG}latency_count{{{SERVICE},route="/retain"}}': "0+100x130",
        },
        set(),
    ),
    "no requests": (
        {
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="2xx"}}': "100x130",
            f'run_googleapis_com:request_count{{{SERVICE},response_code_class="5xx"}}': "5x130",
            f"{LOG}latency_count{{{SERVICE}}}": "100x130",
        },
        set(),
    ),
}
"""Histories of two hours, minute by minute, and the alerts that stand after 126 minutes."""


@pytest.mark.parametrize("name", CLOUD)
def test_alerts_of_the_cloud_do_the_same(tmp_path: Path, name: str) -> None:
    """Their queries, put into Prometheus under the names that Google gives its metrics there."""
    series, wanted = CLOUD[name]
    told = [{"alert": alert, "expr": query} for alert, query in alert_queries().items()]
    (tmp_path / "cloud.yml").write_text(yaml.safe_dump({"groups": [{"name": "cloud", "rules": told}]}))
    asked: list[dict[str, Any]] = []
    for alert in alert_queries():
        labels = {"campaign": "spring"} if alert in ("ChurnSaverBudgetLow", "ChurnSaverCampaignOff") else {}
        stands = [{"exp_labels": labels}] if alert in wanted else []
        asked.append({"eval_time": "126m", "alertname": alert, "exp_alerts": stands})
    planted = [{"series": one, "values": values} for one, values in series.items()]
    history = {"interval": "1m", "input_series": planted, "alert_rule_test": asked}
    told_all = {"rule_files": ["cloud.yml"], "evaluation_interval": "1m", "tests": [history]}
    (tmp_path / "history.yml").write_text(yaml.safe_dump(told_all))

    done = promtool("test", "rules", "history.yml", folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
