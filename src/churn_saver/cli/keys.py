"""`churn-saver keys`: API keys of the service."""

from typing import Annotated, Literal

import typer

app = typer.Typer(help="Make API keys of the service.", no_args_is_help=True)

MadeRole = Literal["decide", "operate", "admin"]


@app.callback()
def keys() -> None:
    """Make API keys of the service."""


@app.command()
def new(
    role: Annotated[
        MadeRole, typer.Option(help="decide: /retain and /predict; operate: also metrics; admin: all.")
    ],
    name: Annotated[str, typer.Option(help="Whose it is; appears in logs, so no person's name.")],
) -> None:
    """Draw a key: shown once, and the line that API_KEYS keeps of it."""
    from churn_saver.serve.keys import Role, new_key

    key, line = new_key(name, Role[role.upper()])
    # Not by the console of other commands: it would break a long line in two.
    typer.echo(f"key, shown this once; send it in the header X-API-Key:\n{key}")
    typer.echo(f"line for API_KEYS; the key cannot be found from it:\n{line}")
