"""The page of what a campaign did."""

import json
from functools import cache

import pytest

from churn_saver.adapters.lift_page import Line, lift_page, lift_view
from churn_saver.errors import ArtifactError
from tests.lift_reports import PROTOCOL, ten_report
from tests.pages import Page, assert_needs_nothing_else


@cache
def _usual() -> Page:
    return Page(lift_page(ten_report()))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(_usual())
    assert_needs_nothing_else(Page(lift_page(ten_report(protocol=None))))
    assert "&lt;b&gt;" in lift_page(ten_report() | {"campaign_id": "<b>"})


def test_the_first_screen_says_what_can_be_said() -> None:
    """The first line, the look, and four figures."""
    page = _usual()

    assert (
        "This campaign is too small to say whether it kept customers: 6 treated and 4 held out" in page.text
    )
    assert "Look 1 of 2, on day 32, as the protocol names it" in page.text
    assert page.figures == {"treated": "83.3 %", "holdout": "50.0 %", "saved": "2", "earned": "40.50"}


def test_the_arms_stand_side_by_side() -> None:
    """Counts by hand; intervals at the level of the look, which all ten being known is 95 %."""
    rows = {line.name: line.cells for line in lift_view(ten_report()).arms}

    assert ["Customers", "6", "4"] in _usual().rows
    assert rows["Customers"] == rows["Known"] == ("6", "4")
    assert rows["Pending"] == ("0", "0")
    assert rows["Median days followed"] == ("30.0", "30.0")
    assert rows["Margin per customer"][0].startswith("80.00 (")
    assert rows["Cost per customer"][1] == "0.00 (0.00 to 0.00)"
    assert "Intervals at 95.0 %" in _usual().text


def test_the_difference_has_its_ratio_and_the_smallest_effect() -> None:
    """A third is 33.3 points, 5/3 the ratio; 8.75 and 6.75 of money."""
    view = lift_view(ten_report())
    share, margin, net = view.effects

    assert share.cells[0].startswith("33.3 (−")
    assert share.cells[1].startswith("1.667 (")
    assert (margin.cells[0][:6], net.cells[0][:6]) == ("8.75 (", "6.75 (")
    assert all(len(line.cells) == 3 for line in view.effects)


def test_who_is_left_out_is_told_by_arm() -> None:
    """One of the held out was erased; nobody else is missing."""
    assert lift_view(ten_report()).left_out == (Line("Erased", ("0", "1")),)
    assert "Nobody." in Page(lift_page(ten_report() | {"left_out": []})).text


def test_the_protocol_is_shown_whole() -> None:
    """With its digest; without one the page says that there is none."""
    told = {line.name: line.cells[0] for line in lift_view(ten_report()).protocol}

    assert told["Looks on days"] == "32, 60"
    assert told["SHA-256"] == "ab" * 32
    assert told["Gate of a challenger"] == "least gain 0.0, broken caps 0, replays 100"
    assert told["Shortfall of a group at most"] == "senior citizen: contact rate 0.05"
    assert "Nothing: the campaign was opened without a protocol." in Page(lift_page(ten_report(None))).text


def test_an_unplanned_look_is_a_warning_on_the_first_screen() -> None:
    """Day 41 is not named; it stands before the first table."""
    html = lift_page(ten_report(days=40))

    assert '<p class="note warn">Unplanned look: this is day 41' in html
    assert html.index("Unplanned look") < html.index("<table")
    assert "warn" not in _usual().html.split("</header>")[0].split("<header>")[1]


def test_arms_of_the_wrong_sizes_take_the_title() -> None:
    """Before anything else that the page says."""
    report = ten_report()
    ratio = report["sample_ratio"]
    assert isinstance(ratio, dict)
    html = lift_page(report | {"sample_ratio": ratio | {"is_mismatch": True}})

    assert "<h1>The arms do not have the sizes that were drawn for</h1>" in html


def test_pictures_say_what_they_show() -> None:
    """Who stays, the difference, the sizes."""
    html = _usual().html

    assert html.count("<svg") == 3
    assert "After 30 days 83.3 % of the treated and 50.0 % of the held out are still customers" in html
    assert "A difference of +33.3 points was found, from −" in html
    assert "4 are held out, 4.0 were to be expected (p = 1)" in html


def test_a_report_read_back_makes_the_same_page() -> None:
    """The JSON holds all that the page says."""
    report = ten_report()

    assert lift_page(json.loads(json.dumps(report))) == lift_page(report)


def test_a_protocol_of_money_asks_for_no_share() -> None:
    """The effect asked for stands in the table, and not in a picture of shares."""
    money = PROTOCOL.model_copy(update={"metric": "margin", "wanted_effect": 2.0})

    assert "asked for</text>" not in lift_page(ten_report(money))
    assert "margin" in [line.cells[0] for line in lift_view(ten_report(money)).protocol]


@pytest.mark.parametrize("name", ["look", "arms", "effects", "sample_ratio", "saved", "curve"])
def test_what_is_missing_is_named(name: str) -> None:
    """A report of another version is no page with gaps."""
    report = ten_report()
    del report[name]

    with pytest.raises(ArtifactError, match=rf"the report of the lift lacks {name}"):
        lift_page(report)
