"""What goes wrong while serving is counted, and logged without the text of any error."""

import json
import logging

import pytest

from churn_saver.domain.artefacts import Artefact, tried
from churn_saver.errors import Unusable
from churn_saver.serve.metrics import Metrics
from churn_saver.serve.telemetry import JsonLines
from churn_saver.serve.watching import Watching


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
