"""The tables of what is measured, beside those of what is promised (`schema`): for both databases alike.

Nothing personal stands here but scores of a decision in `shadows`, which go when its customer is erased.
Knows no rules.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    false,
)

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

shadows = Table(
    "shadows", metadata,
    Column("decision_ref", ForeignKey("decisions.id"), primary_key=True, autoincrement=False),
    Column("version_ref", ForeignKey("versions.id"), primary_key=True, autoincrement=False),
    Column("choice", SmallInteger, nullable=False),
    Column("intended", SmallInteger, nullable=False),
    Column("probability", Double, nullable=False),
    Column("chances", LargeBinary(40), nullable=False),
    Column("needs_minor", BigInteger, nullable=False),
    Column("churn_risk", Double),
    Column("accept_prob", Double),
    Column("expected_value", Double),
    Column("price", Double, nullable=False),
)  # fmt: skip
"""What a version would have done that decided nothing, beside the decision that was made; see
`domain.shadows`. `chances` are five little-endian doubles. The audit chain does not hold them: they are a
measurement, and nobody was promised anything."""
