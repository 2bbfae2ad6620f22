"""Rewards, penalties and advantages of texts, token by token."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.rl.returns import gae, whiten
from churn_saver.rl.token_rewards import (
    last_tokens,
    preferred,
    response_advantages,
    token_kl,
    token_rewards,
)

SEEDS = st.integers(0, 2**32 - 1)
NAN = float("nan")
MASK = np.array([[0, 1, 1, 1, 0], [0, 0, 1, 1, 0]], dtype=bool)
"""Two texts: a prompt of one token and three of a response; a prompt of two and two of a response."""


def table(*rows: list[float]) -> NDArray[np.float64]:
    """Give rows of numbers as an array."""
    return np.array(rows, dtype=np.float64)


def texts(seed: int, n: int) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Draw responses of 1 to 9 tokens anywhere in 12, and two arrays of numbers over all of it."""
    rng = np.random.default_rng(seed)
    length = rng.integers(1, 10, n)
    start = rng.integers(0, 13 - length)
    at = np.arange(12)
    mask = (at >= start[:, None]) & (at < (start + length)[:, None])
    return mask, rng.normal(size=mask.shape), rng.normal(size=mask.shape)


def test_the_kl_of_a_token_by_hand() -> None:
    """−1 − (−1.5) = .5, −2 − (−1) = −1, −1 − (−1) = 0; −3 − (−5) = 2, −1 − (−2) = 1; the rest is 0.

    A NaN and an infinity in prompt and padding are not looked at.
    """
    logp_t = table([NAN, -1, -2, -1, 7], [3, NAN, -3, -1, -np.inf])
    logp_ref_t = table([1, -1.5, -1, -1, NAN], [NAN, 4, -5, -2, -np.inf])

    assert token_kl(logp_t, logp_ref_t, MASK).tolist() == [[0, 0.5, -1, 0, 0], [0, 0, 2, 1, 0]]


def test_rewards_by_hand() -> None:
    """With β = .1: −.05, .1, 0 + 3 at the last of the first; −.2, −.1 − 2 at the last of the second."""
    logp_t = table([NAN, -1, -2, -1, 7], [3, NAN, -3, -1, NAN])
    logp_ref_t = table([1, -1.5, -1, -1, NAN], [NAN, 4, -5, -2, NAN])

    r_t = token_rewards(np.array([3.0, -2.0]), logp_t, logp_ref_t, MASK, 0.1)

    assert r_t == pytest.approx(table([0, -0.05, 0.1, 3, 0], [0, 0, -0.2, -2.1, 0]))


def test_advantages_over_responses_by_hand() -> None:
    """λ = .5, without a discount.

    First: rewards 1, 0, 4, values 2, 3, 1. δ = 4 − 1 = 3; 0 + 1 − 3 = −2; 1 + 3 − 2 = 2.
    adv = 3; −2 + .5·3 = −.5; 2 + .5·(−.5) = 1.75. Returns 4, 2.5, 3.75.
    Second: rewards 0, 2, values 4, 6. δ = 2 − 6 = −4; 0 + 6 − 4 = 2. adv = −4; 2 − 2 = 0. Returns 2, 4.
    Values of prompt and padding, 9 and NaN, count nowhere.
    """
    r_t = table([9, 1, 0, 4, 9], [9, NAN, 0, 2, NAN])
    v_t = table([9, 2, 3, 1, 9], [NAN, 9, 4, 6, 9])

    adv_t, ret_t = response_advantages(r_t, v_t, MASK, 0.5)

    assert adv_t.tolist() == [[0, 1.75, -0.5, 3, 0], [0, 0, 0, -4, 0]]
    assert ret_t.tolist() == [[0, 3.75, 2.5, 4, 0], [0, 0, 4, 2, 0]]


def test_whitened_advantages_by_hand() -> None:
    """1, 3, 5, 3, 3 that count: mean 3, variance (4 + 0 + 4 + 0 + 0)/5 = 1.6, whatever stands elsewhere."""
    adv_t = table([100, 1, 3, 5, NAN], [-100, 7, 3, 3, 1e9])

    white = whiten(adv_t, MASK)

    step = 2 / 1.6**0.5
    assert white == pytest.approx(table([0, -step, 0, step, 0], [0, 0, 0, 0, 0]))


def test_the_chance_to_be_preferred_by_hand() -> None:
    """Log-odds 0, log 3 and log 9 apart: of three, (1/4 + 1/10)/2, (3/4 + 1/4)/2 and (9/10 + 3/4)/2."""
    three = np.log([1.0, 3.0, 9.0])

    assert preferred(three, 3) == pytest.approx([0.175, 0.5, 0.825])
    assert preferred(np.array([7.0, 7.0, -900.0, 900.0]), 2).tolist() == [0.5, 0.5, 0.0, 1.0]


@given(SEEDS, st.integers(1, 5), st.integers(2, 6))
def test_a_prompt_s_own_zero_counts_for_nothing(seed: int, prompts: int, siblings: int) -> None:
    """Each prompt's scores moved by its own number give the same; of a prompt they are ½ in the mean."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=prompts * siblings)
    moved = score + np.repeat(rng.normal(scale=5.0, size=prompts), siblings)
    found = preferred(score, siblings)

    assert preferred(moved, siblings) == pytest.approx(found, abs=1e-9)
    assert found.reshape(prompts, siblings).mean(axis=1) == pytest.approx(np.full(prompts, 0.5))
    assert preferred(score.astype(np.float32), siblings).dtype == np.float32


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=9))
def test_a_better_score_is_no_less_likely_preferred(scores: list[float]) -> None:
    """Whatever the others are; and no one is sure to be or not to be."""
    found = preferred(np.array(sorted(scores)), len(scores))

    assert (np.diff(found) >= -1e-12).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_half_a_prompt_is_refused() -> None:
    """Five texts are not two prompts of three; a table is no list; one text has nothing beside it."""
    with pytest.raises(InputError, match=r"shape \(5,\), wanted \(n,\) with n a multiple of siblings = 3"):
        preferred(np.zeros(5), 3)
    with pytest.raises(InputError, match=r"shape \(2, 3\), wanted \(n,\)"):
        preferred(np.zeros((2, 3)), 3)
    with pytest.raises(InputError, match=r"a multiple of siblings = 1, which is 2 or more"):
        preferred(np.zeros(4), 1)


def test_last_tokens_by_hand() -> None:
    """Index 3 in both; a response that goes to the border of the array ends there."""
    assert last_tokens(MASK).tolist() == [3, 3]
    assert last_tokens(np.array([[True, True], [False, True], [True, False]])).tolist() == [1, 1, 0]


@given(SEEDS, st.integers(1, 6), st.floats(0, 2))
def test_a_text_earns_its_score_less_what_it_strayed(seed: int, n: int, beta: float) -> None:
    """The rewards of a row sum up to score − β·(sum of its KL), and closed tokens earn nothing."""
    mask, logp_t, logp_ref_t = texts(seed, n)
    score = np.random.default_rng(seed).normal(size=n)

    r_t = token_rewards(score, logp_t, logp_ref_t, mask, beta)

    strayed = np.where(mask, logp_t - logp_ref_t, 0).sum(axis=1)
    assert r_t.sum(axis=1) == pytest.approx(score - beta * strayed)
    assert not np.any(r_t[~mask])


@given(SEEDS, st.integers(1, 6), st.floats(0, 1))
def test_each_row_is_its_own_episode(seed: int, n: int, lam: float) -> None:
    """Advantages are those of `gae` over the response cut out alone, whatever surrounds it."""
    mask, r_t, v_t = texts(seed, n)

    adv_t, ret_t = response_advantages(r_t, v_t, mask, lam)

    for row in range(n):
        reward, value = r_t[row, mask[row]], np.append(v_t[row, mask[row]], 0.0)
        gamma = np.append(np.ones(len(reward) - 1), 0.0)
        alone, returns = gae(reward, value, gamma, lam)
        assert adv_t[row, mask[row]] == pytest.approx(alone)
        assert ret_t[row, mask[row]] == pytest.approx(returns)
    assert not np.any(adv_t[~mask])
    assert not np.any(ret_t[~mask])


@given(SEEDS)
def test_alike_policies_pay_nothing(seed: int) -> None:
    """Policy and reference the same to the bit: a KL of exactly 0, and the score alone is left."""
    mask, logp_t, _ = texts(seed, 3)

    assert not np.any(token_kl(logp_t, logp_t.copy(), mask))
    assert token_rewards(np.ones(3), logp_t, logp_t.copy(), mask, 5.0).sum() == 3.0


def test_the_mean_of_the_estimate_is_the_divergence() -> None:
    """π = (.5, .3, .2) against ρ = (.2, .3, .5): .5 ln 2.5 + .2 ln .4 = .2749 nats, by 200,000 draws."""
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    drawn = np.random.default_rng(0).choice(3, size=(100_000, 2), p=p)
    mask = np.ones(drawn.shape, dtype=bool)

    kl = token_kl(np.log(p)[drawn], np.log(q)[drawn], mask)

    assert kl.mean() == pytest.approx(0.5 * np.log(2.5) + 0.2 * np.log(0.4), abs=0.005)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_type_of_the_numbers_is_kept(kind: type[np.float32 | np.float64]) -> None:
    """What goes in as float32 comes out as float32."""
    mask, logp_t, logp_ref_t = texts(1, 2)
    score = np.zeros(2, dtype=kind)

    r_t: NDArray[Any] = token_rewards(score, logp_t.astype(kind), logp_ref_t.astype(kind), mask, 0.1)
    adv_t, ret_t = response_advantages(r_t, logp_t.astype(kind), mask, 0.9)

    assert r_t.dtype == adv_t.dtype == ret_t.dtype == kind


def test_a_response_that_is_none_is_refused() -> None:
    """An empty one and one with a hole, by its row."""
    empty = np.array([[True, False, False], [False, False, False]])
    hole = np.array([[True, False, True]])
    zeros = np.zeros((2, 3))
    whole: Any = hole.astype(np.int64)

    with pytest.raises(InputError, match=r"row 1 of the mask has 0 runs .*: leave empty responses out"):
        last_tokens(empty)
    with pytest.raises(InputError, match=r"row 0 of the mask has 2 runs of response tokens, wanted one"):
        last_tokens(hole)
    with pytest.raises(InputError, match=r"the mask is int64 of shape \(1, 3\), wanted bool"):
        last_tokens(whole)
    with pytest.raises(InputError, match=r"row 1 of the mask"):
        response_advantages(zeros, zeros, empty, 0.9)


def test_what_numpy_would_broadcast_is_refused() -> None:
    """Shapes and types that differ, by their names."""
    zeros, mask = np.zeros((2, 5)), MASK
    wrong: Any = np.zeros((2, 1))
    short: Any = zeros.astype(np.float32)
    whole: Any = zeros.astype(np.int64)

    with pytest.raises(InputError, match=r"logp_ref_t is float64 of shape \(2, 1\), wanted floats of the"):
        token_kl(zeros, wrong, mask)
    with pytest.raises(InputError, match=r"logp_t is int64 of shape \(2, 5\), wanted floats"):
        token_kl(whole, zeros, mask)
    with pytest.raises(InputError, match=r"the types are .*'v_t': 'float32'.* convert with astype"):
        response_advantages(zeros, short, mask, 0.9)
    with pytest.raises(InputError, match=r"score has shape \(2, 1\), wanted \(2,\): one for each text"):
        token_rewards(wrong, zeros, zeros, mask, 0.1)


def test_a_score_or_beta_that_is_none_is_refused() -> None:
    """A NaN would spread over the whole update."""
    zeros = np.zeros((2, 5))

    with pytest.raises(InputError, match=r"the score of row 1 is nan, wanted a finite number"):
        token_rewards(np.array([0.0, NAN]), zeros, zeros, MASK, 0.1)
    with pytest.raises(InputError, match=r"beta is -0.1, wanted a finite number of 0 or more"):
        token_rewards(np.zeros(2), zeros, zeros, MASK, -0.1)
    with pytest.raises(InputError, match=r"lam is 1.5, wanted a fraction"):
        response_advantages(zeros, zeros, MASK, 1.5)
