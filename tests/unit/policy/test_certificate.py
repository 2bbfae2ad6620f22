"""Where a trained policy may serve, and at which price."""

import json
from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import ArtifactError, InputError
from churn_saver.policy.certificate import Certificate, Certified, assumptions_digest
from tests.tiny_campaigns import ENV
from tests.trained import CAPS, certificate, certified


@pytest.mark.parametrize(
    ("budget", "covered"),
    [(181.0, False), (182.0, True), (200.0, True), (799.0, True), (3_520.0, True), (3_521.0, False)],
)
def test_a_budget_is_covered_with_a_tenth_to_spare(budget: float, covered: bool) -> None:
    """Certified from 200 to 3,200: 200 / 1.1 = 181.8, 3,200 · 1.1 = 3,520."""
    assert certificate().covers(budget, CAPS) is covered


@pytest.mark.parametrize("budget", [0.0, -1.0, nan, inf])
def test_what_is_no_budget_is_not_covered(budget: float) -> None:
    """Nothing, less than nothing, no number, all the money there is."""
    assert not certificate().covers(budget, CAPS)


@pytest.mark.parametrize(
    ("budget", "covered"),
    [(200.0, True), (220.0, True), (221.0, False), (800.0, False), (2_909.0, False), (2_910.0, True)],
)
def test_a_budget_where_it_was_not_feasible_is_a_gap(budget: float, covered: bool) -> None:
    """200 and 3,200 certified, 800 measured and overspent: 220 = 200 · 1.1, 2,909.1 = 3,200 / 1.1."""
    known = certificate(certified(200.0, 7.0), certified(800.0, 3.0, False), certified(3_200.0, 1.0))

    assert known.covers(budget, CAPS) is covered


def test_feasible_nowhere_covers_nothing() -> None:
    """Not even the budget itself."""
    assert not certificate(certified(800.0, 3.0, False)).covers(800.0, CAPS)


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("per_period", False),
        ("cooldown_days", False),
        ("allowance_units", False),
        ("per_7_days", True),
        ("per_30_days", True),
    ],
)
def test_the_caps_of_the_simulator_must_be_the_same(name: str, covered: bool) -> None:
    """One more of one of them is another campaign; the other caps the simulator does not know."""
    other = replace(CAPS, **{name: getattr(CAPS, name) + 1})

    assert certificate().covers(800.0, other) is covered


def test_the_price_between_two_budgets_is_worked_by_hand() -> None:
    """400 is half-way from 200 to 800 on a log scale; 1 + λ there: √(8 · 4) = 5.657."""
    assert certificate().price_at(400.0) == pytest.approx(32**0.5 - 1, abs=1e-12)


@pytest.mark.parametrize(
    ("budget", "price"),
    [(1.0, 7.1), (200.0, 7.1), (800.0, 3.3), (3_200.0, 1.7), (1e9, 1.7), (inf, 1.7)],
)
def test_a_certified_price_is_given_to_the_last_bit(budget: float, price: float) -> None:
    """At the budgets themselves, and beyond the ends."""
    known = certificate(certified(200.0, 7.1), certified(800.0, 3.3), certified(3_200.0, 1.7))

    assert known.price_at(budget) == price


@given(st.floats(1e-3, 1e6), st.floats(1.0, 10.0))
def test_more_budget_never_costs_more_where_prices_fall(budget: float, factor: float) -> None:
    """And no price is outside the certified ones."""
    low, high = certificate().price_at(budget * factor), certificate().price_at(budget)

    assert 1.0 - 1e-12 <= low <= high + 1e-12
    assert high <= 7.0 + 1e-12


@pytest.mark.parametrize("budget", [0.0, -800.0, nan])
def test_a_budget_that_is_none_has_no_price(budget: float) -> None:
    """It is named."""
    with pytest.raises(InputError, match=rf"the budget per customer is {budget}, wanted more than 0"):
        certificate().price_at(budget)


def test_a_certificate_goes_through_json() -> None:
    """To the last bit."""
    known = certificate(certified(200.1, 7 / 3), certified(800.0, 0.1, False))

    assert Certificate.from_dict(json.loads(json.dumps(known.to_dict()))) == known


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("caps"), r"^certificate lacks caps$"),
        (lambda c: c.update(more=1), r"^certificate holds more, wanted rows, caps, assumptions alone$"),
        (lambda c: c.update(rows={}), r"^certificate\.rows is '\{\}', wanted a list$"),
        (lambda c: c.update(rows=[]), r"^certificate: rows have the budgets \[\], wanted at least one"),
        (lambda c: c["rows"].reverse(), r"^certificate: rows have the budgets .*, and rising$"),
        (lambda c: c["rows"][1].pop("price"), r"^certificate\.rows\[1\] lacks price$"),
        (
            lambda c: c["rows"][1].update(price="3"),
            r"^certificate\.rows\[1\]\.price is '3', wanted a finite number$",
        ),
        (
            lambda c: c["rows"][0].update(price=-1),
            r"^certificate\.rows\[0\]: price is -1\.0, wanted a number of 0 or more$",
        ),
        (
            lambda c: c["rows"][0].update(feasible=1),
            r"^certificate\.rows\[0\]\.feasible is '1', wanted true or false$",
        ),
        (lambda c: c["caps"].pop("cooldown_days"), r"^certificate\.caps lacks cooldown_days$"),
        (lambda c: c.update(assumptions=3), r"^certificate\.assumptions is '3', wanted a text$"),
        (
            lambda c: c.update(assumptions="x" * 64),
            r"^certificate: assumptions is 'x+\.\.\.', wanted a SHA-256",
        ),
    ],
)
def test_a_field_that_is_wrong_is_named(change: Any, message: str) -> None:
    """By the way that leads to it."""
    raw = json.loads(json.dumps(certificate().to_dict()))
    change(raw)

    with pytest.raises(ArtifactError, match=message):
        Certificate.from_dict(raw)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"budget_per_customer_minor": 0.0}, r"budget_per_customer_minor is 0, wanted more"),
        ({"budget_per_customer_minor": nan}, r"budget_per_customer_minor is nan, wanted a number of 0"),
        ({"spend_per_customer_minor": -1.0}, r"spend_per_customer_minor is -1\.0, wanted"),
        ({"price": inf}, r"price is inf, wanted"),
        ({"gain_pct": nan}, r"gain_pct is nan, wanted a finite number"),
        ({"regret_pct": -inf}, r"regret_pct is -inf, wanted a finite number"),
    ],
)
def test_what_is_no_measurement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A budget of 0, negative money, NaN."""
    with pytest.raises(InputError, match=message):
        replace(certified(800.0, 3.0), **changes)


def test_a_policy_may_lose() -> None:
    """A gain below 0 is a measurement too."""
    assert Certified(800.0, 3.0, 10.0, -4.0, 104.0, True).gain_pct == -4.0


@pytest.mark.parametrize(
    "changes",
    [
        {"offer_valid_days": 3},
        {"outcome_lag_days": 9},
        {"budget_per_customer": 2.0},
        {"over_cap_tolerance": 0.5},
        {"observation": "nine"},
        {"caps": ENV.caps.model_copy(update={"cooldown_days": 1})},
    ],
)
def test_what_nothing_is_learned_from_leaves_the_assumptions(changes: dict[str, object]) -> None:
    """Nor do the caps, which the certificate holds by name."""
    assert assumptions_digest(ENV.model_copy(update=changes)) == assumptions_digest(ENV)


@pytest.mark.parametrize(
    "changes",
    [
        {"horizon_days": 60},
        {"margin_share": 0.9},
        {"terminal_months": 5.0},
        {"contact_cost": 1.01},
        {"decision_cost": 0.0},
        {"annoyance": 0.004},
        {"fatigue_effect": 0.1},
        {"hazard_factor": 0.3},
        {"protected_days": (8, 16, 24, 29)},
        {"levels": {**ENV.levels, "shock": 2.5}},
        {"transitions": (ENV.transitions[1], *ENV.transitions[1:])},
    ],
)
def test_every_other_setting_is_an_assumption(changes: dict[str, object]) -> None:
    """All that the simulator reads."""
    assert assumptions_digest(ENV.model_copy(update=changes)) != assumptions_digest(ENV)


def test_levels_count_by_what_they_do() -> None:
    """The same chain listed in another order is the same; names swapped over the same rows are not."""
    names, rows = list(ENV.levels), ENV.transitions
    order = [2, 0, 3, 1]
    listed_anew = ENV.model_copy(
        update={
            "levels": {names[i]: ENV.levels[names[i]] for i in order},
            "transitions": tuple(tuple(rows[i][j] for j in order) for i in order),
        }
    )
    swapped = ENV.model_copy(update={"levels": {names[i]: ENV.levels[names[i]] for i in order}})

    assert assumptions_digest(listed_anew) == assumptions_digest(ENV)
    assert assumptions_digest(swapped) != assumptions_digest(ENV)
