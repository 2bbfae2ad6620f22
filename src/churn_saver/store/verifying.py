"""Compare an audit chain with the books: whatever was edited, removed, inserted or moved is found.

First how the rows hang together, then, row by row, whether the books are what the chain says they
became. Who rewrites the whole chain is found out by a head that was kept somewhere else. Knows nothing
of how to mend it: restore a backup.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from churn_saver.errors import LedgerError
from churn_saver.store import audit
from churn_saver.store.audit import NO_CAMPAIGN, NO_ROW, row_digest
from churn_saver.store.budget import campaign_row
from churn_saver.store.marking import Marks
from churn_saver.store.replaying import Entry, Money, Settled, decision_names
from churn_saver.store.reservations import compare_totals
from churn_saver.store.schema import audit as rows
from churn_saver.store.schema import campaigns, chains, decision_details, decisions, outcomes, settlements

STEP = 5_000
"""Rows of a chain that are read at a time."""
_PARTS = {"sent": "sent_at", "accept": "accepted_at", "void": "voided_at"}


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """A chain that holds."""

    rows: int
    head: str
    """Digest of the last row, hex: it stands for all rows before it."""
    older: int
    """Decisions that are older than the chain, and so not covered by it."""


@dataclass(frozen=True, slots=True)
class _Older:
    """Last numbers of what is older than the chains."""

    campaigns: int
    customers: int
    settlements: int


def verify_chain(connection: Connection, campaign_id: str | None) -> ChainCheck:
    """Check a campaign's chain against its books.

    Args:
        connection: In a reading transaction.
        campaign_id: None: the chain of what belongs to no campaign, and that each campaign has its own.

    Raises:
        CampaignError: no such campaign.
        LedgerError: names the first row that is not as it was written, or whose books are not.
    """
    return _Check(connection, campaign_id).run()


class _Check:
    """One check of one chain."""

    def __init__(self, connection: Connection, campaign_id: str | None) -> None:
        self._connection, self._campaign_id = connection, campaign_id
        self._chain = NO_CAMPAIGN if campaign_id is None else campaign_row(connection, campaign_id).id
        self._older = _Older(**_begin(connection))
        self._settled = Settled(connection, self._chain, self._refuse)
        self._money = Money(connection, self._chain, self._older.settlements)
        self._marks = Marks(connection, self._older.campaigns, self._older.customers)
        self._head = 0, NO_ROW.hex()
        self._campaign: dict[str, object] = {}
        self._outcomes: dict[tuple[int, int], tuple[str, str]] = {}

    def run(self) -> ChainCheck:
        for entry in self._walk():
            self._replay(entry)
        self._settled.compare()
        self._compare_counts()
        self._compare_money()
        self._compare_outcomes()
        if self._chain == NO_CAMPAIGN:
            self._compare_details()
            if (fault := self._marks.differing()) is not None:
                raise self._broken(fault)
        else:
            self._compare_campaign()
        return ChainCheck(*self._head, self._count_older())

    def _walk(self) -> Iterator[Entry]:
        """Give the rows whose place and digest are right, and see that none was cut off."""
        number, before = 0, NO_ROW
        while True:
            query = select(rows).where(rows.c.campaign_ref == self._chain, rows.c.number > number)
            some = self._connection.execute(query.order_by(rows.c.number).limit(STEP)).all()
            for row in some:
                number += 1
                if row.number != number:
                    raise self._broken(f"row {number} is missing")
                digest = row_digest(before, self._chain, number, row.at, row.kind, row.content)
                if digest != row.digest:
                    raise self._broken(
                        f"row {number} ({row.kind}) is not as it was written, or not in its place"
                    )
                before = digest
                yield Entry(number, row.at, row.kind, json.loads(row.content))
            if len(some) < STEP:
                break
        own = select(chains.c.number, chains.c.digest).where(chains.c.campaign_ref == self._chain)
        head = self._connection.execute(own).first()
        if head is None or (head.number, head.digest) != (number, before):
            raise self._broken(f"row {number + 1} is missing, or the chain's head is not as it was written")

        self._head = number, before.hex()

    def _replay(self, entry: Entry) -> None:
        content = entry.content
        if entry.kind == "settle":
            if entry.whole("settlement") <= self._older.settlements:
                raise self._refuse(entry, "its settlement is older than the chain")
            self._settled.take(entry)
            self._money.settle(entry.whole("settlement"))
        elif entry.kind in _PARTS:
            if not self._money.resolve(entry.whole("decision"), _PARTS[entry.kind], entry.at):
                raise self._refuse(entry, "its reservation is not there")
        elif entry.kind == "expire":
            if not self._money.expire(entry.at, entry.whole("count"), entry.whole("minor")):
                raise self._refuse(entry, "other reservations were past their last day")
        elif entry.kind == "outcome":
            key = entry.whole("decision"), entry.whole("outcome")
            self._outcomes[key] = str(content["happened_at"]), entry.at.isoformat()
        elif entry.kind in ("open", "limit", "price"):
            self._campaign |= content
        elif entry.kind == "close":
            self._campaign["closed_at"] = entry.at
        else:
            self._marks.take(entry)

    def _compare_counts(self) -> None:
        """See that no settlement and no decision is there that the chain does not tell of."""
        for told, what, table, settlement in (
            (self._settled.rows, "decisions", decisions, decisions.c.settlement_ref),
            (self._settled.count, "settlements", settlements, settlements.c.id),
        ):
            # Numbers begin at 1: what is below was put there by hand.
            newer = or_(settlement > self._older.settlements, settlement < 1)
            found = self._count(table, newer, table.c.campaign_ref == (self._chain or None))
            if found != told:
                raise self._broken(f"it tells of {told:,} {what}, there are {found:,}")

    def _compare_money(self) -> None:
        if (ref := self._money.differing()) is not None:
            name = decision_names(self._connection, [ref]).get(ref, "that is not there")
            raise self._broken(f"it does not tell how the reservation of decision {name} came to stand")
        if self._campaign_id is not None:
            compare_totals(self._connection, self._campaign_id)

    def _compare_outcomes(self) -> None:
        query = select(outcomes).join(decisions, decisions.c.id == outcomes.c.decision_ref, isouter=True)
        own = decisions.c.campaign_ref == (self._chain or None)
        found = {
            (row.decision_ref, row.kind): (row.happened_at.isoformat(), row.recorded_at.isoformat())
            for row in self._connection.execute(query.where(own))
        }
        if wrong := sorted(found.items() ^ self._outcomes.items()):
            (ref, kind), _ = wrong[0]
            name = decision_names(self._connection, [ref]).get(ref, "that is not there")
            raise self._broken(f"outcome {kind} of decision {name} is not as it was told")

    def _compare_campaign(self) -> None:
        row = self._connection.execute(select(campaigns).where(campaigns.c.id == self._chain)).one()._asdict()
        told = self._campaign
        if self._chain > self._older.campaigns:
            told = {"closed_at": None, "digest": None} | told
            row["digest"] = audit.campaign_digest(row)
        for name, value in told.items():
            if row[name] != value:
                what = "a column that never changes" if name == "digest" else name
                raise self._broken(f"{what} of the campaign is not what it tells")

    def _compare_details(self) -> None:
        """See that there are no details of decisions that are not there."""
        known = select(decisions.c.id).where(decisions.c.id == decision_details.c.decision_ref)
        if self._count(decision_details, ~known.exists()):
            raise self._broken("there are personal details of decisions that are not there")

    def _count_older(self) -> int:
        own = decisions.c.campaign_ref == (self._chain or None)
        return self._count(decisions, decisions.c.settlement_ref <= self._older.settlements, own)

    def _count(self, table: Table, *where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(table).where(*where)
        return int(self._connection.execute(query).scalar_one())

    def _refuse(self, entry: Entry, fault: str) -> LedgerError:
        return self._broken(f"row {entry.number} ({entry.kind}): {fault}")

    def _broken(self, fault: str) -> LedgerError:
        of = "without a campaign" if self._campaign_id is None else f"of campaign {self._campaign_id!r}"
        return LedgerError(
            f"audit chain {of}: {fault}. Somebody changed the ledger by hand. Restore a backup."
        )


def _begin(connection: Connection) -> dict[str, int]:
    """Read what is older than all chains."""
    query = select(rows).where(rows.c.campaign_ref == NO_CAMPAIGN, rows.c.number == 1)
    row = connection.execute(query).first()
    if row is None or row.digest != row_digest(NO_ROW, NO_CAMPAIGN, 1, row.at, row.kind, row.content):
        raise LedgerError(
            "audit chain without a campaign: row 1 (begin) is missing or not as it was written. "
            "Somebody changed the ledger by hand. Restore a backup."
        )
    found: dict[str, int] = json.loads(row.content)
    return found
