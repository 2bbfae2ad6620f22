"""A look is judged at the level that was left for it, and one that nobody planned is told so."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from churn_saver.config import ProtocolSettings
from churn_saver.domain.campaign import Campaign
from churn_saver.evidence.followed import Followed, State
from churn_saver.pipeline.following import Arms, Window
from churn_saver.pipeline.looking import Judged, judged, percent_of
from tests.builders import NOON, campaign

START = NOON - timedelta(days=1)


def protocol(**changes: Any) -> ProtocolSettings:
    """Give a protocol of two looks, on days 40 and 80, at 200 customers in all."""
    plain: dict[str, Any] = {
        "metric": "retained", "days": 30, "wanted_effect": 0.02, "customers": 200, "looks": [40, 80],
        "alpha": 0.05, "gate": {"least_gain": 0, "broken_caps": 0, "replays": 1}, "fairness": {},
    }  # fmt: skip
    return ProtocolSettings.model_validate(plain | changes)


def look(day: float, entries: list[float], asked: ProtocolSettings | None, days: int = 30) -> Judged:
    """Look on a day of the campaign at customers who entered so many days after its start."""
    n = len(entries)
    treated = np.arange(n) % 2 == 0
    followed = Followed.checked(
        treated=treated, arm_probability=np.full(n, 0.5), state=np.full(n, State.RETAINED),
        days=np.full(n, float(days)), margin_minor=np.zeros(n), window_days=days,
    )  # fmt: skip
    start = np.datetime64(START.replace(tzinfo=None), "us")
    entered = start + (np.array(entries) * 86_400).astype("timedelta64[s]")
    window = Window(days, 1.0, START + timedelta(days=day))
    return judged(_campaign(), Arms(followed, entered, ()), window, asked)


def _campaign() -> Campaign:
    return campaign(starts_at=START, holdout_share=0.5)


def test_one_look_has_the_whole_level() -> None:
    """All 200 are known at the only look: 95 %."""
    found = look(80.5, [0.0] * 200, protocol(looks=[80]))

    assert found.level == pytest.approx(0.95)
    assert (found.day, found.is_planned) == (80, True)
    assert found.sentence == (
        "Look 1 of 1, on day 80, as the protocol names it: judged at 95.0 %, for 200 of the 200 customers "
        "foreseen have been followed."
    )


def test_two_looks_share_it() -> None:
    """Bounds 2.963 and 1.969 of the O'Brien-Fleming type at halves: 99.695 % and 95.105 %.

    Source: Lan and DeMets (1983) with α = .05 at both ends together; tables of any group-sequential package.
    """
    first = look(40.2, [5.0] * 100, protocol())
    second = look(80.2, [5.0] * 100 + [45.0] * 100, protocol())

    assert first.level == pytest.approx(0.99695, abs=2e-5)
    assert second.level == pytest.approx(0.95105, abs=1e-4)
    assert first.sentence.startswith("Look 1 of 2, on day 40")
    assert second.sentence.startswith("Look 2 of 2, on day 80")


def test_a_look_at_which_nothing_more_is_known_is_the_one_before() -> None:
    """All entered on one day, so the later look sees the same figures and has the same level."""
    entries = [5.0] * 200

    assert look(40.2, entries, protocol()).level == pytest.approx(0.95)
    assert look(80.2, entries, protocol()).level == pytest.approx(0.95)


def test_the_last_look_spends_what_is_left() -> None:
    """Half of those foreseen are known by the end, at 95 % all the same when it is the only look."""
    found = look(80.2, [5.0] * 100, protocol(looks=[80]))

    assert found.level == pytest.approx(0.95)


def test_a_look_that_nobody_planned_counts_as_one_more() -> None:
    """On day 60, with three quarters known: stricter than the end, and told to be unplanned."""
    entries = [5.0] * 100 + [25.0] * 50
    found = look(60.0, entries, protocol())

    assert not found.is_planned
    assert 0.951 < found.level < 0.99695
    assert found.sentence.startswith(
        "Unplanned look: this is day 60, and the protocol names 40, 80. As one look more it is judged at"
    )


def test_after_the_last_look_nothing_is_left_to_spend() -> None:
    """The level stays the last look's, and the look is unplanned."""
    entries = [5.0] * 100 + [45.0] * 100
    found = look(100.0, entries, protocol())

    assert not found.is_planned
    assert found.level == look(80.2, entries, protocol()).level


def test_another_window_than_was_asked_for_is_unplanned() -> None:
    """Also on a day that is named."""
    found = look(80.0, [0.0] * 200, protocol(), days=60)

    assert not found.is_planned
    assert found.sentence.startswith("Unplanned: the protocol judges after 30 days, and this is after 60")


def test_without_a_protocol_the_level_is_that_of_one_look() -> None:
    """And the reader is told that nobody knows how often somebody looked."""
    found = look(80.0, [0.0] * 20, None)

    assert (found.level, found.is_planned) == (0.95, True)
    assert found.sentence.startswith("No protocol was written before the campaign began.")


@pytest.mark.parametrize("seed", range(4))
def test_a_later_look_is_never_stricter_and_never_below_the_promise(seed: int) -> None:
    """Over random entries: levels fall from look to look and end at the level of all together or above."""
    rng = np.random.default_rng(seed)
    entries = np.sort(rng.uniform(0, 60, 200)).tolist()
    asked = protocol(looks=[40, 60, 80, 95])
    levels = [look(day, [one for one in entries if one <= day - 30], asked).level for day in asked.looks]

    assert all(later <= earlier for earlier, later in pairwise(levels))
    assert all(0.95 - 1e-9 <= level < 1 for level in levels)


@pytest.mark.parametrize(
    ("level", "shown"), [(0.95, "95.0 %"), (0.9763, "97.6 %"), (0.99951, "99.95 %"), (0.9999974, "99.9997 %")]
)
def test_no_level_reads_as_certain(level: float, shown: str) -> None:
    """As many digits as it takes."""
    assert percent_of(level) == shown
