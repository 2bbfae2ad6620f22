"""Open trained message models: the base, and on it the adapters of each stage, folded in one by one.

Brings torch and transformers in, so nothing that serves may import it; serving reads the bank.
"""

from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.text_models import PPO, SFT, STAGES, TextModel, is_there, model_folder, read_model
from churn_saver.errors import ArtifactError, ConfigError, InputError
from churn_saver.message.language_model import LanguageModel, merged, open_base, with_adapters, with_trained

BASE_MODELS = "base_models"


@dataclass(frozen=True, slots=True)
class Opened:
    """A model of a stage, and what its folder says of it."""

    lm: LanguageModel
    """Adapters folded in, but those of a reward model."""
    stored: TextModel


def base_folder(checkpoints: Path) -> Path:
    """Say where base models lie."""
    return checkpoints / BASE_MODELS


def open_writer(checkpoints: Path, stage: str) -> Opened:
    """Open a model that writes.

    Args:
        checkpoints: Folder of base models and stages.
        stage: sft | ppo_text.

    Raises:
        ArtifactError: absent, altered, or trained on another base than is there now.
        ConfigError: its base model is not there.
    """
    opened = open_stage(checkpoints, stage)
    return Opened(merged(opened.lm), opened.stored)


def open_best_writer(checkpoints: Path) -> Opened:
    """Open the text policy, and where it was not trained yet the fine-tuned model.

    Raises:
        ArtifactError: neither is there, or the one that is cannot be used.
        ConfigError: its base model is not there.
    """
    if is_there(checkpoints, PPO):
        return open_writer(checkpoints, PPO)
    if not is_there(checkpoints, SFT):
        raise ArtifactError(
            f"there is no message model in {checkpoints}, wanted {model_folder(checkpoints, PPO).name} or "
            f"{model_folder(checkpoints, SFT).name}. Next step: make train-text"
        )
    return open_writer(checkpoints, SFT)


def open_stage(checkpoints: Path, stage: str) -> Opened:
    """Open the model of a stage with its last adapters on, as it was trained.

    Args:
        checkpoints: Folder of base models and stages.
        stage: sft | rm | ppo_text.

    Raises:
        ArtifactError: absent, altered, or trained on another base than is there now.
        ConfigError: its base model is not there.
    """
    stored = read_model(checkpoints, stage)
    make = STAGES[stage][1]
    lm = open_base(stored.base, base_folder(checkpoints))
    if lm.version != stored.base_version:
        raise ArtifactError(
            f"{model_folder(checkpoints, stage)} was trained on {stored.base} of version "
            f"{stored.base_version}, and the one at hand is {lm.version}. Next step: {make}, or bring the "
            "former base back"
        )
    try:
        for place, layer in enumerate(stored.layers):
            lm = with_trained(
                with_adapters(lm if place == 0 else merged(lm), layer.lora, seed=0), layer.arrays
            )
    except (ArtifactError, ConfigError, InputError) as error:
        raise ArtifactError(f"{model_folder(checkpoints, stage)}: {error}. Next step: {make}") from error
    return Opened(lm, stored)
