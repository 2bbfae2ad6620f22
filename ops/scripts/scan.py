"""Look at the supply chain: bill of materials, secrets, Dockerfiles, shell, Python, known vulnerabilities.

    .venv-scan/bin/python -m ops.scripts.scan [--strict] [--only CHECK]...

Prints what is to be mended and one table. Ends with 1 when anything is; what could not be checked is printed
and counted, and ends with 1 as well under --strict (where a network is known to answer).
"""

import argparse
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from ops.scan import accepted, linters
from ops.scan.advisories import dependencies
from ops.scan.bill import sbom
from ops.scan.files import project_files
from ops.scan.leaks import secrets
from ops.scan.outcome import Outcome, Unchecked, table

CHECKS = ("sbom", "secrets", "dockerfiles", "shell", "code", "dependencies")


def main() -> int:
    """Run the checks that are asked for and give the exit code."""
    options = _parser().parse_args()
    root = options.root.resolve()
    known = accepted.exemptions(root / accepted.PLACE)
    files = project_files(root)
    own = tomllib.loads((root / "pyproject.toml").read_text())["project"]["name"]
    looks: dict[str, Callable[[], Outcome]] = {
        "sbom": lambda: sbom(options.environment, options.sbom, options.tools),
        "secrets": lambda: secrets(root, files, options.tools, known),
        "dockerfiles": lambda: linters.dockerfiles(root, files, options.tools, known),
        "shell": lambda: linters.shell(root, files, options.tools, known),
        "code": lambda: linters.code(root, files, options.tools, known),
        "dependencies": lambda: dependencies(
            options.environment, own, options.tools, known, options.advisories
        ),
    }
    outcomes = [_looked(name, looks[name]) for name in options.only or CHECKS]
    for one in outcomes:
        for finding in one.findings:
            print(f"{one.check}: {finding}")
        if one.unchecked:
            print(f"{one.check}: not checked: {one.unchecked}")
    print(table(outcomes))
    return int(any(one.findings or (options.strict and one.unchecked) for one in outcomes))


def _looked(name: str, look: Callable[[], Outcome]) -> Outcome:
    try:
        return look()
    except Unchecked as reason:
        return Outcome(name, "", unchecked=str(reason))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=CHECKS, help="this check; may be repeated")
    parser.add_argument("--strict", action="store_true", help="what could not be checked fails too")
    parser.add_argument("--root", type=Path, default=Path(), help="the project")
    parser.add_argument(
        "--environment", type=Path, default=Path(".venv"), help="whose packages are looked at"
    )
    parser.add_argument(
        "--sbom", type=Path, default=Path("var/scan/sbom.cdx.json"), help="where the bill goes"
    )
    parser.add_argument("--tools", type=Path, default=Path(sys.executable).parent, help="where the tools are")
    parser.add_argument("--advisories", help="address of a source that speaks OSV's protocol")
    return parser


if __name__ == "__main__":
    sys.exit(main())
