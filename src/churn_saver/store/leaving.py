"""What must be seen to before a ledger goes down to a version that knows no promises.

Migration 0004 drops tables on its way down that nobody could make again, and the column that tells what was
given up. It was committed so, and cannot be changed; this stands before it. Knows no other migration.
"""

from sqlalchemy import Connection, text

from churn_saver.errors import LedgerError

PROMISES = "0004"
"""The revision that brought them."""
_KEPT = {"suppressions": "marks of people without a row", "outcomes": "outcomes"}


def leave_promises(connection: Connection) -> None:
    """See that no mark is lost, and that nothing is sent by an older version that was given up.

    Args:
        connection: In the writing transaction that migrates.

    Raises:
        LedgerError: something would be lost; names it.
    """
    for table, what in _KEPT.items():
        count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
        if count:
            raise LedgerError(
                f"going down further than revision {PROMISES} would lose {count:,} {what}; nothing was "
                f"changed. Go down to {PROMISES} only, or restore a backup that an older version made."
            )
    connection.execute(text("DELETE FROM outbox WHERE gave_up_at IS NOT NULL"))
