"""Trying again: with growing pauses that chance spreads, as long as it moves forward.

Knows nothing of what is tried.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from churn_saver.adapters.download.addresses import shown
from churn_saver.errors import ConfigError, InputError

if TYPE_CHECKING:
    import tenacity

WORTH_BYTES = 1024**2
"""A failure after this many new bytes counts as the first one again."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long to try."""

    attempts: int = 6
    """Failures in a row before it is given up."""
    first_seconds: float = 0.5
    """Pause after the first failure; doubles with each, and gets up to as much again by chance."""
    most_seconds: float = 30.0
    read_seconds: float = 30.0
    """Silence after which a connection counts as broken."""
    wait: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time


class Again(Exception):
    """It may work the next time. Caught by `patiently`, never seen outside the download."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        """Say why.

        Args:
            why: Goes on from the name of the address.
            seconds: Pause that the server asked for.
        """
        super().__init__(why)
        self.seconds = seconds


def patiently(act: Callable[[], Made], url: str, patience: Patience, reached: Callable[[], int]) -> Made:
    """Try until it works.

    Args:
        act: Raises Again when it may work the next time.
        url: For the message.
        patience: How often and how long.
        reached: Bytes that are there; as long as they grow, it goes on.

    Raises:
        InputError: given up.
        ConfigError: tenacity is not installed.
    """
    try:
        import tenacity
    except ImportError as error:
        raise ConfigError("tenacity is not installed. Next step: pip install 'churn-saver[data]'") from error
    most, failures = reached(), 0

    def counted() -> Made:
        nonlocal most, failures
        try:
            return act()
        except Again:
            has_grown = reached() - most >= WORTH_BYTES
            most, failures = (reached(), 1) if has_grown else (most, failures + 1)
            raise

    def pause(state: "tenacity.RetryCallState") -> float:
        fault = state.outcome.exception() if state.outcome else None
        grows = min(patience.first_seconds * 2.0 ** (failures - 1), patience.most_seconds)
        chance = float(tenacity.wait_random(0, grows)(state))
        return max(grows + chance, fault.seconds if isinstance(fault, Again) else 0.0)

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Again),
        stop=lambda _: failures >= patience.attempts,
        wait=pause,
        sleep=patience.wait,
        reraise=True,
    )
    try:
        return retrying(counted)
    except Again as fault:
        raise InputError(
            f"{shown(url)} {fault}, {failures} times in a row. Next step: run again later, it goes on where "
            "it stopped; or take the files from elsewhere with --from"
        ) from None
