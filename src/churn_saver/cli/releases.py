"""`churn-saver releases`: send trained models to a bucket under a name, and say which of them is served.

Heavy imports stand inside.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Send trained models to a bucket, and name those that serve.", no_args_is_help=True)

At = Annotated[
    str | None,
    typer.Option("--at", help="gs://bucket/prefix or folder of releases; default of GCS_MODEL_BUCKET."),
]
Name = Annotated[str, typer.Argument(help="Of the release, written once.")]
MEGABYTE = 1e6


@app.command()
def push(
    name: Name,
    root: Annotated[Path, typer.Option("--from", help="Root of the project that trained them.")] = Path(),
    at: At = None,
) -> None:
    """Send what was trained, every file verified; nothing is served from it until `use` names it."""
    import tempfile

    from churn_saver.adapters.releases import plain_release
    from churn_saver.adapters.trees import push_tree
    from churn_saver.cli.screen import counted, say
    from churn_saver.opening.releases import gather

    plain_release(name)
    where = _where(at)
    with tempfile.TemporaryDirectory(prefix="churn-saver-release-") as aside:
        parts = gather(root, Path(aside))
        tree = push_tree(Path(aside), where, name)
    size = f"{tree.bytes / MEGABYTE:.1f} MB"
    say(f"release    {name}  {counted(tree.files, 'file')}, {size}")
    say(f"sha-256    {tree.sha256}")
    for part in parts:
        say(f"part       {part}")
    say(f"at         {where}/{name}")


@app.command()
def use(name: Name, at: At = None) -> None:
    """Make a release the current one: services that start from now on serve it."""
    from churn_saver.adapters.releases import use as make_current
    from churn_saver.cli.screen import say

    where = _where(at)
    say(f"current    {make_current(where, name).label}\nat         {where}")


@app.command("list")
def list_releases(at: At = None) -> None:
    """List all releases, and which one is current."""
    from rich.box import SIMPLE
    from rich.table import Table

    from churn_saver.adapters.releases import on_shelf
    from churn_saver.cli.screen import console, note, say

    where = _where(at)
    shelf = on_shelf(where)
    if not shelf.whole:
        say(f"no releases at {where}")
    else:
        table = Table("release", "", "files", "MB", "list", box=SIMPLE, padding=0)
        for tree in shelf.whole:
            is_current = shelf.current is not None and shelf.current.release == tree.name
            size = f"{tree.bytes / MEGABYTE:.1f}"
            table.add_row(tree.name, "current" if is_current else "", str(tree.files), size, tree.sha256[:16])
        console.print(table)
    for name in shelf.unfinished:
        note(f"{name} was never sent whole: send it again, what is there stays")


def _where(at: str | None) -> str:
    """Find the place of releases.

    Raises:
        InputError: nobody names one.
    """
    from churn_saver.config import environment
    from churn_saver.errors import InputError
    from churn_saver.opening.releases import releases_of

    if at:
        return at.rstrip("/") or at
    bucket = environment(os.environ).GCS_MODEL_BUCKET
    if bucket is None:
        raise InputError(
            "no place of releases is named: set GCS_MODEL_BUCKET to a bucket, or name a place with --at "
            "(gs://bucket/prefix, or a folder)"
        )
    return releases_of(bucket)
