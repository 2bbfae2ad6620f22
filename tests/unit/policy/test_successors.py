"""What decisions can lead to, against the simulator and against days gone through one by one."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.portfolio import Portfolio
from churn_saver.policy.simulating import Slots
from churn_saver.policy.state import Ints, States
from churn_saver.policy.successors import Outlook, Successors
from tests.tiny_campaigns import campaign, one_level, tiny

Floats = NDArray[np.float64]
Place = tuple[int, int, int, int, int, int]
"""Day, level, protection, wait, fatigue, units."""
COLUMNS = ("day", "level", "protection", "wait", "fatigue", "units")


class Decided(NamedTuple):
    """Decisions of n slots."""

    contact: Ints
    offer: Ints
    delay: Ints


def drawn(portfolio: Portfolio, rng: np.random.Generator) -> Decided:
    """Draw decisions: contacts outside the cooldown, above the cap too, with offers covered or not."""
    n = len(portfolio)
    contact = (portfolio.slots.wait == 0) & (rng.random(n) < 0.7)
    return Decided(contact.astype(np.int64), rng.integers(0, 4, n), rng.integers(0, 8, n))


def places(table: States | Slots) -> list[Place]:
    """Give where customers stand, as tuples."""
    return list(zip(*(getattr(table, name).tolist() for name in COLUMNS), strict=True))


def chances(after: Successors, n: int) -> list[dict[Place, float]]:
    """Add up the chances of each slot's successors by place."""
    found: list[dict[Place, float]] = [defaultdict(float) for _ in range(n)]
    for slot, place, chance in zip(after.slot.tolist(), places(after.states), after.chance, strict=True):
        found[slot][place] += float(chance)
    return found


def day_by_day(d: Dynamics, s: Slots, decided: Decided, i: int) -> dict[Place, float]:
    """Go through the days of slot i one by one: where it may be alive at the next decision."""
    c, f, k = int(s.customer[i]), int(s.fatigue[i]), int(decided.offer[i])
    day, start = int(s.day[i]), (int(s.protection[i]), int(s.wait[i]), f, int(s.units[i]))
    begun: dict[tuple[int, int, int, int], float] = {start: 1.0}
    if decided.contact[i] and s.wait[i] == 0 and d.offer_units[k] <= s.units[i]:
        taken = float(d.accept[c, k] * d.rested[f])
        longer, fewer = max(start[0], int(d.protected_days[k])), start[3] - int(d.offer_units[k])
        begun = defaultdict(float)
        begun[longer, d.cooldown_days, f + 1, fewer] += float(d.stays[f]) * taken
        begun[start[0], d.cooldown_days, f + 1, start[3]] += float(d.stays[f]) * (1 - taken)
    here = {(int(s.level[i]), *rest): chance for rest, chance in begun.items()}
    for _ in range(1 + int(decided.delay[i])):
        there: dict[tuple[int, int, int, int, int], float] = defaultdict(float)
        day += 1
        for (level, protection, wait, fatigue, units), chance in here.items():
            alive = chance * float(d.survival[int(protection > 0), c, level])
            renewed = 0 if day % d.period_days == 0 else fatigue
            for to in range(d.n_levels):
                place = (to, max(protection - 1, 0), max(wait - 1, 0), renewed, units)
                there[place] += alive * float(d.transitions[level, to])
        here = there
        if day == d.horizon_days:
            return {}
    return {(day, *place): chance for place, chance in here.items()}


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_every_successor_and_its_chance_is_that_of_days_gone_through_one_by_one(seed: int) -> None:
    """Along 12 steps of portfolios with two levels, short periods, caps and few units, with every delay."""
    dynamics, rng = tiny(seed, n=3, horizon_days=12), np.random.default_rng(seed)
    portfolio, outlook = Portfolio(dynamics, 5, seed), Outlook(dynamics)

    for _ in range(12):
        decided = drawn(portfolio, rng)
        found = chances(outlook.after(portfolio.slots, *decided), 5)

        for i in range(5):
            wanted = day_by_day(dynamics, portfolio.slots, decided, i)
            assert found[i] == pytest.approx({place: p for place, p in wanted.items() if p > 0.0}, rel=1e-9)
        portfolio.step(*decided)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_simulator_goes_nowhere_else(seed: int) -> None:
    """Every successor that is drawn is among those listed, of the same customer, with a chance."""
    dynamics, rng = campaign(4, seed, horizon_days=40), np.random.default_rng(seed)
    portfolio, outlook = Portfolio(dynamics, 200, seed), Outlook(dynamics)
    contacts = 0

    for _ in range(30):
        decided = drawn(portfolio, rng)
        after = outlook.after(portfolio.slots, *decided)
        assert (after.chance > 0.0).all()
        assert (after.states.customer == portfolio.slots.customer[after.slot]).all()
        listed = chances(after, 200)
        step = portfolio.step(*decided, renews=False)
        contacts += int(step.contacted.sum())
        stood = places(portfolio.slots)
        for i in range(200):
            assert (listed[i] == {}) == bool(step.ended[i])
            assert step.ended[i] or stood[i] in listed[i]
        portfolio.renew(np.flatnonzero(step.ended))
    assert contacts > 200


def twins(seed: int, n: int, contact: int) -> tuple[Dynamics, Portfolio, Decided]:
    """Give n slots that differ in customer and level alone, all decided alike: wait three days."""
    dynamics = tiny(seed, n=2, horizon_days=12)
    decided = Decided(*(np.full(n, x, dtype=np.int64) for x in (contact, 2, 2)))
    return dynamics, Portfolio(dynamics, n, seed), decided


@pytest.mark.parametrize("contact", [0, 1])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_chances_of_a_decision_sum_to_its_discount_on_average(seed: int, contact: int) -> None:
    """Mean over 20,000 slots, by customer and level, within four standard errors."""
    dynamics, portfolio, decided = twins(seed, 20_000, contact)
    after = Outlook(dynamics).after(portfolio.slots, *decided)
    expected = np.bincount(after.slot, after.chance, 20_000)
    groups = 2 * portfolio.slots.customer + portfolio.slots.level

    discount = portfolio.step(*decided).discount

    for group in range(4):
        rows = groups == group
        error = discount[rows].std() / rows.sum() ** 0.5
        assert np.ptp(expected[rows]) == pytest.approx(0.0, abs=1e-12)
        assert error > 0.0
        assert abs(discount[rows].mean() - expected[rows][0]) < 4 * error


def worth_of(states: States | Slots) -> Floats:
    """Make up a value for every state, all different."""
    mixed = sum(
        getattr(states, name) * factor for name, factor in zip(COLUMNS, (3, 17, 5, 7, 11, 13), strict=True)
    )
    return np.asarray(np.sin(mixed) + 2.0)


@pytest.mark.parametrize("contact", [0, 1])
def test_expected_temporal_differences_have_the_mean_of_the_drawn_ones_and_less_spread(contact: int) -> None:
    """γ·V of the state that came, against its expectation before: 20,000 slots, four standard errors.

    From one state the expectation is one number, so that only customers and levels make it differ.
    """
    dynamics, portfolio, decided = twins(3, 20_000, contact)
    after = Outlook(dynamics).after(portfolio.slots, *decided)
    expected = np.bincount(after.slot, after.chance * worth_of(after.states), 20_000)

    step = portfolio.step(*decided, renews=False)

    came = step.discount * worth_of(portfolio.slots)
    apart = came - expected
    assert abs(apart.mean()) < 4 * apart.std() / 20_000**0.5
    assert expected.var() < 0.7 * came.var()


def test_two_days_by_hand() -> None:
    """81 % survive a day, 90 % while protected; a contact annoys one in ten, half accept.

    Two days after a contact with offer 0, which protects for one day: accepted .9·.5·.9·.81 = .32805 with a
    unit fewer or not (offer 0 takes none), refused .9·.5·.6561 = .295245; the same place, as is the protecti
    over. With offer 1, protected for two days and a unit fewer: .9·.5·.81 = .3645.
    """
    portfolio = Portfolio(one_level(horizon_days=5), 1, 0)
    outlook, units = Outlook(portfolio.dynamics), portfolio.dynamics.allowance_units
    contact, delay = np.array([1]), np.array([1])

    free = outlook.after(portfolio.slots, contact, np.array([0]), delay)
    dear = outlook.after(portfolio.slots, contact, np.array([1]), delay)

    assert chances(free, 1)[0] == pytest.approx({(2, 0, 0, 0, 1, units): 0.623295})
    assert chances(dear, 1)[0] == pytest.approx(
        {(2, 0, 0, 0, 1, units): 0.295245, (2, 0, 0, 0, 1, units - 1): 0.3645}
    )


def test_a_contact_that_would_not_be_sent_is_none() -> None:
    """In the cooldown, or with an offer that is not covered: the days pass, and nothing is counted."""
    portfolio = Portfolio(one_level(horizon_days=5, allowance_units=1), 2, 0)
    portfolio.slots.wait[0] = 1
    outlook, delay = Outlook(portfolio.dynamics), np.array([0, 0])

    asked = outlook.after(portfolio.slots, np.array([1, 1]), np.array([0, 3]), delay)
    idle = outlook.after(portfolio.slots, np.array([0, 0]), np.array([0, 0]), delay)

    assert chances(asked, 2) == chances(idle, 2)
    assert asked.chance.tolist() == pytest.approx([0.81, 0.81])


def test_at_the_horizon_nothing_follows() -> None:
    """A delay that would lead beyond it leads nowhere."""
    portfolio = Portfolio(one_level(horizon_days=3), 2, 0)
    outlook, idle = Outlook(portfolio.dynamics), np.zeros(2, dtype=np.int64)

    after = outlook.after(portfolio.slots, idle, idle, np.array([2, 1]))

    assert after.slot.tolist() == [1]
    assert len(after.states) == 1
