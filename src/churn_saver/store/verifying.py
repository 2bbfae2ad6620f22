"""Compare an audit chain with the books: what was edited, removed, inserted or moved by hand is found.

That holds for campaigns and their protocols, settlements, decisions and what is personal in them, money,
outcomes, marks and switches, and for whether a message waits. It does not hold for when, where to and whether
again a message is sent, for kept answers, nor for who it is that stands on the suppression list: those are
counted. Who rewrites the whole chain is found out by a head that was noted somewhere else. Knows nothing of
how to mend it: restore a backup.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from churn_saver.errors import LedgerError
from churn_saver.store import audit, protocols
from churn_saver.store.audit import NO_CAMPAIGN
from churn_saver.store.budget import campaign_row
from churn_saver.store.chain_books import Settled, ToldMoney, decision_names
from churn_saver.store.chain_rows import Entry, Noted, Rows, begin
from churn_saver.store.marking import Marks
from churn_saver.store.reservations import compare_totals
from churn_saver.store.schema import (
    campaigns,
    decision_details,
    decisions,
    outbox,
    outcomes,
    reservations,
    settlements,
)

NOTHING_NOTED: Noted = {}
_PARTS = {"sent": "sent_at", "accept": "accepted_at", "void": "voided_at"}


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """A chain that holds."""

    rows: int
    head: str
    """Digest of the last row, hex: it stands for all rows before it."""
    older: int
    """Decisions that are older than the chain, and covered as they stood when it was told of them."""


def verify_chain(connection: Connection, campaign_id: str | None, noted: Noted = NOTHING_NOTED) -> ChainCheck:
    """Check a campaign's chain against its books.

    Args:
        connection: In a reading transaction.
        campaign_id: None: the chain of what belongs to no campaign, and that each campaign has its own.
        noted: Heads that were noted at other times, which must be in the chain.

    Raises:
        CampaignError: no such campaign.
        LedgerError: names the first row that is not as it was written, or whose books are not.
    """
    return _Check(connection, campaign_id, noted).run()


class _Check:
    """One check of one chain."""

    def __init__(self, connection: Connection, campaign_id: str | None, noted: Noted) -> None:
        self._connection, self._campaign_id = connection, campaign_id
        self._chain = NO_CAMPAIGN if campaign_id is None else campaign_row(connection, campaign_id).id
        self._rows = Rows(connection, self._chain, noted, self._broken)
        self._older = begin(connection)
        self._settled = Settled(connection, self._chain, self._refuse)
        self._money = ToldMoney(connection, self._chain, self._older.settlements)
        self._marks = Marks(connection, self._older.campaigns, self._older.customers)
        self._campaign: dict[str, object] = {}
        self._protocol: tuple[str, datetime] | None = None
        self._vouched = False
        self._outcomes: dict[tuple[int, int], tuple[str, str]] = {}

    def run(self) -> ChainCheck:
        for entry in self._rows.walk():
            self._take(entry)
        self._settled.compare()
        self._compare_counts()
        self._compare_money()
        self._compare_outcomes()
        self._compare_queue()
        if self._chain == NO_CAMPAIGN:
            self._compare_details()
            if (fault := self._marks.differing()) is not None:
                raise self._broken(fault)
        else:
            self._compare_campaign()
        return ChainCheck(*self._rows.head, self._count_older())

    def _take(self, entry: Entry) -> None:
        if entry.kind in ("settle", "older", *_PARTS, "expire"):
            if (fault := self._money_fault(entry)) is not None:
                raise self._refuse(entry, fault)
        elif entry.kind == "outcome":
            key = entry.whole("decision"), entry.whole("outcome")
            self._outcomes[key] = str(entry.content["happened_at"]), entry.at.isoformat()
        elif entry.kind == "close":
            self._campaign["closed_at"] = entry.at
        elif entry.kind in ("open", "limit", "price"):
            self._campaign |= {name: value for name, value in entry.content.items() if name != "by"}
        elif entry.kind == "base":
            self._vouch(entry)
        elif entry.kind == protocols.KIND:
            self._protocol = str(entry.content["digest"]), entry.at
        else:
            self._marks.take(entry)

    def _money_fault(self, entry: Entry) -> str | None:
        """Take a row about money; say what is wrong with it."""
        if entry.kind == "settle":
            if entry.whole("settlement") <= self._older.settlements:
                return "its settlement is older than the chain"
            self._settled.take(entry)
            self._money.settle(entry.whole("settlement"))
        elif entry.kind == "older":
            self._settled.take(entry)
            return None if self._money.became(entry) else "a reservation of it is not there"
        elif entry.kind == "expire":
            same = self._money.expire(entry.at, entry.whole("count"), entry.whole("minor"))
            return None if same else "other reservations were past their last day"
        elif not self._money.resolve(entry.whole("decision"), _PARTS[entry.kind], entry.at):
            return "its reservation is not there"
        return None

    def _vouch(self, entry: Entry) -> None:
        """From here on nothing that is older than the chain is taken as it stands."""
        self._vouched = True
        self._money.vouch()
        if self._chain == NO_CAMPAIGN:
            self._marks.take(entry)
        else:
            closed_at = entry.content["closed_at"]
            closed = None if closed_at is None else datetime.fromisoformat(str(closed_at))
            self._campaign |= {**entry.content, "closed_at": closed}

    def _compare_counts(self) -> None:
        """See that no settlement and no decision is there that the chain does not tell of."""
        for told, what, table, settlement in (
            (self._settled.rows, "decisions", decisions, decisions.c.settlement_ref),
            (self._settled.count, "settlements", settlements, settlements.c.id),
        ):
            # Numbers begin at 1: what is below was put there by hand.
            newer = or_(settlement > (0 if self._vouched else self._older.settlements), settlement < 1)
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

    def _compare_queue(self) -> None:
        """See that a message waits for each contact that is neither sent nor released, and for no other."""
        own = reservations.c
        waits = own.sent_at.is_(None) & own.voided_at.is_(None)
        query = (
            select(own.decision_ref)
            .outerjoin(outbox, outbox.c.decision_ref == own.decision_ref)
            .where(own.campaign_ref == self._chain, waits != outbox.c.decision_ref.is_not(None))
            .where(waits | outbox.c.gave_up_at.is_(None))
            .order_by(own.decision_ref)
            .limit(1)
        )
        if (ref := self._connection.execute(query).scalar()) is not None:
            name = decision_names(self._connection, [ref])[ref]
            raise self._broken(f"the message of decision {name} is gone, or waits although it must not")

    def _compare_campaign(self) -> None:
        row = self._connection.execute(select(campaigns).where(campaigns.c.id == self._chain)).one()._asdict()
        told = self._campaign
        if self._vouched or self._chain > self._older.campaigns:
            told = {"closed_at": None, "digest": None} | told
            row["digest"] = audit.campaign_digest(row)
        for name, value in told.items():
            if row[name] != value:
                what = "a column that never changes" if name == "digest" else name
                raise self._broken(f"{what} of the campaign is not what it tells")
        if protocols.differs(self._connection, self._chain, self._protocol):
            raise self._broken("the protocol of the campaign is not what it tells")

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
