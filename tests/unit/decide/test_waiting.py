"""Gates that open by themselves."""

from datetime import timedelta
from pathlib import Path

import pytest

from churn_saver.decide.rebuilding import Premises
from churn_saver.decide.waiting import later, openings
from churn_saver.domain.action import Reason
from churn_saver.domain.campaign import Caps
from tests.builders import NOON
from tests.explaining import decided, premises, tiny_engine

WEEK = int(Reason.COOLDOWN | Reason.CAP_7_DAYS)


def contacted_before(folder: Path, days: float, **campaign: object) -> Premises:
    """Give the premises of a decision so many days after a contact; the campaign began a day before it."""
    with tiny_engine(folder, **campaign) as engine:
        decided(engine)
        return premises(engine, decided(engine, now=NOON + timedelta(days=days)))


def test_cooldown_and_week_end_together(tmp_path: Path) -> None:
    """Both are seven days, three of them are over."""
    assert list(openings(contacted_before(tmp_path, 3.0))) == [(4.0, WEEK)]


def test_each_gate_ends_at_its_own_time(tmp_path: Path) -> None:
    """Two days after a contact: cooldown in 2, week in 5, period of 30 days in 27, month in 28."""
    caps = Caps(per_7_days=1, per_30_days=1, per_period=1, cooldown_days=4, allowance_units=6)
    found = list(openings(contacted_before(tmp_path, 2.0, caps=caps)))

    period = WEEK | int(Reason.CAP_PERIOD)
    assert found == [
        (2.0, int(Reason.COOLDOWN)),
        (5.0, WEEK),
        (27.0, period),
        (28.0, period | int(Reason.CAP_30_DAYS)),
    ]


def test_tenths_of_days_are_rounded_up(tmp_path: Path) -> None:
    """One hour after a contact 6.958 days are left, told as 7.0: by then it is surely open."""
    assert [days for days, _ in openings(contacted_before(tmp_path, 1 / 24))] == [7.0]


def test_later_everything_is_older_and_the_open_gates_are_open(tmp_path: Path) -> None:
    """The contact is seven days ago, the moment has moved, and it still counts in the period."""
    was = contacted_before(tmp_path, 3.0)
    found = later(was, 4.0, WEEK)

    assert found is not None
    assert found.situation.now == NOON + timedelta(days=7)
    assert found.gates.days_since_contact.tolist() == [7.0]
    assert found.gates.allowed.all()
    assert found.gates.fatigue.tolist() == [1.0]


def test_in_the_next_period_nobody_is_tired(tmp_path: Path) -> None:
    """The period turns 29 days after the first contact."""
    found = later(contacted_before(tmp_path, 3.0), 26.0, WEEK)

    assert found is not None
    assert found.gates.fatigue.tolist() == [0.0]


@pytest.mark.parametrize(("days", "is_over"), [(85.9, False), (86.0, True)])
def test_after_the_campaign_nothing_is_decided(tmp_path: Path, days: float, is_over: bool) -> None:
    """It began a day before the first contact and runs for 90 days, so 86 are left three days after."""
    assert (later(contacted_before(tmp_path, 3.0), days, WEEK) is None) is is_over


def test_without_a_campaign_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    """Nobody knows when the next one begins."""
    with tiny_engine(tmp_path) as engine:
        engine.store.campaigns.close("spring", NOON)
        found = premises(engine, decided(engine))

    assert list(openings(found)) == []
    assert later(found, 1.0, 0) is None
