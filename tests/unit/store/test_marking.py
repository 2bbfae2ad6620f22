"""A mark stands as the chain tells it, on both databases, also one from the list; nobody is named."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from churn_saver.errors import LedgerError
from churn_saver.store import Store
from churn_saver.store.database import connect
from churn_saver.store.schema import audit, customers, keys, suppressions
from tests.builders import NOON
from tests.unit.store.batches import DAY, offers, silence
from tests.writing import writing

HOUR = timedelta(hours=1)


def by_hand(url: str, statement: str, **values: object) -> None:
    """Change the ledger behind its back."""
    database = connect(url, create=False)
    with writing(database) as connection:
        connection.execute(text(statement), values)
    database.close()


def told(url: str, kind: str) -> list[dict[str, object]]:
    """Give the contents of the rows of one kind in the chain without a campaign."""
    database = connect(url, create=False)
    with database.reading() as connection:
        query = select(audit.c.content).where(audit.c.campaign_ref == 0, audit.c.kind == kind)
        found = [
            json.loads(content) for content in connection.execute(query.order_by(audit.c.number)).scalars()
        ]
    database.close()
    return found


def test_a_mark_that_was_handed_over_cannot_be_taken_away(store: Store, url: str) -> None:
    """Who stood on the list is enrolled and refused; without the mark the chain does not hold any more."""
    store.import_suppressions(["A", "B"], NOON)
    store.opt_out("B", NOON + HOUR)
    refused = store.settle("spring", offers(["A", "B"], at=NOON + DAY), NOON + DAY).refused
    before = store.verify_chain(None)

    assert refused.all()
    assert before.rows == len(["begin", "base", "campaign", "list", "list", "marked"])
    assert told(url, "marked") == [
        {"marks": [[1, "suppress", NOON.isoformat()], [2, "opt_out", NOON.isoformat()],
                   [2, "suppress", NOON.isoformat()]]}
    ]  # fmt: skip
    by_hand(url, "UPDATE customers SET suppressed_at = NULL WHERE id = 1")
    with pytest.raises(LedgerError, match=r"suppressed_at of customer number 1 is not as it was marked"):
        store.verify_chain(None)


@pytest.mark.parametrize("column", ["suppressed_at", "opted_out_at"])
def test_a_mark_at_the_moment_of_a_list_is_found_all_the_same(store: Store, url: str, column: str) -> None:
    """It was never handed to this customer."""
    store.import_suppressions(["A"], NOON)
    store.settle("spring", silence(["A", "B"]), NOON + DAY)

    by_hand(
        url,
        f"UPDATE customers SET {column} = (SELECT suppressed_at FROM customers WHERE id = 1) WHERE id = 2",
    )
    with pytest.raises(LedgerError, match=rf"{column} of customer number 2 was never marked"):
        store.verify_chain(None)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM suppressions", r"it tells of 2 marks suppress of people without a row, there are 0"),
        (
            "UPDATE suppressions SET kind = 2",
            r"tells of 2 marks suppress of people without a row, there are 0",
        ),
        ("UPDATE suppressions SET kind = 3", r"tells of 1 marks opt_out .*, there are 2"),
    ],
)
def test_the_list_is_counted(store: Store, url: str, statement: str, message: str) -> None:
    """Of two imported one was handed over, and an erased customer is remembered: two are left."""
    store.import_suppressions(["A", "B"], NOON)
    store.settle("spring", silence(["A", "C"]), NOON)
    store.suppress("C", NOON)
    store.opt_out("C", NOON)
    store.erase("C", NOON + HOUR)
    holds = store.verify_chain(None)

    assert holds.rows == len(["begin", "base", "campaign", "list", "marked", "suppress", "opt_out", "erase"])
    assert told(url, "erase") == [{"customer": 2, "kept": ["suppress", "opt_out"]}]
    by_hand(url, statement)
    with pytest.raises(LedgerError, match=message):
        store.verify_chain(None)


def test_another_key_of_the_list_is_found(store: Store, url: str) -> None:
    """All hashes on the list would be void at once."""
    store.import_suppressions(["A"], NOON)
    by_hand(url, "UPDATE keys SET value = :other", other=bytes(32))

    with pytest.raises(LedgerError, match=r"the key of the suppression list is another one"):
        store.verify_chain(None)


def test_an_erased_customer_is_given_no_name(store: Store, url: str) -> None:
    """The drawn id has a form of its own."""
    store.settle("spring", silence(["A", "B"]), NOON)
    store.erase("A", NOON)
    by_hand(url, "UPDATE customers SET customer_id = 'MALLORY' WHERE id = 1")

    with pytest.raises(LedgerError, match=r"customer number 1, who was erased, has an id again"):
        store.verify_chain(None)


def test_nobody_can_say_who_was_erased(store: Store, url: str) -> None:
    """With ledger, key and id: the list says that the id is listed, nothing says which row it was."""
    store.settle("spring", silence(["A", "B"]), NOON)
    for one in ("A", "B"):
        store.suppress(one, NOON)
        store.erase(one, NOON + HOUR)
    database = connect(url, create=False)
    with database.reading() as connection:
        key = bytes(connection.execute(select(keys.c.value)).scalar_one())
        listed = {bytes(row.digest): row.at for row in connection.execute(select(suppressions))}
        contents = "".join(connection.execute(select(audit.c.content)).scalars())
        moments = {*connection.execute(select(audit.c.at)).scalars()}
        moments |= {*connection.execute(select(customers.c.erased_at)).scalars()}
    database.close()
    digest = hmac.digest(key, b"A", "sha256")

    assert len(set(listed.values())) == 1
    assert listed[digest] not in moments
    assert hashlib.sha256(digest).hexdigest() not in contents
    assert digest.hex() not in contents
