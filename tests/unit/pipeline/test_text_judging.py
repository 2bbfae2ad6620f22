"""A reward model that scores drafts for others."""

import numpy as np
import pytest

from churn_saver.adapters.text_models import RM
from churn_saver.errors import InputError
from churn_saver.message.language_model import encode, with_adapters
from churn_saver.message.reward_model import RewardModel, scored, standardised, untrained, with_head
from churn_saver.message.tiny_model import tiny
from churn_saver.opening.text_models import open_stage
from churn_saver.pipeline.text_judging import judge_of, score_of, text_scores
from tests.language_models import LORA
from tests.tiny_texts import TEXT, WORSE, prompts
from tests.unit.pipeline.conftest import Stages

TEXTS = [TEXT, WORSE, "Hello.", TEXT]


@pytest.fixture(scope="module")
def judge(stages: Stages) -> RewardModel:
    """Open the judge once."""
    return judge_of(open_stage(stages.order.checkpoints, RM), bfloat16=False)


def test_folding_the_adapters_in_changes_no_score(stages: Stages, judge: RewardModel) -> None:
    """Beyond rounding; scores are in standard deviations from those of good messages."""
    opened = open_stage(stages.order.checkpoints, RM)
    apart = with_head(opened.lm, opened.stored.head)
    wanted = standardised(apart, scored(apart, prompts()[:4], TEXTS, 256))

    assert text_scores(judge, prompts()[:4], TEXTS) == pytest.approx(wanted, abs=1e-3)


def test_tokens_and_texts_are_scored_alike(judge: RewardModel) -> None:
    """What was written to its end is the same either way, in the order of the drafts."""
    batch = encode(judge.lm, prompts()[:4], TEXTS, 256)
    by_tokens, by_texts = (score_of(judge, shares)(batch, prompts()[:4], TEXTS) for shares in (True, False))

    assert by_tokens.shape == (4,)
    assert by_tokens == pytest.approx(by_texts, abs=1e-4)
    assert len(np.unique(np.round(by_tokens, 4))) > 1


def test_a_judge_of_a_short_context_reads_what_fits() -> None:
    """It is not asked for more than it can read, and a text beyond that is refused by name."""
    judge = untrained(with_adapters(tiny(["a b c"], 0, width=16, layers=1), LORA, 0), 0)
    judge.lm.network.config.max_position_embeddings = 64

    assert text_scores(judge, ["a"], ["b"]).shape == (1,)
    with pytest.raises(InputError, match=r"wanted at most 64 together"):
        text_scores(judge, ["a"], ["b c " * 40])
