"""The first line of a report, word for word."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.first_line import first_line, is_too_small
from churn_saver.evidence.followed import Followed, State
from churn_saver.evidence.lift import Lift, lift


def judged(stayed: int, treated: int, other: int, held_out: int, pending: int = 0) -> Lift:
    """Judge a campaign of 90 days in which so many of so many stay; the last ones treated are pending."""
    place = np.arange(treated + held_out)
    inside = place < treated
    kept = np.where(inside, place < stayed, place - treated < other)
    state = np.where(kept, State.RETAINED, State.CHURNED)
    days = np.where(kept, 90.0, 10.0)
    state[treated - pending : treated], days[treated - pending : treated] = State.PENDING, 0.0
    share = held_out / (treated + held_out)
    return lift(
        Followed.checked(
            treated=inside,
            arm_probability=np.where(inside, 1 - share, share),
            state=state,
            days=days,
            margin_minor=np.where(kept, 100.0, 0.0),
            window_days=90,
        )
    )


def test_a_campaign_that_is_too_small_says_so_first() -> None:
    """With 95 treated and 5 held out next to nothing shows; to halve those who leave takes many more."""
    line = first_line(judged(76, 95, 3, 5, pending=2))

    assert line.startswith(
        "This campaign is too small to say whether it kept customers: 95 treated and 5 held out, 2 of"
    )
    assert "20.0 percentage points would be half of those who leave: that takes" in line
    assert line.endswith("That it shows none does not mean that there is none.")


def test_what_is_asked_for_decides_what_is_too_small() -> None:
    """9,500 and 500 show some five points: enough for ten, too few for two."""
    found = judged(7_600, 9_500, 395, 500)

    assert 0.04 < found.retained.smallest < 0.06
    assert not is_too_small(found, 0.1)
    assert is_too_small(found, 0.02)
    assert "2.0 percentage points are asked for: that takes 6" in first_line(found, 0.02)


def test_too_small_a_campaign_that_shows_something_is_told_to_be_careful() -> None:
    """All treated stay and hardly anybody else: seen in so small a sample, it is likely to be too large."""
    line = first_line(judged(95, 95, 1, 5), 0.02)

    assert line.startswith("This campaign is too small")
    assert line.endswith("A difference seen in so small a sample is likely to be too large.")


def test_an_effect_is_told_with_its_interval_and_in_people() -> None:
    """90 % against 80 %: ten points, 950 of 9,500."""
    line = first_line(judged(8_550, 9_500, 400, 500), 0.06)

    assert line.startswith(
        "The campaign kept customers: 90.0 % of the treated and 80.0 % of the held out are still customers "
        "after 90 days, a difference of 10.0 percentage points (from "
    )
    assert "at 95 %, which is 950 customers (from " in line
    assert line.endswith(") saved.")


def test_a_campaign_that_drives_away_is_told_as_such() -> None:
    """80 % against 90 %: what was lost is above 0, its ends in order: 9,500 · (7.0 to 12.5)."""
    line = first_line(judged(7_600, 9_500, 450, 500), 0.06)

    assert line.startswith(
        "The campaign drove customers away: 80.0 % of the treated and 90.0 % of the held out"
    )
    assert "a difference of -10.0 percentage points (from -1" in line
    assert ", which is 950 customers (from 661 to 1,185)" in line
    assert line.endswith(") lost.")


def test_where_nothing_is_found_it_is_said_what_would_have_been() -> None:
    """Eighty per cent in both arms."""
    line = first_line(judged(7_600, 9_500, 400, 500), 0.06)

    assert line.startswith("No effect on who stays was found: 80.0 % of the treated")
    assert line.endswith(
        "An effect of 5.1 percentage points would have been found in 80 % of such campaigns."
    )


def test_arms_of_the_wrong_sizes_take_the_word() -> None:
    """Whatever the figures say; also of a campaign that is too small."""
    found = judged(76, 95, 3, 5)
    skewed = replace(found, sample_ratio=replace(found.sample_ratio, p_value=1e-9))

    assert first_line(skewed) == skewed.sample_ratio.verdict
    assert first_line(skewed).startswith("The arms do not have the sizes")


def test_where_all_held_out_stay_nothing_can_be_saved() -> None:
    """Half of nobody is asked for, which no number of customers shows: none is told."""
    line = first_line(judged(95, 95, 5, 5))

    assert "0.0 percentage points would be half of those who leave. Seen: 0.0" in line


@pytest.mark.parametrize("wanted", [0.0, -0.1, 1.5, float("nan")])
def test_a_wanted_difference_that_is_none_is_refused(wanted: float) -> None:
    """The message shows it, and one that would do."""
    with pytest.raises(InputError, match=rf"the wanted difference is {wanted}, wanted a share above 0"):
        first_line(judged(76, 95, 3, 5), wanted)
