"""What decisions are made with that can fail while it serves, and how a failure is told.

Knows neither models nor messages, only their names.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from churn_saver.errors import Unusable

Answer = TypeVar("Answer")


class Artefact(StrEnum):
    """Something that is opened once and asked at every decision."""

    PREDICTORS = "predictors"
    POLICY = "policy"
    LIVE = "live"
    BANK = "bank"
    TOXICITY = "toxicity"

    @property
    def unavailable(self) -> str:
        """Code of a decision that had to do without, as it appears in responses."""
        return f"{self}_unavailable"


class Cause(StrEnum):
    """Why something cannot be used just now."""

    RAISED = "raised"
    """It ended in an error; numbers that are none are one."""
    LATE = "late"
    """It gave no answer in time."""
    RESTING = "resting"
    """It failed too often and is not asked for a while."""


def tried(artefact: Artefact, call: Callable[[], Answer]) -> Answer:
    """Ask something; whatever it raises, it cannot be used for this decision.

    Raises:
        Unusable: it raised; what it raised is the cause.
    """
    try:
        return call()
    except Unusable:
        raise
    except Exception as error:
        raise Unusable(artefact, Cause.RAISED) from error
