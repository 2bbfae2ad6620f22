"""Whether groups are treated alike enough to go on, as a gate that somebody may open in writing.

Three answers: a group is worse than its bound by evidence, all are within it by evidence, or the
figures do not tell. Only the second opens the gate. What was to be judged and was not does not open it
either. An override opens it whatever the figures say; its text stands in every report of the gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from churn_saver.errors import InputError, quoted
from churn_saver.evidence.group_treatment import ColumnTreatment

Outcome: TypeAlias = Literal["within bounds", "worse than bounds", "cannot tell"]

LEAST_WORDS = 3
"""An override of fewer words says why to nobody."""


@dataclass(frozen=True, slots=True)
class FairnessGate:
    """What the gate says, and why."""

    outcome: Outcome
    worse: tuple[str, ...]
    """Each group that is worse than its bound, as `column: measure of group`."""
    unknown: tuple[str, ...]
    """What nobody can tell, in the same words, or why there is no figure."""
    override: str | None
    """Why the gate is open all the same, in the words of who opened it; None: nobody did."""

    @property
    def is_open(self) -> bool:
        """Tell whether to go on."""
        return self.outcome == "within bounds" or self.override is not None

    @property
    def sentence(self) -> str:
        """Say it in one sentence or two."""
        told = {
            "within bounds": "No group is treated worse than its bound.",
            "worse than bounds": f"Worse than the bound: {'; '.join(self.worse)}.",
            "cannot tell": f"Nobody can tell yet: {'; '.join(self.unknown)}.",
        }[self.outcome]
        return told if self.override is None else f"{told} Overridden: {self.override}"


def fairness_gate(
    columns: Sequence[ColumnTreatment], wanted: Sequence[str], override: str | None = None
) -> FairnessGate:
    """Judge what was found of the columns that were to be looked at.

    Args:
        columns: What was found.
        wanted: Names of the columns that had to be; one that was not found is not known.
        override: Why the gate is to open whatever is found.

    Raises:
        InputError: an override that says too little to be read later.
    """
    if override is not None and len(override.split()) < LEAST_WORDS:
        raise InputError(
            f"the override of the fairness gate is {quoted(override)}, wanted the reason and who decided, in "
            f"{LEAST_WORDS} words at least: it stands in the report"
        )
    worse: list[str] = []
    unknown: list[str] = []
    for one in columns:
        for figure in one.found:
            of = f"{one.column}: {figure.measure.replace('_', ' ')} of"
            worse += [f"{of} {group}" for group in figure.worse]
            unknown += [f"{of} {group}" for group in figure.unknown]
        unknown += [f"{one.column}: {why}" for why in one.missing]
    seen = {one.column for one in columns}
    unknown += [f"{name}: not found" for name in wanted if name not in seen]
    if not wanted:
        unknown.append("no column was named")
    outcome: Outcome = "worse than bounds" if worse else "cannot tell" if unknown else "within bounds"
    return FairnessGate(outcome, tuple(worse), tuple(unknown), None if override is None else override.strip())
