"""Advantages, their mixture and their whitening."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.rl.returns import gae, mixed, whiten

SEEDS = st.integers(0, 2**32 - 1)
FRACTIONS = st.floats(0, 1)


def column(*values: float) -> NDArray[np.float64]:
    """Give numbers as an array."""
    return np.array(values, dtype=np.float64)


def rollout(
    seed: int, steps: int, *trailing: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw rewards, values and discounts; about one in five transitions ends an episode."""
    rng = np.random.default_rng(seed)
    gamma_t = rng.random((steps, *trailing))
    gamma_t[rng.random(gamma_t.shape) < 0.2] = 0.0
    return rng.normal(size=(steps, *trailing)), rng.normal(size=(steps + 1, *trailing)), gamma_t


def test_three_steps_with_an_end_in_the_middle_by_hand() -> None:
    """Discounts .5, 0, .25 and λ .5; the second step ends an episode.

    delta: 3 + .25·40 − 30 = −17;  2 + 0·30 − 20 = −18;  1 + .5·20 − 10 = 1.
    adv: −17 (nothing follows);  −18 + 0·.5·(−17) = −18;  1 + .5·.5·(−18) = −3.5.
    """
    adv_t, ret_t = gae(column(1, 2, 3), column(10, 20, 30, 40), column(0.5, 0, 0.25), 0.5)

    assert adv_t.tolist() == [-3.5, -18.0, -17.0]
    assert ret_t.tolist() == [-3.5 + 10, -18.0 + 20, -17.0 + 30]


def test_three_steps_without_an_end_by_hand() -> None:
    """λ 1 and discounts .5: returns 3 + .5·8 = 7, 2 + .5·7 = 5.5, 1 + .5·5.5 = 3.75, whatever the values."""
    adv_t, ret_t = gae(column(1, 2, 3), column(4, 1, 2, 8), column(0.5, 0.5, 0.5), 1.0)

    assert ret_t.tolist() == [3.75, 5.5, 7.0]
    assert adv_t.tolist() == [3.75 - 4, 5.5 - 1, 7.0 - 2]


@given(SEEDS, st.integers(1, 30))
def test_undiscounted_it_is_what_is_still_to_come_less_the_value(seed: int, steps: int) -> None:
    """γ = λ = 1: the rewards from here on and the last value, minus the value here."""
    r_t, v_t, _ = rollout(seed, steps, 3)

    adv_t, _ = gae(r_t, v_t, np.ones_like(r_t), 1.0)

    to_come = np.array([r_t[t:].sum(axis=0) for t in range(steps)]) + v_t[-1]
    assert adv_t == pytest.approx(to_come - v_t[:-1], abs=1e-12)


@given(SEEDS, st.integers(1, 30))
def test_without_lambda_it_is_the_error_of_one_step(seed: int, steps: int) -> None:
    """λ = 0: r + γ v' − v."""
    r_t, v_t, gamma_t = rollout(seed, steps, 3)

    adv_t, _ = gae(r_t, v_t, gamma_t, 0.0)

    assert adv_t == pytest.approx(r_t + gamma_t * v_t[1:] - v_t[:-1], abs=1e-12)


@given(SEEDS, st.integers(1, 12), FRACTIONS)
def test_it_is_the_sum_of_the_paper(seed: int, steps: int, lam: float) -> None:
    """Eq. 16 forwards: every later error, times all discounts and λ on the way there."""
    r_t, v_t, gamma_t = rollout(seed, steps)

    adv_t, ret_t = gae(r_t, v_t, gamma_t, lam)

    for t in range(steps):
        errors = [r_t[k] + gamma_t[k] * v_t[k + 1] - v_t[k] for k in range(t, steps)]
        ways = [np.prod(gamma_t[t:k]) * lam ** (k - t) for k in range(t, steps)]
        assert adv_t[t] == pytest.approx(np.dot(ways, errors), abs=1e-12)
        assert ret_t[t] == pytest.approx(adv_t[t] + v_t[t], abs=1e-12)


@given(SEEDS, st.integers(1, 8))
def test_survival_as_discount_is_the_expectation_over_all_departures(seed: int, steps: int) -> None:
    """Every step after which a customer may leave, weighed by its probability and summed."""
    rng = np.random.default_rng(seed)
    r_t, survival = rng.normal(size=steps), rng.random(steps)
    survival[-1] = 0.0

    _, ret_t = gae(r_t, np.zeros(steps + 1), survival, 1.0)

    expected = sum(
        np.prod(survival[:last]) * (1 - survival[last]) * r_t[: last + 1].sum() for last in range(steps)
    )
    assert ret_t[0] == pytest.approx(expected, abs=1e-12)


@given(SEEDS, st.integers(2, 12), FRACTIONS)
def test_nothing_crosses_an_end(seed: int, steps: int, lam: float) -> None:
    """With SAME_STEP autoreset the next value is another customer's: it changes nothing before."""
    r_t, v_t, gamma_t = rollout(seed, steps, 2)
    end = steps // 2
    gamma_t[end] = 0.0
    adv_t, _ = gae(r_t, v_t, gamma_t, lam)
    r_t[end + 1 :], v_t[end + 1 :] = 7.0, -7.0

    other_t, _ = gae(r_t, v_t, gamma_t, lam)

    assert other_t[: end + 1].tobytes() == adv_t[: end + 1].tobytes()


@given(SEEDS, st.integers(0, 6))
def test_padding_after_a_response_changes_nothing_in_it(seed: int, padding: int) -> None:
    """Responses of unequal length, tokens first: what follows the last token counts for nothing."""
    r_t, v_t, gamma_t = rollout(seed, 5, 1)
    gamma_t[-1] = 0.0
    rng = np.random.default_rng(seed + 1)

    alone, _ = gae(r_t, v_t, gamma_t, 0.95)
    padded, _ = gae(
        np.concatenate([r_t, rng.normal(size=(padding, 1))]),
        np.concatenate([v_t, rng.normal(size=(padding, 1))]),
        np.concatenate([gamma_t, rng.random((padding, 1))]),
        0.95,
    )

    assert padded[:5].tobytes() == alone.tobytes()


@given(SEEDS, st.integers(1, 20), st.integers(1, 7), FRACTIONS)
def test_customers_do_not_know_each_other(seed: int, steps: int, n: int, lam: float) -> None:
    """A batch and its columns one by one, with and without trailing dimensions: the same bits."""
    r_t, v_t, gamma_t = rollout(seed, steps, n, 2)

    adv_t, ret_t = gae(r_t, v_t, gamma_t, lam)

    for i, k in itertools.product(range(n), range(2)):
        adv_one, ret_one = gae(r_t[:, i, k], v_t[:, i, k], gamma_t[:, i, k], lam)
        assert adv_one.tobytes() == adv_t[:, i, k].tobytes()
        assert ret_one.tobytes() == ret_t[:, i, k].tobytes()


@given(SEEDS, FRACTIONS)
def test_one_discount_serves_all_channels(seed: int, lam: float) -> None:
    """Reward and costs beside each other, (T, n, 3): the discount (T, n, 1) is broadcast."""
    r_t, v_t, _ = rollout(seed, 6, 4, 3)
    _, _, gamma_t = rollout(seed, 6, 4, 1)

    adv_t, _ = gae(r_t, v_t, gamma_t, lam)
    full_t, _ = gae(r_t, v_t, np.repeat(gamma_t, 3, axis=2), lam)

    assert adv_t.tobytes() == full_t.tobytes()


def test_single_precision_stays_and_the_inputs_too() -> None:
    """float32 in, float32 out, close to float64, and nothing is written into what was handed in."""
    r, v, gamma = rollout(3, 200, 5)
    r_t, v_t, gamma_t = r.astype(np.float32), v.astype(np.float32), gamma.astype(np.float32)

    adv_t, ret_t = gae(r_t, v_t, gamma_t, 0.95)
    exact_t, _ = gae(r, v, gamma, 0.95)

    assert [str(array.dtype) for array in (adv_t, ret_t)] == ["float32", "float32"]
    assert adv_t == pytest.approx(exact_t, abs=1e-5)
    assert np.array_equal(r_t, r.astype(np.float32))
    assert np.array_equal(v_t, v.astype(np.float32))
    assert np.array_equal(gamma_t, gamma.astype(np.float32))


@pytest.mark.parametrize(
    ("r", "v", "gamma", "message"),
    [
        ((3, 2), (3, 2), (3, 2), r"v_t has shape \(3, 2\) for r_t of shape \(3, 2\), wanted one step more"),
        ((3, 2), (4,), (3, 2), r"v_t has shape \(4,\)"),
        ((), (1,), (), r"v_t has shape \(1,\) for r_t of shape \(\)"),
        ((3, 2), (4, 2), (3,), r"gamma_t has shape \(3,\), wanted \(3, 2\)"),
        ((3, 2), (4, 2), (1, 2), r"gamma_t has shape \(1, 2\).*one discount for each transition"),
        ((3, 1), (4, 1), (3, 2), r"gamma_t has shape \(3, 2\)"),
    ],
)
def test_a_shape_that_does_not_fit_is_refused(
    r: tuple[int, ...], v: tuple[int, ...], gamma: tuple[int, ...], message: str
) -> None:
    """Nothing is broadcast without a word."""
    with pytest.raises(InputError, match=message):
        gae(np.zeros(r), np.zeros(v), np.zeros(gamma), 0.9)


@pytest.mark.parametrize("lam", [-0.1, 1.1, float("nan")])
def test_a_lambda_that_is_no_fraction_is_refused(lam: float) -> None:
    """λ is in [0, 1]."""
    with pytest.raises(InputError, match=r"lam is .*, wanted a fraction from 0 to 1"):
        gae(column(1), column(1, 1), column(1), lam)


def test_types_that_would_be_cut_are_refused() -> None:
    """Two types at once, and whole numbers, which would round every result."""
    single: NDArray[Any] = np.zeros(2, dtype=np.float32)
    whole: NDArray[Any] = np.zeros(2, dtype=np.int64)

    with pytest.raises(InputError, match=r"float32, float32 and float64, wanted one type"):
        gae(single, np.zeros(3, dtype=np.float32), np.zeros(2), 0.9)
    with pytest.raises(InputError, match=r"r_t is int64, wanted float32 or float64: convert with astype"):
        gae(whole, np.zeros(3), np.zeros(2), 0.9)
    with pytest.raises(InputError, match=r"adv_r is int64"):
        mixed(whole, [], [])
    with pytest.raises(InputError, match=r"x is int64"):
        whiten(whole)


def test_mixture_by_hand() -> None:
    """(6 − .5·2 − 2·1) / (1 + .5 + 2) = 3/3.5, and (−1 − 0 + 2·4) / 3.5 = 2."""
    mix = mixed(column(6, -1), [column(2, 0), column(1, -4)], [0.5, 2.0])

    assert mix.tolist() == pytest.approx([3 / 3.5, 2.0])


def test_a_price_of_ones_own_by_hand() -> None:
    """λ drawn per customer, two steps of two customers: λ 1 gives (3 − 1)/2, λ 3 gives (3 − 3)/4."""
    adv_r, adv_c = np.full((2, 2), 3.0), np.ones((2, 2))

    assert mixed(adv_r, [adv_c], [column(1, 3)]).tolist() == [[1.0, 0.0], [1.0, 0.0]]


@given(SEEDS, st.floats(0, 1e6))
def test_a_mixture_lies_between_reward_and_cost(seed: int, lam: float) -> None:
    """It is a weighted mean of A_r and −A_c: with λ 0 the first, with a large λ close to the second."""
    adv_r, adv_c, _ = rollout(seed, 1, 9)
    adv_c = adv_c[:1]

    mix = mixed(adv_r, [adv_c], [lam])

    assert np.all(mix <= np.maximum(adv_r, -adv_c) + 1e-12)
    assert np.all(mix >= np.minimum(adv_r, -adv_c) - 1e-12)
    assert mixed(adv_r, [adv_c], [0.0]).tobytes() == adv_r.tobytes()
    assert mixed(adv_r, [adv_c], [1e9]) == pytest.approx(-adv_c, abs=1e-6)


def test_a_mixture_keeps_single_precision_and_its_inputs() -> None:
    """A float64 λ does not turn float32 advantages into float64."""
    adv = np.ones((2, 3), dtype=np.float32)

    mix = mixed(adv, [adv], [np.float64(0.5)])

    assert mix.dtype == np.float32
    assert mix == pytest.approx(np.full((2, 3), 1 / 3), abs=1e-7)
    assert adv.tolist() == [[1.0] * 3] * 2
    assert mixed(adv, [], []).tolist() == adv.tolist()


@pytest.mark.parametrize(
    ("costs", "multipliers", "message"),
    [
        ([column(1, 2)], [], r"there are 0 multipliers for 1 costs"),
        ([column(1)], [1.0], r"cost 0 has advantages of shape \(1,\)"),
        ([column(1, 2)], [column(1, 2, 3)], r"a multiplier of shape \(3,\), wanted \(2,\)"),
        ([column(1, 2)], [np.ones((2, 2))], r"a multiplier of shape \(2, 2\)"),
        ([column(1, 2)], [-0.1], r"multiplier 0 has values down to -0.1.*project it"),
        ([column(1, 2)], [float("nan")], r"multiplier 0 has values down to nan"),
        ([column(1, 2)], [float("inf")], r"wanted finite numbers of 0 or more"),
    ],
)
def test_a_mixture_of_what_does_not_fit_is_refused(
    costs: list[NDArray[np.float64]], multipliers: list[float | NDArray[np.float64]], message: str
) -> None:
    """A λ for each cost, of a shape that fits, never negative."""
    with pytest.raises(InputError, match=message):
        mixed(column(1, 2), costs, multipliers)


def test_whitening_by_hand() -> None:
    """2 and 6 have mean 4 and standard deviation 2: −1 and 1, or 3 and 5 when the mean is kept."""
    assert whiten(column(2, 6)).tolist() == pytest.approx([-1, 1], abs=1e-7)
    assert whiten(column(2, 6), keep_mean=True).tolist() == pytest.approx([3, 5], abs=1e-7)


def test_what_is_masked_does_not_count_whatever_it_is() -> None:
    """NaN after the end of a response: 0 there, and the others as if it were not."""
    x = column(2, float("nan"), 6, 1e9)
    mask = np.array([True, False, True, False])

    assert whiten(x, mask).tolist() == pytest.approx([-1, 0, 1, 0], abs=1e-7)
    assert whiten(x, mask, keep_mean=True).tolist() == pytest.approx([3, 0, 5, 0], abs=1e-7)


@given(SEEDS, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_white_has_mean_nought_and_spread_one(seed: int, scale: float, shift: float) -> None:
    """Whatever unit and origin it had; with the mean kept, only the spread becomes 1."""
    x = np.random.default_rng(seed).normal(size=(7, 9))

    white = whiten(scale * x + shift)
    kept = whiten(scale * x + shift, keep_mean=True)

    assert (white.mean(), white.std()) == pytest.approx((0, 1), abs=1e-4)
    assert white == pytest.approx(whiten(x), abs=1e-4)
    assert (kept.mean(), kept.std()) == pytest.approx(((scale * x + shift).mean(), 1), abs=1e-4)


@given(SEEDS, st.booleans())
def test_a_mask_that_is_open_everywhere_changes_nothing(seed: int, keep_mean: bool) -> None:
    """All true is no mask, to the last bit."""
    x = np.random.default_rng(seed).normal(size=(4, 5))

    masked = whiten(x, np.ones((4, 5), dtype=np.bool_), keep_mean)

    assert masked.tobytes() == whiten(x, keep_mean=keep_mean).tobytes()


@given(st.floats(-1e6, 1e6, width=32), st.integers(1, 50))
def test_what_does_not_vary_becomes_nought(value: float, n: int) -> None:
    """Not NaN, and not noise blown up; the type stays."""
    white = whiten(np.full(n, value, dtype=np.float32))

    assert white.dtype == np.float32
    assert not np.any(white)


def test_nothing_cannot_be_whitened() -> None:
    """A closed mask, an empty array and a mask of another shape are refused."""
    with pytest.raises(InputError, match=r"nothing is left to whiten"):
        whiten(column(1, 2), np.zeros(2, dtype=np.bool_))
    with pytest.raises(InputError, match=r"nothing is left to whiten"):
        whiten(column())
    with pytest.raises(InputError, match=r"the mask has shape \(1,\), wanted that of the values, \(2,\)"):
        whiten(column(1, 2), np.ones(1, dtype=np.bool_))
