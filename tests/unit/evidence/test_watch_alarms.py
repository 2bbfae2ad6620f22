"""What is off, in words with figures."""

import polars as pl
import pytest

from churn_saver.evidence.drift import drift
from churn_saver.evidence.fairness import Fairness, GroupFigure
from churn_saver.evidence.group_treatment import ColumnTreatment
from churn_saver.evidence.matured import Maturity, Verdict
from churn_saver.evidence.outcome_checks import Calibration, Delivery
from churn_saver.evidence.shares import Interval
from churn_saver.evidence.watch_alarms import alarms_of, alarms_of_groups

QUIET = Delivery(0, 0, 0, None, 0.9)
UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


def calibration(gap: float, verdict: Verdict) -> Calibration:
    """Give a churn risk that is off by so much."""
    around = Interval(gap, gap - 0.02, gap + 0.02)
    found = Maturity(300, 20, around, UNKNOWN, UNKNOWN, (), verdict)
    return Calibration("churn_risk", "customers who are held out", 320, 20, 0, found, "")


def test_columns_that_moved_went_or_changed_are_named() -> None:
    """One each; a steady one is not."""
    old = pl.DataFrame({"same": range(200), "far": range(200), "gone": range(200), "kind": range(200)})
    new = pl.DataFrame({"same": range(200), "far": range(500, 700), "kind": ["word"] * 200})

    said = alarms_of(drift(old, new), (), QUIET)

    assert [line.split()[0] for line in said] == ["far", "gone", "kind"]
    assert said[0].startswith("far has moved: PSI ")
    assert said[1:] == [
        "gone is gone: no decision of the window has it",
        "kind holds another kind of value now",
    ]


def test_a_score_that_is_off_is_told_with_its_direction() -> None:
    """More happened, and less; one that holds says nothing."""
    more, less = calibration(0.12, "off"), calibration(-0.1, "off")

    said = alarms_of(None, (more, less, calibration(0.0, "holds")), QUIET)

    assert said == [
        "churn risk is off: 12.0 percentage points more happened than was predicted, judged by 300 customers "
        "who are held out",
        "churn risk is off: 10.0 percentage points less happened than was predicted, judged by 300 customers "
        "who are held out",
    ]


def test_messages_that_do_not_go_out_are_counted() -> None:
    """1 of 40, wanted nine tenths."""
    still = Delivery(1_040, 1, 0, Interval(0.001, 0.0, 0.005), 0.9)

    assert alarms_of(None, (), still) == ["1 of 1,040 contacts went out, wanted 90 % at least"]


def test_groups_that_are_worse_are_named_with_the_shortfall() -> None:
    """Shares in percentage points, cost in even shares; a group within its bound says nothing."""
    worse = GroupFigure("female", 50, Interval(0.1, 0.0, 0.2), Interval(0.2, 0.1, 0.3), "worse than bound")
    fine = GroupFigure("male", 50, Interval(0.3, 0.2, 0.4), Interval(-0.2, -0.3, -0.1), "within bound")
    rate = Fairness("contact_rate", 0.05, (worse, fine), None)
    cost = Fairness("cost_share", 0.05, (fine, worse), None)

    assert alarms_of_groups([ColumnTreatment("gender", 100, (rate, cost), ())]) == (
        [
            "gender: contact rate of female is 20.0 percentage points below that of all others, beyond the "
            "bound",
            "gender: cost share of female is 0.20 below that of all others, beyond the bound",
        ],
        [],
    )


@pytest.mark.parametrize(("columns", "is_alarm"), [(1, True), (4, True), (5, False), (40, False)])
def test_the_more_groups_are_looked_at_the_surer_one_must_be(columns: int, is_alarm: bool) -> None:
    """A shortfall of .2 with an interval from .08 stays beyond .05 if stretched by at most .15/.12 = 1.25.

    By the normal law z = 2.236 for two groups, 2.727 for 8 (1.219 times as much) and 2.800 for 10 (1.252).
    """
    worse = GroupFigure("a", 50, Interval(0.1, 0.0, 0.2), Interval(0.2, 0.08, 0.3), "worse than bound")
    fine = GroupFigure("b", 50, Interval(0.3, 0.2, 0.4), Interval(-0.2, -0.3, -0.1), "within bound")
    first = ColumnTreatment("side", 100, (Fairness("contact_rate", 0.05, (worse, fine), None),), ())
    calm = ColumnTreatment("calm", 100, (Fairness("contact_rate", 0.05, (fine, fine), None),), ())

    sure, alone = alarms_of_groups([first, *[calm] * (columns - 1)])

    assert (len(sure), len(alone)) == ((1, 0) if is_alarm else (0, 1))
    assert is_alarm or f"by itself, and not surely so among {2 * columns} groups" in alone[0]
