"""A whole table, planned: worked out (`tables`), every proposal written down.

Nothing is reserved and nothing is queued; see `committing`.
"""

from datetime import datetime
from pathlib import Path

from churn_saver.adapters import plans
from churn_saver.decide.event import Engine, require_going
from churn_saver.decide.tables import PART_ROWS, worked_out
from churn_saver.domain.customer import Customers
from churn_saver.domain.progress import Progress
from churn_saver.errors import CampaignError

__all__ = ["PART_ROWS", "plan"]


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

    Nothing is reserved and nothing is queued. Customers who are not due are left out and counted.

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
    found = worked_out(customers, engine, campaign, now, progress, part_rows)
    parts: list[plans.PartFile] = []
    for proposals in found.proposals(progress):
        parts.append(plans.write_part(folder, len(parts), proposals))
    seat, solved, free_minor = found.seat, found.solved, found.free_minor
    index = plans.PlanIndex(
        plan_id=plans.plan_id_of(tuple(parts)),
        campaign_id=campaign.campaign_id,
        made_at=now.isoformat(),
        price=solved.price,
        bound_minor=solved.bound_minor,
        free_minor=free_minor,
        not_due=len(customers) - sum(part.rows for part in parts),
        made_from=made_from,
        parts=tuple(parts),
        policy=seat.rules.decider.label,
        own_price=seat.price if seat.has_own_price else None,
        notes=(*engine.notes, *(() if seat.fault is None else (seat.fault,))),
    )
    plans.write_index(folder, index)
    return index
