"""At which level a look at a campaign is judged, by what was written down before it began.

A look that the protocol names has its share of the chance of error. Any other counts as one look more,
and is said to be unplanned. How much is known at a look is the customers whose window was over by then,
of those that the protocol foresees. The books do not know who looked: every look that is named up to now
is taken to have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from math import ceil, log10

import numpy as np

from churn_saver.config import ProtocolSettings
from churn_saver.domain.campaign import Campaign
from churn_saver.evidence.lift import LEVEL
from churn_saver.evidence.looks import looks
from churn_saver.pipeline.following import Arms, Window

_APART = 0.001
"""Fractions nearer than this are one look (`evidence/looks`): nothing more is known."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One look, and how it is judged."""

    day: int
    """Of the campaign, 0 is the first."""
    level: float
    """Coverage of the intervals to be shown."""
    is_planned: bool
    """The protocol names this day; True without a protocol, since nothing was planned."""
    sentence: str
    """What a reader must know of it."""


def judged(campaign: Campaign, arms: Arms, window: Window, protocol: ProtocolSettings | None) -> Judged:
    """Judge the look that is taken now.

    Args:
        campaign: That is looked at.
        arms: Its customers whose window is over.
        window: Moment of the look.
        protocol: None: nobody wrote one.
    """
    day = (window.now - campaign.starts_at) // timedelta(days=1)
    if protocol is None:
        return Judged(
            day, LEVEL, True,
            f"No protocol was written before the campaign began. The level of {percent_of(LEVEL)} is that of "
            "one look: whoever looks several times, or chooses what to look at, errs more often.",
        )  # fmt: skip
    level = _level(campaign, arms, window, protocol, day)
    known = f"{len(arms.followed):,} of the {protocol.customers:,} customers foreseen have been followed"
    told = f"judged at {percent_of(level)}, for {known}"
    if window.days != protocol.days:
        why = f"the protocol judges after {protocol.days} days, and this is after {window.days}"
        return Judged(day, level, False, f"Unplanned: {why}. Not what was asked, whatever it shows.")
    if day in protocol.looks:
        place = f"Look {protocol.looks.index(day) + 1} of {len(protocol.looks)}, on day {day}"
        return Judged(day, level, True, f"{place}, as the protocol names it: {told}.")
    named = ", ".join(map(str, protocol.looks))
    return Judged(
        day, level, False,
        f"Unplanned look: this is day {day}, and the protocol names {named}. As one look more it is {told}. "
        "If what was seen before is why somebody looks now, it errs more often.",
    )  # fmt: skip


def percent_of(level: float) -> str:
    """Write a level so that it never reads as certain: .95 → '95.0 %', .999997 → '99.9997 %'."""
    digits = max(1, ceil(-log10(100 * (1 - level))))
    return f"{100 * level:.{digits}f} %"


def _level(campaign: Campaign, arms: Arms, window: Window, protocol: ProtocolSettings, day: int) -> float:
    """Spend the chance of error up to this look; after the last one that is named nothing is left."""
    last = protocol.looks[-1]
    over = arms.entered_at + np.timedelta64(window.days, "D")
    start = np.datetime64(campaign.starts_at.astimezone(UTC).replace(tzinfo=None))

    def known(at: int) -> float:
        # A look is taken some time on its day: what is over by the end of the day counts.
        return min(float((over <= start + np.timedelta64(at + 1, "D")).sum()) / protocol.customers, 1.0)

    days = sorted({*(one for one in protocol.looks if one <= day), min(day, last)})
    return looks(_rising([known(at) for at in days]), protocol.level, is_last=day >= last)[-1].level


def _rising(fractions: Sequence[float]) -> list[float]:
    """Leave out looks at which nothing more was known than at the one before; the first knows something."""
    found: list[float] = []
    for fraction in fractions:
        if fraction - (found[-1] if found else 0.0) >= _APART:
            found.append(fraction)
    return found or [_APART]
