"""Answers: a settled decision in the documented shape, money in currency units, no NaN."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.decide import Outcome
from churn_saver.domain.action import N_CHOICES, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.proposal import Proposals
from churn_saver.serve.answers import to_predict, to_retain
from tests.builders import NOON, campaign, proposals

CONTACT, NOTHING = np.array([0]), np.array([1])


def outcome(made: Proposals, of: Campaign | None = None) -> Outcome:
    """Settle one proposal."""
    return Outcome("d1" if of else "", made, of)


def test_a_contact_is_told_with_its_offer() -> None:
    """Choice 3 is level 2, 10 %: of 10.00 held 1.00 is the message, so the discount costs 9.00."""
    found = to_retain(outcome(proposals().take(CONTACT), campaign()), (), ("internet_service",))

    assert found.decision.model_dump() == {
        "contact": True,
        "offer_level": 2,
        "offer_percentage": 10,
        "delay_days": 0,
        "send_at": NOON,
        "estimated_retention_prob": 0.6,
    }
    assert found.offer is not None
    assert found.offer.model_dump() == {
        "level": 2,
        "percentage": 10,
        "cost": 9.0,
        "valid_until": NOON.date() + timedelta(days=14),
    }
    assert (found.message, found.safety_flags) == ("Hello Sam", [])


def test_the_metadata_say_how_it_came_about() -> None:
    """2,500.5 minor units are 25.00 (half to even); probabilities keep six digits."""
    made = proposals(churn_risk=np.array([0.123456789, 0.4])).take(CONTACT)
    found = to_predict(outcome(made, campaign()), ("force_baseline",), ()).metadata

    assert found.churn_risk == 0.123457
    assert found.expected_value == 25.0
    assert (found.currency, found.campaign, found.decision_id) == ("USD", "spring", "d1")
    assert (found.policy, found.model_version, found.code_version) == ("knapsack", "0123456789abcdef", "1")
    assert (found.probability, found.arm_probability, found.message_probability) == (1.0, 1.0, 0.25)
    assert (found.price, found.message_source, found.reasons) == (0.5, "template", [])
    assert (found.degraded, found.degraded_reasons) == (True, ["force_baseline"])
    assert found.channel == "email"
    assert found.next_decision_at == NOON + timedelta(days=1)


def test_a_message_of_the_bank_is_named() -> None:
    """Its id stands beside the source; a plain sentence has none."""
    made = proposals(message_sources=["bank", "none"], message_entries=["m7", None])
    banked, silent = (to_predict(outcome(made.take(rows)), (), ()).metadata for rows in (CONTACT, NOTHING))

    assert (banked.message_source, banked.message_entry) == ("bank", "m7")
    assert (silent.message_source, silent.message_entry) == ("none", None)


def test_the_rungs_delay_is_told() -> None:
    """Five days, so six days from now, with a contact and without."""
    made = proposals(delay_days=np.array([5, 5], dtype=np.int8))

    for rows in (CONTACT, NOTHING):
        found = to_retain(outcome(made.take(rows), campaign()), (), ())

        assert found.decision.delay_days == 5
        assert found.metadata.next_decision_at == NOON + timedelta(days=6)


def test_no_contact_leaves_offer_message_and_time_null() -> None:
    """The reason is named; the shield's last violations are kept."""
    made = proposals().take(NOTHING)
    event, columns = to_retain(outcome(made), (), ()), to_predict(outcome(made), (), ())

    assert (event.offer, event.message, event.safety_flags) == (None, None, ["wrong_number"])
    assert (event.decision.offer_level, event.decision.offer_percentage) == (None, None)
    assert (event.decision.contact, event.decision.send_at) == (False, None)
    assert (columns.message, columns.safety.passed) == (None, False)
    assert columns.safety.violations == ["wrong_number"]
    assert columns.metadata.reasons == ["not_worth_it"]
    assert columns.metadata.message_probability is None


def test_without_a_record_there_is_no_id_and_no_campaign() -> None:
    """Nothing is made up for what was not recorded."""
    found = to_retain(outcome(proposals().take(NOTHING)), ("ledger_unavailable",), ()).metadata

    assert (found.decision_id, found.campaign, found.currency) == (None, None, None)


def test_who_ruled_an_offer_out_is_said_by_per_cent() -> None:
    """Column 4 is 15 %: allowance and budget; the other offers were open."""
    excluded = np.zeros((1, N_CHOICES), dtype=np.int64)
    excluded[0, 4] = int(Reason.ALLOWANCE | Reason.BUDGET)
    found = to_retain(outcome(proposals(1, excluded=excluded), campaign()), (), ())

    assert found.metadata.excluded == {"15": ["allowance", "budget"]}


def test_a_plain_message_is_an_offer_of_nothing() -> None:
    """Choice 1 is 0 %: level 0, free, without a last day."""
    made = proposals(1, choice=np.array([1], dtype=np.int8), needs_minor=np.array([100]), valid_until=[None])
    found = to_retain(outcome(made, campaign()), (), ())

    assert found.offer is not None
    assert found.offer.model_dump() == {"level": 0, "percentage": 0, "cost": 0.0, "valid_until": None}
    assert (found.decision.offer_level, found.decision.offer_percentage) == (0, 0)


@given(numbers=st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 0.5]), min_size=7, max_size=7))
@settings(max_examples=50)
def test_no_number_but_finite_ones_reaches_json(numbers: list[float]) -> None:
    """Whatever a model answers, the response is JSON: what is not known is null."""
    names = ("churn_risk", "accept_prob", "expected_value", "retention_prob", "probability")
    columns = {name: np.array([number]) for name, number in zip(names, numbers, strict=False)}
    made = proposals(
        1, **columns, message_probability=np.array([numbers[5]]), price=numbers[6], message_entries=["m1"]
    )
    text = to_predict(outcome(made, campaign()), (), ()).model_dump_json()

    assert "NaN" not in text
    assert "Infinity" not in text
    assert text.count("null") == sum(number != 0.5 for number in numbers)


def test_a_probability_outside_its_bounds_is_an_error_not_an_answer() -> None:
    """A model that answers 1.5 is broken; its figure does not leave."""
    made = proposals(1, churn_risk=np.array([1.5]))

    with pytest.raises(ValueError, match="churn_risk"):
        to_predict(outcome(made, campaign()), (), ())
