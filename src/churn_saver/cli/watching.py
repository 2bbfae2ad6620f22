"""`churn-saver watch`: drift, outcomes, messages and fairness of a running campaign.

Heavy imports stand inside.
"""

import logging
import os
import signal
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import ChurnSaverError

if TYPE_CHECKING:
    from collections.abc import Callable

    from churn_saver.evidence.watch import Watch

OFF = 3
"""Exit code where something is off."""
FAILED = 1
WATCH_DIR = Path("var/watch")

_log = logging.getLogger(__name__)

app = typer.Typer()


@app.command()
def watch(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign.")],
    once: Annotated[bool, typer.Option("--once", help="Take one look; so it is without --every.")] = False,
    every: Annotated[
        float | None, typer.Option(help="Look again after so many minutes, until stopped.", min=0.01)
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(help="FROM..TO in days of the campaign, or a customer table; default as watch.yaml."),
    ] = None,
    columns: Annotated[
        Path | None, typer.Option(help="Table of customer_id and further columns, to compare groups by.")
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option(help="File for Prometheus' textfile collector, one a campaign: NAME.prom.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the page and its figures.")] = WATCH_DIR,
    override: Annotated[
        str | None, typer.Option(help="Why groups may be treated as they are; stands on the page.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Tell what is off in a campaign: exit code 0 where nothing is, 3 where something is, 1 on an error."""
    from churn_saver.cli.log_lines import logged
    from churn_saver.config import environment
    from churn_saver.evidence.watch import watch as judge
    from churn_saver.opening import open_books, read_settings
    from churn_saver.opening.settings import read_watch_settings
    from churn_saver.pipeline.watch_tables import reference_of, side_columns
    from churn_saver.pipeline.watching import Kept, Watcher, answer_days

    if once and every is not None:
        raise typer.BadParameter("give --once or --every MINUTES, not both")
    variables = environment(os.environ)
    settings, (env, _, _) = read_watch_settings(variables), read_settings(variables)
    old, side = reference_of(reference, settings), side_columns(columns)
    kept = Kept.of(out, campaign, metrics)

    with logged(), ExitStack() as stack, open_books(variables) as store:
        store.campaigns.get(campaign)
        watcher = Watcher(
            look=lambda at: judge(
                store.logbook(campaign), at, settings, answer_days(env), old, side, override
            ),
            keep=lambda look: kept.keep(look, settings.psi),
            now=lambda: datetime.now(UTC),
            wait=_until_stopped(stack) if every is not None else lambda _: False,
            told=lambda found: _tell(found, kept.page, as_json),
        )
        last = watcher.once() if every is None else watcher.run(every)
    code = FAILED if last is None else 0 if last.is_quiet else OFF
    raise typer.Exit(code)


def _tell(found: "Watch | ChurnSaverError", page: Path, as_json: bool) -> None:
    """Show what a round found, or why it failed, and leave it in the log."""
    from churn_saver.adapters.watch_figures import watch_lines
    from churn_saver.cli.log_lines import line
    from churn_saver.cli.watch_tables import show_error, show_look

    if isinstance(found, ChurnSaverError):
        show_error(found)
        return
    show_look(found, page, as_json)
    for what, fields in watch_lines(found):
        line(_log, what, fields)


def _until_stopped(stack: ExitStack) -> "Callable[[float], bool]":
    """Give a way to wait that SIGTERM and Ctrl-C end at once; the stack gives the signals back."""
    from churn_saver.cli.dispatching import Stop

    stop = Stop()
    stack.callback(stop.close)
    for number in (signal.SIGTERM, signal.SIGINT):
        stack.callback(signal.signal, number, signal.signal(number, stop.ask))
    return stop.wait
