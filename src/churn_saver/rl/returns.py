"""Advantages: what an action brought beyond what was expected, and how several of them become one.

Names are the papers' letters with the time index. Knows nothing of customers, tokens, networks or
optimisers. NumPy only. Rewards and values are not looked at: a NaN in goes through to the end.
Source: Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage
Estimation, ICLR 2016, https://arxiv.org/abs/1506.02438.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError

Float = TypeVar("Float", np.float32, np.float64)

_TINY_STD = 1e-8
"""Added to the standard deviation, so that what does not vary is not divided by 0."""


def gae(
    r_t: NDArray[Float], v_t: NDArray[Float], gamma_t: NDArray[Float], lam: float
) -> tuple[NDArray[Float], NDArray[Float]]:
    """Estimate advantages and the returns to fit the values to, with one discount per transition.

    delta_t = r_t + gamma_t v_{t+1} − v_t and adv_t = delta_t + gamma_t lam adv_{t+1}; ret_t = adv_t + v_t.
    gamma_t is the chance that the episode goes on after step t: 0 where it ends, the survival where
    a customer may leave, 1 otherwise. After an end, v_{t+1} may belong to the next episode (SAME_STEP
    autoreset): it is multiplied by 0. Where an episode is cut off without an end, take 0 as well and
    add the discounted value of its own last state to r_t.

    Shapes: T steps, then any dimensions: (T, ...), (T + 1, ...), (T, ...) → (T, ...), (T, ...). gamma_t
    may be broadcast, (T, n, 1) for (T, n, channels); time comes first.

    Units: r_t, v_t, adv_t and ret_t in one unit; gamma_t and lam are fractions in [0, 1].

    Args:
        r_t: Rewards, or costs of one constraint.
        v_t: Values of the states acted in, and of the one after the last step.
        gamma_t: Discount from step t to step t + 1.
        lam: λ of the paper: 0 trusts the values, 1 the rewards.

    Raises:
        InputError: a shape does not fit, the dtypes are not one float type, lam is outside [0, 1].

    Source: eq. 16 of the paper, written backwards. A discount for each transition, the end among them:
    White, Unifying Task Specification in Reinforcement Learning, 2017, https://arxiv.org/abs/1609.01995.
    """
    _check_steps(r_t, v_t, gamma_t, lam)
    adv_t = np.empty_like(r_t)
    following = np.zeros_like(v_t[0])
    for t in reversed(range(len(r_t))):
        # The dots keep a view when nothing trails; five passes over one row stay in the cache.
        now = adv_t[t, ...]
        np.multiply(following, float(lam), out=now)
        now += v_t[t + 1]
        now *= gamma_t[t]
        now += r_t[t]
        now -= v_t[t]
        following = now
    return adv_t, adv_t + v_t[:-1]


def mixed(
    adv_r: NDArray[Float],
    adv_costs: Sequence[NDArray[Float]],
    multipliers: Sequence[float | NDArray[Float]],
) -> NDArray[Float]:
    """Take the price of every constraint off the advantage: (A_r − Σ λ_i A_i) / (1 + Σ λ_i).

    The divisor keeps the size of the step while a λ grows. Mix first, `whiten` after: the
    other way round every constraint would weigh the same.

    Shapes: (...), k of (...), k of () or what broadcasts to (...) → (...).

    Units: λ_i in rewards per cost.

    Args:
        adv_r: Advantages of the reward.
        adv_costs: Advantages of each cost.
        multipliers: λ of each cost; an array where it was drawn for each sample.

    Raises:
        InputError: adv_r is no float, another number of λ than of costs, a shape that does not fit,
            a λ that is negative, NaN or infinite.

    Source: https://github.com/astooke/rlpyt/blob/2f2126ff387f14de1d963471b3357c6750f76461/rlpyt/projects/safe/cppo_pid.py
    (`sum_norm`).
    """
    _check_float("adv_r", adv_r)
    if len(adv_costs) != len(multipliers):
        raise InputError(
            f"there are {len(multipliers)} multipliers for {len(adv_costs)} costs: hand in one for each"
        )
    mix = adv_r.copy()
    scale: NDArray[Float] = np.ones((), dtype=adv_r.dtype)
    for i, (adv, multiplier) in enumerate(zip(adv_costs, multipliers, strict=True)):
        lam = np.asarray(multiplier, dtype=adv_r.dtype)
        if adv.shape != adv_r.shape or not _broadcasts(lam.shape, adv_r.shape):
            raise InputError(
                f"cost {i} has advantages of shape {adv.shape} and a multiplier of shape {lam.shape}, "
                f"wanted {adv_r.shape} and what broadcasts to it"
            )
        if not np.all((lam >= 0.0) & np.isfinite(lam)):
            raise InputError(
                f"multiplier {i} has values down to {lam.min()}, wanted finite numbers of 0 or more: "
                "project it first (multipliers.ascend)"
            )
        mix -= lam * adv
        scale = scale + lam
    mix /= scale
    return mix


def whiten(
    x: NDArray[Float], mask: NDArray[np.bool_] | None = None, keep_mean: bool = False
) -> NDArray[Float]:
    """Bring to mean 0 and standard deviation 1, over everything that counts.

    What hardly varies (by less than 1e-8) stays near 0. Computed in float64, given in the dtype of x.

    Shapes: (...), (...) → (...).

    Args:
        x: Anything, say the advantages of a batch.
        mask: What counts; elsewhere the result is 0, whatever stands there. None: everything.
        keep_mean: Leave the mean where it was, and change only the spread: for rewards, whose sign counts.

    Raises:
        InputError: x is no float, a mask of another shape, or nothing counts.

    Source: population variance as in
    https://github.com/openai/lm-human-preferences/blob/f774e89b9e3762a03b7f3953189861979bee1775/lm_human_preferences/utils/core.py
    (`whiten`, whose `shift_mean` is the opposite of `keep_mean`).
    """
    _check_float("x", x)
    if mask is not None and mask.shape != x.shape:
        raise InputError(f"the mask has shape {mask.shape}, wanted that of the values, {x.shape}")
    counted = x if mask is None else x[mask]
    if counted.size == 0:
        raise InputError("nothing is left to whiten: the mask is closed everywhere, or there are no values")
    mean = counted.mean(dtype=np.float64)
    std = np.sqrt(np.square(counted - mean, dtype=np.float64).mean())
    white = (x - mean) / (std + _TINY_STD) + (mean if keep_mean else 0.0)
    return (white if mask is None else np.where(mask, white, 0.0)).astype(x.dtype)


def _check_steps(r_t: NDArray[Float], v_t: NDArray[Float], gamma_t: NDArray[Float], lam: float) -> None:
    """Refuse what NumPy would broadcast or cast without a word."""
    if r_t.ndim == 0 or v_t.shape != (len(r_t) + 1, *r_t.shape[1:]):
        raise InputError(
            f"v_t has shape {v_t.shape} for r_t of shape {r_t.shape}, wanted one step more and "
            "the same dimensions after it: append the value of the last state"
        )
    if gamma_t.ndim != r_t.ndim or len(gamma_t) != len(r_t) or not _broadcasts(gamma_t.shape, r_t.shape):
        raise InputError(
            f"gamma_t has shape {gamma_t.shape}, wanted {r_t.shape} or 1 in its trailing dimensions: "
            "hand in one discount for each transition"
        )
    _check_float("r_t", r_t)
    if not r_t.dtype == v_t.dtype == gamma_t.dtype:
        raise InputError(
            f"r_t, v_t and gamma_t are {r_t.dtype}, {v_t.dtype} and {gamma_t.dtype}, wanted one type: "
            "convert with astype"
        )
    if not 0.0 <= lam <= 1.0:
        raise InputError(f"lam is {lam}, wanted a fraction from 0 to 1")


def _check_float(name: str, x: NDArray[Float]) -> None:
    """Refuse whole numbers, into which results would be cut."""
    if not np.issubdtype(x.dtype, np.floating):
        raise InputError(f"{name} is {x.dtype}, wanted float32 or float64: convert with astype")


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Say whether an array of one shape can stand for one of the other."""
    if len(shape) > len(to):
        return False
    return all(size in (1, whole) for size, whole in zip(reversed(shape), reversed(to), strict=False))
