"""Runs the migrations on the connection that `store.database.migrate` hands over.

Alembic executes this file; it belongs to no package, so that nothing imports it by chance.
"""

from alembic import context

from churn_saver.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # True of SQLite too, since our transactions begin by hand: a migration is whole or absent.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
