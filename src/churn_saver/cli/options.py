"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DATA = Path("data")
"""Where training tables lie, the demo's are written and public data is prepared."""

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
