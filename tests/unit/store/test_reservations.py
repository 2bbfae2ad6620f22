"""Each part of a reservation is spent once or released once."""

from functools import partial

import pytest
from sqlalchemy import text

from churn_saver.errors import LedgerError
from churn_saver.store import Store, Totals
from churn_saver.store.database import connect
from tests.builders import NOON
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import post_offer, void
from tests.writing import writing

LAST_DAY = NOON + 16 * DAY


@pytest.fixture
def contact(store: Store) -> str:
    """Reserve 1.00 for a contact and 9.00 for its offer, of 5,000.00."""
    return store.settle("spring", offers(["A"]), NOON).decision_ids[0]


def money(store: Store, later: int = 0) -> tuple[int, int, int]:
    """Give free, reserved and spent, after the books were added up."""
    totals = store.verify("spring", NOON + later * DAY)
    return totals.free_minor, totals.reserved_minor, totals.spent_minor


def waiting(url: str) -> int:
    """Count the messages that wait to be sent."""
    database = connect(url, create=False)
    with database.reading() as connection:
        count = connection.execute(text("SELECT count(*) FROM outbox")).scalar()
    database.close()
    return int(count or 0)


def test_a_contact_is_spent_when_sent(store: Store, contact: str, url: str) -> None:
    """1.00 moves from reserved to spent, once; the message waits no more."""
    before = waiting(url)
    first = store.outbox.sent(contact, NOON)
    again = store.outbox.sent(contact, NOON + DAY)

    assert (first, again) == (True, False)
    assert money(store) == (499_000, 900, 100)
    assert (before, waiting(url)) == (1, 0)


def test_an_offer_is_spent_when_accepted(store: Store, contact: str) -> None:
    """9.00 move from reserved to spent, once; the order of the two reports does not matter."""
    first = post_offer(store, contact, LAST_DAY)
    again = post_offer(store, contact, LAST_DAY)
    between = money(store, 16)
    sent = store.outbox.sent(contact, LAST_DAY)

    assert (first, again, sent) == (True, False, True)
    assert between == (499_000, 100, 900)
    assert money(store, 16) == (499_000, 0, 1_000)


def test_void_releases_all_of_a_message_that_was_not_sent(store: Store, contact: str, url: str) -> None:
    """10.00 come back, once, and the message is not sent any more."""
    first, again = void(store, contact, NOON), void(store, contact, NOON)

    assert (first, again) == (True, False)
    assert money(store) == (500_000, 0, 0)
    assert waiting(url) == 0


def test_void_never_takes_back_what_is_spent(store: Store, contact: str) -> None:
    """After the contact only the offer's 9.00 come back."""
    store.outbox.sent(contact, NOON)

    assert void(store, contact, NOON)
    assert money(store) == (499_900, 0, 100)


def test_void_after_everything_is_spent_is_a_no_op(store: Store, contact: str) -> None:
    """Both parts spent: nothing is held, nothing comes back."""
    store.outbox.sent(contact, NOON)
    post_offer(store, contact, NOON)

    assert not void(store, contact, NOON)
    assert money(store) == (499_000, 0, 1_000)


def test_what_was_released_cannot_be_spent(store: Store, contact: str) -> None:
    """The budget may have gone to somebody else: posting after void is an error, not a debt."""
    void(store, contact, NOON)

    with pytest.raises(LedgerError, match=r"released at 2026-03-02.*can no longer be accepted"):
        post_offer(store, contact, NOON)
    with pytest.raises(LedgerError, match=r"released at 2026-03-02.*can no longer be sent"):
        store.outbox.sent(contact, NOON)
    assert money(store) == (500_000, 0, 0)


def test_an_acceptance_after_the_last_day_is_refused(store: Store, contact: str) -> None:
    """The error names the last day; a report told twice is still a no-op, however late."""
    store.outbox.sent(contact, NOON)
    late = NOON + 17 * DAY

    with pytest.raises(LedgerError, match="last day was 2026-03-18"):
        post_offer(store, contact, late)
    assert not store.outbox.sent(contact, late)
    assert not void(store, contact, late)
    assert money(store, 17) == (499_900, 0, 100)


def test_a_message_is_not_sent_after_the_last_day(store: Store, contact: str) -> None:
    """Its money went back to the budget with its last day."""
    with pytest.raises(LedgerError, match=r"last day was 2026-03-18.*no longer be sent"):
        store.outbox.sent(contact, NOON + 17 * DAY)


def test_a_message_without_discount_can_be_accepted(store: Store) -> None:
    """An offer of 0 % costs its contact only, and its acceptance is kept all the same."""
    (plain,) = store.settle("spring", offers(["B"], needs=100, choice=1), NOON).decision_ids

    assert store.outbox.sent(plain, NOON)
    assert post_offer(store, plain, NOON)
    assert not post_offer(store, plain, NOON)
    assert money(store) == (499_900, 0, 100)


def test_only_contacts_hold_money(store: Store) -> None:
    """Decisions without a contact, without a campaign, unknown and malformed ids are named."""
    (silent,) = store.settle("spring", silence(["B"]), NOON).decision_ids
    (nowhere,) = store.settle(None, silence(["B"]), NOON).decision_ids

    for wrong in (silent, nowhere, "0" * 32, "not-an-id", ""):
        for ask in (store.outbox.sent, partial(post_offer, store), partial(void, store)):
            with pytest.raises(LedgerError, match=f"decision '{wrong}' holds no reservation"):
                ask(wrong, NOON)


def test_books_that_do_not_add_up_are_found(store: Store, contact: str, url: str) -> None:
    """A running total changed by hand is named beside the true sum."""
    store.outbox.sent(contact, NOON)
    database = connect(url, create=False)
    with writing(database) as connection:
        connection.execute(text("UPDATE campaigns SET spent_minor = 99"))
    database.close()

    with pytest.raises(LedgerError, match=r"9\.00 reserved and 0\.99 spent.*add up to 9\.00 and 1\.00"):
        store.verify("spring", NOON)


def test_an_empty_campaign_adds_up(store: Store) -> None:
    """Nothing reserved, nothing spent."""
    assert store.verify("spring", NOON) == Totals(500_000, 500_000, 0, 0)
