"""One look at a running campaign: do inputs, scores, messages and treatment still do what they did.

Puts together drift against a reference, scores against outcomes, deliveries and the treatment of
groups, and names what is off in a sentence each. What cannot be told is a note and no alarm. Nothing
that is not an alarm says that all is well: a look finds what its rows can show.

Where nothing is off, an alarm of drift comes in at most a share `alpha` of looks; the others need an
interval wholly beyond their bound, which for groups holds together with those of all others. All that
holds for one look; who looks daily has so many chances.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from churn_saver.config import WatchSettings
from churn_saver.domain.customer import FIELD_BY_NAME, View
from churn_saver.domain.logbook import Logbook
from churn_saver.evidence.decision_columns import (
    Flags,
    Floats,
    day_of,
    days,
    first_rows,
    groups,
    inputs,
    with_scores,
)
from churn_saver.evidence.drift import Drift, Limits, drift
from churn_saver.evidence.fairness_gate import FairnessGate, fairness_gate
from churn_saver.evidence.group_treatment import ColumnTreatment, column_treatment, told
from churn_saver.evidence.outcome_checks import (
    Calibration,
    Delivery,
    accept_calibration,
    delivery,
    risk_calibration,
)
from churn_saver.evidence.watch_alarms import alarms_of, alarms_of_groups, plain

Side = Mapping[str, Mapping[str, str | None]]
"""Further columns: name → customer id → value."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What today is held against."""

    described: str
    from_day: int = 0
    to_day: int = 0
    """The campaign's own decisions of these days since its start, the last one excluded."""
    table: pl.DataFrame | None = None
    """A table in their place, columns named and coded as inputs are."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What one look found."""

    campaign_id: str
    currency: str
    at: datetime
    day: float
    """Of the look, since the campaign's start."""
    decisions: int
    customers: int
    erased: int
    """Decisions whose customers were erased: in no input and in no group."""
    reference: str
    window_days: int
    drift: Drift | None
    """None: there is nothing to compare."""
    calibrations: tuple[Calibration, ...]
    delivery: Delivery
    treatment: tuple[ColumnTreatment, ...]
    gate: FairnessGate
    alarms: tuple[str, ...]
    """What is off, one sentence each."""
    notes: tuple[str, ...]
    """What could not be told, and why."""

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing is off."""
        return not self.alarms


def watch(
    logbook: Logbook,
    at: datetime,
    settings: WatchSettings,
    answer_days: int,
    reference: Reference,
    side: Side,
    override: str | None = None,
) -> Watch:
    """Take one look.

    Args:
        logbook: All decisions of the campaign.
        at: Moment of the look, aware.
        settings: What is compared, and the bounds.
        answer_days: Days after a contact by which it is accepted or not.
        reference: What today is held against.
        side: Columns that are no inputs; they go before inputs of the same name.
        override: Why groups may be treated as they are; what is worse than its bound is a note then.

    Raises:
        InputError: the books cannot be read back, a column holds what cannot be compared, or the override
            says too little.
    """
    now, decided = day_of(logbook, at), days(logbook, logbook.decided_at)
    here = np.array([one is not None for one in logbook.features], dtype=np.bool_)
    found = inputs(logbook)
    erased = int((~here).sum())
    notes = [f"the customers of {erased:,} of {len(here):,} decisions were erased since"] if erased else []
    columns = with_scores(logbook, found, settings.ignored)
    moved, why_not = _drift(logbook, columns, here, (decided, now), settings, reference)
    treatment, missing = _treatment(logbook, found, now, settings, side)
    calibrations = (
        risk_calibration(logbook, now, settings.risk_bound, settings.most_overdue),
        accept_calibration(logbook, now, answer_days, settings.accept_bound, settings.most_overdue),
    )
    went_out = delivery(
        logbook, now, now - settings.window_days, settings.delivery_days, settings.least_delivered
    )
    gate = _gate(treatment, settings, override)
    alarms, (unequal, by_itself) = alarms_of(moved, calibrations, went_out), alarms_of_groups(treatment)
    notes += [*why_not, *missing, *by_itself]
    notes += [f"{plain(one.score)}: {one.why_not}" for one in calibrations if one.why_not]
    notes += [f"{one.column}: {why}" for one in treatment for why in one.missing]
    if gate.override is not None:
        notes += [f"{one}; overridden: {gate.override}" for one in unequal]
    return Watch(
        logbook.campaign.campaign_id, logbook.campaign.currency, at, now, len(logbook),
        len(np.unique(logbook.customer)), erased, reference.described, settings.window_days,
        moved, calibrations, went_out, treatment, gate,
        (*alarms, *(unequal if gate.override is None else ())), tuple(notes),
    )  # fmt: skip


def _gate(
    treatment: Sequence[ColumnTreatment], settings: WatchSettings, override: str | None
) -> FairnessGate:
    """Judge every figure that was found; a column of watch.yaml that was not found is not known."""
    found = [(f"{one.column}: {plain(each.measure)}", each) for one in treatment for each in one.found]
    missing = [f"{one.column}: {why}" for one in treatment for why in one.missing]
    seen = {one.column for one in treatment}
    missing += [f"{one.column}: not found" for one in settings.fairness if one.column not in seen]
    return fairness_gate(found, missing, override)


def _drift(
    logbook: Logbook,
    columns: pl.DataFrame,
    here: Flags,
    times: tuple[Floats, float],
    settings: WatchSettings,
    reference: Reference,
) -> tuple[Drift | None, list[str]]:
    decided, now = times
    since, old = now - settings.window_days, reference.table
    if old is None:
        inside = here & (decided >= reference.from_day) & (decided < reference.to_day)
        # A young campaign is held against its own first days, so those cannot be today as well.
        since, old = max(since, float(reference.to_day)), columns[first_rows(logbook, inside)]
    else:
        old = _comparable(old, columns, settings)
    new = columns[first_rows(logbook, here & (decided >= since) & (decided <= now))]
    if not old.height:
        return None, [f"drift is not judged: there are no decisions in the reference, {reference.described}"]
    if not new.height:
        return None, [f"drift is not judged: there are no decisions since day {since:g}"]
    return drift(old, new, Limits(settings.psi, settings.alpha)), []


def _comparable(table: pl.DataFrame, columns: pl.DataFrame, settings: WatchSettings) -> pl.DataFrame:
    """Leave out of a table what it does not hold, what is ignored, and who people are where nobody says."""
    return table.select(
        name
        for name in table.columns
        if name not in settings.ignored
        and table[name].null_count() < table.height
        and not (
            name not in columns.columns
            and name in FIELD_BY_NAME
            and FIELD_BY_NAME[name].view is View.PROTECTED
        )
    )


def _treatment(
    logbook: Logbook, found: pl.DataFrame, now: float, settings: WatchSettings, side: Side
) -> tuple[tuple[ColumnTreatment, ...], list[str]]:
    people, columns, named = told(logbook, now), [], {one.column for one in settings.fairness}
    missing = [
        f"{name}: in the table of columns, but not in watch.yaml" for name in side if name not in named
    ]
    for wanted in settings.fairness:
        name = wanted.column
        if name in side:
            names = [side[name].get(logbook.customer_ids[row]) for row in people.row.tolist()]
        elif name in found.columns:
            names = groups(found[name].gather(people.row))
        else:
            missing.append(f"{name}: no input of these decisions and in no table of columns")
            continue
        columns.append(column_treatment(people, names, wanted, settings.most_overdue))
    return tuple(columns), missing
