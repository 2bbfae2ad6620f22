"""When a message may go out: the next moment at which the recipient's clock stands inside the window.

Where the recipient's zone is not known but the country is, the moment suits every zone of the country. The
decision is not moved, only the sending. Knows nothing of who the recipient is or of what the
message says. Source of offsets: the IANA time zone database through `zoneinfo`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from churn_saver.domain.countries import zones_of
from churn_saver.errors import InputError

_SECOND = timedelta(seconds=1)
COMMON_WITHIN = timedelta(days=2)
"""Zones that have no common hour within it have none in other weeks either, but for a clock change."""


@dataclass(frozen=True, slots=True)
class Daytime:
    """The hours in which messages go out, by the clock of whoever gets one."""

    company: ZoneInfo
    """Of recipients of whom nothing is known."""
    opens_hour: int
    """First local hour, 0..23."""
    closes_hour: int
    """First local hour after it, up to 24."""

    def opening(self, now: datetime, zone: str | None, country: str | None) -> datetime:
        """Give the first moment, `now` or later, that is in the window for a recipient.

        Args:
            now: Aware.
            zone: IANA zone of the recipient; None: not known.
            country: ISO 3166 alpha-2 code of where the recipient lives; None: not known.

        Returns:
            Aware, UTC.

        Raises:
            ZoneInfoNotFoundError: no such zone.
            InputError: no such country, or a naive time.
        """
        return self._found(now, zone, country)[0]

    def local_day(self, now: datetime, zone: str | None, country: str | None) -> date:
        """Give the day that it is for a recipient; where a country has two, the later one."""
        return max(now.astimezone(one).date() for one in self._found(now, zone, country)[1])

    def _found(
        self, now: datetime, zone: str | None, country: str | None
    ) -> tuple[datetime, Sequence[ZoneInfo]]:
        """Give opening and zones: of the recipient, else of the country, else of the company."""
        if zone is None and country is not None:
            zones = [ZoneInfo(name) for name in zones_of(country)]
            opening = common_opening(now, zones, self.opens_hour, self.closes_hour)
            if opening is not None:
                return opening, zones
        own = self.company if zone is None else ZoneInfo(zone)
        return next_opening(now, own, self.opens_hour, self.closes_hour), [own]


def common_opening(
    now: datetime, zones: Sequence[ZoneInfo], opens_hour: int, closes_hour: int
) -> datetime | None:
    """Give the first moment, `now` or later, at which the window of all zones is open.

    Each step goes to the latest of the zones' next openings: no moment before it suits all of them.

    Args:
        now: Aware.
        zones: At least one.
        opens_hour: As of `next_opening`.
        closes_hour: As of `next_opening`.

    Returns:
        Aware, UTC; None: there is none within `COMMON_WITHIN`.

    Raises:
        InputError: as `next_opening`.
    """
    moment = now
    while moment <= now + COMMON_WITHIN:
        latest = max(next_opening(moment, zone, opens_hour, closes_hour) for zone in zones)
        if latest == moment:
            return latest
        moment = latest
    return None


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
