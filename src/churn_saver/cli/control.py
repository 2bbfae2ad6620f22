"""`churn-saver control`: the switches of all processes and the budget of the open campaign.

Heavy imports stand inside.
"""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import CampaignError, InputError

if TYPE_CHECKING:
    from churn_saver.store import Limit, Store

app = typer.Typer(help="Read and set the switches and the budget, for all processes.", no_args_is_help=True)

BY = "command line"
"""Who threw a switch, as the audit chain names it: no person's name."""


@app.command()
def show() -> None:
    """Show the switches, and the money of the open campaign."""
    from churn_saver.config import environment
    from churn_saver.opening import open_books

    with open_books(environment(os.environ)) as store:
        _tell(store, datetime.now(UTC))


@app.command("set")
def set_to(
    baseline: Annotated[bool | None, typer.Option(help="Let the propensity rule decide, no model.")] = None,
    stopped: Annotated[bool | None, typer.Option(help="Contact nobody, send nothing.")] = None,
    limit: Annotated[str | None, typer.Option(help="Limit of the open campaign, currency units.")] = None,
) -> None:
    """Throw switches, change the budget; what is not named stays as it is. Obeyed within two seconds."""
    from churn_saver.config import environment
    from churn_saver.opening import open_books

    if baseline is None and stopped is None and limit is None:
        raise InputError(
            "nothing to set, wanted --baseline or --no-baseline, --stopped or --no-stopped, or --limit"
        )
    now = datetime.now(UTC)
    with open_books(environment(os.environ)) as store:
        wanted = None if limit is None else _limit(store, limit, now)
        if baseline is None and stopped is None and wanted is not None:
            store.campaigns.set_limit(wanted.campaign_id, wanted.limit_minor, now, BY)
        else:
            before = store.control()
            store.set_control(
                before.baseline if baseline is None else baseline,
                before.stopped if stopped is None else stopped,
                BY,
                now,
                wanted,
            )
        _tell(store, now)


def _limit(store: "Store", limit: str, now: datetime) -> "Limit":
    from churn_saver.domain.money import to_minor
    from churn_saver.store import Limit

    minor, campaign = to_minor(limit, "--limit"), store.campaigns.current(now)
    if campaign is None:
        raise CampaignError(
            "no campaign is open whose limit could be changed. Open one: "
            "churn-saver campaign open --id spring --limit 5000"
        )
    return Limit(campaign.campaign_id, minor)


def _tell(store: "Store", now: datetime) -> None:
    from churn_saver.cli.screen import say
    from churn_saver.domain.money import shown

    control, campaign = store.control(), store.campaigns.current(now)
    say(f"stopped   {'ON: nobody is contacted, nothing is sent' if control.stopped else 'off'}")
    say(f"baseline  {'ON: the propensity rule decides' if control.baseline else 'off'}")
    if control.changed_at is not None:
        say(f"thrown last by {control.changed_by}, {control.changed_at:%Y-%m-%d %H:%M:%S} UTC")
    if campaign is None:
        say("no campaign is open")
        return
    totals = store.campaigns.totals(campaign.campaign_id, now)
    say(
        f"campaign  {campaign.campaign_id}: limit {shown(totals.limit_minor)} {campaign.currency}, "
        f"{shown(totals.free_minor)} free, {shown(totals.reserved_minor)} reserved, "
        f"{shown(totals.spent_minor)} spent"
    )
