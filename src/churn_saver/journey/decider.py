"""Who decides: a rung of the ladder by its name, with what it decides by.

Somebody else found the files and looked whether they are whole. Knows no campaign: whether the
decider may serve in one says `seating`.
"""

from dataclasses import dataclass

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

    @property
    def label(self) -> str:
        """Rung and, where it was trained, the policy's version: as records and answers name it."""
        return f"{self.rung}@{self.policy.version}" if self.policy is not None else self.rung
