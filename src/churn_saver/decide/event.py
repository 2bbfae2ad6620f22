"""One request, settled at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from churn_saver.decide.guarding import Guards
from churn_saver.decide.laddering import Means, laddered
from churn_saver.domain.action import Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import LedgerError, quoted
from churn_saver.journey import Decider, Rules, Situation
from churn_saver.journey.seating import PROPENSITY_RULE
from churn_saver.store import Answer, Answering, Control, Store, rest
from churn_saver.tabular.predictors import Predictors

ATTEMPTS = 4
"""How often a decision is made anew for a caller without a deadline; after one less no money is asked for."""
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

    @property
    def means(self) -> Means:
        """What decisions are made with, but for the books."""
        return Means(self.predictors, self.rules, self.guards)

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
            self, predictors=None, rules=rules, stopped=control.stopped, degraded=(FORCE_BASELINE,)
        )


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


def decide_once(customers: Customers, engine: Engine, now: datetime, asked: Asked) -> Outcome | Answer:
    """Decide for one customer, but give what was answered before where the key is known.

    Args:
        customers: One row.
        engine: Store, predictors, rules.
        now: Aware, UTC.
        asked: Key, and what the request was.

    Returns:
        The outcome, whose answer is kept, or what was answered before.

    Raises:
        AnswerMismatch: the key belongs to another request.
        LedgerError: as `decide_now`.
    """
    told = engine.store.answer(asked.key, asked.digest, now)
    if told is not None:
        return told
    made = decide_now(customers, engine, now, asked)
    if not made.is_repeated:
        return made
    told = engine.store.answer(asked.key, asked.digest, now)
    if told is None:
        raise LedgerError("the answer to an earlier request was erased meanwhile. Send the request again.")
    return told


def decide_now(customers: Customers, engine: Engine, now: datetime, asked: Asked | None = None) -> Outcome:
    """Decide and settle for one customer.

    A refusal (the budget went to somebody else, another call contacted the customer, all was stopped
    meanwhile) is answered with what still fits; from the last of `ATTEMPTS` on no money is asked for, so that
    only another decision for this very customer is in the way. Who has a deadline goes on until then.

    Args:
        customers: One row.
        engine: Store, predictors, rules.
        now: Aware, UTC.
        asked: Keep the answer under its key, together with the decision; None: there is no key.

    Raises:
        AnswerMismatch: the key belongs to another request.
        LedgerError: other calls for this very customer kept coming in between.
        Unusable: an artefact is, and there are no guards.
        ConfigError: the rung that decides lacks a package, and there are no guards.
    """
    means, lacks = engine.means, dict.fromkeys(engine.degraded)
    for attempt in count(1):
        known = engine.store.read_running(customers.ids[0], now)
        free_minor = known.free_minor if attempt < ATTEMPTS else 0
        situation = Situation(known.history, known.campaign, free_minor, now, engine.stopped)
        found = laddered(customers, situation, means)
        means, proposals = found.means, found.proposals
        lacks = dict.fromkeys((*lacks, *found.degraded))
        campaign_id = known.campaign.campaign_id if known.campaign else None
        made = Outcome("", proposals, known.campaign, tuple(lacks))
        answering = None if asked is None else asked.answering(made)
        settlement = engine.store.settle(
            campaign_id, proposals, now, answer=answering, said_no=said_no(customers)
        )
        if not settlement.refused.any():
            name = settlement.decision_ids[0]
            return replace(made, decision_id=name, is_repeated=settlement.is_repeated)
        if Reason.STOPPED in Reason(int(settlement.refused[0])):
            engine = replace(engine, stopped=True)
        if attempt >= ATTEMPTS and not rest():
            break
    raise LedgerError(
        f"{attempt} attempts were each overtaken by another decision for the same customer; "
        "nothing was recorded. Send the request again."
    )


def require_going(store: Store) -> Control:
    """Give the switches, for a table; a request is answered even while all is stopped, a table can wait.

    Raises:
        LedgerError: all contacts are stopped; names who did it.
    """
    control = store.control()
    if control.stopped:
        raise LedgerError(
            f"all contacts were stopped by {quoted(control.changed_by)} at {control.changed_at}; nothing "
            "more was recorded. Go on: churn-saver control set --no-stopped, then run this again."
        )
    return control


def said_no(customers: Customers) -> list[str]:
    """Name those of whom the caller says that they want no message."""
    return [one for one, word in zip(customers.ids, customers.opted_in, strict=True) if word is False]
