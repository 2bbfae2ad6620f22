"""Proposals: what is chosen, recorded, written and reserved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.action import Reason
from churn_saver.domain.customer import ContactHistory
from churn_saver.domain.proposal import Proposals, Versions
from churn_saver.errors import ConfigError
from churn_saver.journey import Decider, Rules, appraise, propose, retain
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.exploring import explored
from churn_saver.journey.proposing import code_of, proposals_of
from churn_saver.journey.rungs import choose
from churn_saver.message.bank import Bank
from tests.banks import plain_bank
from tests.builders import NOON, campaign, customers, predictors, rules, situation
from tests.trained import eager, served

RULES = rules()


def test_a_risky_customer_is_contacted_with_a_text_that_states_the_offer() -> None:
    """At risk 0.6 and price 0, 15 % is accepted most often and protects longest; 1.00 + 13.50 are held."""
    made = retain(customers(), situation(), predictors(), 0.0, RULES)

    assert made.choice.tolist() == [4]
    assert made.needs_minor.tolist() == [1_450]
    assert made.contact_minor.tolist() == [100]
    assert "15%" in str(made.texts[0])
    assert "Sam" in str(made.texts[0])
    assert made.reason_words(0) == []
    assert (made.message_sources, made.message_entries) == (["template"], [None])
    assert made.accept_prob.tolist() == [0.55]
    assert made.valid_until == [NOON.date() + timedelta(days=14)]
    assert made.expires_on == [NOON.date() + timedelta(days=16)]
    assert (made.delay_days.tolist(), made.next_decision_at) == ([0], [NOON + timedelta(days=1)])


def test_a_high_price_leaves_everybody_alone() -> None:
    """At λ = 1,000 no contact pays: the reason is the price, nothing is reserved, nothing written."""
    made = retain(customers(), situation(), predictors(), 1_000.0, RULES)

    assert made.choice.tolist() == [0]
    assert made.reason_words(0) == ["not_worth_it"]
    assert made.needs_minor.tolist() == [0]
    assert (made.texts, made.send_at, made.expires_on) == ([None], [None], [None])


def test_the_holdout_is_recorded_and_left_alone() -> None:
    """The intended offer stands in the record; nothing is sent or reserved."""
    held = situation(campaign=campaign(holdout_share=1.0))
    made = retain(customers(), held, predictors(), 0.0, RULES)

    assert (made.intended.tolist(), made.choice.tolist()) == ([4], [0])
    assert made.reason_words(0) == ["holdout"]
    assert made.arm_probability.tolist() == [1.0]
    assert made.needs_minor.tolist() == [0]
    assert made.expected_value[0] > 0


def test_closed_gates_are_the_reason() -> None:
    """Suppressed and opted out: both are named."""
    history = replace(ContactHistory.unseen(1), suppressed=np.array([True]), opted_out=np.array([True]))
    made = retain(customers(), situation(history=history), predictors(), 0.0, RULES)

    assert made.reason_words(0) == ["suppressed", "opted_out"]


def test_a_smaller_free_budget_takes_the_offer_that_fits() -> None:
    """5.50 fit the 5 % offer and the plain message only."""
    made = retain(customers(), situation(free_minor=550), predictors(), 0.0, RULES)

    assert made.choice.tolist() == [2]
    assert Reason(int(made.excluded[0, 3])) == Reason.BUDGET


def test_at_three_in_the_morning_the_message_waits_for_eight() -> None:
    """3:00 in Tokyo on 3 March is 18:00 UTC on 2 March; 8:00 there is 23:00 UTC; days count there."""
    night = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    made = retain(customers(time_zones=["Asia/Tokyo"]), situation(now=night), predictors(), 0.0, RULES)

    assert made.send_at == [datetime(2026, 3, 2, 23, 0, tzinfo=UTC)]
    assert made.valid_until == [datetime(2026, 3, 17, tzinfo=UTC).date()]


def test_the_dispatcher_is_told_zone_and_channel() -> None:
    """The zone as the caller sent it; no channel where nothing goes out."""
    two = customers(2, time_zones=["Asia/Tokyo", None], opted_in=[None, False])
    made = retain(two, situation(2), predictors(), 0.0, rules(channel="push"))

    assert list(made.time_zones) == ["Asia/Tokyo", None]
    assert made.channels == ["push", None]


def test_the_caller_names_the_channel() -> None:
    """A text for each, under its own rules: sms says how to say no. Without one it is as configured."""
    four = customers(4, channels=["sms", "push", "email", None])
    made = retain(four, situation(4), predictors(), 0.0, RULES)

    assert made.channels == ["sms", "push", "email", "email"]
    assert [str(text).endswith(" Reply STOP to opt out.") for text in made.texts] == [
        True,
        False,
        False,
        False,
    ]
    assert made.message_sources == ["template"] * 4


def test_the_bank_is_asked_for_the_channel_that_is_used() -> None:
    """It has text messages only: whoever gets an email gets a plain sentence."""
    stocked = replace(RULES, bank=plain_bank(("sms",)))
    made = retain(customers(2, channels=["sms", "email"]), situation(2), predictors(), 0.0, stocked)

    assert made.message_sources == ["bank", "template"]


@pytest.mark.parametrize("bank", [None, plain_bank()])
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_two_calls_that_differ_in_channel_only_are_decided_alike(bank: Bank | None, seed: int) -> None:
    """Offer, money, moment, reasons and probabilities: all but the wording and what is told of it."""
    rng, n = np.random.default_rng(seed), 12
    where = situation(n, campaign=campaign(holdout_share=0.2, exploration_share=0.2))
    table = customers(
        n, bill_minor=rng.integers(0, 30_000, n), churn_risk=rng.uniform(0, 1, n),
        names=[None if i % 3 else "Sam" for i in range(n)],
        countries=["US" if i % 2 else None for i in range(n)],
    )  # fmt: skip
    ruled = replace(RULES, bank=bank)
    wording = {"texts", "message_sources", "message_entries", "message_probability", "channels", "features"}

    first, *others = (
        retain(replace(table, channels=[channel] * n), where, predictors(), 0.4, ruled)
        for channel in (None, "email", "sms", "push")
    )

    assert (first.choice > 0).any()
    for other in others:
        for name in set(Proposals.__slots__) - wording:
            np.testing.assert_array_equal(getattr(first, name), getattr(other, name), err_msg=name)


def test_where_only_the_country_is_known_the_message_waits_for_all_its_zones() -> None:
    """Noon in New York is 7:00 in Honolulu: an hour later it is day in all the United States; noted down."""
    made = retain(customers(countries=["US"]), situation(), predictors(), 0.0, RULES)

    assert made.send_at == [NOON + timedelta(hours=1)]
    assert made.countries == ["US"]
    assert made.valid_until == [NOON.date() + timedelta(days=14)]


def test_a_blocked_message_is_no_contact() -> None:
    """A shield that bans the letter e stops every draft: nothing is reserved, the codes are kept."""
    strict = rules(banned_phrases=("you", "next", "here", "hi", "we"))
    made = retain(customers(), situation(), predictors(), 0.0, strict)

    assert made.choice.tolist() == [0]
    assert made.reason_words(0) == ["message_blocked"]
    assert "banned_phrase" in made.violations[0]
    assert made.needs_minor.tolist() == [0]


def test_without_predictors_the_propensity_rule_decides() -> None:
    """The caller's 0.75 is above 0.5: 10 % is offered; what nobody predicted is not a number."""
    made = retain(customers(churn_risk=np.array([0.75])), situation(), None, 0.0, RULES)

    assert made.choice.tolist() == [3]
    assert made.versions.policy == "propensity_rule"
    assert np.isnan(made.accept_prob[0])
    assert np.isnan(made.retention_prob[0])


def test_below_the_threshold_the_propensity_rule_says_so() -> None:
    """0.2 is below 0.5; the customer is retained with 0.8 by the caller's own score."""
    made = retain(customers(churn_risk=np.array([0.2])), situation(), None, 0.0, RULES)

    assert made.reason_words(0) == ["below_threshold"]
    assert made.retention_prob.tolist() == [0.8]


def waiting(delays: list[int], rules: Rules, **of_campaign: Any) -> Proposals:
    """Propose 15 % for odd rows and nothing for even ones, as a rung wants that asks for these delays."""
    n = len(delays)
    choice = np.where(np.arange(n) % 2, 4, 0).astype(np.int8)
    own = Chosen(choice, np.ones(n), np.full(n, 2_048), np.array(delays, dtype=np.int8), "patient")
    where = situation(n, free_minor=10**9, campaign=campaign(**of_campaign))
    appraisal = appraise(customers(n), where, predictors(), rules)
    return proposals_of(explored(own, appraisal), appraisal, 0.0, rules)


def test_a_rung_says_when_to_decide_again() -> None:
    """Delays of 0, 7, 3 and 1 days: 1, 8, 4 and 2 days from now, whether there is a contact or not."""
    made = waiting([0, 7, 3, 1], RULES)

    assert made.choice.tolist() == [0, 4, 0, 4]
    assert made.delay_days.tolist() == [0, 7, 3, 1]
    assert made.next_decision_at == [NOON + timedelta(days=days) for days in (1, 8, 4, 2)]


def test_exploring_and_holding_out_leave_the_delay() -> None:
    """Every choice explored, or everybody held out: the rung's delays stand."""
    delays = list(range(8)) * 10

    assert waiting(delays, RULES, exploration_share=1.0).delay_days.tolist() == delays
    assert waiting(delays, RULES, holdout_share=1.0).delay_days.tolist() == delays


def test_a_blocked_contact_is_not_waited_for() -> None:
    """The shield stops rows 1 and 3: they are decided again tomorrow; 0 and 2 wait as they were to."""
    strict = rules(banned_phrases=("you", "next", "here", "hi", "we"))
    made = waiting([5, 5, 6, 6], strict)

    assert [made.reason_words(row) for row in (1, 3)] == [["message_blocked"]] * 2
    assert made.delay_days.tolist() == [5, 0, 6, 0]


def test_a_withheld_contact_is_written_to_nobody_and_asked_for_again_tomorrow() -> None:
    """Rows 1 and 3 want one, 3 does not fit; what nobody wanted cannot be withheld."""
    own = Chosen(
        np.array([0, 4, 0, 4], dtype=np.int8),
        np.ones(4),
        np.full(4, 2_048),
        np.full(4, 6, dtype=np.int8),
        "it",
    )
    appraisal = appraise(customers(4), situation(4, free_minor=10**9), predictors(), RULES)

    made = proposals_of(own, appraisal, 0.0, RULES, np.array([512, 0, 0, 512]))

    assert (made.choice.tolist(), made.intended.tolist()) == ([0, 4, 0, 0], [0, 4, 0, 4])
    assert [made.reason_words(row) for row in range(4)] == [
        ["not_worth_it"],
        [],
        ["not_worth_it"],
        ["budget"],
    ]
    assert made.delay_days.tolist() == [6, 6, 6, 0]
    assert [text is None for text in made.texts] == [True, False, True, True]
    assert made.needs_minor.tolist() == [0, 1_450, 0, 0]
    np.testing.assert_allclose(made.retention_prob[3], 0.4)


def test_the_holdout_is_no_matter_of_money() -> None:
    """A contact that is held out and would not have fitted: held out, and it waits as the treated do."""
    own = Chosen(
        np.array([4], dtype=np.int8), np.ones(1), np.full(1, 2_048), np.full(1, 6, dtype=np.int8), "it"
    )
    held = situation(campaign=campaign(holdout_share=1.0))

    made = proposals_of(own, appraise(customers(), held, predictors(), RULES), 0.0, RULES, np.array([512]))

    assert (made.reason_words(0), made.delay_days.tolist()) == (["holdout"], [6])


def test_a_trained_policy_is_recorded_with_version_price_and_delay() -> None:
    """What it says of waiting stands in the proposal; its version and the code's stand beside it."""
    policy = replace(eager(served("full_price", 1)), version="0123456789abcdef")
    trained = replace(RULES, decider=Decider("ppo_price", policy))
    table = customers(40, churn_risk=np.linspace(0.02, 0.98, 40))
    appraisal = appraise(table, situation(40), predictors(), trained)

    made = propose(appraisal, 2.5, trained)

    own = choose(appraisal, 2.5, trained)
    assert made.versions == Versions("ppo_price@0123456789abcdef", "told", code_of(trained))
    assert (made.price, made.delay_days.tolist()) == (2.5, own.delay_days.tolist())
    assert len(set(made.delay_days.tolist())) > 1
    assert (made.probability == 1.0).all()


def test_a_rung_that_cannot_serve_is_refused() -> None:
    """Before anything is chosen."""
    lacking = rules(policy="ppo")

    with pytest.raises(ConfigError, match=r"policy 'ppo' cannot serve"):
        retain(customers(), situation(), predictors(), 0.0, lacking)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 40))
def test_a_row_alone_is_the_row_in_company(seed: int, n: int) -> None:
    """Batch and service agree to the bit, whatever stands beside a row."""
    rng = np.random.default_rng(seed)
    table = customers(
        n,
        bill_minor=rng.integers(0, 30_000, n),
        churn_risk=rng.uniform(0, 1, n),
        names=[None if i % 3 else "Sam" for i in range(n)],
        time_zones=[None if i % 2 else "Asia/Tokyo" for i in range(n)],
    )
    given_situation = situation(n, campaign=campaign(holdout_share=0.2, exploration_share=0.1))
    together = retain(table, given_situation, predictors(), 0.4, RULES)
    row = np.array([int(rng.integers(n))])
    alone = retain(
        table.take(row),
        replace(given_situation, history=given_situation.history.take(row)),
        predictors(),
        0.4,
        RULES,
    )
    expected = together.take(row)

    for name in type(alone).__slots__:
        was, now = getattr(expected, name), getattr(alone, name)
        if isinstance(was, np.ndarray):
            np.testing.assert_array_equal(was, now, strict=True)
        else:
            assert was == now, name


@pytest.mark.parametrize("n", [0])
def test_an_empty_batch_is_an_empty_answer(n: int) -> None:
    """No customer, no proposal, no complaint."""
    assert len(retain(customers(n), situation(n), predictors(), 0.0, RULES)) == 0


def test_the_code_names_settings_and_bank() -> None:
    """In 64 characters; another threshold is another code, another decider or campaign is not."""
    plain, stricter = rules(), rules(risk_threshold=0.9)
    elsewhere = rules(policy="greedy")
    stocked = replace(plain, bank=Bank((), "0123456789abcdef"))

    assert code_of(plain).startswith("5+settings.")
    assert code_of(plain) == code_of(elsewhere) != code_of(stricter)
    assert code_of(stocked).endswith("+bank.0123456789abcdef")
    assert len(code_of(stocked)) <= 64
