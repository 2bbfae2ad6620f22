"""Drafts of a policy, and what can be learned from them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from churn_saver.errors import TrainingError
from churn_saver.message.language_model import Batch, LanguageModel, token_log_probs, with_adapters
from churn_saver.message.value_head import ValueHead
from churn_saver.train.text_rollouts import Rollout, adapters_off, collect, lesson_of
from tests.text_policies import BRIEFS, one_thread, quick, share_of_word, start

WIDTH = 32
SETTINGS = quick()


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Leave the other cores to others."""
    before = one_thread()
    yield
    torch.set_num_threads(before)


def policy(moved: bool = False) -> LanguageModel:
    """Put adapters on the model: fresh ones, or such as have learned something."""
    lm = with_adapters(start(), SETTINGS.lora, seed=0)
    lm.network.train(False)
    if moved:
        draws = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for parameter in lm.network.parameters():
                if parameter.requires_grad:
                    parameter.add_(torch.randn(parameter.shape, generator=draws), alpha=0.3)
    return lm


def drafts(lm: LanguageModel, **changes: Any) -> Rollout:
    """Let it write eight."""
    return collect(lm, BRIEFS[:8], share_of_word(), quick(**changes), seed=3)


@pytest.mark.parametrize("bfloat16", [False, True])
def test_at_the_first_step_the_kl_is_nothing(bfloat16: bool) -> None:
    """Fresh adapters change no bit: policy and reference agree exactly, in half precision too."""
    rollout = drafts(policy(), bfloat16=bfloat16)

    assert torch.equal(rollout.logp, rollout.logp_ref)
    assert rollout.kl == 0.0


def test_what_was_learned_counts_for_the_policy_and_not_for_the_reference() -> None:
    """Moved adapters move the policy's log-probabilities; the reference's are those of the start."""
    rollout = drafts(policy(moved=True))

    with torch.no_grad():
        alone = token_log_probs(start().network, rollout.batch)
    assert torch.allclose(rollout.logp_ref, alone, atol=1e-5)
    assert rollout.kl > 0.0


def test_the_kl_is_a_mean_over_drafts_by_hand() -> None:
    """1 + 0 nats in one draft of two tokens, −1 in one of one: (1 − 1)/2 = 0; 1 + 2 and −1: 1."""
    some = drafts(policy())
    response = torch.tensor([[False, True, True], [False, True, False]])
    batch = Batch(torch.ones(2, 3, dtype=torch.int64), response, response)
    logp, logp_ref = torch.zeros(2, 3), torch.tensor([[5.0, -1, 0], [5, 1, 5]])

    first = replace(some, batch=batch, logp=logp, logp_ref=logp_ref)
    second = replace(first, logp_ref=torch.tensor([[5.0, -1, -2], [5, 1, 5]]))

    assert first.kl == 0.0
    assert second.kl == 1.0
    assert first.length == 1.5


def test_a_rollout_is_of_the_very_tokens_that_were_written() -> None:
    """The same seed, the same drafts; scores and log-probabilities are of them."""
    lm = policy(moved=True)
    first, second, other = drafts(lm), drafts(lm), collect(lm, BRIEFS[:8], share_of_word(), SETTINGS, 4)

    assert first.texts == second.texts
    assert torch.equal(first.batch.ids, second.batch.ids)
    assert first.texts != other.texts
    assert first.score.tolist() == share_of_word()(first.batch, [], []).tolist()
    assert first.states.shape == (*first.batch.ids.shape, WIDTH)
    assert 0.0 < first.entropy < np.log(400)


def test_a_lesson_by_hand() -> None:
    """Two tokens that ended, score 1; one that did not, score 5 − log 3; λ = .5, β = .1.

    What is too long costs 4, so the second is log 3 below the first: chances 3/4 and 1/4.
    KL .5 and −1; 2. Values 0. Rewards −.05, .1 + .75 = .85; −.2 + .25 = .05.
    Advantages .85; −.05 + .5·.85 = .375; .05. Their mean is 1.275/3 = .425, their variance
    (.7225 + .140625 + .0025)/3 − .425².
    """
    response = torch.tensor([[False, True, True], [False, True, False]])
    batch = Batch(
        torch.ones(2, 3, dtype=torch.int64), response | torch.tensor([True, False, False]), response
    )
    rollout = Rollout(
        BRIEFS[:2], ("a", "b"), batch, np.array([True, False]),
        np.array([1.0, 5.0 - np.log(3.0)], np.float32),
        torch.tensor([[9.0, -1, -2], [9, -1, 9]]), torch.tensor([[0.0, -1.5, -1], [0, -3, 0]]),
        1.0, torch.zeros(2, 3, WIDTH),
    )  # fmt: skip

    lesson = lesson_of(rollout, ValueHead(WIDTH, 0), 0.1, quick(gae_lambda=0.5, too_long=4.0))

    mean = 0.425
    std = ((0.7225 + 0.140625 + 0.0025) / 3 - mean**2) ** 0.5
    wanted = [[0, (0.375 - mean) / std, (0.85 - mean) / std], [0, (0.05 - mean) / std, 0]]
    assert lesson.ret.numpy() == pytest.approx(np.array([[0, 0.375, 0.85], [0, 0.05, 0]]), abs=1e-5)
    assert lesson.adv.numpy() == pytest.approx(np.array(wanted), abs=1e-5)
    assert not lesson.v_old.any()


def test_drafts_are_compared_with_those_of_their_own_brief() -> None:
    """Scores 0 and log 3 of one brief, 9 and 9 of the next: they earn 1/4 and 3/4, and a half each."""
    response = torch.tensor([[False, True]]).expand(4, 2)
    batch = Batch(torch.ones(4, 2, dtype=torch.int64), torch.ones(4, 2, dtype=torch.bool), response)
    rollout = Rollout(
        BRIEFS[:4], ("a", "b", "c", "d"), batch, np.ones(4, bool),
        np.array([0.0, np.log(3.0), 9.0, 9.0], np.float32),
        torch.zeros(4, 2), torch.zeros(4, 2), 1.0, torch.zeros(4, 2, WIDTH),
    )  # fmt: skip

    lesson = lesson_of(rollout, ValueHead(WIDTH, 0), 0.1, quick(siblings=2))

    assert lesson.ret[:, 1].tolist() == pytest.approx([0.25, 0.75, 0.5, 0.5])


def test_some_drafts_of_a_lesson_are_no_wider_than_they_must_be() -> None:
    """The rows asked for, cut where the longest of them ends; nothing of them is lost."""
    rollout = drafts(policy())
    lesson = lesson_of(rollout, ValueHead(WIDTH, 0), 0.1, SETTINGS)
    shortest = rollout.batch.attention.sum(dim=1).argmin()

    part = lesson.at(shortest[None])

    width = int(rollout.batch.attention[shortest].sum())
    assert part.batch.ids.shape == part.adv.shape == (1, width)
    assert part.states.shape == (1, width, WIDTH)
    assert torch.equal(part.adv[0], lesson.adv[shortest, :width])
    assert part.batch.attention.all()


def test_a_judge_that_gives_no_scores_is_refused() -> None:
    """A NaN, and too few, before anything is learned from them."""
    for given, told in ((np.full(8, np.nan), r"8 of them no number"), (np.zeros(3), r"shape \(3,\)")):
        with pytest.raises(TrainingError, match=told + r".*look at the reward model"):
            collect(policy(), BRIEFS[:8], lambda *_, given=given: given, SETTINGS, 0)


def test_a_model_without_adapters_is_no_policy() -> None:
    """There is nothing to take off, so it would be its own reference for ever."""
    with pytest.raises(TrainingError, match=r"no adapters, wanted a model of with_adapters"):
        adapters_off(start().network)
