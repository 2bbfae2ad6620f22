"""Small language models for tests: quick to make, nothing downloaded."""

from collections.abc import Iterator

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from churn_saver.config import LoraSettings
from churn_saver.message.pretrained import LanguageModel, equipped
from churn_saver.message.tiny_model import plain_texts, tiny

LORA = LoraSettings(rank=2, alpha=4.0, dropout=0.0, targets="all-linear")
TEXTS = (
    "warm email to a customer, no name\nReply: Hi {name}, thank you for {tenure} with us. Please reply.",
    "brief sms to a new customer\nReply: Hello, here is {offer} off {duration} on your {plan}.",
)


def small(seed: int = 0) -> LanguageModel:
    """Make a model of 16 numbers a token and two layers."""
    return tiny(TEXTS, seed, width=16, layers=2)


def small_llama(kind: type[LlamaForCausalLM] = LlamaForCausalLM, **changed: object) -> LanguageModel:
    """Make a Llama with more query heads than key heads, and weights large enough to have opinions.

    Args:
        kind: Of network.
        changed: What its settings say otherwise.
    """
    words = tiny(plain_texts()[:200], 0, width=32, layers=1).tokenizer
    settings = {
        "vocab_size": len(words), "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 512,
        "tie_word_embeddings": True, "initializer_range": 0.3, "pad_token_id": words.pad_token_id,
        "bos_token_id": words.eos_token_id, "eos_token_id": words.eos_token_id,
    }  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return equipped("small llama", kind(LlamaConfig(**{**settings, **changed})), words)


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
