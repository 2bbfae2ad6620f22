"""How a shadow did beside the champion: what it would have done otherwise, and what that would have earned.

It was asked at the moment of each decision, with what was known then, so nothing is scored again: what is on
record gives agreement, contacts and cost, and its chances give the weights of an off-policy value. Knows
neither registry nor screen.
"""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import ChurnSaverError, InputError
from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.decision_columns import Flags
from churn_saver.evidence.estimators import difference, evaluate
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.evidence.outcome_model import RECIPE, Recipe, cross_fitted
from churn_saver.evidence.shadowed import Beside, Worth
from churn_saver.pipeline.booked import ARMS, Asked, booked
from churn_saver.store.shadows import Kept


def beside(
    log: Logbook, kept: Kept, by_champion: Flags, asked: Asked, level: float, recipe: Recipe = RECIPE
) -> Beside | None:
    """Judge a shadow by what is on record; None: it was never asked about a decision of the campaign.

    Args:
        log: All decisions of the campaign.
        kept: What it would have done.
        by_champion: Decisions that the champion made, (n,).
        asked: By what it is judged.
        level: Coverage of the intervals of the gain.
        recipe: How trees are grown for expected rewards.
    """
    if not len(kept.shadowed):
        return None
    place = {name: row for row, name in enumerate(kept.shadowed.decision_ids)}
    own = np.array([place.get(name, -1) for name in log.decision_ids], dtype=np.int64)
    counts = by_champion & ((log.reasons & int(Reason.HOLDOUT)) == 0)
    rows = np.flatnonzero(counts & (own >= 0))
    theirs, served, shadow = own[rows], log.intended[rows], kept.shadowed
    same = shadow.intended[theirs] == served
    return Beside(
        decisions=len(rows),
        unasked=int((counts & (own < 0)).sum()),
        alike={
            name: (int(same[served == arm].sum()), int((served == arm).sum()))
            for arm, name in enumerate(ARMS)
            if (served == arm).any()
        },
        contacts=(_contacts(shadow.choice[theirs]), _contacts(log.choice[rows])),
        reserved_minor=(int(shadow.needs_minor[theirs].sum()), int(kept.needs_minor[theirs].sum())),
        worth=_worth(log, shadow.chances, own, asked, level, recipe),
    )


def _contacts(choice: NDArray[np.int8]) -> int:
    return int((choice != NO_CONTACT).sum())


def _worth(
    log: Logbook, chances: Floats, own: Whole, asked: Asked, level: float, recipe: Recipe
) -> Worth | Unread:
    known = np.flatnonzero(own >= 0)
    try:
        ground = booked(_only(log, known), asked)
        target = chances[own[known[ground.rows]]]
        expected = cross_fitted(ground.log, recipe)
        value = evaluate(ground.log, target, expected)
        gain = difference(ground.log, target, None, expected, level=level)
    except ChurnSaverError as error:
        return Unread(str(error))
    return Worth(value, gain, float(ground.log.reward.mean()))


def _only(log: Logbook, rows: Whole) -> Logbook:
    """Give some of a campaign's decisions."""
    columns: dict[str, object] = {}
    for name in (one.name for one in fields(log) if one.name != "campaign"):
        column = getattr(log, name)
        columns[name] = column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows]
    if not len(rows):
        raise InputError("the shadow was asked about no decision that is in the log")
    return Logbook(campaign=log.campaign, **columns)  # type: ignore[arg-type]
