"""A lesson on Trainer: the arithmetic of a step, the same bits however it is interrupted, nothing pickled."""

import random
import zipfile
from collections.abc import Iterator
from functools import cached_property
from math import cos, isnan, nan, pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import TrainingArguments

from churn_saver.config import SftSettings, parse
from churn_saver.errors import ArtifactError, TrainingError
from churn_saver.train.lesson import Lesson, LessonPoint, Look
from churn_saver.train.text_trainer import STATE_FILE, learn

CONFIG = Path(__file__).parents[3] / "ops" / "configs" / "sft.yaml"
SETTINGS = parse(SftSettings, CONFIG.read_text(encoding="utf-8"), CONFIG.name)
X = torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
Y = X @ torch.tensor([1.0, 2.0, 3.0])


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the power went."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def quick(**changes: Any) -> SftSettings:
    """Take few steps of four rows, save every third and look every fifth."""
    few = {
        "steps": 11,
        "batch_size": 4,
        "threads": 1,
        "save_every": 3,
        "look_every": 5,
        "learning_rate": 0.05,
    }
    return SETTINGS.changed(few | changes, "a test")


class Line:
    """A line with dropout before it, fitted to ten rows; may stop at the beginning of a step."""

    def __init__(self, stop_at: int | None = None, dropout: float = 0.1, notes: str = "ten rows") -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.module = nn.Sequential(nn.Dropout(dropout), nn.Linear(3, 1))
        self.seen: list[list[int]] = []
        self._stop_at, self._notes = stop_at, notes

    def loss(self, rows: Tensor) -> Tensor:
        """Take the squared error, and take down who was asked for."""
        self.seen.append(rows.tolist())
        if len(self.seen) == self._stop_at:
            raise Stopped
        found: Tensor = self.module(X[rows])
        return (found.squeeze(1) - Y[rows]).square().mean()

    def look(self) -> Look:
        """Take the error over all rows, and its half for an accuracy."""
        error = float((self.module(X).squeeze(1) - Y).square().mean())
        return Look(error, error / 2)

    def lesson(self) -> Lesson:
        """Make a lesson of it."""
        return Lesson("a line", self.module, 10, self.loss, self.look, {"rows": self._notes})

    def bits(self) -> list[bytes]:
        """Give the weights as they are."""
        return [weight.detach().numpy().tobytes() for weight in self.module.parameters()]


def given(line: Line, folder: Path, seed: int = 3, fresh: bool = False, **changes: Any) -> list[LessonPoint]:
    """Give the lesson, to somebody who does not listen."""

    def deaf(*_: object) -> None:
        pass

    return list(learn(line.lesson(), quick(**changes), seed, folder, deaf, deaf, fresh))


@pytest.mark.parametrize("stop_at", [1, 4, 6, 10, 11])
def test_an_interrupted_lesson_goes_on_bit_for_bit(tmp_path: Path, stop_at: int) -> None:
    """Stopped in any step, in the middle of an epoch of three batches or at its border, dropout drawn on."""
    whole, first, second = Line(), Line(stop_at), Line()
    points = given(whole, tmp_path / "whole")
    with pytest.raises(Stopped):
        given(first, tmp_path / "state")

    found = given(second, tmp_path / "state")

    assert second.bits() == whole.bits()
    assert repr(found) == repr(points)
    assert second.seen == whole.seen[(stop_at - 1) // 3 * 3 :]


def test_a_lesson_may_be_interrupted_many_times(tmp_path: Path) -> None:
    """Three steps at a time, then whatever is left."""
    whole, last = Line(), Line()
    points = given(whole, tmp_path / "whole")
    for _ in range(3):
        with pytest.raises(Stopped):
            given(Line(4), tmp_path / "state")

    assert repr(given(last, tmp_path / "state")) == repr(points)
    assert last.bits() == whole.bits()
    assert len(last.seen) == 2


def test_a_finished_lesson_is_only_put_back(tmp_path: Path) -> None:
    """The same weights and points, without a step."""
    first, again = Line(), Line()
    points = given(first, tmp_path)

    assert repr(given(again, tmp_path)) == repr(points)
    assert again.bits() == first.bits()
    assert again.seen == []


def test_the_same_seed_teaches_the_same_and_another_one_something_else(tmp_path: Path) -> None:
    """Order of rows and dropout hang on it, and on nothing global."""
    first, second, third = Line(), Line(), Line()
    given(first, tmp_path / "1")
    torch.manual_seed(99)
    given(second, tmp_path / "2")
    given(third, tmp_path / "3", seed=4)

    assert second.bits() == first.bits()
    assert second.seen == first.seen
    assert third.seen != first.seen


def test_every_row_is_seen_once_in_an_epoch(tmp_path: Path) -> None:
    """Ten rows are batches of 4, 4 and 2; the second epoch has another order."""
    line = Line()
    given(line, tmp_path, steps=6)

    epochs = [[row for batch in line.seen[first : first + 3] for row in batch] for first in (0, 3)]
    assert [len(batch) for batch in line.seen] == [4, 4, 2, 4, 4, 2]
    assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 2
    assert epochs[0] != epochs[1]


def test_a_batch_is_as_large_on_four_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainer would take the rows of all four at a time; the settings say how many a step has."""
    usual: cached_property[torch.device] = vars(TrainingArguments)["_setup_devices"]

    def four(arguments: TrainingArguments) -> torch.device:
        device = usual.func(arguments)
        arguments._n_gpu = 4
        return device

    told = cached_property(four)
    told.__set_name__(TrainingArguments, "_setup_devices")
    monkeypatch.setattr(TrainingArguments, "_setup_devices", told)
    line = Line()

    given(line, tmp_path, steps=3)

    assert [len(batch) for batch in line.seen] == [4, 4, 2]


def test_the_rate_warms_up_and_then_falls_along_a_cosine(tmp_path: Path) -> None:
    """Of ten steps two warm up: 0 and half of .05; step 3 + k is made with .05 (1 + cos(π k / 8)) / 2."""
    points = given(Line(), tmp_path, steps=10, warmup_share=0.2)

    wanted = [0.0, 0.025, *(0.05 * (1 + cos(pi * k / 8)) / 2 for k in range(8))]
    assert [point.learning_rate for point in points] == pytest.approx(wanted)


def test_a_step_is_one_of_adam_with_decoupled_decay(tmp_path: Path) -> None:
    """The first step of Adam moves each weight by the rate against the sign of its gradient.

    The rate is .05 at once without a warm-up; decay takes .05 · .1 of the weight before, of the bias none.
    """
    line, before = Line(dropout=0.0), Line(dropout=0.0)
    given(line, tmp_path, steps=1, warmup_share=0.0, weight_decay=0.1)

    weight, bias = before.module.parameters()
    torch.autograd.backward(before.loss(torch.tensor(line.seen[0])))
    assert weight.grad is not None
    assert bias.grad is not None
    moved = weight * (1 - 0.005) - 0.05 * weight.grad.sign()
    for found, wanted in zip(line.module.parameters(), (moved, bias - 0.05 * bias.grad.sign()), strict=True):
        torch.testing.assert_close(found, wanted, rtol=0.0, atol=1e-6)


def test_gradients_are_clipped_and_their_norm_is_told_from_before(tmp_path: Path) -> None:
    """A norm far above the .001 allowed is told as it was."""
    points = given(Line(dropout=0.0), tmp_path, steps=2, max_grad_norm=0.001)

    assert points[0].gradient_norm > 1.0


def test_points_and_progress_are_told_as_they_come(tmp_path: Path) -> None:
    """A point for every step, a look at every fifth and the last; of an earlier run nothing is told again."""
    told: list[LessonPoint] = []
    done: list[tuple[str, int, int]] = []
    with pytest.raises(Stopped):
        given(Line(8), tmp_path)

    points = learn(Line().lesson(), quick(), 3, tmp_path, lambda *step: done.append(step), told.append)

    assert [point.step for point in points] == list(range(1, 12))
    assert [point.step for point in points if not isnan(point.valid_loss)] == [5, 10, 11]
    assert points[10].valid_accuracy == pytest.approx(points[10].valid_loss / 2)
    assert tuple(told) == points[6:]
    assert done == [("a line", step, 11) for step in range(7, 12)]


def test_looking_and_saving_change_nothing_of_what_is_learned(tmp_path: Path) -> None:
    """And so a lesson may be gone on with under other habits."""
    first, often = Line(), Line()
    given(first, tmp_path / "1")
    with pytest.raises(Stopped):
        given(Line(8), tmp_path / "2")

    given(often, tmp_path / "2", look_every=1, save_every=1)

    assert often.bits() == first.bits()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"learning_rate": 0.06}, r"settings\.learning_rate is '0\.05', wanted '0\.06'"),
        ({"seed": 4}, r"seed is '3', wanted '4'"),
    ],
)
def test_the_state_of_another_lesson_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """It says what differs, and what to do."""
    given(Line(), tmp_path)

    with pytest.raises(ArtifactError, match=told + r".*pass --fresh to begin anew"):
        given(Line(), tmp_path, **change)


def test_the_state_of_other_rows_is_refused_unless_asked_to_begin_anew(tmp_path: Path) -> None:
    """Notes say which rows were learned from."""
    given(Line(), tmp_path)

    with pytest.raises(ArtifactError, match=r"rows is 'ten rows', wanted 'others'"):
        given(Line(notes="others"), tmp_path)
    assert len(given(Line(notes="others"), tmp_path, fresh=True)) == 11


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    """Half a file is not gone on with."""
    given(Line(), tmp_path)
    file = tmp_path / STATE_FILE
    file.write_bytes(file.read_bytes()[:-40])

    with pytest.raises(ArtifactError, match=r"training\.safetensors is no whole safetensors file"):
        given(Line(), tmp_path)


def test_nothing_in_the_folder_can_run_code(tmp_path: Path) -> None:
    """Trainer's own checkpoints are zipped pickles; here is one safetensors file and a note in JSON."""
    with pytest.raises(Stopped):
        given(Line(8), tmp_path)
    with pytest.raises(Stopped):
        given(Line(2), tmp_path)

    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert [path.name for path in files] == ["trainer_state.json", STATE_FILE]
    assert not any(zipfile.is_zipfile(path) for path in files)


def test_a_loss_that_is_no_number_ends_the_lesson_and_leaves_the_state(tmp_path: Path) -> None:
    """The third save never comes; from the second one the lesson can go on."""
    broken = Line()

    def loss(rows: Tensor) -> Tensor:
        return broken.loss(rows) * (nan if len(broken.seen) >= 8 else 1.0)

    lesson = Lesson("a line", broken.module, 10, loss, broken.look, {"rows": "ten rows"})
    with pytest.raises(TrainingError, match=r"a line: the loss is nan at step 8, wanted a number"):
        learn(lesson, quick(), 3, tmp_path, lambda *_: None, lambda _: None)
    whole, rest = Line(), Line()
    given(whole, tmp_path / "whole")
    given(rest, tmp_path)

    assert rest.bits() == whole.bits()
    assert len(rest.seen) == 5


def test_a_gradient_that_is_no_number_ends_the_lesson(tmp_path: Path) -> None:
    """The root of nothing has an infinite slope though its loss is 0."""
    weight = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(weight.weight)
    lesson = Lesson("a root", weight, 4, lambda rows: weight.weight.abs().sqrt().sum(), lambda: Look(0.0), {})

    with pytest.raises(TrainingError, match=r"a root: the norm of the gradient is nan at step 1"):
        learn(lesson, quick(), 3, tmp_path, lambda *_: None, lambda _: None)


def draws() -> tuple[str, ...]:
    """Say what the next global draws hang on."""
    with np.printoptions(threshold=10_000):
        arrays = repr(np.random.get_state())  # noqa: NPY002
    return repr(random.getstate()), arrays, repr(torch.get_rng_state().tolist())


def test_the_global_draws_are_put_back(tmp_path: Path) -> None:
    """Whatever ends the lesson; Trainer seeds Python's, NumPy's and torch's."""
    before = draws()
    given(Line(), tmp_path / "1")
    with pytest.raises(Stopped):
        given(Line(2), tmp_path / "2")

    assert draws() == before


def test_the_line_is_found(tmp_path: Path) -> None:
    """A toy it must solve: weights 1, 2, 3 without a constant."""
    line = Line(dropout=0.0)

    points = given(line, tmp_path, steps=150, learning_rate=0.3, max_grad_norm=100.0, save_every=150)

    assert points[-1].valid_loss < 1e-4
    weight, bias = (found.detach().flatten().tolist() for found in line.module.parameters())
    assert weight == pytest.approx([1.0, 2.0, 3.0], abs=0.02)
    assert bias == pytest.approx([0.0], abs=0.02)


def test_a_fresh_run_forgets_the_last_one_before_its_own_first_save(tmp_path: Path) -> None:
    """What was there before is gone at once, so the next run does not go on with it."""
    given(Line(), tmp_path)
    with pytest.raises(Stopped):
        given(Line(2), tmp_path, fresh=True)

    anew = Line()
    given(anew, tmp_path)

    assert len(anew.seen) == 11
