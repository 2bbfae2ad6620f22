"""A trained policy as a rung: its own answers, within what is open."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.action import Reason
from churn_saver.domain.customer import ContactHistory
from churn_saver.journey import Appraisal, Decider, appraise
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.observing import observed
from churn_saver.journey.trained import network_choice
from churn_saver.policy.certificate import ServedPolicy
from churn_saver.policy.network import DELAY, INPUTS, OFFER
from tests.builders import campaign, customers, predictors, rules, situation
from tests.trained import eager, served

RULES = rules()
OBSERVATIONS = sorted(INPUTS)


def varied(n: int, seed: int, **changes: Any) -> Appraisal:
    """Appraise n customers of varied risk, bill and history."""
    rng = np.random.default_rng(seed)
    history = replace(
        ContactHistory.unseen(n), contacts_period=rng.integers(0, 3, n), units_used=rng.integers(0, 7, n),
        usual_risk=np.where(rng.random(n) < 0.3, np.nan, rng.random(n)),
        days_since_contact=np.where(rng.random(n) < 0.5, np.inf, rng.uniform(0, 20, n)),
    )  # fmt: skip
    table = customers(n, churn_risk=rng.random(n), bill_minor=rng.integers(100, 20_000, n))
    where = situation(n, history=history, free_minor=int(rng.integers(0, 3_000)), **changes)
    return appraise(table, where, predictors(), RULES)


def chosen(appraisal: Appraisal, policy: ServedPolicy, price: float = 2.5) -> Chosen:
    """Let it choose."""
    return network_choice(appraisal, price, Decider("ppo", policy), policy, RULES.env)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), observation=st.sampled_from(OBSERVATIONS))
def test_it_takes_the_likeliest_open_answer(seed: int, observation: str) -> None:
    """Row by row from the logits: contact where that leans, the best open offer, the likeliest delay."""
    appraisal, policy = varied(20, seed), served(observation, seed % 7)
    assert appraisal.situation.campaign is not None
    seen = observed(appraisal, appraisal.situation.campaign, INPUTS[observation], 2.5, RULES.env)
    logits = policy.network.logits(seen)
    expected = []
    for row, told in enumerate(logits):
        offers = [k for k in range(4) if appraisal.standing.allowed[row, 1 + k]]
        leans = told[1] - told[0] + np.float32(policy.network.contact_bias) > 0
        best = max(offers, key=lambda k: (told[OFFER][k], -k)) if offers and leans else -1
        expected.append((1 + best, int(told[DELAY].argmax())))

    made = chosen(appraisal, policy)

    assert list(zip(made.choice.tolist(), made.delay_days.tolist(), strict=True)) == expected
    assert (made.probability == 1.0).all()
    assert (made.unwanted == int(Reason.NOT_WORTH_IT)).all()
    assert (made.choice.dtype, made.delay_days.dtype) == (np.dtype(np.int8), np.dtype(np.int8))


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), observation=st.sampled_from(OBSERVATIONS))
def test_a_row_alone_is_the_row_in_company(seed: int, observation: str) -> None:
    """Whatever stands beside it."""
    n = 30
    appraisal, policy = varied(n, seed), served(observation)
    row = np.array([seed % n])
    alone = appraise(
        appraisal.customers.take(row),
        replace(appraisal.situation, history=appraisal.situation.history.take(row)),
        predictors(),
        RULES,
    )

    together, single = chosen(appraisal, policy), chosen(alone, policy)

    assert (together.choice[row[0]], together.delay_days[row[0]]) == (single.choice[0], single.delay_days[0])


def test_what_it_cannot_see_it_leaves_alone() -> None:
    """However eager: no score, or no bill to keep; tomorrow is another day."""
    appraisal = varied(3, 1, campaign=campaign())
    rested = situation(3)
    whole = appraise(
        replace(appraisal.customers, bill_minor=np.array([8_999, 8_999, 0])), rested, predictors(), RULES
    )
    blind = replace(whole, churn_risk=np.array([0.6, np.nan, 0.6]))

    made = chosen(blind, eager(served()))

    assert (made.choice > 0).tolist() == [True, False, False]
    assert made.delay_days[1:].tolist() == [0, 0]


def test_the_price_is_seen_by_who_was_made_for_it() -> None:
    """Other prices, other answers; a policy without that input does not care."""
    appraisal = varied(200, 3)
    priced, blind = served("full_price", 1), served("full", 1)

    def answers(policy: ServedPolicy, price: float) -> list[int]:
        made = chosen(appraisal, policy, price)
        return [*made.choice.tolist(), *made.delay_days.tolist()]

    assert answers(priced, 0.2) != answers(priced, 25.0)
    assert answers(priced, 30.0) == answers(priced, 1e6)
    assert answers(blind, 0.2) == answers(blind, 25.0)


@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_without_a_campaign_or_a_customer_it_wants_nothing(observation: str) -> None:
    """There is no budget, and no day."""
    policy = eager(served(observation))
    nobody = appraise(customers(2), situation(2, campaign=None), predictors(), RULES)
    empty = appraise(customers(0), situation(0), predictors(), RULES)

    assert chosen(nobody, policy).choice.tolist() == [0, 0]
    assert chosen(empty, policy).choice.tolist() == []
    assert chosen(nobody, policy).policy == "ppo@"
