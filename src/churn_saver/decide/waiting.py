"""Decide again on a later day: which gates open by themselves, when, and what else has moved on by then.

A record holds when the customer was last contacted, not every contact, so a cap is told to end when the
window no longer holds even the last contact: at the latest then. Nobody knows what would have come in
between, so the customer, the scores' inputs, λ and the campaign stay as they were.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import ceil, isfinite

import numpy as np

from churn_saver.decide.rebuilding import Premises
from churn_saver.domain.action import Reason
from churn_saver.domain.campaign import PERIOD_DAYS

_WEEK, _MONTH = 7.0, 30.0
_TENTHS = 10


def openings(premises: Premises) -> Iterator[tuple[float, int]]:
    """Give the days, tenths rounded up, after which gates have opened, and which are open by then.

    Args:
        premises: One row.

    Yields:
        Days from the decision, rising, and `Reason` flags of all gates that have opened so far.
    """
    ends = _ends(premises)
    for days in sorted(set(ends.values())):
        yield days, int(sum(flag for flag, end in ends.items() if end <= days))


def later(premises: Premises, days: float, opened: int) -> Premises | None:
    """Give the premises so many days later; None: the campaign is over by then.

    Args:
        premises: One row.
        days: From the decision.
        opened: `Reason` flags of gates that have opened by then.
    """
    situation, gates = premises.situation, premises.gates
    campaign = situation.campaign
    if campaign is None:
        return None
    now = situation.now + timedelta(days=days)
    if now >= campaign.ends_at:
        return None
    same_period = campaign.period_start(now) == campaign.period_start(situation.now)
    excluded = gates.excluded & ~np.int64(opened)
    moved = replace(
        gates,
        excluded=excluded,
        allowed=excluded == 0,
        fatigue=gates.fatigue if same_period else np.zeros(1),
        days_since_contact=gates.days_since_contact + days,
    )
    accepted = situation.history.days_since_accepted + days
    history = replace(situation.history, days_since_accepted=accepted)
    return replace(premises, gates=moved, situation=replace(situation, history=history, now=now))


def _ends(premises: Premises) -> dict[Reason, float]:
    """Give the days until each closed gate that opens by itself has opened at the latest."""
    campaign = premises.situation.campaign
    if campaign is None:
        return {}
    closed = Reason(int(np.bitwise_or.reduce(premises.gates.excluded[0])))
    since = float(premises.gates.days_since_contact[0])
    # A caller may say that there were contacts, and not when.
    ago = since if isfinite(since) else 0.0
    period = campaign.period_start(premises.situation.now) + timedelta(days=PERIOD_DAYS)
    left = (period - premises.situation.now) / timedelta(days=1)
    ends = {
        Reason.COOLDOWN: campaign.caps.cooldown_days - ago,
        Reason.CAP_7_DAYS: _WEEK - ago,
        Reason.CAP_30_DAYS: _MONTH - ago,
        # A caller's contacts of the last week count in every period.
        Reason.CAP_PERIOD: max(left, _WEEK - ago),
    }
    return {flag: max(ceil(end * _TENTHS) / _TENTHS, 0.1) for flag, end in ends.items() if flag in closed}
