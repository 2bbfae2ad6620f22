"""Let the decider choose at the price of budget, keep the holdout out, and write what is to be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Reason
from churn_saver.domain.proposal import NO_MESSAGE, Proposals, Versions
from churn_saver.domain.slots import facts_of
from churn_saver.journey.appraisal import Appraisal, Rules
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.exploring import explored
from churn_saver.journey.remembering import features_of
from churn_saver.journey.rungs import choose
from churn_saver.journey.text import Letter, write
from churn_saver.policy.quiet_hours import Daytime

CODE_VERSION = "5"
"""Changes whenever the same inputs may lead to another decision."""
_NO_BANK = "none"


@dataclass(frozen=True, slots=True)
class Sending:
    """When one message goes out and until when its promise holds."""

    send_at: datetime
    valid_until: date
    letter: Letter


def code_of(rules: Rules) -> str:
    """Name code, settings and bank: 'code+settings.digest+bank.version', at most 64 characters."""
    bank = rules.bank.version if rules.bank is not None else _NO_BANK
    return f"{CODE_VERSION}+settings.{rules.settings}+bank.{bank}"


def propose(
    appraisal: Appraisal, price: float, rules: Rules, row_prices: NDArray[np.float64] | None = None
) -> Proposals:
    """Turn n appraised customers into proposals.

    Args:
        appraisal: From `appraise`.
        price: λ, margin that one unit of budget must bring, on the scale of who decides.
        rules: Settings, with who decides.
        row_prices: λ for each customer, (n,), where a table was solved and customers tie at λ.

    Raises:
        ConfigError: the decider lacks something.
    """
    prices = price if row_prices is None else row_prices
    chosen = explored(choose(appraisal, prices, rules), appraisal)
    return proposals_of(chosen, appraisal, price, rules)


def proposals_of(
    chosen: Chosen,
    appraisal: Appraisal,
    price: float,
    rules: Rules,
    withheld: NDArray[np.int64] | None = None,
) -> Proposals:
    """Turn what is wanted into proposals: keep the holdout out, withhold, write.

    A rung waits because of the contact it wants: where the shield stops it or it is withheld, the delay
    is 0. In the holdout it stays, so that both arms are looked at equally often.

    Args:
        chosen: By a rung, explored.
        appraisal: The customers it was made for.
        price: λ it was made at, to be recorded.
        rules: Settings.
        withheld: `Reason` flags for contacts that are not to be, (n,), 0 where nothing stands against
            one; None: nowhere.
    """
    held_out = appraisal.standing.held_out
    flags = np.zeros(len(held_out), dtype=np.int64) if withheld is None else withheld
    stopped = (flags != 0) & (chosen.choice != NO_CONTACT) & ~held_out
    choice = np.where(held_out | stopped, NO_CONTACT, chosen.choice).astype(np.int8)
    sendings = _sendings(choice, appraisal, rules)
    blocked = [row for row, sending in sendings.items() if sending.letter.text is None]
    reasons = np.where(stopped, flags, _reasons(choice, chosen, appraisal))
    delays = np.where(stopped, 0, chosen.delay_days).astype(np.int8)
    choice[blocked], reasons[blocked], delays[blocked] = NO_CONTACT, int(Reason.MESSAGE_BLOCKED), 0
    return _proposals(appraisal, replace(chosen, delay_days=delays), choice, reasons, sendings, price, rules)


def _sendings(choice: NDArray[np.int8], appraisal: Appraisal, rules: Rules) -> dict[int, Sending]:
    """Write to every customer with a contact, by row."""
    customers, situation = appraisal.customers, appraisal.situation
    campaign, numbers = situation.campaign, situation.history.decisions_made
    opening = partial(_opening, now=situation.now, rules=rules, known={})
    told = {
        one: replace(rules.shield, channel=one or rules.shield.channel) for one in set(customers.channels)
    }
    sendings = {}
    for row in map(int, np.flatnonzero(choice)):
        send_at, local_day = opening(customers.time_zones[row], customers.countries[row])
        valid_until = local_day + timedelta(days=rules.env.offer_valid_days)
        facts = facts_of(customers, row, OFFER_PERCENTS[choice[row] - 1], valid_until)
        draw = campaign.uniform("message", customers.ids[row], int(numbers[row])) if campaign else 0.0
        letter = write(facts, draw, told[customers.channels[row]], rules.bank, rules.live)
        sendings[row] = Sending(send_at, valid_until, letter)
    return sendings


def _opening(
    zone: str | None,
    country: str | None,
    now: datetime,
    rules: Rules,
    known: dict[tuple[str | None, str | None], tuple[datetime, date]],
) -> tuple[datetime, date]:
    """Give the first moment in the window of a recipient and the local day it lies on; once per place."""
    place = zone, country
    if place not in known:
        daytime = Daytime(rules.serve.zone, rules.serve.quiet_until_hour, rules.serve.quiet_from_hour)
        at = daytime.opening(now, zone, country)
        known[place] = (at, daytime.local_day(at, zone, country))
    return known[place]


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
        uncontacted_prob=values.retention[:, NO_CONTACT] if values else 1 - appraisal.churn_risk,
        needs_minor=needs,
        contact_minor=np.where(choice != NO_CONTACT, rules.env.contact_cost_minor, 0).astype(np.int64),
        names=customers.names,
        texts=[live[row].letter.text if row in live else None for row in range(n)],
        violations=[sendings[row].letter.violations if row in sendings else () for row in range(n)],
        message_sources=[live[row].letter.source if row in live else NO_MESSAGE for row in range(n)],
        message_entries=[live[row].letter.entry if row in live else None for row in range(n)],
        send_at=[live[row].send_at if row in live else None for row in range(n)],
        time_zones=customers.time_zones,
        countries=customers.countries,
        channels=[
            (customers.channels[row] or rules.shield.channel) if row in live else None for row in range(n)
        ],
        valid_until=[live[row].valid_until if row in live and choice[row] > 1 else None for row in range(n)],
        expires_on=[live[row].valid_until + lag if row in live else None for row in range(n)],
        delay_days=chosen.delay_days,
        features=features_of(appraisal, chosen.prices),
        decision_numbers=appraisal.situation.history.decisions_made,
        decided_at=appraisal.situation.now,
        price=price,
        versions=Versions(chosen.policy, appraisal.models, code_of(rules)),
    )
