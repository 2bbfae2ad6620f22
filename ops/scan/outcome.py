"""What a check found, what it could not look at, and the table that says so.

A check that looked at nothing is no pass.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 900
"""The longest that one tool may take."""


class Unchecked(Exception):
    """A check could not look; the message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend."""

    rule: str
    """The tool's own name of what is wrong."""
    file: str
    """From the project's root; a package for the checks of packages."""
    line: int
    """0 where there is none."""
    text: str
    """What is wrong, never the secret itself."""

    def __str__(self) -> str:
        """Give it as one line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.rule} {self.text}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says."""

    check: str
    looked_at: str
    """What it looked at, counted."""
    findings: tuple[Finding, ...] = ()
    unchecked: str = ""
    """What it could not look at and why; '' when it saw all."""

    @property
    def result(self) -> str:
        """Say it in a word or two; findings come before what was not checked."""
        if self.findings:
            return f"{len(self.findings)} to mend"
        return "not checked" if self.unchecked else "clean"


def table(outcomes: Sequence[Outcome]) -> str:
    """Draw check, result and what was looked at, with a last line that counts."""
    rows = [("check", "result", "looked at")]
    rows += [(one.check, one.result, one.looked_at or "nothing") for one in outcomes]
    first, second = (max(len(row[column]) for row in rows) + 2 for column in (0, 1))
    lines = [f"{check:<{first}}{result:<{second}}{seen}".rstrip() for check, result, seen in rows]
    counts = [
        f"{sum(one.result == 'clean' for one in outcomes)} clean",
        f"{sum(bool(one.findings) for one in outcomes)} with something to mend",
        f"{sum(bool(one.unchecked) for one in outcomes)} not checked, or not wholly",
    ]
    return "\n".join([*lines, f"{len(outcomes)} checks: {', '.join(counts)}"])


def run(
    command: Sequence[str | Path], fine: Sequence[int] = (0,), folder: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a tool to its end.

    Args:
        command: A list, never a line for a shell.
        fine: The exit codes after which its answer is believed.
        folder: Where it runs.

    Raises:
        Unchecked: it is not installed, takes too long, or fails.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603
            [str(part) for part in command],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=folder,
            check=False,
        )
    except FileNotFoundError:
        raise Unchecked(f"{name} is not installed; `make scan` installs it into .venv-scan") from None
    except subprocess.TimeoutExpired:
        raise Unchecked(f"{name} did not end within {SECONDS} seconds") from None
    if done.returncode not in fine:
        told = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        raise Unchecked(f"{name} ended with {done.returncode}: {told[:300]}")
    return done
