"""Writers in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


class Writer:
    """One running `tests.faults.writer`."""

    def __init__(self, process: "subprocess.Popen[str]", said: IO[str], told: IO[str]) -> None:
        """Take a process and both ends of its talk."""
        self.process, self._said, self._told = process, said, told

    def wait_until_ready(self) -> None:
        """Wait for its first line."""
        line = self._said.readline()
        if line != "ready\n":
            raise RuntimeError(f"the writer said {line!r}, wanted 'ready': see its error above")

    def go(self, batches: int = 1_000_000) -> None:
        """Let it write so many batches."""
        self._told.write(f"{batches}\n")
        self._told.flush()

    def gone(self, batches: int) -> list[int]:
        """Let it write so many batches, and give what each was granted."""
        self.go(batches)
        return [granted for _, granted in islice(self.acknowledged(), batches)]

    def acknowledged(self) -> Iterator[tuple[int, int]]:
        """Give (batch, granted) as they come, until it ends; half a line of a killed one is none."""
        for line in self._said:
            if line.endswith("\n"):
                batch, granted = line.split()
                yield int(batch), int(granted)


@contextmanager
def writer(url: str, who: str, first: int, last: int, size: int) -> Iterator[Writer]:
    """Start a writer; it is killed at the end if it still runs."""
    command = [sys.executable, "-m", "tests.faults.writer", url, who, str(first), str(last), str(size)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    with process:
        if process.stdout is None or process.stdin is None:
            raise RuntimeError("both ends were asked for")
        try:
            yield Writer(process, process.stdout, process.stdin)
        finally:
            process.kill()
