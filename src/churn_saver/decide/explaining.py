"""Explain a recorded decision out of its record: it is made again first, and must be the same to the bit.

What is told is then read off the very appraisal that was decided on, and every change that is named was
decided again (`changing`). Reads nothing and writes nothing.
"""

from math import isfinite

import numpy as np

from churn_saver.decide.changing import changes_of
from churn_saver.decide.rebuilding import Premises, premises_of
from churn_saver.decide.replaying import replayed
from churn_saver.domain.action import N_CHOICES, OFFER_PERCENTS, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import FIELD_BY_NAME, Customers
from churn_saver.errors import ArtifactError
from churn_saver.evidence.explanation import (
    Difference,
    Explanation,
    Option,
    Score,
    Share,
    Value,
    given_score,
    score_of,
)
from churn_saver.journey import Appraisal, Rules
from churn_saver.journey.exploring import is_explored
from churn_saver.journey.seating import KNAPSACK
from churn_saver.store import DecisionRecord
from churn_saver.tabular.contributions import Contributions, accept_contributions, risk_contributions
from churn_saver.tabular.features import missing_fields
from churn_saver.tabular.predictors import CHURN_RISK, OFFER_PCT, Predictors

ACCEPT = "accept_prob_{}"
"""Name of the score of an offer's acceptance, by its rung on the ladder."""


def explain(
    record: DecisionRecord, campaign: Campaign | None, predictors: Predictors | None, rules: Rules
) -> Explanation:
    """Explain a decision.

    Args:
        record: As the books have it.
        campaign: Its own; None: it had none.
        predictors: At hand.
        rules: Settings at hand, with bank and decider.

    Raises:
        Erased: its personal fields are gone.
        ArtifactError: something it was made with is not at hand, or it comes out otherwise now.
    """
    premises = premises_of(record, campaign, predictors, rules)
    if differing := replayed(record, premises).differing:
        raise ArtifactError(
            f"decision {record.decision_id!r}, made again, differs in {', '.join(differing)}, so nothing "
            "true can be said of why. Compare: churn-saver replay ID, and churn-saver ledger verify"
        )
    appraisal = premises.appraised()
    difference = _difference(record, premises)
    of_intended = difference in (Difference.HOLDOUT, Difference.MESSAGE_BLOCKED)
    return Explanation(
        decision_id=record.decision_id,
        decided_at=record.decided_at,
        campaign_id=record.campaign_id,
        currency=None if campaign is None else campaign.currency,
        policy=record.policy,
        price=premises.price,
        is_by_worth=premises.rules.decider.rung == KNAPSACK and appraisal.values is not None,
        choice=record.choice,
        intended=record.intended,
        own=int(premises.own_choice(appraisal).choice[0]),
        is_drawn=is_explored(appraisal),
        reasons=tuple(Reason(record.reasons).words()),
        difference=difference,
        options=_options(appraisal, premises.price),
        scores=_scores(appraisal, premises.predictors),
        missing=_missing(premises),
        probability=record.probability,
        arm_probability=record.arm_probability,
        message_probability=record.message_probability,
        of_intended=of_intended,
        changes=changes_of(premises, of_intended),
    )


def _difference(record: DecisionRecord, premises: Premises) -> Difference:
    """Say why what was done is not what was intended; in the holdout also where nothing was."""
    if premises.gates.held_out[0]:
        return Difference.HOLDOUT
    if record.reasons & Reason.MESSAGE_BLOCKED:
        return Difference.MESSAGE_BLOCKED
    return Difference.WITHHELD if record.choice != record.intended else Difference.NONE


def _options(appraisal: Appraisal, price: float) -> tuple[Option, ...]:
    found = []
    for choice in range(N_CHOICES):
        cost = int(appraisal.costs_minor[0, choice])
        gain = None if appraisal.values is None else float(appraisal.values.gain[0, choice])
        known = gain if gain is not None and isfinite(gain) else None
        worth = None if known is None else known - price * cost
        closed_by = tuple(Reason(int(appraisal.standing.excluded[0, choice])).words())
        found.append(Option(choice, closed_by, known, cost, worth))
    return tuple(found)


def _scores(appraisal: Appraisal, predictors: Predictors | None) -> tuple[Score, ...]:
    """Split the scores; a churn risk that the caller sent is told as it came."""
    risk, customers = appraisal.churn_risk, appraisal.customers
    was_sent = not np.isnan(customers.churn_risk[0])
    if predictors is None or appraisal.accept is None:
        return (given_score(CHURN_RISK, float(risk[0])),) if was_sent else ()
    known = _known(customers) | {CHURN_RISK: float(risk[0])}
    first = (
        given_score(CHURN_RISK, float(risk[0]))
        if was_sent
        else _score(CHURN_RISK, float(risk[0]), risk_contributions(predictors.risk, customers), known)
    )
    offers = accept_contributions(predictors.accept, customers, risk)
    chances = appraisal.accept[0].tolist()
    return first, *(
        _score(ACCEPT.format(offer), chance, parts, known | {OFFER_PCT: float(OFFER_PERCENTS[offer])})
        for offer, (chance, parts) in enumerate(zip(chances, offers, strict=True))
    )


def _score(name: str, probability: float, split: Contributions, known: dict[str, Value]) -> Score:
    parts = [Share(part, known.get(part), amount) for part, amount in split.parts.items()]
    return score_of(name, probability, split.margin, split.base, parts)


def _known(customers: Customers) -> dict[str, Value]:
    """Give the inputs that were known, words as words."""
    found: dict[str, Value] = {}
    for name, column in customers.fields.items():
        value = float(column[0])
        if value == value:
            words = FIELD_BY_NAME[name].words
            found[name] = words[int(value)] if words else value
    return found


def _missing(premises: Premises) -> tuple[str, ...]:
    if premises.predictors is None:
        return ()
    fields = premises.predictors.risk.fields + premises.predictors.accept.fields
    return tuple(dict.fromkeys(missing_fields(premises.customers, fields)))
