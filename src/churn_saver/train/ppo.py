"""Recipe: train the decision policy, calibrate it to its budgets, judge it on customers never met.

    scored table → halves → λ of the exact optimum → PPO-Lagrangian → calibration → certificate → file

What an interrupted run had learned is kept every few iterations; the next run with the same table
and settings goes on there, bit for bit.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from churn_saver import __version__
from churn_saver.adapters.files import remove
from churn_saver.adapters.policies import policy_file, rounded, write_policy
from churn_saver.adapters.trainings import read_training, training_file, write_training
from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.domain.progress import Progress
from churn_saver.errors import InputError
from churn_saver.policy.certificate import ServedPolicy, assumptions_digest
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.scores import Yardstick, regret_percent
from churn_saver.train.certifying import certified, rung_at, yardstick
from churn_saver.train.cloning import clone
from churn_saver.train.learning import CurvePoint, Learner
from churn_saver.train.panels import Panels
from churn_saver.train.portfolios import ScoredTable

REGRET_PANEL = 64
"""Customers of the certificate's half on whom the regret is followed while training."""
REGRET_PRUNE = 1e-6
"""States less likely than this are left alone there: a curve needs no certificate."""
CLONE_CUSTOMERS = 1_024
"""Customers whose exact policy is watched for a cloned start."""
_TEACH_NOTHING = {"save_every", "budget_share", "budget_factors", "panels", "ladder"}
"""Settings by which a policy is saved or judged, not taught."""

OnPoint = Callable[[CurvePoint, float | None], None]
"""Told every iteration, with the regret in per cent where it was measured."""


@dataclass(frozen=True, slots=True)
class Order:
    """One policy to train."""

    name: str
    """Of the files: the rung of the ladder, as a rule."""
    seed: int = 0
    cloned: bool = False
    """Start by imitating the exact policy."""
    fresh: bool = False
    """Begin anew, whatever an interrupted run left."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A policy that has learned and meets no budget yet."""

    network: PolicyNetwork
    price: float
    """λ that it was trained at in the end; 0 where the price is an input."""
    curves: tuple[CurvePoint, ...] = ()
    """Of this run; a resumed one holds its own part."""
    regrets: tuple[tuple[int, float], ...] = ()
    """Iteration and regret, per cent, on a small panel."""
    seconds: float = 0.0
    """CPU seconds of learning, without optimum and certificate."""


@dataclass(frozen=True, slots=True)
class TrainedPolicy:
    """What a training run leaves."""

    policy: ServedPolicy
    path: Path
    learned: Learned


def train_policy(
    table: ScoredTable,
    env: EnvSettings,
    settings: PpoSettings,
    order: Order,
    out: Path,
    progress: Progress,
    on_point: OnPoint,
    at_once: int = 1,
) -> TrainedPolicy:
    """Train, certify and write one policy.

    Args:
        table: Whom it learns from, and whom it is judged on.
        env: The campaign's assumptions.
        settings: ppo.yaml.
        order: Which policy.
        out: Folder of the checkpoints.
        progress: Told long work around the learning.
        on_point: Told every iteration.
        at_once: Budgets that are certified at a time, one core each.

    Raises:
        InputError: the table is too small, or a setting does not fit the order.
        ArtifactError: the state of an interrupted run cannot be used, and `fresh` was not asked for.
    """
    panels = Panels.of(table, env, settings)
    learned = learn(table, env, settings, order, out / training_file(order.name), progress, on_point)
    network, certificate = certified(
        rounded(learned.network), panels, env, settings, learned.price, progress, at_once
    )
    policy = ServedPolicy(network, certificate, provenance_of(table, env, settings, order))
    path = out / policy_file(order.name)
    policy = replace(policy, version=write_policy(path, policy)[:16])
    (out / training_file(order.name)).unlink()
    return TrainedPolicy(policy, path, learned)


def learn(
    table: ScoredTable,
    env: EnvSettings,
    settings: PpoSettings,
    order: Order,
    state: Path,
    progress: Progress,
    on_point: OnPoint,
) -> Learned:
    """Go through all iterations, or through those that an interrupted run left; the state stays written.

    Args:
        table: Whose first half teaches.
        env: The campaign's assumptions.
        settings: ppo.yaml.
        order: Which policy.
        state: File of what has been learned so far.
        progress: Told long work around the learning.
        on_point: Told every iteration.

    Raises:
        InputError: a setting does not fit the order.
        ArtifactError: the state cannot be used, and `fresh` was not asked for.
    """
    if order.cloned and settings.observation == "full_price":
        raise InputError(
            "a cloned start imitates the exact policy at one price, and observation is full_price: "
            "take observation full in ppo.yaml, or leave the cloned start out"
        )
    notes = _taught_by(provenance_of(table, env, settings, order))
    if order.fresh and state.is_file():
        # Whoever stops this run before its first save must not go on with the one that was forgotten.
        remove(state)
    left = read_training(state, notes)[0] if state.is_file() else None
    watch = Dynamics.of(table.learning.spread(min(REGRET_PANEL, len(table.learning)), env), env)
    stick = yardstick(watch, env.budget_per_customer * MINOR_PER_UNIT, progress)
    price = stick.price if settings.multiplier.start == "dual" else float(settings.multiplier.start)
    learner = Learner(Dynamics.of(table.learning, env), env, settings, order.seed, price)
    if left is not None:
        learner.restore(left)
    elif order.cloned:
        taught = Dynamics.of(table.learning.spread(min(CLONE_CUSTOMERS, len(table.learning)), env), env)
        clone(learner.module, taught, price, learner.scaling, settings, order.seed, progress)
    curves: list[CurvePoint] = []
    regrets: list[tuple[int, float]] = []
    seconds = 0.0
    while not learner.finished:
        started = time.process_time()
        curves.append(learner.advance())
        seconds += time.process_time() - started
        regret = None
        if learner.iteration % settings.save_every == 0 or learner.finished:
            write_training(state, learner.to_arrays(), notes)
            regret = _regret(learner, watch, stick)
            regrets.append((learner.iteration, regret))
        on_point(curves[-1], regret)
    return Learned(learner.network(), learner.price.value, tuple(curves), tuple(regrets), seconds)


def provenance_of(
    table: ScoredTable, env: EnvSettings, settings: PpoSettings, order: Order
) -> dict[str, object]:
    """Say all that a policy is made from, as plain values: what agrees in all of it is the same training."""
    return {
        "population": table.sha256,
        "learned_from": table.described,
        "assumptions": assumptions_digest(env),
        "budget_per_customer": env.budget_per_customer,
        "caps": asdict(env.caps.caps()),
        "settings": settings.model_dump(mode="json"),
        "seed": order.seed,
        "cloned": order.cloned,
        "decisions": settings.iterations * settings.slots * settings.rollout_steps,
        "code": __version__,
    }


def _taught_by(provenance: Mapping[str, object]) -> dict[str, object]:
    """Leave out what changes nothing of the learning: a bench of more seeds goes on with those it has."""
    settings = provenance["settings"]
    assert isinstance(settings, Mapping)
    return {
        **provenance,
        "settings": {name: value for name, value in settings.items() if name not in _TEACH_NOTHING},
    }


def report_of(trained: TrainedPolicy, table: ScoredTable, env: EnvSettings, name: str) -> dict[str, object]:
    """Give all that a page shows of a training run, as plain values."""
    return {
        "name": name,
        "described": table.described,
        "provenance": dict(trained.policy.provenance),
        "curves": [asdict(point) for point in trained.learned.curves],
        "regrets": [{"iteration": at, "regret_pct": regret} for at, regret in trained.learned.regrets],
        "certificate": trained.policy.certificate.to_dict(),
        "budget_per_customer": env.budget_per_customer,
        "cpu_seconds": trained.learned.seconds,
    }


def _regret(learner: Learner, watch: Dynamics, stick: Yardstick) -> float:
    """Judge the policy as it is now at the optimum's own price."""
    price = min(max(stick.price, learner.settings.prices.low), learner.settings.prices.high)
    found = evaluate(watch, rung_at(watch, learner.network(), price), prune=REGRET_PRUNE)
    return regret_percent(found, stick)
