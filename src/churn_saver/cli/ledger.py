"""`churn-saver ledger`: back up, restore and verify the books.

Heavy imports stand inside.
"""

import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from churn_saver.errors import InputError, quoted

app = typer.Typer(help="Back up, restore and verify the ledger.", no_args_is_help=True)
_HEAD = re.compile(r"(?P<rows>[0-9,]+):(?P<digest>[0-9a-fA-F]{64})")


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
    """Put a backup in the ledger's place, once its audit chains and its money have been verified.

    All contacts are stopped then: what came in since the backup is not in it.
    """
    from churn_saver.cli.screen import note, say
    from churn_saver.config import environment
    from churn_saver.opening.places import ledger_url
    from churn_saver.store.backup import restore as put

    checks = put(ledger_url(environment(os.environ)), file, replace, datetime.now(UTC))
    _show((campaign_id, check.rows, check.head) for campaign_id, check in checks.items())
    say(f"restored from {file}; chains and money hold")
    note(
        "not in it is what came in since the backup. Tell it again: erasures (churn-saver erase ID), "
        "suppressions and opt-outs (churn-saver suppress import), outcomes"
    )
    note("messages that were sent since wait again, under the same keys; contacts since count for no cap")
    note("all contacts are stopped; go on: churn-saver control set --no-stopped")


@app.command()
def verify(
    campaign: Annotated[str | None, typer.Argument(help="Only this campaign; default: all.")] = None,
    head: Annotated[
        list[str] | None,
        typer.Option(
            help="A head that you noted, which must be in its chain. Of no campaign: =ROWS:DIGEST.",
            metavar="CAMPAIGN=ROWS:DIGEST",
        ),
    ] = None,
) -> None:
    """Compare audit chains with the books; an error names the first thing that was changed by hand.

    Compared are campaigns, decisions and what is personal in them, money, outcomes, marks, switches, and
    whether a message waits; not when and where to it is sent, kept answers, and who is on the list.
    """
    from churn_saver.cli.screen import counted, note, say
    from churn_saver.config import environment
    from churn_saver.opening import open_books
    from churn_saver.store.backup import verify_all

    now, noted = datetime.now(UTC), _noted(head or [])
    with open_books(environment(os.environ)) as store:
        if campaign is None:
            checks = verify_all(store, now, noted)
        else:
            if others := [name or "" for name in noted if name != campaign]:
                raise InputError(
                    f"a head of {quoted(others[0])} is given, but only {quoted(campaign)} is verified. "
                    "Leave the campaign out."
                )
            store.verify(campaign, now)
            checks = {campaign: store.verify_chain(campaign, noted.get(campaign, {}))}
    _show((campaign_id, check.rows, check.head) for campaign_id, check in checks.items())
    if older := sum(check.older for check in checks.values()):
        note(
            f"{counted(older, 'decision')} older than the audit chains, covered as they stood at the upgrade"
        )
    say(
        "chains and money hold; whoever can write to the database can also write new chains: note the heads "
        "somewhere else, and compare with --head CAMPAIGN=ROWS:DIGEST next time"
    )


def _noted(heads: Iterable[str]) -> dict[str | None, dict[int, str]]:
    """Read heads as they are noted.

    Raises:
        InputError: one is not CAMPAIGN=ROWS:DIGEST.
    """
    found: dict[str | None, dict[int, str]] = {}
    for head in heads:
        campaign_id, is_there, place = head.rpartition("=")
        match = _HEAD.fullmatch(place)
        if not is_there or match is None:
            raise InputError(
                f"head is {quoted(head)}, wanted CAMPAIGN=ROWS:DIGEST with 64 hex digits; "
                "of no campaign =ROWS:DIGEST. Copy it from `ledger backup` or `ledger verify`."
            )
        rows = int(match["rows"].replace(",", ""))
        found.setdefault(campaign_id or None, {})[rows] = match["digest"].lower()
    return found


def _show(rows: Iterable[tuple[str | None, int, str]]) -> None:
    """Print one line for each chain, whole, so that heads can be copied."""
    for campaign_id, number, head in rows:
        typer.echo(f"{campaign_id or 'of no campaign'}: {number:,} rows, head {head}")
