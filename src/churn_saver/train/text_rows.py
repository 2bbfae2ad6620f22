"""Texts as the rows of a lesson: those that fit, as tokens, and a digest that says which they were.

Columns are checked by name; what is too long for the model is left out and counted by the caller. Does
not know where texts come from.
"""

import hashlib
from collections.abc import Sequence

import polars as pl
import torch
from torch import Tensor

from churn_saver.config import TrainingSettings
from churn_saver.errors import InputError, listed
from churn_saver.message.batches import prompt_ids, response_ids
from churn_saver.message.language_model import Batch, LanguageModel, check_context, encode

PROMPT = "prompt"
LOOKED_AT = 128
"""Validation rows, the first ones, that are looked at while a lesson is given."""


def fitting(
    lm: LanguageModel, pairs: pl.DataFrame, answers: Sequence[str], max_tokens: int, name: str
) -> pl.DataFrame:
    """Leave out what has more tokens than allowed, prompt and answer together.

    Args:
        lm: Whose tokens.
        pairs: `prompt` and the answers.
        answers: Columns; a row fits if each of them does.
        max_tokens: Of a prompt with one answer.
        name: Of the set, for errors.

    Raises:
        InputError: a column is missing, there are no pairs, none fits, or more tokens are allowed than
            the model reads.
    """
    check_context(lm, max_tokens)
    if missing := [column for column in (PROMPT, *answers) if column not in pairs.columns]:
        raise InputError(f"{name} have no column {listed(missing)}, wanted {listed([PROMPT, *answers])}")
    if not pairs.height:
        raise InputError(f"there are no {name}, wanted at least one: read data, or leave it to the grammar")
    before = [len(ids) for ids in prompt_ids(lm.tokenizer, pairs[PROMPT].to_list())]
    fits = [True] * pairs.height
    for column in answers:
        after = response_ids(lm.tokenizer, pairs[column].to_list())
        fits = [
            fit and told + len(ids) <= max_tokens for fit, told, ids in zip(fits, before, after, strict=True)
        ]
    if not any(fits):
        raise InputError(
            f"each of the {pairs.height:,} {name} has more than {max_tokens} tokens: raise max_tokens, or "
            "hand in shorter texts"
        )
    return pairs.filter(pl.Series(fits))


def rows_of(lm: LanguageModel, pairs: pl.DataFrame, answer: str, max_tokens: int) -> Batch:
    """Tokenise all pairs with one of their answers, in order."""
    return encode(lm, pairs[PROMPT].to_list(), pairs[answer].to_list(), max_tokens)


def parts_of(rows: int, settings: TrainingSettings) -> list[Tensor]:
    """Cut row numbers 0, 1, ... into batches of the settings, in order."""
    return list(torch.split(torch.arange(rows), settings.batch_size))


def digest(*batches: Batch) -> str:
    """Give 16 hex digits that are others where a token, its place or its part is another."""
    found = hashlib.sha256()
    for batch in batches:
        found.update(str(tuple(batch.ids.shape)).encode())
        for part in (batch.ids, batch.attention, batch.response):
            found.update(part.numpy().tobytes())
    return found.hexdigest()[:16]
