"""The versions that a process decides with, as the registry's roles want them.

Roles come with the switches. A version is loaded beside those that serve, in a thread of its own, and then
one reference is swapped: requests in flight end with what they began with. One that cannot be loaded is
tried again after a while; until then whoever is champion stays it, and nobody challenges. Without a role
nothing is loaded, and what settings and folders name decides. Knows no registry and no files.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from churn_saver.decide import Engine
from churn_saver.decide.assigning import Challenge, Deciding
from churn_saver.domain.versions import Roles
from churn_saver.store import at_most

OpenVersion = Callable[[str], Deciding]
"""Loads a version by its SHA-256 in hex; raises what it fails of."""
VERSION_UNAVAILABLE = "version_unavailable"
RETRY_SECONDS = 2
"""Between two tries to load what could not be loaded."""
SETTLE_SECONDS = 5
"""How long whoever wants to know how it ends waits for what is being loaded."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is at hand for some roles."""

    roles: Roles = field(default_factory=Roles)
    champion: Deciding | None = None
    """None: what settings and folders name decides."""
    challenger: Deciding | None = None
    former: Deciding | None = None
    """Champion before; stays at hand, so that a way back needs no file."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Why a version cannot be loaded, by its hash."""
    tried_at: datetime | None = None
    """None: nobody has had a role yet."""

    def leading(self, engine: Engine) -> Engine:
        """Give the engine with which these versions decide; the same one where there are none."""
        led = engine if self.champion is None else engine.led_by(self.champion)
        if self.challenger is not None:
            led = replace(led, challenge=Challenge(self.challenger, self.roles.share))
        return led.lacking(VERSION_UNAVAILABLE) if self.faults else led

    def is_due(self, roles: Roles, now: datetime) -> bool:
        """Say whether something is to be loaded for these roles, or tried again."""
        if roles != self.roles:
            return True
        long_ago = self.tried_at is None or not (
            timedelta(0) <= now - self.tried_at < timedelta(seconds=RETRY_SECONDS)
        )
        return bool(self.faults) and long_ago


class Versions:
    """Safe to share between threads."""

    def __init__(self, open_version: OpenVersion | None) -> None:
        """Take how a version is loaded; None: roles mean nothing here, because no model is to decide."""
        self._open = open_version
        self._lock = threading.Lock()
        self._loaded = Loaded()
        self._settled = threading.Event()
        self._settled.set()

    @property
    def loaded(self) -> Loaded:
        """What decides just now."""
        return self._loaded

    def follow(self, roles: Roles, now: datetime) -> Loaded:
        """Begin to load what the roles want, if anything, and give what decides just now.

        The first time the caller waits: no customer is to be decided by what the registry has replaced only
        because a process is young.
        """
        if self._open is not None and self._loaded.is_due(roles, now) and self._lock.acquire(blocking=False):
            self._settled.clear()
            if self._loaded.tried_at is None:
                self._load(self._open, roles, now)
            else:
                wanted = (self._open, roles, now)
                threading.Thread(target=self._load, args=wanted, name="versions", daemon=True).start()
        return self._loaded

    def settle(self) -> None:
        """Wait until what is being loaded is there or cannot be, for some seconds at most."""
        self._settled.wait(at_most(SETTLE_SECONDS))

    def _load(self, open_version: OpenVersion, roles: Roles, now: datetime) -> None:
        """Load what is wanted and not at hand, and put it in the place of what was."""
        before = self._loaded
        faults: dict[str, str] = {}
        all_of_it = (before.champion, before.challenger, before.former)
        at_hand = {one.version: one for one in all_of_it if one is not None}

        def loaded(version: str | None) -> Deciding | None:
            if version is None or version in at_hand:
                return at_hand.get(version or "")
            try:
                return open_version(version)
            except Exception as error:  # whatever it is, who serves goes on serving
                faults[version] = str(error)
                _log.warning("version cannot serve", exc_info=error, extra={"fields": {"version": version}})
                return None

        try:
            champion = loaded(roles.champion)
            if roles.champion in faults:
                champion = before.champion
            former = before.former if champion is before.champion else before.champion
            self._loaded = Loaded(roles, champion, loaded(roles.challenger), former, faults, now)
        finally:
            self._settled.set()
            self._lock.release()
