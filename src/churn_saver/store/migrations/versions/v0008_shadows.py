"""What a shadow would have done, beside the decision that was made.

Up: a table, empty; nothing was asked of a shadow before. Down: the table goes with what is in it. That is a
measurement and no promise, and an older version of the package would not take a customer's rows out of it
when the customer is erased.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = "shadows"


def _key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        sa.Column("decision_ref", _key(), autoincrement=False, nullable=False),
        sa.Column("version_ref", _key(), autoincrement=False, nullable=False),
        sa.Column("choice", sa.SmallInteger(), nullable=False),
        sa.Column("intended", sa.SmallInteger(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("chances", sa.LargeBinary(40), nullable=False),
        sa.Column("needs_minor", sa.BigInteger(), nullable=False),
        sa.Column("churn_risk", sa.Double(), nullable=True),
        sa.Column("accept_prob", sa.Double(), nullable=True),
        sa.Column("expected_value", sa.Double(), nullable=True),
        sa.Column("price", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["decision_ref"], ["decisions.id"], name="fk_shadows_decision_ref"),
        sa.ForeignKeyConstraint(["version_ref"], ["versions.id"], name="fk_shadows_version_ref"),
        sa.PrimaryKeyConstraint("decision_ref", "version_ref", name="pk_shadows"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table(_TABLE)
