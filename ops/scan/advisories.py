"""Known vulnerabilities of what is installed. Clean, vulnerable and not checked are three answers, never two.

pip-audit says "no known vulnerabilities" and ends with 0 when its source knows none of the packages, for
instance because only a mirror answers. So each source is also asked about a version that is known to be
vulnerable: one that does not know it is not believed, and one that cannot be reached says nothing.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.scan.accepted import Exemption, judged
from ops.scan.bill import installed
from ops.scan.outcome import Finding, Outcome, Unchecked, run

CANARY = ("django", "2.0")
"""Vulnerable since 2018 (CVE-2018-6188) in every source, and never a part of this project."""
_OSV = ("--vulnerability-service", "osv")
SOURCES: Mapping[str, tuple[str, ...]] = {"PyPI": ("--vulnerability-service", "pypi"), "OSV": _OSV}
"""Asked in this order until one is believed."""

Answer = dict[str, tuple[Finding, ...] | str]
"""By package: what is wrong with it, or why that is not known."""


def dependencies(
    environment: Path, own: str, tools: Path, known: Sequence[Exemption], address: str | None = None
) -> Outcome:
    """Ask for each installed version whether it is known to be vulnerable.

    Args:
        environment: Where the packages are.
        own: The project's own name; no index knows it.
        tools: Where pip-audit is.
        known: What was judged harmless, with its reason.
        address: Of one source that speaks OSV's protocol; None asks PyPI, then OSV.

    Raises:
        Unchecked: nothing is installed.
    """
    # An index knows 2.13.0; what was built for one kind of machine, 2.13.0+cpu, it has never seen.
    wanted = {name: version.split("+")[0] for name, version in installed(environment).items() if name != own}
    sources = {address: (*_OSV, "--osv-url", address)} if address else SOURCES
    reasons = []
    for source, options in sources.items():
        try:
            answer = _asked(wanted | dict([CANARY]), options, tools)
        except Unchecked as reason:
            reasons.append(f"{source}: {reason}")
            continue
        sentinel = answer.pop(CANARY[0], "")
        if isinstance(sentinel, tuple) and sentinel:
            return _outcome(source, answer, known)
        reasons.append(f"{source} does not know that {'=='.join(CANARY)} is vulnerable: it is not believed")
    return Outcome("dependencies", "", unchecked=f"{len(wanted)} packages; {'; '.join(reasons)}")


def _asked(wanted: Mapping[str, str], options: Sequence[str], tools: Path) -> Answer:
    with tempfile.TemporaryDirectory(prefix="scan-") as folder:
        listing = Path(folder) / "requirements.txt"
        listing.write_text("".join(f"{name}=={version}\n" for name, version in wanted.items()))
        command: list[str | Path] = [tools / "pip-audit", "--requirement", listing]
        command += ["--no-deps", "--disable-pip"]
        done = run(
            [*command, "--format", "json", "--progress-spinner", "off", *options], fine=(0, 1)
        )  # 1: something was found, or nothing could be asked
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except json.JSONDecodeError:
        told = (done.stderr.strip() or "no word").splitlines()[-1]
        raise Unchecked(f"no answer ({told[:160]})") from None
    return {
        one["name"]: one.get("skip_reason")
        or tuple(Finding(each["id"], one["name"], 0, _said(one["version"], each)) for each in one["vulns"])
        for one in answers
    }


def _said(version: str, advisory: Mapping[str, Sequence[str]]) -> str:
    fixed = ", ".join(advisory["fix_versions"])
    return f"{version} is vulnerable; {f'mended in {fixed}' if fixed else 'no mended version yet'}"


def _outcome(source: str, answer: Answer, known: Sequence[Exemption]) -> Outcome:
    """Sum up what a source said that is believed."""
    findings = [one for told in answer.values() if isinstance(told, tuple) for one in told]
    unknown = [name for name, told in answer.items() if isinstance(told, str)]
    unchecked = f"{source} could not tell of {', '.join(unknown)}" if unknown else ""
    looked_at = f"{len(answer) - len(unknown)} of {len(answer)} packages, {source}"
    return Outcome("dependencies", looked_at, judged("dependencies", findings, known), unchecked)
