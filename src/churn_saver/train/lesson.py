"""A lesson: what a language model is to learn, how it is watched, and the points of its curve.

A lesson knows its texts by their row numbers only: it is handed functions of them. Knows no optimiser
and no file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan

import torch
from torch import Tensor, nn

from churn_saver.errors import InputError, TrainingError


@dataclass(frozen=True, slots=True)
class LessonPoint:
    """One gradient step, as logged; defined in docs/metrics.md."""

    step: int
    loss: float
    """Of the step's batch."""
    learning_rate: float
    """That the step was made with."""
    gradient_norm: float
    """Before clipping."""
    valid_loss: float = nan
    """Over all validation rows after the step; NaN where nobody looked."""
    valid_accuracy: float = nan
    """Likewise; NaN where the lesson has none."""


OnPoint = Callable[[LessonPoint], None]
"""Told every gradient step."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the validation rows say."""

    loss: float
    accuracy: float = nan


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learned, and by what."""

    name: str
    """As progress and errors call it."""
    module: nn.Module
    """Its parameters that want a gradient are what learns."""
    rows: int
    loss: Callable[[Tensor], Tensor]
    """Row numbers, shape (m,), to the mean loss of these rows, shape ()."""
    look: Callable[[], Look]
    """Over the validation rows; called without gradients and with dropout off."""
    notes: Mapping[str, object]
    """Plain values: lessons that agree in all of them, in settings and in seed are the same."""
    lengths: Sequence[int] | None = None
    """Tokens of each row; None: all alike."""

    def __post_init__(self) -> None:
        """Refuse a lesson that teaches nothing, or nobody."""
        if self.rows < 1:
            raise InputError(
                f"{self.name}: {self.rows} rows to learn from, wanted at least 1: hand in more pairs"
            )
        if not self.learning():
            raise InputError(f"{self.name}: no weight of the model may change: give it adapters first")

    def learning(self) -> list[tuple[str, nn.Parameter]]:
        """List what learns, by name."""
        return [(name, weight) for name, weight in self.module.named_parameters() if weight.requires_grad]

    def looked(self) -> Look:
        """Look at the validation rows; the module is left in the mode that it was in."""
        was_training = self.module.training
        self.module.eval()
        with torch.no_grad():
            look = self.look()
        self.module.train(was_training)
        return look

    def check_finite(self, what: str, value: float, step: int) -> None:
        """Stop a lesson whose numbers are none any more.

        Raises:
            TrainingError: the value is NaN or infinite.
        """
        if not isfinite(value):
            raise TrainingError(
                f"{self.name}: the {what} is {value} at step {step}, wanted a number. What was saved before "
                "is whole. Next step: lower learning_rate, or set bfloat16: false, and pass --fresh"
            )
