"""Switches that every process obeys: read with each decision, so that none needs a restart.

One row holds them; before anybody has thrown one there is none, and all are off. Knows nothing of
what a switch means to those who read it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from churn_saver.errors import LedgerError, quoted
from churn_saver.store import audit
from churn_saver.store.schema import controls

MAX_NAME_LENGTH = 64
"""Characters of who threw a switch."""
ONLY_ROW = 1
_READ = select(
    controls.c.baseline, controls.c.stopped, controls.c.changed_at, controls.c.changed_by
).where(controls.c.id == ONLY_ROW)  # fmt: skip


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


def read(connection: Connection) -> Control:
    """Give the switches as they stand."""
    row = connection.execute(_READ).first()
    return Control() if row is None else Control(*row)


def set_to(connection: Connection, control: Control, now: datetime) -> None:
    """Throw the switches.

    Args:
        connection: In a writing transaction.
        control: As they are to stand; its moment is not looked at, `now` is kept.
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
