"""The decision policy in words."""

import pytest

from churn_saver.adapters.ladder import OPTIMUM, RUNGS
from churn_saver.adapters.policy_words import DOINGS, TITLES, doing, duration, points, title


def test_every_rung_has_a_title_and_says_what_it_does() -> None:
    """Those that serve.yaml can name, and the ruler."""
    assert set(TITLES) == set(DOINGS) == {*RUNGS, OPTIMUM}
    assert len(set(TITLES.values())) == len(TITLES)
    assert all(said.endswith(".") for said in DOINGS.values())


def test_a_rung_without_words_is_shown_by_its_name() -> None:
    """A later rung needs no change here."""
    assert title("ppo_large") == "ppo large"
    assert doing("ppo_large") == ""


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (96.24, "96.2\N{NO-BREAK SPACE}%"),
        (-3.06, "−3.1\N{NO-BREAK SPACE}%"),
        (-0.01, "0.0\N{NO-BREAK SPACE}%"),
    ],
)
def test_points_have_one_digit(percent: float, shown: str) -> None:
    """A minus is a minus, and what rounds to 0 has none."""
    assert points(percent) == shown
    assert points(5.5, 0) == "6\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (192.4, "3 min 12 s"),
        (7_200.0, "120 min 0 s"),
        (59.4, "59.4 s"),
        (59.97, "1 min 0 s"),
        (1.0, "1 s"),
        (0.013, "13 ms"),
        (4.1e-5, "41 µs"),
        (4e-7, "400 ns"),
        (1e-12, "0.001 ns"),
        (0.0, "–"),
    ],
)
def test_times_are_told_in_the_unit_that_fits(seconds: float, shown: str) -> None:
    """From minutes to billionths of a second."""
    assert duration(seconds) == shown
