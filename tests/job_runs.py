"""A place where jobs run that is a dictionary, and runs that are driven there, killed and taken up again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from churn_saver.domain.jobs import Job, Order, Seen
from churn_saver.errors import NoAnswer
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs import Run
from churn_saver.pipeline.jobs_runner import Means, Runner

Answer = TypeVar("Answer")
GRAPH = (
    Job("risk", (), 3),
    Job("accept", (), 3),
    Job("sft", (), 3),
    Job("rm", (), 3),
    Job("ppo-decision", ("risk", "accept"), 3),
    Job("ppo-text", ("sft", "rm"), 3),
)
"""The six jobs, the reward model beside the fine-tuned one."""
LOOKS = 2
"""Looks after which a job has ended."""


class Killed(BaseException):
    """The runner's process ended here."""


def order_of(run: Run, stage: str) -> Order:
    """Order the present attempt at a stage."""
    return Order(run.name, stage, run.standings[stage].attempt, (stage,), 60)


@dataclass
class DictJobs:
    """Jobs that end after some looks, as the plan says; it refuses two live ones of a stage."""

    fails: set[tuple[str, int]] = field(default_factory=set)
    """Attempts that fail; all others succeed."""
    mute: set[int] = field(default_factory=set)
    """Calls, counted from 0, that are not answered; an even one does its work all the same."""
    before_call: Callable[[], None] = lambda: None
    after_call: Callable[[], None] = lambda: None
    calls: int = 0
    orders: dict[str, Order] = field(default_factory=dict)
    looked: dict[str, int] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    started_after: dict[str, frozenset[str]] = field(default_factory=dict)
    """Stages that had succeeded when a job arrived, by its name."""
    most: int = 0
    """Jobs that lived at a time."""

    def live(self) -> list[str]:
        """Name the jobs that have not ended."""
        return [name for name in self.orders if name not in self.ended]

    def find(self, name: str) -> str | None:
        """Look by name."""
        return self._called(lambda: name if name in self.orders else None)

    def submit(self, order: Order) -> str:
        """Take an order in."""

        def taken() -> str:
            assert order.name not in self.orders, f"{order.name} was handed over twice"
            assert order.stage not in [self.orders[name].stage for name in self.live()], "two of a stage live"
            self.orders[order.name] = order
            done = {self.orders[name].stage for name, end in self.ended.items() if end == "succeeded"}
            self.started_after[order.name] = frozenset(done)
            self.most = max(self.most, len(self.live()))
            return order.name

        return self._called(taken)

    def look(self, where: str) -> Seen:
        """Let a job come a look nearer to its end."""

        def seen() -> Seen:
            order = self.orders[where]
            self.looked[where] = self.looked.get(where, 0) + 1
            if where not in self.ended and self.looked[where] >= LOOKS:
                self.ended[where] = "failed" if (order.stage, order.attempt) in self.fails else "succeeded"
            end = self.ended.get(where)
            if end == "failed":
                return Seen("failed", "no luck")
            if end == "cancelled":
                return Seen("cancelled", "it was cancelled")
            return Seen("succeeded" if end == "succeeded" else "running")

        return self._called(seen)

    def cancel(self, where: str) -> None:
        """End a job that lives."""
        self._called(lambda: self.ended.setdefault(where, "cancelled"))

    def _called(self, act: Callable[[], Answer]) -> Answer:
        number, self.calls = self.calls, self.calls + 1
        self.before_call()
        if number in self.mute and number % 2:
            raise NoAnswer("nobody there")
        answer = act()
        self.after_call()
        if number in self.mute:
            raise NoAnswer("no word came back")
        return answer


def driven(
    run: Run,
    place: DictJobs,
    wanted: tuple[str, ...] | None = None,
    at_once: int = 6,
    kills: frozenset[int] = frozenset(),
    call_off_after: int | None = None,
) -> Run:
    """Drive a run to its end by as many processes as it takes.

    Args:
        run: To begin with.
        place: Where its jobs run.
        wanted: Stages; None: all.
        at_once: Jobs at a time.
        kills: Events, counted from 0, at which the process ends. An event is the moment before or after the
            state is kept, and before or after the place is asked.
        call_off_after: Events after which somebody wants it cancelled.
    """
    kept, events = [run], [0]

    def event() -> None:
        number, events[0] = events[0], events[0] + 1
        if number in kills:
            raise Killed

    def keep(state: Run) -> None:
        event()
        kept.append(state)
        event()

    place.before_call = place.after_call = event
    means = Means(
        place, order_of, keep, lambda: call_off_after is not None and events[0] >= call_off_after,
        lambda: None, at_once, unanswered=1_000,
    )  # fmt: skip
    while True:
        try:
            return Runner(kept[-1], wanted or tuple(kept[-1].standings), means).go()
        except Killed:
            continue


def ends(run: Run) -> Mapping[str, tuple[str, int]]:
    """Give state and attempt of each stage."""
    return {stage: (one.state, one.attempt) for stage, one in run.standings.items()}


def fresh(*graph: Job) -> Run:
    """Begin a run of these jobs, or of the six."""
    return jobs.begun("r", graph or GRAPH)
