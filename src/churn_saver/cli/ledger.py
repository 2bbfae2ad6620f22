"""`churn-saver ledger`: back up, restore and verify the books.

Heavy imports stand inside.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Back up, restore and verify the ledger.", no_args_is_help=True)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The new file.")]) -> None:
    """Copy the ledger as it is at one moment; service and batch go on meanwhile."""
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.opening.places import ledger_url
    from churn_saver.store.backup import backup as copy

    heads = copy(ledger_url(environment(os.environ)), file)
    _show((campaign_id, head.rows, head.digest) for campaign_id, head in heads.items())
    say(f"backed up to {file}; note the heads somewhere else, and see that the file stays private")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `ledger backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Lose the ledger that is there.")] = False,
) -> None:
    """Put a backup in the ledger's place, once its audit chains and its money have been verified."""
    from churn_saver.cli.screen import note, say
    from churn_saver.config import environment
    from churn_saver.opening.places import ledger_url
    from churn_saver.store.backup import restore as put

    checks = put(ledger_url(environment(os.environ)), file, replace, datetime.now(UTC))
    _show((campaign_id, check.rows, check.head) for campaign_id, check in checks.items())
    say(f"restored from {file}; chains and money hold")
    note("whoever was erased since the backup is back: churn-saver erase ID")


@app.command()
def verify(
    campaign: Annotated[str | None, typer.Argument(help="Only this campaign; default: all.")] = None,
) -> None:
    """Compare money and audit chains with what they stand for; an error names the first thing amiss."""
    from churn_saver.cli.screen import counted, note, say
    from churn_saver.config import environment
    from churn_saver.opening import open_books
    from churn_saver.store.backup import verify_all

    now = datetime.now(UTC)
    with open_books(environment(os.environ)) as store:
        if campaign is None:
            checks = verify_all(store, now)
        else:
            store.verify(campaign, now)
            checks = {campaign: store.verify_chain(campaign)}
    _show((campaign_id, check.rows, check.head) for campaign_id, check in checks.items())
    if older := sum(check.older for check in checks.values()):
        note(f"{counted(older, 'decision')} older than the audit chains, not covered by them")
    say(
        "chains and money hold; whoever can write to the database can also write new chains: "
        "compare the heads with those that you noted"
    )


def _show(rows: Iterable[tuple[str | None, int, str]]) -> None:
    """Print one line for each chain, whole, so that heads can be copied."""
    for campaign_id, number, head in rows:
        typer.echo(f"{campaign_id or 'of no campaign'}: {number:,} rows, head {head}")
