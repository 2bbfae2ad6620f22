"""What a running service has at hand: opened once, opened again while something is missing.

Predictors, policy and messages are opened apart: one may be there without the others.

No module-level state: an app owns one `Runtime`. It opens nothing more often than once in
`REOPEN_SECONDS`, so that a dead database is not hammered by the requests that miss it.
"""

import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from churn_saver.adapters.hands import Hands
from churn_saver.decide import Engine
from churn_saver.decide.gathering import Gathering, Told
from churn_saver.decide.guarding import Guards
from churn_saver.decide.laddering import Means
from churn_saver.domain.customer import Customers
from churn_saver.errors import ChurnSaverError, LedgerError
from churn_saver.journey import Decider, Rules
from churn_saver.journey.text import LiveWriter
from churn_saver.message.bank import Bank
from churn_saver.opening import LIVE_UNAVAILABLE, Degradation
from churn_saver.serve.coming_back import LATER_SECONDS
from churn_saver.serve.readiness import Readiness
from churn_saver.serve.shadows import Shadows
from churn_saver.serve.switches import Switches
from churn_saver.serve.versions import OpenVersion, Versions
from churn_saver.serve.watching import TellsFault
from churn_saver.store import Store, at_most
from churn_saver.tabular.features import missing_fields
from churn_saver.tabular.predictors import Predictors

Clock = Callable[[], datetime]
"""Gives the aware time, UTC."""
REOPEN_SECONDS = LATER_SECONDS
"""Between two tries to open something; after so long a caller who needs the ledger may come back."""
OPEN_SECONDS = 60
"""How long a caller without a deadline waits for what is being opened."""
TURNS = 256
"""Locks that customers share; two customers rarely meet at one."""
LEDGER_UNAVAILABLE = "ledger_unavailable"


@dataclass(frozen=True, slots=True)
class Sources:
    """How to open each thing; settings are read before, since without them nothing can start."""

    rules: Rules
    """Of the settings; who decides and who writes is opened."""
    open_books: Callable[[datetime], Store]
    open_predictors: Callable[[], tuple[Predictors | None, tuple[Degradation, ...]]]
    open_policy: Callable[[], tuple[Decider, tuple[Degradation, ...]]]
    open_bank: Callable[[], tuple[Bank | None, tuple[Degradation, ...]]]
    open_live: Callable[[], tuple[LiveWriter | None, tuple[Degradation, ...]]]
    open_version: OpenVersion | None = None
    """None: nobody follows the registry."""


class Runtime:
    """Books, predictors, policy and messages, safe to share between threads."""

    def __init__(
        self,
        sources: Sources,
        guards: Guards | None = None,
        told: Told | None = None,
        shadows: Shadows | None = None,
    ) -> None:
        """Take ways to open things, and guards, by default as the settings say; nothing is opened yet."""
        self._gathering = Gathering(told)
        self._rules, self._sources = sources.rules, sources
        self._guards = guards or Guards.of(sources.rules.serve.guard)
        self._opening = threading.Lock()
        self._hands = Hands("opening", 1)
        self._turns = tuple(threading.Lock() for _ in range(TURNS))
        self._tried_at: datetime | None = None
        self._store: Store | None = None
        self.switches = Switches()
        self._versions, self._shadows = Versions(sources.open_version), shadows
        self._predictors: Predictors | None = None
        self._degraded: tuple[Degradation, ...] = ()
        lacks: tuple[Degradation, ...] | None = None
        self._policy_lacks = self._bank_lacks = self._live_lacks = lacks
        self._books_fault: str | None = "the ledger is not open yet"
        self._ready_once = False

    def open(self, now: datetime) -> None:
        """Open what is not open; the first time everything, later what failed, if some time has passed."""
        with self._opening:
            if self._is_due(now):
                self._tried_at = now
                self._open_predictors()
                self._open_policy()
                self._open_bank()
                self._open_live()
                self._open_books(now)

    def turn(self, customer_id: str) -> threading.Lock:
        """Give the lock under which one customer is decided: calls for the same one wait for each other."""
        return self._turns[zlib.crc32(customer_id.encode()) % len(self._turns)]

    def close(self) -> None:
        """Let go of books and threads."""
        if self._shadows is not None:
            self._shadows.close()
        self._guards.close()
        self._hands.close()
        if self._store is not None:
            self._store.close()

    @property
    def means(self) -> Means:
        """What decisions are made with, but for the books."""
        own, led = Means(self._predictors, self._rules, self._guards), self._versions.loaded.champion
        return own if led is None else led.over(own)

    @property
    def rules(self) -> Rules:
        """The settings, with who decides and who writes."""
        return self._rules

    @property
    def degraded(self) -> tuple[str, ...]:
        """Codes of what predictors, policy and messages have to do without."""
        return tuple(found.code for found in (*self._lacks, *self._broken))

    def store(self, now: datetime) -> Store | None:
        """Give the books; None while they are not open."""
        self._reopen(now)
        return self._store

    def engine(self, now: datetime) -> Engine | None:
        """Give what decisions are made with, as the switches want it; None while the books are not open.

        Where the switches cannot be read nobody is contacted, and `LEDGER_UNAVAILABLE` is among its codes.
        """
        store = self.store(now)
        if store is None:
            return None
        control = self.switches.read(store, now)
        known = control or self.switches.unread
        engine = Engine(store, self._predictors, self._rules, guards=self._guards, gathering=self._gathering)
        engine = self._versions.follow(known.roles, now).leading(engine)
        if self._shadows is not None:
            engine = self._shadows.beside(engine, known.roles.shadow, now)
        engine = engine.obeying(known)
        return engine if control else replace(engine, degraded=(*engine.degraded, LEDGER_UNAVAILABLE))

    def missing(self, customers: Customers) -> tuple[str, ...]:
        """Name the inputs of the models that were not sent."""
        if (found := self.means.predictors) is None:
            return ()
        return missing_fields(customers, found.risk.fields + found.accept.fields)

    def readiness(self, now: datetime) -> Readiness:
        """Look whether everything is there; once it was, a later fault degrades and is no reason to stop."""
        self._reopen(now)
        campaign, books_fault = self._ask_books(now)
        faults = [found.fault for found in (*self._lacks, *self._broken) if found.fault is not None]
        if books_fault is not None:
            faults.append(books_fault)
        self._ready_once = self._ready_once or not faults
        self.engine(now)
        self._versions.settle()
        engine = self.engine(now)
        switched, means = ((), self.means) if engine is None else (engine.degraded, engine.means)
        lost = () if books_fault is None else (LEDGER_UNAVAILABLE,)
        models = means.predictors
        return Readiness(
            faults=() if self._ready_once else tuple(faults),
            policy=means.seat(None).rules.decider.label,
            models=models.version if models else "none",
            messages=self._rules.bank.version if self._rules.bank else "none",
            campaign=campaign,
            degraded=tuple(dict.fromkeys((*self.degraded, *self._guards.resting, *switched, *lost))),
        )

    def _reopen(self, now: datetime) -> None:
        """Open what is not open, in a thread that may take longer than its caller: books may migrate."""
        if self._is_due(now):
            with suppress(TimeoutError):
                self._hands.done(lambda: self.open(now), at_most(OPEN_SECONDS))

    def _is_due(self, now: datetime) -> bool:
        last, pause = self._tried_at, timedelta(seconds=REOPEN_SECONDS)
        return last is None or not (self._whole or timedelta(0) <= now - last < pause)

    @property
    def _lacks(self) -> tuple[Degradation, ...]:
        words = (*(self._bank_lacks or ()), *(self._live_lacks or ()))
        if self._versions.loaded.champion is not None:
            return words
        return (*self._degraded, *(self._policy_lacks or ()), *words)

    @property
    def _broken(self) -> tuple[Degradation, ...]:
        """What was opened and fails since; it is asked again at every text, and not opened again."""
        live = self._rules.live
        fault = live.fault if isinstance(live, TellsFault) else None
        if fault is None:
            return ()
        told = f"the bank answers instead of a live text: {fault}. Next step: restart the service"
        return (Degradation(LIVE_UNAVAILABLE, told),)

    @property
    def _whole(self) -> bool:
        return self._store is not None and all(found.fault is None for found in self._lacks)

    def _open_predictors(self) -> None:
        if self._predictors is None:
            self._predictors, self._degraded = self._sources.open_predictors()

    def _open_policy(self) -> None:
        if self._policy_lacks is None or self._policy_lacks:
            decider, self._policy_lacks = self._sources.open_policy()
            self._rules = replace(self._rules, decider=decider)

    def _open_bank(self) -> None:
        if self._bank_lacks is None or self._bank_lacks:
            bank, self._bank_lacks = self._sources.open_bank()
            self._rules = replace(self._rules, bank=bank)

    def _open_live(self) -> None:
        if self._live_lacks is None or self._live_lacks:
            live, self._live_lacks = self._sources.open_live()
            self._rules = replace(self._rules, live=live)

    def _open_books(self, now: datetime) -> None:
        if self._store is not None:
            return
        try:
            self._store, self._books_fault = self._sources.open_books(now), None
        except ChurnSaverError as error:
            self._books_fault = str(error)

    def _ask_books(self, now: datetime) -> tuple[str | None, str | None]:
        """Give the running campaign, and what is wrong with the books."""
        if self._store is None:
            return None, self._books_fault
        try:
            self._store.ping()
            campaign = self._store.campaigns.current(now)
        except LedgerError as error:
            return None, str(error)
        return campaign.campaign_id if campaign else None, None
