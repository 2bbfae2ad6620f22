"""A plan, committed part by part, each part once.

What was approved is what is sent: a planned contact that no longer fits becomes no contact,
never another offer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from churn_saver.adapters import plans
from churn_saver.adapters.shadow_parts import read_shadows
from churn_saver.decide.event import require_going
from churn_saver.decide.fitting import withheld
from churn_saver.domain.action import NO_CONTACT
from churn_saver.domain.progress import Progress
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import ChurnSaverError, InputError
from churn_saver.store import Store


@dataclass(frozen=True, slots=True)
class Committed:
    """What became of a plan."""

    recorded: int
    contacts: int
    withheld: int
    """Planned contacts that no longer fitted and became no contact."""
    overtaken: int
    """Rows that another decision came in between for; that decision stands."""
    unshadowed: int = 0
    """Recorded decisions of which it could not be kept what the shadow would have done."""

    def plus(self, other: "Committed") -> "Committed":
        """Add up two parts."""
        return Committed(
            self.recorded + other.recorded,
            self.contacts + other.contacts,
            self.withheld + other.withheld,
            self.overtaken + other.overtaken,
            self.unshadowed + other.unshadowed,
        )


def commit(folder: Path, store: Store, now: datetime, progress: Progress) -> Committed:
    """Settle a plan, each part once, however often it is called; keep its price for the service.

    Args:
        folder: Of the plan.
        store: The books.
        now: Aware, UTC.
        progress: Told how far it is.

    Raises:
        InputError: the plan is more than a day old, or was changed after it was made.
        LedgerError: the switch that stops all contacts is on; what was recorded before stays.
    """
    index = plans.read_index(folder)
    if now > datetime.fromisoformat(index.made_at) + timedelta(days=1):
        raise InputError(
            f"the plan in {folder} was made at {index.made_at}, more than a day ago. "
            "Plan again in another folder."
        )
    total = Committed(0, 0, 0, 0)
    for number, part in enumerate(index.parts):
        require_going(store)
        proposals = plans.read_part(folder, part)
        key = f"{index.plan_id}:{number:05d}"
        done, names = _commit_part(store, index.campaign_id, key, proposals, now)
        if index.shadows:
            done = replace(done, unshadowed=_unshadowed(store, folder, index.shadows[number], names))
        total = total.plus(done)
        progress("recording", total.recorded + total.overtaken, index.rows)
    if index.price is not None:
        store.campaigns.set_price(index.campaign_id, index.price, now)
    return total


def _commit_part(
    store: Store, campaign_id: str, key: str, proposals: Proposals, now: datetime
) -> tuple[Committed, Sequence[str]]:
    """Settle one part; give what became of it, and the name of each decision, empty where there is none."""
    first = store.settle(campaign_id, proposals, now, key)
    refused = np.flatnonzero(first.refused)
    contacts = int((proposals.choice[first.refused == 0] != NO_CONTACT).sum())
    if not len(refused):
        return Committed(len(proposals), contacts, 0, 0), first.decision_ids
    less = withheld(proposals, first, refused)
    second = store.settle(campaign_id, less, now, f"{key}:withheld")
    overtaken = int((second.refused != 0).sum())
    names = list(first.decision_ids)
    for row, name in zip(refused.tolist(), second.decision_ids, strict=True):
        names[row] = name
    return Committed(len(proposals) - overtaken, contacts, len(refused) - overtaken, overtaken), names


def _unshadowed(store: Store, folder: Path, part: plans.PartFile, names: Sequence[str]) -> int:
    """Keep what the shadow would have done about one part; give of how many decisions it could not be.

    What was committed stands, so nothing of this is an error. Of who was erased nothing is kept, rightly.
    """
    try:
        store.shadows.keep([read_shadows(folder, part).named(names).recorded()])
    except ChurnSaverError:
        return sum(map(bool, names))
    return 0
