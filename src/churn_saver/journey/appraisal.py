"""Score customers and value every choice, before any price is known."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from churn_saver import shield
from churn_saver.config import EnvSettings, ServeSettings
from churn_saver.domain.action import choice_costs_minor
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.errors import ArtifactError
from churn_saver.journey.decider import Decider
from churn_saver.journey.text import LiveWriter
from churn_saver.message.bank import Bank
from churn_saver.policy.protection import days_left
from churn_saver.policy.reward import ContactValues, contact_values
from churn_saver.policy.standing import Standing, standing
from churn_saver.shield import Judge
from churn_saver.tabular.predictors import Predictors


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything written down in ops/configs that a decision depends on, who decides, and who writes."""

    env: EnvSettings
    serve: ServeSettings
    shield: shield.Rules
    decider: Decider
    bank: Bank | None = None
    """Approved messages; None: plain sentences are sent."""
    live: LiveWriter | None = None
    """Writes messages while the customer waits; None: nobody does."""
    settings: str = ""
    """First 16 hex digits of the SHA-256 of all settings that a decision depends on."""
    former_settings: str = ""
    """The same as it was reckoned at first: with `deadline_ms`, on which no decision depends."""

    @classmethod
    def of(
        cls,
        env: EnvSettings,
        serve: ServeSettings,
        decider: Decider | None = None,
        bank: Bank | None = None,
        judge: Judge | None = None,
    ) -> "Rules":
        """Compile the settings once.

        Args:
            env: The portfolio and the caps.
            serve: What is promised.
            decider: Who decides; None: the rung that serve.yaml names, which then needs nothing more.
            bank: Approved messages; None: plain sentences are sent.
            judge: Of toxic texts, beside the shield's words; None: words alone.
        """
        asked = decider or Decider(serve.policy)
        digests = _digest(env, serve, {"deadline_ms"}), _digest(env, serve, set())
        return cls(env, serve, shield.Rules.of(serve, judge), asked, bank, None, *digests)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the store knows of n customers at a moment."""

    history: ContactHistory
    campaign: Campaign | None
    free_minor: int
    now: datetime
    stopped: bool = False
    """Nobody is to be contacted: the switch that all processes obey."""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """n customers scored, and what may be done about each."""

    customers: Customers
    situation: Situation
    standing: Standing
    costs_minor: NDArray[np.int64]
    """Most that each choice can cost, (n, 5)."""
    churn_risk: NDArray[np.float64]
    """(n,), NaN where nothing could score."""
    values: ContactValues | None
    """Worth of every choice; None without predictors: the propensity rule then decides."""
    models: str
    """Version of the predictors, 'none' without."""
    accept: NDArray[np.float64] | None = None
    """Chance to accept each offer when rested, (n, 4); None without predictors."""

    @property
    def competing(self) -> NDArray[np.bool_]:
        """Choices that compete for budget, (n, 5): allowed, of customers outside the holdout."""
        return self.standing.allowed & ~self.standing.held_out[:, None]


def appraise(
    customers: Customers, situation: Situation, predictors: Predictors | None, rules: Rules
) -> Appraisal:
    """Score n customers and value every choice.

    Args:
        customers: Checked customers.
        situation: What the store knows of them.
        predictors: None when no artefact serves or the kill switch is on.
        rules: Settings.

    Raises:
        ArtifactError: as `valued`.
    """
    costs = choice_costs_minor(customers.bill_minor, rules.env.contact_cost_minor)
    gates = standing(
        customers,
        situation.history,
        situation.campaign,
        costs,
        situation.free_minor,
        situation.now,
        rules.serve.contact_basis,
        situation.stopped,
    )
    return valued(customers, situation, gates, predictors, rules)


def valued(
    customers: Customers,
    situation: Situation,
    gates: Standing,
    predictors: Predictors | None,
    rules: Rules,
    heeds_protection: bool = True,
) -> Appraisal:
    """Score n customers and value every choice, once it is known what the gates leave open.

    Args:
        customers: Checked customers.
        situation: What the store knows of them.
        gates: Which choices are open.
        predictors: None: nothing scores.
        rules: Settings.
        heeds_protection: Values know what offers accepted earlier still protect; older code did not.

    Raises:
        ArtifactError: the predictors give something that is no probability.
    """
    costs = choice_costs_minor(customers.bill_minor, rules.env.contact_cost_minor)
    if predictors is None:
        return Appraisal(customers, situation, gates, costs, customers.churn_risk, None, "none")
    risk = _churn_risk(customers, predictors)
    accept = predictors.accept.probabilities(customers, risk)
    _require_probabilities(churn_risk=risk, accept_prob=accept)
    since = situation.history.days_since_accepted
    values = contact_values(
        risk,
        situation.history.usual_risk,
        accept,
        gates.fatigue,
        customers.bill_minor,
        horizon_left(situation, rules.env),
        rules.env,
        days_left(since, rules.env.protected_days) if heeds_protection else None,
    )
    return Appraisal(customers, situation, gates, costs, risk, values, predictors.version, accept)


def horizon_left(situation: Situation, env: EnvSettings) -> int:
    """Count the days that a contact is valued over: to the end of the campaign, or those of any campaign."""
    if situation.campaign is None:
        return env.horizon_days
    return min(situation.campaign.days_left(situation.now), situation.campaign.horizon_days)


def _digest(env: EnvSettings, serve: ServeSettings, without: set[str]) -> str:
    # Who decides stands in each record, and the campaign in the books; a guard decides nothing itself.
    told = serve.model_dump_json(exclude={"policy", "campaign", "guard"} | without)
    return sha256(f"{env.model_dump_json()}\n{told}".encode()).hexdigest()[:16]


def _churn_risk(customers: Customers, predictors: Predictors) -> NDArray[np.float64]:
    """Take the caller's own score where one was sent, else predict."""
    given = customers.churn_risk
    if not np.isnan(given).any():
        return given
    return np.where(np.isnan(given), predictors.risk.probability(customers), given)


def _require_probabilities(**scores: NDArray[np.float64]) -> None:
    for name, score in scores.items():
        wrong = ~((score >= 0.0) & (score <= 1.0))
        if wrong.any():
            raise ArtifactError(
                f"the predictors give {name} {score[wrong][0]} for {int(wrong.sum()):,} of {score.size:,}, "
                "wanted 0 to 1: they are not what was measured. Train again: make train-risk"
            )
