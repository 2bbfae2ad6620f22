"""A training as it runs: a bar with its figures on a terminal, a line now and then elsewhere.

Knows no training; what a line says is handed in.
"""

from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from churn_saver.cli.screen import console

EVERY = 10
"""Iterations between two lines where there is no terminal."""


class LiveLines:
    """A bar and a line of figures below it, renewed with every iteration."""

    def __init__(self, iterations: int, on: Console = console, what: str = "iteration") -> None:
        """Prepare the bar; it appears when it is entered.

        Args:
            iterations: Of the whole training, those of earlier sessions included.
            on: Where to show.
            what: One of them is called.
        """
        self._iterations, self._on, self._what = iterations, on, what
        columns = (
            TextColumn(what + " {task.completed}/{task.total}"), BarColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=on)
        self._task = self._bar.add_task("", total=iterations)
        self._live = Live(console=on)

    def show(self, iteration: int, told: str) -> None:
        """Show one iteration."""
        if self._live.is_started:
            self._bar.update(self._task, completed=iteration)
            self._live.update(Group(self._bar, Text(told)))
        elif iteration % EVERY == 0 or iteration == self._iterations:
            line = f"{self._what} {iteration}/{self._iterations} {told}"
            self._on.print(line, markup=False, soft_wrap=True)

    def __enter__(self) -> Self:
        if self._on.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
