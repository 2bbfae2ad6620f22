"""The first books: campaigns, customers, settlements, decisions, reservations, outbox.

A migration is history: it spells out its own types, so that later changes of the schema cannot
change what it did.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _plain(length: int) -> sa.String:
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _whole(*names: str, kind: type[sa.Integer] = sa.Integer) -> list[sa.Column[int]]:
    return [sa.Column(name, kind(), nullable=False) for name in names]


def _doubles(*names: str, nullable: bool) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double(), nullable=nullable) for name in names]


def _number(table: str, autoincrement: bool = True) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    column = sa.Column("id", _key(), nullable=False, autoincrement=autoincrement)
    return column, sa.PrimaryKeyConstraint("id", name=f"pk_{table}")


def _ref(
    table: str, name: str, to: str, nullable: bool = False
) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    column = sa.Column(name, _key(), nullable=nullable, autoincrement=False)
    return column, sa.ForeignKeyConstraint([name], [f"{to}.id"], name=f"fk_{table}_{name}")


def upgrade() -> None:
    """Make the tables."""
    _campaigns_and_customers()
    _decisions()
    _money()


def downgrade() -> None:
    """Drop the tables and all they hold."""
    for table in (
        "outbox", "reservations", "decision_details", "decisions", "settlements", "customers", "campaigns",
    ):  # fmt: skip
        op.drop_table(table)


def _campaigns_and_customers() -> None:
    op.create_table(
        "campaigns",
        *_number("campaigns"),
        sa.Column("campaign_id", _plain(64), nullable=False),
        _moment("starts_at"),
        *_whole("horizon_days"),
        *_whole("limit_minor", "reserved_minor", "spent_minor", kind=sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        *_doubles("price", "holdout_share", "exploration_share", nullable=False),
        *_whole("per_7_days", "per_30_days", "per_period", "cooldown_days", "allowance_units"),
        sa.Column("salt", sa.Text(), nullable=False),
        _moment("closed_at", nullable=True),
        sa.UniqueConstraint("campaign_id", name="uq_campaigns_campaign_id"),
        sa.CheckConstraint("reserved_minor >= 0 AND spent_minor >= 0", name="ck_campaigns_not_negative"),
        sa.CheckConstraint("reserved_minor + spent_minor <= limit_minor", name="ck_campaigns_within_limit"),
    )
    op.create_table(
        "customers",
        *_number("customers"),
        sa.Column("customer_id", _plain(128), nullable=False),
        _moment("suppressed_at", nullable=True),
        _moment("opted_out_at", nullable=True),
        sa.UniqueConstraint("customer_id", name="uq_customers_customer_id"),
    )


def _decisions() -> None:
    op.create_table(
        "settlements",
        *_number("settlements"),
        sa.Column("idempotency_key", _plain(200), nullable=True),
        *_ref("settlements", "campaign_ref", "campaigns", nullable=True),
        _moment("settled_at"),
        _moment("next_decision_at"),
        *_doubles("price", nullable=False),
        *(sa.Column(name, sa.String(64), nullable=False) for name in ("policy", "models", "code")),
        *_whole("row_count"),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.UniqueConstraint("idempotency_key", name="uq_settlements_idempotency_key"),
    )
    op.create_index("ix_settlements_campaign_ref", "settlements", ["campaign_ref"])
    op.create_table(
        "decisions",
        *_number("decisions", autoincrement=False),
        sa.Column("decision_id", sa.LargeBinary(16), nullable=False),
        *_ref("decisions", "settlement_ref", "settlements"),
        *_ref("decisions", "campaign_ref", "campaigns", nullable=True),
        *_ref("decisions", "customer_ref", "customers"),
        *_whole("number"),
        *_whole("choice", "intended", kind=sa.SmallInteger),
        *_whole("reasons", kind=sa.BigInteger),
        sa.Column("excluded", sa.LargeBinary(20), nullable=False),
        *_doubles("probability", "arm_probability", "message_probability", "churn_risk", nullable=True),
        *_doubles("accept_prob", "expected_value", "retention_prob", nullable=True),
        *_whole("needs_minor", "contact_minor", kind=sa.BigInteger),
        sa.Column("message_source", sa.String(16), nullable=False),
        _moment("send_at", nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.UniqueConstraint("decision_id", name="uq_decisions_decision_id"),
        sa.UniqueConstraint(
            "customer_ref", "campaign_ref", "number", name="uq_decisions_customer_ref_campaign_ref_number"
        ),
    )
    op.create_table(
        "decision_details",
        *_ref("decision_details", "decision_ref", "decisions"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("name", "message", "violations")),
        sa.Column("features", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("decision_ref", name="pk_decision_details"),
    )


def _money() -> None:
    op.create_table(
        "reservations",
        *_ref("reservations", "decision_ref", "decisions"),
        *_ref("reservations", "campaign_ref", "campaigns"),
        *_ref("reservations", "customer_ref", "customers"),
        _moment("contacted_at"),
        *_whole("units", kind=sa.SmallInteger),
        *_whole("contact_minor", "offer_minor", kind=sa.BigInteger),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        *(_moment(name, nullable=True) for name in ("sent_at", "accepted_at", "voided_at")),
        sa.PrimaryKeyConstraint("decision_ref", name="pk_reservations"),
    )
    op.create_index(
        "ix_reservations_campaign_ref_is_held_expires_on",
        "reservations",
        ["campaign_ref", "is_held", "expires_on"],
    )
    op.create_index(
        "ix_reservations_customer_ref_contacted_at", "reservations", ["customer_ref", "contacted_at"]
    )
    op.create_table(
        "outbox",
        *_ref("outbox", "decision_ref", "decisions"),
        _moment("send_at"),
        sa.PrimaryKeyConstraint("decision_ref", name="pk_outbox"),
    )
    op.create_index("ix_outbox_send_at", "outbox", ["send_at"])
