"""`churn-saver train-uplift`: learn from a log whom a contact moves.

Heavy imports stand inside.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import InputError, quoted

if TYPE_CHECKING:
    from churn_saver.train.effects_log import EffectsLog
    from churn_saver.train.uplift import Plain

app = typer.Typer()
BOOKS = "campaign:"
REPORT, PAGE = "report.json", "report.html"


@app.command("train-uplift")
def train_uplift(
    log: Annotated[str, typer.Option(help="CSV, JSON lines or Parquet; or campaign:ID, of our books.")],
    days: Annotated[
        int, typer.Option(help="The reward: still a customer so many days after the decision.", min=1)
    ] = 30,
    column: Annotated[
        list[str] | None, typer.Option(help="Your column name: --column reward=stayed. Repeat as needed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same effects.", min=0)] = 20,
    out: Annotated[Path | None, typer.Option(help="Folder for the effects; default models/uplift.")] = None,
) -> None:
    """Learn from a log whom a contact moves; `policy: uplift` in serve.yaml then decides by it."""
    from churn_saver.adapters import uplift as artefact
    from churn_saver.adapters.canonical import canonical
    from churn_saver.adapters.uplift_page import uplift_page
    from churn_saver.cli.screen import bars, say
    from churn_saver.config import environment
    from churn_saver.opening import UPLIFT_DIR, read_settings
    from churn_saver.train.uplift import learn_effects

    env, _, _ = read_settings(environment(os.environ))
    if column and log.startswith(BOOKS):
        raise InputError("--column is for files, and the log is of our books: leave it out")
    data, source = _from_books(log, days) if log.startswith(BOOKS) else _from_file(Path(log), column or ())
    say(f"learning from {log}, {len(data.log):,} decisions")
    with bars(passing=True) as progress:
        found = learn_effects(data, source, days, seed, env, progress)
    folder = out or UPLIFT_DIR
    pages = {REPORT: canonical(found.report), PAGE: uplift_page(found.report).encode()}
    version = artefact.save(folder, found.effects, found.provenance, found.metrics, pages)
    _show(found.report)
    say(f"effects    {folder}  version {version}")
    say(f"report     {folder / PAGE}")


def _from_file(path: Path, pairs: Sequence[str]) -> "tuple[EffectsLog, Plain]":
    import hashlib

    from churn_saver.adapters.files import read_bytes
    from churn_saver.adapters.log_files import read_log
    from churn_saver.train.effects_log import of_file

    mapping = {}
    for pair in pairs:
        name, equals, theirs = pair.partition("=")
        if not (name and equals and theirs):
            raise InputError(f"--column is {quoted(pair)}, wanted NAME=YOURS, such as reward=stayed")
        mapping[name] = theirs
    data = of_file(read_log(path, mapping))
    digest = hashlib.sha256(read_bytes(path, "name the log again")).hexdigest()
    return data, {"name": path.name, "sha256": digest}


def _from_books(log: str, days: int) -> "tuple[EffectsLog, Plain]":
    from churn_saver.adapters.log_files import LogFile
    from churn_saver.config import environment
    from churn_saver.opening import open_books
    from churn_saver.pipeline.booked import ARMS, Asked, booked
    from churn_saver.train.effects_log import of_file

    with open_books(environment(os.environ)) as store:
        book = store.logbook(log.removeprefix(BOOKS))
    found = booked(book, Asked("retained", days, 1.0, datetime.now(UTC)))
    notes = tuple(f"{rows:,} decisions left out {why}" for why, rows in found.left_out)
    return of_file(LogFile(found.log, ARMS, found.features, None, notes)), {"name": log}


def _show(report: "Plain") -> None:
    """Print what was measured, with 95 % intervals, and every doubt."""
    from rich.table import Table

    from churn_saver.adapters.uplift_page import uplift_view
    from churn_saver.cli.screen import console, note

    view = uplift_view(report)
    table = Table("arm", title="Customers kept of 100, held out, with 95 % intervals", title_justify="left")
    for heading in ("decisions", "mean effect", "AUUC", "Qini"):
        table.add_column(heading, justify="right")
    for arm in view.arms:
        figures = (arm.average.shown(100), arm.auuc.shown(100, 2), arm.qini.shown(100, 2))
        table.add_row(arm.name, f"{arm.rows:,}", *figures)
    console.print(table)
    for line in (*view.notes, *view.warnings):
        note(line)
