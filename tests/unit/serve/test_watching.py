"""What goes wrong while serving is counted, and logged without the text of any error."""

import json
import logging

import pytest

from churn_saver.decide.beside import Fault
from churn_saver.domain.artefacts import Artefact, tried
from churn_saver.errors import Unusable
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.telemetry import JsonLines
from churn_saver.serve.watching import Watching, WatchingShadows


def lines(metrics: Metrics, start: str) -> list[str]:
    """Give the lines of the page that begin so."""
    return [line for line in metrics.page(None).decode().splitlines() if line.startswith(start)]


def test_a_fault_is_counted_and_logged_by_type_and_place(caplog: pytest.LogCaptureFixture) -> None:
    """The error's text may be personal and stays out."""

    def broken() -> None:
        raise ValueError("Sam Canary")

    metrics = Metrics()
    watching = Watching(metrics)
    with pytest.raises(Unusable, match=r"^policy") as found:
        tried(Artefact.POLICY, broken)
    with caplog.at_level(logging.WARNING):
        watching.failed(found.value)
    told = json.loads(JsonLines().format(caplog.records[0]))

    assert lines(metrics, "churn_saver_faults_total{") == [
        'churn_saver_faults_total{artefact="policy",cause="raised"} 1.0'
    ]
    assert (told["message"], told["artefact"], told["cause"]) == ("artefact failed", "policy", "raised")
    assert told["error"].startswith("ValueError in ")
    assert "Canary" not in json.dumps(told)


def test_a_breaker_is_shown_open_and_closed(caplog: pytest.LogCaptureFixture) -> None:
    """All begin closed."""
    metrics = Metrics()
    watching = Watching(metrics)
    before = lines(metrics, "churn_saver_breaker_open{")
    watching.turned(Artefact.LIVE, is_open=True)
    during = lines(metrics, 'churn_saver_breaker_open{artefact="live"}')
    watching.turned(Artefact.LIVE, is_open=False)
    after = lines(metrics, 'churn_saver_breaker_open{artefact="live"}')

    assert before == [
        f'churn_saver_breaker_open{{artefact="{name}"}} 0.0' for name in ("predictors", "policy", "live")
    ]
    assert (during[0][-3:], after[0][-3:]) == ("1.0", "0.0")
    assert [record.getMessage() for record in caplog.records] == ["breaker open", "breaker closed"]


def test_decisions_with_and_without_a_shadow_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    """By cause, with a line each; the error's text stays out, and where there is none none is told."""
    metrics = Metrics()
    watching = WatchingShadows(metrics)
    with caplog.at_level(logging.WARNING):
        watching.shadowed(5)
        watching.unshadowed(2, Fault.FULL)
        watching.unshadowed(3, Fault.RAISED, ValueError("Sam Canary"))
    first, second = (json.loads(JsonLines().format(record)) for record in caplog.records)

    assert lines(metrics, "churn_saver_shadow") == [
        "churn_saver_shadowed_total 5.0",
        'churn_saver_shadow_faults_total{cause="full"} 2.0',
        'churn_saver_shadow_faults_total{cause="raised"} 3.0',
    ]
    assert (first["message"], first["cause"], first["decisions"]) == ("shadow failed", "full", 2)
    assert ("error" in first, "Canary" in json.dumps(second)) == (False, False)
    assert second["error"].startswith("ValueError")
