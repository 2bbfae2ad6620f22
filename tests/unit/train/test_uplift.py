"""The recipe of learned effects."""

import json
from dataclasses import replace

import numpy as np
import pytest

from churn_saver.adapters.canonical import canonical
from churn_saver.errors import SupportError
from churn_saver.train.effects_log import EffectsLog, of_file
from churn_saver.train.uplift import TrainedEffects, learn_effects
from tests.persuadables import DAYS, QUICK, RULES, learned, logged, portfolio, silent


def data(rows: int = 1_500, seed: int = 2) -> EffectsLog:
    """Draw a small log."""
    rng = np.random.default_rng(seed)
    return of_file(logged(portfolio(rows, rng), rng))


def taught(log: EffectsLog, seed: int = 20) -> TrainedEffects:
    """Learn from it."""
    return learn_effects(log, {"name": "log.csv"}, DAYS, seed, RULES.env, silent, QUICK)


def test_a_log_with_strong_effects_shows_them() -> None:
    """Half are moved by ten points and more, half are bothered: slope and every ranking lie above 0."""
    found = learned(24_000)
    arms = found.report["arms"]
    assert isinstance(arms, list)

    assert found.report["shown"]
    assert [arm["arm"] for arm in arms] == ["0", "5", "10", "15"]
    assert all(arm["qini"]["low"] > 0 for arm in arms)
    assert found.report["warnings"] == []
    assert found.effects.names == ("churn_risk", "tenure_months", "monthly_spend", "support_tickets")


def test_a_log_without_effects_says_so() -> None:
    """Who stays has nothing to do with the arm: nothing is shown, and the warnings say what to do."""
    log = data()
    chance = (np.random.default_rng(5).random(len(log.log)) < 0.7).astype(np.float64)
    found = taught(replace(log, log=replace(log.log, reward=chance)))
    warnings = found.report["warnings"]
    assert isinstance(warnings, list)

    assert not found.report["shown"]
    assert "the log does not show that customers differ" in warnings[0]
    assert "explore longer" in warnings[0]


def test_the_same_log_and_seed_give_the_same_bytes() -> None:
    """Trees and report; another seed deals other folds."""
    one, again, other = taught(data()), taught(data()), taught(data(), seed=21)

    assert one.effects.learner.to_bytes() == again.effects.learner.to_bytes()
    assert canonical(one.report) == canonical(again.report)
    assert canonical(one.report) != canonical(other.report)


def test_the_report_is_plain_and_the_manifest_takes_of_it() -> None:
    """Nothing in it is of our own kind, and no path."""
    found = learned()

    assert json.loads(canonical(found.report))["rows"] == 3_000
    assert set(found.metrics) == {"slope", "shown", "arms"}
    assert found.provenance["source"] == {"name": "log.csv"}
    assert found.provenance["days"] == 30


def test_an_arm_with_few_rows_is_refused_by_its_word() -> None:
    """Two dozen of 10 %."""
    log = data()
    thin = (log.log.arm != 3) | (np.cumsum(log.log.arm == 3) <= 24)
    few = EffectsLog(
        log.log.taken(thin), log.choices, log.names, log.bill_minor[thin], log.churn_risk[thin], ()
    )

    with pytest.raises(
        SupportError, match=r"arm 10 was drawn in 24 of .* wanted 100: let the campaign explore"
    ):
        taught(few)


def test_without_a_bill_there_are_no_curves_in_money() -> None:
    """Nobody knows what a customer is worth; the rest is measured."""
    log = data()
    arms = taught(replace(log, bill_minor=np.zeros_like(log.bill_minor))).report["arms"]
    assert isinstance(arms, list)

    assert [arm["money"] for arm in arms] == [None] * 4
    assert all(len(arm["curve"]["x"]) == 101 for arm in arms)


def test_money_ends_at_the_cost_of_everybody() -> None:
    """The last point has spent the mean of what the arm can cost: 1.00 and 10 % of the bill, rounded up."""
    log = data()
    arms = taught(log).report["arms"]
    assert isinstance(arms, list)
    cost = 1 + np.ceil(log.bill_minor * 10 / 100) / 100

    assert arms[2]["money"]["x"][-1] == pytest.approx(cost.mean())
    assert arms[2]["money"]["x"][0] == 0
