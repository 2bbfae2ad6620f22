"""The command line `churn-saver`: one command for each make target; the only place where all meets.

Heavy imports stand inside the commands, so that `--help` answers at once.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from churn_saver.cli import (
    campaigns,
    comparing,
    control,
    customers,
    data,
    evaluating,
    explaining,
    exporting,
    jobs,
    keys,
    ledger,
    lifting,
    messages,
    releases,
    replaying,
    retraining,
    texts,
    uplift,
    versioning,
    watching,
)
from churn_saver.cli.extras import advice
from churn_saver.cli.options import (
    CHECKPOINTS,
    DATA,
    Checkpoints,
    DataFolder,
    Mapping,
    MappingFile,
    Out,
    SkipBadRows,
)
from churn_saver.errors import ChurnSaverError, ConfigError

STOPPED = 130
"""Exit code after Ctrl-C."""

app = typer.Typer(
    name="churn-saver",
    help="Decide whom to contact, when, with which discount, and keep what was promised.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(campaigns.app, name="campaign")
app.add_typer(control.app, name="control")
app.add_typer(data.app, name="data")
app.add_typer(exporting.app, name="export")
app.add_typer(jobs.app, name="jobs")
app.add_typer(keys.app, name="keys")
app.add_typer(ledger.app, name="ledger")
app.add_typer(messages.app, name="messages")
app.add_typer(releases.app, name="releases")
for _unnamed in (
    jobs.beside, texts.app, customers.app, lifting.app, comparing.app, replaying.app, explaining.app,
    uplift.app, versioning.app, retraining.app, watching.app, evaluating.app,
):  # fmt: skip
    app.add_typer(_unnamed)


def main() -> None:
    """Run the command line; an error of ours, or a missing package, is one message and exit code 1."""
    try:
        app()
    except ChurnSaverError as error:
        typer.secho(f"churn-saver: {error}", fg="red", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        if (told := advice(error)) is None:
            raise
        typer.secho(f"churn-saver: {told}", fg="red", err=True)
        sys.exit(1)
    except SystemExit as end:
        # Typer has turned Ctrl-C into this code by now.
        if end.code == STOPPED:
            typer.secho("churn-saver: stopped; what was recorded stays recorded", fg="red", err=True)
        raise


@app.command("prepare-data")
def prepare_data(
    folder: Annotated[Path, typer.Option(help="Where the tables go.")] = DATA,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.", min=0)] = 42,
) -> None:
    """Write small, seeded demo tables; a table of your own is never overwritten."""
    from churn_saver.cli.preparing import prepare

    prepare(folder, seed)


@app.command()
def demo(
    customers: Annotated[
        Path | None, typer.Option(help="CSV, JSON lines or Parquet; default: the demo's.")
    ] = None,
    budget: Annotated[str, typer.Option(help="Limit of the campaign, currency units.")] = "5000",
    out: Out = None,
    mapping: Mapping = None,
    mapping_file: MappingFile = None,
    skip_bad_rows: SkipBadRows = False,
) -> None:
    """Go the whole journey: train, decide for every customer under a budget, write, report."""
    from churn_saver.cli.demo import run
    from churn_saver.cli.tables import Source

    run(Source.of(customers, mapping, mapping_file, skip_bad_rows), budget, out)


@app.command()
def decide(
    table: Annotated[Path | None, typer.Argument(help="CSV, JSON lines or Parquet of customers.")] = None,
    out: Out = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only plan: reserve and queue nothing.")] = False,
    commit: Annotated[Path | None, typer.Option("--commit", help="Commit the plan in this folder.")] = None,
    mapping: Mapping = None,
    mapping_file: MappingFile = None,
    skip_bad_rows: SkipBadRows = False,
) -> None:
    """Decide for a table in the open campaign; after a kill, the same --out goes on where it stopped."""
    from churn_saver.cli.deciding import commit_plan, decide_table, plan_table
    from churn_saver.cli.tables import Source

    if (table is None) == (commit is None):
        raise typer.BadParameter("give a TABLE, or --commit PLAN")
    if commit is not None:
        commit_plan(commit, out)
        return
    source = Source.of(table, mapping, mapping_file, skip_bad_rows)
    (plan_table if plan else decide_table)(source, out)


@app.command("train-risk")
def train_risk(
    only: Annotated[str, typer.Option(help="risk | accept | both")] = "both",
    folder: Annotated[
        Path, typer.Option("--data", help="Folder of churn_train.csv and accept_train.csv.")
    ] = DATA,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the artefacts; default models/risk_accept/artifacts.")
    ] = None,
) -> None:
    """Train churn risk and offer acceptance; a model that misses its gates is not written."""
    from churn_saver.cli.training import train_models

    train_models(only, folder, out)


@app.command("train-ppo")
def train_ppo(
    observation: Annotated[
        str | None, typer.Option(help="full_price | full | nine; default as ppo.yaml.")
    ] = None,
    budget: Annotated[float | None, typer.Option(help="Currency units per customer; as env.yaml.")] = None,
    cloned: Annotated[bool, typer.Option("--cloned", help="Start by imitating the exact policy.")] = False,
    iterations: Annotated[int | None, typer.Option(help="Default as ppo.yaml.")] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same policy.", min=0)] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget an interrupted run.")] = False,
    workers: Annotated[int, typer.Option(help="Budgets certified at a time, one core each.", min=1)] = 2,
    folder: DataFolder = DATA,
    out: Checkpoints = CHECKPOINTS,
) -> None:
    """Train the decision policy and judge it, by exact evaluation, on customers that it never met."""
    _require_rl()
    from churn_saver.cli.policies import Wishes, train

    train(Wishes(budget, observation, cloned, iterations), seed, folder, out, fresh, workers)


@app.command()
def optimum(
    budget: Annotated[float | None, typer.Option(help="Currency units per customer; as env.yaml.")] = None,
    customers: Annotated[int, typer.Option(help="Size of the panel.", min=2)] = 256,
    folder: DataFolder = DATA,
    out: Checkpoints = CHECKPOINTS,
) -> None:
    """Solve the exact constrained optimum for a range of budgets: what budget buys at best."""
    _require_rl()
    from churn_saver.cli.policies import Wishes, frontier

    frontier(Wishes(budget), customers, folder, out)


@app.command()
def bench(
    budget: Annotated[float | None, typer.Option(help="Currency units per customer; as env.yaml.")] = None,
    workers: Annotated[int, typer.Option(help="Trainings at a time, one core each.", min=1)] = 2,
    folder: DataFolder = DATA,
    out: Checkpoints = CHECKPOINTS,
) -> None:
    """Measure every rung of the ladder at equal budget and record the champion that serves."""
    _require_rl()
    from churn_saver.cli.benching import bench as measure
    from churn_saver.cli.policies import Wishes

    measure(Wishes(budget), workers, folder, out)


@app.command()
def serve() -> None:
    """Serve /retain and /predict; the variables of .env.example are read."""
    import os

    from churn_saver.config import environment
    from churn_saver.serve.running import run

    run(environment(os.environ))


@app.command()
def dispatch(
    sender: Annotated[str, typer.Option(help="Who gets the messages: file:PATH or https://host/path.")],
    once: Annotated[bool, typer.Option("--once", help="End when nothing is due.")] = False,
    token_from: Annotated[
        str | None,
        typer.Option(help="The webhook's bearer token: file:PATH or projects/P/secrets/S/versions/V."),
    ] = None,
) -> None:
    """Send decided messages when they are due; several may run, and one that is killed loses none."""
    from churn_saver.cli.dispatching import dispatch as send

    send(sender, token_from, once)


def _require_rl() -> None:
    """Refuse what cannot be done without the packages of the extra `rl`."""
    from importlib.util import find_spec

    missing = [name for name in ("numba", "tensorboard", "torch") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{', '.join(missing)} cannot be imported, wanted for the decision policy. Next step: "
            "pip install 'churn-saver[rl]'"
        )
