"""The store: every promise about money and contact, on one page.

Each method is one transaction, begun anew when it lost a race (`Database.write`); what it does stands
in the module it calls. Safe to share between threads and processes. `now` is handed in: the books own
no clock, so nothing has to run for a reservation to expire. Knows no model, no policy and no text but
what it is told to keep.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType

from sqlalchemy import Connection

from churn_saver.domain.logbook import Logbook
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.store import (
    answering,
    controls,
    decisions,
    dossier,
    erasing,
    history,
    keyed,
    logbook,
    outcomes,
    reservations,
    schema,
    suppressing,
    tabling,
    tracing,
    verifying,
)
from churn_saver.store.answering import Answer, Answering
from churn_saver.store.budget import Totals
from churn_saver.store.campaigns import Campaigns, Limit, change_limit
from churn_saver.store.chain_rows import Noted
from churn_saver.store.columns import utc
from churn_saver.store.controls import Control
from churn_saver.store.database import Database, connect
from churn_saver.store.decisions import DecisionColumns, DecisionRecord
from churn_saver.store.emptying import Emptying
from churn_saver.store.history import Known
from churn_saver.store.migrating import answers, migrate
from churn_saver.store.outbox import Outbox
from churn_saver.store.protocols import Protocols
from churn_saver.store.registry import Registry
from churn_saver.store.shadows import Shadows
from churn_saver.store.suppressing import Mark, Unwanted
from churn_saver.store.tracing import Trace
from churn_saver.store.verifying import NOTHING_NOTED, ChainCheck


def open_store(database_url: str, create: bool = True) -> "Store":
    """Open the books, made or migrated where needed.

    Args:
        database_url: sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/name
        create: Make a SQLite file and its folder where there is none.

    Raises:
        LedgerUnavailable: unreachable, or written by a newer version of this package.
    """
    database = connect(database_url, create)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(database)


class Store:
    """The books of one database. Errors of any method: `LedgerUnavailable` when it does not answer."""

    def __init__(self, database: Database) -> None:
        """Take a migrated database."""
        self.database = database
        self.campaigns = Campaigns(database)
        self.outbox = Outbox(database)
        self.protocols = Protocols(database)
        self.registry = Registry(database)
        self.shadows = Shadows(database)
        self._emptying = Emptying(database)

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._emptying.close()
        self.database.close()

    def ping(self) -> None:
        """Prove that the database answers, is migrated and has every column that this version knows."""
        with self.database.reading() as connection:
            answers(connection, schema.metadata)

    def verify(self, campaign_id: str, now: datetime) -> Totals:
        """Add up all reservations; LedgerError when the running totals say otherwise."""
        with self.database.reading() as connection:
            return reservations.verify(connection, campaign_id, utc(now))

    def verify_chain(self, campaign_id: str | None, noted: Noted = NOTHING_NOTED) -> ChainCheck:
        """Check an audit chain against books and noted heads; LedgerError names the first row that breaks."""
        with self.database.reading() as connection:
            return verifying.verify_chain(connection, campaign_id, noted)

    def read(self, campaign_id: str | None, customer_ids: Sequence[str], now: datetime) -> Known:
        """Read what the journey must know of customers, as of one moment of the database."""
        with self.database.reading() as connection:
            return history.read(connection, campaign_id, customer_ids, utc(now))

    def read_running(self, customer_id: str, now: datetime) -> Known:
        """Read the same of one customer, in the campaign that is open now: one statement, nearly always."""
        with self.database.asking() as connection:
            found = dossier.read_alone(connection, customer_id, utc(now))
        if found is not None:
            return found
        with self.database.reading() as connection:
            return dossier.read_among(connection, customer_id, utc(now))

    def settle(
        self, campaign_id: str | None, proposals: Proposals, now: datetime, key: str | None = None,
        answers: Sequence[Answering | None] = (), withholds: bool = False, said_no: Sequence[str] = (),
    ) -> Settlement:  # fmt: skip
        """Record the proposals that the books can carry and refuse the others; once per key.

        With `answers`, one for each proposal or one for a table, what callers are told is kept in the same
        transaction. What was answered before settles nothing: of one proposal the decision is the earlier
        one, and `answer` has the bytes; of several all are refused. With `withholds` a refused contact is
        recorded as no contact. Who is in `said_no` gets no message any more, waiting ones included.
        """
        return self.database.write(
            lambda connection: keyed.settle(
                connection, campaign_id, proposals, utc(now), key, answers, withholds, said_no
            )
        )

    def settle_table(
        self, campaign_id: str, parts: Sequence[Proposals], now: datetime, answer: Answering,
        said_no: Sequence[str] = (),
    ) -> Sequence[Settlement]:  # fmt: skip
        """Record a table whose parts have a price and a policy of their own, within one budget."""
        return self.database.write(
            lambda connection: keyed.settle_table(connection, campaign_id, parts, utc(now), answer, said_no)
        )

    def records_of_table(self, settlement: int) -> Iterator[DecisionColumns]:
        """Give the decisions of a table, part by part, by the settlement that its answer names."""
        with self.database.reading() as connection:
            yield from decisions.records(connection, settlement=settlement)
            yield from decisions.records(connection, key_prefix=tabling.beside(settlement))

    def answer(self, key: str, request_digest: bytes, now: datetime) -> Answer | None:
        """Give what was answered under a key; AnswerMismatch when it was another request."""
        with self.database.asking() as connection:
            return answering.find(connection, key, request_digest, utc(now))

    def record_outcome(
        self, decision_id: str, kind: OutcomeKind, happened_at: datetime, now: datetime
    ) -> bool:
        """Keep what became of a decision, and spend or release what it decides about. False: told before."""
        return self.database.write(
            lambda connection: outcomes.record(connection, decision_id, kind, utc(happened_at), utc(now))
        )

    def decision(self, decision_id: str) -> DecisionRecord:
        """Give one decision; DecisionAbsent when there is none."""
        with self.database.reading() as connection:
            return decisions.decision(connection, decision_id)

    def trace(self, decision_id: str, now: datetime) -> Trace:
        """Give all that is known of one decision; DecisionAbsent when there is none."""
        with self.database.reading() as connection:
            return tracing.trace(connection, decision_id, utc(now))

    def records(
        self, key_prefix: str | None = None, campaign_id: str | None = None, settlement: int | None = None
    ) -> Iterator[DecisionColumns]:
        """Give decisions as batches of columns, in the order of settlement; see `decisions.records`."""
        with self.database.reading() as connection:
            yield from decisions.records(connection, key_prefix, campaign_id, settlement)

    def logbook(self, campaign_id: str) -> Logbook:
        """Give a campaign's decisions with what became of them; CampaignError when there is none."""
        with self.database.reading() as connection:
            return logbook.logbook(connection, campaign_id)

    def suppress(self, customer_id: str, now: datetime) -> bool:
        """Put a customer on the suppression list, for good. False: was there before."""
        return self._mark([customer_id], Mark.SUPPRESSED, now) == 1

    def opt_out(self, customer_id: str, now: datetime) -> bool:
        """Keep that a customer said no to messages. False: known before."""
        return self._mark([customer_id], Mark.OPTED_OUT, now) == 1

    def opt_out_all(self, customer_ids: Sequence[str], now: datetime) -> int:
        """Keep that customers said no to messages. Returns of how many it was not known before."""
        return self._mark(customer_ids, Mark.OPTED_OUT, now)

    def import_suppressions(self, customer_ids: Sequence[str], now: datetime) -> int:
        """Put many on the suppression list, who need not be known. Returns how many are new on it."""
        return self._mark(customer_ids, Mark.SUPPRESSED, now)

    def unwanted(self) -> Unwanted:
        """Count who must not be contacted."""
        with self.database.reading() as connection:
            return suppressing.count(connection)

    def erase(self, customer_id: str, now: datetime) -> bool:
        """Forget who a customer is; the money stays as it is. False: nothing is known under this id."""
        gone = self.database.write(lambda connection: erasing.erase(connection, customer_id, utc(now)))
        if gone:
            self._emptying.begin()
        return gone

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait until what was erased is out of the database's own files. False: a reader stood in the way."""
        return self._emptying.wait(seconds)

    def control(self) -> Control:
        """Give the switches."""
        with self.database.reading() as connection:
            return controls.read(connection)

    def set_control(
        self, baseline: bool, stopped: bool, by: str, now: datetime, limit: Limit | None = None
    ) -> None:
        """Throw the switches; with `limit` change that budget too, both or neither."""
        control = Control(baseline, stopped, changed_by=by)

        def set_both(connection: Connection) -> None:
            if limit is not None:
                change_limit(connection, limit, utc(now), by)
            controls.set_to(connection, control, utc(now))

        self.database.write(set_both)

    def _mark(self, customer_ids: Sequence[str], what: Mark, now: datetime) -> int:
        return self.database.write(
            lambda connection: suppressing.add(connection, customer_ids, what, utc(now))
        )
