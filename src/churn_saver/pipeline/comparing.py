"""Judge a challenger against the champion on a campaign's books: everything that the gate looks at.

What cannot be found out stands in the verdict with its reason, and does not pass. Writes nothing, and
knows no screen; decisions are made again by whoever hands that in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import ChurnSaverError, InputError
from churn_saver.evidence.broken_caps import broken_caps
from churn_saver.evidence.conditions import Losses, Replays, Unread
from churn_saver.evidence.decision_columns import Flags, groups, inputs
from churn_saver.evidence.fairness import Fairness, Measure, Treated, fairness, harmed
from churn_saver.evidence.promotion import Evidence, Verdict, document, gate
from churn_saver.evidence.sample_ratio import SampleRatio, sample_ratio
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.evaluating import AskRung
from churn_saver.pipeline.gains import ARMS, Found, Sides, logged, randomised

HOLDOUT = "treated against holdout"
LOSS: Measure = "difference"
"""What a group loses by the change; the other measures compare groups with each other."""
_MEAN = ("difference", "effect")

Again = Callable[[str], Sequence[str]]
"""Makes a decision again, by its id; gives the names of the columns that differ."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what the gate judges, all of it stated before."""

    asked: Asked
    level: float
    """That the looks leave."""
    least: float
    """Gain that is wanted at least, in the unit of the reward."""
    bounds: Mapping[str, Mapping[Measure, float]]
    """Largest shortfall of a group let pass, by column and measure."""
    override: str | None
    """Why a group may be worse off."""
    replays: int
    """Decisions that are to be made again."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it."""

    evidence: Evidence
    verdict: Verdict
    counts: Mapping[str, int]
    """Who counts, and who does not, by why."""
    document: Mapping[str, object]
    """All of it as plain values, with its digest."""


def compared(
    log: Logbook, sides: Sides, terms: Terms, ask: AskRung, again: Again, about: Mapping[str, object]
) -> Compared:
    """Judge a challenger.

    Args:
        log: All decisions of the campaign.
        sides: Challenger and champion.
        terms: Stated before.
        ask: Asks a policy that did not serve about recorded decisions.
        again: Makes recorded decisions again.
        about: What else is to stand in the document.
    """
    found = _found(log, sides, terms, ask)
    evidence = Evidence(
        gain=found if isinstance(found, Unread) else found.gain,
        caps=broken_caps(log) if len(log) else Unread("the campaign has no decision"),
        losses=found if isinstance(found, Unread) else _losses(log, found, terms),
        replays=_replayed(log, sides, terms.replays, again),
        ratios=_ratios(log, sides, found),
    )
    verdict = gate(evidence, terms.level, terms.least)
    counts = {} if isinstance(found, Unread) else found.counts
    told = {
        "challenger": sides.challenger, "champion": sides.champion,
        "campaign": log.campaign.campaign_id, "reward": terms.asked.reward, "days": terms.asked.days,
        "level": terms.level, "judged_at": terms.asked.now.isoformat(), "counts": dict(counts),
    }  # fmt: skip
    return Compared(evidence, verdict, counts, document(verdict, {**told, **about}))


def _found(log: Logbook, sides: Sides, terms: Terms, ask: AskRung) -> Found | Unread:
    try:
        if sides.by_challenger.any() and sides.by_champion.any():
            return randomised(log, sides, terms.asked, terms.level)
        return logged(log, sides, terms.asked, terms.level, ask)
    except ChurnSaverError as error:
        return Unread(str(error))


def _losses(log: Logbook, found: Found, terms: Terms) -> Losses | Unread:
    try:
        known = inputs(log)[found.rows.tolist()]
    except InputError as error:
        return Unread(str(error))
    columns: dict[str, Fairness] = {}
    missing: list[str] = []
    for column, bounds in terms.bounds.items():
        for measure, bound in bounds.items():
            name = column if measure == LOSS else f"{column} ({measure})"
            try:
                columns[name] = _loss(log, found, known, column, measure, bound)
            except InputError as error:
                missing.append(f"{name}: {error}")
    return Losses(columns, tuple(missing), terms.override)


def _loss(
    log: Logbook, found: Found, known: pl.DataFrame, column: str, measure: Measure, bound: float
) -> Fairness:
    if column not in known.columns:
        raise InputError("no customer's record has this column: leave it out, or decide on it")
    group, unit = groups(known[column]), log.customer[found.rows]
    if measure in _MEAN:
        return harmed(unit, group, found.score, bound)
    if found.challenged is None:
        raise InputError("who is contacted is known where the challenger served, and it did not")
    rows = found.rows[found.challenged]
    choice, spent = log.choice[rows], (log.contact_spent_minor + log.offer_spent_minor)[rows]
    treated = Treated(choice != NO_CONTACT, choice > NO_CONTACT + 1, spent)
    named = [group[place] for place in np.flatnonzero(found.challenged)]
    return fairness(unit[found.challenged], named, treated, {measure: bound})[0]


def _replayed(log: Logbook, sides: Sides, wanted: int, again: Again) -> Replays:
    """Make decisions again: the challenger's, or where it made none those of the log."""
    own, whose = sides.by_challenger, sides.challenger
    if not own.any():
        own, whose = np.ones(len(log), dtype=np.bool_), "the campaign"
    ids = [log.decision_ids[row] for row in np.flatnonzero(own).tolist() if log.features[row] is not None]
    # Evenly over the whole time, so that an early fault is met as well as a late one.
    places = np.unique(np.linspace(0, len(ids) - 1, min(wanted, len(ids))).round().astype(np.int64))
    differing: list[str] = []
    unreadable: list[str] = []
    for name in [ids[place] for place in places.tolist()]:
        try:
            if again(name):
                differing.append(name)
        except ChurnSaverError as error:
            unreadable.append(str(error))
    return Replays(whose, len(places), tuple(differing), tuple(unreadable))


def _ratios(log: Logbook, sides: Sides, found: Found | Unread) -> Mapping[str, SampleRatio] | Unread:
    ratios: dict[str, SampleRatio] = {}
    if isinstance(found, Unread):
        return Unread(f"which customers belong to which arm is not known: {found.why}")
    if found.challenged is not None:
        if found.ratio is None:
            return Unread(
                f"nobody wrote down which share of the customers {sides.challenger} was to have, so the "
                "arms' sizes cannot be checked: name a registered version, or --share"
            )
        ratios[ARMS] = found.ratio
    try:
        ratios |= _holdout_ratio(log)
    except InputError as error:
        return Unread(str(error))
    return ratios


def _holdout_ratio(log: Logbook) -> dict[str, SampleRatio]:
    """Check the holdout, one row a customer; nothing where nobody could be held out.

    Raises:
        InputError: probabilities that are none.
    """
    first = np.unique(log.customer, return_index=True)[1]
    treated: Flags = log.reasons[first] & int(Reason.HOLDOUT) == 0
    own = log.arm_probability[first]
    if (own == 1).all():
        return {}
    return {HOLDOUT: sample_ratio(treated, np.where(treated, own, 1 - own))}
