"""The page of a training of the decision policy."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.policy_page import policy_page, policy_view
from churn_saver.errors import ArtifactError
from tests.pages import Page, assert_needs_nothing_else
from tests.policy_reports import ASSUMPTIONS, bare, certificate, training

FEW: Any = {"curves": [], "regrets": []}
"""No pictures: the page is set quickly."""
BUDGETS = (
    (200.0, 4.4, 197.0, 95.5, 4.2, True),
    (800.0, 2.0, 791.0, 96.2, 3.6, True),
    (3200.0, 0.3, 3_300.0, 99.0, 2.4, False),
)


@cache
def _usual() -> Page:
    return Page(policy_page(training()))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(_usual())
    assert "&lt;table&gt;.csv" in _usual().html


def test_the_first_words_say_what_it_reaches() -> None:
    """Heading, first paragraph and figures; 4,000 decisions in 200 s are 20 a second."""
    page = _usual()

    assert "PPO: 96.2 % of the attainable gain, within the budget" in page.text
    assert "it spends 7.91 of 8.00 per customer and gains 96.2 % of what" in page.text
    assert "20 decisions per second" in page.text
    assert {key: page.figures[key] for key in ("gain", "regret", "decisions", "seconds")} == {
        "gain": "96.2 %",
        "regret": "3.6 %",
        "decisions": "4,000",
        "seconds": "3 min 20 s",
    }
    assert "Customers: 7,032 of <table>.csv. It learned from one half" in page.text


def test_every_budget_has_its_row_and_the_words_their_meaning() -> None:
    """Budget, price, spend and its share, gain, regret, within the budget; over it there is no gain."""
    page = Page(policy_page(training(certificate=certificate(*BUDGETS), **FEW)))

    assert page.rows[1:4] == [
        ["2.00", "4.400", "1.97 98.5 %", "95.5 %", "4.2 %", "yes"],
        ["8.00", "2.000", "7.91 98.9 %", "96.2 %", "3.6 %", "yes"],
        ["32.00", "0.300", "33.00 103.1 %", "–", "2.4 %", "no"],
    ]
    assert "100 % is the most that any policy which knows the model can gain" in page.text
    assert "never below 0, so overspending cannot look good" in page.text


def test_the_main_figures_are_those_of_the_budget_it_was_trained_for() -> None:
    """Not of the first row or the last."""
    assert policy_view(training(certificate=certificate(*BUDGETS), **FEW)).main.gain_pct == 96.2


def test_cpu_seconds_count_where_they_were_measured() -> None:
    """4,000 decisions in 160 CPU seconds are 25 a second; the clock said 200."""
    view = policy_view(training(cpu_seconds=160.0, curves=[bare(4)], regrets=[]))

    assert (view.rate, view.is_cpu_rate, view.seconds) == (25.0, True, 200.0)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((800.0, 2.0, 840.0, 97.0, 3.0, False), "8.00 per customer it spends 8.40 and breaks its limits"),
        (
            (800.0, 2.0, 700.0, 82.0, 12.34, True),
            "the regret is 12.3 % of the attainable gain, more than 10 %",
        ),
    ],
)
def test_what_must_not_serve_is_warned_of(
    row: tuple[float, float, float, float, float, bool], said: str
) -> None:
    """In a box of its own, above all else."""
    page = Page(policy_page(training(certificate=certificate(row), **FEW)))

    assert said in page.text
    assert ("warn", "p") in page.classes
    assert ("PPO spends more than the budget" in page.text) == (not row[-1])
    assert ("gain" in page.figures) == row[-1]


def test_a_good_policy_is_not_warned_of() -> None:
    """Feasible, and a regret of 10 % or less."""
    at_the_limit = certificate((800.0, 2.0, 700.0, 90.0, 10.0, True))

    assert policy_view(training(**FEW)).warnings == ()
    assert policy_view(training(certificate=at_the_limit, **FEW)).warnings == ()


def test_a_price_that_is_an_input_is_said() -> None:
    """By the rung's name, or by more budgets than one without a price in training."""
    free = [bare(1, price=0.0), bare(2, price=0.0)]
    named = policy_view(training(name="ppo_price", **FEW))
    told = policy_view(training(name="mine", certificate=certificate(*BUDGETS), curves=free, regrets=[]))

    assert named.is_priced
    assert told.is_priced
    assert not policy_view(training(**FEW)).is_priced


def test_assumptions_are_listed_where_they_are_handed_in() -> None:
    """Otherwise the page says what is assumed and where it stands."""
    listed = Page(policy_page(training(**FEW), [Assumption("annoyance", "0.003", "probability, assumed")]))

    assert ["annoyance", "0.003", "probability, assumed"] in listed.rows
    assert "1 of these 1 settings are assumed" in listed.text
    assert "nobody measured it on these customers" in _usual().text


def test_provenance_is_told_line_by_line() -> None:
    """A group of settings in one line, the hash of the assumptions last."""
    assert policy_view(training(**FEW)).provenance == (
        ("Seed", "7"),
        ("Code", "0.1.0"),
        ("Settings", "hidden [128, 128], value_clip none, prices (low 0.05)"),
        ("SHA-256 of the assumptions", ASSUMPTIONS),
    )


def test_a_report_read_back_from_json_is_the_same() -> None:
    """NaN is null there."""
    plain = training(curves=[bare(1), bare(2, reward=1.5), bare(3, reward=2.5)], regrets=[])
    nulled = [
        {name: None if value != value else value for name, value in point.items()}
        for point in plain["curves"]
    ]

    assert policy_page(json.loads(json.dumps(plain | {"curves": nulled}))) == policy_page(plain)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda r: r.pop("seconds"), r"^the report of the training lacks seconds$"),
        (lambda r: r.update(curves=3), r"^curves is '3', wanted a list"),
        (lambda r: r["curves"][1].pop("kl"), r"^curves\[1\] lacks kl$"),
        (lambda r: r["curves"][1].update(kl="a"), r"^curves\.kl\[1\] is 'a', wanted a finite number"),
        (lambda r: r.update(regrets=[{}]), r"^regrets lacks iteration, regret_pct$"),
        (lambda r: r["certificate"].update(rows=[]), r"^certificate: rows have the budgets \[\]"),
        (lambda r: r.update(provenance="mine"), r"^provenance is 'mine', wanted an object"),
        (lambda r: r.update(budget_per_customer=float("nan")), r"^budget_per_customer is 'nan'"),
    ],
)
def test_a_report_of_another_kind_is_refused(change: Callable[[dict[str, Any]], object], match: str) -> None:
    """The message names what is missing or wrong."""
    report = training()
    change(report)

    with pytest.raises(ArtifactError, match=match):
        policy_page(report)
