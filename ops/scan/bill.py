"""The software bill of materials, held to what is really installed."""

import json
import re
from email.parser import HeaderParser
from pathlib import Path

from ops.scan.outcome import Finding, Outcome, Unchecked, run


def canonical(name: str) -> str:
    """Write a package's name as the index does (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(environment: Path) -> dict[str, str]:
    """Read names and versions of an environment from the metadata on its disk; asks none of the tools.

    Raises:
        Unchecked: it holds no package.
    """
    found: dict[str, str] = {}
    for path in sorted(environment.glob("lib/python*/site-packages/*.dist-info/METADATA")):
        head = HeaderParser().parsestr(path.read_text(errors="replace"))
        found[canonical(str(head["Name"]))] = str(head["Version"])
    if not found:
        raise Unchecked(f"{environment} holds no package; make it first: make setup")
    return found


def sbom(environment: Path, written: Path, tools: Path) -> Outcome:
    """Write the bill of an environment as CycloneDX JSON and compare it with what is installed.

    Raises:
        Unchecked: the environment holds nothing, or the tool does not run.
    """
    there = installed(environment)
    written.parent.mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [tools / "cyclonedx-py", "environment", environment / "bin" / "python"]
    run([*command, "--output-reproducible", "--output-file", written])
    listed = {
        canonical(one["name"]): str(one.get("version"))
        for one in json.loads(written.read_text())["components"]
    }
    findings = [
        Finding("missing", name, 0, f"{version} is installed and not in the bill")
        for name, version in there.items()
        if name not in listed
    ]
    findings += [
        Finding("version", name, 0, f"{there[name]} is installed, the bill says {version}")
        for name, version in listed.items()
        if name in there and there[name] != version
    ]
    return Outcome("sbom", f"{len(there)} packages of {environment}, in {written}", tuple(findings))
