"""A language model made from nothing in a second, for tests: every stage runs on it, nothing is downloaded.

OPT's architecture (Zhang et al. 2022, https://arxiv.org/abs/2205.01068), about 3 million parameters, and a
byte-pair vocabulary of a few hundred tokens. It knows no English beyond the texts it is given.
"""

from collections.abc import Sequence
from itertools import chain

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import OPTConfig, OPTForCausalLM, PreTrainedTokenizerFast

from churn_saver.domain.briefs import every_brief, prompt_of
from churn_saver.errors import InputError
from churn_saver.message.batches import ASKING
from churn_saver.message.plain import drafts
from churn_saver.message.pretrained import LanguageModel, equipped

TINY = "tiny"
_VOCABULARY = 512
_CONTEXT = 512
_PADDING, _END = "<pad>", "</s>"


def tiny(texts: Sequence[str], seed: int, width: int = 256, layers: int = 4) -> LanguageModel:
    """Make a model with random weights and a vocabulary learned from texts.

    Args:
        texts: To learn the vocabulary from; any other text can be written with it too, in more tokens.
        seed: Same seed and texts, same model.
        width: Of its layers, a multiple of 4.
        layers: How many.

    Raises:
        InputError: no text.
    """
    if not texts:
        raise InputError("there is no text to learn a vocabulary from, wanted at least one")
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY, special_tokens=[_PADDING, _END], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )  # fmt: skip
    words.train_from_iterator(texts, trainer)
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, pad_token=_PADDING, eos_token=_END, model_max_length=_CONTEXT
    )
    config = OPTConfig(
        vocab_size=len(tokenizer), hidden_size=width, word_embed_proj_dim=width, ffn_dim=4 * width,
        num_hidden_layers=layers, num_attention_heads=4, max_position_embeddings=_CONTEXT, dropout=0.0,
        attention_dropout=0.0, init_std=width**-0.5, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.eos_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return equipped(TINY, OPTForCausalLM(config), tokenizer)


def plain_texts() -> tuple[str, ...]:
    """Give every prompt and every plain draft: the texts of the model that `base_model: tiny` names."""
    briefs = tuple(every_brief())
    prompts = (prompt_of(brief) + ASKING for brief in briefs)
    return tuple(dict.fromkeys(chain(prompts, *(drafts(brief.context) for brief in briefs))))
