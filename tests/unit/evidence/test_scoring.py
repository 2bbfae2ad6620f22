"""The four estimators, by hand and by brute force over everything that could have happened."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from churn_saver.evidence.clusters import estimate, units_of
from churn_saver.evidence.scoring import Four, four

ARMS = 3


def test_all_four_by_hand() -> None:
    """Weights 0, 4, 2, rewards 1, 1, 0; q at the target .5, .6, .1, at what was done .3, .8, .1.

    IPS (0 + 4 + 0)/3; SNIPS 4/6; DM 1.2/3. DR: .5 + 0, .6 + 4·.2, .1 − 2·.1: mean of .5, 1.4, −.1 is .6.
    SNIPS' influence is w·(r − 2/3)/2: 0, 2/3, −2/3.
    """
    found = four(
        np.array([0.0, 4, 2]), np.array([1.0, 1, 0]), np.array([0.5, 0.6, 0.1]), np.array([0.3, 0.8, 0.1])
    )

    assert found.ips.value == pytest.approx(4 / 3)
    assert found.snips.value == pytest.approx(2 / 3)
    assert found.dm.value == pytest.approx(0.4)
    assert found.dr.value == pytest.approx(0.6)
    assert found.ips.influence == pytest.approx([-4 / 3, 8 / 3, -4 / 3])
    assert found.snips.influence == pytest.approx([0, 2 / 3, -2 / 3])
    assert found.dr.influence == pytest.approx([-0.1, 0.8, -0.7])
    assert found.dm.influence == pytest.approx([0.1, 0.2, -0.3])


def shares(draw: st.DrawFn, least: float) -> np.ndarray:
    """Draw probabilities of the arms for two contexts, none below `least` before they are made to add up."""
    row = st.lists(st.floats(least, 1.0), min_size=ARMS, max_size=ARMS)
    raw: np.ndarray = np.array([draw(row), draw(row)]) + (1e-3 if least == 0 else 0.0)
    return np.asarray(raw / raw.sum(axis=1, keepdims=True))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """Draw logging and target policy, chances of reward 1, and any q, for two contexts of three arms."""
    unit = st.lists(st.floats(0, 1), min_size=2 * ARMS, max_size=2 * ARMS)
    wild = st.lists(st.floats(-5, 5), min_size=2 * ARMS, max_size=2 * ARMS)
    chance, q = np.array(draw(unit)).reshape(2, ARMS), np.array(draw(wild)).reshape(2, ARMS)
    return shares(draw, 0.05), shares(draw, 0.0), chance, q


def every_log(
    p: np.ndarray, target: np.ndarray, chance: np.ndarray, q: np.ndarray
) -> list[tuple[float, Four]]:
    """Give every log of the two contexts that can be, with its probability: (3 arms · 2 rewards)² = 36."""
    at_target = (target * q).sum(axis=1)
    logs = []
    for arms in product(range(ARMS), repeat=2):
        for rewards in product((0.0, 1.0), repeat=2):
            here = np.arange(2), np.array(arms)
            reward = np.array(rewards)
            likely = p[here] * np.where(reward == 1, chance[here], 1 - chance[here])
            weight = target[here] / p[here]
            logs.append((float(likely.prod()), four(weight, reward, at_target, q[here])))
    return logs


@settings(max_examples=50)
@given(worlds())
def test_ips_and_dr_are_unbiased_whatever_q_is(world: tuple[np.ndarray, ...]) -> None:
    """Their mean over all 36 logs is the target's value to rounding; q is drawn blindly, from −5 to 5."""
    _, target, chance, q = world
    true_value = (target * chance).sum(axis=1).mean()

    logs = every_log(*world)

    assert sum(likely for likely, _ in logs) == pytest.approx(1)
    assert sum(likely * found.ips.value for likely, found in logs) == pytest.approx(true_value, abs=1e-9)
    assert sum(likely * found.dr.value for likely, found in logs) == pytest.approx(true_value, abs=1e-9)
    assert all(found.dm.value == pytest.approx((target * q).sum(axis=1).mean()) for _, found in logs)


@settings(max_examples=30)
@given(worlds())
def test_the_squared_error_is_unbiased_too(world: tuple[np.ndarray, ...]) -> None:
    """Where both rows have one context, the mean of SE² over all logs is the variance of IPS, and of DR."""
    same = tuple(np.repeat(part[:1], 2, axis=0) for part in world)
    logs, units = every_log(*same), units_of(np.arange(2))

    for name in ("ips", "dr"):
        values = np.array([getattr(found, name).value for _, found in logs])
        likely = np.array([chance for chance, _ in logs])
        errors = [estimate(0.0, getattr(found, name).influence, units).standard_error for _, found in logs]
        variance = likely @ values**2 - (likely @ values) ** 2
        assert likely @ np.square(errors) == pytest.approx(variance, rel=1e-6, abs=1e-9)


@settings(max_examples=30)
@given(worlds())
def test_a_perfect_q_leaves_dr_nothing_to_weigh(world: tuple[np.ndarray, ...]) -> None:
    """Where rewards are certain and q knows them, DR is the target's value on every log that can be."""
    p, target, chance, _ = world
    certain = np.round(chance)

    logs = every_log(p, target, certain, certain)

    likely = [found.dr.value for chance_of_log, found in logs if chance_of_log > 0]
    assert likely == pytest.approx([(target * certain).sum(axis=1).mean()] * len(likely))


def snips_bias(rows: int) -> float:
    """Give the exact bias of SNIPS: two arms at p .3 and .7, wanted .8 and .2, rewards 1 and 0, value .8.

    It depends on how often arm 0 was drawn alone, so the sum over logs is one over counts.
    """
    counts = np.arange(rows + 1)
    likely = binom.pmf(counts, rows, 0.3)
    total = 0.0
    for count, chance in zip(counts, likely, strict=True):
        weight = np.repeat([0.8 / 0.3, 0.2 / 0.7], [count, rows - count])
        reward = np.repeat([1.0, 0.0], [count, rows - count])
        total += chance * four(weight, reward, np.zeros(rows), np.zeros(rows)).snips.value
    return total - 0.8


def test_snips_is_consistent() -> None:
    """Its bias is not 0 and falls like 1/n: four times the rows, a quarter of it."""
    few, more, many = (snips_bias(rows) for rows in (50, 200, 800))

    assert abs(few) > 1e-3
    assert few / more == pytest.approx(4, rel=0.1)
    assert more / many == pytest.approx(4, rel=0.03)


@given(st.integers(0, 2**32 - 1), st.floats(-100, 100))
def test_snips_and_dr_move_with_the_reward(seed: int, shift: float) -> None:
    """Paying everybody 5 more makes every policy worth 5 more: SNIPS says so, IPS says so times mean w."""
    rng = np.random.default_rng(seed)
    weight, reward, q = rng.exponential(size=20), rng.normal(size=20), rng.normal(size=20)

    before, after = four(weight, reward, q, q), four(weight, reward + shift, q + shift, q + shift)

    assert after.snips.value == pytest.approx(before.snips.value + shift, abs=1e-9)
    assert after.dr.value == pytest.approx(before.dr.value + shift, abs=1e-9)
    assert after.ips.value == pytest.approx(before.ips.value + shift * weight.mean(), abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_influences_are_what_leaving_a_row_out_moves(seed: int) -> None:
    """Leaving one of n rows out moves a mean by −influence/(n − 1) exactly; all influences have mean 0.

    SNIPS is divided by the weight that is left: n less the row's weight over the mean one.
    """
    rng = np.random.default_rng(seed)
    weight, reward, q, at = rng.exponential(size=200), rng.normal(size=200), *rng.normal(size=(2, 200))
    whole = four(weight, reward, at, q)
    rest = four(weight[1:], reward[1:], at[1:], q[1:])
    left = {"ips": 199.0, "snips": 200 - weight[0] / weight.mean(), "dr": 199.0, "dm": 199.0}

    for name, rows in left.items():
        one, less = getattr(whole, name), getattr(rest, name)
        assert one.influence.mean() == pytest.approx(0, abs=1e-9)
        assert (less.value - one.value) * rows == pytest.approx(-one.influence[0], abs=1e-9)


@given(st.integers(0, 2**32 - 1))
def test_slopes_are_what_a_row_s_weight_moves(seed: int) -> None:
    """A millionth more weight on one row moves the value by slope/n millionths."""
    rng = np.random.default_rng(seed)
    weight, reward, q, at = rng.exponential(size=50) + 0.1, rng.normal(size=50), *rng.normal(size=(2, 50))
    more = weight + np.where(np.arange(50) == 7, 1e-6, 0.0)
    before, after = four(weight, reward, at, q), four(more, reward, at, q)

    for name in ("ips", "snips", "dr", "dm"):
        moved = (getattr(after, name).value - getattr(before, name).value) / 1e-6
        assert moved == pytest.approx(getattr(before, name).slope[7] / 50, abs=1e-5)
