"""One request, settled at once; those that wait at one moment are settled together (`gathering`)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count

import numpy as np

from churn_saver.decide.assigning import Deciding
from churn_saver.decide.engine import Asked, Attempt, Attempted, Engine, Outcome
from churn_saver.decide.laddering import laddered
from churn_saver.decide.shadowing import Choices, of_requests
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.joining import joined_customers, joined_histories
from churn_saver.domain.proposal import Settlement
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import LedgerError, quoted
from churn_saver.journey import Situation
from churn_saver.store import Answer, Control, Store, rest

ATTEMPTS = 4
"""How often a decision is made anew for a caller without a deadline; after one less no money is asked for."""


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
    lacks: tuple[str, ...] = engine.degraded
    for attempt in count(1):
        known = engine.store.read_running(customers.ids[0], now)
        if attempt == 1:
            engine = engine.deciding_for(customers.ids[0], known.campaign)
        free_minor = known.free_minor if attempt < ATTEMPTS else 0
        asking = Attempt(customers, known, free_minor, engine, now, asked, lacks)
        gathering = engine.gathering if attempt == 1 else None
        found = (gathering.attempted(asking) if gathering else None) or attempted([asking])[0]
        if not found.refused:
            return found.outcome
        stopped = engine.stopped or Reason.STOPPED in found.refused
        engine, lacks = replace(engine.using(found.means), stopped=stopped), found.outcome.degraded
        if attempt >= ATTEMPTS and not rest():
            break
    raise LedgerError(
        f"{attempt} attempts were each overtaken by another decision for the same customer; "
        "nothing was recorded. Send the request again."
    )


def attempted(attempts: Sequence[Attempt]) -> list[Attempted]:
    """Decide requests and settle them in one transaction, each as if it were alone.

    Rows do not know of each other but in the books, which give out the budget in their order.

    Args:
        attempts: One, or several that are alike: with the same engine, campaign and fields, of as many
            customers, none of them with a live writer.

    Raises:
        AnswerMismatch: a key belongs to another request.
        LedgerError: the books cannot be read or written; nothing was recorded.
        Unusable: an artefact is, and there are no guards.
    """
    first, now = attempts[0], max(one.now for one in attempts)
    engine, campaign = first.engine, first.known.campaign
    customers = joined_customers([one.customers for one in attempts])
    history = joined_histories([one.known.history for one in attempts])
    free_minor = min(one.free_minor for one in attempts)
    situation = Situation(history, campaign, free_minor, now, engine.stopped)
    found = laddered(customers, situation, engine.means)
    lacks = tuple(dict.fromkeys((*first.lacks, *found.degraded)))
    rows = (
        [found.proposals]
        if len(attempts) == 1
        else [found.proposals.take(np.array([row])) for row in range(len(attempts))]
    )
    made = [Outcome("", row, campaign, lacks) for row in rows]
    answers = [
        one.asked.answering(outcome) if one.asked else None
        for one, outcome in zip(attempts, made, strict=True)
    ]
    settlement = engine.store.settle(
        campaign.campaign_id if campaign else None,
        found.proposals,
        now,
        answers=answers,
        said_no=said_no(customers),
    )
    if campaign is not None and not settlement.is_repeated:
        work = partial(_shadowed, customers, situation, engine, settlement, found.proposals.intended)
        engine.shows(sum(map(bool, settlement.decision_ids)), work)
    return [
        Attempted(
            replace(outcome, decision_id=name, is_repeated=settlement.is_repeated),
            Reason(int(flags)),
            found.means,
        )
        for outcome, name, flags in zip(made, settlement.decision_ids, settlement.refused, strict=True)
    ]


def _shadowed(
    customers: Customers,
    situation: Situation,
    engine: Engine,
    settlement: Settlement,
    intended: Choices,
    shadow: Deciding,
) -> list[Shadowed]:
    """Ask a shadow about requests that were settled together."""
    found = of_requests(customers, situation, shadow, engine.means, intended)
    return [found.named(settlement.decision_ids).recorded()]


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
