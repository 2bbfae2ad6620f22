"""What is written down of a decision: enough to make it again, and nothing personal."""

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.customer import ContactHistory
from churn_saver.journey import Decider, appraise, retain
from churn_saver.journey.remembering import features_of
from tests.builders import NOON, customers, predictors, rules, situation
from tests.trained import served

RULES = rules()


def test_features_hold_what_was_scored_and_nothing_personal() -> None:
    """JSON of the sent columns; no name, no id, no absent value."""
    made = retain(customers(), situation(), predictors(), 0.0, RULES)
    kept = json.loads(made.features[0])

    assert kept["tenure_months"] == 12.0
    assert kept["bill_minor"] == 8_999
    assert "given_risk" not in kept
    assert "Sam" not in made.features[0]
    assert "C00000" not in made.features[0]


def test_what_a_trained_policy_saw_is_there() -> None:
    """Days, units, day of the campaign and the price, as numbers that JSON gives back to the last bit."""
    history = replace(
        ContactHistory.unseen(2), days_since_contact=np.array([3.125, np.inf]), units_used=np.array([2, 0]),
        usual_risk=np.array([0.3, np.nan]), contacts_period=np.array([1, 0]),
        days_since_accepted=np.array([[np.inf, np.inf, np.inf, 12.25], [np.inf] * 4]),
    )  # fmt: skip
    where = situation(2, history=history, now=NOON + timedelta(days=9))
    appraisal = appraise(customers(2), where, predictors(), RULES)

    met, new = map(json.loads, features_of(appraisal, np.array([0.1 + 0.2, 7 / 3])))

    assert (met["days_since_contact"], met["units_used"], met["fatigue"], met["usual_risk"]) == (
        3.125,
        2,
        1,
        0.3,
    )
    assert (met["day"], met["price"], new["price"]) == (10, 0.1 + 0.2, 7 / 3)
    assert met["days_since_accepted_3"] == 12.25
    assert not {"days_since_contact", "days_since_accepted_3", "usual_risk", "given_risk"} & set(new)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_decision_can_be_made_again_from_its_record(seed: int) -> None:
    """From the features, the recorded score and what was open: the same choice and delay, to the last bit."""
    rng = np.random.default_rng(seed)
    policy, price = served("full_price", seed % 5), float(rng.uniform(0.1, 30.0))
    trained = replace(RULES, decider=Decider("ppo_price", policy))
    history = replace(
        ContactHistory.unseen(1), units_used=rng.integers(0, 8, 1),
        days_since_contact=np.where(rng.random(1) < 0.5, np.inf, rng.uniform(0, 20, 1)),
        usual_risk=np.where(rng.random(1) < 0.3, np.nan, rng.random(1)),
        contacts_period=rng.integers(0, 3, 1),
        days_since_accepted=np.where(rng.random((1, 4)) < 0.5, np.inf, rng.uniform(0, 40, (1, 4))),
    )  # fmt: skip
    table = customers(churn_risk=rng.random(1), bill_minor=rng.integers(100, 20_000, 1))
    where = situation(history=history, now=NOON + timedelta(hours=float(rng.uniform(0, 88 * 24))))
    made = retain(table, where, predictors(), price, trained)

    kept = json.loads(made.features[0])
    risk = made.churn_risk[0]
    usual = kept.get("usual_risk", risk)
    since = kept.get("days_since_contact", np.inf)
    taken = [kept.get(f"days_since_accepted_{offer}", np.inf) for offer in range(4)]
    left = max(max(days - np.floor(ago), 0) for days, ago in zip((8, 16, 24, 30), taken, strict=True))
    seen = 1 - (1 - risk) ** ((30 - 0.75 * left) / 30) if left else risk
    row = [
        seen, 0.1, 0.25, 0.5, 0.55, min(max(1 - kept["units_used"] / 6, 0.0), 1.0), np.floor(min(since, 7.0)),
        since < 7, kept["fatigue"], kept["bill_minor"] / 100, (90 - kept["day"]) / 90, left, kept["day"] % 30,
        np.log(risk / (1 - risk)) - np.log(usual / (1 - usual)), kept["price"],
    ]  # fmt: skip
    opened = made.excluded[:, 1:] == 0
    contact, offer, delay = policy.network.act(np.array([row], dtype=np.float32), opened.any(axis=1), opened)

    assert int(made.intended[0]) == (1 + int(offer[0]) if contact[0] else 0)
    assert int(made.delay_days[0]) == int(delay[0])


def test_one_price_for_all_is_written_to_each_and_no_day_without_a_campaign() -> None:
    """There is none to count from."""
    appraisal = appraise(customers(2), situation(2, campaign=None), predictors(), RULES)

    kept = [json.loads(one) for one in features_of(appraisal, 0.5)]

    assert [one["price"] for one in kept] == [0.5, 0.5]
    assert all("day" not in one for one in kept)


def test_the_zone_that_a_moment_was_chosen_in_is_kept() -> None:
    """Where one was sent; without it the company's counts, and that stands in the settings."""
    table = customers(2, time_zones=["Asia/Tokyo", None])
    kept = [json.loads(one) for one in features_of(appraise(table, situation(2), predictors(), RULES), 0.5)]

    assert (kept[0]["time_zone"], "time_zone" in kept[1]) == ("Asia/Tokyo", False)


def test_country_and_channel_are_kept_as_they_were_sent() -> None:
    """Where one was sent; without them the record is as it was before there were any."""
    table = customers(2, countries=["JP", None], channels=[None, "sms"])
    kept = [json.loads(one) for one in features_of(appraise(table, situation(2), predictors(), RULES), 0.5)]

    told = [{name: one[name] for name in ("country", "channel") if name in one} for one in kept]
    assert told == [{"country": "JP"}, {"channel": "sms"}]
