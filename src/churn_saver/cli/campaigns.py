"""`churn-saver campaign`: open, close and list campaigns.

Heavy imports stand inside.
"""

import os
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import InputError

if TYPE_CHECKING:
    from churn_saver.config import ProtocolSettings

app = typer.Typer(help="Open, close and list campaigns.", no_args_is_help=True)


@app.command("open")
def open_campaign(
    limit: Annotated[str, typer.Option(help="Most that it may cost, currency units.")],
    name: Annotated[str, typer.Option("--id", help="Name of the campaign.")],
    customers: Annotated[
        int | None, typer.Option(help="Customers that the limit is meant for; default as serve.yaml.", min=1)
    ] = None,
    paced: Annotated[
        bool | None, typer.Option(help="Release an equal share of the limit each day; as serve.yaml.")
    ] = None,
    protocol: Annotated[
        Path | None, typer.Option(help="What it is to show, as ops/configs/protocol.yaml: kept for good.")
    ] = None,
) -> None:
    """Open a campaign under the caps of env.yaml and the shares of serve.yaml."""
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.domain.campaign import CAMPAIGN_ID
    from churn_saver.domain.money import shown, to_minor
    from churn_saver.opening import campaign_for, open_books, read_settings

    if not re.fullmatch(CAMPAIGN_ID, name):
        raise InputError(f"--id is {name[:40]!r}, wanted 1 to 64 of letters, digits and . _ -")
    asked = None if protocol is None else _protocol(protocol)
    now, variables = datetime.now(UTC), environment(os.environ)
    env, serve, _ = read_settings(variables)
    made = campaign_for(
        env,
        serve,
        now,
        campaign_id=name,
        limit_minor=to_minor(limit, "--limit"),
        customers=customers or serve.campaign.customers,
        is_paced=serve.campaign.paced if paced is None else paced,
    )
    opened = replace(made, salt=secrets.token_hex(16))
    with open_books(variables) as store:
        store.campaigns.open(opened, None if asked is None else asked.model_dump(mode="json"))
        recorded = store.protocols.of(name)
    pace = ", released day by day" if opened.is_paced else ""
    say(
        f"opened {name}: {shown(opened.limit_minor)} {opened.currency} for {opened.customers:,} customers "
        f"until {opened.ends_at:%Y-%m-%d}{pace}, price of budget {opened.price:.3f} until a table is decided"
    )
    if recorded is not None:
        say(f"protocol   SHA-256 {recorded.digest}, kept for good")


@app.command("close")
def close_campaign(name: Annotated[str, typer.Argument(help="Name of the campaign.")]) -> None:
    """Close a campaign: no new contacts; what was promised stays reserved."""
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.opening import open_books

    with open_books(environment(os.environ)) as store:
        store.campaigns.close(name, datetime.now(UTC))
    say(f"closed {name}; what was promised stays reserved until it is used or expires")


@app.command("list")
def list_campaigns() -> None:
    """List campaigns with limit, reserved, spent and free, and the protocol of each."""
    from rich.box import SIMPLE
    from rich.table import Table

    from churn_saver.cli.screen import console, say
    from churn_saver.config import environment
    from churn_saver.domain.money import shown
    from churn_saver.opening import open_books

    now = datetime.now(UTC)
    table = Table("campaign", "state", "ends", box=SIMPLE, padding=0)
    for heading in ("customers", "", "limit", "reserved", "spent", "free", "price"):
        table.add_column(heading, justify="right")
    with open_books(environment(os.environ)) as store:
        digests = store.protocols.digests()
        for campaign in store.campaigns.list():
            totals = store.campaigns.totals(campaign.campaign_id, now)
            table.add_row(
                campaign.campaign_id,
                "open" if campaign.is_open(now) else "closed",
                f"{campaign.ends_at:%Y-%m-%d}",
                f"{campaign.customers:,}",
                campaign.currency,
                shown(totals.limit_minor),
                shown(totals.reserved_minor),
                shown(totals.spent_minor),
                shown(totals.free_minor),
                f"{campaign.price:.3f}",
            )
    console.print(table)
    for campaign_id, digest in sorted(digests.items()):
        say(f"protocol of {campaign_id}: SHA-256 {digest}")


def _protocol(path: Path) -> "ProtocolSettings":
    """Read a protocol.

    Raises:
        InputError: the file cannot be read.
        ConfigError: a setting cannot be used; names all of them.
    """
    from churn_saver.adapters.files import read_bytes
    from churn_saver.config import ProtocolSettings, parse

    raw = read_bytes(path, "copy ops/configs/protocol.yaml and fill it in")
    try:
        return parse(ProtocolSettings, raw.decode(), str(path))
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text: {error}. Copy ops/configs/protocol.yaml") from error
