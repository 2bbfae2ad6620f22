"""Lines of a log: JSON where nobody reads along, nothing on a terminal."""

import json
import logging
import sys

import pytest

from churn_saver.cli.log_lines import line, logged

log = logging.getLogger("churn_saver.cli.some_command")


def test_elsewhere_than_on_a_terminal_a_line_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With its message, its severity and its fields; before and after the command there is none."""
    before = logging.getLogger().handlers[:]
    with logged():
        line(log, "dispatched", {"result": "unsafe", "n": 2}, logging.ERROR)
        line(log, "outbox", {"due": 0})

    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["message"], first["severity"], first["result"], first["n"]) == (
        "dispatched",
        "ERROR",
        "unsafe",
        2,
    )
    assert (second["message"], second["severity"], second["due"]) == ("outbox", "INFO", 0)
    assert logging.getLogger().handlers == before


def test_a_line_names_service_and_project(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the service's own lines do, by the same variables."""
    monkeypatch.setenv("SERVICE_NAME", "spring-api")
    with logged():
        line(log, "outbox", {"due": 0})

    assert json.loads(capsys.readouterr().err)["service"] == "spring-api"


def test_on_a_terminal_nothing_is_logged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads along has the screen; the handlers are as they were."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    before = logging.getLogger("churn_saver").handlers[:]
    with logged():
        line(log, "dispatched", {"result": "unsafe"}, logging.ERROR)

    assert capsys.readouterr().err == ""
    assert logging.getLogger("churn_saver").handlers == before
