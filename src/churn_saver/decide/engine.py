"""What decisions are made with, what was asked, and what came of it. Decides nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from churn_saver.decide.assigning import Challenge, Deciding
from churn_saver.decide.guarding import Guards
from churn_saver.decide.laddering import Means
from churn_saver.domain.action import Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.domain.shadows import Shadowed
from churn_saver.journey import Decider, Rules
from churn_saver.journey.seating import PROPENSITY_RULE
from churn_saver.store import Answer, Answering, Control, Known, Store
from churn_saver.tabular.predictors import Predictors

FORCE_BASELINE = "force_baseline"
"""Code of decisions by the propensity rule, because somebody wants no model to decide."""


@dataclass(frozen=True, slots=True)
class Engine:
    """All that decisions are made with."""

    store: Store
    predictors: Predictors | None
    """None: the propensity rule decides."""
    rules: Rules
    notes: tuple[str, ...] = ()
    """What decisions are made without, one sentence each; a plan keeps them."""
    stopped: bool = False
    """Nobody is contacted."""
    degraded: tuple[str, ...] = ()
    """Codes of what a switch takes away."""
    guards: Guards | None = None
    """Before what may fail while it serves; None: nobody waits, so an error is an error."""
    challenge: Challenge | None = None
    """Decides for its share of the customers; None: nobody does."""
    gathering: "Gathers | None" = None
    """Where requests meet that can be decided together; None: each is decided alone."""
    shadow: Deciding | None = None
    """Is asked what it would have done, and decides nothing; None: nobody is."""
    beside: "Beside | None" = None
    """Asks the shadow when the answer has gone out; None: requests are not shown to it."""

    @property
    def means(self) -> Means:
        """What decisions are made with, but for the books."""
        return Means(self.predictors, self.rules, self.guards)

    def deciding_for(self, customer_id: str, campaign: Campaign | None) -> "Engine":
        """Give the engine that decides for a customer: the challenger's where it is one of its share."""
        if self.challenge is None:
            return self
        if not self.challenge.decides_for(customer_id, campaign):
            return replace(self, challenge=None)
        return self.led_by(self.challenge.by)

    def led_by(self, version: Deciding) -> "Engine":
        """Give the engine with which a version decides for all."""
        return replace(self.using(version.over(self.means)), challenge=None)

    def lacking(self, code: str) -> "Engine":
        """Give the engine that says of every decision what it is made without."""
        return replace(self, degraded=(*self.degraded, code))

    def using(self, means: Means) -> "Engine":
        """Give the engine with these means."""
        return replace(self, predictors=means.predictors, rules=means.rules, guards=means.guards)

    def obeying(self, control: Control) -> "Engine":
        """Give the engine as the switches want it."""
        if not (control.baseline or control.stopped):
            return self
        if not control.baseline:
            return replace(self, stopped=True)
        rules = replace(self.rules, decider=Decider(PROPENSITY_RULE))
        return replace(
            self, predictors=None, rules=rules, stopped=control.stopped, degraded=(FORCE_BASELINE,),
            challenge=None, shadow=None,
        )  # fmt: skip

    def shows(self, decisions: int, work: Callable[[Deciding], Sequence[Shadowed]]) -> None:
        """Have the shadow asked about recorded decisions, beside the answer; nothing waits for it.

        Args:
            decisions: How many.
            work: Asks it; gives rows with the names of the decisions.
        """
        shadow = self.shadow
        if shadow is not None and self.beside is not None and decisions:
            self.beside.take(self.store, lambda: work(shadow), decisions)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One settled decision."""

    decision_id: str
    proposals: Proposals
    """Of one row."""
    campaign: Campaign | None
    degraded: tuple[str, ...] = ()
    """Codes of what this very decision had to do without, as they appear in responses."""
    is_repeated: bool = False
    """The key was answered before: only the name is that of the decision, the rest came too late."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request under a key: the first answer to it is the answer to all."""

    key: str
    digest: bytes
    """SHA-256 of the request, (32,)."""
    write: Callable[[Outcome], bytes]
    """Gives the body of the answer; runs inside the transaction, so it must not wait for anything."""

    def answering(self, outcome: Outcome) -> Answering:
        """Say how the books are to keep the answer to an outcome that has no name yet."""
        return Answering(
            self.key, self.digest, lambda name: Answer(200, self.write(replace(outcome, decision_id=name)))
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request on its way into the books."""

    customers: Customers
    """One row."""
    known: Known
    """What the books say of it."""
    free_minor: int
    """What it may reserve."""
    engine: Engine
    now: datetime
    asked: Asked | None
    lacks: tuple[str, ...]
    """Codes of what earlier attempts had to do without."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """What came of an attempt."""

    outcome: Outcome
    refused: Reason
    """Why the books did not take it; none: it is recorded."""
    means: Means
    """What was left at its end."""


class Gathers(Protocol):
    """Decides requests together that wait at one moment."""

    def attempted(self, attempt: Attempt) -> Attempted | None:
        """Make an attempt together with others; None: make it alone, nothing came of it."""
        ...


class Beside(Protocol):
    """Has work done that nobody waits for."""

    def take(self, store: Store, work: Callable[[], Sequence[Shadowed]], rows: int) -> None:
        """Take work about so many decisions and come back at once; must not raise."""
        ...
