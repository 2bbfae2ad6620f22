"""sft.yaml, rm.yaml and ppo_text.yaml: what they refuse."""

from pathlib import Path

import pytest
import yaml

from churn_saver.config import PpoTextSettings, SftSettings
from churn_saver.errors import ConfigError

CONFIGS = Path(__file__).parents[3] / "ops" / "configs"


def recipe(name: str) -> dict[str, object]:
    """Read a file of settings as it is shipped."""
    raw: dict[str, object] = yaml.safe_load((CONFIGS / name).read_text(encoding="utf-8"))
    return raw


def text(**changes: object) -> PpoTextSettings:
    """Change ppo_text.yaml."""
    return PpoTextSettings.model_validate(recipe("ppo_text.yaml")).changed(changes, "ppo_text.yaml")


def test_another_language_is_refused_with_the_reason() -> None:
    """Slots, plain sentences and the shield are English: a German model would be stopped at every word."""
    sft = SftSettings.model_validate(recipe("sft.yaml"))

    with pytest.raises(ConfigError, match=r"'de' is not supported, wanted one of en: slots, plain"):
        sft.changed({"language": "de"}, "sft.yaml")


KL = {
    "target": 8, "start_beta": 0.1, "factor": 1.5, "low": 0.001, "high": 10, "smoothing": 0.8, "slack": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"minibatch": 33}, r"minibatch 33 must be at most responses = 32"),
        ({"siblings": 5}, r"responses 32 must be a multiple of siblings = 5"),
        ({"siblings": 1}, r"greater than or equal to 2"),
        ({"kl": KL | {"start_beta": 0.0001}}, r"start_beta 0\.0001 must be within"),
        ({"kl": KL | {"factor": 1}}, r"kl\.factor"),
        ({"temperature": 0}, r"temperature"),
        ({"max_new_tokens": 4}, r"max_new_tokens"),
        ({"bank": {"drafts": 4, "keep": 1, "most_alike": 0.8, "channels": ["fax"]}}, r"bank\.channels"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(changes: dict[str, object], complaint: str) -> None:
    """Before any model is loaded."""
    with pytest.raises(ConfigError, match=complaint):
        text(**changes)
