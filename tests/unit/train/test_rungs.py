"""The trainings of a ladder: which there are, and that none is done twice."""

from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.policies import rounded
from churn_saver.adapters.trainings import training_file, write_training
from churn_saver.config import PpoSettings, parse
from churn_saver.domain.progress import Progress
from churn_saver.errors import ArtifactError
from churn_saver.policy.network import PolicyNetwork
from churn_saver.train.ladder import ALL_BUDGETS
from churn_saver.train.ppo import Order, learn
from churn_saver.train.run import silent
from churn_saver.train.rungs import Finished, Job, jobs_of, settings_of, train_rungs
from tests.tiny_campaigns import ENV_YAML
from tests.tiny_tables import ENV, quick, table

PPO_YAML = ENV_YAML.with_name("ppo.yaml")
TABLE = table(24)
SETTINGS = quick(budget_factors=(1.0, 4.0))
JOBS = [Job("ppo_price", ALL_BUDGETS, 0), Job("ppo", 4.0, 0), Job("ppo_cloned", 1.0, 1)]


def bits(network: PolicyNetwork) -> tuple[str, float, bytes]:
    """Give a network as something to compare."""
    arrays = (*network.weights, *network.biases)
    return network.observation, network.contact_bias, b"".join(array.tobytes() for array in arrays)


def trained(folder: Path, workers: int = 1, progress: Progress = silent) -> list[Finished]:
    """Do the jobs."""
    return train_rungs(TABLE, ENV, SETTINGS, JOBS, folder, workers, progress)


def untold(point: object, regret: float | None) -> None:
    """Show nothing."""


def test_the_jobs_are_those_that_ppo_yaml_asks_for() -> None:
    """Five seeds of each rung at the budget, and of the plain one at each other factor; longest first."""
    settings = parse(PpoSettings, PPO_YAML.read_text(encoding="utf-8"), PPO_YAML.name)

    jobs = jobs_of(settings)

    assert settings.budget_factors == (0.0625, 0.25, 1, 4)
    assert (settings.ladder.seeds, settings.ladder.seeds_elsewhere) == (5, 5)
    counts = {(rung, at): 0 for rung, at, _ in map(_tuple, jobs)}
    for rung, at, _ in map(_tuple, jobs):
        counts[rung, at] += 1
    assert counts == {
        ("ppo_price", ALL_BUDGETS): 5, ("ppo", 1.0): 5, ("ppo", 0.0625): 5, ("ppo", 0.25): 5, ("ppo", 4.0): 5,
        ("ppo_nine", 1.0): 5, ("ppo_cloned", 1.0): 5,
    }  # fmt: skip
    assert len(set(jobs)) == len(jobs)
    lengths = [settings_of(job.rung, settings).iterations for job in jobs]
    assert lengths == sorted(lengths, reverse=True)


def _tuple(job: Job) -> tuple[str, float, int]:
    return job.rung, job.factor, job.seed


@pytest.mark.parametrize(
    ("rung", "observation", "iterations", "rate"),
    [
        ("ppo_price", "full_price", 9, 0.003), ("ppo", "full", 7, 0.003), ("ppo_nine", "nine", 7, 0.003),
        ("ppo_cloned", "full", 5, 0.0001),
    ],
)  # fmt: skip
def test_a_rung_is_trained_with_its_own_changes(
    rung: str, observation: str, iterations: int, rate: float
) -> None:
    """All else stays as in ppo.yaml."""
    ladder = quick().ladder.model_dump() | {
        "iterations": 7, "cloned_iterations": 5, "cloned_values_first": 2, "cloned_learning_rate": 0.0001,
        "cloned_entropy": 0.5,
    }  # fmt: skip
    settings = quick(iterations=9, ladder=ladder)

    own = settings_of(rung, settings)

    changed = {"observation": observation, "iterations": iterations, "learning_rate": rate}
    if rung == "ppo_cloned":
        changed |= {"values_first": 2, "entropy_coefficient": 0.5}
    assert own.model_dump() == settings.model_dump() | changed


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Finished]]:
    """All jobs, one after the other, and the folder they were done in."""
    folder = tmp_path_factory.mktemp("alone")
    return folder, trained(folder)


def test_each_job_is_the_training_of_its_rung_budget_and_seed(alone: tuple[Path, list[Finished]]) -> None:
    """The same network as learned here, rounded to what its file will hold; in the order of the jobs."""
    _, finished = alone
    budgets = {ALL_BUDGETS: 3.0, 4.0: 12.0, 1.0: 3.0}

    assert [one.job for one in finished] == JOBS
    for one in finished:
        env = ENV.changed({"budget_per_customer": budgets[one.job.factor]}, "a test")
        order = Order(
            f"{one.job.rung}_{one.job.factor:g}_{one.job.seed}", one.job.seed, one.job.rung == "ppo_cloned"
        )
        here = learn(
            TABLE, env, settings_of(one.job.rung, SETTINGS), order, alone[0] / f"again{one.job.rung}", silent,
            untold,
        )  # fmt: skip
        assert bits(one.network) == bits(rounded(here.network))
        assert one.price == here.price


def test_two_at_a_time_give_the_same_as_one_after_the_other(
    tmp_path: Path, alone: tuple[Path, list[Finished]]
) -> None:
    """Networks, prices and order."""
    together = trained(tmp_path, workers=2)

    assert [(one.job, bits(one.network), one.price) for one in together] == [
        (one.job, bits(one.network), one.price) for one in alone[1]
    ]


def test_what_is_finished_is_read_and_not_trained_again(alone: tuple[Path, list[Finished]]) -> None:
    """The states are left as they are, and what comes of them is what came of the training."""
    folder, first = alone
    states = {path.name: path.stat().st_mtime_ns for path in folder.glob("ppo_policy_*")}
    told: list[tuple[str, int, int]] = []

    again = trained(folder, 1, lambda *line: told.append(line))

    assert sorted(states) == sorted(
        training_file(name) for name in ("ppo_price_0_0", "ppo_4_0", "ppo_cloned_1_1")
    )
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("ppo_policy_*")} == states
    assert [bits(one.network) for one in again] == [bits(one.network) for one in first]
    assert told == [("training", done, 3) for done in range(4)]


def test_a_state_of_another_training_is_refused_and_nothing_more_is_begun(tmp_path: Path) -> None:
    """By name with the fix, from the worker that met it; the others are left out."""
    write_training(tmp_path / training_file("ppo_price_0_0"), {"a": np.zeros(1)}, {"seed": 5})

    with pytest.raises(ArtifactError, match=r"ppo_policy_ppo_price_0_0.*another training.*remove the file"):
        trained(tmp_path)

    assert not (tmp_path / training_file("ppo_cloned_1_1")).exists()


def test_ctrl_c_begins_nothing_more(tmp_path: Path) -> None:
    """Leaving does not wait for jobs that have not begun."""

    def interrupted(what: str, done: int, total: int) -> None:
        if done == 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path, 1, interrupted)

    assert list(tmp_path.iterdir()) == []
