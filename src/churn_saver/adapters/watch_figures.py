"""A look at a campaign as figures for programs: JSON, the text that Prometheus reads, lines for a log.

Metrics and lines have the names of docs/metrics.md. The text is made for the textfile collector of a node
exporter: a look reads a whole campaign, which no page that is asked for every few seconds may do. The lines
say of each figure what the cloud's metrics are made of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from math import isfinite

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from churn_saver.evidence.matured import Part
from churn_saver.evidence.outcome_checks import Calibration
from churn_saver.evidence.watch import Watch

_PREFIX = "churn_saver_watch"
_DECILE = ("score", "part")


def watch_values(look: Watch) -> dict[str, object]:
    """Give a look as plain values: what is not a number is null, moments are ISO 8601."""
    values = asdict(look)
    verdicts = [one.verdict for one in look.calibrations]
    for told, verdict in zip(values["calibrations"], verdicts, strict=True):
        told["verdict"] = verdict
    values["delivery"]["verdict"] = look.delivery.verdict
    values["gate"]["is_open"] = look.gate.is_open
    values["is_quiet"] = look.is_quiet
    return {name: _plain(one) for name, one in values.items()}


def watch_metrics(look: Watch) -> bytes:
    """Give a look in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Look(look))
    return generate_latest(registry)


def watch_lines(look: Watch) -> Iterator[tuple[str, Mapping[str, str | int | float]]]:
    """Give a look as lines for a log: what each tells of, and its fields, with the campaign in each."""
    name = look.campaign_id
    yield "looked", {"campaign": name, "alarms": len(look.alarms), "decisions": look.decisions}
    for one in () if look.drift is None else look.drift.columns:
        yield "drift", {"campaign": name, "column": one.column, "psi": one.psi}
    for score in look.calibrations:
        for place, part in _deciles(score):
            yield "decile", {
                "campaign": name, "score": score.score, "part": place, "rows": part.rows,
                "predicted": part.expected, "happened": part.observed.value,
            }  # fmt: skip


class _Look(Collector):
    def __init__(self, look: Watch) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        look = self._look
        yield self._one("alarms", "Things that are off.", len(look.alarms))
        yield self._one("time_seconds", "When the look was taken, seconds since 1970.", look.at.timestamp())
        yield self._one("decisions", "Decisions of the campaign.", look.decisions)
        yield from self._drift()
        yield from self._scores()
        yield from self._parts()
        if look.delivery.share is not None:
            text = "Share of due contacts of the window that went out."
            yield self._one("delivered_share", text, look.delivery.share.value)
        yield from self._groups()

    def _drift(self) -> Iterator[Metric]:
        found = self._look.drift
        if found is None:
            return
        psi = self._family("psi", "Population stability index of a column.", "column")
        chance = self._family("psi_by_chance", "What chance alone passes once in twenty.", "column")
        moved = self._family("moved", "1: the column is far away, and surely so.", "column")
        for one in found.columns:
            labels = [self._look.campaign_id, one.column]
            psi.add_metric(labels, one.psi)
            chance.add_metric(labels, one.psi_by_chance)
            moved.add_metric(labels, float(one.verdict == "moved"))
        yield from (psi, chance, moved)

    def _scores(self) -> Iterator[Metric]:
        gap = self._family("calibration_gap", "Share that happened minus mean prediction.", "score", "end")
        outcomes = self._family("outcomes", "Customers by what is known of them.", "score", "state")
        for one in self._look.calibrations:
            labels = [self._look.campaign_id, one.score]
            known = 0 if one.found is None else one.found.rows
            for state, n in (("known", known), ("early", one.early), ("overdue", one.overdue)):
                outcomes.add_metric([*labels, state], n)
            if one.found is not None:
                for end in ("value", "low", "high"):
                    gap.add_metric([*labels, end], float(getattr(one.found.in_the_large, end)))
        yield from (gap, outcomes)

    def _parts(self) -> Iterator[Metric]:
        share = self._family(
            "decile", "Predicted and happened, by decile of the prediction.", *_DECILE, "what"
        )
        rows = self._family("decile_customers", "Customers of a decile whose outcome is known.", *_DECILE)
        for one in self._look.calibrations:
            for place, part in _deciles(one):
                labels = [self._look.campaign_id, one.score, place]
                rows.add_metric(labels, part.rows)
                share.add_metric([*labels, "predicted"], part.expected)
                for what, end in (("happened", "value"), ("low", "low"), ("high", "high")):
                    share.add_metric([*labels, what], float(getattr(part.observed, end)))
        yield from (share, rows)

    def _groups(self) -> Iterator[Metric]:
        value = self._family("group", "A measure of a group.", "column", "measure", "group")
        worse = self._family("group_worse", "1: worse than the bound.", "column", "measure", "group")
        for column in self._look.treatment:
            for measure in column.found:
                for one in measure.groups:
                    labels = [self._look.campaign_id, column.column, measure.measure, one.group]
                    value.add_metric(labels, one.value.value)
                    worse.add_metric(labels, float(one.verdict == "worse than bound"))
        yield from (value, worse)

    def _one(self, name: str, text: str, value: float) -> Metric:
        family = self._family(name, text)
        family.add_metric([self._look.campaign_id], value)
        return family

    def _family(self, name: str, text: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"{_PREFIX}_{name}", text, labels=("campaign", *labels))


def _deciles(score: Calibration) -> Iterator[tuple[str, Part]]:
    """Give the deciles of a score, the least prediction first: 1 to 10, fewer where predictions are alike."""
    for place, part in enumerate(() if score.found is None else score.found.parts, start=1):
        yield str(place), part


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value
