"""What one contact is worth."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.config import EnvSettings, parse
from churn_saver.errors import InputError
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.reward import ContactValues, contact_values, staying_value

ENV_YAML = Path(__file__).parents[3] / "ops" / "configs" / "env.yaml"
ENV = parse(EnvSettings, ENV_YAML.read_text(encoding="utf-8"), ENV_YAML.name)
FREE = {"contact_cost": 0.0, "annoyance": 0.0, "fatigue_effect": 0.0}
"""A contact that costs nothing and annoys nobody."""


def one(
    risk: float,
    env: EnvSettings,
    *,
    usual: float = float("nan"),
    accept: float | list[float] = 1.0,
    fatigue: float = 0.0,
    bill_minor: int = 3_000,
    days_left: int = 90,
    protection: int = 0,
) -> ContactValues:
    """Value the choices for one customer."""
    chances = accept if isinstance(accept, list) else [accept] * 4
    return contact_values(
        np.array([risk]), np.array([usual]), np.array([chances]), np.array([fatigue]),
        np.array([bill_minor]), days_left, env, np.array([protection]),
    )  # fmt: skip


def direct(
    survival: NDArray[np.float64],
    env: EnvSettings,
    transitions: NDArray[np.float64],
    days: int,
    protected: int,
) -> NDArray[np.float64]:
    """Value at each level in margins, written as the sum over days of the forward distribution."""
    size = len(survival)
    worth = np.zeros(size)
    for start in range(size):
        alive = np.eye(size)[start]
        for day in range(days):
            alive = alive * (survival**env.hazard_factor if day < protected else survival)
            worth[start] += alive.sum() / 30
            alive = alive @ transitions
        worth[start] += env.terminal_months * alive.sum()
    return worth


def start_of(risk: float, usual: float, env: EnvSettings) -> tuple[float, NDArray[np.float64]]:
    """Usual logit and level weights as the design states them, one customer, no shared code but b."""
    levels = RiskLevels.of(env)
    if np.isnan(usual):
        return float(levels.calibrated_logit(np.array([risk]))[0]), levels.stationary()
    at = np.log(usual / (1 - usual))
    shift = np.log(risk / (1 - risk)) - at
    index = np.interp(shift, levels.shifts, np.arange(len(levels.shifts)))
    weights = np.maximum(0.0, 1.0 - np.abs(np.arange(len(levels.shifts)) - index))
    return float(at), weights


def test_one_day_by_hand() -> None:
    """One level, 81 % survive a day (90 % protected), 100 a day, 6000 at the end.

    W_never = .81·6100 = 4941; W_prot = .9·6100 = 5490; annoy .1, accept .5, discount 300, contact 100:
    .9·(.5·5490 + .5·4941) − 4941 − 100 − .9·.5·300 = 4693.95 − 4941 − 100 − 135 = −482.05.
    """
    env = ENV.model_copy(
        update={
            "levels": {"usual": 0.0}, "transitions": ((1.0,),), "hazard_factor": 0.5, "annoyance": 0.1,
            "terminal_months": 2.0, "contact_cost": 1.0,
        }
    )  # fmt: skip

    values = one(1 - 0.81**30, env, accept=0.5, days_left=1)

    assert values.gain[0, 3] == pytest.approx(-482.05, abs=1e-4)
    assert values.gain[0, 0] == 0.0


def test_two_days_and_two_levels_by_hand() -> None:
    """81 % survive a day as usual, 49 % with a ticket (90 % and 70 % protected); 100 a day, 6000 at the end.

    One day: 4941 and 2989. Two: .81·(100 + .75·4941 + .25·2989) = .81·4553 = 3687.93.
    Protected on the first day only: .9·4553 = 4097.7.
    On both: one day 5490 and 4270, so .9·(100 + .75·5490 + .25·4270) = .9·5285 = 4756.5.
    """
    calm, ticket = 0.81**30, 0.49**30
    env = ENV.model_copy(
        update={
            **FREE, "hazard_factor": 0.5, "terminal_months": 2.0, "protected_days": (1, 2, 2, 3),
            "levels": {"usual": 0.0, "ticket": float(np.log((1 - ticket) / ticket * calm / (1 - calm)))},
            "transitions": ((0.75, 0.25), (0.5, 0.5)),
        }
    )  # fmt: skip

    gain = one(1 - calm, env, usual=1 - calm, days_left=2).gain[0]

    # discounts of 0, 150, 300, 450; the last offer's third protected day is beyond the horizon
    expected = [0.0, 4097.7 - 3687.93, 1068.57 - 150, 1068.57 - 300, 1068.57 - 450]
    assert gain.tolist() == pytest.approx(expected, abs=1e-4)


def test_staying_by_hand() -> None:
    """One level, 81 % survive a day, bill 3000, so 100 a day, 6000 at the end.

    One day: .81·(100 + 6000) = 4941; none: 6000. Half the bill as margin halves it; no score, no value.
    """
    env = ENV.model_copy(update={"levels": {"usual": 0.0}, "transitions": ((1.0,),), "terminal_months": 2.0})
    risk, bills = np.array([1 - 0.81**30, np.nan]), np.array([3_000, 3_000])
    unseen = np.full(2, np.nan)

    one_day, at_its_end = (staying_value(risk, unseen, bills, days, env) for days in (1, 0))
    half = staying_value(risk, unseen, bills, 1, env.model_copy(update={"margin_share": 0.5}))

    assert one_day.tolist() == pytest.approx([4_941, np.nan], abs=1e-4, nan_ok=True)
    assert at_its_end.tolist() == pytest.approx([6_000, np.nan], nan_ok=True)
    assert half[0] == pytest.approx(4_941 / 2, abs=1e-4)


def test_a_day_of_protection_left_by_hand() -> None:
    """One level, 81 % survive a day (90 % protected), 100 a day, 6000 at the end, two days, one protected.

    Alone: .9·(100 + .81·6100) = .9·5041 = 4536.9. An accepted offer of two days or more protects both:
    .9·(100 + .9·6100) = .9·5590 = 5031, 494.1 more; one of a single day adds nothing to what is there.
    """
    env = ENV.model_copy(
        update={
            **FREE, "hazard_factor": 0.5, "terminal_months": 2.0, "protected_days": (1, 2, 2, 3),
            "levels": {"usual": 0.0}, "transitions": ((1.0,),),
        }
    )  # fmt: skip

    gain = one(1 - 0.81**30, env, days_left=2, protection=1).gain[0]

    assert gain.tolist() == pytest.approx([0.0, 0.0, 494.1 - 150, 494.1 - 300, 494.1 - 450], abs=1e-4)


def test_retention_of_the_protected_by_hand() -> None:
    """Risk .4, 12 days left, every other offer accepted; a protected day counts a quarter.

    Alone: .6^((12/4 + 18)/30) = .6^.7. Offers of 8, 16, 24, 30 days protect 12, 16, 24, 30 of them, so the
    powers are .7, .6, .4 and .25.
    """
    env = ENV.model_copy(update=FREE)

    retention = one(0.4, env, accept=0.5, protection=12).retention[0]

    alone = 0.6**0.7
    expected = [alone, *((0.6**power + alone) / 2 for power in (0.7, 0.6, 0.4, 0.25))]
    assert retention.tolist() == pytest.approx(expected, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), days_left=st.integers(1, 90))
def test_protection_that_is_there_takes_from_what_a_contact_adds(seed: int, days_left: int) -> None:
    """Day by day of it: whoever is left alone stays longer, a contact that annoys nobody gains less."""
    rng, days = np.random.default_rng(seed), 31
    env = ENV.model_copy(update={"annoyance": 0.0})
    risk, chances = rng.uniform(0.01, 0.9), np.sort(rng.uniform(0, 1, 4))
    found = contact_values(
        np.full(days, risk), np.full(days, np.nan), np.tile(chances, (days, 1)), np.zeros(days),
        np.full(days, 6_000), days_left, env, np.arange(days),
    )  # fmt: skip

    assert (np.diff(found.retention[:, 0]) > 0).all()
    assert (np.diff(found.gain[:, 1:], axis=0) <= 1e-6).all()
    assert (np.diff(found.retention, axis=0) >= -1e-12).all()


@pytest.mark.parametrize("days_left", [1, 9, 30, 90])
def test_levels_without_shift_have_a_closed_form(days_left: int) -> None:
    """One hazard everywhere: geometric sums, q a day and q^.25 while protected."""
    env = ENV.model_copy(update={**FREE, "levels": dict.fromkeys(ENV.levels, 0.0)})
    bill, q, terminal = 10_000, 0.7 ** (1 / 30), env.terminal_months

    def worth(days: int, daily: float, end: float) -> float:
        return daily * (1 - daily**days) / (1 - daily) / 30 + daily**days * end

    gain = one(0.3, env, bill_minor=bill, days_left=days_left).gain[0]

    for k, days in enumerate(env.protected_days):
        inside = min(days, days_left)
        saved = worth(inside, q**0.25, worth(days_left - inside, q, terminal)) - worth(days_left, q, terminal)
        assert gain[1 + k] == pytest.approx(bill * saved - bill * (0, 5, 10, 15)[k] / 100, abs=1e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_three_days_equal_the_sum_over_all_paths(seed: int) -> None:
    """Every path of levels, deaths, annoyance and acceptance, weighed one by one."""
    rng = np.random.default_rng(seed)
    env = ENV.model_copy(
        update={
            "transitions": tuple(map(tuple, rng.dirichlet(np.ones(4), 4).tolist())),
            "annoyance": 0.04, "protected_days": (1, 2, 3, 5),
        }
    )  # fmt: skip
    risk, usual, chance, fatigue, bill = 0.62, 0.35, 0.4, 1.0, 6_000
    at, weights = start_of(risk, usual, env)
    shifts, moves = np.array(RiskLevels.of(env).shifts), np.array(RiskLevels.of(env).transitions)

    def worth(protected: int) -> float:
        total = 0.0
        for path in itertools.product(range(4), repeat=4):
            chance_of_path = weights[path[0]] * np.prod([moves[i, j] for i, j in itertools.pairwise(path)])
            alive, earned = 1.0, 0.0
            for day in range(3):
                hazard = -np.log(1 - 1 / (1 + np.exp(-(at + shifts[path[day]])))) / 30
                alive *= np.exp(-hazard * (0.25 if day < protected else 1.0))
                earned += alive * bill / 30
            total += chance_of_path * (earned + alive * env.terminal_months * bill)
        return float(total)

    gain = one(risk, env, usual=usual, accept=chance, fatigue=fatigue, bill_minor=bill, days_left=3).gain[0]

    annoy, taken = 0.04 * 4, chance * 0.85
    for k, protected in enumerate(env.protected_days):
        contact = (1 - annoy) * (taken * worth(protected) + (1 - taken) * worth(0))
        cost = 100 + (1 - annoy) * taken * bill * (0, 5, 10, 15)[k] / 100
        assert gain[1 + k] == pytest.approx(contact - worth(0) - cost, abs=1e-3)


@pytest.mark.parametrize(("seed", "usual"), [(0, float("nan")), (1, 0.25)])
def test_gain_agrees_with_a_simulation(seed: int, usual: float) -> None:
    """An independent simulator of customers, one day after the other: within four standard errors."""
    rng, n, days, bill = np.random.default_rng(seed), 60_000, 12, 6_000
    env = ENV.model_copy(update={"annoyance": 0.02, "terminal_months": 0.5})
    at, weights = start_of(0.5, usual, env)
    levels = RiskLevels.of(env)
    reach = np.cumsum(np.array(levels.transitions), axis=1)

    def payoff(contacted: bool) -> NDArray[np.float64]:
        level = rng.choice(4, size=n, p=weights)
        alive, money = np.ones(n, dtype=bool), np.zeros(n)
        protected = np.zeros(n, dtype=int)
        if contacted:
            alive = rng.random(n) >= 0.02
            accepted = alive & (rng.random(n) < 0.4)
            protected[accepted] = env.protected_days[2]
            money -= 100 + accepted * bill * 0.1
        for day in range(days):
            risk = 1 / (1 + np.exp(-(at + np.array(levels.shifts)[level])))
            daily = (1 - risk) ** (np.where(day < protected, 0.25, 1.0) / 30)
            alive &= rng.random(n) < daily
            money += alive * bill / 30
            level = np.minimum((rng.random(n)[:, None] > reach[level]).sum(axis=1), 3)
        return np.asarray(money + alive * 0.5 * bill)

    contact, never = payoff(True), payoff(False)
    error = np.sqrt((contact.var() + never.var()) / n)

    gain = one(0.5, env, usual=usual, accept=0.4, bill_minor=bill, days_left=days).gain[0, 3]

    assert abs(gain - (contact.mean() - never.mean())) < 4 * error


@settings(max_examples=40)
@given(
    st.floats(1e-5, 1 - 1e-5), st.one_of(st.just(float("nan")), st.floats(1e-5, 1 - 1e-5)), st.integers(1, 90)
)
def test_table_is_within_a_ten_millionth_of_a_margin_of_the_recursion(
    risk: float, usual: float, days_left: int
) -> None:
    """With sure acceptance the gain is W_prot − W_never, with sure annoyance −W_never."""
    at, weights = start_of(risk, usual, ENV)
    levels = RiskLevels.of(ENV)
    survival = (1 / (1 + np.exp(at + np.array(levels.shifts)))) ** (1 / 30)
    moves = np.array(levels.transitions)
    never = weights @ direct(survival, ENV, moves, days_left, 0)
    bill = 1_000_000

    annoyed = one(risk, ENV.model_copy(update={**FREE, "annoyance": 1.0}), usual=usual, bill_minor=bill,
                  days_left=days_left).gain[0]  # fmt: skip
    accepted = one(risk, ENV.model_copy(update=FREE), usual=usual, bill_minor=bill, days_left=days_left).gain[
        0
    ]

    assert annoyed[1:] / bill == pytest.approx(np.full(4, -never), abs=1e-7)
    for k, days in enumerate(ENV.protected_days):
        inside = weights @ direct(survival, ENV, moves, days_left, days)
        assert accepted[1 + k] / bill == pytest.approx(inside - never - (0, 5, 10, 15)[k] / 100, abs=1e-7)


def batch(n: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Draw a mixed portfolio: risk, usual risk, acceptance, fatigue."""
    rng = np.random.default_rng(seed)
    usual = np.where(rng.random(n) < 0.5, np.nan, rng.random(n))
    risk = np.where(rng.random(n) < 0.05, np.nan, rng.beta(0.7, 1.8, n))
    return risk, usual, rng.random((n, 4)), rng.integers(0, 4, n).astype(np.float64)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_row_has_the_same_bits_alone_and_in_a_batch(seed: int) -> None:
    """Batch and service must agree to the last bit, over a chunk's edge too."""
    n = 20_000
    risk, usual, accept, fatigue = batch(n, seed)
    rng = np.random.default_rng(seed)
    bill, protection = rng.integers(1_800, 12_000, n), np.maximum(rng.integers(-30, 31, n), 0)

    together = contact_values(risk, usual, accept, fatigue, bill, 60, ENV, protection)

    for i in [*range(40), 16_383, 16_384, n - 1]:
        row = slice(i, i + 1)
        alone = contact_values(
            risk[row], usual[row], accept[row], fatigue[row], bill[row], 60, ENV, protection[row]
        )
        assert alone.gain.tobytes() == together.gain[row].tobytes()
        assert alone.retention.tobytes() == together.retention[row].tobytes()
        assert alone.accept_effective.tobytes() == together.accept_effective[row].tobytes()


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 3))
def test_gain_rises_with_acceptance_where_protection_pays(
    risk: float, less: float, more: float, fatigue: int
) -> None:
    """Where the saved margin exceeds the discount, a likelier yes is never worth less."""
    less, more = min(less, more), max(less, more)
    pays = one(risk, ENV.model_copy(update=FREE)).gain[0] > 0

    low = one(risk, ENV, accept=less, fatigue=fatigue).gain[0]
    high = one(risk, ENV, accept=more, fatigue=fatigue).gain[0]

    assert np.all(high[pays] >= low[pays])


@given(st.floats(0, 1e-5), st.floats(0, 1), st.integers(100, 20_000))
def test_a_sure_thing_is_never_worth_a_contact(risk: float, accept: float, bill_minor: int) -> None:
    """Who stays anyway can only be annoyed."""
    assert np.all(one(risk, ENV, accept=accept, bill_minor=bill_minor).gain[0, 1:] < 0)


@given(st.floats(0, 1), st.integers(0, 5), st.integers(100, 20_000))
def test_a_sleeping_dog_is_never_worth_a_contact(risk: float, fatigue: int, bill_minor: int) -> None:
    """Who never accepts costs at least the contact, however likely to leave."""
    gain = one(risk, ENV, accept=0.0, fatigue=fatigue, bill_minor=bill_minor).gain[0, 1:]

    assert np.all(gain <= -ENV.contact_cost_minor)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 100), st.integers(2, 50))
def test_gain_is_proportional_to_the_bill_when_the_contact_is_free(
    risk: float, accept: float, hundreds: int, times: int
) -> None:
    """Whole currency units, so that no discount is rounded."""
    env = ENV.model_copy(update={"contact_cost": 0.0})

    small = one(risk, env, accept=accept, bill_minor=100 * hundreds).gain[0]
    large = one(risk, env, accept=accept, bill_minor=100 * hundreds * times).gain[0]

    assert large == pytest.approx(times * small, rel=1e-9, abs=1e-6)


def test_protection_beyond_the_horizon_is_worth_nothing() -> None:
    """With five days left all four offers protect for five days: only the discount differs."""
    gain = one(0.4, ENV.model_copy(update=FREE), bill_minor=10_000, days_left=5).gain[0]

    assert (gain[1] - gain[2:]).tolist() == pytest.approx([500.0, 1000.0, 1500.0], abs=1e-6)


def test_retention_by_hand() -> None:
    """Risk .36, protected 20 of 30 days: S = .64^((.25·20 + 10)/30) = .8.

    a = .5·(1 − .15·2) = .35; annoy = .003·9 = .027; .973·(.35·.8 + .65·.64) = .973·.696 = .677208.
    """
    values = one(0.36, ENV.model_copy(update={"protected_days": (20, 20, 20, 60)}), accept=0.5, fatigue=2.0)

    assert values.accept_effective[0, 0] == pytest.approx(0.35)
    assert values.retention[0, :2].tolist() == pytest.approx([0.64, 0.677208], abs=1e-12)
    # sixty protected days count as thirty: S = .64^.25
    assert values.retention[0, 4] == pytest.approx(0.973 * (0.35 * 0.64**0.25 + 0.416), abs=1e-12)


@pytest.mark.parametrize("risk", [0.0, 1.0])
def test_the_ends_of_the_risk_are_finite(risk: float) -> None:
    """A score of exactly 0 or 1 is a score."""
    values = one(risk, ENV, usual=1.0 - risk)

    assert np.all(np.isfinite(values.gain))
    assert values.retention[0, 0] == 1.0 - risk


def test_no_score_is_never_worth_a_contact() -> None:
    """NaN risk, or NaN acceptance of one offer: −inf, and the other offers keep their worth."""
    unscored = one(float("nan"), ENV, usual=0.3)
    half = one(0.4, ENV, accept=[float("nan"), 0.5, 0.5, 0.5])

    assert unscored.gain[0].tolist() == [0.0, *[-np.inf] * 4]
    assert np.all(np.isnan(unscored.retention))
    assert half.gain[0, 1] == -np.inf
    assert np.all(np.isfinite(half.gain[0, 2:]))


def test_a_customer_who_never_accepts_when_tired_has_no_negative_chance() -> None:
    """Fatigue 8 times .15 is more than all: acceptance is 0, annoyance at most 1."""
    values = one(0.4, ENV.model_copy(update={"annoyance": 0.5}), fatigue=8.0)

    assert values.accept_effective.tolist() == [[0.0] * 4]
    assert values.retention[0, 1:].tolist() == [0.0] * 4


def test_what_is_no_probability_is_refused() -> None:
    """Out-of-range inputs are named."""
    with pytest.raises(InputError, match="churn_risk has values outside 0 to 1"):
        one(1.2, ENV)
    with pytest.raises(InputError, match="usual_risk has values outside 0 to 1"):
        one(0.2, ENV, usual=-0.1)
    with pytest.raises(InputError, match="accept has values outside 0 to 1"):
        one(0.2, ENV, accept=1.01)
    with pytest.raises(InputError, match="days_left is 0, wanted 1 or more"):
        one(0.2, ENV, days_left=0)


def test_nobody_is_valued_in_no_time() -> None:
    """An empty portfolio gives empty columns."""
    nothing = np.empty(0)

    values = contact_values(nothing, nothing, np.empty((0, 4)), nothing, nothing.astype(np.int64), 90, ENV)

    assert values.gain.shape == (0, 5)
