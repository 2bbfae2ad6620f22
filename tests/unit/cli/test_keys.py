"""`churn-saver keys new`: a key for the caller, a line for the service, each whole on a line of its own."""

import pytest
from starlette.datastructures import Headers
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.config import Environment
from churn_saver.errors import ConfigError
from churn_saver.serve.keys import Role, access_of


@pytest.mark.parametrize("role", ["decide", "operate", "admin"])
def test_what_it_prints_can_be_used_as_it_stands(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where lines are short."""
    monkeypatch.setenv("COLUMNS", "40")
    done = CliRunner().invoke(app, ["keys", "new", "--role", role, "--name", "crm"])
    key, line = (text for text in done.output.splitlines() if text.startswith(("cs_", "crm ")))

    assert done.exit_code == 0
    access = access_of(Environment(API_KEYS=line))
    assert access.admit(Headers({"X-API-Key": key}), Role[role.upper()]) == "crm"


@pytest.mark.parametrize("role", ["open", "root", ""])
def test_there_are_three_roles(role: str) -> None:
    """Any other word is a mistake."""
    assert CliRunner().invoke(app, ["keys", "new", "--role", role, "--name", "crm"]).exit_code == 2


def test_a_name_that_a_log_cannot_hold_is_refused() -> None:
    """With what is wanted."""
    done = CliRunner().invoke(app, ["keys", "new", "--role", "decide", "--name", "Jane Doe"])

    assert isinstance(done.exception, ConfigError)
    assert "wanted 1 to 64" in str(done.exception)
