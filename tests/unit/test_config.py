"""Settings: read from text, frozen, every fault told at once."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from churn_saver.config import EnvSettings, ServeSettings, Settings, TabularSettings, environment, parse
from churn_saver.errors import ConfigError

FOLDER = Path(__file__).parents[2] / "ops" / "configs"
ENV = (FOLDER / "env.yaml").read_text()
SERVE = (FOLDER / "serve.yaml").read_text()
TABULAR = (FOLDER / "tabular.yaml").read_text()


def changed(text: str, **changes: Any) -> str:
    """Give a file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(text) | changes)


def test_the_shipped_files_hold_what_is_documented() -> None:
    """A few values that the documents name."""
    env = parse(EnvSettings, ENV, "env.yaml")
    serve = parse(ServeSettings, SERVE, "serve.yaml")

    assert (env.horizon_days, env.contact_cost_minor, env.caps.caps().cooldown_days) == (90, 100, 7)
    assert env.protected_days == (8, 16, 24, 30)
    assert (serve.quiet_until_hour, serve.quiet_from_hour, serve.zone.key) == (8, 21, "America/New_York")
    assert serve.campaign.limit == 1000.0


def test_settings_cannot_be_changed_after_reading() -> None:
    """A frozen section is the same for everybody who holds it."""
    settings = parse(TabularSettings, TABULAR, "tabular.yaml")

    with pytest.raises(ValidationError, match="frozen"):
        settings.seed = 1  # type: ignore[misc]


def test_all_faults_are_told_at_once() -> None:
    """Three bad settings, three lines, each with file, name and value."""
    bad = changed(ENV, horizon_days=0, contact_cost=-1, colour="red")

    with pytest.raises(ConfigError, match="horizon_days") as caught:
        parse(EnvSettings, bad, "env.yaml")

    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("env.yaml: ") for line in lines)
    assert {line.split()[1] for line in lines} == {"horizon_days", "contact_cost", "colour"}


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (EnvSettings, changed(ENV, transitions=[[1.0]]), r"transitions must be 4 rows of 4"),
        (
            EnvSettings,
            changed(ENV, transitions=[[0.5, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]),
            r"level 'calm' sum to 0\.5, wanted 1",
        ),
        (
            EnvSettings,
            changed(ENV, levels={"calm": -1, "mid": 0, "ticket": 1, "shock": 2}),
            "must hold 'usual' with shift 0",
        ),
        (EnvSettings, changed(ENV, margin_share=float("nan")), "margin_share is nan"),
        (ServeSettings, changed(SERVE, quiet_until_hour=22), "must be before"),
        (ServeSettings, changed(SERVE, company_time_zone="Mars/Base"), "is not an IANA time zone"),
        (ServeSettings, changed(SERVE, propensity_offer_pct=7), "propensity_offer_pct is 7"),
        (ServeSettings, "- a\n- b\n", "holds list, wanted 'name: value' lines"),
        (ServeSettings, "a: [", "is not YAML"),
    ],
)
def test_what_cannot_be_meant_is_refused(kind: type[Settings], text: str, reason: str) -> None:
    """The message names the file and what was wanted."""
    with pytest.raises(ConfigError, match=reason):
        parse(kind, text, "x.yaml")


def test_the_environment_is_read_by_name_and_empty_counts_as_unset() -> None:
    """Other variables are not ours to judge."""
    found = environment({"PORT": "9000", "FORCE_BASELINE": "true", "HOST": "", "HOME": "/root"})

    assert (found.PORT, found.FORCE_BASELINE, found.HOST) == (9000, True, "127.0.0.1")


def test_a_variable_that_cannot_be_meant_is_named() -> None:
    """A port above 65,535 is no port."""
    with pytest.raises(ConfigError, match="environment: PORT is '99999'"):
        environment({"PORT": "99999"})
