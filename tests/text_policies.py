"""A small model made from nothing and quick settings, with which a text policy learns in moments."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from churn_saver import shield
from churn_saver.config import PpoTextSettings, ServeSettings, parse
from churn_saver.domain.briefs import Brief, every_brief
from churn_saver.message.batches import Batch
from churn_saver.message.language_model import LanguageModel, merged
from churn_saver.message.tiny_model import plain_texts, tiny
from tests.tiny_campaigns import ENV_YAML

CONFIGS = ENV_YAML.parent
BRIEFS: tuple[Brief, ...] = tuple(every_brief())[::20]
"""58 of all: every channel, offer and tone is among them."""
RULES = shield.Rules.of(
    parse(ServeSettings, (CONFIGS / "serve.yaml").read_text(encoding="utf-8"), "serve.yaml")
)


def quick(kl: dict[str, float] | None = None, **changes: Any) -> PpoTextSettings:
    """Give settings of a moment: 8 drafts of up to 10 tokens, 4 iterations, one thread, full precision."""
    settings = parse(
        PpoTextSettings, (CONFIGS / "ppo_text.yaml").read_text(encoding="utf-8"), "ppo_text.yaml"
    )
    moment: dict[str, Any] = {
        "iterations": 4, "responses": 8, "minibatch": 4, "max_new_tokens": 10, "values_first": 1, "epochs": 2,
        "siblings": 2,
        "learning_rate": 0.01, "value_learning_rate": 0.01, "value_clip": None, "too_long": 0.0,
        "look_every": 2, "look_responses": 6, "save_every": 1, "bfloat16": False, "threads": 1,
        "lora": {"rank": 4, "alpha": 8, "dropout": 0.0, "targets": "all-linear"},
        "kl": settings.kl.model_dump() | {"start_beta": 0.01, "low": 0.001} | (kl or {}),
    }  # fmt: skip
    return settings.changed(moment | changes, "a test")


@cache
def _start() -> LanguageModel:
    return tiny(plain_texts()[:200], seed=0, width=32, layers=2)


def start() -> LanguageModel:
    """Copy a model of random weights: some 40,000 of them."""
    return merged(_start())


def share_of_word(word: str = ",") -> "Shares":
    """Give a judge that counts a word which may stand anywhere but behind a full stop."""
    return Shares(_start().tokenizer.get_vocab()[word])


def in_order(batch: Batch, prompts: Sequence[str], texts: Sequence[str]) -> NDArray[np.float32]:
    """Judge drafts by their place, from −1 to 1: there is always something to learn."""
    return np.linspace(-1, 1, len(texts), dtype=np.float32)


class Shares:
    """A judge: ten times the share of a draft's tokens that are one given token."""

    def __init__(self, token: int) -> None:
        self.token = token

    def __call__(self, batch: Batch, prompts: Sequence[str], texts: Sequence[str]) -> NDArray[np.float32]:
        """Score drafts."""
        hits = (batch.ids == self.token) & batch.response
        found: NDArray[np.float32] = (10 * hits.sum(dim=1) / batch.response.sum(dim=1)).numpy()
        return found


def one_thread() -> int:
    """Let torch add in one order, and say how many threads there were."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    return before
