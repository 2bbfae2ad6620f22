"""Give a lesson on transformers' Trainer, as both supervised recipes do.

Trainer brings the batches of every epoch, AdamW, the warm-up and cosine, clipping, and the skipping of
what an interrupted run has seen. Its own checkpoints are pickles: `torch.save` of optimiser, schedule,
draws and arguments. So the hooks that write and read them are ours: one safetensors file, replaced as a
whole, from which the lesson goes on bit for bit on one thread. Knows no texts.
Source: huggingface/transformers v5.23 `src/transformers/trainer.py` (`train`, `_save_checkpoint`).
"""

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import Dataset, Sampler
from transformers import PrinterCallback, Trainer, TrainerState, TrainingArguments

from churn_saver.adapters.files import remove
from churn_saver.adapters.tensors import Arrays, Format
from churn_saver.adapters.trainings import read_training, write_training
from churn_saver.config import TrainingSettings
from churn_saver.domain.progress import Progress
from churn_saver.train.batching import LengthGrouped
from churn_saver.train.lesson import Lesson, LessonPoint, OnPoint
from churn_saver.train.moments import moments_in, moments_of

FORMAT = Format("churn_saver/text_training", 1, "remove the file, or pass --fresh to begin anew")
STATE_FILE = "training.safetensors"
_TRAINER_STATE = "trainer_state.json"
"""Trainer asks for this file when it goes on; it is written from our state just before."""
_STEP, _DRAWS, _POINTS = "step", "draws", "points"
_WEIGHT, _MOMENT = "weight.", "moment."


def learn(
    lesson: Lesson,
    settings: TrainingSettings,
    seed: int,
    state: Path,
    progress: Progress,
    on_point: OnPoint,
    fresh: bool = False,
) -> tuple[LessonPoint, ...]:
    """Go through all steps, or through those that an interrupted run left; the state stays written.

    Args:
        lesson: Its module learns in place.
        settings: Steps, rates, and how often to save and to look.
        seed: Of the order of rows, and of dropout.
        state: Folder of what has been learned so far; nobody else writes there.
        progress: Told the steps.
        on_point: Told every step of this run.
        fresh: Begin anew, whatever an interrupted run left.

    Returns:
        Points of all steps, those of interrupted runs too.

    Raises:
        InputError: the folder cannot be written to.
        ArtifactError: the state cannot be used, and `fresh` was not asked for.
        TrainingError: the loss is no number any more; the last state is whole.
    """
    torch.set_num_threads(settings.threads)
    taught = settings.model_dump(mode="json", exclude={"save_every", "look_every"})
    notes = {**lesson.notes, "seed": seed, "settings": taught}
    file = state / STATE_FILE
    if fresh and file.is_file():
        # Whoever stops this run before its first save must not go on with the one that was forgotten.
        remove(file)
    left = read_training(file, notes, FORMAT)[0] if file.is_file() else None
    with _draws_put_back():
        trainer = _LessonTrainer(lesson, settings, _arguments(lesson, settings, seed, state), notes)
        trainer.told = lambda point: _tell(point, lesson.name, settings.steps, on_point, progress)
        trainer.go_on(left)
    return tuple(trainer.points)


class _LessonTrainer(Trainer):
    """Trainer with a loss over row numbers, and with states that hold no pickle."""

    told: Callable[[LessonPoint], None]

    def __init__(
        self,
        lesson: Lesson,
        settings: TrainingSettings,
        arguments: TrainingArguments,
        notes: Mapping[str, object],
    ) -> None:
        self.lesson, self.settings, self.notes = lesson, settings, notes
        self.folder = Path(str(arguments.output_dir))
        self.points: list[LessonPoint] = []
        self.left: Arrays = {}
        # A batch is that of the settings, and the model is on one GPU, however many there are.
        arguments._n_gpu = min(arguments.n_gpu, 1)
        super().__init__(lesson.module, arguments, _rows_of, _Numbers(lesson.rows))
        self.remove_callback(PrinterCallback)

    def go_on(self, left: Arrays | None) -> None:
        """Train from the beginning, or from where a state was taken."""
        if left is None:
            self.train()
            return
        self.left, step = left, int(left[_STEP][0])
        self.points += [LessonPoint(int(row[0]), *row[1:].tolist()) for row in left[_POINTS]]
        if step >= self.settings.steps:
            self._load_from_checkpoint(str(self.folder))
            return
        there = TrainerState(
            global_step=step, train_batch_size=self.args.train_batch_size, logging_steps=1,
            save_steps=self.settings.save_every,
        )  # fmt: skip
        there.save_to_json(str(self.folder / _TRAINER_STATE))
        self.train(resume_from_checkpoint=str(self.folder))

    def _get_train_sampler(self, train_dataset: Dataset[int] | None = None) -> Sampler[int]:  # noqa: ARG002
        lengths = self.lesson.lengths or [1] * self.lesson.rows
        return LengthGrouped(lengths, self.settings.batch_size, self.args.seed)

    def compute_loss(
        self,
        model: nn.Module,  # noqa: ARG002
        inputs: dict[str, Tensor],
        return_outputs: bool = False,  # noqa: ARG002
        num_items_in_batch: Tensor | int | None = None,  # noqa: ARG002
    ) -> Tensor:
        """Give the lesson's loss of the rows."""
        loss = self.lesson.loss(inputs["rows"])
        self.lesson.check_finite("loss", float(loss.detach()), self.state.global_step + 1)
        return loss

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:  # noqa: ARG002
        """Take up what Trainer says of a step; its last words are of none."""
        if "loss" not in logs:
            return
        step, norm = self.state.global_step, logs["grad_norm"]
        self.lesson.check_finite("norm of the gradient", norm, step)
        point = LessonPoint(step, logs["loss"], logs["learning_rate"], norm)
        if step % self.settings.look_every == 0 or step == self.settings.steps:
            look = self.lesson.looked()
            point = replace(point, valid_loss=look.loss, valid_accuracy=look.accuracy)
        self.points.append(point)
        self.told(point)

    def _save_checkpoint(self, model: nn.Module, trial: object) -> None:  # noqa: ARG002
        optimiser, _ = self._tools()
        arrays = {f"{_WEIGHT}{name}": w.detach().numpy(force=True) for name, w in self.lesson.learning()}
        arrays |= moments_of(optimiser, _MOMENT)
        arrays[_STEP] = np.array([self.state.global_step])
        arrays[_DRAWS] = torch.get_rng_state().numpy()
        arrays[_POINTS] = np.array([astuple(point) for point in self.points])
        write_training(self.folder / STATE_FILE, arrays, self.notes, FORMAT)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:  # noqa: ARG002
        with torch.no_grad():
            for name, weight in self.lesson.learning():
                weight.copy_(torch.from_numpy(self.left[f"{_WEIGHT}{name}"]))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None:
            return
        optimiser, schedule = self._tools()
        step = int(self.left[_STEP][0])
        rates = [rate * part(step) for rate, part in zip(schedule.base_lrs, schedule.lr_lambdas, strict=True)]
        groups = optimiser.state_dict()["param_groups"]
        groups = [{**group, "lr": rate} for group, rate in zip(groups, rates, strict=True)]
        optimiser.load_state_dict({"state": moments_in(self.left, _MOMENT), "param_groups": groups})
        place = {"last_epoch": step, "_step_count": step + 1, "_last_lr": rates}
        schedule.load_state_dict(schedule.state_dict() | place)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        if checkpoint is not None:
            torch.set_rng_state(torch.from_numpy(self.left[_DRAWS].copy()))

    def _tools(self) -> tuple[Optimizer, LambdaLR]:
        """Give optimiser and schedule, which are there once training has begun."""
        assert self.optimizer is not None
        assert self.lr_scheduler is not None
        return self.optimizer, self.lr_scheduler


class _Numbers(Dataset[int]):
    """Row numbers: batches are made of them, and rows looked up by the loss."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, row: int) -> int:
        return row


def _rows_of(numbers: list[int]) -> dict[str, Tensor]:
    return {"rows": torch.tensor(numbers)}


def _tell(point: LessonPoint, name: str, steps: int, on_point: OnPoint, progress: Progress) -> None:
    on_point(point)
    progress(name, point.step, steps)


def _arguments(lesson: Lesson, settings: TrainingSettings, seed: int, state: Path) -> TrainingArguments:
    """Say the settings as Trainer wants them; autocast is the loss's own affair."""
    return TrainingArguments(
        output_dir=str(state),
        max_steps=settings.steps,
        per_device_train_batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=settings.warmup_share,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        seed=seed,
        data_seed=seed,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_steps=settings.save_every,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        disable_tqdm=True,
        report_to="none",
        use_cpu=next(lesson.module.parameters()).device.type == "cpu",
    )


@contextmanager
def _draws_put_back() -> Iterator[None]:
    """Leave the global draws as they were: Trainer seeds them all."""
    plain, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            random.setstate(plain)
            np.random.set_state(arrays)  # noqa: NPY002
