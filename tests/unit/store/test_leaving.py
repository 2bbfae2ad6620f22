"""On the way down no mark is lost, and nothing is sent that was given up."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import LedgerError
from churn_saver.store import Store
from churn_saver.store.database import Database, connect
from churn_saver.store.migrating import migrate
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers
from tests.writing import writing


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give the way to books with a contact that waits."""
    made = connect(url, create=True)
    migrate(made)
    store = Store(made)
    store.campaigns.open(campaign())
    store.settle("spring", offers(["A"]), NOON)
    yield made
    made.close()


def faults(database: Database) -> list[str | None]:
    """Ask the database itself for the faults of the messages in the outbox; before 0004 it knows none."""
    with database.reading() as connection:
        rows = connection.execute(text("SELECT * FROM outbox")).mappings().all()
    return [row.get("fault") for row in rows]


@pytest.mark.parametrize("way", [("0003",), ("0004", "0003"), ("0002",)])
def test_what_was_given_up_is_not_sent_after_a_way_down_and_up(
    database: Database, way: tuple[str, ...]
) -> None:
    """Its money is free, so an older version must not find it waiting either, in however many steps."""
    store = Store(database)
    (message,) = store.outbox.claim(9, NOON, "a", DAY)
    store.outbox.give_up(message.decision_id, "suppressed", "a", NOON)
    for revision in way:
        migrate(database, revision)
    below = faults(database)
    migrate(database)

    assert below == []
    assert store.outbox.claim(9, NOON + DAY, "a", DAY) == []
    assert store.verify("spring", NOON).reserved_minor == 0


def test_at_0004_what_was_given_up_can_still_be_looked_at(database: Database) -> None:
    """That version knows the column, and sends no such message."""
    store = Store(database)
    (message,) = store.outbox.claim(9, NOON, "a", DAY)
    store.outbox.give_up(message.decision_id, "suppressed", "a", NOON)
    migrate(database, "0004")

    assert faults(database) == ["suppressed"]


def test_marks_and_outcomes_bar_the_way_further_down(database: Database) -> None:
    """Who must not be contacted would be forgotten: refused, with all as it was; 0004 keeps them."""
    store = Store(database)
    store.import_suppressions(["stranger"], NOON)
    migrate(database, "0004")
    with pytest.raises(LedgerError, match=r"would lose 1 marks of people without a row; nothing was changed"):
        migrate(database, "0003")
    migrate(database)
    with pytest.raises(LedgerError, match=r"Go down to 0004 only"):
        migrate(database, "base")

    assert store.unwanted().suppressed == 1
    with writing(database) as connection:
        connection.execute(text("DELETE FROM suppressions"))
    (name,) = store.settle("spring", offers(["D"]), NOON).decision_ids
    store.record_outcome(name, OutcomeKind.RETAINED, NOON, NOON)
    with pytest.raises(LedgerError, match=r"would lose 1 outcomes"):
        migrate(database, "0003")
