"""Pacing: a paced campaign releases an equal share of its limit each day, so that day one does not take all.

What a day leaves over is there on the next, and so is what comes back from promises that were not
taken up. Nothing is kept for it: the plan follows from the campaign's start and the clock. Knows
neither customers nor the database.
"""

from datetime import datetime, timedelta

from churn_saver.domain.campaign import Campaign

_DAY = timedelta(days=1)


def released_minor(campaign: Campaign, now: datetime) -> int:
    """Give what may be reserved and spent together by now: limit × days that have begun ÷ horizon.

    Units: minor units, rounded down.
    """
    if not campaign.is_paced:
        return campaign.limit_minor
    begun = (now - campaign.starts_at) // _DAY + 1
    return campaign.limit_minor * min(max(begun, 0), campaign.horizon_days) // campaign.horizon_days


def reservable_minor(campaign: Campaign, free_minor: int, now: datetime) -> int:
    """Give what may be reserved now; less than what is free while later days have their share.

    Args:
        campaign: With its limit.
        free_minor: Of the limit, neither reserved nor spent.
        now: Aware.
    """
    taken = campaign.limit_minor - free_minor
    return min(free_minor, max(0, released_minor(campaign, now) - taken))
