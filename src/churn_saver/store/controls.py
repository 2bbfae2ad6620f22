"""Switches that every process obeys: read with each decision, so that none needs a restart.

One row holds them; before anybody has thrown one there is none, and all are off. Who has which role in the
registry is read in the same statement, so that it costs nobody another one. Knows nothing of what a switch
means to those who read it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, literal, select, true, update

from churn_saver.domain.versions import Roles
from churn_saver.errors import LedgerError, quoted
from churn_saver.store import audit
from churn_saver.store.evidence_tables import roles, versions
from churn_saver.store.roles import CHANGES, standing
from churn_saver.store.schema import controls

MAX_NAME_LENGTH = 64
"""Characters of who threw a switch."""
ONLY_ROW = 1
_ONE = select(literal(ONLY_ROW).label("one")).subquery()
_READ = (
    select(controls.c.baseline, controls.c.stopped, controls.c.changed_at, controls.c.changed_by, *CHANGES)
    # Neither need there be a switch, nor a role: the one row that is always there stands for both.
    .select_from(
        _ONE.outerjoin(controls, controls.c.id == _ONE.c.one)
        .outerjoin(roles, true())
        .outerjoin(versions, versions.c.id == roles.c.version_ref)
    )
    .order_by(roles.c.id)
)


@dataclass(frozen=True, slots=True)
class Control:
    """The switches, and who threw one last."""

    baseline: bool = False
    """No model decides: the propensity rule does."""
    stopped: bool = False
    """Nobody is contacted, and no message is sent."""
    changed_at: datetime | None = None
    """None: never."""
    changed_by: str = ""
    roles: Roles = field(default_factory=Roles)
    """Who decides, by the registry; nobody in it: what settings and folders name."""


def read(connection: Connection) -> Control:
    """Give the switches as they stand, with the roles of the registry."""
    rows = connection.execute(_READ).all()
    first, held = rows[0], standing(rows)
    if first.changed_at is None:
        return Control(roles=held)
    return Control(first.baseline, first.stopped, first.changed_at, first.changed_by, held)


def set_to(connection: Connection, control: Control, now: datetime) -> None:
    """Throw the switches.

    Args:
        connection: In a writing transaction.
        control: As they are to stand; its moment and roles are not looked at, `now` is kept.
        now: Aware, UTC.

    Raises:
        LedgerError: it does not say by whom.
    """
    by = control.changed_by
    if not by.strip() or len(by) > MAX_NAME_LENGTH:
        raise LedgerError(
            f"the switches were thrown by {quoted(by)}, wanted a name of 1 to {MAX_NAME_LENGTH} characters"
        )
    told = {"baseline": control.baseline, "stopped": control.stopped, "by": by}
    # First the chain: its lock makes two who throw the first switch at once take turns.
    audit.append(connection, None, "control", told, now)
    values = {"baseline": control.baseline, "stopped": control.stopped, "changed_at": now, "changed_by": by}
    if not connection.execute(update(controls).where(controls.c.id == ONLY_ROW).values(values)).rowcount:
        connection.execute(insert(controls).values(id=ONLY_ROW, **values))
