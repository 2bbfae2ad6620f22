"""The three message stages, trained once on the model that is made from nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from churn_saver.pipeline.text_closing import Finished
from churn_saver.pipeline.text_order import TextOrder, Watch
from churn_saver.pipeline.text_policy import train_ppo_text
from churn_saver.pipeline.text_stages import train_rm, train_sft
from churn_saver.train.run import silent
from tests.tiny_texts import RULES, ppo_settings, preference_texts, response_texts, rm_settings, sft_settings


@dataclass(frozen=True, slots=True)
class Stages:
    """What training left, and every point that it told of."""

    order: TextOrder
    sft: Finished
    rm: Finished
    ppo: Finished
    points: dict[str, list[Mapping[str, float]]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Give a folder with all three models; nobody changes it."""
    before = torch.get_num_threads()
    folder: Path = tmp_path_factory.mktemp("stages")
    order = TextOrder(folder, folder)
    points: dict[str, list[Mapping[str, float]]] = {"sft": [], "rm": [], "ppo_text": []}
    sft = train_sft(order, response_texts(), sft_settings(), RULES, Watch(silent, points["sft"].append))
    rm = train_rm(order, preference_texts(), rm_settings(), Watch(silent, points["rm"].append))
    ppo = train_ppo_text(order, ppo_settings(), RULES, Watch(silent, points["ppo_text"].append))
    assert sft is not None
    assert rm is not None
    assert ppo is not None
    yield Stages(order, sft, rm, ppo, points)
    torch.set_num_threads(before)
