"""Whether groups are treated alike enough to go on, as a gate that somebody may open in writing.

The one judgement of `watch` and of `compare`; what they judge, treatment so far or loss by a change, is
theirs. Three answers: a group is worse than its bound by evidence, all are within it by evidence, or the
figures do not tell. Only the second opens the gate. What was to be judged and was not does not open it
either. An override opens it whatever the figures say; its text stands in every report of the gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from churn_saver.errors import InputError, quoted
from churn_saver.evidence.fairness import Fairness

Outcome: TypeAlias = Literal["within bounds", "worse than bounds", "cannot tell"]

LEAST_WORDS = 3
"""An override of fewer words says why to nobody."""


@dataclass(frozen=True, slots=True)
class FairnessGate:
    """What the gate says, and why."""

    outcome: Outcome
    worse: tuple[str, ...]
    """Each group that is worse than its bound, as `figure of group`."""
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
    found: Sequence[tuple[str, Fairness]], missing: Sequence[str], override: str | None = None
) -> FairnessGate:
    """Judge what was found of the groups that were to be looked at.

    Args:
        found: Each figure by groups, with its name.
        missing: What was to be looked at and could not be: why, each.
        override: Why the gate is to open whatever is found.

    Raises:
        InputError: an override that says too little to be read later.
    """
    if override is not None and len(override.split()) < LEAST_WORDS:
        raise InputError(
            f"the override of the fairness gate is {quoted(override)}, wanted the reason and who decided, in "
            f"{LEAST_WORDS} words at least: it stands in the report"
        )
    worse = [f"{name} of {group}" for name, figure in found for group in figure.worse]
    unknown = [f"{name} of {group}" for name, figure in found for group in figure.unknown]
    unknown += missing
    if not found and not missing:
        unknown.append("no column was named: name columns, each with its bound")
    outcome: Outcome = "worse than bounds" if worse else "cannot tell" if unknown else "within bounds"
    return FairnessGate(outcome, tuple(worse), tuple(unknown), None if override is None else override.strip())
