"""What a campaign is to show, written down before its first decision.

Up: a table, one row a campaign; the campaigns there are have none, for nobody wrote one. Down: the table
goes when it is empty. One that holds a protocol stays, since the audit chain vouches for it; older versions
pass it over, and the way up finds it again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = "protocols"


def upgrade() -> None:
    """Make the table, unless it stayed."""
    if _TABLE in sa.inspect(op.get_bind()).get_table_names():
        return
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        _TABLE,
        sa.Column("campaign_ref", key, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_ref"], ["campaigns.id"], name="fk_protocols_campaign_ref"),
        sa.PrimaryKeyConstraint("campaign_ref", name="pk_protocols"),
    )


def downgrade() -> None:
    """Drop the table when nothing stands in it."""
    kept = op.get_bind().execute(sa.select(sa.func.count()).select_from(sa.table(_TABLE))).scalar_one()
    if not kept:
        op.drop_table(_TABLE)
