"""Training jobs as values: what one waits for, how one stands, and what is said of it where it runs.

Knows no machine, no clock and no file.
"""

from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "submitting", "running", "succeeded", "failed", "cancelled", "skipped"]
"""submitting: it is being handed over, and may or may not have arrived. skipped: what it waits for failed."""

FINAL = frozenset({"succeeded", "failed", "cancelled", "skipped"})
"""States that nothing follows from by itself."""
LIVE = frozenset({"submitting", "running"})
"""States in which there may be a job somewhere."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a run."""

    stage: str
    needs: tuple[str, ...]
    """Stages that must have succeeded before."""
    attempts: int
    """How often it is tried at most."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands."""

    state: State = "waiting"
    attempt: int = 0
    """Of this stage, counted through the whole life of the run; 0: none yet."""
    before: int = 0
    """Attempts that a former command used up, before the same run was taken up again."""
    where: str = ""
    """Under which name it is known where it runs; empty: nowhere yet."""
    note: str = ""
    """Why it stands as it does, for a person."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is said of a job where it runs."""

    state: Literal["running", "succeeded", "failed", "cancelled"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt at one job, as it is handed over."""

    run: str
    stage: str
    attempt: int
    arguments: tuple[str, ...]
    """Of the command `churn-saver`."""
    timeout_seconds: int

    @property
    def name(self) -> str:
        """One name for this attempt and no other: by it a job is found again."""
        return name_of(self.run, self.stage, self.attempt)


def name_of(run: str, stage: str, attempt: int) -> str:
    """Name an attempt."""
    return f"churn-saver-{run}-{stage}-{attempt}"
