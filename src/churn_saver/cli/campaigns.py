"""Open, close and list campaigns."""

import os
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime

from rich.box import SIMPLE
from rich.table import Table

from churn_saver.cli.screen import console, say
from churn_saver.config import environment
from churn_saver.domain.campaign import CAMPAIGN_ID
from churn_saver.domain.money import shown, to_minor
from churn_saver.errors import InputError
from churn_saver.opening import campaign_for, open_books, read_settings


def open_campaign(name: str, limit: str, customers: int | None, paced: bool | None) -> None:
    """Open a campaign with the caps of env.yaml and the shares of serve.yaml."""
    if not re.fullmatch(CAMPAIGN_ID, name):
        raise InputError(f"--id is {name[:40]!r}, wanted 1 to 64 of letters, digits and . _ -")
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
        store.campaigns.open(opened)
    pace = ", released day by day" if opened.is_paced else ""
    say(
        f"opened {name}: {shown(opened.limit_minor)} {opened.currency} for {opened.customers:,} customers "
        f"until {opened.ends_at:%Y-%m-%d}{pace}, price of budget {opened.price:.3f} until a table is decided"
    )


def close_campaign(name: str) -> None:
    """Close a campaign."""
    with open_books(environment(os.environ)) as store:
        store.campaigns.close(name, datetime.now(UTC))
    say(f"closed {name}; what was promised stays reserved until it is used or expires")


def list_campaigns() -> None:
    """Print every campaign with its books."""
    now = datetime.now(UTC)
    table = Table("campaign", "state", "ends", box=SIMPLE, padding=0)
    for heading in ("customers", "", "limit", "reserved", "spent", "free", "price"):
        table.add_column(heading, justify="right")
    with open_books(environment(os.environ)) as store:
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
