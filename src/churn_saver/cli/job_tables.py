"""How the jobs of a run stand, on the screen: a table that changes in place, or a line for each change."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from churn_saver.cli.screen import console, say
from churn_saver.config import JobsSettings
from churn_saver.domain.jobs import Standing, State
from churn_saver.pipeline.jobs import Run

_COLOURS: dict[State, str] = {
    "waiting": "dim", "submitting": "cyan", "running": "cyan", "succeeded": "green", "failed": "red",
    "cancelled": "yellow", "skipped": "yellow",
}  # fmt: skip


def table_of(run: Run) -> Table:
    """Draw how each job stands."""
    title = f"Run {run.name}{', being cancelled' if run.is_cancelling else ''}"
    table = Table("job", "needs", "state", title=title, title_justify="left")
    table.add_column("attempt", justify="right")
    table.add_column("note")
    for job in run.jobs:
        one = run.standings[job.stage]
        colour = _COLOURS[one.state]
        table.add_row(
            job.stage,
            ", ".join(job.needs),
            f"[{colour}]{one.state}[/]",
            str(one.attempt or ""),
            escape(one.note),
        )
    return table


class Shown:
    """Shows a run while it changes."""

    def __init__(self, run: Run) -> None:
        """Begin with what stands now."""
        self._last: dict[str, Standing] = dict(run.standings)
        self._live = Live(table_of(run), console=console, auto_refresh=False) if console.is_terminal else None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keep the table on the screen; without a terminal the lines stay by themselves."""
        if self._live is None:
            yield
            return
        with self._live:
            yield

    def change(self, run: Run) -> None:
        """Show what has changed."""
        if self._live is not None:
            self._live.update(table_of(run), refresh=True)
            return
        for stage, one in run.standings.items():
            if one != self._last[stage] and one.state != "submitting":
                attempt = f", attempt {one.attempt}" if one.attempt else ""
                say(f"{stage:<13}{one.state}{attempt}{f': {one.note}' if one.note else ''}")
        self._last = dict(run.standings)


def show_brief_figures(settings: JobsSettings) -> None:
    """Print what the project's description says of time and money; beside the specifications, not in them."""
    table = Table(
        "job", "machine", title="From the brief, not measured and no offer of Google's", title_justify="left"
    )
    table.add_column("minutes", justify="right")
    table.add_column("US dollars", justify="right")
    for stage, one in settings.stages.items():
        machine = settings.machines[one.machine].type
        table.add_row(stage, machine, str(one.from_brief.minutes), f"{one.from_brief.dollars:g}")
    table.add_section()
    minutes = sum(one.from_brief.minutes for one in settings.stages.values())
    dollars = sum(one.from_brief.dollars for one in settings.stages.values())
    table.add_row("all", "one after the other", str(minutes), f"{dollars:g}")
    Console(stderr=True, highlight=False).print(table)
