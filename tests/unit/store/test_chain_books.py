"""What is older than the chains is told as it stood at the upgrade, and cannot be changed after it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from churn_saver.errors import LedgerError
from churn_saver.store import Store
from churn_saver.store.backup import verify_all
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import post_offer, void
from tests.writing import writing

LATER = NOON + 20 * DAY


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give books of 0003: sent, accepted unsent, void, waiting; silence with a campaign and without.

    One campaign is closed, one customer is suppressed.
    """
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    a, b, c, _ = store.settle("spring", offers(["A", "B", "C", "D"]), NOON).decision_ids
    store.outbox.sent(a, NOON)
    post_offer(store, b, NOON)
    void(store, c, NOON)
    store.settle("spring", silence(["E"]), NOON)
    store.settle(None, silence(["A"]), NOON)
    store.suppress("E", NOON)
    store.campaigns.open(campaign(campaign_id="autumn"))
    store.campaigns.close("autumn", NOON)
    migrate(made, "0003")
    yield made
    made.close()


def by_hand(database: Database, statement: str) -> None:
    """Change the ledger behind its back."""
    with writing(database) as connection:
        connection.execute(text(statement))


def test_books_from_before_hold_and_go_on(database: Database) -> None:
    """After the upgrade, after what comes later, and after one more way down to 0004 and up."""
    migrate(database)
    store = Store(database)
    first = verify_all(store, NOON)
    *_, waiting = store.outbox.claim(9, NOON, "a", DAY)
    store.outbox.sent(waiting.decision_id, NOON + DAY)
    store.settle("spring", offers(["F"], at=LATER), LATER)
    store.erase("B", LATER)
    store.erase("E", LATER)
    migrate(database, "0004")
    migrate(database)
    last = verify_all(store, LATER)

    assert {name: check.older for name, check in first.items()} == {"autumn": 0, "spring": 5, None: 1}
    assert {name: check.rows for name, check in first.items()} == {
        "autumn": len(["base"]),
        "spring": len(["base", "older", "older"]),
        None: len(["begin", "marked", "older", "base"]),
    }
    assert last["spring"].rows == 3 + len(["sent", "expire", "settle"])


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE campaigns SET limit_minor = 900000", r"limit_minor of the campaign is not what it tells"),
        ("UPDATE campaigns SET price = 9.5", r"price of the campaign is not what it tells"),
        ("UPDATE campaigns SET salt = 'x'", r"a column that never changes of the campaign"),
        ("UPDATE campaigns SET closed_at = NULL", r"closed_at of the campaign is not what it tells"),
        ("UPDATE customers SET suppressed_at = NULL", r"suppressed_at of customer number 5 is not as it was"),
        (
            "UPDATE customers SET opted_out_at = (SELECT starts_at FROM campaigns WHERE id = 1) WHERE id = 1",
            r"opted_out_at of customer number 1 was never marked",
        ),
        (
            "UPDATE decisions SET choice = 4 WHERE choice = 3",
            r"settlement 1 or one of its decisions was changed",
        ),
        (
            "UPDATE decision_details SET name = 'Eve'",
            r"personal details of decision [0-9a-f]{32} were changed",
        ),
        (
            "UPDATE settlements SET price = 2 WHERE id = 2",
            r"settlement 2 or one of its decisions was changed",
        ),
        ("UPDATE reservations SET units = 9", r"settlement 1 or one of its decisions was changed"),
        (
            "UPDATE reservations SET accepted_at = contacted_at, is_held = (sent_at IS NULL) "
            "WHERE sent_at IS NOT NULL;"
            "UPDATE campaigns SET reserved_minor = 1100, spent_minor = 1900 WHERE spent_minor > 0",
            r"does not tell how the reservation of decision [0-9a-f]{32} came to stand",
        ),
        ("DELETE FROM outbox", r"the message of decision [0-9a-f]{32} is gone"),
    ],
)
def test_nothing_of_it_can_be_changed_unseen(database: Database, statement: str, message: str) -> None:
    """Neither limits, marks, decisions, their details nor what became of their money."""
    migrate(database)
    for one in statement.split(";"):
        by_hand(database, one)

    with pytest.raises(LedgerError, match=message):
        verify_all(Store(database), NOON)


def test_a_contact_from_before_that_expires_is_told(database: Database) -> None:
    """For the chain it is one of those past their last day, no longer an unknown."""
    migrate(database)
    store = Store(database)
    store.campaigns.set_limit("spring", 400_000, LATER)
    holds = store.verify_chain("spring")
    by_hand(database, "UPDATE reservations SET voided_at = NULL WHERE voided_at > contacted_at")

    assert holds.rows == len(["base", "older", "older", "expire", "limit"])
    with pytest.raises(LedgerError, match=r"does not tell how the reservation"):
        store.verify_chain("spring")


def test_waiting_messages_and_money_belong_together(store: Store, url: str) -> None:
    """A message that was sent does not wait again, and one that waits is not taken away."""
    first, _ = store.settle("spring", offers(["A", "B"]), NOON).decision_ids
    store.outbox.sent(first, NOON)
    database = connect(url, create=False)
    by_hand(
        database,
        "INSERT INTO outbox (decision_ref, send_at, is_uncertain) "
        "SELECT decision_ref, contacted_at, 1 = 0 FROM reservations WHERE sent_at IS NOT NULL",
    )

    with pytest.raises(LedgerError, match=rf"the message of decision {first} is gone, or waits although"):
        store.verify_chain("spring")
    by_hand(database, "DELETE FROM outbox")
    database.close()
    with pytest.raises(LedgerError, match=r"the message of decision [0-9a-f]{32} is gone, or waits"):
        store.verify_chain("spring")
