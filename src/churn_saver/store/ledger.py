"""The store: every promise about money and contact, on one page.

Each method is one transaction; what it does stands in the module it calls. Safe to share between
threads and processes. `now` is handed in: the books own no clock, so nothing has to run for a
reservation to expire. Knows no model, no policy and no text but what it is told to keep.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import TracebackType

from sqlalchemy import update

from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.store import decisions, history, reservations, settling
from churn_saver.store.budget import Totals
from churn_saver.store.campaigns import Campaigns
from churn_saver.store.columns import utc
from churn_saver.store.database import Database, answers, connect, migrate
from churn_saver.store.decisions import Columns, DecisionRecord
from churn_saver.store.history import Known
from churn_saver.store.schema import customers


def open_store(database_url: str, create: bool = True) -> "Store":
    """Open the books, made or migrated where needed.

    Args:
        database_url: sqlite:///relative.db, sqlite:////absolute.db or postgresql+driver://…
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
        self._database = database
        self.campaigns = Campaigns(database)

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def ping(self) -> None:
        """Prove that the database answers and is migrated."""
        with self._database.reading() as connection:
            answers(connection)

    def verify(self, campaign_id: str, now: datetime) -> Totals:
        """Add up all reservations; LedgerError when the running totals say otherwise."""
        with self._database.reading() as connection:
            return reservations.verify(connection, campaign_id, utc(now))

    def read(self, campaign_id: str | None, customer_ids: Sequence[str], now: datetime) -> Known:
        """Read what the journey must know of customers, as of one moment of the database."""
        with self._database.reading() as connection:
            return history.read(connection, campaign_id, customer_ids, utc(now))

    def settle(
        self, campaign_id: str | None, proposals: Proposals, now: datetime, key: str | None = None
    ) -> Settlement:
        """Record the proposals that the books can carry and refuse the others; once per key."""
        with self._database.writing() as connection:
            return settling.settle(connection, campaign_id, proposals, utc(now), key)

    def post_contact(self, decision_id: str, now: datetime) -> bool:
        """Spend the contact part: the message was sent. False: posted before."""
        with self._database.writing() as connection:
            return reservations.post_contact(connection, decision_id, utc(now))

    def post_offer(self, decision_id: str, now: datetime) -> bool:
        """Spend the offer part: the customer accepted. False: posted before."""
        with self._database.writing() as connection:
            return reservations.post_offer(connection, decision_id, utc(now))

    def void(self, decision_id: str, now: datetime) -> bool:
        """Release what is not spent. False: nothing was held any more."""
        with self._database.writing() as connection:
            return reservations.void(connection, decision_id, utc(now))

    def decision(self, decision_id: str) -> DecisionRecord:
        """Give one decision; LedgerError when there is none."""
        with self._database.reading() as connection:
            return decisions.decision(connection, decision_id)

    def records(self, key_prefix: str | None = None, campaign_id: str | None = None) -> Iterator[Columns]:
        """Give decisions as batches of columns, in the order of settlement; see `decisions.records`."""
        with self._database.reading() as connection:
            yield from decisions.records(connection, key_prefix, campaign_id)

    def suppress(self, customer_id: str, now: datetime) -> None:
        """Put a customer on the suppression list, for good."""
        self._mark(customer_id, "suppressed_at", utc(now))

    def opt_out(self, customer_id: str, now: datetime) -> None:
        """Keep that a customer said no to messages."""
        self._mark(customer_id, "opted_out_at", utc(now))

    def _mark(self, customer_id: str, column: str, now: datetime) -> None:
        with self._database.writing() as connection:
            customer = settling.enrol(connection, [customer_id])[customer_id]
            first = customers.c.id == customer.ref, customers.c[column].is_(None)
            connection.execute(update(customers).where(*first).values({column: now}))
