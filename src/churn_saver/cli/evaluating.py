"""`churn-saver evaluate`: what a policy would have earned on a log.

Heavy imports stand inside.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import InputError, quoted

if TYPE_CHECKING:
    from churn_saver.pipeline.evaluating import Ground

app = typer.Typer()
BOOKS = "campaign:"
REPORT, PAGE = "evaluation.json", "evaluation.html"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a log is read."""

    columns: Sequence[str]
    features: str | None
    campaign: str | None
    reward: str
    days: int
    explores: bool


@app.command()
def evaluate(
    log: Annotated[str, typer.Option(help="CSV, JSON lines or Parquet; or campaign:ID, of our books.")],
    policy: Annotated[
        str, typer.Option(help="arm:WORD, uniform, logged, file:PROBABILITIES; of our books also a rung.")
    ],
    against: Annotated[str | None, typer.Option(help="Another policy, to be compared with.")] = None,
    clip: Annotated[float | None, typer.Option(help="Largest weight; default: none is cut.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="Your column name: --column arm=treatment. Repeat as needed.")
    ] = None,
    features: Annotated[
        str | None, typer.Option(help="Columns known before, with commas; default: all others.")
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="The only campaign that the file may hold.")] = None,
    reward: Annotated[str, typer.Option(help="Of our books: retained | margin.")] = "retained",
    days: Annotated[int, typer.Option(help="Of our books: days after the decision that count.")] = 30,
    explore: Annotated[
        bool, typer.Option("--explore", help="Rungs explore as the campaign does; default: not at all.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for evaluation.html and evaluation.json.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say what a policy would have earned on a log of decisions, how sure that is, and what it rests on."""
    from churn_saver.adapters.canonical import canonical
    from churn_saver.adapters.evaluation_page import evaluation_page
    from churn_saver.adapters.files import write_bytes
    from churn_saver.cli.evaluation_tables import show_evaluation
    from churn_saver.cli.screen import say
    from churn_saver.pipeline.evaluating import Question, judged

    ground = _ground(log, Reading(column or (), features, campaign, reward, days, explore))
    found = judged(ground, Question(policy, against, clip))
    report = canonical(found.to_dict())
    if as_json:
        typer.echo(report, nl=False)
    else:
        show_evaluation(found)
    if out is not None:
        write_bytes(out / REPORT, report)
        write_bytes(out / PAGE, evaluation_page(found).encode())
        if not as_json:
            say(f"report     {out / PAGE}")


def _ground(log: str, how: Reading) -> "Ground":
    from churn_saver.pipeline.evaluating import ground_of_file

    if log.startswith(BOOKS):
        return _books(log.removeprefix(BOOKS), how)
    from churn_saver.adapters.log_files import read_log

    mapping = {}
    for pair in how.columns:
        name, equals, theirs = pair.partition("=")
        if not (name and equals and theirs):
            raise InputError(f"--column is {quoted(pair)}, wanted NAME=YOURS, such as arm=treatment")
        mapping[name] = theirs
    features = None if how.features is None else [name for name in how.features.split(",") if name]
    found = read_log(Path(log), mapping, features, how.campaign)
    return ground_of_file(found, Path(log).name, mapping.get("reward", "reward"))


def _books(campaign_id: str, how: Reading) -> "Ground":
    from churn_saver.config import environment
    from churn_saver.opening import open_books, read_settings
    from churn_saver.pipeline.asking_rungs import ask_rung
    from churn_saver.pipeline.booked import Asked
    from churn_saver.pipeline.evaluating import ground_of_books

    if how.columns or how.features or how.campaign:
        raise InputError(
            "--column, --features and --campaign are for files, and the log is of our books: leave them out"
        )
    variables = environment(os.environ)
    env, _, _ = read_settings(variables)
    with open_books(variables) as store:
        book = store.logbook(campaign_id)
    asked = Asked(how.reward, how.days, env.margin_share, datetime.now(UTC))
    return ground_of_books(
        book, asked, lambda name, of, rows: ask_rung(name, of, rows, variables, how.explores)
    )
