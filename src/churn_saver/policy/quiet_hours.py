"""When a message may go out: the next moment at which the recipient's clock stands inside the window.

The decision is not moved, only the sending. Knows nothing of who the recipient is or of what the
message says. Source of offsets: the IANA time zone database through `zoneinfo`.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from churn_saver.errors import InputError

_SECOND = timedelta(seconds=1)


def next_opening(now: datetime, zone: ZoneInfo, opens_hour: int, closes_hour: int) -> datetime:
    """Give the first moment, `now` or later, at which the local hour is in [opens, closes).

    Right where clocks are moved: an opening that falls into a spring gap is the end of the gap,
    one that comes twice in autumn is the first. Within 24 hours a zone moves its clock at most once.

    Args:
        now: Aware.
        zone: The recipient's zone.
        opens_hour: First local hour of the window, 0..23.
        closes_hour: First local hour after it, up to 24.

    Returns:
        Aware, UTC.

    Raises:
        InputError: a naive time, or a window that is never open.
    """
    if now.tzinfo is None:
        raise InputError(f"now is {now}, a time without a zone, wanted an aware one")
    if not 0 <= opens_hour < closes_hour <= 24:
        raise InputError(
            f"the window is {opens_hour} to {closes_hour} o'clock, wanted 0 ≤ opens < closes ≤ 24"
        )
    moment = now.astimezone(UTC)
    while True:
        local = moment.astimezone(zone).replace(tzinfo=None)
        if opens_hour <= local.hour < closes_hour:
            return moment
        target = local.replace(hour=opens_hour, minute=0, second=0, microsecond=0)
        if target < local:
            target += timedelta(days=1)
        opening = moment + (target - local)
        if _offset(opening, zone) == _offset(moment, zone):
            return opening
        moment = _clock_change(moment, opening, zone)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    """Give the zone's offset from UTC at an aware moment."""
    return moment.astimezone(zone).utcoffset() or timedelta(0)


def _clock_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the offset becomes that of `after`, by bisection."""
    start = before.replace(microsecond=0)
    low, high = 0, int((after - start) / _SECOND) + 1
    while high - low > 1:
        middle = (low + high) // 2
        changed = _offset(start + middle * _SECOND, zone) == _offset(after, zone)
        low, high = (low, middle) if changed else (middle, high)
    return start + high * _SECOND
