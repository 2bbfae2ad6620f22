"""Ours and the peer from random weights, against the clock: how much of the gain, after how much learning.

Each gets five declared settings and the same seconds. Only learning is on the clock, which counts CPU
seconds of one thread; the wall clock is written beside it. At every mark the greedy policy is calibrated to
the budget with one contact bias and evaluated, on a small panel of customers that taught nobody. Two things
are laxer than in a certificate: it is calibrated on that very panel, so that all points of a curve spend the
same, and states below `PRUNE` are left alone without counting what that may hide.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Protocol

from benchmarks.ppo_ground import Ground, Report
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.evaluation import Evaluation
from churn_saver.policy.network_rung import network_rung
from churn_saver.policy.scores import Yardstick, gain_percent, regret_percent
from churn_saver.policy.simple_rungs import tuned
from churn_saver.policy.state import Policy
from churn_saver.train.certifying import PRUNE
from churn_saver.train.learning import Learner

SEED = 0
GAIN_TO_REACH = 90.0
LATER = 1.4
"""Each look comes so many times later than the last one."""
NEAR, FAR = 1.0, 32.0
"""Shifts of a contact's logit that are tried, either way of the last one: first the near ones."""


class Contender(Protocol):
    """A learner in the race."""

    decisions_each: int
    """Decisions learned from in one iteration."""

    def advance(self, gone: float) -> None:
        """Go through one iteration; `gone` is the share of its time that has passed."""

    def rung(self, dynamics: Dynamics, contact_bias: float) -> Policy:
        """Let it decide, greedily."""


@dataclass(frozen=True, slots=True)
class OurSetting:
    """One way to run ours."""

    name: str
    changes: dict[str, object] = field(default_factory=dict)
    """What differs from ppo.yaml with one budget."""


class Ours:
    """Our learner; what falls over its iterations falls over the time that it is given."""

    def __init__(self, ground: Ground, setting: OurSetting, seed: int) -> None:
        """Make it from random weights; λ starts at the optimum's."""
        settings = ground.settings.changed(setting.changes, f"setting {setting.name!r} of ours")
        self.decisions_each = settings.slots * settings.rollout_steps
        self._iterations = settings.iterations
        self._learner = Learner(ground.learning, ground.env, settings, seed, ground.best.price)

    def advance(self, gone: float) -> None:
        """Go through one iteration."""
        self._learner.iteration = min(int(gone * self._iterations), self._iterations - 1)
        self._learner.advance()

    def rung(self, dynamics: Dynamics, contact_bias: float) -> Policy:
        """Let it decide as it would serve."""
        return network_rung(dynamics, replace(self._learner.network(), contact_bias=contact_bias))


@dataclass(frozen=True, slots=True)
class Clock:
    """How long each setting learns, and when it is first looked at, CPU seconds."""

    cap_seconds: float
    first_seconds: float


@dataclass(frozen=True, slots=True)
class Mark:
    """What a contender was worth at one moment."""

    cpu_seconds: float
    """Of learning, so far."""
    wall_seconds: float
    decisions: int
    gain_pct: float
    regret_pct: float
    feasible: bool
    """Within the budget; false where it overspends whatever the bias."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One setting's way."""

    setting: str
    marks: tuple[Mark, ...]

    def best_until(self, cpu_seconds: float) -> float:
        """Give the most that a feasible mark up to a moment gained, per cent; 0 without any."""
        return max(
            (mark.gain_pct for mark in self.marks if mark.feasible and mark.cpu_seconds <= cpu_seconds),
            default=0.0,
        )

    def first_at(self, gain_pct: float) -> Mark | None:
        """Give the first feasible mark that gained so much."""
        return next((mark for mark in self.marks if mark.feasible and mark.gain_pct >= gain_pct), None)


def lap(
    setting: str, contender: Contender, panel: Dynamics, stick: Yardstick, share: float, clock: Clock
) -> Lap:
    """Let one contender learn until its time is over, and look at it every so often.

    Args:
        setting: Its name.
        contender: With random weights.
        panel: Customers that judge.
        stick: The optimum on them.
        share: Of the budget, to calibrate to.
        clock: How long, and from when.
    """
    cpu = wall = bias = 0.0
    decisions, due, marks = 0, clock.first_seconds, list[Mark]()
    while cpu < clock.cap_seconds:
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        contender.advance(cpu / clock.cap_seconds)
        cpu += time.process_time() - cpu_before
        wall += time.perf_counter() - wall_before
        decisions += contender.decisions_each
        if cpu >= due or cpu >= clock.cap_seconds:
            bias, found = _calibrated(contender, panel, share * stick.budget, bias)
            gain = gain_percent(found, stick.optimum, stick.never)
            within = bool(found.spend.mean() <= stick.budget)
            marks.append(Mark(cpu, wall, decisions, gain, regret_percent(found, stick), within))
            due = LATER * cpu
    return Lap(setting, tuple(marks))


def figures(ours: Sequence[Lap], peers: Sequence[Lap], clock: Clock) -> Report:
    """Compare both at the best of their settings: who reaches 90 % when, and who has gained what by when."""
    reached, theirs = _first(ours), _first(peers)
    named = [("ours", one) for one in ours] + [("sb3", one) for one in peers]
    end = 2.0 * clock.cap_seconds  # the last iteration runs over the cap
    report: Report = {
        "seconds_to_90": reached and reached.cpu_seconds,
        "wall_seconds_to_90": reached and reached.wall_seconds,
        "decisions_to_90": reached and reached.decisions,
        "sb3_seconds_to_90": theirs and theirs.cpu_seconds,
        "sb3_gain_at_our_90": reached and _best(peers, reached.cpu_seconds),
        "gain_equal_wall": _best(ours, end),
        "sb3_gain_equal_wall": _best(peers, end),
        "race_cap_seconds": clock.cap_seconds,
    }
    report |= {f"race_gain, {who}, {one.setting}": one.best_until(end) for who, one in named}
    return report | {"laps": [{"who": who} | asdict(one) for who, one in named]}


def _first(laps: Sequence[Lap]) -> Mark | None:
    marks = [mark for one in laps if (mark := one.first_at(GAIN_TO_REACH)) is not None]
    return min(marks, key=lambda mark: mark.cpu_seconds, default=None)


def _best(laps: Sequence[Lap], cpu_seconds: float) -> float:
    return max(one.best_until(cpu_seconds) for one in laps)


def _calibrated(
    contender: Contender, panel: Dynamics, wanted: float, last_bias: float
) -> tuple[float, Evaluation]:
    """Find the bias that spends what is wanted; → bias and evaluation."""
    for width in (NEAR, FAR):
        low, high = last_bias - width, last_bias + width
        found = tuned(
            panel, lambda bias: contender.rung(panel, bias), wanted, low, high, prune=PRUNE, settles=True
        )
        if low < found.scalar < high:
            break
    return found.scalar, found.evaluation
