"""A campaign's money: running totals, and expiry by date."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import text

from churn_saver.domain.action import Reason
from churn_saver.store import Store, Totals
from churn_saver.store.budget import NOWHERE, books_of, locked, today
from churn_saver.store.database import connect
from tests.builders import NOON
from tests.unit.store.batches import DAY, offers


def test_expiry_is_decided_by_date_at_read(store: Store) -> None:
    """Held through its last day 2026-03-18 UTC, free a microsecond later; nothing has to run for it."""
    store.settle("spring", offers(["A"], needs=1_000, contact=100), NOON)
    midnight = datetime(2026, 3, 19, tzinfo=UTC)

    last_moment = store.campaigns.totals("spring", midnight - timedelta(microseconds=1))
    after = store.campaigns.totals("spring", midnight)

    assert last_moment == Totals(500_000, 499_000, 1_000, 0)
    assert after == Totals(500_000, 500_000, 0, 0)


def test_only_what_is_not_spent_expires(store: Store) -> None:
    """1.00 of 10.00 was spent for the contact: 9.00 come back, 1.00 stays spent."""
    (decision_id,) = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.outbox.sent(decision_id, NOON)

    assert store.campaigns.totals("spring", NOON + 17 * DAY) == Totals(500_000, 499_900, 0, 100)
    assert store.verify("spring", NOON + 17 * DAY).free_minor == 499_900


def test_the_next_writer_voids_what_has_expired(store: Store, url: str) -> None:
    """After the next settlement the row holds only what lives, and the outbox waits for it alone."""
    store.settle("spring", offers(["A", "B"]), NOON)

    store.settle("spring", offers(["C"], at=NOON + 17 * DAY), NOON + 17 * DAY)
    database = connect(url, create=False)
    with database.reading() as connection:
        reserved = connection.execute(text("SELECT reserved_minor FROM campaigns")).scalar()
        held = connection.execute(text("SELECT is_held, voided_at IS NULL FROM reservations")).all()
        waiting = connection.execute(text("SELECT count(*) FROM outbox")).scalar()
    database.close()

    assert reserved == 1_000
    assert [tuple(row) for row in held] == [(0, 0), (0, 0), (1, 1)]
    assert waiting == 1


def test_money_that_expired_can_be_given_again(store: Store) -> None:
    """A limit of 10.00 carries one offer of 10.00 at a time: refused while held, granted after."""
    store.campaigns.set_limit("spring", 1_000, NOON)
    store.settle("spring", offers(["A"]), NOON)

    refused = store.settle("spring", offers(["B"]), NOON).refused
    granted = store.settle("spring", offers(["B"], at=NOON + 17 * DAY), NOON + 17 * DAY).refused

    assert refused.tolist() == [Reason.BUDGET]
    assert granted.tolist() == [0]


def test_no_campaign_has_no_money(url: str, store: Store) -> None:
    """Without a campaign the books are those of no days and no money."""
    database = connect(url, create=False)
    with database.reading() as connection:
        read = books_of(connection, None, NOON)
        written = locked(connection, None, NOON)
    database.close()

    assert read == written
    assert read.ref is None
    assert read.totals == Totals(0, 0, 0, 0)
    assert not NOWHERE.is_open(NOON)


def test_a_day_is_a_day_in_utc() -> None:
    """At 22:30 on the 2nd, five hours behind UTC, it is the 3rd."""
    late = datetime(2026, 3, 2, 22, 30, tzinfo=timezone(timedelta(hours=-5)))

    assert today(late).isoformat() == "2026-03-03"
