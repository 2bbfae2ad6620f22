"""The customers of a portfolio."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.population import Population
from churn_saver.policy.reward import contact_values
from tests.tiny_campaigns import ENV, population

RISK = np.array([0.1, 0.5])
ACCEPT = np.array([[0.1, 0.2, 0.2, 0.4], [0.0, 0.0, 0.5, 1.0]])
BILL = np.array([5_000, 8_999])


def changed(column: NDArray[np.float64], row: int, value: float) -> NDArray[np.float64]:
    """Put a number into a row of a copy."""
    copy = column.copy()
    copy[row] = value
    return copy


def test_a_score_is_the_mean_over_the_levels() -> None:
    """Σ π_s σ(usual + shift_s) gives the score back; the rest is kept as it is."""
    found = Population.of_scores(RISK, ACCEPT, BILL, ENV)

    levels = RiskLevels.of(ENV)
    at_levels = 1.0 / (1.0 + np.exp(-(found.usual_logit[:, None] + np.array(levels.shifts))))
    assert (at_levels @ levels.stationary()).tolist() == pytest.approx([0.1, 0.5], abs=1e-9)
    assert found.accept.tolist() == ACCEPT.tolist()
    assert found.bill_minor.tolist() == [5_000, 8_999]
    assert len(found) == 2


def test_scores_of_nothing_and_of_everything_are_numbers() -> None:
    """Risks are clipped inside, so nobody's logit is infinite."""
    found = Population.of_scores(np.array([0.0, 1.0]), ACCEPT, BILL, ENV)

    assert np.all(np.isfinite(found.usual_logit))


@pytest.mark.parametrize("bad", [float("nan"), -0.01, 1.01])
def test_a_score_that_is_no_probability_is_refused_with_its_row(bad: float) -> None:
    """Risk and acceptance, by name; the first such row, and how many there are."""
    with pytest.raises(
        InputError, match=r"churn_risk is .* in row 1 of the population \(1 such rows\), want"
    ):
        Population.of_scores(changed(RISK, 1, bad), ACCEPT, BILL, ENV)
    with pytest.raises(InputError, match=r"accept_prob_3 is .* in row 0 of the population \(2 such rows\)"):
        Population.of_scores(RISK, np.column_stack([ACCEPT[:, :3], [bad, bad]]), BILL, ENV)


def test_acceptance_that_falls_with_the_offer_is_refused() -> None:
    """The larger discount less liked than the smaller: a model without its constraint."""
    falls = ACCEPT.copy()
    falls[1] = [0.3, 0.4, 0.39, 0.5]

    with pytest.raises(
        InputError, match=r"falls with the offer in row 1 .*\[0\.3, 0\.4, 0\.39, 0\.5\].*train-"
    ):
        Population.of_scores(RISK, falls, BILL, ENV)


def test_bills_of_nothing_are_refused() -> None:
    """Who pays nothing has nothing to lose."""
    with pytest.raises(InputError, match=r"bill_minor is 0 in row 0 of the population .*leave out who pays"):
        Population.of_scores(RISK, ACCEPT, np.array([0, 100]), ENV)


def test_a_population_of_one_is_refused_and_so_are_columns_that_do_not_fit() -> None:
    """A budget is shared by two or more; every customer has a risk and four acceptances."""
    with pytest.raises(InputError, match=r"has 1 customers, wanted 2 or more: a budget is shared"):
        Population.of_scores(RISK[:1], ACCEPT[:1], BILL[:1], ENV)
    with pytest.raises(InputError, match=r"2 bills has risks of shape \(1,\) .*wanted \(2,\) and \(2, 4\)"):
        Population(np.zeros(1), ACCEPT, BILL)
    with pytest.raises(InputError, match=r"acceptances of shape \(2, 3\)"):
        Population(np.zeros(2), ACCEPT[:, :3], BILL)
    with pytest.raises(InputError, match=r"risk is inf in row 1"):
        Population(np.array([0.0, np.inf]), ACCEPT, BILL)


def test_rows_are_taken_in_their_order() -> None:
    """Any order, and a row twice."""
    found = Population.of_scores(RISK, ACCEPT, BILL, ENV).take(np.array([1, 0, 1]))

    assert found.bill_minor.tolist() == [8_999, 5_000, 8_999]
    assert found.accept[1].tolist() == ACCEPT[0].tolist()


def test_stakes_by_hand() -> None:
    """Alike but for the bill: who pays more has more at stake. Who never accepts has none."""
    alike = Population(np.zeros(3), np.full((3, 4), 0.5), np.array([6_000, 9_000, 3_000]))
    deaf = Population(np.zeros(2), np.array([[0.5] * 4, [0.0] * 4]), np.array([1_000, 9_000]))

    assert alike.by_stake(ENV).tolist() == [2, 0, 1]
    assert deaf.by_stake(ENV).tolist() == [1, 0]


def test_a_panel_runs_evenly_through_the_stakes() -> None:
    """Two of eight alike but for the bill: the third and the seventh from below."""
    alike = Population(np.zeros(8), np.full((8, 4), 0.5), np.array([5, 1, 8, 2, 7, 3, 6, 4]) * 1_000)

    assert alike.spread(2, ENV).bill_minor.tolist() == [3_000, 7_000]
    assert alike.spread(8, ENV).bill_minor.tolist() == [n * 1_000 for n in range(1, 9)]


@settings(max_examples=10)
@given(st.integers(0, 1_000), st.integers(1, 60))
def test_a_panel_has_nobody_twice(seed: int, wanted: int) -> None:
    """As many as wanted, all different, in order of their stakes."""
    whole = population(60, seed)

    panel = whole.spread(wanted, ENV)

    risk = 1.0 / (1.0 + np.exp(-panel.usual_logit))
    nobody = np.zeros(wanted)
    stake = contact_values(risk, risk, panel.accept, nobody, panel.bill_minor, ENV.horizon_days, ENV).gain
    assert len(panel) == len(np.unique(panel.usual_logit)) == wanted
    assert np.all(np.diff(stake[:, 1:].max(axis=1)) >= 0.0)


@pytest.mark.parametrize("wanted", [0, 3])
def test_a_panel_larger_than_the_population_is_refused(wanted: int) -> None:
    """And one of nobody."""
    with pytest.raises(InputError, match=rf"a panel of {wanted} was wanted of 2 customers: use a larger"):
        Population.of_scores(RISK, ACCEPT, BILL, ENV).spread(wanted, ENV)
