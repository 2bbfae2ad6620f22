"""Who decides: a rung of the ladder by its name, with what it decides by.

Somebody else found the files and looked whether they are whole. Knows no campaign: whether the
decider may serve in one says `seating`.
"""

from dataclasses import dataclass

from churn_saver.evidence.learner import LearnedEffects
from churn_saver.policy.certificate import ServedPolicy


@dataclass(frozen=True, slots=True)
class Decider:
    """A rung, ready to decide."""

    rung: str
    """By its name in serve.yaml; for the champion that of the rung that won."""
    policy: ServedPolicy | None = None
    """Of a trained rung."""
    exact_prices: tuple[tuple[float, float], ...] = ()
    """Of the rung 'exact': (budget per customer in minor units, λ), rising in budget."""
    effects: LearnedEffects | None = None
    """Of the rung 'uplift'."""

    @property
    def label(self) -> str:
        """Rung and, where it was trained, its version: as records and answers name it."""
        made = self.policy or self.effects
        return self.rung if made is None else f"{self.rung}@{made.version}"
