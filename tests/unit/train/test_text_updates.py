"""One update of a text policy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from churn_saver.errors import TrainingError
from churn_saver.message.language_model import LanguageModel, token_log_probs, with_adapters
from churn_saver.message.value_head import ValueHead
from churn_saver.train.text_rollouts import Lesson, collect, lesson_of
from churn_saver.train.text_updates import Figures, update
from tests.text_policies import BRIEFS, in_order, one_thread, quick, start

ONCE: dict[str, Any] = {"epochs": 1, "minibatch": 8}


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Leave the other cores to others."""
    before = one_thread()
    yield
    torch.set_num_threads(before)


class Pupil:
    """A policy, its value head and one lesson."""

    def __init__(self) -> None:
        self.policy: LanguageModel = with_adapters(start(), quick().lora, seed=0)
        self.policy.network.train(False)
        self.head = ValueHead(32, 0)
        rollout = collect(self.policy, BRIEFS[:8], in_order, quick(), seed=3)
        self.lesson: Lesson = lesson_of(rollout, self.head, 0.0, quick())
        self.adapters = [p for p in self.policy.network.parameters() if p.requires_grad]
        self._optimiser = torch.optim.Adam([*self.adapters, *self.head.parameters()], lr=0.003)

    def learn(self, lesson: Lesson | None = None, values_only: bool = False, **changes: Any) -> Figures:
        """Go through one update."""
        order = torch.Generator().manual_seed(0)
        settings = quick(**changes)
        found = self.lesson if lesson is None else lesson
        return update(self.policy.network, self.head, self._optimiser, found, settings, order, values_only)

    def weights(self) -> list[torch.Tensor]:
        """Copy the adapters."""
        return [p.detach().clone() for p in self.adapters]


def test_the_first_step_starts_at_ratio_one() -> None:
    """Over all drafts at once: no token is clipped, and the surrogate is −mean(adv), 0 when whitened."""
    figures = Pupil().learn(**ONCE)

    assert figures.clip_fraction == 0.0
    assert figures.policy_loss == pytest.approx(0.0, abs=1e-5)
    assert figures.gradient_norm > 0.0


def test_the_value_loss_of_a_fresh_head_is_the_square_of_the_returns() -> None:
    """All values are 0: the mean of ret² over the tokens of the responses."""
    pupil = Pupil()
    ret = pupil.lesson.ret[pupil.lesson.batch.response]

    assert pupil.learn(**ONCE).value_loss == pytest.approx(float(ret.square().mean()), rel=1e-5)


def test_what_was_good_becomes_likelier() -> None:
    """Tokens with an advantage gain probability, the others lose it, as a mean weighed by advantages."""
    pupil = Pupil()

    pupil.learn()

    with torch.no_grad():
        after = token_log_probs(pupil.policy.network, pupil.lesson.batch)
    assert float(((after - pupil.lesson.logp) * pupil.lesson.adv).sum()) > 0.0


def test_values_alone_leave_the_policy_as_it_is() -> None:
    """Not a bit of the adapters moves; the values do."""
    pupil = Pupil()
    before = pupil.weights()

    figures = pupil.learn(values_only=True)

    assert all(map(torch.equal, before, pupil.weights()))
    assert (figures.policy_loss, figures.clip_fraction, figures.gradient_norm) == (0.0, 0.0, 0.0)
    assert figures.value_loss > 0.0
    assert pupil.head(pupil.lesson.states).detach().abs().max() > 0.0


def test_the_values_move_no_word() -> None:
    """Advantages of 0: whatever the head learns, the adapters stay."""
    pupil = Pupil()
    before = pupil.weights()

    pupil.learn(replace(pupil.lesson, adv=torch.zeros_like(pupil.lesson.adv)))

    assert all(map(torch.equal, before, pupil.weights()))


def test_tokens_outside_a_response_teach_nothing() -> None:
    """NaN in place of every closed number changes no bit of what is learned."""
    first, second = Pupil(), Pupil()
    closed = ~first.lesson.batch.response
    spoiled = {
        name: getattr(first.lesson, name).masked_fill(closed, float("nan"))
        for name in ("logp", "adv", "ret", "v_old")
    }

    figures = first.learn(replace(first.lesson, **spoiled))

    assert figures == second.learn()
    assert all(map(torch.equal, first.weights(), second.weights()))


def test_an_entropy_bonus_pulls_towards_chance() -> None:
    """With advantages of 0 and a bonus, the adapters move; without one they do not (above)."""
    pupil = Pupil()
    before = pupil.weights()

    pupil.learn(replace(pupil.lesson, adv=torch.zeros_like(pupil.lesson.adv)), entropy_coefficient=1.0)

    assert not all(map(torch.equal, before, pupil.weights()))


def test_a_gradient_that_is_none_stops_the_training() -> None:
    """With what to do about it, and before a weight is spoiled."""
    pupil = Pupil()
    before = pupil.weights()

    with pytest.raises(TrainingError, match=r"norm is nan, wanted a finite number: lower learning_rate"):
        pupil.learn(replace(pupil.lesson, adv=torch.full_like(pupil.lesson.adv, float("nan"))))

    assert all(map(torch.equal, before, pupil.weights()))
