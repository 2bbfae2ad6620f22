"""Three linters that look for what is dangerous: Dockerfiles, shell scripts, Python."""

import json
from collections.abc import Sequence
from pathlib import Path

from ops.scan.accepted import Exemption, judged
from ops.scan.outcome import Finding, Outcome, run

PYTHON_FOLDERS = ("src", "ops", "benchmarks")
"""What runs outside the tests."""
SKIPPED = {
    "B101": "asserts tell mypy what is known; input is refused by `raise`, and ruff leaves S101 out too",
    "B404": "importing subprocess does nothing; what is called is judged by B602, B604, B605, B607 and B609",
    "B603": "every call hands over a list without a shell and is marked where it stands (ruff S603)",
}
"""Rules of bandit that are not asked, and why."""


def dockerfiles(root: Path, files: Sequence[Path], tools: Path, known: Sequence[Exemption]) -> Outcome:
    """Lint every Dockerfile there is with hadolint.

    Raises:
        Unchecked: there is none, or hadolint does not run.
    """
    found = [path for path in files if path.name.startswith("Dockerfile")]
    if not found:
        return Outcome("dockerfiles", "", unchecked="no Dockerfile here")
    configuration = root / ".hadolint.yaml"
    command: list[str | Path] = [tools / "hadolint", "--no-color", "--format", "json"]
    command += ["--config", configuration] if configuration.exists() else []
    answer = run([*command, *found], fine=(0, 1), folder=root)
    findings = [
        Finding(one["code"], one["file"], one["line"], one["message"]) for one in json.loads(answer.stdout)
    ]
    return Outcome("dockerfiles", ", ".join(map(str, found)), judged("dockerfiles", findings, known))


def shell(root: Path, files: Sequence[Path], tools: Path, known: Sequence[Exemption]) -> Outcome:
    """Lint every shell script there is with shellcheck.

    Raises:
        Unchecked: there is none, or shellcheck does not run.
    """
    found = [path for path in files if path.suffix == ".sh" or path.as_posix() == ".ci/run"]
    if not found:
        return Outcome("shell", "", unchecked="no shell script here")
    answer = run([tools / "shellcheck", "--format", "json", *found], fine=(0, 1), folder=root)
    findings = [
        Finding(f"SC{one['code']}", one["file"], one["line"], one["message"])
        for one in json.loads(answer.stdout)
    ]
    return Outcome("shell", f"{len(found)} scripts", judged("shell", findings, known))


def code(root: Path, files: Sequence[Path], tools: Path, known: Sequence[Exemption]) -> Outcome:
    """Look for dangerous calls in Python with bandit.

    Raises:
        Unchecked: there is no module, or bandit does not run or could not read one.
    """
    found = [path for path in files if path.suffix == ".py" and path.parts[0] in PYTHON_FOLDERS]
    if not found:
        return Outcome("code", "", unchecked="no Python module here")
    command: list[str | Path] = [tools / "bandit", "--quiet", "--format", "json", "--skip", ",".join(SKIPPED)]
    answer = json.loads(run([*command, *found], fine=(0, 1), folder=root).stdout)
    findings = [
        Finding(one["test_id"], one["filename"].removeprefix("./"), one["line_number"], one["issue_text"])
        for one in answer["results"]
    ]
    unread = [one["filename"].removeprefix("./") for one in answer["errors"]]
    unchecked = f"bandit could not read {', '.join(unread)}" if unread else ""
    read = f"{len(found) - len(unread):,} modules, {answer['metrics']['_totals']['loc']:,} lines"
    return Outcome("code", read, judged("code", findings, known), unchecked)
