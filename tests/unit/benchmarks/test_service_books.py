"""Ledger, metrics and answers compared; the smallest difference is named."""

import pytest

from benchmarks.service_books import Page, differences, read_page, told
from benchmarks.service_k6 import Answers
from churn_saver.store import Totals

MADE = {("none", "ppo_price"): 3, ("10", "ppo_price"): 2}
TOTALS = Totals(5_000, 4_000, 900, 100)
MONEY = {"limit": 5_000, "free": 4_000, "reserved": 900, "spent": 100}
PAGE = """
# TYPE churn_saver_decisions_total counter
churn_saver_decisions_total{offer="none",rung="ppo_price"} 3.0
churn_saver_decisions_total{offer="10",rung="ppo_price"} 2.0
# TYPE churn_saver_money_minor gauge
churn_saver_money_minor{campaign="load",currency="USD",part="limit"} 5000.0
churn_saver_money_minor{campaign="load",currency="USD",part="free"} 4000.0
churn_saver_money_minor{campaign="load",currency="USD",part="reserved"} 900.0
churn_saver_money_minor{campaign="load",currency="USD",part="spent"} 100.0
churn_saver_money_minor{campaign="other",currency="USD",part="limit"} 7.0
# TYPE churn_saver_in_flight gauge
churn_saver_in_flight 1.0
# TYPE churn_saver_waiting gauge
churn_saver_waiting 2.0
"""


def page(**changes: object) -> Page:
    """Give the page of a service at rest."""
    plain: dict[str, object] = {"decisions": MADE, "money": MONEY, "waiting": 0}
    return Page(**(plain | changes))  # type: ignore[arg-type]


def answers(**changes: int) -> Answers:
    """Count ten answers, one of them to a request that was sent again."""
    plain = {"ok": 10, "again": 1, "refused": 0, "degraded": 0, "wrong": 0, "dropped": 0}
    return Answers(**(plain | changes), ok_ms={}, refused_ms={})


def test_the_page_is_read_as_it_stands() -> None:
    """Money of this campaign only; who waits and who is being decided, together."""
    assert read_page(PAGE) == page(waiting=3)


def test_equal_books_have_no_difference() -> None:
    """Five decisions in the ledger, in the metrics, and told."""
    assert differences(MADE, TOTALS, page(), range(5, 6)) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (page(decisions={("none", "ppo_price"): 3}), "by ppo_price: 2 in the ledger, 0 in the metrics"),
        (page(decisions=MADE | {("5", "knapsack"): 1}), "by knapsack: 0 in the ledger, 1 in the metrics"),
        (page(money=MONEY | {"spent": 99}), "money is"),
        (page(money={}), "money is"),
        (page(waiting=1), "1 requests still wait"),
    ],
)
def test_a_difference_of_the_metrics_is_named(found: Page, words: str) -> None:
    """One decision, one cent, one who waits."""
    (fault,) = differences(MADE, TOTALS, found, range(5, 6))

    assert words in fault


def test_a_decision_that_nobody_was_told_of_is_named() -> None:
    """Nor may one be missing."""
    assert differences(MADE, TOTALS, page(), range(4, 5)) == [
        "5 decisions in the ledger, callers were told of 4 to 4"
    ]
    assert len(differences(MADE, TOTALS, page(), range(6, 9))) == 1


def test_money_that_does_not_add_up_is_named() -> None:
    """Even where ledger and metrics agree about it."""
    money = MONEY | {"free": 4_001}
    (fault,) = differences(MADE, Totals(5_000, 4_001, 900, 100), page(money=money), range(5, 6))

    assert fault.startswith("limit is not free + reserved + spent")


def test_without_errors_every_decision_is_known() -> None:
    """Ten answers, one of them a repeat, and nine more without one: 18."""
    assert told(answers(), answers(again=0, ok=9)) == range(18, 19)


def test_a_repeat_may_be_the_first_where_some_were_refused() -> None:
    """9 or 10 decisions of ten answers, and of two answers that never came there may be two more."""
    assert told(answers(refused=1)) == range(9, 11)
    assert told(answers(dropped=1)) == range(9, 11)
    assert told(answers(wrong=2)) == range(9, 13)
    assert told(answers(degraded=2)) == range(9, 13)
