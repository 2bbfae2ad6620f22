"""Messages to learn from, as many as wanted: briefs with their drafts, and pairs of which one is better.

Nothing of it is downloaded and nobody is named: a grammar writes it. Train, validation and test have
no structure in common; training and validation never see a held-out context, test sees no other.
Half of the drafts to imitate are weak, as real messages are, so that there is something left to
learn from preferences. This module does not judge: whether a draft may be sent is for the shield.
"""

from functools import cache

import polars as pl

from churn_saver.data.retention.drafts import Draft, composed, fits, possible, repeats, weakened
from churn_saver.data.retention.flaws import flawed
from churn_saver.data.retention.phrases import SPLITS, Draws, check_split
from churn_saver.domain.briefs import Brief, every_brief, is_held_out, prompt_of
from churn_saver.errors import InputError

QUALITY = "quality"
"""Both texts may be sent, one is the better message."""
KIND_SHARES = {
    QUALITY: 40, "wrong_channel": 10, "wrong_offer": 8, "missing_slot": 7, "misplaced_slot": 6,
    "repetition": 6, "wrong_duration": 5, "foreign_slot": 5, "promise": 3, "pressure": 3, "shouting": 2,
    "rude": 2, "too_long": 1, "too_short": 2,
}  # fmt: skip
"""Per cent of the pairs; what is hard to see, such as one wrong word, more often than other faults."""
KINDS = tuple(KIND_SHARES)
_WEAK_SHARE, _TWICE_WEAK_SHARE = 0.5, 0.25
_MINIMAL_SHARE = 0.5
_GRADED_SHARE = 0.25
_BRIEF = {
    "tone": pl.String, "channel": pl.String, "tenure": pl.String, "contract": pl.String,
    "offer_percent": pl.Int64, "has_name": pl.Boolean,
}  # fmt: skip
_RESPONSE = dict.fromkeys(("prompt", "response", "structure", "weakness"), pl.String) | _BRIEF
_PREFERENCE = dict.fromkeys(
    ("prompt", "chosen", "rejected", "kind", "structure", "weakness"), pl.String
) | _BRIEF  # fmt: skip
_TRIES_A_ROW = 50


def responses(split: str, n: int, seed: int) -> pl.DataFrame:
    """Write drafts to imitate; every one may be sent whatever the facts, about half are weak.

    Args:
        split: train, validation or test.
        n: How many; the first of more are the same.
        seed: Another seed, other drafts.

    Returns:
        prompt, response, structure, weakness (empty: good) and what the brief says, a draft once.

    Raises:
        InputError: an unknown split, a negative n, or more drafts than the grammar has.
    """
    draws = _draws(split, n, seed, 0)
    rows: dict[tuple[str, str], tuple[object, ...]] = {}
    for _ in range(_TRIES_A_ROW * n):
        if len(rows) == n:
            break
        brief = draws.one_of(_briefs(split))
        draft = composed(brief, _wanted_weaknesses(brief, draws), split, draws)
        if draft is not None:
            row = (prompt_of(brief), draft.text, draft.structure, " ".join(draft.weaknesses), *_said(brief))
            rows.setdefault((prompt_of(brief), draft.text), row)
    return _frame(list(rows.values()), n, _RESPONSE)


def preferences(split: str, n: int, seed: int) -> pl.DataFrame:
    """Write pairs of a better and a worse answer to one prompt.

    Args:
        split: train, validation or test.
        n: How many; the first of more are the same.
        seed: Another seed, other pairs.

    Returns:
        prompt, chosen, rejected, kind (of `KINDS`: what is worse), structure, weakness (of the rejected
        one, where the kind is quality) and what the brief says, a pair once.

    Raises:
        InputError: an unknown split, a negative n, or more pairs than the grammar has.
    """
    draws = _draws(split, n, seed, 1)
    kinds = [kind for kind, share in KIND_SHARES.items() for _ in range(share)]
    rows: dict[tuple[str, str, str], tuple[object, ...]] = {}
    kind = ""
    for _ in range(_TRIES_A_ROW * n):
        if len(rows) == n:
            break
        # One that could not be made is tried again, else the easy kinds would crowd out the others.
        kind, brief = kind or draws.one_of(kinds), draws.one_of(_briefs(split))
        pair = _quality(brief, split, draws) if kind == QUALITY else _flawed(kind, brief, split, draws)
        if pair is not None and pair[0] != pair[1]:
            key = (prompt_of(brief), pair[0], pair[1])
            rows.setdefault(key, (*key, kind, *pair[2:], *_said(brief)))
            kind = ""
    return _frame(list(rows.values()), n, _PREFERENCE)


def _quality(brief: Brief, split: str, draws: Draws) -> tuple[str, str, str, str] | None:
    """Give two drafts that may both be sent: chosen, rejected, structure, what the rejected one lacks."""
    more = _some_weakness(brief, draws)
    fewer = _some_weakness(brief, draws) if draws.chance(_GRADED_SHARE) else ()
    if set(more) & set(fewer):
        return None
    better = composed(brief, fewer, split, draws)
    if better is None:
        return None
    if draws.chance(_MINIMAL_SHARE):
        worse: Draft | None = better
        for weakness in more:
            worse = worse and weakened(worse, weakness, split, draws)
        if worse is not None and (not fits(worse) or repeats(worse)):
            worse = None
    else:
        worse = composed(brief, (*fewer, *more), split, draws)
    if worse is None:
        return None
    return better.text, worse.text, f"{better.structure} > {worse.structure}", " ".join(worse.weaknesses)


def _flawed(kind: str, brief: Brief, split: str, draws: Draws) -> tuple[str, str, str, str] | None:
    """Give a draft that may be sent, perhaps a weak one, and a text that must not be."""
    better = composed(brief, _wanted_weaknesses(brief, draws), split, draws)
    spoilt = better if draws.chance(_MINIMAL_SHARE) else composed(brief, (), split, draws)
    if better is None or spoilt is None:
        return None
    worse = flawed(kind, spoilt, split, draws)
    return None if worse is None else (better.text, worse, f"{better.structure} > {spoilt.structure}", "")


def _wanted_weaknesses(brief: Brief, draws: Draws) -> tuple[str, ...]:
    return _some_weakness(brief, draws) if draws.chance(_WEAK_SHARE) else ()


def _some_weakness(brief: Brief, draws: Draws) -> tuple[str, ...]:
    first, second = draws.one_of(possible(brief)), draws.one_of(possible(brief))
    if first == second:
        return (first,)
    return (first, second) if draws.chance(_TWICE_WEAK_SHARE) else (first,)


@cache
def _briefs(split: str) -> tuple[Brief, ...]:
    return tuple(brief for brief in every_brief() if is_held_out(brief.context) == (split == "test"))


def _draws(split: str, n: int, seed: int, what: int) -> Draws:
    check_split(split)
    if n < 0 or seed < 0:
        raise InputError(f"n is {n} and seed {seed}, wanted 0 or more of both")
    return Draws(seed, SPLITS.index(split), what)


def _said(brief: Brief) -> tuple[object, ...]:
    at = brief.context
    return brief.tone, at.channel, at.tenure, at.contract, at.offer_percent, at.has_name


def _frame(rows: list[tuple[object, ...]], n: int, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    if len(rows) < n:
        raise InputError(f"the grammar gave {len(rows):,} different rows, wanted {n:,}: ask for fewer")
    return pl.DataFrame(rows, schema, orient="row")
