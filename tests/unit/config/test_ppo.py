"""ppo.yaml: how the decision policy is trained and on whom it is certified."""

from typing import Any

import pytest
import yaml

from churn_saver.config import PpoSettings, parse
from churn_saver.errors import ConfigError
from tests.tiny_campaigns import ENV_YAML

PPO = ENV_YAML.with_name("ppo.yaml").read_text(encoding="utf-8")


def changed(section: str | None = None, **changes: Any) -> str:
    """Give the file with other values at its top level, or in a section."""
    whole = yaml.safe_load(PPO)
    if section is None:
        return yaml.safe_dump(whole | changes)
    return yaml.safe_dump(whole | {section: whole[section] | changes})


def test_the_shipped_file_holds_what_is_documented() -> None:
    """One policy for every budget, rewards as gains, five seeds, the certificate's panels of 256."""
    ppo = parse(PpoSettings, PPO, "ppo.yaml")

    assert (ppo.observation, ppo.reward, ppo.churn, ppo.successors) == (
        "full_price", "gain", "expected", "expected"
    )  # fmt: skip
    assert (ppo.ladder.seeds, ppo.panels.certificate, ppo.panels.held_out) == (5, 256, 256)
    assert (ppo.multiplier.rule, ppo.multiplier.start) == ("pi", "dual")
    assert ppo.ladder.within_points == 2.0
    assert ppo.threads == 1


def test_a_price_to_start_at_may_be_a_number() -> None:
    """Or the dual's, by name."""
    assert parse(PpoSettings, changed("multiplier", start=2.5), "ppo.yaml").multiplier.start == 2.5


def test_values_may_go_without_a_clip() -> None:
    """Written as null, or with a number of bills."""
    assert parse(PpoSettings, changed(value_clip=None), "ppo.yaml").value_clip is None
    assert parse(PpoSettings, changed(value_clip=0.2), "ppo.yaml").value_clip == 0.2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (changed(observation="all"), r"observation is 'all': .*'full_price', 'full' or 'nine'"),
        (changed(slots=0), r"slots is 0: .*greater than or equal to 1"),
        (changed(iterations=-5), r"iterations is -5"),
        (changed(iterations=1.5), r"iterations is 1\.5: .*integer"),
        (changed(learning_rate=float("nan")), r"learning_rate is nan"),
        (changed(learning_rate=-0.1), r"learning_rate is -0\.1"),
        (changed(clip=0.0), r"clip is 0\.0"),
        (changed(clip=1.0), r"clip is 1\.0"),
        (changed(gae_lambda=1.1), r"gae_lambda is 1\.1"),
        (changed(value_clip=0.0), r"value_clip is 0\.0"),
        (changed(hidden=[]), r"hidden is \[\]"),
        (changed(hidden=[128, 0]), r"hidden\.1 is 0"),
        (changed(budget_share=1.0), r"budget_share is 1\.0"),
        (changed(budget_factors=[1, 0]), r"budget_factors\.1 is 0"),
        (changed(budget_factors=[0.25, 4]), r"budget_factors must hold 1: the budget of env\.yaml itself"),
        (changed(slots=8, rollout_steps=8), r"minibatch 8192 must be at most slots x rollout_steps = 64"),
        (changed(epsilon=0.2), r"epsilon is 0\.2: Extra inputs"),
        (changed("multiplier", start="cold"), r"multiplier\.start.* is 'cold'"),
        (changed("multiplier", start=-1.0), r"multiplier\.start.* is -1\.0"),
        (changed("multiplier", max_error=0.0), r"multiplier\.max_error is 0\.0"),
        (changed("prices", low=3.0, high=3.0), r"prices\.low 3\.0 must be below prices\.high 3\.0"),
        (changed("prices", low=-1.0), r"prices\.low is -1\.0"),
        (changed("prices", high=float("inf")), r"prices\.high is inf"),
        (changed("panels", certificate=1), r"panels\.certificate is 1"),
        (changed("ladder", seeds=1), r"ladder\.seeds is 1"),
        (changed("ladder", within_points=-1), r"ladder\.within_points is -1"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, reason: str) -> None:
    """The message names the setting, its value and what was wanted."""
    with pytest.raises(ConfigError, match=rf"^ppo\.yaml: .*{reason}"):
        parse(PpoSettings, text, "ppo.yaml")


def test_all_faults_are_told_at_once() -> None:
    """Three settings, three lines."""
    with pytest.raises(ConfigError, match=r"slots") as caught:
        parse(PpoSettings, changed(slots=0, epochs=0, threads=0), "ppo.yaml")

    assert len(str(caught.value).splitlines()) == 3
