"""Versions of what decides, and the roles that they have had.

Up: two tables; no version is registered, so what settings and folders name decides, as before. Down: the
tables go when they are empty. Where a version is registered they stay, since the audit chain vouches for
them; older versions of the package pass them over, and the way up finds them again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_VERSIONS, _ROLES = "versions", "roles"
_MOMENT = sa.DateTime(timezone=True)


def _key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _plain(length: int) -> sa.String:
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables, unless they stayed."""
    if _VERSIONS in sa.inspect(op.get_bind()).get_table_names():
        return
    op.create_table(
        _VERSIONS,
        sa.Column("id", _key(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("registered_at", _MOMENT, nullable=False),
        sa.Column("registered_by", _plain(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.UniqueConstraint("digest", name="uq_versions_digest"),
    )
    op.create_table(
        _ROLES,
        sa.Column("id", _key(), nullable=False),
        sa.Column("version_ref", _key(), nullable=False),
        sa.Column("role", _plain(16), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("changed_by", _plain(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(32), nullable=True),
        sa.Column("is_back", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(["version_ref"], ["versions.id"], name="fk_roles_version_ref"),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
    )
    op.create_index("ix_roles_version_ref", _ROLES, ["version_ref"])


def downgrade() -> None:
    """Drop the tables when no version was ever registered."""
    kept = op.get_bind().execute(sa.select(sa.func.count()).select_from(sa.table(_VERSIONS))).scalar_one()
    if not kept:
        op.drop_table(_ROLES)
        op.drop_table(_VERSIONS)
