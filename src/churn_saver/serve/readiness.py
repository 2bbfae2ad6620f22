"""Whether a service has everything it was configured with: what /readyz tells.

Looks at nothing itself.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is there, and what is not."""

    faults: tuple[str, ...]
    """What is missing and how to mend it; empty: ready."""
    policy: str
    models: str
    """Version of the predictors, 'none' without."""
    messages: str
    """Version of the bank, 'none' without."""
    campaign: str | None
    degraded: tuple[str, ...]
    """Codes of what decisions have to do without."""

    @property
    def status(self) -> Literal["ready", "degraded"]:
        """Say it in two words, of one that is ready: it serves either way, with everything or with less."""
        return "degraded" if self.degraded else "ready"
