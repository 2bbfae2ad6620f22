"""What a worker counts, and the page that Prometheus reads; each number is defined in docs/metrics.md.

Several workers count into files of one folder, which the page adds up. Money and messages are not counted
at all: they are read from the ledger when the page is asked for, so that the two cannot differ.
"""

import os
from collections import Counter as Counted
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import cast

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Action
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.proposal import Proposals
from churn_saver.serve.sendings import Sendings
from churn_saver.store import DecisionColumns, Totals

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable under which the parent of several workers tells them, and the library, the folder."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)
"""Seconds; 0.05 and 0.15 are what is promised for 95 and 99 of 100 requests."""
TOGETHER = (1, 2, 3, 4, 6, 8, 12, 16)
"""Requests of one transaction."""
NO_OFFER = "none"

Running = Sequence[tuple[Campaign, Totals]]
"""Campaigns that are open, and their money."""


class Metrics:
    """The numbers of one app."""

    def __init__(self, shared: Path | None = None) -> None:
        """Begin at nothing.

        Args:
            shared: Folder in which several workers count; it must have been in the variable
                `SHARED_FOLDER` when this process began. None: there is one worker.
        """
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._shared = shared
        own = self._registry = CollectorRegistry()
        self._requests = Counter(
            "churn_saver_requests", "Requests answered.", ("method", "route", "status"), registry=own
        )
        self._seconds = Histogram(
            "churn_saver_request_seconds", "From the first byte read to the answer.", ("route",),
            buckets=BUCKETS, registry=own,
        )  # fmt: skip
        self._decisions = Counter(
            "churn_saver_decisions", "Decisions recorded in the ledger.", ("offer", "rung"), registry=own
        )
        self._together = Histogram(
            "churn_saver_decided_together", "Requests decided in one transaction.", buckets=TOGETHER,
            registry=own,
        )  # fmt: skip
        self._violations = Counter(
            "churn_saver_violations", "Messages stopped by the shield, by code.", ("code",), registry=own
        )
        self._fallbacks = Counter(
            "churn_saver_fallbacks", "Decisions made with less than everything.", ("reason",), registry=own
        )
        self._refusals = Counter(
            "churn_saver_refusals", "Requests turned away by admission.", ("cause",), registry=own
        )
        self._faults = Counter(
            "churn_saver_faults", "Times that an artefact failed or was late.", ("artefact", "cause"),
            registry=own,
        )  # fmt: skip
        self._shadowed = Counter(
            "churn_saver_shadowed", "Decisions whose shadow is kept beside them.", registry=own
        )
        self._unshadowed = Counter(
            "churn_saver_shadow_faults", "Decisions that have no shadow, by cause.", ("cause",), registry=own
        )
        self._open = Gauge(
            "churn_saver_breaker_open", "Workers that leave an artefact alone.", ("artefact",), registry=own,
            multiprocess_mode="livesum",
        )  # fmt: skip
        self._in_flight = _gauge("churn_saver_in_flight", "Requests being decided.", own)
        self._waiting = _gauge("churn_saver_waiting", "Requests waiting for their turn.", own)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def decided(self, made: Proposals, recorded: bool, degraded: Iterable[str]) -> None:
        """Count a decision about one customer.

        Args:
            made: Of one row.
            recorded: It stands in the ledger.
            degraded: Codes of what it was made without.
        """
        if recorded:
            self._count(int(made.choice[0]), made.versions.policy, 1)
        for code in made.violations[0]:
            self._violations.labels(code).inc()
        for reason in degraded:
            self._fallbacks.labels(reason).inc()

    def gathered(self, requests: int) -> None:
        """Note how many requests are decided together."""
        self._together.observe(requests)

    def recorded(self, columns: DecisionColumns) -> None:
        """Count decisions of a table as the ledger has them, by the names of `DecisionRecord`."""
        for (choice, policy), n in Counted(zip(columns["choice"], columns["policy"], strict=True)).items():
            self._count(int(str(choice)), str(policy), n)
        for code in chain.from_iterable(cast(Sequence[Sequence[str]], columns["violations"])):
            self._violations.labels(code).inc()

    def _count(self, choice: int, policy: str, n: int) -> None:
        offer = NO_OFFER if choice == NO_CONTACT else str(OFFER_PERCENTS[Action.of_choice(choice).offer_idx])
        self._decisions.labels(offer, policy.partition("@")[0]).inc(n)

    def refused(self, cause: str) -> None:
        """Count a request that was turned away."""
        self._refusals.labels(cause).inc()

    def failed(self, artefact: str, cause: str) -> None:
        """Count a time that an artefact failed or was late."""
        self._faults.labels(artefact, cause).inc()

    def shadowed(self, decisions: int) -> None:
        """Count decisions of which it is kept what the shadow would have done."""
        self._shadowed.inc(decisions)

    def unshadowed(self, decisions: int, cause: str) -> None:
        """Count decisions of which it is not."""
        self._unshadowed.labels(cause).inc(decisions)

    def turned(self, artefact: str, is_open: bool) -> None:
        """Note whether this worker leaves an artefact alone."""
        self._open.labels(artefact).set(is_open)

    def queue(self, in_flight: int, waiting: int) -> None:
        """Note how full this worker is."""
        self._in_flight.set(in_flight)
        self._waiting.set(waiting)

    def page(self, running: Running | None, sendings: Sendings | None = None) -> bytes:
        """Write all numbers.

        Args:
            running: Running campaigns and their money; None: the ledger does not answer.
            sendings: What became of messages; None: likewise.
        """
        money = CollectorRegistry()
        money.register(_Money(running))
        if sendings is not None:
            money.register(_Messages(sendings))
        if self._shared is None:
            return generate_latest(self._registry) + generate_latest(money)
        _forget_the_dead(self._shared)
        together = CollectorRegistry()
        MultiProcessCollector(together, path=str(self._shared))  # type: ignore[no-untyped-call]
        return generate_latest(together) + generate_latest(money)


class _Money(Collector):
    def __init__(self, running: Running | None) -> None:
        self._running = running

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "churn_saver_ledger_up", "1: the ledger answered when this page was asked for."
        )
        up.add_metric([], float(self._running is not None))
        yield up
        money = GaugeMetricFamily(
            "churn_saver_money_minor",
            "Money of a running campaign, minor units; limit = free + reserved + spent.",
            labels=("campaign", "currency", "part"),
        )
        for campaign, totals in self._running or ():
            for part in ("limit", "free", "reserved", "spent"):
                value = float(getattr(totals, f"{part}_minor"))
                money.add_metric([campaign.campaign_id, campaign.currency, part], value)
        yield money


class _Messages(Collector):
    def __init__(self, found: Sendings) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "churn_saver_messages", "Messages by what became of them, of all campaigns.", labels=("state",)
        )
        for state in ("sent", "waiting", "due", "given_up", "unsafe"):
            messages.add_metric([state], float(getattr(self._found, state)))
        yield messages
        lag = "churn_saver_oldest_due_seconds"
        yield GaugeMetricFamily(
            lag, "How far sending lags behind; 0: nothing is due.", self._found.lag_seconds
        )


def _gauge(name: str, text: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, text, registry=registry, multiprocess_mode="livesum")


def _forget_the_dead(folder: Path) -> None:
    """Take away how full a worker was that is not there any more; what it counted stays counted."""
    for path in folder.glob("gauge_live*_*.db"):
        number = int(path.stem.rpartition("_")[2])
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            mark_process_dead(number, path=str(folder))  # type: ignore[no-untyped-call]
