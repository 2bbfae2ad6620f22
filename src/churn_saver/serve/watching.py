"""What goes wrong with artefacts and shadows: counted, and a line in the log with the error's place."""

import logging
from typing import Protocol, runtime_checkable

from churn_saver.decide.beside import Fault
from churn_saver.domain.artefacts import Artefact
from churn_saver.errors import Unusable
from churn_saver.serve.metrics import Metrics

_log = logging.getLogger(__name__)


@runtime_checkable
class TellsFault(Protocol):
    """A live writer that says what is wrong with it, as that of `adapters.live`."""

    @property
    def fault(self) -> str | None:
        """What it failed of when it last wrote; None: it did not."""
        ...


class Watching:
    """Watches the guards of one app."""

    def __init__(self, metrics: Metrics) -> None:
        """Take who counts, and begin with every breaker closed."""
        self._metrics = metrics
        for artefact in (Artefact.PREDICTORS, Artefact.POLICY, Artefact.LIVE):
            metrics.turned(artefact, is_open=False)

    def failed(self, fault: Unusable) -> None:
        """Count a decision that had to do without an artefact that was asked, and log why."""
        self._metrics.failed(fault.artefact, fault.cause)
        fields = {"artefact": str(fault.artefact), "cause": str(fault.cause)}
        _log.warning("artefact failed", exc_info=fault.__cause__, extra={"fields": fields})

    def turned(self, artefact: Artefact, is_open: bool) -> None:
        """Note that a breaker opened or closed."""
        self._metrics.turned(artefact, is_open)
        _log.warning(
            "breaker %s", "open" if is_open else "closed", extra={"fields": {"artefact": str(artefact)}}
        )


class WatchingShadows:
    """Watches what is worked out beside the answers of one app."""

    def __init__(self, metrics: Metrics) -> None:
        """Take who counts."""
        self._metrics = metrics

    def shadowed(self, decisions: int) -> None:
        """Count decisions whose shadow is kept."""
        self._metrics.shadowed(decisions)

    def unshadowed(self, decisions: int, fault: Fault, error: Exception | None = None) -> None:
        """Count decisions that have no shadow, and log why."""
        self._metrics.unshadowed(decisions, fault)
        fields = {"decisions": decisions, "cause": str(fault)}
        _log.warning("shadow failed", exc_info=error, extra={"fields": fields})
