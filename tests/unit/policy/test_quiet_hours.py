"""When a message may go out."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.policy.quiet_hours import next_opening

ZONES = sorted(available_timezones() - {"localtime"})
MINUTE = timedelta(minutes=1)


def by_walking(now: datetime, zone: ZoneInfo, opens: int, closes: int) -> datetime:
    """Go on minute by minute until the clock on the wall stands inside the window."""
    if opens <= now.astimezone(zone).hour < closes:
        return now
    moment = now.replace(second=0, microsecond=0)
    while moment < now or not opens <= moment.astimezone(zone).hour < closes:
        moment += MINUTE
    return moment


@pytest.mark.parametrize(
    ("zone", "now", "opens", "expected"),
    [
        ("America/New_York", "2026-01-15T03:00", 8, "2026-01-15T13:00"),  # 22:00 → 8:00 EST
        ("America/New_York", "2026-01-15T12:59", 8, "2026-01-15T13:00"),  # 7:59
        ("America/New_York", "2026-01-15T13:00", 8, "2026-01-15T13:00"),  # 8:00 is open
        ("America/New_York", "2026-01-16T02:00", 8, "2026-01-16T13:00"),  # 21:00 is closed
        ("America/New_York", "2026-03-08T04:30", 8, "2026-03-08T12:00"),  # spring: 8:00 EDT
        ("America/New_York", "2026-03-08T06:30", 2, "2026-03-08T07:00"),  # 2:00 does not exist: 3:00 EDT
        ("America/New_York", "2026-11-01T04:30", 8, "2026-11-01T13:00"),  # autumn: 8:00 EST
        ("America/New_York", "2026-11-01T04:30", 1, "2026-11-01T05:00"),  # 1:00 comes twice: the first
        ("America/New_York", "2026-11-01T06:30", 1, "2026-11-01T06:30"),  # 1:30 again, and open again
        ("America/St_Johns", "2010-03-14T03:00", 1, "2010-03-14T03:31"),  # 0:01 became 1:01
        ("Pacific/Apia", "2011-12-30T08:00", 8, "2011-12-30T18:00"),  # 30 December was left out
        ("Asia/Kathmandu", "2026-01-15T20:00", 8, "2026-01-16T02:15"),  # +5:45
    ],
)
def test_openings_by_hand(zone: str, now: str, opens: int, expected: str) -> None:
    """Local times worked out beside each case; the window closes at 21:00."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    opening = next_opening(moment, ZoneInfo(zone), opens, 21)

    assert opening == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert opening.tzinfo is UTC


@settings(max_examples=250)
@given(
    st.sampled_from(ZONES),
    st.integers(
        int(datetime(2007, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
    ),
    st.integers(0, 999_999),
    st.integers(0, 23),
    st.integers(1, 24),
)
def test_opening_is_the_first_open_minute(zone: str, second: int, micro: int, opens: int, hours: int) -> None:
    """Against a walk along the minutes, any zone, any window."""
    now = datetime.fromtimestamp(second, UTC).replace(microsecond=micro)
    closes = min(24, opens + hours)

    assert next_opening(now, ZoneInfo(zone), opens, closes) == by_walking(now, ZoneInfo(zone), opens, closes)


def test_both_clock_changes_of_every_zone() -> None:
    """From before, on and after each day of a change, for the window of the contract and one in the night."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=day) for day in range(366)]

    for name in ZONES:
        zone = ZoneInfo(name)
        offsets = [day.astimezone(zone).utcoffset() for day in days]
        changes = [days[i] for i in range(365) if offsets[i] != offsets[i + 1]]
        for change, hours in itertools.product(changes[:2] or [start], (-5, 3, 13)):
            now = change + timedelta(hours=hours, minutes=17, seconds=5)
            for opens, closes in ((8, 21), (2, 3)):
                assert next_opening(now, zone, opens, closes) == by_walking(now, zone, opens, closes), name


def test_a_window_that_the_clock_jumps_over_waits_for_the_next_day() -> None:
    """From 2:00 to 3:00 on the night of the spring change there is no such hour."""
    now = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)

    assert next_opening(now, ZoneInfo("America/New_York"), 2, 3) == datetime(2026, 3, 9, 6, 0, tzinfo=UTC)


def test_what_has_no_opening_is_refused() -> None:
    """A naive time and a window that is never open."""
    with pytest.raises(InputError, match="a time without a zone"):
        next_opening(datetime(2026, 1, 1), ZoneInfo("UTC"), 8, 21)
    with pytest.raises(InputError, match="the window is 21 to 8 o'clock"):
        next_opening(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC"), 21, 8)
