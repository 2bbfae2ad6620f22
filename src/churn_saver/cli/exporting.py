"""`churn-saver export`: a campaign's books as tables, to train on or to judge policies by.

Heavy imports stand inside.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from churn_saver.domain.logbook import Logbook
    from churn_saver.pipeline.exported import Exported

app = typer.Typer(
    help="Write a campaign's books as tables: past offers, who left, or the log of decisions.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")]
File = Annotated[Path, typer.Option("--out", help="File to write: .csv, .jsonl or .parquet.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
Days = Annotated[int, typer.Option(help="After a decision: whoever leaves later has stayed.", min=1)]
Moment = Annotated[
    str | None, typer.Option("--now", metavar="TIME", help="ISO time to look from, in UTC; default: now.")
]


@app.command()
def accept(campaign: Name, out: File, now: Moment = None, force: Force = False) -> None:
    """Write past offers and whether they were accepted: what train-risk learns acceptance from."""
    from churn_saver.pipeline.accept_rows import accept_rows

    at = _moment(now)
    _write(campaign, out, force, lambda book: accept_rows(book, at), "contact")


@app.command()
def churn(
    campaign: Name,
    out: File,
    days: Days = 30,
    everyone: Annotated[bool, typer.Option("--all", help="Contacted customers too.")] = False,
    now: Moment = None,
    force: Force = False,
) -> None:
    """Write customers and whether they left: what train-risk learns churn risk from.

    Customers who were contacted in these days are left out: theirs is the risk of a contacted customer.
    """
    from churn_saver.pipeline.churn_rows import churn_rows

    at = _moment(now)
    _write(campaign, out, force, lambda book: churn_rows(book, days, at, everyone), "customer")


@app.command()
def log(
    campaign: Name,
    out: File,
    reward: Annotated[str, typer.Option(help="retained | margin")] = "retained",
    days: Days = 30,
    now: Moment = None,
    force: Force = False,
) -> None:
    """Write decisions with their chances and rewards: the log that `churn-saver evaluate --log` reads."""
    from churn_saver.config import environment
    from churn_saver.opening import read_settings
    from churn_saver.pipeline.booked import Asked
    from churn_saver.pipeline.log_rows import log_rows

    env, _, _ = read_settings(environment(os.environ))
    asked = Asked(reward, days, env.margin_share, _moment(now))
    _write(campaign, out, force, lambda book: log_rows(book, asked), "decision")


def _write(campaign: str, out: Path, force: bool, make: "Callable[[Logbook], Exported]", what: str) -> None:
    """Read the books, write the table, and say what is not in it."""
    from churn_saver.cli.screen import counted, note, say
    from churn_saver.config import environment
    from churn_saver.opening import open_books
    from churn_saver.pipeline.exporting import require_free, write

    require_free(out, force)
    with open_books(environment(os.environ)) as store:
        book = store.logbook(campaign)
    exported = make(book)
    write(exported, out, force)
    say(f"wrote {counted(exported.frame.height, what)} to {out}")
    for why, count in exported.left_out:
        say(f"left out {count:,}: {why}")
    for line in exported.notes:
        note(line)


def _moment(text: str | None) -> datetime:
    """Read a moment; one without a zone is taken as UTC.

    Raises:
        InputError: no ISO time.
    """
    from churn_saver.errors import InputError, quoted

    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--now is {quoted(text)}, wanted an ISO time such as 2026-03-02T17:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
