"""What every training run carries: one seed, one stream of draws for each purpose, one place to report.

Knows nothing of what is trained, and of no screen: the caller hands in how progress is shown.
"""

import zlib
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np


class Progress(Protocol):
    """Told what is being done and how far it is."""

    def __call__(self, what: str, done: int, total: int, /) -> None:
        """Take note: `done` of `total` steps of `what` are behind us."""
        ...


def silent(what: str, done: int, total: int, /) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training run."""

    seed: int
    progress: Progress = silent

    def rng(self, purpose: str) -> np.random.Generator:
        """Give the draws of one purpose: adding another purpose changes none of them."""
        return np.random.default_rng([self.seed, zlib.crc32(purpose.encode())])

    def steps(self, what: str, total: int) -> "Steps":
        """Begin some work of a known number of steps."""
        self.progress(what, 0, total)
        return Steps(self, what, total)


@dataclass(slots=True)
class Steps:
    """Counts the steps of one piece of work."""

    run: Run
    what: str
    total: int
    done: int = field(default=0)

    def __call__(self) -> None:
        """Report one more step as done."""
        self.done += 1
        self.run.progress(self.what, self.done, self.total)
