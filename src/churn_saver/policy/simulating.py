"""The loops of the simulator, compiled: begin an episode, act once, let days pass.

Every draw is a hash of (seed, slot, episode, day, purpose), never a stream: a slot's trajectory does
not depend on how many others run beside it, and the same customer in the same episode meets the same
fate whatever is done. Source of the mixer: Steele, Lea & Flood, Fast Splittable Pseudorandom Number
Generators, OOPSLA 2014 (SplitMix64).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churn_saver.policy.compiled import compiled
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.state import Floats, Ints

ANNOYED, ACCEPTED, SURVIVED, MOVED, STARTED, PRICED = range(6)
"""Purposes of a draw."""
_PURPOSES = np.uint64(8)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S11 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(11)
_UNIT = 2.0**-53


class Slots(NamedTuple):
    """Where n customers stand, each (n,); a slot takes its next customer when an episode ends."""

    stream: NDArray[np.uint64]
    """Key of the episode's draws."""
    episode: Ints
    customer: Ints
    """Row of the population."""
    day: Ints
    level: Ints
    protection: Ints
    wait: Ints
    fatigue: Ints
    units: Ints
    price: Floats
    """λ of the episode."""
    alive: Floats
    """Chance to have survived the episode so far; 1 where churn is sampled."""
    gained: Floats
    """Reward of the episode so far, weighted by survival, minor units."""
    spent: Floats
    """Spend of the episode so far, weighted by survival, minor units."""
    over_cap: Floats
    """Contacts above the cap in the episode so far, weighted by survival."""

    @classmethod
    def empty(cls, n: int) -> "Slots":
        """Make room for n customers."""
        floats = ("price", "alive", "gained", "spent", "over_cap")
        kinds: dict[str, type[np.generic]] = dict.fromkeys(floats, np.float64) | {"stream": np.uint64}
        return cls(*(np.zeros(n, dtype=kinds.get(name, np.int64)) for name in cls._fields))


class Numbers(NamedTuple):
    """What the loops read of `Dynamics`, in a form that can be compiled."""

    survival: Floats
    accept: Floats
    transitions: Floats
    daily_margin_minor: Floats
    terminal_minor: Floats
    offer_cost_minor: Floats
    rested: Floats
    stays: Floats
    protected_days: Ints
    offer_units: Ints
    contact_cost_minor: float
    decision_cost_minor: float
    horizon_days: int
    period_days: int
    cooldown_days: int
    contact_cap: int

    @classmethod
    def of(cls, dynamics: Dynamics) -> "Numbers":
        """Take the fields of the same names."""
        return cls(*(getattr(dynamics, name) for name in cls._fields))


@compiled
def mixed(key: np.uint64) -> np.uint64:
    """Spread the bits of a key over all 64."""
    key = (key ^ (key >> _S30)) * _MIX_1
    key = (key ^ (key >> _S27)) * _MIX_2
    return key ^ (key >> _S31)


@compiled
def draw(stream: np.uint64, day: int, purpose: int) -> float:
    """Give the number in [0, 1) that belongs to a day and purpose of an episode."""
    key = mixed(stream + (np.uint64(day) * _PURPOSES + np.uint64(purpose + 1)) * _GOLDEN)
    return float(key >> _S11) * _UNIT


@compiled
def moved(transitions: Floats, level: int, uniform: float) -> int:
    """Give the level whose share of a row of probabilities a uniform number falls into."""
    reached, last = 0.0, transitions.shape[1] - 1
    for place in range(last):
        reached += transitions[level, place]
        if uniform < reached:
            return place
    return int(last)


@compiled
def begin(
    rows: Ints, numbers: Ints, seed: np.uint64, start: Floats, n_customers: int, allowance_units: int,
    low_price: float, high_price: float, s: Slots,
) -> None:  # fmt: skip
    """Start an episode in the slots at `rows`: a customer, a level and a price, drawn."""
    for i in rows:
        key = mixed(seed * _GOLDEN + np.uint64(numbers[i] + 1))
        s.stream[i] = mixed(key + np.uint64(s.episode[i] + 1) * _MIX_1)
        s.customer[i] = np.int64(mixed(s.stream[i]) % np.uint64(n_customers))
        s.level[i] = moved(start, 0, draw(s.stream[i], 0, STARTED))
        s.price[i] = low_price
        if high_price > low_price:
            low, high = np.log1p(low_price), np.log1p(high_price)
            s.price[i] = np.expm1(low + (high - low) * draw(s.stream[i], 0, PRICED))
        s.day[i], s.protection[i], s.wait[i], s.fatigue[i], s.units[i] = 0, 0, 0, 0, allowance_units
        s.alive[i], s.gained[i], s.spent[i], s.over_cap[i] = 1.0, 0.0, 0.0, 0.0


@compiled
def act(
    contact: Ints, offer: Ints, delay: Ints, s: Slots, d: Numbers, sampled: bool,
    never: NDArray[np.float32], money: Floats, contacted: NDArray[np.bool_], ended: NDArray[np.bool_],
) -> None:  # fmt: skip
    """Move every slot by one decision.

    `never` is `dynamics.never_contacted` where the reward is a gain, else empty. `money`, (7, n), takes
    reward, spend, over-cap, discount, and reward, spend and over-cap of an episode that ended.
    """
    # Arrays are taken out of their tuples once: numba counts a reference wherever one is read there.
    stream, _, customer, day, level, protection, wait, fatigue, units, _, alive, gained, spent, over_cap = s
    survival, transitions, protected_days, offer_units = (
        d.survival, d.transitions, d.protected_days, d.offer_units
    )  # fmt: skip
    margin, terminal = d.daily_margin_minor, d.terminal_minor
    for i in range(len(contact)):
        c, k, t, f, p = customer[i], offer[i], day[i], fatigue[i], protection[i]
        weight, reward, spend, over = 1.0, 0.0, 0.0, 0.0
        if contact[i] == 1 and wait[i] == 0 and offer_units[k] <= units[i]:
            over, after = 1.0 if f >= d.contact_cap else 0.0, max(p, protected_days[k])
            taken, weight, reward, spend = _contacted(
                stream[i], c, k, t, f, level[i], p, after, d, sampled, never
            )  # fmt: skip
            if taken:
                p, units[i] = after, units[i] - offer_units[k]
            f, wait[i], contacted[i] = f + 1, d.cooldown_days, True
        last = min(t + 1 + delay[i], d.horizon_days)
        weight, earned, level[i], fatigue[i] = _passed(
            stream[i], t, last, level[i], p, f, weight, c, margin[c], survival, transitions, d.period_days,
            sampled,
        )  # fmt: skip
        day[i], protection[i], wait[i] = last, max(p - last + t, 0), max(wait[i] - last + t, 0)
        if last == d.horizon_days:
            earned += weight * terminal[c]
        if never.size == 0:
            reward += earned
        reward -= d.decision_cost_minor
        ended[i] = last == d.horizon_days or weight == 0.0
        gained[i] += alive[i] * reward
        spent[i] += alive[i] * spend
        over_cap[i] += alive[i] * over
        alive[i] *= weight
        money[0, i], money[1, i], money[2, i] = reward, spend, over
        money[3, i] = 0.0 if ended[i] else weight
        if ended[i]:
            money[4, i], money[5, i], money[6, i] = gained[i], spent[i], over_cap[i]


@compiled
def _contacted(
    stream: np.uint64, c: int, k: int, t: int, f: int, level: int, p: int, after: int, d: Numbers,
    sampled: bool, never: NDArray[np.float32],
) -> tuple[bool, float, float, float]:  # fmt: skip
    """Send offer k to customer c on day t: accepted or not, chance to stay, reward, spend."""
    chance, weight = d.accept[c, k] * d.rested[f], d.stays[f]
    taken = draw(stream, t, ACCEPTED) < chance
    spend = d.contact_cost_minor + weight * chance * d.offer_cost_minor[c, k]
    if never.size > 0:
        here, there = never[c, t, p, level], never[c, t, after, level]
        kept = chance * (there - d.offer_cost_minor[c, k]) + (1.0 - chance) * here
        reward = weight * kept - here - d.contact_cost_minor
    if sampled:
        weight = 1.0 if draw(stream, t, ANNOYED) < weight else 0.0
        spend = d.contact_cost_minor + (weight * d.offer_cost_minor[c, k] if taken else 0.0)
    if never.size == 0:
        reward = -spend
    return taken, weight, reward, spend


@compiled
def _passed(
    stream: np.uint64, day: int, last: int, level: int, protection: int, fatigue: int, weight: float, c: int,
    margin: float, survival: Floats, transitions: Floats, period_days: int, sampled: bool,
) -> tuple[float, float, int, int]:  # fmt: skip
    """Let days pass up to `last`: chance to survive them, money earned, level and fatigue then."""
    earned, left = 0.0, False
    for today in range(day, last):
        daily = survival[1 if protection > today - day else 0, c, level]
        if sampled:
            left = left or draw(stream, today, SURVIVED) >= daily
            weight = 0.0 if left else weight
        else:
            weight *= daily
        earned += weight * margin
        level = moved(transitions, level, draw(stream, today, MOVED))
        if (today + 1) % period_days == 0:
            fatigue = 0
    return weight, earned, level, fatigue
