"""The tables of the books, for SQLite and PostgreSQL alike.

Who a customer is stands in `customers` and `decision_details` only; every other table knows a
customer by number, so that personal fields can be taken away and the money stays. What a whole
settlement shares (versions, price, moment) stands once in `settlements`. Knows no rules: those
are in `settling` and `reservations`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from churn_saver.store.columns import HexId, UtcDateTime, plain_text, row_key

ROW_BITS = 20
"""decisions.id = settlements.id · 2^20 + row in the batch: the rows that belong to a decision are
written without asking the database for keys, and one settlement is one range, in batch order."""
MAX_ROWS = 1 << ROW_BITS
EXCLUDED_DTYPE = "<i4"
"""`decisions.excluded` is the five flags of a row as little-endian 32-bit integers."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

campaigns = Table(
    "campaigns", metadata,
    Column("id", row_key(), primary_key=True),
    Column("campaign_id", plain_text(64), nullable=False, unique=True),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("horizon_days", Integer, nullable=False),
    Column("limit_minor", BigInteger, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("reserved_minor", BigInteger, nullable=False),
    Column("spent_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("price", Double, nullable=False),
    Column("holdout_share", Double, nullable=False),
    Column("exploration_share", Double, nullable=False),
    Column("per_7_days", Integer, nullable=False),
    Column("per_30_days", Integer, nullable=False),
    Column("per_period", Integer, nullable=False),
    Column("cooldown_days", Integer, nullable=False),
    Column("allowance_units", Integer, nullable=False),
    Column("salt", Text, nullable=False),
    Column("is_paced", Boolean, nullable=False, server_default=false()),
    Column("closed_at", UtcDateTime),
    CheckConstraint("reserved_minor >= 0 AND spent_minor >= 0", name="not_negative"),
    CheckConstraint("reserved_minor + spent_minor <= limit_minor", name="within_limit"),
)  # fmt: skip
"""`reserved_minor` still holds what expired since the last write: a read subtracts it by date."""

customers = Table(
    "customers", metadata,
    Column("id", row_key(), primary_key=True),
    Column("customer_id", plain_text(128), nullable=False, unique=True),
    Column("suppressed_at", UtcDateTime),
    Column("opted_out_at", UtcDateTime),
    Column("erased_at", UtcDateTime),
)  # fmt: skip

settlements = Table(
    "settlements", metadata,
    Column("id", row_key(), primary_key=True),
    Column("idempotency_key", plain_text(200), unique=True),
    Column("campaign_ref", ForeignKey("campaigns.id"), index=True),
    Column("settled_at", UtcDateTime, nullable=False),
    Column("price", Double, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("models", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("refused", Text, nullable=False),
)  # fmt: skip
"""`refused` is JSON, [[row, flags], …]: what was not recorded is part of the answer to a key."""

decisions = Table(
    "decisions", metadata,
    Column("id", row_key(), primary_key=True, autoincrement=False),
    Column("decision_id", HexId, nullable=False, unique=True),
    Column("settlement_ref", ForeignKey("settlements.id"), nullable=False),
    Column("campaign_ref", ForeignKey("campaigns.id")),
    Column("customer_ref", ForeignKey("customers.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("choice", SmallInteger, nullable=False),
    Column("intended", SmallInteger, nullable=False),
    Column("reasons", BigInteger, nullable=False),
    Column("excluded", LargeBinary(20), nullable=False),
    Column("probability", Double),
    Column("arm_probability", Double),
    Column("message_probability", Double),
    Column("churn_risk", Double),
    Column("accept_prob", Double),
    Column("expected_value", Double),
    Column("retention_prob", Double),
    Column("needs_minor", BigInteger, nullable=False),
    Column("contact_minor", BigInteger, nullable=False),
    Column("message_source", String(16), nullable=False),
    Column("message_entry", String(64)),
    Column("channel", String(16)),
    Column("send_at", UtcDateTime),
    Column("valid_until", Date),
    Column("delay_days", SmallInteger, nullable=False),
    Column("next_decision_at", UtcDateTime, nullable=False),
    Column("details_digest", LargeBinary(32)),
    UniqueConstraint("customer_ref", "campaign_ref", "number"),
    Index(None, "customer_ref", "id"),
)  # fmt: skip
"""`next_decision_at` stands here and not as a delay to be added up: a delay counts from the moment of the
plan, which may be a day before the settlement's, and who is due is then one comparison in the row that
the unique index leads to, alike on both databases. `delay_days` is what the rung said. `channel` NULL: no
message, or settled before it was kept."""

decision_details = Table(
    "decision_details", metadata,
    Column("decision_ref", ForeignKey("decisions.id"), primary_key=True, autoincrement=False),
    Column("name", Text),
    Column("message", Text),
    Column("violations", Text),
    Column("features", Text, nullable=False),
    Column("salt", LargeBinary(16)),
)  # fmt: skip

reservations = Table(
    "reservations", metadata,
    Column("decision_ref", ForeignKey("decisions.id"), primary_key=True, autoincrement=False),
    Column("campaign_ref", ForeignKey("campaigns.id"), nullable=False),
    Column("customer_ref", ForeignKey("customers.id"), nullable=False),
    Column("contacted_at", UtcDateTime, nullable=False),
    Column("units", SmallInteger, nullable=False),
    Column("contact_minor", BigInteger, nullable=False),
    Column("offer_minor", BigInteger, nullable=False),
    Column("expires_on", Date),
    Column("is_held", Boolean, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("accepted_at", UtcDateTime),
    Column("voided_at", UtcDateTime),
    Index(None, "customer_ref", "contacted_at"),
    Index(None, "campaign_ref", "is_held", "expires_on"),
)  # fmt: skip
"""One row per contact, so this is the contact history too. `is_held` while a part can still be
posted; a part is spent by `sent_at` / `accepted_at`, `voided_at` released the others."""

outbox = Table(
    "outbox", metadata,
    Column("decision_ref", ForeignKey("decisions.id"), primary_key=True, autoincrement=False),
    Column("send_at", UtcDateTime, nullable=False, index=True),
    Column("time_zone", plain_text(64)),
    Column("country", plain_text(2)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_until", UtcDateTime),
    Column("claimed_by", plain_text(64)),
    Column("fault", Text),
    Column("gave_up_at", UtcDateTime),
    Column("is_uncertain", Boolean, nullable=False, server_default=false()),
)  # fmt: skip
"""A row stands here while its message waits to be sent; one that was given up stays, to be looked at.
`time_zone` and `country` are the recipient's, NULL: not known. `attempts` counts those that failed;
`is_uncertain`: one of them may have reached its receiver."""

outcomes = Table(
    "outcomes", metadata,
    Column("decision_ref", ForeignKey("decisions.id"), primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("happened_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
)  # fmt: skip
"""What became of a decision; `kind` as `domain.outcome.OutcomeKind`. The same one twice is one row."""

answers = Table(
    "answers", metadata,
    Column("key", plain_text(200), primary_key=True),
    Column("request_digest", LargeBinary(32), nullable=False),
    Column("decision_ref", ForeignKey("decisions.id"), index=True),
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("settlement_ref", ForeignKey("settlements.id")),
)  # fmt: skip
"""Bytes that a caller was answered under an idempotency key; `body` may hold a message and is erased too.
A table's answer has no bytes: `settlement_ref` names what it is made of."""

audit = Table(
    "audit", metadata,
    Column("campaign_ref", row_key(), primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", plain_text(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)  # fmt: skip
"""One chain per campaign, 0: of what belongs to none. `content` is canonical JSON without personal data;
`digest` is SHA-256 over the former digest and this row."""

chains = Table(
    "chains", metadata,
    Column("campaign_ref", row_key(), primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)  # fmt: skip
"""The head of each chain: what the next row continues, the lock of those who append, and what shows
that rows were cut off."""

suppressions = Table(
    "suppressions", metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)  # fmt: skip
"""Ids that must not be contacted, as keyed hashes: the promise outlives the erasure of the customer."""

controls = Table(
    "controls", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("baseline", Boolean, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", plain_text(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)  # fmt: skip
"""Switches that all processes obey within two seconds."""

keys = Table(
    "keys", metadata,
    Column("purpose", plain_text(32), primary_key=True),
    Column("value", LargeBinary(32), nullable=False),
)  # fmt: skip
"""Secrets of this ledger, drawn when it is made: `suppression`."""
