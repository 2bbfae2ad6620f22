"""Training jobs as processes of this machine, which outlive the one that started them.

A job is known by its name: its keeper holds a lock as long as it lives and leaves a file that says how it
ended. Neither a process number nor a memory of it is needed to find it again.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from churn_saver.adapters.job_keeper import LOCK, LOG, OUTCOME
from churn_saver.domain.jobs import Order, Seen
from churn_saver.errors import InputError

SELF = (sys.executable, "-c", "from churn_saver.cli import main; main()")
"""The command `churn-saver` of this very installation."""


def run_here(arguments: Sequence[str], folder: Path, variables: Mapping[str, str]) -> int:
    """Run `churn-saver` in a folder to its end, its words going where ours go; → exit code.

    Args:
        arguments: Of the command.
        folder: To work in.
        variables: Put over those of this process.
    """
    done = subprocess.run(  # noqa: S603
        [*SELF, *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode


class LocalJobs:
    """A place where jobs run: this machine."""

    def __init__(self, folder: Path, command: Sequence[str] = SELF) -> None:
        """Take up a folder.

        Args:
            folder: Of locks, logs and outcomes.
            command: What the arguments of an order are handed to.
        """
        self.folder, self._command = folder.resolve(), tuple(command)

    def find(self, name: str) -> str | None:
        """Give the name back when there is such a job, alive or ended."""
        return name if self._outcome(name) or self._lives(name) else None

    def submit(self, order: Order) -> str:
        """Start a job in a process of its own; its words go to a log beside it.

        Raises:
            InputError: it cannot be started.
        """
        name = order.name
        keeper = [sys.executable, "-m", "churn_saver.adapters.job_keeper", str(self.folder), name]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / f"{name}{LOG}").open("ab") as log:
                subprocess.run(  # noqa: S603
                    [*keeper, str(order.timeout_seconds), *self._command, *order.arguments],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True,
                )  # fmt: skip
        except (OSError, subprocess.CalledProcessError) as error:
            raise InputError(f"{name} cannot be started ({error}). Look into {self.folder}") from error
        return name

    def look(self, where: str) -> Seen:
        """Say how a job goes: by its outcome, else by its lock."""
        lives = self._lives(where)
        # After the lock: a job that ends in between has left its outcome by then.
        if found := self._outcome(where):
            return found
        return Seen("running") if lives else Seen("failed", "its process is gone and left no outcome")

    def cancel(self, where: str) -> None:
        """Ask the processes of a job to stop."""
        number = self._keeper_of(where)
        if number is not None and self._lives(where):
            # Gone in between is gone.
            with suppress(ProcessLookupError):
                os.killpg(number, signal.SIGTERM)

    def log(self, name: str) -> Path:
        """Say where the words of a job go."""
        return self.folder / f"{name}{LOG}"

    def _lives(self, name: str) -> bool:
        """Say whether anybody holds the lock of a job."""
        try:
            handle = os.open(self.folder / f"{name}{LOCK}", os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def _outcome(self, name: str) -> Seen | None:
        try:
            found = json.loads((self.folder / f"{name}{OUTCOME}").read_bytes())
        except FileNotFoundError:
            return None
        state, why = found["state"], str(found["why"])
        if state == "failed":
            return Seen("failed", f"{why}; see {self.log(name)}")
        return Seen("succeeded" if state == "succeeded" else "cancelled", why)

    def _keeper_of(self, name: str) -> int | None:
        try:
            return int((self.folder / f"{name}{LOCK}").read_text())
        except (FileNotFoundError, ValueError):
            return None
