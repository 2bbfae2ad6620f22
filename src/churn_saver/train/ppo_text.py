"""Recipe: improve the wording of a fine-tuned model against a judge, and keep the best by other rules.

    fine-tuned model → look → (drafts → scores → update) × many, with looks in between → best policy

A look writes for the same briefs with the same draws each time and asks the rules of `train.gold`, which
the judge never saw. Training stops when several looks bring nothing better. What an interrupted run had
learned is kept every few iterations; the next run with the same start, judge and settings goes on there,
bit for bit on one thread.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from churn_saver import __version__, shield
from churn_saver.adapters.files import remove
from churn_saver.adapters.tensors import Format
from churn_saver.adapters.trainings import read_training, write_training
from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.domain.progress import Progress
from churn_saver.errors import ArtifactError
from churn_saver.message.language_model import LanguageModel, adapters_of, merged, with_trained, write
from churn_saver.train.gold import judged
from churn_saver.train.text_learning import TextLearner, TextPoint
from churn_saver.train.text_rollouts import Score

FORMAT = Format("churn_saver/ppo_text_training", 1, "remove the file, or pass --fresh to begin anew")
STATE_FILE = "training.safetensors"
LEAST_DISTINCT = 0.8
"""Of the start's distinct-2: who says the same to everybody is not the best, whatever the rules say."""
_BEST, _POINTS, _LOOKS, _TEXTS = "best.", "points", "looks", "texts"
_TEACH_NOTHING = {"iterations", "look_every", "patience", "save_every", "bank"}
"""Settings by which a run is watched or ended, not taught."""


@dataclass(frozen=True, slots=True)
class Judges:
    """Who says what is good."""

    score: Score
    """Learned from."""
    version: str
    """Of whatever gives the score: with another one it is another training."""
    rules: shield.Rules
    """Of the shield, for `train.gold`; never learned from."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the rules said of the policy at one time."""

    iteration: int
    gold: float
    pass_rate: float
    distinct_2: float
    texts: tuple[str, ...]
    """Drafts, one for each brief of `Improved.watched`."""


OnPoint = Callable[[TextPoint, Look | None], None]
"""Told every iteration, with the look that followed it, if one did."""


@dataclass(frozen=True, slots=True)
class Improved:
    """What a training run leaves."""

    policy: LanguageModel
    """With the best adapters on; without them it is the start."""
    points: tuple[TextPoint, ...]
    """Of all iterations, those of interrupted runs too."""
    looks: tuple[Look, ...]
    """The first is of the start."""
    watched: tuple[Brief, ...]
    """What the looks were written for."""

    @property
    def best(self) -> Look:
        """Give the look whose policy was kept."""
        return best_of(self.looks)


def improve(
    start: LanguageModel,
    briefs: Sequence[Brief],
    judges: Judges,
    settings: PpoTextSettings,
    seed: int,
    state: Path,
    progress: Progress,
    on_point: OnPoint,
    fresh: bool = False,
) -> Improved:
    """Train, and stop when nothing better comes; the state stays written.

    Args:
        start: The fine-tuned model; it stays as it is.
        briefs: To write for, none of a held-out context.
        judges: To learn from, and to be watched by.
        settings: ppo_text.yaml.
        seed: Same seed, same policy on one thread.
        state: Folder of what has been learned so far; nobody else writes there.
        progress: Told the iterations.
        on_point: Told every iteration of this run.
        fresh: Begin anew, whatever an interrupted run left.

    Raises:
        InputError: there is no brief, or the folder cannot be written to.
        ConfigError: a setting that this training has no use for.
        ArtifactError: the state cannot be used, and `fresh` was not asked for.
        TrainingError: a number is none any more; the last state is whole.
    """
    learner = TextLearner(start, briefs, judges.score, judges.rules, settings, seed)
    run = _Run(learner, judges, _taught_by(start, briefs, judges, settings, seed), state / STATE_FILE)
    if fresh:
        run.forget()
    if not run.resumed():
        run.look()
    while not run.over():
        point = learner.advance()
        run.points.append(point)
        looked = run.look() if run.due(settings.look_every) else None
        if run.due(settings.save_every) or run.over():
            run.save()
        on_point(point, looked)
        progress("improving the wording", learner.iteration, settings.iterations)
    return Improved(with_trained(learner.policy, run.best), tuple(run.points), tuple(run.looks), run.watched)


def best_of(looks: Sequence[Look]) -> Look:
    """Give the first look with the highest score among those as varied as the start, nearly."""
    varied = [one for one in looks if one.distinct_2 >= LEAST_DISTINCT * looks[0].distinct_2]
    return max(varied, key=lambda one: one.gold)


class _Run:
    """A learner, what was seen of it, and its best adapters."""

    def __init__(self, learner: TextLearner, judges: Judges, notes: Mapping[str, object], file: Path) -> None:
        self.learner, self.settings = learner, learner.settings
        self._judges, self._notes, self._file = judges, notes, file
        self.points: list[TextPoint] = []
        self.looks: list[Look] = []
        self.best: dict[str, NDArray[np.float32]] = {}
        draws, wanted = np.random.default_rng(learner.seed), self.settings.look_responses
        rows = draws.choice(len(learner.briefs), wanted, replace=wanted > len(learner.briefs))
        self.watched = tuple(learner.briefs[row] for row in rows)
        self._draws = int(draws.integers(2**62))

    def due(self, every: int) -> bool:
        """Say whether something that is done now and then is to be done."""
        return self.learner.iteration % every == 0 or self.learner.finished

    def over(self) -> bool:
        """Say whether nothing more is to be expected."""
        since = self.looks[::-1].index(best_of(self.looks))
        return self.learner.finished or since >= self.settings.patience

    def look(self) -> Look:
        """Let the policy write for the briefs that are watched, and remember it if it is the best so far."""
        settings, policy = self.settings, self.learner.policy
        written = write(
            merged(policy, bfloat16=settings.bfloat16), [prompt_of(brief) for brief in self.watched],
            max_new_tokens=settings.max_new_tokens, temperature=settings.temperature, seed=self._draws,
        )  # fmt: skip
        gold = judged(self.watched, written.texts, self._judges.rules)
        look = Look(self.learner.iteration, gold.score, gold.pass_rate, gold.distinct_2, written.texts)
        self.looks.append(look)
        if best_of(self.looks) is look:
            self.best = adapters_of(policy)
        return look

    def save(self) -> None:
        """Write all that the next iteration depends on."""
        arrays = self.learner.to_arrays() | {f"{_BEST}{name}": array for name, array in self.best.items()}
        arrays[_POINTS] = np.array([astuple(one) for one in self.points])
        arrays[_LOOKS] = np.array([astuple(one)[:-1] for one in self.looks])
        texts = [list(one.texts) for one in self.looks]
        write_training(self._file, arrays, {**self._notes, _TEXTS: texts}, FORMAT)

    def forget(self) -> None:
        """Take away what an interrupted run left, so that nobody goes on with it later either."""
        if self._file.is_file():
            remove(self._file)

    def resumed(self) -> bool:
        """Go on where an interrupted run was saved, if there is one."""
        if not self._file.is_file():
            return False
        arrays, notes = read_training(self._file, self._notes, FORMAT)
        texts = notes.get(_TEXTS)
        if not isinstance(texts, list):
            raise ArtifactError(f"{self._file} has no texts of its looks. Next step: {FORMAT.next_step}")
        self.learner.restore(arrays)
        self.best = {
            name.removeprefix(_BEST): array.astype(np.float32)
            for name, array in arrays.items()
            if name.startswith(_BEST)
        }
        self.points = [TextPoint(int(row[0]), int(row[1]), *row[2:].tolist()) for row in arrays[_POINTS]]
        self.looks = [
            Look(int(row[0]), float(row[1]), float(row[2]), float(row[3]), tuple(map(str, some)))
            for row, some in zip(arrays[_LOOKS], texts, strict=True)
        ]
        return True


def _taught_by(
    start: LanguageModel, briefs: Sequence[Brief], judges: Judges, settings: PpoTextSettings, seed: int
) -> dict[str, object]:
    """Say all that a policy is made from, as plain values: what agrees in all of it is the same training."""
    prompts = "\n".join(map(prompt_of, briefs))
    return {
        "start": f"{start.name} {merged(start).version}",
        "judge": judges.version,
        "briefs": sha256(prompts.encode()).hexdigest()[:16],
        "seed": seed,
        "settings": settings.model_dump(mode="json", exclude=_TEACH_NOTHING),
        "code": __version__,
    }
