"""Let a rung choose at the price of budget, keep the holdout out, and write what is to be sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Reason
from churn_saver.domain.proposal import Proposals, Versions
from churn_saver.domain.slots import facts_of
from churn_saver.journey.appraisal import Appraisal, Rules
from churn_saver.journey.rungs import Chosen, choose
from churn_saver.journey.text import Letter, write
from churn_saver.policy.quiet_hours import next_opening

CODE_VERSION = "1"
"""Changes whenever the same inputs may lead to another decision."""


@dataclass(frozen=True, slots=True)
class Sending:
    """When one message goes out and until when its promise holds."""

    send_at: datetime
    valid_until: date
    letter: Letter


def propose(
    appraisal: Appraisal, price: float, rules: Rules, row_prices: NDArray[np.float64] | None = None
) -> Proposals:
    """Turn n appraised customers into proposals.

    Args:
        appraisal: From `appraise`.
        price: λ, margin that one unit of budget must bring.
        rules: Settings.
        row_prices: λ for each customer, (n,), where a table was solved and customers tie at λ.

    Raises:
        ConfigError: the rung that serve.yaml names cannot decide.
    """
    prices = price if row_prices is None else row_prices
    return proposals_of(choose(rules.serve.policy, appraisal, prices, rules), appraisal, price, rules)


def proposals_of(own: Chosen, appraisal: Appraisal, price: float, rules: Rules) -> Proposals:
    """Turn what a rung chose into proposals: explore, keep the holdout out, write.

    A rung waits because of the contact it wants: where the shield stops it, the delay is 0. In the
    holdout it stays, so that both arms are looked at equally often.

    Args:
        own: The rung's own choice.
        appraisal: The customers it was made for.
        price: λ it was made at, to be recorded.
        rules: Settings.
    """
    chosen = _explored(own, appraisal)
    held_out = appraisal.standing.held_out
    choice = np.where(held_out, NO_CONTACT, chosen.choice).astype(np.int8)
    sendings = _sendings(choice, appraisal, rules)
    blocked = [row for row, sending in sendings.items() if sending.letter.text is None]
    reasons = _reasons(choice, chosen, appraisal)
    choice[blocked], reasons[blocked] = NO_CONTACT, int(Reason.MESSAGE_BLOCKED)
    return _proposals(appraisal, chosen, choice, reasons, sendings, price, rules)


def _explored(own: Chosen, appraisal: Appraisal) -> Chosen:
    """Let the campaign's share of eligible decisions take a random allowed choice; delays stay the rung's.

    The probability is that of the mixture, (1 − ε)·p + ε/n over the n allowed choices, p the chance
    of the choice under the rung: 1 for the choice of a rung that draws nothing, 0 for any other.
    """
    campaign = appraisal.situation.campaign
    if campaign is None or campaign.exploration_share == 0.0:
        return own
    share, numbers = campaign.exploration_share, appraisal.situation.history.decisions_made
    choice, probability = own.choice.copy(), own.probability.copy()
    for row in map(int, np.flatnonzero(appraisal.standing.allowed[:, 1:].any(axis=1))):
        options = np.flatnonzero(appraisal.standing.allowed[row])
        key = (appraisal.customers.ids[row], int(numbers[row]))
        if campaign.uniform("explore", *key) < share:
            choice[row] = options[int(campaign.uniform("option", *key) * len(options))]
        same = float(choice[row] == own.choice[row])
        chance = same if own.chances is None else own.chances[row, choice[row]]
        probability[row] = (1 - share) * chance + share / len(options)
    return replace(own, choice=choice, probability=probability)


def _sendings(choice: NDArray[np.int8], appraisal: Appraisal, rules: Rules) -> dict[int, Sending]:
    """Write to every customer with a contact, by row."""
    customers, situation = appraisal.customers, appraisal.situation
    campaign, numbers = situation.campaign, situation.history.decisions_made
    opening = partial(_opening, now=situation.now, rules=rules, known={})
    sendings = {}
    for row in map(int, np.flatnonzero(choice)):
        send_at, local_day = opening(customers.time_zones[row])
        valid_until = local_day + timedelta(days=rules.env.offer_valid_days)
        facts = facts_of(customers, row, OFFER_PERCENTS[choice[row] - 1], valid_until)
        draw = campaign.uniform("message", customers.ids[row], int(numbers[row])) if campaign else 0.0
        sendings[row] = Sending(send_at, valid_until, write(facts, draw, rules.shield))
    return sendings


def _opening(
    zone: str | None, now: datetime, rules: Rules, known: dict[str | None, tuple[datetime, date]]
) -> tuple[datetime, date]:
    """Give the first moment in the window of a zone and the local day it lies on; once per zone."""
    if zone not in known:
        place = ZoneInfo(zone) if zone else rules.serve.zone
        at = next_opening(now, place, rules.serve.quiet_until_hour, rules.serve.quiet_from_hour)
        known[zone] = (at, at.astimezone(place).date())
    return known[zone]


def _reasons(choice: NDArray[np.int8], chosen: Chosen, appraisal: Appraisal) -> NDArray[np.int64]:
    """Say why nothing is done: the holdout, the gates if they left nothing, else the policy."""
    gates = appraisal.standing
    ruled_out = np.bitwise_or.reduce(gates.excluded[:, 1:], axis=1)
    any_allowed = gates.allowed[:, 1:].any(axis=1)
    reasons = np.where(any_allowed, chosen.unwanted, ruled_out)
    reasons = np.where(gates.held_out, int(Reason.HOLDOUT), reasons)
    return np.where(choice != NO_CONTACT, 0, reasons).astype(np.int64)


def _proposals(
    appraisal: Appraisal,
    chosen: Chosen,
    choice: NDArray[np.int8],
    reasons: NDArray[np.int64],
    sendings: Mapping[int, Sending],
    price: float,
    rules: Rules,
) -> Proposals:
    customers, values = appraisal.customers, appraisal.values
    n, rows = len(customers), np.arange(len(customers))
    live = {row: sending for row, sending in sendings.items() if choice[row] != NO_CONTACT}
    share = appraisal.situation.campaign.holdout_share if appraisal.situation.campaign else 0.0
    unknown = np.full(n, np.nan)
    message_probability = unknown.copy()
    for row, sending in live.items():
        message_probability[row] = sending.letter.probability
    delays = chosen.delay_days.copy()
    delays[[row for row in sendings if row not in live]] = 0
    needs = appraisal.costs_minor[rows, choice]
    lag = timedelta(days=rules.env.outcome_lag_days)
    return Proposals(
        customer_ids=customers.ids,
        choice=choice,
        intended=chosen.choice,
        reasons=reasons,
        excluded=appraisal.standing.excluded,
        probability=chosen.probability,
        arm_probability=np.where(appraisal.standing.held_out, share, 1 - share),
        message_probability=message_probability,
        churn_risk=appraisal.churn_risk,
        accept_prob=values.accept_effective[rows, np.maximum(chosen.choice - 1, 0)] if values else unknown,
        expected_value=values.gain[rows, chosen.choice] if values else unknown,
        retention_prob=values.retention[rows, choice]
        if values
        else np.where(choice == NO_CONTACT, 1 - appraisal.churn_risk, np.nan),
        needs_minor=needs,
        contact_minor=np.where(choice != NO_CONTACT, rules.env.contact_cost_minor, 0).astype(np.int64),
        names=customers.names,
        texts=[live[row].letter.text if row in live else None for row in range(n)],
        violations=[sendings[row].letter.violations if row in sendings else () for row in range(n)],
        message_sources=["template" if row in live else "none" for row in range(n)],
        send_at=[live[row].send_at if row in live else None for row in range(n)],
        valid_until=[live[row].valid_until if row in live and choice[row] > 1 else None for row in range(n)],
        expires_on=[live[row].valid_until + lag if row in live else None for row in range(n)],
        delay_days=delays,
        features=_features(appraisal),
        decision_numbers=appraisal.situation.history.decisions_made,
        decided_at=appraisal.situation.now,
        price=price,
        versions=Versions(chosen.policy, appraisal.models, CODE_VERSION),
    )


def _features(appraisal: Appraisal) -> list[str]:
    """Write down, per customer, what the decision was made on: enough to make it again."""
    customers, history = appraisal.customers, appraisal.situation.history
    columns: dict[str, list[float]] = {
        name: column.astype(np.float64).tolist() for name, column in customers.fields.items()
    }
    columns["bill_minor"] = customers.bill_minor.tolist()
    columns["given_risk"] = customers.churn_risk.tolist()
    columns["usual_risk"] = history.usual_risk.tolist()
    columns["fatigue"] = appraisal.standing.fatigue.tolist()
    names = list(columns)
    return [
        json.dumps({name: value for name, value in zip(names, row, strict=True) if value == value})
        for row in zip(*columns.values(), strict=True)
    ]
