"""A recorded decision as a response: units, words, and nothing of who was erased."""

from datetime import timedelta
from pathlib import Path

import pytest

from churn_saver.serve.traced import excluded_words, to_trace
from churn_saver.store import Store, Trace, open_store
from tests.builders import NOON, campaign
from tests.ledgers import new_ledger
from tests.unit.store.batches import offers, silence


def traced(tmp_path: Path, *, contact: bool = True, erased: bool = False) -> Trace:
    """Record a decision, and read it back."""
    with open_store(new_ledger(tmp_path / "ledger.db")) as store:
        store.campaigns.open(campaign())
        made = offers(["A"]) if contact else silence(["A"], features=['{"tenure_months": 12.0}'])
        (name,) = store.settle("spring", made, NOON).decision_ids
        if erased:
            forget(store)
        return store.trace(name, NOON + timedelta(hours=1))


def forget(store: Store) -> None:
    """Erase the customer."""
    store.erase("A", NOON)


def test_money_is_in_currency_units(tmp_path: Path) -> None:
    """1.00 for the contact and 9.00 for the offer are reserved until the last day."""
    found = to_trace(traced(tmp_path), "USD")

    assert found.money is not None
    assert (found.money.contact, found.money.offer, found.money.reserved) == (1.0, 9.0, 10.0)
    assert (found.currency, found.decision.offer_percentage, found.customer_id) == ("USD", 10, "A")
    assert found.inputs == {"tenure_months": 12.0}
    assert found.outbox is not None


def test_without_a_contact_there_is_nothing_to_send(tmp_path: Path) -> None:
    """Neither money nor message, but reasons."""
    found = to_trace(traced(tmp_path, contact=False), "USD")

    assert (found.money, found.outbox, found.message, found.reasons) == (None, None, None, ["not_worth_it"])
    assert (found.decision.offer_level, found.intended.offer_percentage) == (None, None)


@pytest.mark.parametrize("field", ["customer_id", "name", "message", "inputs", "outbox"])
def test_of_who_was_erased_nothing_is_told(tmp_path: Path, field: str) -> None:
    """Also not the drawn id that stands in the customer's place."""
    found = to_trace(traced(tmp_path, erased=True), "USD")

    assert getattr(found, field) is None
    assert found.erased_at == NOON


def test_flags_are_named_by_per_cent() -> None:
    """Open offers and the choice of no contact are left out."""
    assert excluded_words((0, 0, 16, 16 + 512, 32_768)) == {
        "5": ["cooldown"], "10": ["cooldown", "budget"], "15": ["stopped"],
    }  # fmt: skip
