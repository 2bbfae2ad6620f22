"""A log of decisions, a file's or of our books, as what effects are learned from.

Columns become the fields that the service knows of a customer, and the arms the choices of the offer
ladder, so that what is learned can be asked while it serves. The reward is 1 where the customer was still
one at the end of the window, 0 where not. Every row that teaches nothing is left out, counted and said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters.log_files import LogFile
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS
from churn_saver.domain.customer import (
    FIELDS,
    Customers,
    Field,
    View,
    column_key,
    word_codes,
    word_key,
)
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import InputError, listed, quoted, shown
from churn_saver.evidence.logged import Floats, Logged, Matrix
from churn_saver.journey.learned import known_of
from churn_saver.tabular.features import names_of
from churn_saver.tabular.predictors import CHURN_RISK

ARMS = ("none", *(str(percent) for percent in OFFER_PERCENTS))
"""Words of the documented log, by choice."""
_KEYS: Mapping[str, Field] = {
    column_key(name): entry
    for entry in FIELDS
    if entry.view is not View.PROTECTED
    for name in (entry.name, *entry.aliases)
}


@dataclass(frozen=True, slots=True)
class EffectsLog:
    """n decisions that teach."""

    log: Logged
    """Arms in the order of `choices`, features as `names`."""
    choices: tuple[int, ...]
    """Choice of each arm, rising from 0, (k,)."""
    names: tuple[str, ...]
    """Columns of x."""
    bill_minor: NDArray[np.int64]
    """(n,); 0 where the log has no bill."""
    churn_risk: Floats
    """(n,), NaN: not known."""
    notes: tuple[str, ...]
    """What was left out, and what a reader must know."""


def of_file(file: LogFile) -> EffectsLog:
    """Take a log as it was read.

    Raises:
        InputError: an arm is no choice of the ladder, no contact was never drawn, nobody recorded
            propensities, a reward is neither 0 nor 1, or nothing that the service knows stands in it.
    """
    if file.log.propensity is None:
        raise InputError(
            "the log has no propensity, wanted the probability of what was drawn in each row: effects of a "
            "customer are learned from chance alone. Explore: exploration_share in serve.yaml"
        )
    by_chance = file.log.propensity < 1
    certain = int((~by_chance).sum())
    if certain == len(by_chance):
        raise InputError(
            f"in all {certain:,} rows of the log the arm was certain, wanted arms drawn by chance: else "
            "nothing tells what another would have done. Explore: exploration_share in serve.yaml"
        )
    log = file.log.taken(by_chance)
    # An arm that was never open is no arm here; the others stand in the order of the ladder.
    seen = np.flatnonzero(log.allowed.any(axis=0))
    choices = np.array([_choice(file.arms[arm]) for arm in seen])
    order = seen[np.argsort(choices)]
    place = np.full(log.arms, -1)
    place[order] = np.arange(len(order))
    ordered = replace(log, arm=place[log.arm], allowed=log.allowed[:, order])
    fields, risk, unused = _fields(file.features, log.features)
    notes = list(file.notes)
    if unused:
        notes.append(f"not inputs, since the service does not know them or must not: {listed(unused)}")
    if certain:
        notes.append(f"{certain:,} decisions left out whose arm was certain: they teach nothing of others")
    return _learnable(ordered, tuple(sorted(choices.tolist())), fields, risk, notes)


def _learnable(
    log: Logged,
    choices: tuple[int, ...],
    fields: Mapping[str, NDArray[np.float32]],
    risk: Floats,
    notes: Sequence[str],
) -> EffectsLog:
    if choices[0] != NO_CONTACT or not log.is_binary:
        what = "no arm none" if choices[0] != NO_CONTACT else "rewards other than 0 and 1"
        raise InputError(
            f"the log has {what}, wanted {ARMS[NO_CONTACT]} among its arms and rewards of 1 (stayed) and 0 "
            "(left): effects are on the chance to stay, against no contact"
        )
    some = {name: column for name, column in fields.items() if not np.isnan(column).all()}
    names = names_of(tuple(entry.name for entry in FIELDS if entry.name in some))
    if not np.isnan(risk).all():
        names = (CHURN_RISK, *names)
    if not names:
        raise InputError(
            f"the log holds nothing that the service knows of a customer, wanted {CHURN_RISK} or columns of "
            f"the customer table: {listed(list(dict.fromkeys(entry.name for entry in _KEYS.values())))}"
        )
    n = len(log)
    nothing: list[None] = [None] * n
    unknown = np.full(n, np.nan)
    spend = some.get("monthly_spend", np.zeros(n, dtype=np.float32)).astype(np.float64)
    bill = np.rint(np.nan_to_num(spend) * MINOR_PER_UNIT).astype(np.int64)
    customers = Customers(
        [""] * n, nothing, bill, some, risk, unknown, unknown, nothing, nothing, nothing, nothing
    )
    x = known_of(customers, risk, names)
    return EffectsLog(replace(log, features=x), choices, names, bill, risk, tuple(notes))


def _choice(arm: str) -> int:
    try:
        return ARMS.index(arm)
    except ValueError:
        raise InputError(
            f"the log has arm {quoted(arm)}, wanted {listed(ARMS)}: no contact, or a contact with that many "
            "per cent off. Rename the arms"
        ) from None


def _fields(names: Sequence[str], x: Matrix) -> tuple[dict[str, NDArray[np.float32]], Floats, list[str]]:
    """Find what the service knows among a log's features: columns by field, churn risk, and the others."""
    fields: dict[str, NDArray[np.float32]] = {}
    risk, unused = np.full(len(x), np.nan), []
    for place, name in enumerate(names):
        base, _, word = name.partition("=")
        entry = _KEYS.get(column_key(base))
        if column_key(base) == column_key(CHURN_RISK) and not word:
            risk = _within(x[:, place], name, 0.0, 1.0).astype(np.float64)
        elif entry is None:
            unused.append(base)
        elif word:
            column = fields.setdefault(entry.name, np.full(len(x), np.nan, dtype=np.float32))
            column[x[:, place] == 1] = _code(entry, word)
        elif entry.words:
            fields[entry.name] = _within(x[:, place], name, 0, len(entry.words) - 1)
        else:
            fields[entry.name] = _within(x[:, place], name, entry.low, entry.high)
    return fields, risk, list(dict.fromkeys(unused))


def _code(entry: Field, word: str) -> int:
    code = word_codes(entry).get(word_key(word))
    if code is None:
        raise InputError(f"column {entry.name} of the log holds {quoted(word)}, wanted {entry.wanted}")
    return code


def _within(column: NDArray[np.float32], name: str, low: float, high: float) -> NDArray[np.float32]:
    wrong = (column < low) | (column > high)
    if wrong.any():
        raise InputError(
            f"column {shown(name)} of the log holds {column[wrong][0]:g}, wanted numbers from {low:g} to "
            f"{high:g}"
        )
    return column
