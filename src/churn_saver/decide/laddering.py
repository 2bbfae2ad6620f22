"""Down the ladder: what fails or is late is left out, and whoever comes next decides.

    scores     predictors → none, so that the propensity rule decides
    choice     who is seated → knapsack → propensity rule → nobody is contacted
    message    live → bank → plain sentences; a broken classifier → words alone, and nothing live

Each step down is named in the answer. Knows no books: a decision is settled elsewhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from churn_saver.decide.guarding import Guards
from churn_saver.domain.artefacts import Artefact, Cause, tried
from churn_saver.domain.briefs import Brief
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import Unusable
from churn_saver.journey import Appraisal, Decider, Rules, Seat, Situation, appraise, seated
from churn_saver.journey.chosen import Chosen, Price
from churn_saver.journey.exploring import explored
from churn_saver.journey.proposing import proposals_of
from churn_saver.journey.rungs import NEVER, choose, priced_gain
from churn_saver.journey.seating import KNAPSACK, PROPENSITY_RULE
from churn_saver.journey.text import LiveWriter
from churn_saver.policy.reward import Floats
from churn_saver.tabular.predictors import Predictors

_BELOW = {KNAPSACK: PROPENSITY_RULE, PROPENSITY_RULE: NEVER}
"""Who decides where one cannot; below any other is the knapsack."""
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Means:
    """What is at hand to decide with."""

    predictors: Predictors | None
    """None: the propensity rule decides."""
    rules: Rules
    guards: Guards | None = None
    """None: nobody waits, so an error is an error."""

    def seat(self, campaign: Campaign | None, customers: int = 1) -> Seat:
        """Say who decides, and at which price.

        Args:
            campaign: None: nobody is contacted, whoever decides.
            customers: Of the table.

        Raises:
            InputError: a table too large for the exact policy.
        """
        if self.rules.decider.rung == NEVER:
            return Seat(self.rules, campaign.price if campaign else 0.0)
        return seated(self.rules, campaign, self.predictors, customers)

    def without(self, artefact: Artefact) -> "Means":
        """Give what is left when something cannot be used: always less."""
        rules = self.rules
        match artefact:
            case Artefact.PREDICTORS:
                return replace(self, predictors=None)
            case Artefact.POLICY:
                # Without predictors the propensity rule sat there, whoever was asked for.
                rung = PROPENSITY_RULE if self.predictors is None else rules.decider.rung
                below = Decider(_BELOW.get(rung, KNAPSACK))
                return replace(self, rules=replace(rules, decider=below))
            case Artefact.LIVE:
                return replace(self, rules=replace(rules, live=None))
            case Artefact.BANK:
                return replace(self, rules=replace(rules, bank=None))
            case Artefact.TOXICITY:
                # Approved messages were judged when they were made; a live one nobody has seen.
                by_words = replace(rules.shield, judge=None)
                return replace(self, rules=replace(rules, shield=by_words, live=None))


@dataclass(slots=True)
class Descent:
    """The way down, step by step."""

    means: Means
    """What is left."""
    _codes: dict[str, None] = field(default_factory=dict)

    @property
    def degraded(self) -> tuple[str, ...]:
        """Codes of what was left out, as they appear in responses."""
        return tuple(self._codes)

    def by(self, step: Callable[[Means], Made]) -> Made:
        """Take a step, again with less while something in it cannot be used.

        Args:
            step: Uses what it is given.

        Raises:
            Unusable: something cannot be used, and there are no guards.
        """
        while True:
            try:
                return step(self.means)
            except Unusable as fault:
                if self.means.guards is None:
                    raise
                if fault.cause != Cause.RESTING:
                    self.means.guards.watch.failed(fault)
                artefact = Artefact(fault.artefact)
                self._codes[artefact.unavailable] = None
                self.means = self.means.without(artefact)


@dataclass(frozen=True, slots=True)
class Laddered:
    """A decision, and what it had to do without."""

    proposals: Proposals
    means: Means
    """What was left at its end."""
    degraded: tuple[str, ...]
    """Codes, as they appear in responses."""


def laddered(customers: Customers, situation: Situation, means: Means) -> Laddered:
    """Decide with what can be used.

    Args:
        customers: One row.
        situation: What the books know of it.
        means: At hand.

    Raises:
        Unusable: as `Descent.by`.
        ConfigError: there are no guards, and the rung that decides lacks a package.
    """
    descent = Descent(means)
    appraisal = descent.by(lambda own: appraised(customers, situation, own))

    def seated_choice(own: Means) -> tuple[Seat, Chosen]:
        seat = own.seat(situation.campaign)
        return seat, chosen(appraisal, seat.price, replace(own, rules=seat.rules))

    seat, made = descent.by(seated_choice)
    wanted = explored(made, appraisal)
    proposals = descent.by(
        lambda own: proposals_of(wanted, appraisal, seat.price, _insisting(own, situation.now))
    )
    return Laddered(proposals, descent.means, (*seat.degraded, *descent.degraded))


def appraised(customers: Customers, situation: Situation, means: Means, is_table: bool = False) -> Appraisal:
    """Score and value, behind the guard of the predictors.

    Args:
        customers: One row, or those of a table.
        situation: What the books know of them.
        means: At hand.
        is_table: There is time for many.

    Raises:
        Unusable: the predictors are.
    """

    def call() -> Appraisal:
        return appraise(customers, situation, means.predictors, means.rules)

    if means.guards is None or means.predictors is None:
        return call()
    return means.guards.predictors.ask(call, situation.now, is_table)


def chosen(appraisal: Appraisal, price: Price, means: Means, is_table: bool = False) -> Chosen:
    """Let the decider choose: what was trained behind its guard, the others in the caller's own thread.

    Args:
        appraisal: One row, or those of a table.
        price: λ of the decider.
        means: With who is seated.
        is_table: There is time for many.

    Raises:
        Unusable: the decider is.
    """

    def call() -> Chosen:
        return choose(appraisal, price, means.rules)

    decider = means.rules.decider
    if means.guards is None or decider.rung == NEVER:
        return call()
    if decider.policy is None and decider.effects is None:
        return tried(Artefact.POLICY, call)
    return means.guards.policy.ask(call, appraisal.situation.now, is_table)


def priced(appraisals: Sequence[Appraisal], means: Means) -> list[Floats]:
    """Ask what the decider weighs against the price of budget, guarded as it is when it chooses.

    Args:
        appraisals: Parts of a table.
        means: With who is seated.

    Returns:
        Gains of each part, minor units, (n, 5); none where nothing has a worth or no price is asked for.

    Raises:
        Unusable: the decider is.
    """

    def call() -> list[Floats]:
        found = (priced_gain(appraisal, means.rules) for appraisal in appraisals)
        return [gain for gain in found if gain is not None]

    if means.guards is None or means.rules.decider.effects is None or not appraisals:
        return call()
    return means.guards.policy.ask(call, appraisals[0].situation.now, is_table=True)


def _insisting(means: Means, now: datetime) -> Rules:
    """Give the rules with a live writer whose silence is a fault: no draft in time is none at all."""
    live, guards = means.rules.live, means.guards
    if live is None or guards is None:
        return means.rules

    def write(brief: Brief) -> str:
        return guards.live.ask(lambda: _drafted(live, brief), now)

    return replace(means.rules, live=write)


def _drafted(live: LiveWriter, brief: Brief) -> str:
    draft = live(brief)
    if draft is None:
        raise Unusable(Artefact.LIVE, Cause.LATE)
    return draft
