"""What a campaign did, as plain values: every figure of ten customers by hand."""

import json
from datetime import timedelta

import pytest

from churn_saver.errors import InputError
from churn_saver.pipeline.following import Window
from churn_saver.pipeline.lifting import Plain, lift_report
from tests.builders import NOON
from tests.lift_books import ten, ten_rows
from tests.unit.pipeline.test_looking import protocol

WINDOW = Window(30, 1.0, NOON + timedelta(days=31))


def part(report: Plain, *names: str) -> Plain:
    """Give a part of a report."""
    for name in names:
        inside = report[name]
        assert isinstance(inside, dict)
        report = inside
    return report


def test_ten_customers_by_hand() -> None:
    """5 of 6 stay, and 2 of 4: a third more, 2 customers.

    Margins: (5·90 + 30)/6 = 80.00, (2·90 + 45 + 60)/4 = 71.25; cost (3·1 + 9)/6 = 2.00; 6.75 more a customer
    after cost, 40.50 in all.
    """
    found = lift_report(ten(), WINDOW, None, None)

    assert part(found, "arms", "treated", "retained")["value"] == pytest.approx(5 / 6)
    assert part(found, "arms", "holdout", "retained")["value"] == pytest.approx(1 / 2)
    assert part(found, "effects", "retained", "difference")["value"] == pytest.approx(1 / 3)
    assert part(found, "effects", "retained", "ratio")["value"] == pytest.approx(5 / 3)
    assert part(found, "saved")["value"] == pytest.approx(2)
    assert part(found, "arms", "treated", "margin")["value"] == pytest.approx(80.0)
    assert part(found, "arms", "holdout", "margin")["value"] == pytest.approx(71.25)
    assert part(found, "arms", "treated", "cost")["value"] == pytest.approx(2.0)
    assert part(found, "effects", "margin", "difference")["value"] == pytest.approx(8.75)
    assert part(found, "effects", "net", "difference")["value"] == pytest.approx(6.75)
    assert part(found, "earned")["value"] == pytest.approx(40.5)
    assert part(found, "sample_ratio")["expected"] == pytest.approx(6.0)


def test_counts_of_an_arm() -> None:
    """One more of either arm is pending: known, followed, and told."""
    rows = ten_rows()
    for place in (0, 6):
        rows[place] = rows[place] | {"retained_at": 12.0}
    found = lift_report(ten(rows), WINDOW, None, None)
    treated = part(found, "arms", "treated")

    assert [treated[name] for name in ("customers", "known", "pending")] == [6, 5, 1]
    assert treated["median_days"] == 30.0
    assert found["cautions"] == [
        "Of 2 customers nobody has said what became of them. Those who are known stand for them, which holds "
        "only where leavers are not reported sooner than those who stay."
    ]


def test_the_curve_begins_whole_and_ends_at_the_share() -> None:
    """The held out leave on days 15 and 20, the treated one on day 10."""
    curve = lift_report(ten(), WINDOW, None, None)["curve"]
    assert isinstance(curve, list)
    shares = {point["day"]: (point["treated"]["value"], point["holdout"]["value"]) for point in curve}

    assert list(shares) == list(range(31))
    assert shares[0] == (1.0, 1.0)
    assert shares[9] == (1.0, 1.0)
    assert shares[10] == shares[14] == (pytest.approx(5 / 6), 1.0)
    assert shares[15] == shares[19] == (pytest.approx(5 / 6), pytest.approx(0.75))
    assert shares[20] == shares[30] == (pytest.approx(5 / 6), pytest.approx(0.5))


def test_a_long_window_has_no_more_points() -> None:
    """Thirty and the beginning, days in whole numbers, the last one kept."""
    rows = [row | ({"retained_at": 400.0} if "retained_at" in row else {}) for row in ten_rows()]
    long = Window(365, 1.0, NOON + timedelta(days=401))
    curve = lift_report(ten(rows), long, None, None)["curve"]

    assert isinstance(curve, list)
    assert len(curve) == 31
    assert curve[-1]["day"] == 365


def test_no_share_of_the_curve_rises() -> None:
    """Nobody comes back, and the intervals hold the share."""
    curve = lift_report(ten(), WINDOW, None, None)["curve"]
    assert isinstance(curve, list)

    for arm in ("treated", "holdout"):
        shares = [point[arm]["value"] for point in curve]
        assert shares == sorted(shares, reverse=True)
        assert all(point[arm]["low"] <= point[arm]["value"] <= point[arm]["high"] for point in curve)


def test_a_campaign_of_ten_is_too_small() -> None:
    """The first line says so, whatever the difference is."""
    found = lift_report(ten(), WINDOW, None, None)

    assert found["is_too_small"] is True
    assert str(found["first_line"]).startswith("This campaign is too small to say whether it kept customers")


def test_a_protocol_is_shown_and_judged_by() -> None:
    """Its values, digest and moment; the level is that of its look."""
    asked = protocol(looks=[32], customers=10)
    recorded = {"digest": "ab" * 32, "recorded_at": "2026-03-01T17:00:00+00:00"}
    found = lift_report(ten(), WINDOW, asked, recorded)
    shown = part(found, "protocol")

    assert (shown["metric"], shown["looks"], shown["digest"]) == ("retained", [32], "ab" * 32)
    assert found["level"] == pytest.approx(0.95)
    assert part(found, "look")["is_planned"] is True
    assert lift_report(ten(), WINDOW, None, None)["protocol"] is None


def test_who_is_left_out_stands_in_the_report() -> None:
    """By reason and arm."""
    rows = ten_rows()
    rows[9] = rows[9] | {"features": None}

    assert lift_report(ten(rows), WINDOW, None, None)["left_out"] == [
        {"why": "erased", "treated": 0, "held_out": 1}
    ]


def test_a_report_is_plain_json() -> None:
    """No number that is none, and nobody's name or id."""
    written = json.dumps(lift_report(ten(), WINDOW, protocol(), {"digest": "x", "recorded_at": "y"}))

    assert "NaN" not in written
    assert "Infinity" not in written
    assert "C00000" not in written


def test_one_customer_of_an_arm_is_refused() -> None:
    """Nothing shows how customers vary."""
    with pytest.raises(InputError, match=r"the holdout has 1 customer, wanted two or more"):
        lift_report(ten(ten_rows()[:7]), WINDOW, None, None)
