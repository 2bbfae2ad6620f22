"""env.yaml: the portfolio, what a contact does in it, and the caps."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from churn_saver.config import EnvSettings, parse
from churn_saver.errors import ConfigError

ENV = (Path(__file__).parents[3] / "ops" / "configs" / "env.yaml").read_text()


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(ENV) | changes)


def test_the_shipped_file_holds_what_is_documented() -> None:
    """A few values that the documents name."""
    env = parse(EnvSettings, ENV, "env.yaml")

    assert (env.horizon_days, env.contact_cost_minor, env.caps.caps().cooldown_days) == (90, 100, 7)
    assert env.protected_days == (8, 16, 24, 30)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (changed(transitions=[[1.0]]), r"transitions must be 4 rows of 4"),
        (
            changed(transitions=[[0.5, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
            r"level 'calm' sum to 0\.5, wanted 1",
        ),
        (
            changed(levels={"calm": -1, "mid": 0, "ticket": 1, "shock": 2}),
            r"must hold 'usual' with shift 0",
        ),
        (changed(margin_share=float("nan")), r"margin_share is nan"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    """The message names what was wanted."""
    with pytest.raises(ConfigError, match=reason):
        parse(EnvSettings, text, "env.yaml")
