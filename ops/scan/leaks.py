"""Secrets in the files of the project and, where it is here, in its history. Never shows what it found."""

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ops.scan.accepted import Exemption, judged
from ops.scan.outcome import Finding, Outcome, Unchecked, run

CONFIGURATION = ".gitleaks.toml"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def secrets(root: Path, files: Sequence[Path], tools: Path, known: Sequence[Exemption]) -> Outcome:
    """Look for secrets with gitleaks.

    Raises:
        Unchecked: gitleaks does not run, or says that it read nothing.
    """
    with tempfile.TemporaryDirectory(prefix="scan-") as folder:
        # A copy holds what would be committed and nothing else: no .env, which may hold secrets.
        copy = Path(folder).resolve()
        for path in files:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, copy / path)
        read, findings = _asked(["dir", str(copy)], root, tools)
    findings = [Finding(one.rule, one.file.removeprefix(f"{copy}/"), one.line, one.text) for one in findings]
    looked_at = f"{len(files):,} files, {read}"
    if (root / ".git").exists():
        read, past = _asked(["git", str(root)], root, tools)
        findings += [one for one in past if (one.rule, one.file) not in {(f.rule, f.file) for f in findings}]
        looked_at += f"; history, {read}"
    else:
        looked_at += "; no history here"
    return Outcome("secrets", looked_at, judged("secrets", findings, known))


def _asked(what: list[str], root: Path, tools: Path) -> tuple[str, list[Finding]]:
    command: list[str | Path] = [
        tools / "gitleaks",
        *what,
        "--no-banner",
        "--redact=100",
        "--report-format",
        "json",
    ]
    configuration = root / CONFIGURATION
    command += ["--config", configuration] if configuration.exists() else []
    answer = run([*command, "--report-path", "-"], fine=(0, 1), folder=root)
    said = _COLOUR.sub("", answer.stderr)
    read = re.search(r"scanned ~(\d+) bytes", said)
    if read is None or read[1] == "0":
        raise Unchecked(f"gitleaks read nothing: {said.strip()[-300:] or 'no word'}")
    findings = [
        Finding(one["RuleID"], one["File"], one["StartLine"], _when(one["Commit"]))
        for one in json.loads(answer.stdout)
    ]
    return f"{int(read[1]) / 1e6:,.1f} MB", findings


def _when(commit: str) -> str:
    """Say what to do: what was once committed stays readable."""
    if commit:
        return f"a secret in commit {commit[:12]}: make it worthless where it was issued"
    return "a secret: take it out, and make it worthless where it was issued"
