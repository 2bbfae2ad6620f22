"""What becomes of a source of texts: pairs, what was left out on purpose, and lines that cannot be used.

`Gathering` takes them up one by one while a source is read; rows go into frames by the thousand, so
that a full set costs little more memory than its texts.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from churn_saver.errors import Fault

RESPONSE_COLUMNS = ("conversation_id", "root", "prompt", "response")
PREFERENCE_COLUMNS = ("conversation_id", "root", "prompt", "chosen", "rejected")
BLANK = "blank text"
MARK = "speaker mark inside a text"
ALTERNATE = "speakers do not alternate"
DUPLICATE = "duplicate pair"
"""Reasons to leave out that several sources share, in one wording."""
REJECT_COLUMNS: dict[str, type[pl.DataType]] = {
    "file": pl.String, "line": pl.Int64, "fault": pl.String, "text": pl.String,
}  # fmt: skip
_ROWS_AT_A_TIME = 20_000


@dataclass(frozen=True, slots=True)
class Texts:
    """Pairs from a source."""

    frame: pl.DataFrame
    """`RESPONSE_COLUMNS` or `PREFERENCE_COLUMNS`; root opens the conversation: equal prompts, equal roots."""
    left_out: Mapping[str, int]
    """Reason in words → how many were left out on purpose."""
    rejects: pl.DataFrame
    """`REJECT_COLUMNS`: lines that cannot be used, as they came."""
    faults: tuple[Fault, ...]
    """What is wrong with each of them."""


class Gathering:
    """Pairs, reasons and rejects while a source is read."""

    def __init__(self, columns: Sequence[str]) -> None:
        """Start with nothing.

        Args:
            columns: Names of the frame, all texts.
        """
        self._schema = dict.fromkeys(columns, pl.String)
        self._frames = [pl.DataFrame(schema=self._schema)]
        self._rows: list[tuple[str, ...]] = []
        self._rejects: list[tuple[Fault, str]] = []
        self._left_out: Counter[str] = Counter()

    def keep(self, *row: str) -> None:
        """Take a row of the frame."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_A_TIME:
            self._flush()

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count what is left out on purpose."""
        self._left_out[reason] += count

    def reject(self, fault: Fault, raw: bytes) -> None:
        """Keep a line that cannot be used; bytes that are no UTF-8 are written by their number."""
        self._rejects.append((fault, raw.decode("utf-8", "backslashreplace")))

    def frame(self) -> pl.DataFrame:
        """Give all rows taken so far."""
        self._flush()
        return pl.concat(self._frames)

    def texts(self, frame: pl.DataFrame) -> Texts:
        """Close with the frame, reasons in alphabetical order."""
        left_out = {
            reason: self._left_out[reason] for reason in sorted(self._left_out) if self._left_out[reason]
        }
        rows = [(fault.file, fault.line, fault.told(), text) for fault, text in self._rejects]
        rejects = pl.DataFrame(rows, REJECT_COLUMNS, orient="row")
        return Texts(frame, left_out, rejects, tuple(fault for fault, _ in self._rejects))

    def _flush(self) -> None:
        self._frames.append(pl.DataFrame(self._rows, self._schema, orient="row"))
        self._rows = []
