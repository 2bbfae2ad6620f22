"""A judged batch becomes rows, all of them or none."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import text

from churn_saver.store import Store
from churn_saver.store.database import connect
from tests.builders import NOON, proposals
from tests.unit.store.batches import offers, silence


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Ask the database itself."""
    database = connect(url, create=False)
    with database.reading() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    database.close()
    return found


def test_a_contact_is_four_rows_together(store: Store, url: str) -> None:
    """Of a contact and a silence: two decisions, two details, one reservation, one message that waits."""
    store.settle("spring", proposals(2), NOON)

    counts = {
        table: rows(url, f"SELECT count(*) FROM {table}")[0][0]
        for table in ("settlements", "decisions", "decision_details", "reservations", "outbox")
    }
    assert counts == {
        "settlements": 1, "decisions": 2, "decision_details": 2, "reservations": 1, "outbox": 1,
    }  # fmt: skip
    ((units, contact, offer, last_day),) = rows(
        url, "SELECT units, contact_minor, offer_minor, expires_on FROM reservations"
    )
    assert (units, contact, offer, str(last_day)) == (2, 100, 900, "2026-03-18")


def test_refused_rows_leave_no_row(store: Store, url: str) -> None:
    """The middle row is refused: the others keep their place in the batch as their number."""
    store.suppress("B", NOON)

    store.settle("spring", offers(["A", "B", "C"]), NOON)
    numbers = [row[0] for row in rows(url, "SELECT id FROM decisions ORDER BY id")]

    assert numbers == [1 << 20, (1 << 20) + 2]
    assert rows(url, "SELECT row_count, refused FROM settlements") == [(3, "[[1, 4]]")]


def test_what_is_no_number_is_null(store: Store, url: str) -> None:
    """NaN never reaches the database."""
    batch = replace(silence(["A"]), churn_risk=np.array([np.nan]), message_probability=np.array([np.nan]))

    store.settle("spring", batch, NOON)

    assert rows(url, "SELECT churn_risk, message_probability, accept_prob FROM decisions") == [
        (None, None, 0.3)
    ]


@pytest.mark.parametrize("choice", [1, 2, 3, 4])
def test_allowance_units_follow_the_ladder(store: Store, url: str, choice: int) -> None:
    """0, 5, 10, 15 % are 0, 1, 2, 3 units of 5 %."""
    store.settle("spring", offers(["A"], choice=choice), NOON)

    assert rows(url, "SELECT units FROM reservations") == [(choice - 1,)]


def test_nothing_is_kept_when_the_transaction_breaks(store: Store, url: str) -> None:
    """A value that the database refuses half-way takes the whole batch back, its key too."""
    broken = offers(["A", "B"], features=["{}", None])

    with pytest.raises(Exception, match=r"(?i)not[ -]null"):
        store.settle("spring", broken, NOON, "k")
    counts = [
        rows(url, f"SELECT count(*) FROM {one}")[0][0] for one in ("decisions", "settlements", "customers")
    ]

    assert counts == [0, 0, 0]
    assert store.settle("spring", offers(["A", "B"]), NOON, "k").refused.tolist() == [0, 0]
    assert store.verify("spring", NOON).reserved_minor == 2_000
