"""Every exception this package raises, as one tree.

    ChurnSaverError
    ├── ConfigError            a setting is missing, unknown or out of range
    ├── InputError             what a caller handed in cannot be used
    │   ├── TableError         rows of a table, each named by file, line and column
    │   └── SourceAbsent       a public source is not where it was looked for
    ├── ArtifactError          a trained artefact is missing, altered or of another schema
    ├── GateError              a trained model is not good enough to be written
    ├── QualityError           prepared data fails a check
    └── LedgerError            the books refuse
        ├── CampaignError      a campaign is absent, closed, or its change would break a promise
        └── LedgerUnavailable  the database cannot be reached, or is not migrated

A message names the thing, the value got, the value wanted and the next step.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class ChurnSaverError(Exception):
    """Root of all errors that this package raises on purpose."""


class ConfigError(ChurnSaverError):
    """A setting is missing, unknown or out of range."""


class InputError(ChurnSaverError):
    """What a caller handed in cannot be used."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell that cannot be used."""

    file: str
    line: int
    """Line in the file, 1 is the header; 0 when the whole table is meant."""
    column: str
    value: str
    wanted: str

    def __str__(self) -> str:
        """Say where, what was found and what was wanted, in one line."""
        shown = self.value if len(self.value) <= 40 else self.value[:37] + "..."
        return f"{self.file}:{self.line}: column {self.column!r} is {shown!r}, wanted {self.wanted}"


class TableError(InputError):
    """Rows of a table cannot be used; `faults` holds every one of them."""

    SHOWN = 10

    def __init__(self, faults: Sequence[Fault], next_step: str) -> None:
        """Keep all faults and show the first few.

        Args:
            faults: Every fault found, in file order.
            next_step: What the reader can do about them.
        """
        self.faults = tuple(faults)
        self.next_step = next_step
        lines = [str(fault) for fault in self.faults[: self.SHOWN]]
        if len(self.faults) > self.SHOWN:
            lines.append(f"... and {len(self.faults) - self.SHOWN} more")
        super().__init__("\n".join([*lines, next_step]))


class SourceAbsent(InputError):
    """A public source is not where it was looked for: in a mirror, or among what was downloaded before."""


class ArtifactError(ChurnSaverError):
    """A trained artefact is missing, altered or of another schema."""


class GateError(ChurnSaverError):
    """A trained model is not good enough to be written; nothing was written."""


class QualityError(ChurnSaverError):
    """Prepared data fails a check; it was not put where training looks for it."""


class LedgerError(ChurnSaverError):
    """The books refuse."""


class CampaignError(LedgerError):
    """A campaign is absent, closed, or its change would break a promise already made."""


class LedgerUnavailable(LedgerError):
    """The database cannot be reached, or is not migrated."""
