"""The draws behind the simulator, and the loops that they drive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2

from churn_saver.policy.simulating import ACCEPTED, ANNOYED, MOVED, SURVIVED, Slots, begin, draw, moved

SPLITMIX_1234567 = (
    6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
)  # fmt: skip
"""First numbers of SplitMix64 from seed 1234567. Source: Rosetta Code, Pseudo-random numbers/Splitmix64."""
FAIR = 0.999
"""A test of chance may fail once in a thousand; the seeds are fixed, so it does or does not."""


def begun(n: int, seed: int, *, first_slot: int = 0, episode: int = 0, customers: int = 10) -> Slots:
    """Begin one episode in each of n slots."""
    slots = Slots.empty(n)
    slots.episode[:] = episode
    numbers, start = np.arange(first_slot, first_slot + n), np.array([[0.25, 0.75]])
    begin(np.arange(n), numbers, np.uint64(seed), start, customers, 6, 0.0, 3.0, slots)
    return slots


def drawn(streams: NDArray[np.uint64], day: int, purpose: int) -> NDArray[np.float64]:
    """Draw one number from each stream."""
    return np.array([draw(stream, day, purpose) for stream in streams])


def is_fair(counts: NDArray[np.int64]) -> bool:
    """Say whether counts look as if all cells were equally likely, by a chi-square test of both tails."""
    expected = counts.sum() / counts.size
    statistic = float(((counts - expected) ** 2 / expected).sum())
    low, high = chi2.ppf([1 - FAIR, FAIR], counts.size - 1)
    return bool(low < statistic < high)


def test_a_stream_is_splitmix64() -> None:
    """Draw j of stream s, in the order of days and purposes, is the j-th of SplitMix64 seeded with s."""
    numbers = [draw(np.uint64(1234567), 0, purpose) for purpose in range(5)]

    assert numbers == [(number >> 11) * 2.0**-53 for number in SPLITMIX_1234567]


@pytest.mark.parametrize("seed", [0, 1, 2**63])
@pytest.mark.parametrize("purpose", [ANNOYED, ACCEPTED, SURVIVED, MOVED])
def test_draws_are_uniform(seed: int, purpose: int) -> None:
    """Over slots, by day: 32 cells for each of three days, and over pairs of neighbouring days."""
    streams = begun(6_000, seed).stream
    days = [drawn(streams, day, purpose) for day in (0, 1, 89)]

    for uniform in days:
        assert is_fair(np.histogram(uniform, 32, (0, 1))[0])
    assert is_fair(np.histogram2d(days[0], days[1], 12, ((0, 1), (0, 1)))[0].astype(np.int64))


def test_draws_are_uniform_over_seeds_alone() -> None:
    """The same slot, day and purpose under 6,000 seeds in a row, and next to its neighbour slot."""
    streams = np.array([begun(2, seed).stream for seed in range(6_000)])
    first, second = drawn(streams[:, 0], 3, ACCEPTED), drawn(streams[:, 1], 3, ACCEPTED)

    assert is_fair(np.histogram(first, 32, (0, 1))[0])
    assert is_fair(np.histogram2d(first, second, 12, ((0, 1), (0, 1)))[0].astype(np.int64))


@pytest.mark.parametrize(("one", "other"), [(ANNOYED, ACCEPTED), (SURVIVED, MOVED), (ACCEPTED, SURVIVED)])
def test_what_is_drawn_for_one_purpose_says_nothing_of_another(one: int, other: int) -> None:
    """Pairs of purposes on one day fill 144 cells evenly."""
    streams = begun(6_000, 5).stream

    pairs = np.histogram2d(drawn(streams, 7, one), drawn(streams, 7, other), 12, ((0, 1), (0, 1)))[0]

    assert is_fair(pairs.astype(np.int64))


def test_customers_levels_and_prices_are_drawn_as_asked() -> None:
    """Ten customers alike often, three in four at the second level, 1 + λ even in the log from 1 to 4."""
    slots = begun(20_000, 11)

    assert is_fair(np.bincount(slots.customer, minlength=10))
    assert abs(slots.level.mean() - 0.75) < 4 * (0.75 * 0.25 / 20_000) ** 0.5
    assert is_fair(np.histogram(np.log2(1.0 + slots.price), 16, (0, 2))[0])


def test_episodes_of_a_slot_differ() -> None:
    """Neither the streams nor the customers of one episode say anything of the next."""
    episodes = [begun(5_000, 2, episode=episode) for episode in range(3)]

    assert len(np.unique(np.concatenate([slots.stream for slots in episodes]))) == 15_000
    pairs = np.histogram2d(episodes[0].customer, episodes[1].customer, 10)[0]
    assert is_fair(pairs.astype(np.int64))


@given(st.integers(0, 2**64 - 1), st.integers(0, 1_000), st.integers(1, 20))
def test_a_slot_draws_the_same_alone(seed: int, slot: int, others: int) -> None:
    """What a slot begins with does not depend on how many others begin with it."""
    together, alone = begun(slot + others, seed), begun(1, seed, first_slot=slot)

    for column, single in zip(together, alone, strict=True):
        assert column[slot] == single[0]


def test_a_level_is_chosen_by_its_share() -> None:
    """Shares .2, .3, .5: the borders are .2 and .5, and a border belongs to the level above it."""
    shares = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5]])

    chosen = [moved(shares, 1, uniform) for uniform in (0.0, 0.19, 0.2, 0.49, 0.5, 0.999)]

    assert chosen == [0, 0, 1, 1, 2, 2]
    assert moved(shares, 0, 0.999) == 0


def test_no_level_without_a_share_is_reached_by_rounding() -> None:
    """Ten tenths sum to a little less than 1: the last level takes what rounding leaves."""
    tenths = np.full((1, 10), 0.1)

    assert moved(tenths, 0, np.nextafter(1.0, 0.0)) == 9
