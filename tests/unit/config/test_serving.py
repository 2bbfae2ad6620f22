"""serve.yaml: the service, the batch and the first campaign."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from churn_saver.config import ServeSettings, parse
from churn_saver.errors import ConfigError

SERVE = (Path(__file__).parents[3] / "ops" / "configs" / "serve.yaml").read_text()


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(SERVE) | changes)


def test_the_shipped_file_holds_what_is_documented() -> None:
    """A few values that the documents name."""
    serve = parse(ServeSettings, SERVE, "serve.yaml")

    assert (serve.quiet_until_hour, serve.quiet_from_hour, serve.zone.key) == (8, 21, "America/New_York")
    assert serve.campaign.limit == 1000.0
    assert serve.policy == "champion"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (changed(quiet_until_hour=22), r"must be before"),
        (changed(company_time_zone="Mars/Base"), r"is not an IANA time zone"),
        (changed(propensity_offer_pct=7), r"propensity_offer_pct is 7"),
        (changed(policy="best"), r"policy is 'best'.*'champion', 'knapsack', .*'ppo_price' or 'ppo_cloned'"),
        (changed(risk_value_threshold=-1), r"risk_value_threshold is -1"),
        (changed(random_share=1.5), r"random_share is 1\.5"),
        (changed(deadline_ms=2_500), r"deadline_ms 2500 must be more than 2500: twice guard\.deadline_ms"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    """The message names what was wanted."""
    with pytest.raises(ConfigError, match=reason):
        parse(ServeSettings, text, "serve.yaml")


@pytest.mark.parametrize(
    "name", ["deadline_ms", "table_deadline_seconds", "threads", "faults", "pause_seconds"]
)
def test_a_guard_waits_and_forgives_at_least_a_little(name: str) -> None:
    """Zero of any of it would leave the artefact alone for good, or ask it without end."""
    guard = yaml.safe_load(SERVE)["guard"] | {name: 0}

    with pytest.raises(ConfigError, match=rf"guard\.{name} is 0"):
        parse(ServeSettings, changed(guard=guard), "serve.yaml")
