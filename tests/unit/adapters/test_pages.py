"""Reports as self-contained pages."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.pages import Run, decision_report, training_report
from churn_saver.adapters.plain_words import money, units
from churn_saver.adapters.summary import Summary, summarise
from churn_saver.errors import InputError
from churn_saver.train.report import TrainingReport
from tests.pages import Page, assert_needs_nothing_else

CONTACT_COST = 100
ASSUMED = (
    Assumption("contact_cost", "1.00", "currency units per message sent, assumed"),
    Assumption("bare", "x", ""),
)
RUN = Run(
    made_at=datetime(2025, 11, 21, 22, 15, tzinfo=UTC),
    customers_file="customers.csv",
    command="make demo CUSTOMERS=customers.csv BUDGET=5000",
    campaign_id="demo",
    price=2.3145,
    models="3f9a0c12d4e5b6a7",
    code="1",
)


def _frame(n: int = 300, contacted: float = 0.3) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    contact = rng.random(n) < contacted
    percent = rng.choice([0, 5, 10, 15], n)
    return pl.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "contact": contact,
            "offer_percentage": [int(p) if c else None for p, c in zip(percent, contact, strict=True)],
            "delay_days": 0,
            "message": [
                f"Hello {i}, {p} % off." if c else None
                for i, (p, c) in enumerate(zip(percent, contact, strict=True))
            ],
            "reserved_minor": np.where(contact, 100 + 89 * percent, 0),
            "churn_risk": rng.random(n),
            "accept_prob": rng.random(n),
            "expected_value": rng.normal(30, 10, n),
            "policy": "knapsack",
            "reason": np.where(
                contact, "", rng.choice(["not_worth_it", "cooldown cap_7_days", "holdout"], n)
            ),
            "arm": np.where(rng.random(n) < 0.05, "holdout", "treated"),
            "currency": "EUR",
        },
        schema_overrides={"offer_percentage": pl.Int64, "message": pl.String},
    )


def _summary(frame: pl.DataFrame, protected: pl.DataFrame | None = None) -> Summary:
    return summarise(frame, 5_000_000, CONTACT_COST, 123_456, protected)


def _page(frame: pl.DataFrame, run: Run = RUN, training: dict[str, object] | None = None) -> str:
    return decision_report(_summary(frame), frame, training, ASSUMED, run)


@cache
def _usual() -> str:
    """Give the page of the usual frame, drawn once for all tests that only read it."""
    return _page(_frame())


def test_every_figure_is_the_summarys() -> None:
    """The named figures and the table of offers say what the summary says, in numbers and in words."""
    frame = _frame()
    summary = _summary(frame)
    page = Page(_usual())
    figures = {name: (page.values[name], shown) for name, shown in page.figures.items()}

    assert figures["customers"] == (str(summary.customers), f"{summary.customers:,}")
    assert figures["contacted"] == (str(summary.contacted), f"{summary.contacted:,}")
    assert figures["reserved"] == (str(summary.reserved_minor), money(summary.reserved_minor))
    assert figures["limit"] == ("5000000", "50,000.00")
    assert figures["ledger"] == ("123456", "1,234.56")
    assert figures["held-out"] == (str(summary.held_out), str(summary.held_out))
    assert figures["expected-spend"] == (
        str(summary.expected_spend_minor),
        money(summary.expected_spend_minor),
    )
    assert figures["expected-value"] == (str(summary.expected_value), units(summary.expected_value))
    for line in summary.reasons:
        assert figures[f"reason-{line.reason}"] == (str(line.customers), f"{line.customers:,}")
    for offer in summary.offers:
        row = next(row for row in page.rows if row[0] == f"{offer.percent} %")
        assert row[1:5] == [
            f"{offer.customers:,}",
            money(offer.reserved_minor),
            money(offer.expected_spend_minor),
            units(offer.expected_value),
        ]


def test_the_first_words_say_what_was_decided() -> None:
    """Heading and first paragraph: how many, how much, to what end."""
    frame = _frame()
    summary = _summary(frame)
    text = Page(_usual()).text

    assert (
        f"{summary.contacted} of 300 customers are contacted At most {money(summary.reserved_minor)}" in text
    )
    assert f"expected to keep {units(summary.expected_value)} EUR of margin" in text
    assert "assumed, not measured" in text
    assert "21 November 2025, 22:15 UTC" in text
    assert RUN.command in text


@pytest.mark.parametrize("kind", ["decision", "training"])
def test_a_page_needs_nothing_but_itself(trained: TrainingReport, kind: str) -> None:
    """No script, no link outwards, no style from elsewhere; ids are unique, links within the page land."""
    plain = trained.to_dict()
    page = _page(_frame(), training=plain) if kind == "decision" else training_report(plain)

    assert_needs_nothing_else(Page(page))


def test_pictures_stand_in_the_page_with_names(trained: TrainingReport) -> None:
    """ROC, reliability, offer mix, spend and gain, each a valid image element with a title."""
    page = _page(_frame(), training=trained.to_dict())
    svgs = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    titles = [ElementTree.fromstring(svg).findtext("{http://www.w3.org/2000/svg}title") or "" for svg in svgs]

    assert len(svgs) == 5
    assert [title.split(":")[0].split(" ")[0] for title in titles[3:]] == ["Those", "Predicted"]
    assert all(titles)


def test_same_input_gives_same_bytes(trained: TrainingReport) -> None:
    """Neither clock nor chance gets into a page."""
    plain = trained.to_dict()

    assert _page(_frame()) == _usual()
    assert training_report(plain) == training_report(plain)


def test_hostile_text_is_shown_not_run(trained: TrainingReport) -> None:
    """Markup in names, messages, reasons, files and notes stays text."""
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    frame = _frame(8, 1.0).with_columns(
        message=pl.lit("Hi <script>alert(1)</script>, 5 % off"),
        customer_id=pl.col("customer_id") + pl.lit(evil),
        policy=pl.lit(evil),
    )
    others = _frame(4, 0.0).with_columns(reason=pl.lit("<b>bold</b>"))
    run = replace(
        RUN, customers_file=evil, command=evil, campaign_id=evil, notes=(evil,), hashes={evil: evil}
    )
    plain = trained.to_dict() | {"notes": [evil], "preset": evil}
    pages = [_page(frame, run, plain), _page(others), training_report(plain)]

    for page in pages:
        assert not Page(page).tags & {"script", "img", "b"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;, 5 % off" in pages[0]
    assert "Hi <script>alert(1)</script>, 5 % off" in Page(pages[0]).text


def test_nobody_contacted_is_a_page_too() -> None:
    """The heading says so, the reasons stand, offers and messages do not."""
    page = Page(_page(_frame(50, 0.0), replace(RUN, notes=("Two rows were left out.",))))

    assert "None of 50 customers is contacted" in page.text
    assert "No offer is made to anybody" in page.text
    assert "Two rows were left out." in page.text
    assert "messages" not in page.ids
    assert page.html.count("<svg") == 1


def test_an_empty_table_is_a_page_too() -> None:
    """No customers at all: no picture, no share of nothing, no fault."""
    page = _page(_frame().clear())

    assert "None of 0 customers" in Page(page).text
    assert "<svg" not in page


def test_everybody_contacted_leaves_no_reasons() -> None:
    """The section of reasons says that there are none; so does one without recorded reasons."""
    silent = _frame(10, 0.0).with_columns(reason=pl.lit(""))

    assert "Everybody is contacted." in Page(_page(_frame(20, 1.0))).text
    assert "10 customers are not contacted; no reason was recorded." in Page(_page(silent)).text


def test_what_is_not_known_is_said() -> None:
    """The rule without models: no scores, no worth, no picture of gain."""
    nan = pl.lit(float("nan"))
    frame = _frame().with_columns(
        churn_risk=nan, accept_prob=nan, expected_value=nan, policy=pl.lit("propensity_rule")
    )
    page = Page(_page(frame))

    assert "propensity_rule decided without a model of worth" in page.text
    assert (page.values["expected-value"], page.figures["expected-value"]) == ("", "not known")
    assert "No training report was at hand" in page.text
    assert page.html.count("<svg") == 1


def test_groups_are_shown_when_columns_are_given() -> None:
    """Rates with customers and intervals; whether the model saw the columns is said either way."""
    frame = _frame()
    genders = pl.DataFrame({"customer_id": frame["customer_id"], "gender": ["female", "male"] * 150})
    summary = _summary(frame, genders)
    unused = decision_report(summary, frame, None, ASSUMED, RUN)
    used = decision_report(summary, frame, None, ASSUMED, replace(RUN, protected_used=True))
    rows = [row for row in Page(unused).rows if row[:2] == ["Gender", "female"]]

    assert rows[0][2:4] == ["150", str(summary.groups[0].contacted)]
    assert "The model does not use these columns." in unused
    assert "<strong>are inputs</strong>" in used
    assert "groups" not in Page(_usual()).ids


def test_a_snapshot_says_what_it_is() -> None:
    """A labelled table is scored out-of-fold; an empty holdout is named."""
    frame = _frame().with_columns(arm=pl.lit("treated"))
    run = replace(RUN, out_of_fold=True)
    text = Page(decision_report(summarise(frame, 10**6, CONTACT_COST), frame, None, ASSUMED, run)).text

    assert "scored out-of-fold" in text
    assert "There is no holdout in this run" in text


def test_assumptions_stand_with_unit_and_source() -> None:
    """Each setting with what the file says of it; one without a source is said to have none."""
    rows = Page(_usual()).rows

    assert ["contact cost", "1.00", "currency units per message sent, assumed"] in rows
    assert ["bare", "x", "no source given"] in rows


def test_training_page_shows_gates_scores_and_references(trained: TrainingReport) -> None:
    """A failed gate is in the heading; every figure stands with its interval."""
    page = Page(training_report(trained.to_dict()))
    rows = page.rows

    assert "Churn risk and offer acceptance: 1 of 2 gates failed, nothing was written" in page.text
    assert ["Churn risk", "out-of-fold AUC", "passed", "0.8461", "at least 0.84"] in rows
    assert ["Offer acceptance", "gain in log loss", "failed", "−0.0007", "an interval above 0"] in rows
    assert next(row for row in rows if row[0] == "Hold-out")[1:3] == ["6,329", "0.8412 0.8312–0.8512"]
    assert next(row for row in rows if row[0] == "/retain 1 field")[2] == "0.8188 0.8088–0.8288"
    assert next(row for row in rows if row[0].startswith("spline"))[-1] == "0.0020 −0.0010 to 0.0050"
    assert ["5 %", "0", "not known"] in rows
    assert "loses 1.23 % of the best possible value" in page.text
    assert "The weights leave 4,321 rows" in page.text


def test_training_page_of_one_model_without_gates(trained: TrainingReport) -> None:
    """All passed, or none set, or one model alone: each has its heading."""
    one = replace(trained, only="risk", models=trained.models[:1], gates=trained.gates[:1])

    assert "Churn risk: the one gate passed" in Page(training_report(one.to_dict())).text
    assert "trained without gates" in Page(training_report(replace(one, gates=()).to_dict())).text


def test_a_model_of_worth_unknown_says_so(trained: TrainingReport) -> None:
    """Without the true chances the regret is not known; without propensities no weights are shown."""
    accept = trained.models[1]
    assert accept.ladder is not None
    ladder = replace(accept.ladder, causal="associational", overlap=None, regret=None, constant_regret=None)
    text = Page(training_report(replace(trained, models=(replace(accept, ladder=ladder),)).to_dict())).text

    assert "associational" in text
    assert "The true chances are not known for this table" in text
    assert "The weights leave" not in text


def test_a_report_of_another_version_is_refused(trained: TrainingReport) -> None:
    """What a page needs and does not find is named, with the way out."""
    plain = trained.to_dict()
    plain["gates"] = [{"model": "risk"}]

    with pytest.raises(InputError, match=r"of another version \(.*\); train again with `make train-risk`"):
        training_report(plain)
