"""Let a reward model score drafts for those that ask: the text policy while it learns, and the bank.

A copy with its adapters folded in reads; scores are in standard deviations from those of good messages.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from churn_saver.message.language_model import Batch, merged
from churn_saver.message.reward_model import RewardModel, scored, scores, standardised, with_head
from churn_saver.opening.text_models import Opened
from churn_saver.train.text_rollouts import Score

MOST_TOKENS = 512
"""Of a prompt and a draft that is scored as a text, by a judge that reads as many."""
_AT_ONCE = 64


def judge_of(opened: Opened, bfloat16: bool) -> RewardModel:
    """Make the judge of a reward model as it was opened.

    Args:
        opened: Of stage rm, its last adapters on.
        bfloat16: Read in half precision: faster.

    Raises:
        ArtifactError: its folder holds no head.
    """
    rm = with_head(opened.lm, opened.stored.head)
    return replace(rm, lm=merged(rm.lm, bfloat16=bfloat16))


def score_of(rm: RewardModel, shares_tokens: bool) -> Score:
    """Say how a text policy is scored: by the very tokens that it wrote, where the judge can read them.

    Args:
        rm: The judge.
        shares_tokens: Judge and policy stand on the same base; otherwise the texts are read.
    """
    return partial(_by_tokens if shares_tokens else _by_texts, rm)


def text_scores(rm: RewardModel, prompts: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """Score drafts as texts. Shapes: n prompts, n drafts → (n,)."""
    most = MOST_TOKENS if rm.lm.context is None else min(MOST_TOKENS, rm.lm.context)
    return standardised(rm, scored(rm, prompts, texts, most)).astype(np.float64)


def _by_tokens(
    rm: RewardModel, batch: Batch, _prompts: Sequence[str], _texts: Sequence[str]
) -> NDArray[np.floating]:
    order = torch.argsort(batch.attention.sum(dim=1), stable=True)
    found = np.zeros(len(order), np.float32)
    with torch.no_grad():
        for rows in torch.split(order, _AT_ONCE):
            found[rows.numpy()] = scores(rm, batch.at(rows)).numpy(force=True)
    return standardised(rm, found)


def _by_texts(
    rm: RewardModel, _batch: Batch, prompts: Sequence[str], texts: Sequence[str]
) -> NDArray[np.floating]:
    return text_scores(rm, prompts, texts)
