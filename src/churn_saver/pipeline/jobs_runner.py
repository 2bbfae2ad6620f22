"""Drives a run of training jobs to its end, wherever the jobs run, and survives the end of its own process.

Every step is kept before and after it is done. A job that was being handed over when the process ended is
looked for by its name before it is handed over again, so that no stage ever lives twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from churn_saver.domain.jobs import Order, Seen
from churn_saver.errors import InputError, NoAnswer, listed
from churn_saver.pipeline import jobs
from churn_saver.pipeline.jobs import Run


class Backend(Protocol):
    """Where jobs run. Each of these may raise NoAnswer, and is then asked again."""

    def find(self, name: str) -> str | None:
        """Say where the attempt of this name is; None: it never arrived."""

    def submit(self, order: Order) -> str:
        """Hand an attempt over that is not there yet, and say where it is.

        Raises:
            NoAnswer: it may or may not have arrived.
        """

    def look(self, where: str) -> Seen:
        """Say how it goes; a job that is lost has failed."""

    def cancel(self, where: str) -> None:
        """Ask a job to stop; one that has ended, or was asked before, is left alone."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a runner works with."""

    backend: Backend
    order_of: Callable[[Run, str], Order]
    """Makes the order for the present attempt at a stage."""
    keep: Callable[[Run], None]
    """Keeps the state for good; told every change before the next step."""
    is_called_off: Callable[[], bool]
    """Says whether somebody wants the run cancelled."""
    wait: Callable[[], None]
    """Lets some time pass between two rounds."""
    at_once: int
    """Jobs that may live at a time."""
    unanswered: int
    """Rounds in a row in which an answer may be missing; then the runner gives up, and the jobs go on."""


class Runner:
    """One run on its way to its end."""

    def __init__(self, run: Run, wanted: Iterable[str], means: Means) -> None:
        """Take up a run.

        Args:
            run: As it was kept last.
            wanted: Stages to go for; those that live belong to them.
            means: What to work with.

        Raises:
            InputError: a wanted stage needs one that has not succeeded and is not wanted.
        """
        self.run, self.means = run, means
        self.wanted = frozenset(wanted) | frozenset(jobs.live(run))
        if lacks := jobs.lacking(run, self.wanted):
            stage, needs = next(iter(lacks.items()))
            raise InputError(
                f"{stage} needs {listed(needs)}, which run {run.name} has not made. Next step: name "
                f"{'it' if len(needs) == 1 else 'them'} with --only too, or leave --only out"
            )

    def go(self) -> Run:
        """Go on until all that is wanted has ended.

        Raises:
            NoAnswer: too many rounds without one. Nothing is lost: the same run can be taken up later.
        """
        silent = 0
        while not jobs.is_over(self.run, self.wanted):
            if self.means.is_called_off() and not self.run.is_cancelling:
                self._keep(jobs.cancelling(self.run))
            missing = self._round()
            silent = silent + 1 if missing else 0
            if missing and silent > self.means.unanswered:
                raise NoAnswer(
                    f"run {self.run.name} could not be followed, {silent} times in a row: {missing}. What "
                    "runs goes on by itself. Next step: the same command again follows it"
                )
            if not jobs.is_over(self.run, self.wanted):
                self.means.wait()
        return self.run

    def _round(self) -> str:
        """Look at all that lives and start what may; say what did not answer, empty when all did."""
        missing = ""
        for stage in jobs.live(self.run):
            try:
                self._follow(stage)
            except NoAnswer as error:
                missing = str(error)
        for stage in jobs.startable(self.run, self.wanted):
            if len(jobs.live(self.run)) >= self.means.at_once:
                break
            self._keep(jobs.submitting(self.run, stage))
            try:
                self._follow(stage)
            except NoAnswer as error:
                missing = str(error)
        return missing

    def _follow(self, stage: str) -> None:
        """Take one stage that lives a step further."""
        standing, backend = self.run.standings[stage], self.means.backend
        if standing.state == "submitting":
            order = self.means.order_of(self.run, stage)
            where = backend.find(order.name)
            if where is None and self.run.is_cancelling:
                self._keep(jobs.never_arrived(self.run, stage))
                return
            self._keep(jobs.submitted(self.run, stage, where or backend.submit(order)))
            return
        if self.run.is_cancelling:
            backend.cancel(standing.where)
        after = jobs.seen(self.run, stage, backend.look(standing.where))
        if after != self.run:
            self._keep(after)

    def _keep(self, run: Run) -> None:
        self.means.keep(run)
        self.run = run
