"""The books as 0005 found them: tables, digests and audit chain, for that migration alone.

Copied once and never changed, so that what a ledger went through does not hang on what the store is
today. Only columns that the migration reads or writes are here; where all of a table are digested, all of
them are, in the order of the digest. The digests must come out as `audit` and `digests` have them for
form 2: a test compares.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import sqlalchemy as sa

FORM = 2
"""Of the digests that are written here, whatever is written later."""
NO_CAMPAIGN = 0
NO_ROW = bytes(32)
ROW_BITS = 20
SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Moment of every mark that outlives its customer."""
DETAILS = ("name", "message", "violations", "features")
CHANGING = {"id", "reserved_minor", "spent_minor", "limit_minor", "price", "closed_at"}
"""Columns of a campaign that its opening does not settle for good."""
RESERVED = (
    "decision_ref", "campaign_ref", "customer_ref", "contacted_at", "units", "contact_minor", "offer_minor",
    "expires_on",
)  # fmt: skip
"""Columns of a reservation that never change."""
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
Rows = Mapping[str, Sequence[Any]]
"""Columns by name, of one length."""


class _Moment(sa.TypeDecorator[datetime]):
    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _HexId(sa.TypeDecorator[str]):
    impl = sa.LargeBinary(16)
    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else value.hex()


_KINDS: dict[str, Any] = {
    "int": sa.BigInteger, "yes": sa.Boolean, "real": sa.Double, "text": sa.Text, "bytes": sa.LargeBinary,
    "date": sa.Date, "moment": _Moment, "hex": _HexId,
}  # fmt: skip


def _table(name: str, *columns: str) -> sa.TableClause:
    """Give a table from 'kind: names' for each run of columns, its key first."""
    runs = (run.partition(": ") for run in columns)
    return sa.table(name, *(sa.column(one, _KINDS[kind]) for kind, _, names in runs for one in names.split()))


campaigns = _table(
    "campaigns",
    "int: id", "text: campaign_id", "moment: starts_at",
    "int: horizon_days limit_minor customers reserved_minor spent_minor", "text: currency",
    "real: price holdout_share exploration_share",
    "int: per_7_days per_30_days per_period cooldown_days allowance_units", "text: salt",
    "yes: is_paced", "moment: closed_at",
)  # fmt: skip
customers = _table(
    "customers", "int: id", "text: customer_id", "moment: suppressed_at opted_out_at erased_at"
)
settlements = _table(
    "settlements",
    "int: id", "text: idempotency_key", "int: campaign_ref", "moment: settled_at", "real: price",
    "text: policy models code", "int: row_count", "text: refused",
)  # fmt: skip
decisions = _table(
    "decisions",
    "int: id", "hex: decision_id",
    "int: settlement_ref campaign_ref customer_ref number choice intended reasons", "bytes: excluded",
    "real: probability arm_probability message_probability",
    "real: churn_risk accept_prob expected_value retention_prob",
    "int: needs_minor contact_minor", "text: message_source message_entry channel", "moment: send_at",
    "date: valid_until", "int: delay_days", "moment: next_decision_at", "bytes: details_digest",
)  # fmt: skip
details = _table(
    "decision_details", "int: decision_ref", "text: name message violations features", "bytes: salt"
)
reservations = _table(
    "reservations",
    "int: decision_ref campaign_ref customer_ref", "moment: contacted_at",
    "int: units contact_minor offer_minor", "date: expires_on", "yes: is_held",
    "moment: sent_at accepted_at voided_at",
)  # fmt: skip
answers = _table("answers", "text: key", "bytes: request_digest")
audit = _table("audit", "int: campaign_ref number", "moment: at", "text: kind content", "bytes: digest")
chains = _table("chains", "int: campaign_ref number", "bytes: digest")
suppressions = _table("suppressions", "bytes: digest", "int: kind", "moment: at")
keys = _table("keys", "text: purpose", "bytes: value")


def append(
    connection: sa.Connection, chain: int, kind: str, content: Mapping[str, object], now: datetime
) -> None:
    """Add a row to an audit chain."""
    own = chains.c.campaign_ref == chain
    query = sa.select(chains.c.number, chains.c.digest).where(own).with_for_update()
    head = connection.execute(query).first()
    number, before = (head.number + 1, bytes(head.digest)) if head else (1, NO_ROW)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    row = json.dumps([chain, number, now.isoformat(), kind, text], separators=(",", ":"))
    digest = sha256(before + row.encode()).digest()
    if head is None:
        connection.execute(sa.insert(chains).values(campaign_ref=chain, number=number, digest=digest))
    else:
        connection.execute(sa.update(chains).where(own).values(number=number, digest=digest))
    new = {"campaign_ref": chain, "number": number, "at": now, "kind": kind, "content": text}
    connection.execute(sa.insert(audit).values(**new, digest=digest))


def settlement_digest(settled: Rows, decided: Rows, reserved: Rows) -> str:
    """Digest all rows of a settlement; of the reservations what never changes."""
    fixed = {name: reserved[name] for name in RESERVED}
    return _digest((settlements, settled), (decisions, decided), (reservations, fixed))


def campaign_digest(values: Mapping[str, object]) -> str:
    """Digest what never changes of a campaign."""
    fixed = {name: [values[name]] for name in campaigns.c.keys() if name not in CHANGING}  # noqa: SIM118
    return _digest((campaigns, fixed))


def details_digest(salt: bytes, fields: Sequence[str | None]) -> bytes:
    """Digest what is personal in a decision: the customer's id, and the details in their order."""
    told = "".join("-" if field is None else f"{len(field)}:{field}" for field in fields)
    return sha256(salt + told.encode("utf-8", "surrogatepass")).digest()


def _digest(*tables: tuple[sa.TableClause, Rows]) -> str:
    whole = sha256()
    for table, columns in tables:
        for column in table.columns:
            if column.name in columns:
                values = columns[column.name]
                whole.update(f"\n{table.name}.{column.name} {len(values)}\n".encode())
                whole.update(_bytes_of(column.type, values))
    return whole.hexdigest()


def _bytes_of(kind: sa.types.TypeEngine[Any], values: Sequence[Any]) -> bytes:
    if isinstance(kind, sa.Double):
        # None becomes NaN, which no column holds; adding 0 makes -0.0, which SQLite does not keep, 0.0.
        return (np.array(values, dtype="<f8") + 0.0).tobytes()
    missing = bytes(value is None for value in values) if None in values else b""
    if isinstance(kind, sa.LargeBinary):
        parts = [b"" if value is None else bytes(value) for value in values]
        return missing + np.array([len(part) for part in parts], dtype="<i8").tobytes() + b"".join(parts)
    if isinstance(kind, sa.Integer | sa.Boolean):
        return missing + np.array([value or 0 for value in values], dtype="<i8").tobytes()
    if isinstance(kind, sa.Date | _Moment):
        whole = [0 if value is None else _whole(value) for value in values]
        return missing + np.array(whole, dtype="<i8").tobytes()
    return missing + json.dumps(list(values)).encode()


def _whole(value: date) -> int:
    """Count microseconds of a moment, days of a date."""
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return value.toordinal()
