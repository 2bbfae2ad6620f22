"""The page of metrics: every number counted once, money as the ledger has it, workers added up."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from churn_saver.domain.proposal import Versions
from churn_saver.serve.metrics import BUCKETS, Metrics, Running
from churn_saver.serve.sendings import Sendings
from churn_saver.store import Totals
from tests.builders import campaign, proposals

Page = dict[tuple[str, ...], float]
TOLD = Versions("ppo_price@0123456789abcdef", "told", "3")
MONEY: Running = [(campaign(), Totals(500_000, 320_000, 120_000, 60_000))]


def read(page: bytes) -> Page:
    """Read a page as Prometheus does: (name, label, value, …) → number."""
    return {
        (sample.name, *(text for pair in sorted(sample.labels.items()) for text in pair)): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_answers_are_counted_by_route_and_status() -> None:
    """And their time falls into every bucket that is not below it: 0.03 s from 0.05 on."""
    metrics = Metrics()
    metrics.answered("POST", "/retain", 200, 0.03)
    metrics.answered("POST", "/retain", 503, 0.001)
    page = read(metrics.page(MONEY))

    assert page["churn_saver_requests_total", "method", "POST", "route", "/retain", "status", "200"] == 1
    assert page["churn_saver_requests_total", "method", "POST", "route", "/retain", "status", "503"] == 1
    buckets = [
        page["churn_saver_request_seconds_bucket", "le", str(top), "route", "/retain"] for top in BUCKETS
    ]
    assert buckets == [1, 1, 1, 2, 2, 2, 2, 2, 2, 2]
    assert page["churn_saver_request_seconds_sum", "route", "/retain"] == pytest.approx(0.031)


def test_decisions_are_counted_by_offer_and_rung() -> None:
    """A trained policy without its version: choice 0 is no contact, choice 3 is 10 %."""
    metrics = Metrics()
    for choice in (0, 3, 3):
        metrics.decided(proposals(1, choice=np.array([choice], np.int8), versions=TOLD), True, ())
    page = read(metrics.page(MONEY))

    assert page["churn_saver_decisions_total", "offer", "none", "rung", "ppo_price"] == 1
    assert page["churn_saver_decisions_total", "offer", "10", "rung", "ppo_price"] == 2


def test_what_was_not_recorded_is_a_fallback_and_no_decision() -> None:
    """So that decisions on the page and decisions in the ledger are the same number."""
    metrics = Metrics()
    metrics.decided(proposals(1), False, ("ledger_unavailable", "bank_unavailable"))
    page = read(metrics.page(None))

    assert not [key for key in page if key[0] == "churn_saver_decisions_total"]
    assert page["churn_saver_fallbacks_total", "reason", "ledger_unavailable"] == 1
    assert page["churn_saver_fallbacks_total", "reason", "bank_unavailable"] == 1


def test_each_violation_is_counted() -> None:
    """By its code, for the last draft that the shield stopped."""
    metrics = Metrics()
    metrics.decided(proposals(1, violations=[("toxic", "wrong_number")]), True, ())
    page = read(metrics.page(MONEY))

    assert page["churn_saver_violations_total", "code", "toxic"] == 1
    assert page["churn_saver_violations_total", "code", "wrong_number"] == 1


def test_money_is_what_the_ledger_says() -> None:
    """In minor units, under names that add up: 5,000.00 = 3,200.00 + 1,200.00 + 600.00."""
    page = read(Metrics().page(MONEY))
    money = {key[-1]: value for key, value in page.items() if key[0] == "churn_saver_money_minor"}

    assert money == {"limit": 500_000, "free": 320_000, "reserved": 120_000, "spent": 60_000}
    assert page["churn_saver_ledger_up",] == 1
    assert {key[2] for key in page if key[0] == "churn_saver_money_minor"} == {"spring"}


def test_without_the_ledger_there_is_no_money_to_show() -> None:
    """None is not nothing: the numbers are absent, and `ledger_up` is 0."""
    page = read(Metrics().page(None))

    assert page["churn_saver_ledger_up",] == 0
    assert not [key for key in page if key[0] == "churn_saver_money_minor"]


def test_messages_are_shown_by_what_became_of_them() -> None:
    """As the ledger has them, and how long the oldest one waits; absent while it does not answer."""
    shown = Metrics().page(MONEY, Sendings(sent=40, waiting=5, due=3, given_up=2, unsafe=1, lag_seconds=90.0))
    page, silent = read(shown), read(Metrics().page(None, None))

    states = {key[-1]: value for key, value in page.items() if key[0] == "churn_saver_messages"}
    assert states == {"sent": 40, "waiting": 5, "due": 3, "given_up": 2, "unsafe": 1}
    assert page["churn_saver_oldest_due_seconds",] == 90
    assert not {key[0] for key in silent} & {"churn_saver_messages", "churn_saver_oldest_due_seconds"}


def test_it_shows_how_many_are_decided_together() -> None:
    """One alone and a group of five: two groups of six requests."""
    metrics = Metrics()
    metrics.gathered(1)
    metrics.gathered(5)
    page = read(metrics.page(MONEY))

    assert page["churn_saver_decided_together_count",] == 2
    assert page["churn_saver_decided_together_sum",] == 6
    assert page["churn_saver_decided_together_bucket", "le", "4.0"] == 1


def test_the_queue_is_shown_as_it_stands() -> None:
    """And who was turned away, by cause."""
    metrics = Metrics()
    metrics.queue(8, 3)
    metrics.refused("full")
    page = read(metrics.page(MONEY))

    assert (page["churn_saver_in_flight",], page["churn_saver_waiting",]) == (8, 3)
    assert page["churn_saver_refusals_total", "cause", "full"] == 1


def test_two_apps_count_apart() -> None:
    """No number at module level."""
    one, other = Metrics(), Metrics()
    one.refused("late")

    assert ("churn_saver_refusals_total", "cause", "late") in read(one.page(None))
    assert ("churn_saver_refusals_total", "cause", "late") not in read(other.page(None))


WORKERS = """
import os, sys
from pathlib import Path
from churn_saver.serve.metrics import Metrics

for count in (1, 2, 3):
    child = os.fork() if count < 3 else 0
    if child == 0:
        metrics = Metrics(Path(sys.argv[1]))
        metrics.queue(5, 0)
        for _ in range(count):
            metrics.answered("POST", "/retain", 200, 0.02)
        if count < 3:
            os._exit(0)
    else:
        os.waitpid(child, 0)
sys.stdout.buffer.write(metrics.page(None))
"""
"""Two workers that end, and one that writes the page."""


def test_workers_are_added_up_and_the_dead_hold_no_place(tmp_path: Path) -> None:
    """Three answer 1, 2 and 3 requests, each with 5 in flight: 6 answered, 5 in the one that lives."""
    variables = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", WORKERS, str(tmp_path)], env=variables, capture_output=True, check=True
    )
    page = read(done.stdout)

    assert page["churn_saver_requests_total", "method", "POST", "route", "/retain", "status", "200"] == 6
    assert page["churn_saver_request_seconds_count", "route", "/retain"] == 6
    assert page["churn_saver_request_seconds_bucket", "le", "0.025", "route", "/retain"] == 6
    assert page["churn_saver_in_flight",] == 5


def test_a_table_is_counted_row_by_row() -> None:
    """As the ledger has it: two contacts with 10 %, one without, and the codes of what was stopped."""
    metrics = Metrics()
    metrics.recorded(
        {"choice": [3, 0, 3], "policy": ["knapsack"] * 3, "violations": [(), ("toxic", "wrong_number"), ()]}
    )
    page = read(metrics.page(MONEY))

    assert page["churn_saver_decisions_total", "offer", "10", "rung", "knapsack"] == 2
    assert page["churn_saver_decisions_total", "offer", "none", "rung", "knapsack"] == 1
    assert page["churn_saver_violations_total", "code", "toxic"] == 1
