"""What a look came to, on the screen: one line for each check, then what is off."""

from pathlib import Path

import typer
from rich.table import Table

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.watch_figures import watch_values
from churn_saver.adapters.watch_page import MEASURES, TITLES, ends, heading
from churn_saver.cli.screen import console, note, say
from churn_saver.errors import ChurnSaverError
from churn_saver.evidence.watch import Watch


def show_look(look: Watch, page: Path, as_json: bool) -> None:
    """Print a look.

    Args:
        look: What was found.
        page: Where its page was written.
        as_json: Print the figures, and nothing else.
    """
    if as_json:
        typer.echo(canonical(watch_values(look)).decode(), nl=False)
        return
    table = Table("check", "found", "verdict", title=heading(look), title_justify="left")
    for row in _rows(look):
        table.add_row(*row)
    console.print(table)
    for line in look.alarms:
        say(f"off        {line}")
    for line in look.notes:
        note(line)
    say(f"campaign {look.campaign_id}, day {look.day:.1f}, {look.decisions:,} decisions; the page: {page}")


def show_error(error: ChurnSaverError) -> None:
    """Say why a round failed; the next one is tried."""
    typer.secho(f"churn-saver: this look failed, the next is tried: {error}", fg="red", err=True)


def _rows(look: Watch) -> list[tuple[str, str, str]]:
    rows = []
    if look.drift is not None:
        moved, columns = look.drift.moved, look.drift.columns
        farthest = max(columns, key=lambda one: one.psi, default=None)
        told = f"{len(moved)} of {len(columns)} columns moved"
        told += f", PSI {farthest.psi:.3f} at most ({farthest.column})" if farthest else ""
        rows.append(("drift", told, "off" if look.drift.alarms else "steady"))
    for score in look.calibrations:
        gap = "no outcome to judge by" if score.found is None else ends(score.found.in_the_large)
        known = 0 if score.found is None else score.found.rows
        found = f"{gap}, {known:,} known, {score.early + score.overdue:,} pending"
        rows.append((TITLES[score.score].lower(), found, score.verdict))
    share = look.delivery.share
    delivered = "no contact to judge by" if share is None else f"{ends(share)} of {look.delivery.decided:,}"
    rows.append(("messages out", delivered, look.delivery.verdict))
    for column in look.treatment:
        for measure in column.found:
            short = max(measure.groups, key=lambda one: one.shortfall.value)
            told = f"{short.group}: shortfall {ends(short.shortfall, measure.measure != 'cost_share')}"
            verdict = "off" if measure.worse else "cannot tell" if measure.unknown else "within bound"
            rows.append((f"{column.column}, {MEASURES[measure.measure].lower()}", told, verdict))
    return rows
