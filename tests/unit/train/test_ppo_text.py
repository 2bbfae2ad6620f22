"""The recipe of PPO for texts: looks, the best policy, early stop, and going on after an interruption."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from churn_saver.config import PpoTextSettings
from churn_saver.domain.briefs import prompt_of
from churn_saver.errors import ArtifactError, TrainingError
from churn_saver.message.language_model import adapters_of, write
from churn_saver.train.ppo_text import STATE_FILE, Improved, Judges, Look, best_of, improve
from churn_saver.train.text_learning import TextPoint
from tests.text_policies import BRIEFS, RULES, in_order, one_thread, quick, start

JUDGES = Judges(in_order, "by place", RULES)


@pytest.fixture(autouse=True, scope="module")
def quiet() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = one_thread()
    yield
    torch.set_num_threads(before)


def trained(
    state: Path, settings: PpoTextSettings | None = None, judges: Judges = JUDGES, **more: Any
) -> tuple[Improved, list[tuple[TextPoint, Look | None]], list[tuple[str, int, int]]]:
    """Train, and give what was told on the way as well."""
    told: list[tuple[TextPoint, Look | None]] = []
    steps: list[tuple[str, int, int]] = []
    found = improve(
        start(), BRIEFS, judges, settings or quick(), 0, state,
        lambda what, done, total: steps.append((what, done, total)),
        lambda point, look: told.append((point, look)), **more,
    )  # fmt: skip
    return found, told, steps


def look(gold: float, distinct: float = 1.0, iteration: int = 0) -> Look:
    """Make a look without texts."""
    return Look(iteration, gold, 1.0, distinct, ())


def test_the_best_is_the_first_of_the_highest_that_is_varied_enough() -> None:
    """.9 with half of the variety does not count; .8 with four fifths does, and later once more does not."""
    looks = [look(0.5), look(0.9, 0.5), look(0.8, 0.8, 2), look(0.8, 1.0, 3)]

    assert best_of(looks) is looks[2]
    assert best_of(looks[:2]) is looks[0]


def test_a_run_is_looked_at_before_now_and_then_and_in_the_end(tmp_path: Path) -> None:
    """Four iterations, a look every two: at 0, 2 and 4, always for the same briefs; all of it is told."""
    found, told, steps = trained(tmp_path)

    assert [point.iteration for point in found.points] == [1, 2, 3, 4]
    assert [one.iteration for one in found.looks] == [0, 2, 4]
    assert [one is None for _, one in told] == [True, False, True, False]
    assert [point for point, _ in told] == list(found.points)
    assert steps == [("improving the wording", done, 4) for done in (1, 2, 3, 4)]
    assert len(found.watched) == 6
    assert all(len(one.texts) == 6 for one in found.looks)
    assert found.best in found.looks


def test_the_first_look_is_of_the_start(tmp_path: Path) -> None:
    """Its texts are what the start itself writes with those draws; nothing was learned yet."""
    found, _, _ = trained(tmp_path)
    prompts = [prompt_of(brief) for brief in found.watched]
    draws = np.random.default_rng(0)
    draws.choice(len(BRIEFS), 6, replace=False)

    alone = write(start(), prompts, max_new_tokens=10, temperature=1.0, seed=int(draws.integers(2**62)))

    assert alone.texts == found.looks[0].texts


def test_training_stops_when_nothing_better_comes_and_the_best_is_kept(tmp_path: Path) -> None:
    """No text of this model passes the shield: no look beats the first, and after two more it is over.

    What is kept is the policy of the first look: adapters that change nothing.
    """
    found, told, _ = trained(tmp_path, quick(iterations=20, look_every=1, patience=2, values_first=0))

    assert len(told) == 2
    assert found.best is found.looks[0]
    learned = adapters_of(found.policy)
    assert all(not array.any() for name, array in learned.items() if "lora_B" in name)
    again, told, _ = trained(tmp_path, quick(iterations=20, look_every=1, patience=2, values_first=0))
    assert told == []
    assert again.points == found.points


def test_an_interrupted_run_goes_on_bit_for_bit(tmp_path: Path) -> None:
    """Stopped after two of four iterations and called again: the points, looks and weights of one run."""
    whole, _, _ = trained(tmp_path / "whole")
    settings = quick()

    def stop(point: TextPoint, _: Look | None) -> None:
        if point.iteration == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        improve(start(), BRIEFS, JUDGES, settings, 0, tmp_path / "cut", lambda *_: None, stop)
    rest, told, _ = trained(tmp_path / "cut")

    assert [point.iteration for point, _ in told] == [3, 4]
    assert rest.points == whole.points
    assert rest.looks == whole.looks
    first, second = adapters_of(whole.policy), adapters_of(rest.policy)
    assert {name: array.tobytes() for name, array in first.items()} == {
        name: array.tobytes() for name, array in second.items()
    }
    assert (tmp_path / "cut" / STATE_FILE).read_bytes() == (tmp_path / "whole" / STATE_FILE).read_bytes()


def test_more_iterations_go_on_where_fewer_ended(tmp_path: Path) -> None:
    """Settings that teach nothing may change: four iterations, then two more."""
    trained(tmp_path, quick(patience=9))

    found, told, _ = trained(tmp_path, quick(patience=9, iterations=6))

    assert [point.iteration for point, _ in told] == [5, 6]
    assert len(found.points) == 6


def test_the_state_of_another_training_is_refused(tmp_path: Path) -> None:
    """Another judge or another rate, by name; with `fresh` it is replaced."""
    trained(tmp_path, quick(iterations=1))

    with pytest.raises(ArtifactError, match=r"of another training: judge .*by place"):
        trained(tmp_path, quick(iterations=1), Judges(in_order, "another", RULES))
    with pytest.raises(ArtifactError, match=r"of another training: .*clip"):
        trained(tmp_path, quick(iterations=1, clip=0.3))
    found, _, _ = trained(tmp_path, quick(iterations=1, clip=0.3), fresh=True)
    assert len(found.points) == 1


def test_a_judge_that_breaks_down_leaves_the_last_state_whole(tmp_path: Path) -> None:
    """Scores that are none in the third iteration: two are kept, and another call goes on there."""
    calls = []

    def tired(*args: Any) -> Any:
        calls.append(1)
        return in_order(*args) if len(calls) < 3 else np.full(8, np.nan)

    with pytest.raises(TrainingError, match=r"8 of them no number"):
        trained(tmp_path, judges=Judges(tired, "by place", RULES))
    found, told, _ = trained(tmp_path)

    assert len(found.points) == 4
    assert len(told) == 2


def test_a_fresh_run_forgets_the_last_one_before_its_own_first_save(tmp_path: Path) -> None:
    """What was there before is gone at once, so the next run does not go on with it."""
    trained(tmp_path)

    def stop(point: TextPoint, _: Look | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        improve(start(), BRIEFS, JUDGES, quick(save_every=4), 0, tmp_path, lambda *_: None, stop, fresh=True)
    _, told, _ = trained(tmp_path)

    assert [point.iteration for point, _ in told] == [1, 2, 3, 4]
