"""Small language models for tests: quick to make, nothing downloaded."""

from collections.abc import Iterator

import pytest
import torch

from churn_saver.config import LoraSettings
from churn_saver.message.pretrained import LanguageModel
from churn_saver.message.tiny_model import tiny

LORA = LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets="all-linear")
TEXTS = (
    "warm email to a customer, no name\nReply: Hi {name}, thank you for {tenure} with us. Please reply.",
    "brief sms to a new customer\nReply: Hello, here is {offer} off {duration} on your {plan}.",
)


def small(seed: int = 0) -> LanguageModel:
    """Make a model of 16 numbers a token and two layers."""
    return tiny(TEXTS, seed, width=16, layers=2)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stir(lm: LanguageModel, seed: int = 0, much: float = 0.5) -> None:
    """Move what is learned to somewhere else."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in lm.network.parameters():
            if parameter.requires_grad:
                parameter.add_(much * torch.randn(parameter.shape, generator=generator))
