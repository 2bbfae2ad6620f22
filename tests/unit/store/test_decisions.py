"""What was recorded comes back, one by one or as columns."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from sqlalchemy import text

from churn_saver.errors import LedgerError
from churn_saver.store import Store
from churn_saver.store.database import connect
from tests.builders import NOON, campaign, proposals
from tests.unit.store.batches import DAY, offers, silence
from tests.writing import writing


def test_a_decision_comes_back_whole(store: Store) -> None:
    """Planned on 2 March, settled a day later, to be decided again 1 + 6 days after the plan."""
    flags, delay = np.array([[0, 16, 0, 512, 8_192]]), np.array([6], dtype=np.int8)
    codes = [("toxic", "wrong_number")]
    batch = offers(["A"], excluded=flags, violations=codes, names=["Zoë"], delay_days=delay)
    batch = replace(batch, message_sources=["bank"], message_entries=["m7"])
    (decision_id,) = store.settle("spring", batch, NOON + DAY).decision_ids

    found = asdict(store.decision(decision_id))

    assert found == {
        "decision_id": decision_id, "customer_id": "A", "number": 0, "choice": 3, "intended": 3,
        "reasons": 0, "excluded": (0, 16, 0, 512, 8_192),
        "probability": 1.0, "arm_probability": 1.0, "message_probability": 0.25, "churn_risk": 0.4,
        "accept_prob": 0.3, "expected_value": 2_500.5, "retention_prob": 0.6,
        "needs_minor": 1_000, "contact_minor": 100, "message_source": "bank", "message_entry": "m7",
        "channel": "email", "send_at": datetime(2026, 3, 2, 17, 0, tzinfo=UTC),
        "valid_until": date(2026, 3, 16),
        "delay_days": 6, "next_decision_at": datetime(2026, 3, 9, 17, 0, tzinfo=UTC),
        "name": "Zoë", "message": "Hello Sam", "violations": ("toxic", "wrong_number"),
        "features": '{"tenure_months": 12.0}', "decided_at": NOON + DAY,
        "price": 0.5, "policy": "knapsack",
        "models": "0123456789abcdef", "code": "1", "campaign_id": "spring",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["0" * 32, "no-id", ""])
def test_an_unknown_decision_is_named(store: Store, wrong: str) -> None:
    """An id that is not there, or is none at all, gives an error with the next step."""
    with pytest.raises(LedgerError, match=f"no decision '{wrong}'"):
        store.decision(wrong)


def test_records_come_in_the_order_of_settlement(store: Store) -> None:
    """Rows stand as they were settled, batch after batch, under the keys asked for only."""
    first = store.settle("spring", silence(["C", "A"]), NOON, "plan:00000")
    store.settle("spring", silence(["X"]), NOON, "PLAN:00001")
    store.settle("spring", silence(["B"]), NOON, "plan:00001")
    store.settle("spring", silence(["Y"]), NOON, "plan;00001")
    store.settle("spring", silence(["Z"]), NOON)

    (batch,) = store.records(key_prefix="plan:")

    assert batch["customer_id"] == ["C", "A", "B"]
    assert [store.decision(str(one)).customer_id for one in batch["decision_id"]] == ["C", "A", "B"]
    assert {len(column) for column in batch.values()} == {3}
    assert next(store.records(key_prefix=""))["customer_id"] == ["C", "A", "X", "B", "Y"]
    assert next(store.records(settlement=first.number))["customer_id"] == ["C", "A"]


def test_records_of_a_campaign(store: Store) -> None:
    """Another campaign's rows, and those of none, are left out."""
    store.campaigns.open(campaign(campaign_id="other"))
    store.settle("other", silence(["A"]), NOON)
    store.settle("spring", silence(["B"]), NOON)
    store.settle(None, silence(["C"]), NOON)

    batches = list(store.records(campaign_id="spring"))

    assert [batch["customer_id"] for batch in batches] == [["B"]]
    assert batches[0]["campaign_id"] == ["spring"]
    assert [one["customer_id"] for one in store.records()] == [["A", "B", "C"]]


def test_a_million_would_not_be_held_at_once(store: Store) -> None:
    """Of four settlements of 2,000 rows the third reaches 5,000, so they come as 6,000 and 2,000."""
    for number in range(4):
        ids = [f"C{number}-{row}" for row in range(2_000)]
        store.settle("spring", silence(ids), NOON, f"plan:{number}")

    sizes = [len(batch["customer_id"]) for batch in store.records(key_prefix="plan:")]

    assert sizes == [6_000, 2_000]


def test_the_columns_are_those_of_one_record(store: Store) -> None:
    """Row by row, the columns say the same as the decision read by its id."""
    store.settle("spring", proposals(4), NOON, "plan:0")

    (batch,) = store.records(key_prefix="plan:")
    rows = [dict(zip(batch, row, strict=True)) for row in zip(*batch.values(), strict=True)]

    assert rows == [asdict(store.decision(str(row["decision_id"]))) for row in rows]
    assert rows[1]["violations"] == ("wrong_number",)
    assert rows[0]["violations"] == ()


def test_wholly_refused_batches_give_no_rows(store: Store) -> None:
    """A settlement without a recorded row is skipped."""
    store.campaigns.set_limit("spring", 0, NOON)
    store.settle("spring", offers(["A"]), NOON, "plan:0")

    assert list(store.records(key_prefix="plan:")) == []
    assert list(store.records(key_prefix="nothing:")) == []


def test_erased_details_leave_the_decision(store: Store, url: str) -> None:
    """Without its personal details a decision is still there, with its money."""
    (decision_id,) = store.settle("spring", offers(["A"]), NOON, "plan:0").decision_ids
    database = connect(url, create=False)
    with writing(database) as connection:
        connection.execute(text("DELETE FROM decision_details"))
    database.close()

    found = store.decision(decision_id)
    (batch,) = store.records(key_prefix="plan:")

    assert (found.name, found.message, found.features, found.violations) == (None, None, None, ())
    assert found.needs_minor == 1_000
    assert batch["message"] == [None]
