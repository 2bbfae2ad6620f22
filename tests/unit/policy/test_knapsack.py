"""One budget spent where it gains most."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from churn_saver.errors import InputError
from churn_saver.policy.knapsack import choose, solve

Table = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]


def table(rows: list[list[tuple[float, int]]]) -> Table:
    """Write customers as four (gain, weight) pairs, all open."""
    n = len(rows)
    gain, weight = np.zeros((n, 5)), np.zeros((n, 5), dtype=np.int64)
    for i, row in enumerate(rows):
        for k, (each, takes) in enumerate(row):
            gain[i, 1 + k], weight[i, 1 + k] = each, takes
    return gain, weight, np.ones((n, 5), dtype=np.bool_)


def portfolio(n: int, seed: int, *, whole: bool = False) -> Table:
    """Draw customers; whole numbers make ties common."""
    rng = np.random.default_rng(seed)
    if whole:
        gain = rng.integers(-3, 9, (n, 5)).astype(np.float64)
        weight = rng.integers(0, 7, (n, 5))
    else:
        gain = rng.normal(40.0, 60.0, (n, 1)) * np.linspace(0.4, 1.0, 5) + rng.normal(0, 9, (n, 5))
        weight = 100 + np.arange(5) * rng.integers(50, 400, (n, 1))
    gain[rng.random((n, 5)) < 0.05] = -np.inf
    return gain, weight.astype(np.int64), rng.random((n, 5)) < 0.85


def taken(gain: NDArray[np.float64], column: NDArray[np.int8]) -> float:
    """Add up what a choice gains, choice 0 being nothing."""
    return float(sum(gain[i, c] for i, c in enumerate(column) if c))


def weighed(weight: NDArray[np.int64], column: NDArray[np.int8]) -> int:
    """Add up what a choice weighs."""
    return int(sum(weight[i, c] for i, c in enumerate(column) if c))


def best_by_enumeration(
    gain: NDArray[np.float64], weight: NDArray[np.int64], allowed: NDArray[np.bool_], limit: int
) -> float:
    """Try every combination of choices."""
    options = [[0, *(c for c in range(1, 5) if allowed[i, c] and gain[i, c] > 0)] for i in range(len(gain))]
    plans = (np.array(plan, dtype=np.int8) for plan in itertools.product(*options))
    return max(taken(gain, plan) for plan in plans if weighed(weight, plan) <= limit)


def test_three_customers_by_hand() -> None:
    """Steps by gain per unit: A 6/2 = 3, B 8/4 = 2, A 3 more for 3 more = 1, C 1/2 = .5.

    Limit 8 takes A's first and B (6 spent, 2 left); A's second step needs 3: λ = 1, bound 14 + 2·1 = 16.
    """
    gain, weight, allowed = table([
        [(6, 2), (9, 5), (0, 9), (0, 9)], [(8, 4), (7, 9), (0, 9), (0, 9)], [(1, 2), (0, 9), (0, 9), (0, 9)],
    ])  # fmt: skip

    plan = solve(gain, weight, allowed, 8)

    assert plan.choice.tolist() == [1, 1, 0]
    assert (plan.price, plan.bound, plan.value, plan.spent_minor) == (1.0, 16.0, 14.0, 6)
    assert plan.split_row == 0
    assert len(plan.tied_rows) == 0


def test_an_offer_below_the_hull_is_passed_over() -> None:
    """4 for 4 lies under the line from 0 to 9 for 6, so at any price it is the wrong one."""
    gain, weight, allowed = table([[(4, 4), (9, 6), (0, 9), (0, 9)]])

    assert [int(choose(gain, weight, allowed, price)[0]) for price in (0.0, 1.0, 1.49, 1.5)] == [2, 2, 2, 0]


def test_rounding_cannot_make_a_later_step_steeper() -> None:
    """.1 for 1 and .7 for 7 lie on one line; 7 · .1 in binary is a little more than .7.

    So the step from the first to the second comes out as .10000000000000002 > .1: at a price of .1
    neither is strictly better than nothing.
    """
    gain, weight, allowed = table([[(0.1, 1), (7 * 0.1, 7), (0, 9), (0, 9)]])

    assert choose(gain, weight, allowed, 0.1).tolist() == [0]


def test_everything_fits_at_price_zero() -> None:
    """With budget to spare the best offer of everybody is taken, and nobody splits."""
    gain, weight, allowed = table(
        [[(6, 2), (9, 5), (9, 7), (8, 3)], [(-1, 1), (0, 1), (-2, 2), (-np.inf, 3)]]
    )

    plan = solve(gain, weight, allowed, 1_000)

    assert plan.choice.tolist() == [2, 0]  # 9 for 5 rather than 9 for 7; what gains nothing is left
    assert (plan.price, plan.value, plan.bound, plan.split_row) == (0.0, 9.0, 9.0, None)


def test_a_choice_that_weighs_nothing_is_taken_at_any_price() -> None:
    """Two free contacts: the better one is where the hull starts, and 7 for 1 is 2 more for 1."""
    gain, weight, allowed = table([[(3, 0), (5, 0), (7, 1), (-4, 0)]])

    assert [int(choose(gain, weight, allowed, price)[0]) for price in (0.0, 1.9, 2.0, 1e9)] == [3, 3, 2, 2]
    assert solve(gain, weight, allowed, 0).bound == 5.0


def test_equal_customers_share_what_is_left() -> None:
    """Ten customers of 5 for 3 and a limit of 10: three fit, though no price separates them."""
    gain, weight, allowed = table([[(5, 3), (0, 9), (0, 9), (0, 9)]] * 10)

    plan = solve(gain, weight, allowed, 10)

    assert (plan.value, plan.spent_minor, plan.split_row) == (15.0, 9, 3)
    assert plan.bound == pytest.approx(50 / 3, rel=1e-15)
    assert plan.tied_rows.tolist() == [0, 1, 2]
    assert np.array_equal(choose(gain, weight, allowed, plan.row_prices()), plan.choice)
    assert choose(gain, weight, allowed, plan.price).tolist() == [0] * 10
    assert solve(gain, weight, allowed, 9).value == 15.0  # nothing left over, and nothing left out


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(0, 25), st.booleans())
def test_value_is_within_one_customer_of_the_best_by_enumeration(
    seed: int, n: int, limit: int, whole: bool
) -> None:
    """Plan ≤ best ≤ bound, and the bound is less than one step of the split customer above the plan."""
    gain, weight, allowed = portfolio(n, seed, whole=whole)
    limit = limit if whole else 40 * limit

    plan = solve(gain, weight, allowed, limit)

    best = best_by_enumeration(gain, weight, allowed, limit)
    assert plan.value <= best + 1e-9
    assert best <= plan.bound + 1e-9
    most = 0.0 if plan.split_row is None else np.max(gain[plan.split_row, 1:], initial=0.0)
    assert plan.bound - plan.value <= most + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_bound_is_the_optimum_of_the_linear_programme(seed: int) -> None:
    """HiGHS, a peer, solves the relaxation: equal to 1e-9."""
    n = 300
    gain, weight, allowed = portfolio(n, seed, whole=seed % 2 == 1)
    open_gain = np.where(allowed & np.isfinite(gain), gain, 0.0)[:, 1:]
    limit = int(weight[:, 1:].max(axis=1).sum()) // (3 + seed)
    each = csr_array((np.ones(4 * n), (np.repeat(np.arange(n), 4), np.arange(4 * n))))
    usable = (allowed & np.isfinite(gain))[:, 1:].ravel()

    plan = solve(gain, weight, allowed, limit)

    peer = linprog(
        -open_gain.ravel(),
        A_ub=csr_array(np.vstack([each.toarray(), weight[:, 1:].ravel()])),
        b_ub=np.append(np.ones(n), limit),
        bounds=np.column_stack([np.zeros(4 * n), usable.astype(float)]),
        method="highs",
    )
    assert plan.bound == pytest.approx(-peer.fun, rel=1e-9)


@settings(max_examples=200)
@given(st.integers(0, 2**32), st.integers(0, 40), st.integers(0, 100), st.booleans())
def test_choose_repeats_the_plan_and_never_overspends(seed: int, n: int, share: int, whole: bool) -> None:
    """With the row prices to the last customer; with λ alone all but the ties, still within the limit."""
    gain, weight, allowed = portfolio(n, seed, whole=whole)
    limit = int(weight.max(axis=1).sum() * share / 100) if n else 0

    plan = solve(gain, weight, allowed, limit)

    assert np.array_equal(choose(gain, weight, allowed, plan.row_prices()), plan.choice)
    assert plan.spent_minor == weighed(weight, plan.choice) <= limit
    assert plan.value == pytest.approx(taken(gain, plan.choice), abs=1e-9)
    by_price = choose(gain, weight, allowed, plan.price)
    assert set(np.flatnonzero(by_price != plan.choice)) <= set(plan.tied_rows.tolist())
    assert weighed(weight, by_price) <= limit
    assert np.all(np.take_along_axis(allowed, plan.choice[:, None].astype(int), axis=1)[plan.choice > 0])


@given(st.integers(0, 2**32), st.integers(0, 24))
def test_choose_is_the_best_at_the_price_and_the_cheaper_on_a_tie(seed: int, eighths: int) -> None:
    """Exact fractions: the most of gain − λ·weight, then the least weight, then the first."""
    gain, weight, allowed = portfolio(12, seed, whole=True)
    price = eighths / 8

    chosen = choose(gain, weight, allowed, price)

    for i in range(12):
        options = [(Fraction(0), 0, 0)]
        for c in range(1, 5):
            if allowed[i, c] and np.isfinite(gain[i, c]):
                surplus = Fraction(int(gain[i, c])) - Fraction(price) * int(weight[i, c])
                options.append((-surplus, int(weight[i, c]), c))
        assert chosen[i] == min(options)[2]


@pytest.mark.parametrize("seed", range(4))
def test_bound_is_concave_and_rises_and_the_price_falls_with_the_limit(seed: int) -> None:
    """Each further unit of budget buys no more than the one before."""
    gain, weight, allowed = portfolio(400, seed)
    limits = np.linspace(0, int(weight.max(axis=1).sum()), 40).astype(int)

    plans = [solve(gain, weight, allowed, int(limit)) for limit in limits]

    bounds = np.array([plan.bound for plan in plans])
    slopes = np.diff(bounds) / np.diff(limits)
    assert np.all(np.diff(bounds) >= -1e-9)
    assert np.all(np.diff(slopes) <= 1e-9)
    assert np.all(np.diff([plan.price for plan in plans]) <= 0)
    assert np.all(np.diff([plan.value for plan in plans]) >= -1e-9)


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(0, 60))
def test_one_customer_more_never_lowers_the_bound(seed: int, n: int, limit: int) -> None:
    """The new one may be left alone."""
    gain, weight, allowed = portfolio(n + 1, seed, whole=True)

    without = solve(gain[:n], weight[:n], allowed[:n], limit)
    within = solve(gain, weight, allowed, limit)

    assert within.bound >= without.bound - 1e-9
    assert within.value >= without.value - max(0.0, float(gain[:, 1:].max()))  # to within one customer


@given(st.integers(0, 2**32), st.integers(0, 30), st.integers(0, 60), st.booleans())
def test_the_order_of_customers_changes_no_figure(seed: int, n: int, limit: int, whole: bool) -> None:
    """Ties are filled lightest first, not first come."""
    gain, weight, allowed = portfolio(n, seed, whole=whole)
    limit = limit if whole else 50 * limit
    order = np.random.default_rng(seed).permutation(n)

    plan = solve(gain, weight, allowed, limit)
    other = solve(gain[order], weight[order], allowed[order], limit)

    assert other.price == plan.price
    assert other.spent_minor == plan.spent_minor
    assert other.value == pytest.approx(plan.value, abs=1e-9)
    assert other.bound == pytest.approx(plan.bound, abs=1e-9)


def test_blocks_of_rows_do_not_show() -> None:
    """More rows than are worked on at a time: each chooses as it does alone."""
    gain, weight, allowed = portfolio(70_000, 3)

    chosen = choose(gain, weight, allowed, 0.2)

    tail = slice(65_500, 65_600)
    assert np.array_equal(chosen[tail], choose(gain[tail], weight[tail], allowed[tail], 0.2))


def test_a_closed_choice_is_never_taken() -> None:
    """Column 0 stays open whatever its flag says."""
    gain, weight, _ = table([[(5, 1), (6, 2), (7, 3), (8, 4)]])

    plan = solve(gain, weight, np.zeros((1, 5), dtype=np.bool_), 100)

    assert plan.choice.tolist() == [0]
    assert plan.bound == 0.0


def test_what_cannot_be_solved_is_refused() -> None:
    """Each refusal names the input."""
    gain, weight, allowed = table([[(5, 1), (6, 2), (7, 3), (8, 4)]])

    with pytest.raises(InputError, match="limit_minor is -1"):
        solve(gain, weight, allowed, -1)
    with pytest.raises(InputError, match=r"price is -0\.5"):
        choose(gain, weight, allowed, -0.5)
    with pytest.raises(InputError, match="price is nan"):
        choose(gain, weight, allowed, float("nan"))
    with pytest.raises(InputError, match=r"have shapes .*wanted \(1, 5\)"):
        solve(gain, weight[:, :4], allowed, 5)
    with pytest.raises(InputError, match="weight has -1"):
        solve(gain, np.full((1, 5), -1), allowed, 5)
    with pytest.raises(InputError, match="gain has NaN or inf"):
        solve(np.full((1, 5), np.nan), weight, allowed, 5)
