"""Findings that were looked at and found harmless: each with its reason, in accepted.toml.

An exception holds for a rule in a file and for as many findings as were judged: one more is reported again
with all the others, one less makes the exception itself a finding.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.scan.outcome import Finding

PLACE = Path("ops/scan/accepted.toml")
"""From the root of the project."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """One judgement."""

    check: str
    rule: str
    file: str
    count: int
    reason: str

    def __post_init__(self) -> None:
        """Refuse one without a reason.

        Raises:
            ValueError: reason is blank, or the count is not positive.
        """
        if not self.reason.strip() or self.count < 1:
            raise ValueError(
                f"{PLACE.name}: {self.rule} in {self.file} has count {self.count} and reason "
                f"{self.reason!r}, wanted at least 1 and a sentence that says why it is harmless"
            )


def exemptions(path: Path) -> list[Exemption]:
    """Read all judgements.

    Raises:
        ValueError: one has no reason or no count.
        TypeError: one lacks a field or has one that is not known.
    """
    return [Exemption(**one) for one in tomllib.loads(path.read_text())["accepted"]]


def judged(check: str, findings: Sequence[Finding], known: Sequence[Exemption]) -> tuple[Finding, ...]:
    """Leave out what was judged harmless; add what was judged and is not there any more."""
    mine = {(one.rule, one.file): one for one in known if one.check == check}
    return tuple(_left(findings, mine))


def _left(findings: Sequence[Finding], mine: dict[tuple[str, str], Exemption]) -> Iterator[Finding]:
    counts = dict.fromkeys(mine, 0)
    for one in findings:
        if (one.rule, one.file) in counts:
            counts[one.rule, one.file] += 1
    for one in findings:
        exemption = mine.get((one.rule, one.file))
        if exemption is None or counts[one.rule, one.file] > exemption.count:
            yield one
    for place, exemption in mine.items():
        if counts[place] < exemption.count:
            yield Finding(
                exemption.rule, exemption.file, 0,
                f"{PLACE.name} accepts {exemption.count} of these, found {counts[place]}: lower the count "
                f"or take the entry out",
            )  # fmt: skip
