"""When a message may go out."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.countries import zones_by_country
from churn_saver.errors import InputError
from churn_saver.policy.quiet_hours import Daytime, common_opening, next_opening

ZONES = sorted(available_timezones() - {"localtime"})
MINUTE = timedelta(minutes=1)
NEW_YORK = Daytime(ZoneInfo("America/New_York"), 8, 21)
NIGHT = datetime(2026, 1, 15, 3, tzinfo=UTC)
"""22:00 in New York."""


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


@pytest.mark.parametrize(
    ("zone", "country", "expected"),
    [
        (None, None, "2026-01-15T13:00"),  # the company's New York: 8:00 EST
        (None, "JP", "2026-01-15T03:00"),  # noon in Tokyo: now
        (None, "DE", "2026-01-15T07:00"),  # 8:00 CET
        (None, "US", "2026-01-15T18:00"),  # 8:00 in Honolulu and Adak, 13:00 in New York
        (None, "RU", "2026-01-15T06:00"),  # 8:00 in Kaliningrad, 18:00 in Anadyr
        (None, "UM", "2026-01-15T03:00"),  # 15:00 on Wake, 16:00 the day before on Midway: now
        ("Asia/Tokyo", "US", "2026-01-15T03:00"),  # the zone goes before the country
        (None, "AQ", "2026-01-15T13:00"),  # Antarctica has no common hour: the company's again
    ],
)
def test_openings_of_places_by_hand(zone: str | None, country: str | None, expected: str) -> None:
    """Zone, else country, else company; from 3:00 UTC on a winter's day."""
    opening = NEW_YORK.opening(NIGHT, zone, country)

    assert opening == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert opening.tzinfo is UTC


def test_a_local_day_is_the_later_of_two() -> None:
    """20:00 UTC on the 15th: the 15th on Midway and in New York, the 16th on Wake and in Tokyo."""
    evening = datetime(2026, 1, 15, 20, tzinfo=UTC)
    days = [NEW_YORK.local_day(evening, zone, country).day for zone, country in (
        ("Pacific/Midway", None), (None, None), (None, "UM"), (None, "JP"), ("Pacific/Midway", "JP"),
    )]  # fmt: skip

    assert days == [15, 15, 16, 16, 15]


def test_only_antarctica_has_no_common_hour() -> None:
    """From 8 to 21 o'clock, in January and in July; everybody else's country tells."""
    for month in (1, 7):
        now = datetime(2026, month, 1, tzinfo=UTC)
        silent = [
            country
            for country, names in zones_by_country().items()
            if common_opening(now, [ZoneInfo(name) for name in names], 8, 21) is None
        ]
        assert silent == ["AQ"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([names for names in zones_by_country().values() if len(names) > 1]),
    st.integers(
        int(datetime(2007, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
    ),
    st.integers(0, 15),
    st.integers(8, 24),
)
def test_a_common_opening_is_the_first_open_minute_of_all(
    names: tuple[str, ...], second: int, opens: int, hours: int
) -> None:
    """Against a walk along the minutes of two days, in every country of several zones, for any window."""
    now, zones = datetime.fromtimestamp(second, UTC), [ZoneInfo(name) for name in names]
    closes = min(24, opens + hours)

    found = common_opening(now, zones, opens, closes)

    walked = [now, *(now.replace(second=0) + MINUTE * step for step in range(1, 2 * 24 * 60))]
    places = {zone.key: zone for zone in zones}.values()
    # Zones that agree at both ends and in the middle agree throughout: clocks move once in two days at most.
    told = {tuple(walked[i].astimezone(zone).utcoffset() for i in (0, 1_440, -1)): zone for zone in places}
    first = next(
        (at for at in walked if all(opens <= at.astimezone(zone).hour < closes for zone in told.values())),
        None,
    )
    assert found == first
