"""The commands that make the messages, as they are asked for."""

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.cli.texts import _require_text
from churn_saver.errors import ConfigError

COMMANDS = ("base-model", "train-sft", "train-rm", "train-ppo-text", "train-text", "message-bank")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_stands_beside_the_others_and_explains_itself(command: str) -> None:
    """Without a word before it."""
    result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "120"})

    assert result.exit_code == 0
    assert "--out" in result.output


def test_a_package_that_is_missing_is_named_with_its_extra() -> None:
    """Before anything is read."""
    _require_text()

    with pytest.raises(ConfigError, match=r"^no_such_package cannot be imported.*churn-saver\[text\]"):
        _require_text("no_such_package")


@pytest.mark.parametrize("command", ["train-sft", "train-rm", "train-ppo-text", "train-text", "message-bank"])
def test_a_seed_below_nought_is_refused_by_name(command: str) -> None:
    """Before anything is opened."""
    result = CliRunner().invoke(app, [command, "--seed", "-1"])

    assert result.exit_code == 2
    assert "--seed" in result.output
