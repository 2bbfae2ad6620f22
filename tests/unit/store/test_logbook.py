"""A campaign's decisions read back as columns, on both databases."""

from typing import Any

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import CampaignError
from churn_saver.store import Store
from churn_saver.store.erasing import NAMELESS
from churn_saver.store.logbook import PART_ROWS
from tests.builders import NOON, campaign
from tests.logbooks import logbook
from tests.unit.store.batches import DAY, offers, silence

ACCEPTED, DECLINED, RETAINED, CHURNED = OutcomeKind
SETTLED = {
    "features": '{"tenure_months": 12.0}',
    "policy": "knapsack",
    "models": "0123456789abcdef",
    "price": 0.5,
    "churn_risk": 0.4,
    "accept_prob": 0.3,
}
"""What a logbook's row says of every proposal of the tests."""


def differing(found: Logbook, wanted: Logbook) -> list[str]:
    """Name the columns that are not the same, kinds and missing values included."""

    def plain(column: object) -> object:
        return (
            (column.dtype, column.shape, str(column.tolist())) if isinstance(column, np.ndarray) else column
        )

    names = [name for name in Logbook.__slots__ if name != "customer"]
    return [name for name in names if plain(getattr(found, name)) != plain(getattr(wanted, name))]


def test_the_books_come_back_as_they_were_told(store: Store) -> None:
    """Four decisions by hand: accepted and stayed, left alone and left, held out, contacted once more."""
    first = store.settle("spring", offers(["A"]), NOON).decision_ids
    held: dict[str, Any] = {
        "reasons": np.array([int(Reason.HOLDOUT)]),
        "intended": np.array([2], dtype=np.int8),
    }
    others = [
        store.settle("spring", silence(["B"], at=NOON + DAY), NOON + DAY).decision_ids,
        store.settle("spring", silence(["C"], at=NOON + DAY, **held), NOON + DAY).decision_ids,
        store.settle("spring", offers(["A"], numbers=1, at=NOON + 8 * DAY), NOON + 8 * DAY).decision_ids,
    ]
    ids = [*first, *(one for some in others for one in some)]
    late = NOON + 40 * DAY
    store.outbox.sent(ids[0], NOON + DAY)
    store.record_outcome(ids[0], ACCEPTED, NOON + 2 * DAY, NOON + 2 * DAY)
    store.record_outcome(ids[3], DECLINED, NOON + 9 * DAY, NOON + 9 * DAY)
    store.record_outcome(ids[0], RETAINED, NOON + 30 * DAY, late)
    store.record_outcome(ids[1], CHURNED, NOON + 5 * DAY, late)

    found = store.logbook("spring")

    contact = {"choice": 3, "expected_value": 2_500.5, "contact_spent_minor": 100}
    wanted = logbook(
        [
            {"decided_at": 0, "customer_id": "A", "expires_on": 16, "sent_at": 1, "accepted_at": 2,
             "retained_at": 30, "offer_spent_minor": 900, **contact, **SETTLED},
            {"decided_at": 1, "customer_id": "B", "churned_at": 4, "reasons": 2_048,
             "expected_value": 2_500.5, **SETTLED},
            {"decided_at": 1, "customer_id": "C", "reasons": 1_024, "intended": 2,
             "expected_value": 2_500.5, **SETTLED},
            {"decided_at": 8, "customer_id": "A", "number": 1, "expires_on": 16, "sent_at": 1,
             "declined_at": 1, **contact, **SETTLED},
        ]
    )  # fmt: skip
    assert found.decision_ids == ids
    wanted.decision_ids[:] = ids  # type: ignore[index]
    assert differing(found, wanted) == []
    assert found.customer[0] == found.customer[3]
    assert len(set(found.customer.tolist())) == 3


def test_two_campaigns_are_not_mixed(store: Store) -> None:
    """Of a customer whom both decided about, each tells its own."""
    store.campaigns.open(campaign(campaign_id="autumn"))
    spring = store.settle("spring", offers(["A", "B"]), NOON).decision_ids
    autumn = store.settle("autumn", silence(["A"]), NOON).decision_ids
    store.settle(None, silence(["A"]), NOON)
    store.record_outcome(autumn[0], CHURNED, NOON, NOON)

    books = {name: store.logbook(name) for name in ("spring", "autumn")}

    assert {name: list(book.decision_ids) for name, book in books.items()} == {
        "spring": spring, "autumn": autumn,
    }  # fmt: skip
    assert books["autumn"].campaign.campaign_id == "autumn"
    assert np.isnat(books["spring"].churned_at).all()
    assert not np.isnat(books["autumn"].churned_at).any()
    assert books["spring"].customer[0] == books["autumn"].customer[0]
    assert np.isnat(books["autumn"].expires_on).all()


def test_who_was_erased_keeps_the_numbers_only(store: Store) -> None:
    """Choice, moments and money stand; id and features are gone."""
    decision = store.settle("spring", offers(["A", "B"]), NOON).decision_ids[0]
    store.outbox.sent(decision, NOON)
    store.record_outcome(decision, CHURNED, NOON + DAY, NOON + DAY)
    store.erase("A", NOON + DAY)

    found = store.logbook("spring")

    assert found.features == [None, SETTLED["features"]]
    assert found.customer_ids[0].startswith(NAMELESS)
    assert found.customer_ids[1] == "B"
    assert found.churned_at[0] == np.datetime64("2026-03-03T17:00:00")
    assert found.contact_spent_minor.tolist() == [100, 0]


def test_a_campaign_without_a_decision_is_an_empty_book(store: Store) -> None:
    """Every column is there, of its kind, with nothing in it."""
    found = store.logbook("spring")

    assert len(found) == 0
    assert differing(found, logbook([])) == []


def test_an_unknown_campaign_is_refused(store: Store) -> None:
    """By its name."""
    with pytest.raises(CampaignError, match=r"there is no campaign 'winter'\. `churn-saver campaign list`"):
        store.logbook("winter")


def test_the_oldest_decision_comes_first(store: Store) -> None:
    """By its moment, also where the clock of whoever settled later was behind."""
    later = store.settle("spring", silence(["A", "B"], at=NOON + DAY), NOON + DAY).decision_ids
    earlier = store.settle("spring", silence(["C"]), NOON).decision_ids

    found = store.logbook("spring")

    assert found.decision_ids == [*earlier, *later]
    assert found.customer_ids == ["C", "A", "B"]


def test_what_nothing_could_score_is_no_number(store: Store) -> None:
    """NULL comes back as NaN, and flags of each choice as five numbers."""
    excluded = np.array([[0, 16, 16, 512, 528]])
    unknown = np.array([np.nan])
    store.settle("spring", silence(["A"], churn_risk=unknown, probability=unknown, excluded=excluded), NOON)

    found = store.logbook("spring")

    assert np.isnan([found.churn_risk[0], found.probability[0]]).all()
    assert found.excluded.tolist() == excluded.tolist()


def test_no_row_is_lost_between_two_parts(store: Store) -> None:
    """One row more than a part: every customer once, in the order of the table."""
    ids = [f"C{row:05}" for row in range(PART_ROWS + 1)]
    store.settle("spring", silence(ids), NOON)

    found = store.logbook("spring")

    assert list(found.customer_ids) == ids
    assert len(found.features) == len(ids)
    assert len(np.unique(found.customer)) == len(ids)
