"""protocol.yaml: what it holds, and what it refuses."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from churn_saver.config import ProtocolSettings, parse
from churn_saver.config.protocol import Measure
from churn_saver.errors import ConfigError
from churn_saver.evidence import fairness

PROTOCOL = (Path(__file__).parents[3] / "ops" / "configs" / "protocol.yaml").read_text()


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(PROTOCOL) | changes)


def test_the_example_holds_what_is_documented() -> None:
    """A few values that the documents name."""
    found = parse(ProtocolSettings, PROTOCOL, "protocol.yaml")

    assert (found.metric, found.days, found.wanted_effect, found.customers) == ("retained", 30, 0.02, 7_000)
    assert found.looks == (45, 75, 120)
    assert found.level == 0.95
    assert found.fairness == {"senior_citizen": {"contact_rate": 0.05, "difference": 0.02}}


def test_what_was_recorded_is_read_back() -> None:
    """As JSON, which is what the books hold, it is the same protocol."""
    found = parse(ProtocolSettings, PROTOCOL, "protocol.yaml")

    assert ProtocolSettings.model_validate(found.model_dump(mode="json")) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (changed(metric="clicks"), r"metric is 'clicks'"),
        (changed(looks=[]), r"looks is \[\]"),
        (changed(looks=[45, 45]), r"looks are at days \[45, 45\], wanted each later"),
        (changed(looks=[29, 45]), r"the first look is on day 29, wanted day 30 or later"),
        (changed(alpha=0), r"alpha is 0"),
        (changed(wanted_effect=2), r"wanted_effect is 2, wanted a difference of shares of at most 1"),
        (changed(wanted_effect=0), r"wanted_effect is 0"),
        (changed(customers=1), r"customers is 1"),
        (changed(fairness={"plan": {"kindness": 0.1}}), r"fairness\.plan\.kindness"),
        (changed(fairness={"plan": {"effect": -0.1}}), r"fairness\.plan\.effect is -0\.1"),
        (changed(gate={"least_gain": 0, "broken_caps": 0}), r"gate\.replays"),
        (changed(note="x"), r"note is 'x'"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    """The message names the setting and what was wanted."""
    with pytest.raises(ConfigError, match=reason):
        parse(ProtocolSettings, text, "protocol.yaml")


def test_all_faults_are_told_at_once() -> None:
    """Three bad settings, three lines."""
    with pytest.raises(ConfigError, match=r"alpha") as caught:
        parse(ProtocolSettings, changed(alpha=1, days=0, metric="x"), "protocol.yaml")

    assert len(str(caught.value).splitlines()) == 3


def test_money_may_want_more_than_one_unit() -> None:
    """Of the margin the wanted effect is an amount."""
    found = parse(ProtocolSettings, changed(metric="margin", wanted_effect=2.5), "protocol.yaml")

    assert found.wanted_effect == 2.5


def test_its_measures_are_those_that_can_be_judged() -> None:
    """The settings do not know the evidence, so the names stand in both."""
    assert get_args(Measure) == get_args(fairness.Measure)
