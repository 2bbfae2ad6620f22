"""A decided text is judged again by the rules and the facts of the moment at which it goes out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from churn_saver.domain.folding import phrases
from churn_saver.domain.waiting import Waiting
from churn_saver.errors import Erased, InputError, Unusable
from churn_saver.pipeline.rechecking import Recheck, facts_of_record
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign, rules
from tests.ledgers import new_ledger
from tests.unit.store.batches import offers

TEXT = (
    "Hello Sam, thank you for 12 months with us. Your next bill is 10% lower if you accept by 16 March 2026."
)
FEATURES = '{"tenure_months": 12.0, "contract_type": 0.0}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Open a ledger with the campaign 'spring'."""
    with open_store(new_ledger(tmp_path / "ledger.db")) as opened:
        opened.campaigns.open(campaign())
        yield opened


def waiting(store: Store, text: str = TEXT, source: str = "template", customer_id: str = "A") -> Waiting:
    """Decide on Sam, 10 % off until 16 March 2026, and claim the message."""
    batch = offers([customer_id], texts=[text], message_sources=[source], features=[FEATURES])
    store.settle("spring", batch, NOON)
    (found,) = store.outbox.claim(1, NOON, "desk", timedelta(minutes=1))
    return found


def test_a_text_that_was_let_through_is_let_through_again(store: Store) -> None:
    """With nothing changed in between no rule stops it."""
    assert Recheck(store, rules().shield)(waiting(store)) == ()


def test_a_phrase_that_was_banned_since_stops_the_text(store: Store) -> None:
    """The rules of the moment count, not those of the decision."""
    stricter = replace(rules().shield, banned=phrases(("thank you for",)))

    assert Recheck(store, stricter)(waiting(store)) == ("banned_phrase",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT.replace("10%", "15%"), "wrong_number"),
        (TEXT.replace("Sam", "Ann"), "missing_name"),
        (TEXT.replace(" if you accept by 16 March 2026", ""), "missing_offer"),
        (TEXT.replace("Hello Sam", "Hello {name}"), "unfilled_slot"),
    ],
)
def test_a_text_is_held_against_what_was_decided(store: Store, text: str, code: str) -> None:
    """Another discount, another name, no last day, a slot that nobody filled."""
    assert code in Recheck(store, rules().shield)(waiting(store, text))


def test_a_live_text_is_judged_as_one_that_nobody_reviewed(store: Store) -> None:
    """Made-up words may stand in a text that somebody read, and not in one that nobody did."""
    text, check = TEXT.replace("thank you", "thank you glorfly brimstel"), Recheck(store, rules().shield)
    live, reviewed = check(waiting(store, text, "live")), check(waiting(store, text, "bank", "B"))

    assert "strange_words" in live
    assert "strange_words" not in reviewed


def test_the_facts_are_those_of_the_books(store: Store) -> None:
    """Name, twelve months, 10 %, month-to-month, and the last day of the offer."""
    found = facts_of_record(store.decision(waiting(store).decision_id))

    assert (found.name, found.tenure_months, found.offer_percent) == ("Sam", 12, 10)
    assert (found.contract, found.valid_until) == ("month-to-month", date(2026, 3, 16))


def test_a_message_without_a_discount_states_no_last_day(store: Store) -> None:
    """Choice 1 is a contact with 0 %: a date in its record is no fact of its text."""
    store.settle("spring", offers(["A"], choice=1, features=["{}"]), NOON)
    (message,) = store.outbox.claim(1, NOON, "desk", timedelta(minutes=1))
    found = facts_of_record(store.decision(message.decision_id))

    assert (found.offer_percent, found.valid_until) == (0, None)
    assert (found.tenure_months, found.contract) == (None, None)


def test_who_was_erased_has_no_text_to_judge(store: Store) -> None:
    """And the message of the error names the decision alone."""
    message = waiting(store)
    store.erase("A", NOON)

    with pytest.raises(Erased, match=rf"decision '{message.decision_id}' cannot be judged"):
        Recheck(store, rules().shield)(message)


@pytest.mark.parametrize(
    "features", ["{", "[]", '{"contract_type": 9}', '{"tenure_months": NaN}', '{"tenure_months": "canary"}']
)
def test_a_row_that_was_changed_by_hand_is_told_apart_and_not_repeated(store: Store, features: str) -> None:
    """It is no fault of the sending as a whole: whoever sends goes on with the next message."""
    record = replace(store.decision(waiting(store).decision_id), features=features)

    with pytest.raises(InputError, match=rf"decision '{record.decision_id}' cannot be judged") as caught:
        facts_of_record(record)
    assert "canary" not in str(caught.value)


def test_a_classifier_that_fails_lets_nothing_through(store: Store) -> None:
    """What it raised is told apart from a text that breaks a rule."""

    def broken(_: str) -> bool:
        raise ValueError("no weights")

    with pytest.raises(Unusable, match="toxicity cannot be used now: raised"):
        Recheck(store, replace(rules().shield, judge=broken))(waiting(store))


def test_the_channel_is_the_message_s_own(store: Store) -> None:
    """A text without a way to opt out may be an email and no text message."""
    message = waiting(store)

    assert Recheck(store, rules().shield)(replace(message, channel="sms")) == ("missing_opt_out",)
