"""`churn-saver retrain`: a campaign's books become tables, the tables models, the models a version.

Nothing decides by it until somebody gives it a role. Heavy imports stand inside.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()
RETRAINED = Path("models/retrained")
"""Where the tables and models of each campaign lie, relative to the working folder."""
TABLES, ARTEFACTS = "data", "artifacts"


@app.command()
def retrain(
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Name of the campaign.")],
    policy: Annotated[
        str | None, typer.Option(help="Rung of the ladder, as serve.yaml names it; default: its own.")
    ] = None,
    days: Annotated[int, typer.Option(help="After a decision: whoever leaves later has stayed.", min=1)] = 30,
    everyone: Annotated[bool, typer.Option("--all", help="Contacted customers teach the risk too.")] = False,
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
) -> None:
    """Train on what a campaign has taught and register the result; nothing decides by it yet.

    What `export churn`, `export accept`, `train-risk` and `versions register` do, one after the other.
    """
    from churn_saver.cli.exporting import accept, churn
    from churn_saver.cli.screen import say
    from churn_saver.cli.training import train_models
    from churn_saver.cli.versioning import register_from
    from churn_saver.domain.versions import SHOWN_DIGITS

    folder = RETRAINED / campaign
    tables, artefacts = folder / TABLES, folder / ARTEFACTS
    churn(campaign, tables / "churn_train.csv", days, everyone, force=True)
    accept(campaign, tables / "accept_train.csv", force=True)
    train_models("both", tables, artefacts)
    retrained = {**os.environ, "MODEL_DIR": str(artefacts)}
    version = register_from(retrained, policy, note or f"retrained on {campaign}")
    say(f"next       churn-saver promote {version.digest[:SHOWN_DIGITS]} --to challenger --share 0.1")
