"""From one shape of the tables to another, all steps or none. Knows no table but Alembic's own."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, false, select, text

from churn_saver.errors import LedgerUnavailable
from churn_saver.store.database import Database
from churn_saver.store.leaving import PROMISES, leave_promises


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the tables to a revision, all steps or none; a database that is there already is left alone.

    Args:
        database: From `connect`.
        revision: An Alembic revision, 'head' or 'base'; an older one than the database's downgrades it.

    Raises:
        LedgerUnavailable: unreachable, or written by a newer version of this package.
        LedgerError: the way down would lose what must be kept; see `leaving`.
    """
    config = Config()
    config.set_main_option("script_location", "churn_saver.store:migrations")
    script = ScriptDirectory.from_config(config)
    known = [step.revision for step in script.walk_revisions()]
    with database.reading() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in known:
        raise LedgerUnavailable(
            f"ledger {database.label} is of revision {found!r}, this version knows up to {known[0]!r}. "
            "Install the version of churn-saver that wrote it, or name another ledger in DATABASE_URL."
        )
    target = {"head": known[0], "base": None}.get(revision, revision)
    if found == target:
        return
    newest_first = [*known, None]
    with database.rebuilding() as connection:
        config.attributes["connection"] = connection
        step = (
            command.upgrade if newest_first.index(target) < newest_first.index(found) else command.downgrade
        )
        if PROMISES in newest_first[newest_first.index(found) : newest_first.index(target)]:
            leave_promises(connection)
        step(config, revision)


def answers(connection: Connection, tables: MetaData) -> None:
    """Ask the database for its revision, and for no row of every column: one name can have two shapes."""
    connection.execute(text("SELECT version_num FROM alembic_version")).all()
    connection.execute(select(*(select(table).where(false()).exists() for table in tables.sorted_tables)))
