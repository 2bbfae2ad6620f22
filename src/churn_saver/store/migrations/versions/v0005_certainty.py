"""What the promises turned out to need: how a message goes out and where to, whether it may have arrived.

Up: a decision keeps its channel, which so far only a waiting message did; a waiting message keeps its
recipient's country and whether an attempt may have reached its receiver; the answer to a table names its
settlement, so that a key can be used anew, and what is kept of a request is keyed. The audit chains vouch
for the ledger's key, for marks, and for what is older than they are, as it stands at this moment. Of a table
that was answered before, what had been withheld in a second settlement is no longer given back. An index
leads to a customer's last decisions.

Down: a decision keeps its channel, since the audit chain vouches for it; keys of tables are forgotten.

This is done here since 0004 cannot be changed any more: a ledger may have been through it. Neither can
this: it knows the books as they were (`books_at_0005`) and nothing of what the store is today.
"""

import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from churn_saver.errors import LedgerError
from churn_saver.store.migrations import books_at_0005 as books

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MARKS = {"suppress": "suppressed_at", "opt_out": "opted_out_at", "erase": "erased_at"}
_MOMENTS = ("sent_at", "accepted_at", "voided_at")
_LISTED = {"suppress": 1, "opt_out": 2}
"""Marks of people without a row, by what the audit chain calls them: bits of their kind."""
_SALT_BYTES = 16
_ROWS = 5_000
"""Rows that are read and told at a time."""


def _key() -> sa.BigInteger:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _plain(length: int) -> sa.String:
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns; the channel of a waiting message moves to its decision."""
    if "channel" not in _columns("decisions"):
        op.add_column("decisions", sa.Column("channel", sa.String(16), nullable=True))
    op.execute(
        "UPDATE decisions SET channel = (SELECT channel FROM outbox WHERE decision_ref = decisions.id) "
        "WHERE id IN (SELECT decision_ref FROM outbox WHERE channel IS NOT NULL)"
    )
    with op.batch_alter_table("outbox") as table:
        table.drop_column("channel")
        table.add_column(sa.Column("country", _plain(2), nullable=True))
        table.add_column(sa.Column("is_uncertain", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("answers") as table:
        table.add_column(sa.Column("settlement_ref", _key(), nullable=True))
        table.create_foreign_key("fk_answers_settlement_ref", "settlements", ["settlement_ref"], ["id"])
    op.execute(
        "UPDATE answers SET settlement_ref = "
        "(SELECT id FROM settlements WHERE idempotency_key = answers.key) WHERE decision_ref IS NULL"
    )
    op.create_index("ix_decisions_customer_ref_id", "decisions", ["customer_ref", "id"])
    _key_answers(op.get_bind())
    _vouch(op.get_bind(), datetime.now(UTC))


def downgrade() -> None:
    """Drop the columns, but for the channel of a decision."""
    op.drop_index("ix_decisions_customer_ref_id", "decisions")
    op.execute("DELETE FROM answers WHERE settlement_ref IS NOT NULL")
    with op.batch_alter_table("answers") as table:
        table.drop_constraint("fk_answers_settlement_ref", type_="foreignkey")
        table.drop_column("settlement_ref")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("is_uncertain")
        table.drop_column("country")
        table.add_column(sa.Column("channel", _plain(16), nullable=True))
    op.execute("UPDATE outbox SET channel = (SELECT channel FROM decisions WHERE id = outbox.decision_ref)")


def _columns(table: str) -> set[str]:
    return {str(column["name"]) for column in sa.inspect(op.get_bind()).get_columns(table)}


def _key_answers(connection: sa.Connection) -> None:
    """Put what is kept of requests under the ledger's key: a plain digest could be guessed."""
    own, secret = books.answers.c, _secret(connection)
    rows = connection.execute(sa.select(own.key, own.request_digest)).all()
    keyed = [
        {"one": row.key, "new": hmac.digest(secret, b"answer\n" + bytes(row.request_digest), "sha256")}
        for row in rows
    ]
    if keyed:
        change = sa.update(books.answers).where(own.key == sa.bindparam("one"))
        connection.execute(change.values(request_digest=sa.bindparam("new")), keyed)


def _secret(connection: sa.Connection) -> bytes:
    """Give the ledger's own key, (32,)."""
    key = connection.execute(sa.select(books.keys.c.value).filter_by(purpose="suppression")).scalar()
    if key is None:
        raise LedgerError("the ledger has lost the key of its suppression list. Restore a backup.")
    return bytes(key)


def _vouch(connection: sa.Connection, now: datetime) -> None:
    """Tell the audit chains what they have taken as it stands so far."""
    # The moment of such a mark is the erasure's, and so names the row that was forgotten.
    connection.execute(
        sa.text(
            "UPDATE suppressions SET at = :some WHERE at IN (SELECT erased_at FROM customers)"
        ).bindparams(sa.bindparam("some", books.SOME_TIME, books.suppressions.c.at.type))
    )
    begin = sa.select(books.audit.c.content).filter_by(campaign_ref=books.NO_CAMPAIGN, number=1)
    text = connection.execute(begin).scalar()
    if text is None:
        raise LedgerError("the ledger's audit chain has lost its first row. Restore a backup.")
    older = json.loads(text)
    _salt(connection, int(older["settlements"]))
    _tell_marks(connection, now)
    if not _has_base(connection, books.NO_CAMPAIGN):
        _tell_settlements(connection, None, int(older["settlements"]), now)
    listed = connection.execute(sa.select(books.suppressions.c.kind)).scalars().all()
    told: dict[str, object] = {"key": sha256(_secret(connection)).hexdigest()}
    told |= {name: sum(1 for kind in listed if kind & bit) for name, bit in _LISTED.items()}
    books.append(connection, books.NO_CAMPAIGN, "base", told, now)
    own = books.campaigns
    there = _columns("campaigns")
    names = [column for column in own.columns if column.name in there]
    rows = connection.execute(sa.select(*names).where(own.c.id <= older["campaigns"]).order_by(own.c.id))
    for row in rows.all():
        if not _has_base(connection, row.id):
            _tell_campaign(connection, row, now)
            _tell_settlements(connection, row.id, int(older["settlements"]), now)


def _has_base(connection: sa.Connection, chain: int) -> bool:
    """Say whether a chain was told before, by a ledger that went down and up again."""
    query = sa.select(books.audit.c.number).filter_by(campaign_ref=chain, kind="base").limit(1)
    return connection.execute(query).first() is not None


def _salt(connection: sa.Connection, last: int) -> None:
    """Give decisions from before a salt and a digest of their details, as later ones have."""
    own, details = books.decisions.c, books.details.c
    fields = [details[name] for name in books.DETAILS]
    query = (
        sa.select(own.id, books.customers.c.customer_id, *fields)
        .join(books.details, details.decision_ref == own.id)
        .join(books.customers, books.customers.c.id == own.customer_ref)
        .where(own.settlement_ref <= last, details.salt.is_(None))
        .order_by(own.id)
        .limit(_ROWS)
    )
    salted = sa.update(books.details).where(details.decision_ref == sa.bindparam("ref"))
    digested = sa.update(books.decisions).where(own.id == sa.bindparam("ref"))
    while rows := connection.execute(query).all():
        drawn = [(row.id, token_bytes(_SALT_BYTES), tuple(row[1:])) for row in rows]
        connection.execute(
            salted.values(salt=sa.bindparam("new")), [{"ref": ref, "new": salt} for ref, salt, _ in drawn]
        )
        connection.execute(
            digested.values(details_digest=sa.bindparam("new")),
            [{"ref": ref, "new": books.details_digest(salt, told)} for ref, salt, told in drawn],
        )


def _tell_marks(connection: sa.Connection, now: datetime) -> None:
    own = books.customers.c
    query = sa.select(books.customers).where(sa.or_(*(own[name].is_not(None) for name in _MARKS.values())))
    marks = [
        [row.id, kind, getattr(row, name).isoformat()]
        for row in connection.execute(query.order_by(own.id))
        for kind, name in _MARKS.items()
        if getattr(row, name) is not None
    ]
    for start in range(0, len(marks), _ROWS):
        books.append(connection, books.NO_CAMPAIGN, "marked", {"marks": marks[start : start + _ROWS]}, now)


def _tell_campaign(connection: sa.Connection, row: sa.Row[tuple[object, ...]], now: datetime) -> None:
    content = {
        "limit_minor": row.limit_minor,
        "price": row.price,
        "closed_at": None if row.closed_at is None else row.closed_at.isoformat(),
        "digest": books.campaign_digest(row._asdict()),
    }
    books.append(connection, row.id, "base", content, now)


def _tell_settlements(connection: sa.Connection, campaign_ref: int | None, last: int, now: datetime) -> None:
    own = books.settlements.c
    query = sa.select(own.id).where(own.id.between(1, last), own.campaign_ref == campaign_ref)
    for ref in connection.execute(query.order_by(own.id)).scalars().all():
        settled = _read(connection, books.settlements, own.id == ref)
        decided = _read(connection, books.decisions, books.decisions.c.settlement_ref == ref)
        first = ref << books.ROW_BITS
        within = books.reservations.c.decision_ref.between(first, first + (1 << books.ROW_BITS) - 1)
        held = _read(connection, books.reservations, within)
        moments = zip(held["decision_ref"], *(held[name] for name in _MOMENTS), strict=True)
        content = {
            "settlement": ref,
            "rows": len(decided["id"]),
            "digest": books.settlement_digest(settled, decided, held),
            "form": books.FORM,
            "became": [
                [one, *(None if at is None else at.isoformat() for at in some)]
                for one, *some in moments
                if any(some)
            ],
        }
        books.append(connection, campaign_ref or books.NO_CAMPAIGN, "older", content, now)


def _read(
    connection: sa.Connection, table: sa.TableClause, where: sa.ColumnElement[bool]
) -> dict[str, Sequence[Any]]:
    """Give rows as columns, those that there are by now; the first is the key."""
    there = _columns(table.name)
    names = [column for column in table.columns if column.name in there]
    rows = connection.execute(sa.select(*names).where(where).order_by(names[0])).all()
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {column.name: list(values) for column, values in zip(names, columns, strict=True)}
