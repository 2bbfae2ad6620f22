"""The shadow of a process: loaded beside, asked beside, and missed by nobody.

A shadow changes no answer, so none waits for it to be loaded, and none says that it cannot be: that is
logged, and tried again after a while. Knows no registry and no files.
"""

import logging
import threading
from dataclasses import replace
from datetime import datetime, timedelta

from churn_saver.decide import Engine
from churn_saver.decide.assigning import Deciding
from churn_saver.decide.beside import Beside
from churn_saver.serve.versions import RETRY_SECONDS, OpenVersion

_log = logging.getLogger(__name__)


class Shadows:
    """Safe to share between threads."""

    def __init__(self, open_version: OpenVersion | None, beside: Beside) -> None:
        """Take how a version is loaded (None: roles mean nothing here), and who asks it."""
        self._open, self._beside = open_version, beside
        self._lock = threading.Lock()
        self._wanted: str | None = None
        self._loaded: Deciding | None = None
        self._tried_at: datetime | None = None
        self._idle = threading.Condition(self._lock)
        self._is_loading = False

    def beside(self, engine: Engine, wanted: str | None, now: datetime) -> Engine:
        """Give the engine with the shadow beside it, as soon as it is loaded; until then as it is.

        Args:
            engine: With who decides.
            wanted: SHA-256 of the version that has the role, hex; None: nobody has.
            now: Aware.
        """
        if wanted is not None and self._open is not None and self._is_due(wanted, now):
            self._begin(self._open, wanted, now)
        shadow = self._loaded
        if shadow is None or shadow.version != wanted:
            return engine
        return replace(engine, shadow=shadow, beside=self._beside)

    def settle(self, seconds: float) -> bool:
        """Wait until what is being loaded is there or cannot be, and all that was taken is done."""
        with self._idle:
            is_idle = self._idle.wait_for(lambda: not self._is_loading, seconds)
        return is_idle and self._beside.settle(seconds)

    def close(self) -> None:
        """Take no more work."""
        self._beside.close()

    def _is_due(self, wanted: str, now: datetime) -> bool:
        if self._loaded is not None and self._loaded.version == wanted:
            return False
        last, pause = self._tried_at, timedelta(seconds=RETRY_SECONDS)
        return wanted != self._wanted or last is None or not timedelta(0) <= now - last < pause

    def _begin(self, open_version: OpenVersion, wanted: str, now: datetime) -> None:
        """Load in a thread of its own; while one is being loaded, none is begun."""
        with self._lock:
            if self._is_loading:
                return
            self._is_loading, self._wanted, self._tried_at = True, wanted, now
        loading = (open_version, wanted)
        threading.Thread(target=self._load, args=loading, name="shadow-loading", daemon=True).start()

    def _load(self, open_version: OpenVersion, wanted: str) -> None:
        try:
            self._loaded = open_version(wanted)
        except Exception as error:  # whatever it is, who serves goes on serving
            _log.warning("shadow cannot be loaded", exc_info=error, extra={"fields": {"version": wanted}})
        finally:
            with self._idle:
                self._is_loading = False
                self._idle.notify_all()
