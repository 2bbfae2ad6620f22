"""Train the rungs of the ladder that learn, several at once, each with several seeds.

What is finished stays in its file, so a bench that was stopped goes on where it was. Knows nothing of
how rungs are measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.policies import rounded
from churn_saver.adapters.trainings import training_file
from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.domain.progress import Progress
from churn_saver.policy.network import PolicyNetwork
from churn_saver.train.ladder import ALL_BUDGETS
from churn_saver.train.learning import CurvePoint
from churn_saver.train.portfolios import ScoredTable
from churn_saver.train.ppo import Order, learn
from churn_saver.train.run import silent
from churn_saver.train.workers import finished, workers


@dataclass(frozen=True, slots=True)
class Job:
    """One training."""

    rung: str
    factor: float
    """Of the budget, `ALL_BUDGETS` where the price is an input."""
    seed: int


@dataclass(frozen=True, slots=True)
class Finished:
    """What a job leaves."""

    job: Job
    network: PolicyNetwork
    price: float
    """λ that it was trained at."""


def jobs_of(settings: PpoSettings) -> list[Job]:
    """List the trainings of a ladder, the longest first, so that no worker is left alone at the end."""
    ladder, others = settings.ladder, [f for f in settings.budget_factors if f != 1.0]
    seeds = range(ladder.seeds)
    jobs = [Job("ppo_price", ALL_BUDGETS, seed) for seed in seeds]
    jobs += [Job("ppo", 1.0, seed) for seed in seeds]
    jobs += [Job("ppo", factor, seed) for factor in others for seed in range(ladder.seeds_elsewhere)]
    return jobs + [Job(rung, 1.0, seed) for rung in ("ppo_nine", "ppo_cloned") for seed in seeds]


def settings_of(rung: str, settings: PpoSettings) -> PpoSettings:
    """Give the settings that a rung is trained with: ppo.yaml with the ladder's changes."""
    ladder = settings.ladder
    changes: dict[str, dict[str, object]] = {
        "ppo_price": {"observation": "full_price"},
        "ppo": {"observation": "full", "iterations": ladder.iterations},
        "ppo_nine": {"observation": "nine", "iterations": ladder.iterations},
        "ppo_cloned": {
            "observation": "full",
            "iterations": ladder.cloned_iterations,
            "values_first": ladder.cloned_values_first,
            "learning_rate": ladder.cloned_learning_rate,
            "entropy_coefficient": ladder.cloned_entropy,
        },
    }
    return settings.changed(changes[rung], f"the ladder's {rung}")


def train_rungs(
    table: ScoredTable,
    env: EnvSettings,
    settings: PpoSettings,
    jobs: Sequence[Job],
    folder: Path,
    at_once: int,
    progress: Progress,
) -> list[Finished]:
    """Train all jobs in processes of their own.

    Args:
        table: Whose first half teaches.
        env: The campaign's assumptions.
        settings: ppo.yaml.
        jobs: What to train.
        folder: Of the states; finished ones are read instead of trained again.
        at_once: Trainings at a time, one core each.
        progress: Told how many are done.

    Returns:
        One for each job, in the order of the jobs.

    Raises:
        InputError: a setting does not fit a job.
        ArtifactError: a state in the folder is of another training.
    """
    with workers(at_once) as pool:
        progress("training", 0, len(jobs))
        waiting = [pool.submit(_trained, table, env, settings, job, folder) for job in jobs]
        for done, one in enumerate(finished(waiting), 1):
            one.result()
            progress("training", done, len(jobs))
    return [one.result() for one in waiting]


def _trained(table: ScoredTable, env: EnvSettings, settings: PpoSettings, job: Job, folder: Path) -> Finished:
    if job.factor not in (ALL_BUDGETS, 1.0):
        budget = job.factor * env.budget_per_customer
        env = env.changed({"budget_per_customer": budget}, f"the ladder's factor {job.factor}")
    name = f"{job.rung}_{job.factor:g}_{job.seed}"
    order = Order(name, job.seed, cloned=job.rung == "ppo_cloned")
    learned = learn(
        table, env, settings_of(job.rung, settings), order, folder / training_file(name), silent,
        _untold,
    )  # fmt: skip
    return Finished(job, rounded(learned.network), learned.price)


def _untold(point: CurvePoint, regret: float | None, /) -> None:
    """Show nothing: several trainings at once are told by how many are done."""
