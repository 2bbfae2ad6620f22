"""Look at a running campaign, once or again and again, until asked to stop.

A round reads the campaign, judges it and keeps what was found. One that fails is told of, leaves
what the last one kept where it is, and does not end the watch: the next is tried. Knows no database
and no clock but what it is handed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.watch_figures import watch_metrics, watch_values
from churn_saver.adapters.watch_page import watch_page
from churn_saver.config import EnvSettings
from churn_saver.errors import ChurnSaverError
from churn_saver.evidence.watch import Watch

_LAST_ZONE_DAYS = 1
"""A day ends last in the westernmost zone, and a message may wait for the morning."""


def answer_days(env: EnvSettings) -> int:
    """Give the days after a contact by which an acceptance has come in, or none comes."""
    return env.offer_valid_days + env.outcome_lag_days + _LAST_ZONE_DAYS


@dataclass(frozen=True, slots=True)
class Kept:
    """Where what a round found is put."""

    page: Path
    values: Path
    metrics: Path | None
    """None: nobody reads metrics."""

    @classmethod
    def of(cls, folder: Path, campaign_id: str, metrics: Path | None) -> "Kept":
        """Name the files of a campaign in a folder that several campaigns may share."""
        return cls(folder / f"{campaign_id}.html", folder / f"{campaign_id}.json", metrics)

    def keep(self, look: Watch, psi_limit: float) -> None:
        """Write page, values and metrics, each beside its place and moved there whole.

        Raises:
            InputError: a place cannot be written to.
        """
        write_bytes(self.page, watch_page(look, psi_limit).encode())
        write_bytes(self.values, canonical(watch_values(look)))
        if self.metrics is not None:
            write_bytes(self.metrics, watch_metrics(look))


@dataclass(frozen=True, slots=True)
class Watcher:
    """Rounds of looking at one campaign."""

    look: Callable[[datetime], Watch]
    """Reads the campaign and judges it at a moment."""
    keep: Callable[[Watch], None]
    now: Callable[[], datetime]
    """Aware."""
    wait: Callable[[float], bool]
    """Waits for so many seconds, or until somebody asks to stop: then, and ever after, says True at once."""
    told: Callable[[Watch | ChurnSaverError], None]
    """Hears of every round: what it found, or why it failed."""

    def once(self) -> Watch:
        """Take one look.

        Raises:
            ChurnSaverError: the campaign cannot be read or judged, or a file not be written.
        """
        look = self.look(self.now())
        self.keep(look)
        self.told(look)
        return look

    def run(self, minutes: float) -> Watch | None:
        """Take a look every so many minutes, the first at once, until asked to stop.

        Args:
            minutes: From the end of one round to the beginning of the next.

        Returns:
            What the last round found; None: it failed, or there was none.
        """
        last: Watch | None = None
        while not self.wait(0):
            try:
                last = self.once()
            except ChurnSaverError as error:
                last = None
                self.told(error)
            if self.wait(60 * minutes):
                break
        return last
