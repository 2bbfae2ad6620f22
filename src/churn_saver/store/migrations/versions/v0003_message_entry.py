"""Each decision names the bank's message that was sent.

Up: the decisions there are have none, since every message was a plain sentence. Down: the ids are
forgotten, the messages themselves stay; the source of each message stands in a column that stays too.

SQLite before 3.35 cannot drop a column, so Alembic copies the table there; `store.database.migrate` sees
to it that the rows which refer to it stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it may be empty."""
    op.add_column("decisions", sa.Column("message_entry", sa.String(64), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("decisions") as table:
        table.drop_column("message_entry")
