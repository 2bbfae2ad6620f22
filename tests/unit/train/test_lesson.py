"""A lesson: what it refuses, and how it is looked at."""

from math import inf, nan

import pytest
import torch
from torch import Tensor, nn

from churn_saver.errors import InputError, TrainingError
from churn_saver.train.lesson import Lesson, Look


def lesson(module: nn.Module, rows: int = 3) -> Lesson:
    """Make one that looks at whether gradients and dropout are on."""

    def look() -> Look:
        return Look(float(torch.is_grad_enabled()), float(module.training))

    def loss(rows: Tensor) -> Tensor:
        return rows.float().mean()

    return Lesson("a lesson", module, rows, loss, look, {})


def test_what_learns_is_what_wants_a_gradient() -> None:
    """A frozen layer is left out."""
    module = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1, bias=False))
    module[0].requires_grad_(False)

    assert [name for name, _ in lesson(module).learning()] == ["1.weight"]


def test_an_empty_lesson_is_refused_by_name() -> None:
    """There is nothing to learn from no rows."""
    with pytest.raises(InputError, match=r"a lesson: 0 rows to learn from, wanted at least 1"):
        lesson(nn.Linear(1, 1), rows=0)


def test_a_model_in_which_nothing_learns_is_refused() -> None:
    """Every step would be lost."""
    with pytest.raises(InputError, match=r"a lesson: no weight of the model may change: give it adapters"):
        lesson(nn.Linear(1, 1).requires_grad_(False))


@pytest.mark.parametrize("training", [True, False])
def test_looking_needs_neither_gradients_nor_dropout_and_leaves_the_mode(training: bool) -> None:
    """The fake look tells both as numbers, 0 is off."""
    module = nn.Linear(1, 1).train(training)

    assert lesson(module).looked() == Look(0.0, 0.0)
    assert module.training is training


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_numbers_that_are_none_stop_the_lesson(value: float) -> None:
    """The message names what, where, and what to change."""
    with pytest.raises(
        TrainingError, match=r"a lesson: the loss is -?(nan|inf) at step 7.*lower learning_rate"
    ):
        lesson(nn.Linear(1, 1)).check_finite("loss", value, 7)


def test_a_number_goes_on() -> None:
    """However large."""
    lesson(nn.Linear(1, 1)).check_finite("loss", 1e30, 7)
