"""What is wanted of a prepared data set, and what a check says of it.

Knows no data set: the numbers stand in data.yaml and are handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from churn_saver.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that should hold, and whether it does."""

    name: str
    """What should hold, as a sentence without its full stop."""
    passed: bool
    found: str
    wanted: str
    rows: tuple[str, ...] = ()
    """The first of the rows that break it, as split:row, the first row being 1; some with the id."""
    severity: Literal["fail", "note"] = "fail"
    """What it means when it does not hold: stop, or have a look."""

    @property
    def failed(self) -> bool:
        """Tell whether the data must not be used."""
        return not self.passed and self.severity == "fail"

    @property
    def verdict(self) -> Literal["passed", "failed", "note"]:
        """Say it in a word."""
        return "passed" if self.passed else "failed" if self.severity == "fail" else "note"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a data set has to be like. What is not set is not checked."""

    rows: int | None = None
    """As documented, when the whole set is at hand; None: another set was taken."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Of the rows, by split; empty: the table is not split."""
    id_column: str | None = None
    """What must not be torn over two splits."""
    unique_ids: bool = False
    """One row for each id."""
    prompt: str | None = None
    """Text column that must not be in two splits."""
    texts: tuple[str, ...] = ()
    """Text columns: never blank, and together not the same twice."""
    longest_text: int | None = None
    """Characters."""
    repeated: float = 0.0
    """Largest share of rows whose texts all stand in an earlier row."""
    preference: tuple[str, str] | None = None
    """Columns with the better and the worse text."""
    better_longer: tuple[float, float] = (0.0, 1.0)
    """Range of the share of pairs whose better text is the longer one."""
    label: str | None = None
    """Column of 0 and 1."""
    label_share: tuple[float, float] = (0.0, 1.0)
    """Range of the share of ones, in each split."""
    missing: Mapping[str, float] = field(default_factory=dict)
    """Largest share of missing values by column; columns not named must be full."""
    missing_elsewhere: float = 0.0
    """The same for columns not named."""
    psi_note: float = 0.1
    """A column that moved further deserves a look."""
    psi_fail: float = 0.25
    """A column that moved further is no longer the same data."""

    def __post_init__(self) -> None:
        """Refuse ranges that nothing can lie in.

        Raises:
            ConfigError: a share is not in 0 to 1, a range is upside down, or the limits of PSI are.
        """
        ranges = {"label_share": self.label_share, "better_longer": self.better_longer}
        for name, (low, high) in ranges.items():
            if not 0 <= low <= high <= 1:
                raise ConfigError(f"{name} is ({low}, {high}), wanted 0 <= low <= high <= 1: mend data.yaml")
        shares = {"repeated": self.repeated, "missing_elsewhere": self.missing_elsewhere}
        shares |= {f"missing.{name}": share for name, share in self.missing.items()}
        shares |= {f"shares.{name}": share for name, share in self.shares.items()}
        for name, share in shares.items():
            if not 0 <= share <= 1:
                raise ConfigError(f"{name} is {share}, wanted a share from 0 to 1: mend data.yaml")
        if not 0 < self.psi_note <= self.psi_fail:
            raise ConfigError(
                f"psi_note is {self.psi_note} and psi_fail {self.psi_fail}, wanted 0 < psi_note <= psi_fail: "
                "mend data.yaml"
            )


def percent(share: float, digits: int = 1) -> str:
    """Write a share: 0.1755 → '17.5 %', with a space that does not break."""
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def between(low: float, high: float) -> str:
    """Write a range of shares: (0.2, 0.35) → '20–35 %'."""
    return f"{100 * low:g}–{100 * high:g}\N{NO-BREAK SPACE}%"
