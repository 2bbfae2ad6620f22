"""Rewards and advantages of texts, token by token: a score at the end, and what each token strays.

A text is one row. Its response is one run of tokens, where the mask is open; what stands before it (the
prompt) and after it (padding) may be anything, NaN too, and neither earns nor costs. Undiscounted: a
text has an end. NumPy only, no gradients. Knows nothing of tokenizers, networks or what a score means.
Source: Ziegler et al., Fine-Tuning Language Models from Human Preferences, 2019,
https://arxiv.org/abs/1909.08593, section 2: R = r − β log(π/ρ), taken apart into tokens.
"""

import math
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.rl.returns import gae

Float = TypeVar("Float", np.float32, np.float64)
Mask = NDArray[np.bool_]


def last_tokens(mask: Mask) -> NDArray[np.intp]:
    """Find where each response ends.

    Shapes: n texts of T tokens: (n, T) → (n,).

    Args:
        mask: Tokens of the response.

    Raises:
        InputError: the mask has another shape or type, or a row has no response, or one with a hole.
    """
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise InputError(f"the mask is {mask.dtype} of shape {mask.shape}, wanted bool of (texts, tokens)")
    starts = mask & ~np.pad(mask, ((0, 0), (1, 0)))[:, :-1]
    runs = starts.sum(axis=1)
    if np.any(runs != 1):
        row = int(np.flatnonzero(runs != 1)[0])
        raise InputError(
            f"row {row} of the mask has {runs[row]} runs of response tokens, wanted one: leave empty "
            "responses out, and mark every token from the first to the end"
        )
    return np.asarray(mask.shape[1] - 1 - np.argmax(mask[:, ::-1], axis=1))


def token_kl(logp_t: NDArray[Float], logp_ref_t: NDArray[Float], mask: Mask) -> NDArray[Float]:
    """Estimate at each token how far the policy is from its reference: log π − log ρ, and 0 elsewhere.

    Unbiased for tokens that the policy drew: its sum over a response has the mean KL(π ‖ ρ) of whole
    responses. A single one may be below 0.

    Shapes: (n, T), (n, T), (n, T) → (n, T).

    Units: nats.

    Args:
        logp_t: Log-probabilities of the tokens under the policy that drew them.
        logp_ref_t: The same under the reference.
        mask: Tokens of the response.

    Raises:
        InputError: shapes or types differ.

    Source: Schulman, Approximating KL Divergence, 2020, http://joschu.net/blog/kl-approx.html, k1.
    """
    _check_alike(mask, logp_t=logp_t, logp_ref_t=logp_ref_t)
    # Closed tokens are taken out first: NaN − NaN would warn, and −inf − −inf is NaN.
    return _counted(logp_t, mask) - _counted(logp_ref_t, mask)


def token_rewards(
    score: NDArray[Float], logp_t: NDArray[Float], logp_ref_t: NDArray[Float], mask: Mask, beta: float
) -> NDArray[Float]:
    """Take the price of straying off each token, and add the score of the whole text at its last one.

    r_t = −β (log π_t − log ρ_t) + [t is the last]·score.

    Shapes: (n,), (n, T), (n, T), (n, T) → (n, T).

    Units: score and r_t in one unit; β in that unit per nat.

    Args:
        score: Of each text.
        logp_t: As in `token_kl`.
        logp_ref_t: As in `token_kl`.
        mask: Tokens of the response.
        beta: Weight of the penalty, ≥ 0.

    Raises:
        InputError: shapes or types differ, a row has no response, beta or a score is out of range.
    """
    if not 0.0 <= beta < math.inf:
        raise InputError(f"beta is {beta}, wanted a finite number of 0 or more")
    if score.shape != mask.shape[:1]:
        raise InputError(f"score has shape {score.shape}, wanted {mask.shape[:1]}: one for each text")
    if not np.all(np.isfinite(score)):
        row = int(np.flatnonzero(~np.isfinite(score))[0])
        raise InputError(f"the score of row {row} is {score[row]}, wanted a finite number: look at its judge")
    r_t = token_kl(logp_t, logp_ref_t, mask)
    r_t *= -beta
    r_t[np.arange(len(mask)), last_tokens(mask)] += score
    return r_t


def preferred(score: NDArray[Float], siblings: int) -> NDArray[Float]:
    """Give the chance that each text is preferred to another one of its prompt: the mean over the others.

    p_i = mean over j ≠ i of σ(s_i − s_j). A judge that was taught by comparing answers to one prompt says
    nothing of another prompt's zero, and a text that is far better than its siblings earns no more than one
    that is better for certain. Over the texts of a prompt the mean is ½, whatever the policy.

    Shapes: k prompts one after the other, n = siblings·k texts: (n,) → (n,).

    Units: scores in those of the judge, the chance from 0 to 1.

    Args:
        score: Of each text, texts of a prompt beside each other.
        siblings: Texts of a prompt, two at least.

    Raises:
        InputError: the texts are no whole number of prompts.

    Source: Swamy et al., A Minimaximalist Approach to Reinforcement Learning from Human Feedback, 2024,
    https://arxiv.org/abs/2401.04056, algorithm 2, with a judge in the place of the preferences.
    """
    if siblings < 2 or score.ndim != 1 or len(score) % siblings:
        raise InputError(
            f"score has shape {score.shape}, wanted (n,) with n a multiple of siblings = {siblings}, which "
            "is 2 or more"
        )
    of_prompt = score.reshape(-1, siblings)
    apart = (of_prompt[:, :, None] - of_prompt[:, None, :]).astype(np.float64)
    chance = np.exp(-np.logaddexp(0.0, -apart))
    # Against itself each has ½.
    found: NDArray[np.float64] = (chance.sum(axis=2) - 0.5) / (siblings - 1)
    return found.reshape(-1).astype(score.dtype)


def response_advantages(
    r_t: NDArray[Float], v_t: NDArray[Float], mask: Mask, lam: float
) -> tuple[NDArray[Float], NDArray[Float]]:
    """Estimate advantages and returns by `returns.gae` over the responses alone; 0 elsewhere.

    Nothing is carried over a border: the last token is followed by nothing, and the prompt learns nothing.

    Shapes: (n, T), (n, T), (n, T) → (n, T), (n, T).

    Args:
        r_t: Rewards of the tokens.
        v_t: Value of the text before each token.
        mask: Tokens of the response.
        lam: λ of generalised advantage estimation.

    Raises:
        InputError: shapes or types differ, a row has no response, lam is outside [0, 1].
    """
    _check_alike(mask, r_t=r_t, v_t=v_t)
    last_tokens(mask)
    reward, value = _counted(r_t, mask).T, _counted(v_t, mask).T
    following = np.zeros_like(value[:1])
    # 1 between two tokens of a response, 0 at its end: what comes after is 0 and stays 0.
    gamma_t = np.concatenate([mask.T[:-1] & mask.T[1:], np.zeros((1, len(mask)), bool)]).astype(r_t.dtype)
    adv_t, ret_t = gae(reward, np.concatenate([value, following]), gamma_t, lam)
    return np.ascontiguousarray(adv_t.T), np.ascontiguousarray(ret_t.T)


def _counted(x: NDArray[Float], mask: Mask) -> NDArray[Float]:
    """Put 0 where nothing counts, in the same type."""
    return np.where(mask, x, x.dtype.type(0.0))


def _check_alike(mask: Mask, **arrays: NDArray[Float]) -> None:
    """Refuse what NumPy would broadcast or cast without a word."""
    for name, array in arrays.items():
        if array.shape != mask.shape or not np.issubdtype(array.dtype, np.floating):
            raise InputError(
                f"{name} is {array.dtype} of shape {array.shape}, wanted floats of the mask's {mask.shape}"
            )
    if len({array.dtype for array in arrays.values()}) != 1:
        kinds = {name: str(array.dtype) for name, array in arrays.items()}
        raise InputError(f"the types are {kinds}, wanted one for all: convert with astype")
