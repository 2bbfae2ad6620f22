"""Multipliers of constraints and the weight of a KL penalty."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.rl.multipliers import BetaRule, Gains, Multiplier, Penalty, adapt_beta, ascend, steer

PRICES, USES, LIMITS = st.floats(0, 100), st.floats(0, 1000), st.floats(0.01, 1000)
BEST_PRICE = 2 + math.log(3)
"""λ* of the bandit below."""


def bandit(
    price_after: Callable[[float, float], float], price: float, pulls: int
) -> tuple[float, list[float]]:
    """Learn to pull an arm that gains 2 and costs 1, where a quarter of the pulls may be paid for.

    With an entropy bonus of 1 the best probability at price λ has the logit 2 − λ. The limit .25 has
    the logit −ln 3, so λ* = 2 + ln 3. The policy goes a tenth of the way at a time, from logit 2.

    Returns:
        Price in the end, and what was used at each step.
    """
    logit, used = 2.0, []
    for _ in range(pulls):
        used.append(1 / (1 + math.exp(-logit)))
        price = price_after(price, used[-1])
        logit += 0.1 * (2 - price - logit)
    return price, used


def steered(gains: Gains) -> Callable[[float, float], float]:
    """Give a rule that remembers its own state, started cold."""
    states = [Multiplier.warm(0.0)]

    def after(_: float, used: float) -> float:
        states.append(steer(states[-1], used, 0.25, gains))
        return states[-1].value

    return after


def test_plain_rule_by_hand() -> None:
    """1 + .1·(12 − 10) = 1.2; .1 + .1·(5 − 10) = −.4, so 0; at the limit nothing moves."""
    assert ascend(1.0, 12.0, 10.0, 0.1) == pytest.approx(1.2)
    assert ascend(0.1, 5.0, 10.0, 0.1) == 0.0
    assert ascend(0.7, 10.0, 10.0, 0.1) == 0.7


def test_controller_by_hand() -> None:
    """Gains 2 and .5, from 3, limit 10.

    15 used: e = .5, I = 3 + .25 = 3.25, λ = 3.25 + 1 = 4.25. 10 used: e = 0, λ = I = 3.25.
    0 used: e = −1, I = 2.75, λ = .75. 0 again: I = 2.25, λ = .25; then I = 1.75, λ = −.25, so 0.
    """
    gains, state, seen = Gains(kp=2.0, ki=0.5), Multiplier.warm(3.0), []
    for used in (15.0, 10.0, 0.0, 0.0, 0.0):
        state = steer(state, used, 10.0, gains)
        seen.append((state.value, state.integral))

    assert seen == [(4.25, 3.25), (3.25, 3.25), (0.75, 2.75), (0.25, 2.25), (0.0, 1.75)]


def test_errors_count_up_to_a_bound_by_hand() -> None:
    """100 used of 10 is an error of 9, counted as 1: I = 3.5, λ = 5.5; no bound: I = 7.5, λ = 25.5."""
    start = Multiplier.warm(3.0)

    bounded = steer(start, 100.0, 10.0, Gains(kp=2.0, ki=0.5, max_error=1.0))
    free = steer(start, 100.0, 10.0, Gains(kp=2.0, ki=0.5))

    assert (bounded.value, bounded.integral) == (5.5, 3.5)
    assert (free.value, free.integral) == (25.5, 7.5)


def test_a_long_time_below_the_limit_is_not_remembered() -> None:
    """Nothing used for 1,000 updates, then e = .5: I = 0 + .25 and λ = .25 + 1, at once."""
    gains, state = Gains(kp=2.0, ki=0.5), Multiplier.warm(3.0)
    for _ in range(1_000):
        state = steer(state, 0.0, 10.0, gains)

    assert steer(state, 15.0, 10.0, gains) == Multiplier(1.25, 0.25)


def test_a_long_time_at_the_ceiling_is_not_remembered() -> None:
    """Ten times the limit for 1,000 updates at a ceiling of 4, then nothing: I = 3.5 and λ = 3.5 − 2."""
    gains, state = Gains(kp=2.0, ki=0.5, ceiling=4.0), Multiplier.warm(3.0)
    for _ in range(1_000):
        state = steer(state, 100.0, 10.0, gains)

    assert state == Multiplier(4.0, 4.0)
    assert steer(state, 0.0, 10.0, gains) == Multiplier(1.5, 3.5)


@given(PRICES, USES, LIMITS, st.floats(0, 10), st.floats(0, 10))
def test_no_price_is_ever_negative(lam: float, used: float, limit: float, kp: float, ki: float) -> None:
    """Whatever was used, by either rule; too much never lowers the plain one, too little never raises it."""
    plain = ascend(lam, used, limit, ki)
    state = steer(Multiplier.warm(lam), used, limit, Gains(kp, ki))

    assert plain >= 0.0
    assert (plain >= lam) if used >= limit else (plain <= lam)
    assert state.value >= 0.0
    assert state.integral >= 0.0


@given(PRICES, LIMITS, st.floats(0, 10), st.floats(0, 10))
def test_at_the_limit_a_price_stays(lam: float, limit: float, kp: float, ki: float) -> None:
    """Error 0 is the fixed point of both rules, to the last bit."""
    start = Multiplier.warm(lam)

    assert steer(start, limit, limit, Gains(kp, ki)) == start
    assert ascend(lam, limit, limit, ki) == lam


@given(PRICES, st.floats(0, 100), st.floats(0.1, 100), st.floats(0.01, 100))
def test_the_controller_knows_no_currency(lam: float, used: float, limit: float, rate: float) -> None:
    """Used and limit in another unit: the same price, so the same gains serve every budget."""
    gains, start = Gains(kp=1.0, ki=0.1), Multiplier.warm(lam)

    here, there = steer(start, used, limit, gains), steer(start, rate * used, rate * limit, gains)

    assert there.value == pytest.approx(here.value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("start", [0.0, 3.0, 10.0])
def test_the_plain_rule_finds_the_price_of_the_bandit(start: float) -> None:
    """λ* = 2 + ln 3 from below, from near and from above, and then the limit is what is used."""
    price, used = bandit(lambda price, used: ascend(price, used, 0.25, 0.2), start, 3_000)

    assert price == pytest.approx(BEST_PRICE, abs=1e-6)
    assert used[-1] == pytest.approx(0.25, abs=1e-6)


@pytest.mark.parametrize("ki", [0.01, 0.05])
@pytest.mark.parametrize("kp", [0.0, 1.0])
def test_the_controller_finds_the_price_of_the_bandit(kp: float, ki: float) -> None:
    """The same λ*, with and without a proportional term."""
    price, used = bandit(steered(Gains(kp, ki)), 0.0, 5_000)

    assert price == pytest.approx(BEST_PRICE, abs=1e-6)
    assert used[-1] == pytest.approx(0.25, abs=1e-6)


def test_the_proportional_term_damps() -> None:
    """At the same ki, less is used beyond the limit on the way, and the use swings less below it."""
    _, swinging = bandit(steered(Gains(kp=0.0, ki=0.2)), 0.0, 1_000)
    _, damped = bandit(steered(Gains(kp=1.0, ki=0.2)), 0.0, 1_000)

    assert sum(max(0.0, use - 0.25) for use in damped) < 0.75 * sum(max(0.0, use - 0.25) for use in swinging)
    assert 0.25 - min(damped) < 0.5 * (0.25 - min(swinging))


def test_beta_by_hand() -> None:
    """Factor 1.5, target 6: 7 is above, .2·1.5 = .3; 2 is below 3, .2/1.5 = .1333; 3, 4 and 6 are neither."""
    rule = BetaRule(target=6.0, factor=1.5, low=0.01, high=1.0)

    assert adapt_beta(Penalty(0.2), 7.0, rule).beta == pytest.approx(0.3)
    assert adapt_beta(Penalty(0.2), 2.0, rule).beta == pytest.approx(0.4 / 3)
    for kl in (3.0, 4.0, 6.0):
        assert adapt_beta(Penalty(0.2), kl, rule) == Penalty(0.2, kl)
    # an estimate may be below 0
    assert adapt_beta(Penalty(0.3), -5.0, rule).beta == pytest.approx(0.2)


def test_less_slack_leaves_less_room_below_by_hand() -> None:
    """Slack .75 of 6 is 4.5: 4 is below it now, .2/1.5 = .1333; 4.5 is not."""
    rule = BetaRule(target=6.0, factor=1.5, low=0.01, high=1.0, slack=0.75)

    assert adapt_beta(Penalty(0.2), 4.0, rule).beta == pytest.approx(0.4 / 3)
    assert adapt_beta(Penalty(0.2), 4.5, rule).beta == 0.2


def test_beta_is_clamped_by_hand() -> None:
    """.8·1.5 = 1.2, kept at 1; .012/1.5 = .008, kept at .01; there it stays, and leaves at once."""
    rule = BetaRule(target=6.0, factor=1.5, low=0.01, high=1.0)

    assert adapt_beta(Penalty(0.8), 9.0, rule).beta == 1.0
    assert adapt_beta(Penalty(1.0), 9.0, rule).beta == 1.0
    assert adapt_beta(Penalty(1.0), 1.0, rule).beta == pytest.approx(2 / 3)
    assert adapt_beta(Penalty(0.012), 1.0, rule).beta == 0.01
    assert adapt_beta(Penalty(0.01), 9.0, rule).beta == pytest.approx(0.015)


def test_beta_answers_to_the_smoothed_kl_by_hand() -> None:
    """Smoothing .75, target 4, from K = 0: 8 makes K = 2, no move; 8 again 3.5; then 4.625, above: .1·1.5.

    After it 0 makes 3.46875 and no move: one odd estimate turns nothing round.
    """
    rule = BetaRule(target=4.0, factor=1.5, low=0.01, high=1.0, smoothing=0.75)
    state, seen = Penalty(0.1), []
    for kl in (8.0, 8.0, 8.0, 0.0):
        state = adapt_beta(state, kl, rule)
        seen.append((state.beta, state.kl))

    assert seen == [(0.1, 2.0), (0.1, 3.5), (pytest.approx(0.15), 4.625), (pytest.approx(0.15), 3.46875)]


@given(st.floats(0.001, 10), st.floats(-10, 100), st.floats(0.1, 10), st.floats(1.01, 4), st.floats(0, 0.99))
def test_beta_stays_in_its_range_and_moves_towards_the_target(
    beta: float, kl: float, target: float, factor: float, smoothing: float
) -> None:
    """Above the target it never falls, below it never rises, and it is never outside."""
    rule = BetaRule(target, factor, 0.001, 10.0, smoothing)

    after = adapt_beta(Penalty(beta, kl), kl, rule)

    assert after.kl == pytest.approx(kl)
    assert 0.001 <= after.beta <= 10.0
    assert (after.beta >= beta) if after.kl > target else (after.beta <= beta)


@pytest.mark.parametrize("start", [0.01, 5.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.8])
def test_beta_brings_the_kl_to_its_target(start: float, smoothing: float) -> None:
    """Where the KL goes half of the way to 3/β at each step, it ends between half of 6 and 6."""
    rule = BetaRule(6.0, 1.5, 0.001, 10.0, smoothing)
    state, kl = Penalty(start), 0.0
    for _ in range(200):
        kl += 0.5 * (3.0 / state.beta - kl)
        state = adapt_beta(state, kl, rule)

    assert 3.0 <= kl <= 6.0
    assert state.kl == pytest.approx(kl, rel=1e-6)


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(limit: float) -> None:
    """By name, with what to do instead, by both rules."""
    message = r"limit is .*, wanted a finite number above 0: .* closed by a mask"

    with pytest.raises(InputError, match=message):
        ascend(1.0, 1.0, limit, 0.1)
    with pytest.raises(InputError, match=message):
        steer(Multiplier.warm(1.0), 1.0, limit, Gains(1.0, 0.1))


@pytest.mark.parametrize("used", [-1.0, float("nan"), float("inf")])
def test_a_use_that_is_none_is_refused(used: float) -> None:
    """A NaN would stay in λ for ever."""
    message = r"used is .*, wanted a finite number of 0 or more: .*no episode was completed"

    with pytest.raises(InputError, match=message):
        ascend(1.0, used, 1.0, 0.1)
    with pytest.raises(InputError, match=message):
        steer(Multiplier.warm(1.0), used, 1.0, Gains(1.0, 0.1))


def test_states_and_gains_out_of_range_are_refused() -> None:
    """Each by its name."""
    with pytest.raises(InputError, match=r"lam is -1.0, wanted .* project it"):
        ascend(-1.0, 1.0, 1.0, 0.1)
    with pytest.raises(InputError, match=r"lr is -0.1, wanted"):
        ascend(1.0, 1.0, 1.0, -0.1)
    with pytest.raises(InputError, match=r"value is nan, wanted .* start at 0"):
        Multiplier.warm(float("nan"))
    with pytest.raises(InputError, match=r"integral is -1.0, wanted"):
        Multiplier(0.0, -1.0)
    with pytest.raises(InputError, match=r"kp is -1.0, wanted"):
        Gains(-1.0, 0.1)
    with pytest.raises(InputError, match=r"ki is inf, wanted"):
        Gains(1.0, float("inf"))
    with pytest.raises(InputError, match=r"max_error is 0.0, wanted a number above 0"):
        Gains(1.0, 0.1, max_error=0.0)
    with pytest.raises(InputError, match=r"ceiling is nan, wanted a number above 0"):
        Gains(1.0, 0.1, ceiling=float("nan"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 0.0}, r"target is 0.0, wanted a finite number above 0"),
        ({"factor": 1.0}, r"factor is 1.0, wanted a finite number above 1"),
        ({"factor": float("inf")}, r"factor is inf"),
        ({"low": 0.0}, r"beta must stay within 0.0 and 1.0"),
        ({"high": 0.005}, r"wanted 0 < low <= high"),
        ({"smoothing": 1.0}, r"smoothing is 1.0, wanted a share from 0 to below 1"),
        ({"smoothing": float("nan")}, r"smoothing is nan"),
        ({"slack": 0.0}, r"slack is 0.0, wanted a share above 0 and below 1"),
        ({"slack": 1.0}, r"slack is 1.0"),
    ],
)
def test_a_beta_rule_out_of_range_is_refused(change: dict[str, float], message: str) -> None:
    """Each number by its name."""
    numbers = {"target": 6.0, "factor": 1.5, "low": 0.01, "high": 1.0} | change

    with pytest.raises(InputError, match=message):
        BetaRule(**numbers)


@pytest.mark.parametrize("beta", [0.0, -0.1, float("inf"), float("nan")])
def test_a_beta_that_no_factor_moves_is_refused(beta: float) -> None:
    """0 times anything is 0."""
    with pytest.raises(InputError, match=r"beta is .*, wanted a finite number above 0: start at a small"):
        Penalty(beta)


@pytest.mark.parametrize("kl", [float("nan"), float("inf")])
def test_a_kl_that_is_none_is_refused(kl: float) -> None:
    """It would stay in the smoothed one for ever."""
    with pytest.raises(InputError, match=r"kl is .*, wanted a finite number: the policy has diverged"):
        adapt_beta(Penalty(0.1), kl, BetaRule(6.0, 1.5, 0.01, 1.0))
