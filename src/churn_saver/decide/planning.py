"""A whole table, planned: worked out (`tables`), every proposal written down.

Nothing is reserved and nothing is queued; see `committing`.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from churn_saver.adapters import plans
from churn_saver.adapters.shadow_parts import write_shadows
from churn_saver.decide.assigning import Arm, Deciding, arms
from churn_saver.decide.engine import Engine
from churn_saver.decide.event import require_going
from churn_saver.decide.shadowing import Choices, of_table
from churn_saver.decide.tables import PART_ROWS, WorkedOut, worked_out
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.errors import CampaignError, ChurnSaverError

__all__ = ["PART_ROWS", "plan"]


@dataclass(frozen=True, slots=True)
class _Planned:
    """The rows of one version."""

    table: WorkedOut
    intended: list[Choices]
    """Of each part."""


def plan(
    customers: Customers,
    engine: Engine,
    folder: Path,
    now: datetime,
    progress: Progress,
    made_from: str,
    part_rows: int = PART_ROWS,
) -> plans.PlanIndex:
    """Decide for a table and write every proposal to a folder.

    Nothing is reserved and nothing is queued. Customers who are not due are left out and counted. Those of
    a challenger are decided by it, with their share of the money; the price that is kept is the champion's.
    A shadow is asked once all is written, so that it changes nothing of it; what it fails of is a note.

    Args:
        customers: The table.
        engine: Store, predictors, rules.
        folder: Where the plan goes.
        now: Aware, UTC.
        progress: Told how far it is.
        made_from: Names all that the plan is made from, so that it is not taken up for anything else.
        part_rows: Rows settled in one transaction.

    Raises:
        CampaignError: no campaign is open.
        LedgerError: the switch that stops all contacts is on.
        InputError: a table too large for who decides.
        ConfigError: who decides lacks a package.
    """
    engine = engine.obeying(require_going(engine.store))
    campaign = engine.store.campaigns.current(now)
    if campaign is None:
        raise CampaignError("no campaign is open; run: churn-saver campaign open --id spring --limit 5000")
    found, challenged, parts = _written(customers, engine, campaign, folder, now, progress, part_rows)
    tables = [one.table for one in found]
    first, faults = tables[0], (one.seat.fault for one in tables if one.seat.fault is not None)
    shadows, silence = _shadowed(found, engine.shadow, folder)
    index = plans.PlanIndex(
        plan_id=plans.plan_id_of(tuple(parts)),
        campaign_id=campaign.campaign_id,
        made_at=now.isoformat(),
        price=first.solved.price,
        bound_minor=sum(one.solved.bound_minor for one in tables),
        free_minor=sum(one.free_minor for one in tables),
        not_due=len(customers) - sum(part.rows for part in parts),
        made_from=made_from,
        parts=tuple(parts),
        policy=first.seat.rules.decider.label,
        own_price=first.seat.price if first.seat.has_own_price else None,
        notes=(*engine.notes, *challenged, *faults, *silence),
        shadows=shadows,
    )
    plans.write_index(folder, index)
    return index


def _written(
    customers: Customers,
    engine: Engine,
    campaign: Campaign,
    folder: Path,
    now: datetime,
    progress: Progress,
    part_rows: int,
) -> tuple[list[_Planned], list[str], list[plans.PartFile]]:
    """Decide for each arm and write its parts: give what was planned, notes of the challenger, the parts."""
    found: list[_Planned] = []
    challenged: list[str] = []
    parts: list[plans.PartFile] = []
    for arm in arms(customers, engine.challenge, campaign):
        own = _leading(engine, arm)
        one = worked_out(arm.customers, own, campaign, now, progress, part_rows, arm.of_customers)
        intended = []
        for proposals in one.proposals(progress):
            parts.append(plans.write_part(folder, len(parts), proposals))
            intended.append(proposals.intended)
        challenged += _challenged(arm, one)
        found.append(_Planned(one, intended))
    return found, challenged, parts


def _shadowed(
    found: list[_Planned], shadow: Deciding | None, folder: Path
) -> tuple[tuple[plans.PartFile, ...], tuple[str, ...]]:
    """Ask the shadow about the whole plan: give what was written, or why nothing was."""
    if shadow is None:
        return (), ()
    try:
        made = [one for own in found for one in of_table(own.table, shadow, own.table.means, own.intended)]
    except ChurnSaverError as error:
        return (), (f"no shadow was asked: {error}",)
    except Exception as error:  # whatever it is, the plan stands; its text may repeat what it was asked about
        return (), (f"no shadow was asked: it ended in {type(error).__name__}",)
    return tuple(write_shadows(folder, number, one) for number, one in enumerate(made)), ()


def _leading(engine: Engine, arm: Arm) -> Engine:
    return engine if arm.challenger is None else engine.led_by(arm.challenger)


def _challenged(arm: Arm, found: WorkedOut) -> tuple[str, ...]:
    """Say for whom the challenger decides; nothing of the champion."""
    if arm.challenger is None:
        return ()
    return (
        f"the challenger, {found.seat.rules.decider.label}, decides for {len(arm.customers):,} of the "
        f"{arm.of_customers:,} customers, with as much money for each as the champion has",
    )
