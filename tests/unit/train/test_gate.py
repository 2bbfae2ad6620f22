"""Who serves, from measurements made up by hand."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy.stats import t as student

from churn_saver.adapters.ladder import OPTIMUM
from churn_saver.policy.scores import Scores, Yardstick
from churn_saver.train.gate import AMORTISED_SECONDS, judge, over_seeds
from churn_saver.train.ladder import Bench, Measured

FAST = 1e-5
Gains = dict[tuple[str, float], Sequence[float]]
"""By rung and budget factor, one for each seed."""


def bench(
    gains: Mapping[tuple[str, float], Sequence[float]],
    over: Sequence[tuple[str, float]] = (),
    slow: Sequence[str] = (),
    regret: float = 5.0,
) -> Bench:
    """Make up a bench: what is in `over` overspends with its last seed, what is in `slow` takes long."""
    found = []
    for (rung, factor), values in gains.items():
        for seed, gain in enumerate(values):
            feasible = (rung, factor) not in over or seed < len(values) - 1
            scores = Scores(feasible, gain, regret, 790.0 * factor + seed, 0.0)
            seconds = 2 * AMORTISED_SECONDS if rung in slow else FAST * (1 + seed)
            found.append(Measured(rung, factor, seed, scores, np.zeros(2), seconds))
    sticks = {
        (factor, seed): Yardstick(100.0, 200.0, 200.0, 2.0, 800.0 * factor)
        for (_, factor), values in gains.items()
        for seed in range(len(values))
    }
    return Bench(tuple(found), sticks)


USUAL: Gains = {
    ("never", 1.0): (0.0, 0.0), ("knapsack", 1.0): (70.0, 71.0), ("exact", 1.0): (99.0, 99.2),
    ("ppo", 1.0): (96.0, 97.0), ("ppo_price", 1.0): (95.0, 96.0),
}  # fmt: skip


def usual(**changes: Sequence[float]) -> Gains:
    """Give the usual gains at the budget itself, with others for some rungs."""
    return {**USUAL, **{(rung, 1.0): values for rung, values in changes.items()}}


def test_the_policy_for_every_budget_serves_when_it_is_nowhere_far_behind() -> None:
    """A point behind at the budget, two at a quarter: within two. The reason says so."""
    gains = USUAL | {
        ("knapsack", 0.25): (60.0, 61.0), ("ppo", 0.25): (94.0, 95.0), ("ppo_price", 0.25): (92.0, 93.0),
    }  # fmt: skip

    verdict = judge(bench(gains, slow=["exact"]), within_points=2.0)

    assert verdict.champion == "ppo_price"
    assert verdict.why.startswith(
        "one policy for every budget, within all of them and at most 2.0 points behind the policies trained "
        "for one each; above the tuned knapsack at 0.25 times the budget by 32.0 points (32.0 to 32.0); "
    )
    assert [factor for factor, _ in verdict.beyond_knapsack] == [0.25, 1.0]


@pytest.mark.parametrize(("within", "champion"), [(2.0, "ppo_price"), (1.9, "ppo")])
def test_too_far_behind_anywhere_is_too_far(within: float, champion: str) -> None:
    """Two points at four times the budget, though ahead at the budget itself."""
    gains = usual(ppo_price=(96.4, 96.4)) | {
        ("knapsack", 4.0): (80.0, 80.5), ("ppo", 4.0): (99.0, 99.0), ("ppo_price", 4.0): (97.0, 97.0),
    }  # fmt: skip

    assert judge(bench(gains, slow=["exact"]), within).champion == champion


def test_ahead_everywhere_is_said() -> None:
    """Nothing is behind."""
    verdict = judge(bench(usual(ppo_price=(98.0, 99.0)), slow=["exact"]), 2.0)

    assert verdict.champion == "ppo_price"
    assert "within all of them and ahead of the policies trained for one each" in verdict.why


def test_without_the_policy_for_every_budget_the_largest_gain_serves() -> None:
    """Of those that answer a request."""
    gains = {key: value for key, value in USUAL.items() if key[0] != "ppo_price"}

    verdict = judge(bench(gains, slow=["exact"]), 2.0)

    assert verdict.champion == "ppo"
    assert verdict.why.startswith("largest gain of the rungs that answer a request: 96.5 %")


def test_what_is_too_slow_never_serves() -> None:
    """Neither the exact policy nor a network, whatever they gain."""
    assert judge(bench(USUAL, slow=["exact"]), 2.0).champion == "ppo_price"
    assert judge(bench(USUAL, slow=["exact", "ppo_price"]), 2.0).champion == "ppo"
    assert judge(bench(USUAL, slow=["exact", "ppo_price", "ppo"]), 2.0).champion == "knapsack"


def test_a_rung_is_as_slow_as_its_slowest_seed() -> None:
    """One measurement above the limit is enough."""
    found = bench(USUAL, slow=["exact"])
    late = [
        Measured(m.rung, m.factor, m.seed, m.scores, m.reward, AMORTISED_SECONDS * 1.01)
        if (m.rung, m.seed) == ("ppo_price", 1)
        else m
        for m in found.measured
    ]

    verdict = judge(Bench(tuple(late), found.sticks), 2.0)

    assert verdict.champion == "ppo"
    row = next(row for row in verdict.rows if row.name == "ppo_price")
    assert (row.amortised, row.seconds_per_decision) == (False, AMORTISED_SECONDS * 1.01)


def test_what_overspends_with_any_seed_never_serves() -> None:
    """At the budget, and for the policy for every budget anywhere."""
    elsewhere = USUAL | {
        ("knapsack", 4.0): (80.0, 80.5), ("ppo", 4.0): (97.0, 97.0), ("ppo_price", 4.0): (97.0, 97.0),
    }  # fmt: skip

    assert judge(bench(USUAL, over=[("ppo_price", 1.0)], slow=["exact"]), 2.0).champion == "ppo"
    assert judge(bench(elsewhere, over=[("ppo_price", 4.0)], slow=["exact"]), 2.0).champion == "ppo"
    both = [("ppo_price", 1.0), ("ppo", 1.0)]
    assert judge(bench(USUAL, over=both, slow=["exact"]), 2.0).champion == "knapsack"


def test_a_specialised_policy_that_overspends_is_nobody_to_be_behind() -> None:
    """It gains 120 %, of what is not its to spend."""
    gains = USUAL | {
        ("knapsack", 0.25): (60.0, 61.0), ("ppo", 0.25): (120.0, 121.0), ("ppo_price", 0.25): (92.0, 93.0),
    }  # fmt: skip

    assert judge(bench(gains, over=[("ppo", 0.25)], slow=["exact"]), 2.0).champion == "ppo_price"
    assert judge(bench(gains, slow=["exact"]), 2.0).champion == "ppo"


@pytest.mark.parametrize(
    ("ppo", "champion"),
    [((75.0, 77.0, 73.0), "ppo"), ((70.0, 77.0, 73.0), "knapsack"), ((70.0,) * 3, "knapsack")],
)
def test_a_champion_is_above_the_knapsack_for_certain(ppo: tuple[float, ...], champion: str) -> None:
    """By 5, 7 and 3: 5 ± 4.97 with two degrees of freedom. By 0, 7 and 3: 3.3 ± 8.7. By nothing: a tie."""
    gains: Gains = {("never", 1.0): (0.0,) * 3, ("knapsack", 1.0): (70.0,) * 3, ("ppo", 1.0): ppo}

    verdict = judge(bench(gains), 2.0)

    assert verdict.champion == champion
    if ppo[0] == 75.0:
        ((factor, interval),) = verdict.beyond_knapsack
        assert (factor, interval.value) == (1.0, 5.0)
        assert interval.low == pytest.approx(5.0 - 4.303 * 2.0 / math.sqrt(3), abs=0.01)


def test_not_being_above_it_anywhere_is_enough_to_leave_it_to_the_knapsack() -> None:
    """Far above at the budget, a tie at four times it; the reason names who was not good enough."""
    gains = {key: value for key, value in USUAL.items() if key[0] != "ppo_price"} | {
        ("knapsack", 4.0): (90.0, 91.0), ("ppo", 4.0): (90.0, 91.0),
    }  # fmt: skip

    verdict = judge(bench(gains, slow=["exact"]), 2.0)

    assert (verdict.champion, verdict.why) == ("knapsack", "ppo is not above the tuned knapsack for certain")
    assert [interval.value for _, interval in verdict.beyond_knapsack] == [26.0, 0.0]


def test_the_knapsack_serves_when_it_gains_most() -> None:
    """And then need not be above itself."""
    verdict = judge(bench(usual(ppo=(60.0, 60.0), ppo_price=(50.0, 50.0)), slow=["exact"]), 2.0)

    assert verdict.champion == "knapsack"
    assert verdict.why.startswith("largest gain of the rungs that answer a request: 70.5 %")


def test_of_two_alike_the_one_measured_first_serves() -> None:
    """A tie is settled, and always the same way."""
    first: Gains = {("knapsack", 1.0): (70.0, 71.0), ("ppo", 1.0): (90.0, 91.0)}
    second: Gains = {("ppo_cloned", 1.0): (90.0, 91.0)}

    assert judge(bench({**first, **second}), 2.0).champion == "ppo"
    assert judge(bench({**second, **first}), 2.0).champion == "ppo_cloned"


def test_where_nobody_is_fast_enough_and_within_the_budget_the_knapsack_serves() -> None:
    """Somebody has to; the reason says how it came."""
    verdict = judge(bench(USUAL, slow=list({rung for rung, _ in USUAL})), 2.0)

    assert (verdict.champion, verdict.beyond_knapsack) == ("knapsack", ())
    assert verdict.why == "no rung is fast enough and within the budget"


def test_rows_sum_up_the_seeds_in_the_order_measured_and_the_ruler_comes_last() -> None:
    """Of 95 and 96: 95.5 ± 12.706·.5. Spend in currency units, the slowest time, one row a budget."""
    found = bench(USUAL | {("never", 0.25): (0.0, 0.0)}, slow=["exact"])

    rows = judge(found, 2.0).rows

    assert [(row.name, row.budget_factor) for row in rows] == [
        ("never", 0.25), (OPTIMUM, 0.25), *((rung, 1.0) for rung, _ in USUAL), (OPTIMUM, 1.0)
    ]  # fmt: skip
    row = next(row for row in rows if row.name == "ppo_price")
    assert (row.gain_pct, row.regret_pct, row.feasible, row.seeds) == (95.5, 5.0, True, 2)
    assert (row.low, row.high) == pytest.approx((95.5 - 6.353, 95.5 + 6.353), abs=1e-3)
    assert row.spend_per_customer == pytest.approx(7.905)
    assert (row.seconds_per_decision, row.amortised) == (2 * FAST, True)
    ruler = rows[-1]
    assert (ruler.gain_pct, ruler.spend_per_customer, ruler.amortised, ruler.seeds) == (100.0, 8.0, False, 2)


def test_an_interval_over_seeds_by_hand() -> None:
    """1, 2, 3, 4, 5: mean 3, deviation √2.5, 2.776 of four degrees of freedom: ± 1.963. One has none."""
    interval = over_seeds([1.0, 2.0, 3.0, 4.0, 5.0])
    alone = over_seeds([4.0])

    assert (interval.low, interval.value, interval.high) == pytest.approx((1.0368, 3.0, 4.9632), abs=1e-4)
    assert (alone.low, alone.value, alone.high) == (4.0, 4.0, 4.0)


def test_an_interval_holds_the_mean_as_often_as_it_promises() -> None:
    """Half intervals of 2,000 draws of four: within four standard errors of a half."""
    draws = np.random.default_rng(0).normal(3.0, 2.0, (2_000, 4))
    held = [(one.low <= 3.0 <= one.high) for one in (over_seeds(row.tolist(), 0.5) for row in draws)]

    assert abs(np.mean(held) - 0.5) < 4 * 0.5 / 2_000**0.5
    assert student.ppf(0.75, 3) == pytest.approx(0.7649, abs=1e-4)
