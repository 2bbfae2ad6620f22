"""`churn-saver lift`: what a campaign did, treated against held out.

Heavy imports stand inside.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()

REPORT, PAGE = "lift.json", "lift.html"
DAYS = 30
"""Where neither the command line nor a protocol says after how many days everybody is judged."""


@app.command()
def lift(
    campaign: Annotated[str, typer.Argument(help="Name of the campaign.")],
    days: Annotated[
        int | None,
        typer.Option(
            help=f"After the first decision, at which all are judged; as its protocol, or {DAYS}.",
            min=1,
            max=3_650,
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help=f"Folder for {PAGE} and {REPORT}.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say whether a campaign kept customers, how sure that is, and who is left out of the comparison."""
    from churn_saver.adapters.canonical import canonical
    from churn_saver.adapters.files import write_bytes
    from churn_saver.adapters.lift_page import lift_page
    from churn_saver.cli.screen import say

    report = _report(campaign, days, datetime.now(UTC))
    content = canonical(report)
    if as_json:
        typer.echo(content, nl=False)
    else:
        _show(report)
    if out is not None:
        write_bytes(out / REPORT, content)
        write_bytes(out / PAGE, lift_page(report).encode())
        if not as_json:
            say(f"report     {out / PAGE}")


def _report(campaign_id: str, days: int | None, now: datetime) -> Mapping[str, object]:
    from churn_saver.config import ProtocolSettings, environment
    from churn_saver.config.reading import validated
    from churn_saver.opening import open_books, read_settings
    from churn_saver.pipeline.following import Window
    from churn_saver.pipeline.lifting import lift_report

    variables = environment(os.environ)
    env, _, _ = read_settings(variables)
    with open_books(variables) as store:
        book = store.logbook(campaign_id)
        recorded = store.protocols.of(campaign_id)
    protocol, shown = None, None
    if recorded is not None:
        origin = f"protocol of campaign {campaign_id!r}"
        protocol = validated(ProtocolSettings, json.loads(recorded.body), origin)
        shown = {"digest": recorded.digest, "recorded_at": recorded.recorded_at.isoformat(timespec="seconds")}
    window = Window(days or (protocol.days if protocol else DAYS), env.margin_share, now)
    return lift_report(book, window, protocol, shown)


def _show(report: Mapping[str, object]) -> None:
    """Print the first line, the look, and the tables of the page."""
    from rich.table import Table

    from churn_saver.adapters.lift_page import lift_view
    from churn_saver.cli.screen import console, note, say

    view = lift_view(report)
    say(view.first_line)
    if view.is_planned:
        say(view.look)
    else:
        note(view.look)
    for caution in view.cautions:
        note(caution)
    tables = (
        (f"Arms, intervals at {view.level}, {view.currency}", ("", "treated", "held out"), view.arms),
        ("Treated against held out", ("", "difference", "ratio", "smallest shown"), view.effects),
        ("Left out of both arms", ("", "treated", "held out"), view.left_out),
    )
    for title, headings, lines in tables:
        if not lines:
            continue
        table = Table(title=title, title_justify="left")
        for place, heading in enumerate(headings):
            table.add_column(heading, justify="right" if place else "left")
        for line in lines:
            table.add_row(line.name, *line.cells)
        console.print(table)
    say(f"saved      {view.saved} customers")
    say(f"earned     {view.earned} {view.currency}, less what it cost")
    say(f"sizes      {view.sizes}")
    told = next((line.cells[0] for line in view.protocol if line.name == "SHA-256"), "none was written")
    say(f"protocol   {told}")
