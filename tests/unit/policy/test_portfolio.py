"""Many simulated customers at once."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics, never_contacted
from churn_saver.policy.evaluation import evaluate
from churn_saver.policy.portfolio import Churn, Portfolio, Reward, Step
from churn_saver.policy.state import Floats, Ints, Policy, States
from tests.tiny_campaigns import campaign, one_level, random_policy, tiny

CHURNS: tuple[Churn, ...] = get_args(Churn)
REWARDS: tuple[Reward, ...] = get_args(Reward)
EPISODES = 20_000
Actions = tuple[Ints, Ints, Ints]
Actor = Callable[[Portfolio], Actions]
"""Looks at the slots and acts in each."""


def one(portfolio: Portfolio, contact: int = 0, offer: int = 0, delay: int = 0) -> Step:
    """Act in a portfolio of one."""
    return portfolio.step(np.array([contact]), np.array([offer]), np.array([delay]), renews=False)


def at_will(n: int, seed: int) -> Actor:
    """Act at random, a contact every other time, whatever is open."""
    rng = np.random.default_rng(seed)
    return lambda _: (rng.integers(0, 2, n), rng.integers(0, 4, n), rng.integers(0, 8, n))


def idle(n: int, delay: int = 7) -> Actor:
    """Never contact."""
    nothing = np.zeros(n, dtype=np.int64)
    return lambda _: (nothing, nothing, np.full(n, delay))


def drawn_from(policy: Policy, seed: int) -> Actor:
    """Draw actions from what a policy answers."""
    rng = np.random.default_rng(seed)

    def act(portfolio: Portfolio) -> Actions:
        s = portfolio.slots
        answer = policy(States(s.customer, s.day, s.level, s.protection, s.wait, s.fatigue, s.units))
        uniform = rng.random((3, len(portfolio)))
        return (
            (uniform[0] < answer.contact).astype(np.int64),
            np.minimum((np.cumsum(answer.offer, axis=1) <= uniform[1][:, None]).sum(axis=1), 3),
            np.minimum((np.cumsum(answer.delay, axis=1) <= uniform[2][:, None]).sum(axis=1), 7),
        )

    return act


def first_episodes(portfolio: Portfolio, act: Actor) -> Floats:
    """Give reward, spend and over-cap of every slot's first episode, (3, n).

    All slots run until the last of them is through: who stops at the episodes that end first sees too
    many customers who left.
    """
    totals = np.full((3, len(portfolio)), np.nan)
    while np.isnan(totals[0]).any():
        step = portfolio.step(*act(portfolio))
        first = step.ended & np.isnan(totals[0])
        totals[:, first] = np.stack([step.episode_reward, step.episode_spend, step.episode_over_cap])[
            :, first
        ]
    return totals


def trajectory(portfolio: Portfolio, actions: list[Actions]) -> list[bytes]:
    """Play actions and keep every bit that comes back, with the observations between them."""
    seen = []
    for action in actions:
        step = portfolio.step(*action)
        seen += [getattr(step, name).tobytes() for name in Step.__slots__]
        seen += [portfolio.observe().tobytes(), *(column.tobytes() for column in portfolio.slots)]
    return seen


def never_worth(portfolio: Portfolio) -> Floats:
    """Give the exact value of never contacting, from where each slot begins, without decisions."""
    s = portfolio.slots
    worth: Floats = never_contacted(portfolio.dynamics)[s.customer, 0, 0, s.level]
    return worth


def sure(dynamics: Dynamics, **changes: Any) -> Dynamics:
    """Let everybody accept."""
    return replace(dynamics, accept=np.ones_like(dynamics.accept), **changes)


def test_three_days_by_hand() -> None:
    """A contact with 5 % that is accepted and protects two days, two days, then one day without.

    One in ten is annoyed away: spend 100 + .9·150 = 235. Days: .9·.9 = .81, .81·.9 = .729 stay and earn
    153.9, so the reward is 153.9 − 235 − 5 = −86.1. The last day: .81·(100 + 6000) − 5 = 4936.
    The campaign: −86.1 + .729·4936 = 3512.244.
    """
    portfolio = Portfolio(sure(one_level(horizon_days=3)), 1, seed=0)

    first, between = one(portfolio, 1, 1, 1), portfolio.slots
    stand = [int(column[0]) for column in (between.day, between.protection, between.wait, between.fatigue)]
    last = one(portfolio)

    assert (first.reward[0], first.spend[0]) == pytest.approx((-86.1, 235.0))
    assert (first.discount[0], bool(first.ended[0]), bool(first.contacted[0])) == (
        pytest.approx(0.729), False, True,
    )  # fmt: skip
    assert (stand, int(between.units[0])) == ([2, 0, 0, 1], 5)
    assert (last.reward[0], last.spend[0], last.discount[0]) == (pytest.approx(4936.0), 0.0, 0.0)
    assert (bool(last.ended[0]), bool(last.contacted[0])) == (True, False)
    assert last.episode_reward[0] == pytest.approx(3512.244)
    assert (last.episode_spend[0], last.episode_over_cap[0]) == (235.0, 0.0)


def test_gain_by_hand() -> None:
    """The same three days against never contacting, which is worth 3388.4001 at first.

    U₂ = .81·6100 = 4941, U₁ = .81·5041 = 4083.21, U₀ = .81·4183.21 = 3388.4001; with two protected days
    .9·(100 + .9·5041) = 4173.21. So .9·(4173.21 − 150) − 3388.4001 − 100 − 5 = 127.4889, and the last day
    costs its decision. Together 127.4889 − .729·5 = 123.8439 = 3512.244 − 3388.4001.
    """
    portfolio = Portfolio(sure(one_level(horizon_days=3)), 1, seed=0, reward="gain")

    first, last = one(portfolio, 1, 1, 1), one(portfolio)

    assert (first.reward[0], last.reward[0]) == pytest.approx((127.4889, -5.0), abs=1e-3)
    assert last.episode_reward[0] == pytest.approx(123.8439, abs=1e-3)


def test_leaving_as_an_event_by_hand() -> None:
    """Everybody stays while protected and leaves the day after: 100 earned, 100 and 5 paid, nothing after."""
    world = sure(one_level(horizon_days=5), stays=np.ones(31), survival=np.array([[[0.0]], [[1.0]]]))
    portfolio = Portfolio(world, 1, seed=0, churn="sampled")

    step = one(portfolio, 1, 0, 3)

    assert (step.reward[0], step.spend[0], step.discount[0]) == (-5.0, 100.0, 0.0)
    assert (bool(step.ended[0]), step.episode_reward[0]) == (True, -5.0)


def test_a_customer_annoyed_away_pays_no_discount() -> None:
    """Who leaves at the message has accepted nothing: the message is paid, nothing is earned."""
    world = sure(one_level(horizon_days=5), stays=np.zeros(31))

    event = one(Portfolio(world, 1, seed=0, churn="sampled"), 1, 3)
    weight = one(Portfolio(world, 1, seed=0), 1, 3)

    for step in (event, weight):
        assert (step.reward[0], step.spend[0], bool(step.ended[0])) == (-105.0, 100.0, True)


def test_levels_move_after_the_day() -> None:
    """From the first level always to the second: .8 and then .5 stay, 80 and 40 are earned."""
    world = replace(
        one_level(horizon_days=9), start=np.array([1.0, 0.0]), shifts=np.array([0.0, 1.0]),
        transitions=np.array([[0.0, 1.0], [1.0, 0.0]]), survival=np.array([[[0.8, 0.5]], [[0.9, 0.7]]]),
    )  # fmt: skip
    portfolio = Portfolio(world, 1, seed=3)

    step = one(portfolio, delay=1)

    assert (step.reward[0], step.discount[0]) == pytest.approx((115.0, 0.4))
    assert portfolio.slots.level[0] == 0


def test_a_contact_above_the_cap_is_sent_and_counted() -> None:
    """The cap is 1; the second contact meets a customer who is tired: 100 + .8·(.5·.75)·300 = 190."""
    contacts = np.arange(31.0)
    world = replace(
        one_level(horizon_days=9, per_period=1), stays=0.9 - 0.1 * contacts, rested=1.0 - 0.25 * contacts
    )
    portfolio = Portfolio(world, 1, seed=0)

    below = one(portfolio, 1, 2)
    is_open = portfolio.open_choices()[0]
    above = one(portfolio, 1, 2)

    assert (below.spend[0], below.over_cap[0]) == (pytest.approx(235.0), 0.0)
    assert not is_open[0]
    assert (above.spend[0], above.over_cap[0]) == (pytest.approx(190.0), 1.0)
    assert portfolio.slots.over_cap[0] == pytest.approx(below.discount[0])


def test_a_contact_in_the_cooldown_is_not_sent() -> None:
    """Three days: on the second nothing is sent or paid, on the fourth it is again."""
    portfolio = Portfolio(one_level(horizon_days=9, cooldown_days=3), 1, seed=0)

    sent = [one(portfolio, 1) for _ in range(4)]

    assert [bool(step.contacted[0]) for step in sent] == [True, False, False, True]
    assert [step.spend[0] for step in sent] == [100.0, 0.0, 0.0, 100.0]
    assert sent[1].reward[0] == pytest.approx(0.81 * 100 - 5)


def test_an_offer_above_the_allowance_is_not_sent() -> None:
    """One unit of 5 %: 10 % is closed at first, 5 % once one is taken; a message alone never is."""
    portfolio = Portfolio(sure(one_level(horizon_days=9, allowance_units=1)), 1, seed=0)

    too_large = one(portfolio, 1, 2)
    offers = [portfolio.open_choices()[1][0].tolist()]
    fits = one(portfolio, 1, 1)
    offers.append(portfolio.open_choices()[1][0].tolist())

    assert (too_large.spend[0], bool(too_large.contacted[0])) == (0.0, False)
    assert bool(fits.contacted[0])
    assert offers == [[True, True, False, False], [True, False, False, False]]
    assert portfolio.slots.fatigue[0] == 1


def test_an_offer_never_shortens_protection() -> None:
    """Four days from the first acceptance, one day gone; an offer that protects for one day leaves three."""
    portfolio = Portfolio(sure(one_level(horizon_days=9)), 1, seed=0)

    left = [int(portfolio.slots.protection[0]) for offer in (3, 0) if one(portfolio, 1, offer) is not None]

    assert left == [3, 2]


def test_a_period_forgives() -> None:
    """Two days each: one contact counts until the second day is over."""
    portfolio = Portfolio(replace(one_level(horizon_days=9), period_days=2), 1, seed=0)

    counts = [int(portfolio.slots.fatigue[0]) for contact in (1, 0, 1) if one(portfolio, contact) is not None]

    assert counts == [1, 0, 1]


@pytest.mark.parametrize("churn", CHURNS)
@pytest.mark.parametrize("reward", REWARDS)
def test_a_slot_is_the_same_alone_and_among_many(churn: Churn, reward: Reward) -> None:
    """Bit for bit, over several episodes; prices are drawn too."""
    world, n = tiny(1, 5), 7
    act = at_will(n, 4)
    together = Portfolio(world, n, 9, churn=churn, reward=reward, prices=(0.1, 2.0))
    actions = [act(together) for _ in range(30)]
    whole = [together.step(*action) for action in actions]

    for slot in range(n):
        single = Portfolio(
            world, 1, 9, churn=churn, reward=reward, prices=(0.1, 2.0), first_slot=slot
        )  # fmt: skip
        for action, expected in zip(actions, whole, strict=True):
            contact, offer, delay = (part[slot : slot + 1] for part in action)
            step = single.step(contact, offer, delay)
            for name in Step.__slots__:
                assert getattr(step, name)[0] == getattr(expected, name)[slot], name
    assert together.slots.episode.min() > 2


@pytest.mark.parametrize("churn", CHURNS)
def test_a_run_goes_on_from_a_copy_of_its_slots_bit_for_bit(churn: Churn) -> None:
    """Twenty steps, a copy put into a new portfolio of the same seed, twenty more in both."""
    world, n = tiny(2, 5), 50
    act = at_will(n, 1)
    portfolio = Portfolio(world, n, 3, churn=churn, reward="gain", prices=(0.5, 3.0))
    trajectory(portfolio, [act(portfolio) for _ in range(20)])
    saved = deepcopy(portfolio.slots)
    ahead = [act(portfolio) for _ in range(20)]
    uninterrupted = trajectory(portfolio, ahead)

    resumed = Portfolio(world, n, 3, churn=churn, reward="gain", prices=(0.5, 3.0))
    resumed.slots = saved

    assert trajectory(resumed, ahead) == uninterrupted


@pytest.mark.parametrize("churn", CHURNS)
def test_what_is_rewarded_changes_nothing_else(churn: Churn) -> None:
    """Money or gain: the same spend, cap, discounts and states from the same actions."""
    world, n = tiny(4, 6), 200
    act = at_will(n, 8)
    money = Portfolio(world, n, 5, churn=churn)
    gain = Portfolio(world, n, 5, churn=churn, reward="gain")

    for _ in range(30):
        action = act(money)
        one_step, other = money.step(*action), gain.step(*action)
        for name in set(Step.__slots__) - {"reward", "episode_reward"}:
            assert getattr(one_step, name).tobytes() == getattr(other, name).tobytes(), name
        assert money.observe().tobytes() == gain.observe().tobytes()


@pytest.mark.parametrize("churn", CHURNS)
@pytest.mark.parametrize("delay", [0, 7])
def test_never_contacting_is_worth_what_it_is_worth(churn: Churn, delay: int) -> None:
    """Mean of whole episodes against the exact value, within four standard errors of their difference."""
    world = replace(campaign(50, 1, horizon_days=40), decision_cost_minor=0.0)
    portfolio = Portfolio(world, EPISODES, 2, churn=churn)
    exact = never_worth(portfolio)

    reward, spend, over = first_episodes(portfolio, idle(EPISODES, delay))

    apart = reward - exact
    assert abs(apart.mean()) < 4 * apart.std() / EPISODES**0.5
    assert (spend.sum(), over.sum()) == (0.0, 0.0)


@pytest.mark.parametrize("churn", CHURNS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_policy_earns_spends_and_exceeds_what_its_evaluation_says(churn: Churn, seed: int) -> None:
    """A policy drawn at random, contacts above the cap included, against the exact expectation.

    Within four standard errors of whole episodes, each against its own customer's expectation.
    """
    world = tiny(seed, 3, horizon_days=12)
    policy = random_policy(world, seed)
    exact = evaluate(world, policy)
    portfolio = Portfolio(world, EPISODES, seed, churn=churn)
    customer = portfolio.slots.customer.copy()

    played = first_episodes(portfolio, drawn_from(policy, seed))

    for got, wanted in zip(played, (exact.reward, exact.spend, exact.over_cap), strict=True):
        apart = got - wanted[customer]
        assert abs(apart.mean()) < 4 * apart.std() / EPISODES**0.5


@pytest.mark.parametrize("churn", CHURNS)
def test_the_gain_is_the_money_less_that_of_never_contacting(churn: Churn) -> None:
    """In expectation, and with the same draws: within four standard errors of the difference."""
    world = tiny(5, 4, horizon_days=12)
    policy = random_policy(world, 3)
    money = Portfolio(world, EPISODES, 6, churn=churn)
    gain = Portfolio(world, EPISODES, 6, churn=churn, reward="gain")
    never = never_worth(money)

    earned = first_episodes(money, drawn_from(policy, 0))[0]
    gained = first_episodes(gain, drawn_from(policy, 0))[0]

    apart = earned - never - gained
    assert abs(apart.mean()) < 4 * apart.std() / EPISODES**0.5
    assert gained.std() < earned.std()


def test_expected_churn_is_less_noisy() -> None:
    """Its episodes spread less around the same mean: that is what it is for."""
    world = campaign(20, 1, horizon_days=40)
    spreads = {
        churn: first_episodes(Portfolio(world, 4_000, 2, churn=churn), at_will(4_000, 0))[0].std()
        for churn in CHURNS
    }

    assert spreads["expected"] < 0.9 * spreads["sampled"]


def both_outcomes(world: Dynamics, offer: int, seed: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Play every slot's first episode twice with the same draws: left alone, and contacted on day 0.

    Gives money alone, money with the contact, and the customer of each slot.
    """
    alone = Portfolio(world, EPISODES, seed, churn="sampled")
    contacted = Portfolio(world, EPISODES, seed, churn="sampled")
    customer = alone.slots.customer.copy()
    nothing, late = np.zeros(EPISODES, dtype=np.int64), np.full(EPISODES, 7)

    def once(portfolio: Portfolio) -> Actions:
        first = (portfolio.slots.day == 0) & (portfolio.slots.episode == 0)
        return first.astype(np.int64), nothing + offer, late

    without = first_episodes(alone, lambda _: (nothing, nothing, late))[0]
    return without, first_episodes(contacted, once)[0], customer


@pytest.mark.parametrize("offer", range(4))
def test_when_the_outcome_is_known_who_stays_anyway_is_not_worth_a_contact(offer: int) -> None:
    """A sure thing would have stayed to the end alone, a sleeping dog leaves because of the contact.

    Both outcomes of a contact share their draws. Who stays alone earns all there is to earn, so a contact
    costs the message, and the discount where it is accepted; four in a hundred are annoyed away, at once.
    Money is gained only with customers who would have left.
    """
    world = replace(campaign(100, 3, horizon_days=60, annoyance=0.04), decision_cost_minor=0.0)
    alone, contacted, customer = both_outcomes(world, offer, seed=offer)
    everything = (60 * world.daily_margin_minor + world.terminal_minor)[customer]
    message, discount = world.contact_cost_minor, world.offer_cost_minor[customer, offer]

    sure_things = np.isclose(alone, everything)
    sleeping_dogs = sure_things & np.isclose(contacted, -message)
    lost = alone - contacted
    bored = sure_things & ~sleeping_dogs

    assert np.all(lost[sure_things] >= message - 1e-6)
    assert np.all(np.isclose(lost[bored], message) | np.isclose(lost[bored], (message + discount)[bored]))
    assert 0.2 < sure_things.mean() < 0.9
    assert abs(sleeping_dogs.sum() / sure_things.sum() - 0.04) < 4 * (0.04 / sure_things.sum()) ** 0.5
    assert (lost[~sure_things] < 0).sum() > 100


def test_a_contact_that_nobody_minds_or_accepts_changes_nothing_but_its_cost() -> None:
    """Same fate to the day: every slot's money differs by the message, leavers included."""
    world = campaign(50, 3, horizon_days=60, annoyance=0.0)
    world = replace(world, accept=np.zeros_like(world.accept), decision_cost_minor=0.0)

    without, contacted, _ = both_outcomes(world, 3, seed=1)

    assert np.abs(without - contacted - world.contact_cost_minor).max() < 1e-6


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from(CHURNS), st.sampled_from(REWARDS), st.integers(0, 5))
def test_states_and_steps_stay_in_their_ranges(seed: int, churn: Churn, reward: Reward, world: int) -> None:
    """Whatever is done: counts within caps, probabilities within 0 and 1, nothing spent without a contact."""
    d, n = tiny(world, 4), 64
    portfolio, act = Portfolio(d, n, seed, churn=churn, reward=reward), at_will(n, seed)
    ranges = {
        "customer": len(d) - 1, "day": d.horizon_days, "level": d.n_levels - 1, "wait": d.cooldown_days,
        "protection": d.max_protection, "fatigue": d.max_fatigue, "units": d.allowance_units, "alive": 1.0,
    }  # fmt: skip
    for _ in range(15):
        step = portfolio.step(*act(portfolio), renews=False)
        for name, most in ranges.items():
            column = getattr(portfolio.slots, name)
            assert column.min() >= 0, name
            assert column.max() <= most, name
        assert np.all((step.discount >= 0) & (step.discount <= 1) & ((step.discount > 0) | step.ended))
        assert np.all(step.contacted == (step.spend > 0))
        assert np.all((step.over_cap == 0) | step.contacted)
        assert np.all(np.isfinite(step.reward))
        assert np.all((portfolio.slots.day == d.horizon_days) <= step.ended)
        if churn == "expected":
            assert np.all((portfolio.slots.day == d.horizon_days) == step.ended)
        portfolio.renew(np.flatnonzero(step.ended))


def test_what_ended_can_be_looked_at_before_it_is_renewed() -> None:
    """Without `renews` the last day stands until `renew`; with it the next customer is there at once."""
    world = one_level(n=50, horizon_days=2)
    kept, renewed = Portfolio(world, 1, 1), Portfolio(world, 1, 1)

    ended = one(kept, delay=7)
    renewed.step(np.array([0]), np.array([0]), np.array([7]))
    last_day = int(kept.slots.day[0])
    kept.renew(np.array([0]))

    assert ended.ended[0]
    assert last_day == 2
    assert (int(kept.slots.day[0]), int(kept.slots.episode[0])) == (0, 1)
    assert all(np.array_equal(a, b) for a, b in zip(kept.slots, renewed.slots, strict=True))


def test_starting_over_is_a_portfolio_of_that_seed() -> None:
    """After any steps, `restart` gives what a new portfolio of the seed gives; another seed does not."""
    world, act = tiny(0, 5), at_will(20, 0)
    used, fresh, other = (Portfolio(world, 20, seed) for seed in (1, 2, 3))
    for _ in range(5):
        used.step(*act(used))

    used.restart(2)

    actions = [act(used) for _ in range(10)]
    assert trajectory(used, actions) == trajectory(fresh, actions)
    assert not np.array_equal(other.slots.stream, Portfolio(world, 20, 2).slots.stream)


def test_prices_are_drawn_within_their_range_for_each_episode() -> None:
    """One price for a range of one, from 0 to 3 evenly in log(1 + λ) otherwise, another in each episode."""
    world = tiny(0, 3)
    fixed, drawn = Portfolio(world, 500, 0, prices=(0.7, 0.7)), Portfolio(world, 500, 0, prices=(0.0, 3.0))
    before = drawn.slots.price.copy()

    drawn.renew(np.arange(500))

    assert np.all(fixed.slots.price == 0.7)
    assert (before.min() >= 0.0, before.max() <= 3.0) == (True, True)
    assert abs(np.log2(1.0 + before).mean() - 1.0) < 4 * (2 / 12**0.5) / 500**0.5
    assert np.all(drawn.slots.price != before)


@pytest.mark.parametrize("prices", [(2.0, 1.0), (-1.0, 1.0), (1.0, np.inf), (np.nan, 1.0)])
def test_prices_that_are_no_range_are_refused(prices: tuple[float, float]) -> None:
    """Named with what was wanted."""
    with pytest.raises(InputError, match=r"3 slots at prices .*wanted 1 or more and 0 <= low <= high"):
        Portfolio(tiny(), 3, 0, prices=prices)


def test_no_slots_and_seeds_of_more_than_64_bits_are_refused() -> None:
    """Named with what was wanted."""
    with pytest.raises(InputError, match=r"a portfolio of 0 slots"):
        Portfolio(tiny(), 0, 0)
    for seed in (-1, 2**64):
        with pytest.raises(InputError, match=rf"seed of a portfolio is {seed}, wanted 0 to 2\^64"):
            Portfolio(tiny(), 1, seed)
