"""The tables of what is measured, beside those of what is promised (`schema`): for both databases alike.

Nothing personal stands here. Knows no rules.
"""

from sqlalchemy import Boolean, Column, Double, ForeignKey, LargeBinary, Table, Text, false

from churn_saver.store.columns import UtcDateTime, plain_text, row_key
from churn_saver.store.schema import metadata

protocols = Table(
    "protocols", metadata,
    Column("campaign_ref", ForeignKey("campaigns.id"), primary_key=True, autoincrement=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)  # fmt: skip
"""What a campaign is to show, as it was written before its first decision; never changed. `body` is
canonical JSON, `digest` its SHA-256."""

versions = Table(
    "versions", metadata,
    Column("id", row_key(), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("content", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("registered_by", plain_text(64), nullable=False),
)  # fmt: skip
"""What may decide, once each and never changed. `content` is canonical JSON, `digest` its SHA-256."""

roles = Table(
    "roles", metadata,
    Column("id", row_key(), primary_key=True),
    Column("version_ref", ForeignKey("versions.id"), nullable=False, index=True),
    Column("role", plain_text(16), nullable=False),
    Column("share", Double),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", plain_text(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", LargeBinary(32)),
    Column("is_back", Boolean, nullable=False, server_default=false()),
)  # fmt: skip
"""Changes of roles in their order, only ever added: a version's last row says what it is now. `evidence` is
the SHA-256 of the gate report; `is_back`: a promotion was taken back."""
