"""The backward recursion of the dynamic programme, for a block of customers at a time.

Lanes (the customers of a block) are innermost and protected days come next, so that inner loops run
over one stretch of memory. `ahead[c, j]` holds channel c of X_j, "j more days pass without a look,
then one decides": X_0 = V and X_j(t) = one day of X_{j−1}(t + 1). Filling j from the longest to the
shortest lets one buffer serve all days. Channel 0 is what is maximised; the others are what the
maximising plan spends and how often it exceeds the cap. Knows nothing of budgets.

Inner loops index whole arrays by sums of counters that start at 0. Cut out a row, or take something
off a counter, and they stay scalar.
"""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from churn_saver.policy.compiled import compiled, in_parallel
from churn_saver.policy.dynamics import N_DELAYS, Floats, Ints

LANES = 8
"""Customers of a block: one vector on wide machines, two on others."""
GROUP = 4
"""Fewer levels are padded to this many, so that a day's sum over them is one expression."""
CONTACT = N_DELAYS
"""Codes of an answer: d < CONTACT is idle with delay d, CONTACT + 8 · k + d a contact with offer k."""

Answers = NDArray[np.uint16]


class Model(NamedTuple):
    """What the recursion reads; a block's numbers are repeated per protected day where loops need it."""

    horizon_days: int
    period_days: int
    first_open: int
    """Least days from a contact to the next look, 1..8."""
    decision_cost: float
    reach: Ints
    """Protections to value, by day, days to the look, fatigue and units; as `reachable` gives it."""
    protected_days: Ints
    offer_units: Ints
    start: Floats
    """(L,)."""
    transitions: Floats
    """(L, L padded with zeros)."""
    survival: Floats
    """(blocks, L, P · lanes), the first lanes of a row without protection."""
    earned: Floats
    """Survival times margin for channel 0, nothing for the others, (2, blocks, L, P · lanes)."""
    terminal: Floats
    """(blocks, lanes)."""
    taken: Floats
    """Chance that the customer stays and accepts, (blocks, fatigue, 4, lanes)."""
    refused: Floats
    """Chance that the customer stays and does not, (blocks, fatigue, 4, lanes)."""
    paid: Floats
    """What a contact takes from channel 0 and adds to the others, (channels, blocks, fatigue, 4, lanes)."""


def solve_blocks(model: Model, answers: Answers) -> Floats:
    """Value every customer from the start: → (channels, blocks, lanes).

    `answers`, (blocks, H, fatigue, units, L, P · lanes), is filled with what to do; of no blocks: not.
    """
    n_channels, n_blocks = model.paid.shape[:2]
    found = np.empty((n_channels, n_blocks, LANES))
    if n_blocks == 1:
        _solve(model, np.int64(0), answers, found)  # no threads to wait for
    else:
        _solve_all(model, answers, found)
    return found


@in_parallel
def _solve_all(model: Model, answers: Answers, found: Floats) -> None:
    """Spread the blocks over threads; prange counts without sign, which would compile `_solve` twice."""
    for block in prange(found.shape[1]):
        _solve(model, np.int64(block), answers, found)


@compiled
def _solve(model: Model, block: np.int64, answers: Answers, found: Floats) -> None:
    """Go through the days backwards for one block."""
    n_levels, padded = model.transitions.shape
    n_fatigue, n_units = model.reach.shape[2:]
    width = model.survival.shape[2]
    ahead = np.zeros((len(found), 1 + N_DELAYS, n_fatigue, n_units, padded, width))
    for i in range(width):
        ahead[0, :, :, :, :n_levels, i] = model.terminal[block, i % LANES]
    best, worth, codes = np.empty(width), np.empty(width), np.empty(width, dtype=np.int64)
    for day in range(model.horizon_days - 1, -1, -1):
        _count_down(model, block, day, ahead)
        for f in range(n_fatigue):
            for u in range(n_units):
                open_now, known = model.reach[day, 0, f, u] * LANES, model.reach[day, N_DELAYS, f, u] * LANES
                for s in range(n_levels if known else 0):
                    _look(model, block, ahead[0], f, u, s, open_now, best, codes, worth)
                    _follow(model, block, ahead, f, u, s, open_now, best, codes)
                    if len(answers):
                        _note(ahead[0], f, u, s, known, open_now, codes, answers[block, day, f, u, s])
    for c in range(len(found)):
        for lane in range(LANES):
            found[c, block, lane] = 0.0
            for s in range(n_levels):
                found[c, block, lane] += model.start[s] * ahead[c, 0, 0, n_units - 1, s, lane]


@compiled
def _count_down(model: Model, block: np.int64, day: int, ahead: Floats) -> None:
    """Put the day before each X_{j−1}, which makes it the X_j of the day; the longest first."""
    resets = (day + 1) % model.period_days == 0
    for j in range(N_DELAYS, 0, -1):
        for f in range(ahead.shape[2]):
            for u in range(ahead.shape[3]):
                count = model.reach[day, j, f, u] * LANES
                for c in range(len(ahead) if count else 0):
                    _pass_day(
                        ahead[c, j - 1, 0 if resets else f, u], ahead[c, j, f, u], model.transitions,
                        model.survival[block], model.earned[min(c, 1), block], count,
                    )  # fmt: skip


@compiled
def _pass_day(
    ahead: Floats, out: Floats, transitions: Floats, survival: Floats, earned: Floats, count: int
) -> None:
    """One day: out[s, p] = earned[s, p] + survival[s, p] · Σ T[s, s'] · ahead[s', p − 1]."""
    for s in range(len(transitions)):
        t0, t1, t2, t3 = transitions[s, 0], transitions[s, 1], transitions[s, 2], transitions[s, 3]
        for i in range(LANES):
            moved = (t0 * ahead[0, i] + t1 * ahead[1, i]) + (t2 * ahead[2, i] + t3 * ahead[3, i])
            out[s, i] = earned[s, i] + survival[s, i] * moved
        for i in range(count - LANES):
            moved = (t0 * ahead[0, i] + t1 * ahead[1, i]) + (t2 * ahead[2, i] + t3 * ahead[3, i])
            out[s, LANES + i] = earned[s, LANES + i] + survival[s, LANES + i] * moved
    for g in range(GROUP, transitions.shape[1]):
        _add_level(ahead, out, transitions, survival, count, g)


@compiled
def _add_level(
    ahead: Floats, out: Floats, transitions: Floats, survival: Floats, count: int, to: int
) -> None:
    """Add what one more level brings, where there are more than a group of them."""
    for s in range(len(transitions)):
        chance = transitions[s, to]
        for i in range(LANES):
            out[s, i] += survival[s, i] * (chance * ahead[to, i])
        for i in range(count - LANES):
            out[s, LANES + i] += survival[s, LANES + i] * (chance * ahead[to, i])


@compiled
def _look(
    model: Model, block: np.int64, ahead: Floats, f: int, u: int, s: int, count: int,
    best: Floats, codes: Ints, worth: Floats,
) -> None:  # fmt: skip
    """Find the best answer of a look with contact open; a later one must be strictly better.

    In this order: idle before contact, the cheaper offer, the longer delay.
    """
    for i in range(count):
        best[i] = ahead[N_DELAYS, f, u, s, i]
        codes[i] = N_DELAYS - 1
    for j in range(N_DELAYS - 1, 0, -1):
        _take_better(ahead[j, f, u, s], j - 1, count, best, codes)
    if f + 1 == ahead.shape[1]:
        return
    taken, refused, paid = model.taken[block, f], model.refused[block, f], model.paid[0, block, f]
    for k in range(len(model.offer_units)):
        if model.offer_units[k] > u:
            continue
        left, set_to = u - model.offer_units[k], model.protected_days[k] * LANES
        for j in range(N_DELAYS, model.first_open - 1, -1):
            for first in range(0, count, LANES):
                held = max(first, set_to)
                for lane in range(LANES):
                    worth[first + lane] = (
                        taken[k, lane] * ahead[j, f + 1, left, s, held + lane]
                        + refused[k, lane] * ahead[j, f + 1, u, s, first + lane]
                        - paid[k, lane]
                    )
            _take_better(worth, CONTACT + k * N_DELAYS + j - 1, count, best, codes)


@compiled
def _take_better(worth: Floats, code: int, count: int, best: Floats, codes: Ints) -> None:
    """Where an answer is worth more than the best so far, make it the best."""
    for i in range(count):
        better = worth[i] > best[i]
        best[i] = worth[i] if better else best[i]
        codes[i] = code if better else codes[i]


@compiled
def _follow(
    model: Model, block: np.int64, ahead: Floats, f: int, u: int, s: int, count: int,
    best: Floats, codes: Ints,
) -> None:  # fmt: skip
    """Write V, and what the best answer brings in the other channels."""
    for i in range(count):
        ahead[0, 0, f, u, s, i] = best[i] - model.decision_cost
    for c in range(1, len(ahead)):
        for i in range(count):
            if codes[i] < CONTACT:
                ahead[c, 0, f, u, s, i] = ahead[c, 1 + codes[i], f, u, s, i]
                continue
            lane, k, j = i % LANES, (codes[i] - CONTACT) // N_DELAYS, 1 + (codes[i] - CONTACT) % N_DELAYS
            held = max(i, model.protected_days[k] * LANES + lane)
            left = u - model.offer_units[k]
            ahead[c, 0, f, u, s, i] = (
                model.paid[c, block, f, k, lane]
                + model.taken[block, f, k, lane] * ahead[c, j, f + 1, left, s, held]
                + model.refused[block, f, k, lane] * ahead[c, j, f + 1, u, s, i]
            )


@compiled
def _note(
    ahead: Floats, f: int, u: int, s: int, known: int, count: int, codes: Ints, answers: Answers
) -> None:
    """Write what to do: bit d for an idle delay better than all longer ones, above them the contact.

    The best idle delay of at least d days is the lowest bit from d on, whatever the wait. The upper
    byte is 0 without contact, else 1 + 8 · offer + delay.
    """
    for i in range(known):
        best, bits = ahead[N_DELAYS, f, u, s, i], 1 << (N_DELAYS - 1)
        for j in range(N_DELAYS - 1, 0, -1):
            if ahead[j, f, u, s, i] > best:
                best = ahead[j, f, u, s, i]
                bits |= 1 << (j - 1)
        if i < count and codes[i] >= CONTACT:
            bits |= (1 + codes[i] - CONTACT) << N_DELAYS
        answers[i] = bits
