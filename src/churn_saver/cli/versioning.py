"""`churn-saver versions`, `promote`, `rollback`: what may decide, and who does.

Heavy imports stand inside.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churn_saver.errors import InputError

if TYPE_CHECKING:
    from churn_saver.domain.versions import Roles, Version
    from churn_saver.store import Store
    from churn_saver.store.shadows import Tally

app = typer.Typer()
versions = typer.Typer(help="Keep versions of what decides, and look at them.", no_args_is_help=True)
app.add_typer(versions, name="versions")

BY = "command line"
"""Who changed a role, as the audit chain names it: no person's name."""
By = Annotated[str, typer.Option(help="Who does it, for the audit chain; no person's name.")]


@versions.command("register")
def register(
    policy: Annotated[
        str | None, typer.Option(help="Rung of the ladder, as serve.yaml names it; default: its own.")
    ] = None,
    note: Annotated[str, typer.Option(help="What is new in it.")] = "",
    by: By = BY,
) -> None:
    """Keep what settings and folders name now as a version: its files by their hashes, and a row."""
    register_from(os.environ, policy, note, by)


def register_from(variables: Mapping[str, str], policy: str | None, note: str, by: str = BY) -> "Version":
    """Keep what variables name as a version, say so, and give it."""
    from churn_saver.adapters.versions import keep
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.opening import open_books, read_settings
    from churn_saver.opening.versions import VERSIONS_DIR, gather

    settled = environment(variables)
    _, serve, _ = read_settings(settled)
    version, contents = gather(settled, serve, policy)
    folder = keep(VERSIONS_DIR, version, contents)
    with open_books(settled) as store:
        is_new = store.registry.register(version, note, by, datetime.now(UTC))
    say(f"{'registered' if is_new else 'is there already:'} {_shown(version)}\nfiles      {folder}")
    return version


@versions.command("list")
def list_versions() -> None:
    """List all versions with their roles, oldest first."""
    from rich.box import SIMPLE
    from rich.table import Table

    from churn_saver.cli.screen import console, say
    from churn_saver.config import environment
    from churn_saver.opening import open_books

    with open_books(environment(os.environ)) as store:
        found, roles, tallies = store.registry.list(), store.control().roles, store.shadows.tallies()
    headings = ("version", "role", "policy", "predictors", "registered", "shadowed", "note")
    table = Table(*headings, box=SIMPLE, padding=0)
    for one in found:
        version = one.version
        table.add_row(
            version.digest[:12], _role(roles, version.digest), version.policy, version.models,
            f"{one.registered_at:%Y-%m-%d %H:%M}", _counted(tallies, version.digest), one.note,
        )  # fmt: skip
    console.print(table)
    if roles.champion is None:
        say("no version is champion: what settings and folders name decides")


@versions.command("show")
def show(name: Annotated[str, typer.Argument(metavar="VERSION", help="Its hash, or the beginning.")]) -> None:
    """Show a version: its files, whether they are whole here, and every role that it has had."""
    from churn_saver.adapters.versions import require_whole
    from churn_saver.cli.screen import note, say
    from churn_saver.config import environment
    from churn_saver.errors import ArtifactError
    from churn_saver.opening import open_books
    from churn_saver.opening.versions import VERSIONS_DIR

    with open_books(environment(os.environ)) as store:
        found = store.registry.find(name)
        changes = [one for one in store.registry.changes() if one.version == found.version.digest]
        tally = store.shadows.tallies().get(found.version.digest)
    version = found.version
    say(f"version    {version.digest}\npolicy     {version.policy}\npredictors {version.models}")
    told = f": {found.note}" if found.note else ""
    say(f"registered {found.registered_at:%Y-%m-%d %H:%M:%S} UTC by {found.by}{told}")
    for file, digest in sorted(version.files.items()):
        say(f"file       {digest}  {file}")
    for one in changes:
        share = "" if one.share is None else f", {one.share:.1%} of the customers"
        gate = "" if one.evidence is None else f", gate report {one.evidence[:12]}"
        why = f": {one.reason}" if one.reason else ""
        say(f"{one.at:%Y-%m-%d %H:%M:%S} {one.role}{share} by {one.by}{gate}{why}")
    if tally is not None:
        say(
            f"shadow     of {tally.decisions:,} decisions; wanted the same in {tally.alike:,}, would have "
            f"contacted in {tally.contacts:,}"
        )
    try:
        require_whole(VERSIONS_DIR, version.digest)
    except ArtifactError as error:
        note(str(error))
    else:
        say(f"files are whole in {VERSIONS_DIR / version.digest}")


@app.command()
def promote(
    name: Annotated[str, typer.Argument(metavar="VERSION", help="Its hash, or the beginning.")],
    to: Annotated[str, typer.Option("--to", help="shadow | challenger | champion | retired")],
    share: Annotated[
        float | None, typer.Option(help="Of the customers, for a challenger: more than 0, less than 1.")
    ] = None,
    evidence: Annotated[
        Path | None, typer.Option(help="Gate report: what churn-saver compare --json wrote.")
    ] = None,
    override: Annotated[
        str | None, typer.Option(help="Why it becomes champion without a passed gate; is recorded.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; is recorded.")] = "",
    by: By = BY,
) -> None:
    """Give a version a role; services take it up within two seconds, without a restart."""
    from churn_saver.cli.screen import say
    from churn_saver.config import environment
    from churn_saver.domain.versions import Role
    from churn_saver.opening import open_books, read_settings
    from churn_saver.opening.versions import open_version

    if to not in tuple(Role):
        raise InputError(f"--to is {to[:40]!r}, wanted shadow, challenger, champion or retired")
    role, variables = Role(to), environment(os.environ)
    with open_books(variables) as store:
        version = store.registry.find(name).version
        if role is not Role.RETIRED:
            # What cannot be loaded here is not promoted: services would go on with what they have.
            open_version(read_settings(variables)[0], version.digest)
        digest = None if evidence is None else _digest(evidence, version, store, role, override)
        if role is Role.CHAMPION and digest is None and override is None:
            raise InputError(
                "a champion wants a passed gate report: --evidence FILE, as churn-saver compare --json wrote "
                'it; or say why without one: --override "reason"'
            )
        told = reason if override is None else f"override: {override}"
        roles = store.registry.promote(
            version.digest, role, by, datetime.now(UTC), share=share, reason=told, evidence=digest
        )
    say(f"{role}: {_shown(version)}")
    _tell(roles)


@app.command()
def rollback(
    reason: Annotated[str, typer.Option(help="Why; is recorded.")] = "",
    by: By = BY,
) -> None:
    """Go back to the champion before; services obey within two seconds. No file is needed for it."""
    from churn_saver.config import environment
    from churn_saver.opening import open_books

    with open_books(environment(os.environ)) as store:
        roles = store.registry.roll_back(by, datetime.now(UTC), reason)
    _tell(roles)


def _digest(path: Path, version: "Version", store: "Store", role: str, override: str | None) -> str:
    """Give the digest of a gate report, after looking that it is one of this version, and passed.

    Raises:
        InputError: it is no report, or of another version; or it did not pass, and nobody overrides that.
    """
    import json

    from churn_saver.adapters.files import read_bytes
    from churn_saver.domain.versions import Role
    from churn_saver.evidence.promotion import DIGEST, digest_of, is_passed

    try:
        found = json.loads(read_bytes(path, "write it: churn-saver compare --json FILE"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{path} is not JSON ({error}). Write it: churn-saver compare --json FILE"
        ) from error
    if not isinstance(found, dict) or found.get(DIGEST) != digest_of(found):
        raise InputError(
            f"{path} is no gate report, or was changed after it was written. Write it again: "
            "churn-saver compare --json FILE"
        )
    _require_about(found, "challenger", version, path)
    champion = store.control().roles.champion
    if champion is not None:
        _require_about(found, "champion", store.registry.find(champion).version, path)
    if role == Role.CHAMPION and override is None and not is_passed(found):
        raise InputError(
            f"the gate report {path} did not pass, so {version.digest[:12]} cannot become champion: see its "
            'conditions. Or say why all the same: --override "reason"'
        )
    return digest_of(found)


def _require_about(found: Mapping[str, object], side: str, version: "Version", path: Path) -> None:
    """Refuse a report about somebody else: it names a version by its hash, else who decides by its label."""
    told = found.get(f"{side}_version") or found.get(side)
    if told not in (version.digest, version.policy):
        raise InputError(
            f"the gate report {path} is about {side} {str(told)[:40]!r}, wanted {version.digest[:12]} or "
            f"{version.policy}. Compare these two: churn-saver compare"
        )


def _role(roles: "Roles", digest: str) -> str:
    if digest == roles.challenger:
        return f"challenger {roles.share:.1%}"
    return "champion" if digest == roles.champion else "shadow" if digest == roles.shadow else ""


def _counted(tallies: "Mapping[str, Tally]", digest: str) -> str:
    return f"{tallies[digest].decisions:,}" if digest in tallies else ""


def _shown(version: "Version") -> str:
    return f"{version.digest[:12]} ({version.policy}, predictors {version.models})"


def _tell(roles: "Roles") -> None:
    """Say who has which role now."""
    from churn_saver.cli.screen import say

    champion = "what settings and folders name" if roles.champion is None else roles.champion[:12]
    say(f"champion   {champion}")
    if roles.challenger is not None:
        say(f"challenger {roles.challenger[:12]}, {roles.share:.1%} of the customers")
    if roles.shadow is not None:
        say(f"shadow     {roles.shadow[:12]}")
