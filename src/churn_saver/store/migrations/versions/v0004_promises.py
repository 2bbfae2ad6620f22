"""Outcomes, answers under keys, the audit chain, erasure, dispatch, switches and pacing.

Up: decisions there are have no digest of their details, so the chains cover what comes after, and the first
row says after what; waiting messages have no attempt yet; no campaign is paced. Down: outcomes, kept
answers, chains, switches and the hashed suppression list are dropped; customers, decisions and money stay
as they are.
"""

import hashlib
import json
import os
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ADDED = {
    "campaigns": ("is_paced",),
    "customers": ("erased_at",),
    "decisions": ("details_digest",),
    "decision_details": ("salt",),
    "outbox": ("time_zone", "channel", "attempts", "claimed_until", "claimed_by", "fault", "gave_up_at"),
}
_MADE = ("outcomes", "answers", "audit", "chains", "suppressions", "controls", "keys")
_MOMENT = sa.DateTime(timezone=True)


def _key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _plain(length: int) -> sa.String:
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _bytes(name: str, length: int | None = None, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length), nullable=nullable)


def _decision(table: str, nullable: bool = False) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    column = sa.Column("decision_ref", _key(), nullable=nullable, autoincrement=False)
    return column, sa.ForeignKeyConstraint(
        ["decision_ref"], ["decisions.id"], name=f"fk_{table}_decision_ref"
    )


def upgrade() -> None:
    """Add columns and tables; all switches are off, and the ledger's secret is drawn."""
    with op.batch_alter_table("campaigns") as table:
        table.add_column(sa.Column("is_paced", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("customers", _moment("erased_at", nullable=True))
    op.add_column("decisions", _bytes("details_digest", 32, nullable=True))
    op.add_column("decision_details", _bytes("salt", 16, nullable=True))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    for column in (
        _moment("claimed_until", nullable=True), sa.Column("claimed_by", _plain(64), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True), _moment("gave_up_at", nullable=True),
        sa.Column("time_zone", _plain(64), nullable=True), sa.Column("channel", _plain(16), nullable=True),
    ):  # fmt: skip
        op.add_column("outbox", column)
    _outcomes_and_answers()
    _chain_and_switches()
    drawn = sa.table("keys", sa.column("purpose", sa.String()), sa.column("value", sa.LargeBinary()))
    op.execute(sa.insert(drawn).values(purpose="suppression", value=os.urandom(32)))
    _begin_chains()


def downgrade() -> None:
    """Drop what was added."""
    for name in _MADE:
        op.drop_table(name)
    for name, columns in _ADDED.items():
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.drop_column(column)


def _outcomes_and_answers() -> None:
    op.create_table(
        "outcomes",
        *_decision("outcomes"),
        sa.Column("kind", sa.SmallInteger(), nullable=False, autoincrement=False),
        _moment("happened_at"),
        _moment("recorded_at"),
        sa.PrimaryKeyConstraint("decision_ref", "kind", name="pk_outcomes"),
    )
    op.create_table(
        "answers",
        sa.Column("key", _plain(200), nullable=False),
        _bytes("request_digest", 32),
        *_decision("answers", nullable=True),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        _bytes("body"),
        _moment("made_at"),
        sa.PrimaryKeyConstraint("key", name="pk_answers"),
    )
    op.create_index("ix_answers_decision_ref", "answers", ["decision_ref"])
    op.create_index("ix_answers_made_at", "answers", ["made_at"])


def _chain_and_switches() -> None:
    op.create_table(
        "audit",
        sa.Column("campaign_ref", _key(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        _moment("at"),
        sa.Column("kind", _plain(16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        _bytes("digest", 32),
        sa.PrimaryKeyConstraint("campaign_ref", "number", name="pk_audit"),
    )
    op.create_table(
        "chains",
        sa.Column("campaign_ref", _key(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _bytes("digest", 32),
        sa.PrimaryKeyConstraint("campaign_ref", name="pk_chains"),
    )
    op.create_table(
        "suppressions",
        _bytes("digest", 32),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("digest", name="pk_suppressions"),
    )
    op.create_table(
        "controls",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        _moment("changed_at"),
        sa.Column("changed_by", _plain(64), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_controls_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_controls"),
    )
    op.create_table(
        "keys",
        sa.Column("purpose", _plain(32), nullable=False),
        _bytes("value", 32),
        sa.PrimaryKeyConstraint("purpose", name="pk_keys"),
    )


def _begin_chains() -> None:
    """Begin the chain of what belongs to no campaign, and an empty one for each campaign there is."""
    chains = sa.table("chains", *(sa.column(name) for name in ("campaign_ref", "number", "digest")))
    audit = sa.table(
        "audit",
        *(sa.column(name) for name in ("campaign_ref", "number", "kind", "content", "digest")),
        sa.column("at", _MOMENT),
    )
    connection, now = op.get_bind(), datetime.now(UTC)
    campaigns = connection.execute(sa.text("SELECT id FROM campaigns ORDER BY id")).scalars().all()
    older = {
        table: connection.execute(sa.text(f"SELECT max(id) FROM {table}")).scalar() or 0  # noqa: S608
        for table in ("campaigns", "customers", "settlements")
    }
    content = json.dumps(older, separators=(",", ":"))
    row = json.dumps([0, 1, now.isoformat(), "begin", content], separators=(",", ":"))
    digest = hashlib.sha256(bytes(32) + row.encode()).digest()
    op.execute(
        sa.insert(audit).values(
            campaign_ref=0, number=1, at=now, kind="begin", content=content, digest=digest
        )
    )
    heads = [{"campaign_ref": 0, "number": 1, "digest": digest}]
    heads += [{"campaign_ref": ref, "number": 0, "digest": bytes(32)} for ref in campaigns]
    op.bulk_insert(chains, heads)
