"""Calibrated to a budget on customers that taught, judged on others."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from churn_saver.policy.actor_critic import served
from churn_saver.policy.certificate import assumptions_digest
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.network import PolicyNetwork
from churn_saver.policy.optimum import never_values, optimum
from churn_saver.policy.scores import Scores
from churn_saver.train.certifying import (
    MOST_BIAS,
    PRUNE,
    calibrated,
    certified,
    rung_at,
    share_of,
    yardstick,
)
from churn_saver.train.learning import Learner
from churn_saver.train.panels import Panels
from tests.policies import actor_critic, indifferent
from tests.tiny_tables import ENV, dynamics, quick, table

PRICES = {"low": 0.0, "high": 30.0}
SETTINGS = quick(budget_share=0.9, budget_factors=(0.5, 1.0, 2.0), prices=PRICES)
TABLE = table(40, 1)
PANELS = Panels.of(TABLE, ENV, SETTINGS)
BUDGET = 300.0


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def learned(observation: str) -> PolicyNetwork:
    """Learn for a moment, until it contacts whom it pays to contact."""
    recipe = quick(
        observation=observation, slots=256, minibatch=512, iterations=25, learning_rate=0.01, hidden=(16,),
        prices=PRICES,
    )  # fmt: skip
    learner = Learner(dynamics(), ENV.changed({"budget_per_customer": 1_000.0}, "a test"), recipe, 0, 4.0)
    while not learner.finished:
        learner.advance()
    return learner.network()


@pytest.fixture(scope="module")
def priced() -> PolicyNetwork:
    """A policy whose price is an input."""
    return learned("full_price")


@pytest.fixture(scope="module")
def plain() -> PolicyNetwork:
    """A policy for one budget, which spends more than that."""
    return learned("full")


def always(observation: str = "full") -> PolicyNetwork:
    """Give a policy that contacts at every chance, whatever is added to that."""
    module = indifferent(actor_critic(observation), (0.0, 4 * MOST_BIAS, *[0.0] * 12))
    return served(module, Learner(dynamics(), ENV, quick(observation=observation), 0, 0.0).scaling)


def spent(network: PolicyNetwork, price: float, prune: float = 0.0) -> float:
    """Give the exact mean spend on the panel that calibrates."""
    return float(
        evaluate(PANELS.certificate, rung_at(PANELS.certificate, network, price), prune=prune).spend.mean()
    )


def test_the_yardstick_is_the_certified_optimum() -> None:
    """R_never, R*, its proof and λ*, on the customers that judge."""
    stick = yardstick(PANELS.held_out, BUDGET)

    best = optimum(PANELS.held_out, BUDGET)
    assert (stick.optimum, stick.price, stick.budget) == (best.value, best.price, BUDGET)
    assert stick.never == pytest.approx(float(never_values(PANELS.held_out).mean()))
    assert stick.never < stick.optimum
    assert 0.0 <= stick.dual - stick.optimum + 1e-6 <= 1e-6 * (stick.optimum - stick.never) + 2e-6


def test_the_less_money_the_more_room_is_left() -> None:
    """1.5 % at the usual budget and above; with a quarter of the money twice that, with a sixteenth 6 %.

    With next to nothing all of it.
    """
    settings = quick(budget_share=0.985)

    assert [share_of(factor, settings) for factor in (4.0, 1.0, 0.25, 0.0625)] == pytest.approx(
        [0.985, 0.985, 0.97, 0.94]
    )
    assert share_of(1e-6, settings) == 0.0


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_price_is_found_that_spends_the_share_of_the_budget(priced: PolicyNetwork, factor: float) -> None:
    """On the panel that calibrates, and nearly all of it: no price a tenth lower fits too."""
    stick = yardstick(PANELS.held_out, factor * BUDGET)

    found = calibrated(priced, PANELS, stick, 0.0, factor, SETTINGS)

    wanted = share_of(factor, SETTINGS) * factor * BUDGET
    assert found.network is priced
    assert 0.0 < found.price < 30.0
    assert spent(priced, found.price, PRUNE) <= wanted
    assert spent(priced, found.price) <= wanted * 1.001
    assert spent(priced, 0.9 * found.price) > wanted


@pytest.mark.parametrize("factor", [0.5, 1.0])
def test_without_a_price_what_is_added_to_a_contact_is_found(plain: PolicyNetwork, factor: float) -> None:
    """The weights stay; the price that it was trained at is told as it was."""
    stick = yardstick(PANELS.held_out, factor * BUDGET)

    found = calibrated(plain, PANELS, stick, 4.0, factor, SETTINGS)

    wanted = share_of(factor, SETTINGS) * factor * BUDGET
    assert spent(plain, 4.0) > wanted
    assert spent(found.network, 4.0, PRUNE) <= wanted
    assert -MOST_BIAS < found.network.contact_bias < 0.0
    assert spent(replace(found.network, contact_bias=found.network.contact_bias + 0.3), 4.0) > wanted
    assert found.price == 4.0
    assert all(np.array_equal(a, b) for a, b in zip(found.network.weights, plain.weights, strict=True))


def test_it_is_judged_by_exact_evaluation_on_the_customers_held_out(priced: PolicyNetwork) -> None:
    """Without pruning, at the price that was found, against that panel's own yardstick."""
    stick = yardstick(PANELS.held_out, BUDGET)

    found = calibrated(priced, PANELS, stick, 0.0, 1.0, SETTINGS)

    judged = evaluate(PANELS.held_out, rung_at(PANELS.held_out, priced, found.price))
    assert found.held_out.reward.tolist() == judged.reward.tolist()
    assert found.scores == Scores.of(judged, stick)
    assert found.held_out.dropped.sum() == 0.0
    assert found.scores.gain_pct > 30.0
    assert found.scores.regret_pct > 0.0
    assert found.seconds > 0.0


@pytest.mark.parametrize("observation", ["full", "full_price"])
def test_a_policy_that_always_overspends_is_judged_and_found_infeasible(observation: str) -> None:
    """At its thriftiest, instead of an error after hours of training."""
    stick = yardstick(PANELS.held_out, 10.0)

    found = calibrated(always(observation), PANELS, stick, 1.0, 1.0, SETTINGS)

    assert not found.scores.feasible
    assert found.scores.spend > 10.0
    assert found.scores.regret_pct > 100.0


def test_a_certificate_has_a_row_for_every_budget_and_its_prices_fall(priced: PolicyNetwork) -> None:
    """Half, once and twice the budget, rising, whatever their order in the settings; more money, lower λ."""
    settings = SETTINGS.changed({"budget_factors": (2.0, 0.5, 1.0)}, "a test")

    network, certificate = certified(priced, PANELS, ENV, settings, 0.0)

    rows = certificate.rows
    assert network is priced
    assert [row.budget_per_customer_minor for row in rows] == [150.0, 300.0, 600.0]
    assert rows[0].price > rows[1].price > rows[2].price > 0.0
    assert rows[0].spend_per_customer_minor < rows[1].spend_per_customer_minor
    assert rows[1].spend_per_customer_minor < rows[2].spend_per_customer_minor
    assert certificate.assumptions == assumptions_digest(ENV)
    assert certificate.caps == ENV.caps.caps()
    alone = calibrated(priced, PANELS, yardstick(PANELS.held_out, 300.0), 0.0, 1.0, settings)
    assert (rows[1].price, rows[1].gain_pct) == (alone.price, alone.scores.gain_pct)
    assert rows[1].feasible == (rows[1].spend_per_customer_minor <= 300.0)


def test_budgets_may_be_certified_side_by_side(priced: PolicyNetwork) -> None:
    """In processes of their own: the same rows to the last digit, and progress by budget."""
    told: list[tuple[str, int, int]] = []

    _, alone = certified(priced, PANELS, ENV, SETTINGS, 0.0)
    _, together = certified(
        priced, PANELS, ENV, SETTINGS, 0.0, lambda what, done, total: told.append((what, done, total)), 2
    )

    assert together == alone
    assert told == [("certifying", done, 3) for done in (1, 2, 3)]


def test_a_policy_for_one_budget_is_certified_for_one(plain: PolicyNetwork) -> None:
    """However many factors the settings hold; it is the calibrated network that will serve."""
    network, certificate = certified(plain, PANELS, ENV, SETTINGS, 4.0)

    (row,) = certificate.rows
    assert (row.budget_per_customer_minor, row.price) == (300.0, 4.0)
    assert network.contact_bias != plain.contact_bias
    assert spent(network, 4.0, PRUNE) <= 270.0


def test_what_breaks_the_budget_is_certified_as_that() -> None:
    """The row stands there, and says that it does not hold."""
    thin = ENV.changed({"budget_per_customer": 0.1}, "a test")

    _, certificate = certified(always(), PANELS, thin, SETTINGS, 1.0)

    assert [row.feasible for row in certificate.rows] == [False]
    assert certificate.rows[0].spend_per_customer_minor > 10.0
    assert not certificate.covers(10.0, ENV.caps.caps())


def test_progress_is_told() -> None:
    """The optimum's rounds, the search for the number and the last evaluation."""
    told: list[str] = []

    certified(always(), PANELS, ENV, SETTINGS, 1.0, lambda what, done, total: told.append(what))

    assert {"optimum", "tuning", "evaluating"} <= set(told)
