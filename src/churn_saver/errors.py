"""Every exception this package raises, as one tree.

    ChurnSaverError
    ├── ConfigError            a setting is missing, unknown or out of range
    ├── InputError             what a caller handed in cannot be used
    │   ├── TableError         rows of a table, each named by file, line and column
    │   ├── SourceAbsent       a public source is not where it was looked for
    │   ├── NoAnswer           what runs the training jobs does not answer now
    │   └── SupportError       a log cannot show what a policy would have earned
    ├── ArtifactError          a trained artefact is missing, altered or of another schema
    │   └── Unusable           an artefact that was opened fails, or is late, while it serves
    ├── TrainingError          a training cannot go on
    ├── GateError              a trained model is not good enough to be written
    ├── QualityError           prepared data fails a check
    └── LedgerError            the books refuse
        ├── CampaignError      a campaign is absent, closed, or its change would break a promise
        ├── VersionError       a version is not registered, or may not have the role
        ├── AnswerMismatch     an idempotency key came back with another request
        ├── DecisionAbsent     the books hold no decision of this id
        ├── Erased             what was personal in a decision was erased
        └── LedgerUnavailable  the database cannot be reached, or is not migrated

A message names the thing, the value got, the value wanted and the next step. Whatever comes from a
file goes through `shown`, `quoted` or `listed`: no line of a message is longer than `LONGEST_LINE`,
and none holds a sign that moves what stands around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_LINE = 300
"""Characters of a line of a message."""
_VALUE, _FILE, _NAMES = 40, 80, 200


def shown(text: str, most: int = _VALUE) -> str:
    r"""Give a text as a message shows it: cut when it is long, and what nobody sees as \x1b or \u202e."""
    if len(text) <= most and text.isprintable():
        return text
    return _escaped(text, most)[1:-1]


def quoted(text: str, most: int = _VALUE) -> str:
    """Give a text as `shown` does, in quotes."""
    return _escaped(text, most)


def listed(names: Sequence[str], most: int = _NAMES) -> str:
    """Give names as a list, as many as there is room for; the others are counted."""
    told: list[str] = []
    room = most
    for name in names:
        told.append(shown(name))
        room -= len(told[-1]) + len(", ")
        if room < 0 and len(told) > 1:
            told[-1:] = [f"and {len(names) - len(told) + 1:,} more"]
            break
    return ", ".join(told)


def _escaped(text: str, most: int) -> str:
    whole = repr(text if len(text) <= most else f"{text[: most - 3]}...")
    # A sign that nobody sees takes up to ten characters.
    return whole if len(whole) <= most * 2 else f"{whole[: most * 2 - 4]}...{whole[0]}"


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
        where = f"{shown(self.file, _FILE)}:{self.line}: "
        return where + self.told(LONGEST_LINE - len(where))

    def told(self, most: int = LONGEST_LINE) -> str:
        """Say what was found and what was wanted, but not where.

        Args:
            most: Characters.
        """
        whole = f"column {quoted(self.column)} is {quoted(self.value)}, wanted {self.wanted}"
        return whole if len(whole) <= most else f"{whole[: most - 3]}..."


class TableError(InputError):
    """Rows of a table cannot be used; `faults` holds them, of very many the first."""

    SHOWN = 10

    def __init__(self, faults: Sequence[Fault], next_step: str, total: int | None = None) -> None:
        """Keep the faults and show the first few.

        Args:
            faults: Found, in file order.
            next_step: What the reader can do about them.
            total: Faults in all; None: those given.
        """
        self.faults = tuple(faults)
        self.next_step = next_step
        lines = [str(fault) for fault in self.faults[: self.SHOWN]]
        more = (total or len(self.faults)) - self.SHOWN
        if more > 0:
            lines.append(f"... and {more:,} more")
        super().__init__("\n".join([*lines, next_step]))


class SourceAbsent(InputError):
    """A public source is not where it was looked for: in a mirror, or among what was downloaded before."""


class NoAnswer(InputError):
    """What runs the training jobs does not answer now; what it was asked for may or may not have happened."""


class SupportError(InputError):
    """A log cannot show what a policy would have earned: it never did there what the policy would do."""


class ArtifactError(ChurnSaverError):
    """A trained artefact is missing, altered or of another schema."""


class Unusable(ArtifactError):
    """An artefact that was opened fails, or is late, while it serves; `__cause__` is what it raised."""

    def __init__(self, artefact: str, cause: str) -> None:
        """Name it, and say why.

        Args:
            artefact: Of `domain.artefacts`.
            cause: raised, late or resting.
        """
        self.artefact, self.cause = artefact, cause
        super().__init__(
            f"{artefact} cannot be used now: {cause}. It is asked again by itself; the log names its error"
        )


class TrainingError(ChurnSaverError):
    """A training cannot go on: its numbers are none any more. What was saved before is whole."""


class GateError(ChurnSaverError):
    """A trained model is not good enough to be written; nothing was written."""


class QualityError(ChurnSaverError):
    """Prepared data fails a check; it was not put where training looks for it."""


class LedgerError(ChurnSaverError):
    """The books refuse."""


class CampaignError(LedgerError):
    """A campaign is absent, closed, or its change would break a promise already made."""


class VersionError(LedgerError):
    """A version is not registered, or may not have the role that it was to have."""


class AnswerMismatch(LedgerError):
    """An idempotency key came back with another request than it was first sent with."""


class DecisionAbsent(LedgerError):
    """The books hold no decision of this id."""


class Erased(LedgerError):
    """What was personal in a decision was erased, so it cannot be made again."""


class LedgerUnavailable(LedgerError):
    """The database cannot be reached, or is not migrated."""
