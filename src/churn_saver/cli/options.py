"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DATA = Path("data")
"""Where training tables lie, the demo's are written and public data is prepared."""

CHECKPOINTS = Path("checkpoints")
"""Where policies, their reports and the ladder go, relative to the working folder."""

Checkpoints = Annotated[Path, typer.Option("--out", help="Folder of policies, reports and ladder.")]
DataFolder = Annotated[
    Path, typer.Option("--data", help="Folder of churn_train.csv or the prepared public table.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for results; default var/runs/<time>/.")]
Mapping = Annotated[
    list[str] | None,
    typer.Option("--map", help="Your column name: --map tenure_months=months_active. Repeat as needed."),
]
MappingFile = Annotated[
    Path | None, typer.Option("--mapping", help="File of lines 'tenure_months: months_active' (YAML).")
]
SkipBadRows = Annotated[
    bool, typer.Option("--skip-bad-rows", help="Go on without bad rows; they are written to rejects.csv.")
]
