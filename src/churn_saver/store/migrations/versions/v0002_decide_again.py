"""When to decide again stands in each decision, and a campaign says for how many customers it is meant.

Up: every decision takes over the moment that its settlement had, with a delay of 0 days, since nothing
that decided so far could ask for more; every campaign there is becomes meant for 200 customers, the number
that serve.yaml had. Down: a settlement takes the earliest moment of its decisions, and one without any,
since all were refused, the day after it; delays and numbers of customers are forgotten.

SQLite cannot change a column, so Alembic copies the three tables there; `store.database.migrate` sees to
it that the rows which refer to them stay.
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CUSTOMERS = 200
ROW_BITS = 20
_MOMENT = sa.DateTime(timezone=True)

_campaigns = sa.table("campaigns", sa.column("customers", sa.Integer))
_settlements = sa.table(
    "settlements",
    sa.column("id", sa.BigInteger),
    sa.column("settled_at", _MOMENT),
    sa.column("next_decision_at", _MOMENT),
)
_decisions = sa.table(
    "decisions",
    sa.column("id", sa.BigInteger),
    sa.column("settlement_ref", sa.BigInteger),
    sa.column("delay_days", sa.SmallInteger),
    sa.column("next_decision_at", _MOMENT),
)


def upgrade() -> None:
    """Add the columns, fill them, and only then forbid that they are empty."""
    op.add_column("campaigns", sa.Column("customers", sa.Integer(), nullable=True))
    op.add_column("decisions", sa.Column("delay_days", sa.SmallInteger(), nullable=True))
    op.add_column("decisions", sa.Column("next_decision_at", _MOMENT, nullable=True))
    of_settlement = (
        sa.select(_settlements.c.next_decision_at)
        .where(_settlements.c.id == _decisions.c.settlement_ref)
        .scalar_subquery()
    )
    op.execute(sa.update(_campaigns).values(customers=CUSTOMERS))
    op.execute(sa.update(_decisions).values(delay_days=0, next_decision_at=of_settlement))
    with op.batch_alter_table("campaigns") as table:
        table.alter_column("customers", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("decisions") as table:
        table.alter_column("delay_days", existing_type=sa.SmallInteger(), nullable=False)
        table.alter_column("next_decision_at", existing_type=_MOMENT, nullable=False)
    with op.batch_alter_table("settlements") as table:
        table.drop_column("next_decision_at")


def downgrade() -> None:
    """Give every settlement one moment again, and drop the columns."""
    op.add_column("settlements", sa.Column("next_decision_at", _MOMENT, nullable=True))
    first = _settlements.c.id * (1 << ROW_BITS)
    # Numbers of decisions begin with their settlement's, so this is a range of the primary key.
    earliest = (
        sa.select(sa.func.min(_decisions.c.next_decision_at))
        .where(_decisions.c.id.between(first, first + ((1 << ROW_BITS) - 1)))
        .scalar_subquery()
    )
    op.execute(sa.update(_settlements).values(next_decision_at=earliest))
    _fill_settlements_of_nothing()
    with op.batch_alter_table("settlements") as table:
        table.alter_column("next_decision_at", existing_type=_MOMENT, nullable=False)
    with op.batch_alter_table("decisions") as table:
        table.drop_column("delay_days")
        table.drop_column("next_decision_at")
    with op.batch_alter_table("campaigns") as table:
        table.drop_column("customers")


def _fill_settlements_of_nothing() -> None:
    """Date those that no decision belongs to; what adds a day is spelled differently on each database."""
    connection = op.get_bind()
    own = _settlements.c
    empty = connection.execute(sa.select(own.id, own.settled_at).where(own.next_decision_at.is_(None))).all()
    for number, settled_at in empty:
        moment = settled_at + timedelta(days=1)
        op.execute(sa.update(_settlements).where(own.id == number).values(next_decision_at=moment))
