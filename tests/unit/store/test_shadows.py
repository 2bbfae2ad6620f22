"""What shadows would have done: kept once beside the decision, read back, and gone with its customer."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import numpy as np
import pytest
from sqlalchemy import text

from churn_saver.domain.versions import Version
from churn_saver.errors import LedgerError
from churn_saver.store import Store, open_store
from churn_saver.store.database import connect
from churn_saver.store.shadows import Tally
from tests.builders import NOON
from tests.postgres import ON_POSTGRESQL
from tests.shadowing import shadowed
from tests.unit.store.batches import offers, silence
from tests.writing import writing

A, B = (Version("knapsack", {"MANIFEST.json": sign * 64}) for sign in "ab")


@pytest.fixture
def names(store: Store) -> list[str]:
    """Register two versions, decide about two customers with a contact and one without, and name it all."""
    for version in (A, B):
        store.registry.register(version, "", "test", NOON)
    contacted = store.settle("spring", offers(["C1", "C2"], needs=[900, 1_100]), NOON).decision_ids
    alone = store.settle("spring", silence(["C3"]), NOON).decision_ids
    return [*contacted, *alone]


def test_what_was_kept_is_read_back_beside_what_was_done(store: Store, url: str, names: list[str]) -> None:
    """Number for number by another process, in the order of the decisions; NaN is not known."""
    made = shadowed(
        A.digest,
        names,
        choice=np.array([3, 0, 4], dtype=np.int8),
        intended=np.array([3, 2, 4], dtype=np.int8),
        probability=np.array([1.0, 0.25, 0.0]),
        chances=np.array([[0, 0, 0, 1, 0], [0.5, 0, 0.25, 0.25, 0], [0, 0, 0, 0, 1.0]]),
        needs_minor=np.array([1_000, 0, 1_450]),
        churn_risk=np.array([0.1, 0.2, np.nan]),
    )
    kept = store.shadows.keep([made])
    with open_store(url) as other:
        found = other.shadows.of("spring", A.digest)

    assert kept == 3
    assert found.needs_minor.tolist() == [900, 1_100, 0]
    assert found.shadowed.decision_ids == names
    for name in ("choice", "intended", "probability", "chances", "needs_minor", "churn_risk", "price"):
        np.testing.assert_array_equal(getattr(found.shadowed, name), getattr(made, name))
    assert (len(other_of(store, "spring", B)), len(other_of(store, "summer", A))) == (0, 0)


def other_of(store: Store, campaign_id: str, version: Version) -> list[str]:
    """Name the decisions that a version was the shadow of."""
    return list(store.shadows.of(campaign_id, version.digest).shadowed.decision_ids)


def test_each_row_is_kept_once(store: Store, names: list[str]) -> None:
    """Whoever tells another tale of the same decision is not heard; another version has its own row."""
    store.shadows.keep([shadowed(A.digest, names[:2])])
    late = shadowed(A.digest, names, choice=np.zeros(3, dtype=np.int8))
    kept = store.shadows.keep([late, shadowed(B.digest, names[:1])])
    found = store.shadows.of("spring", A.digest).shadowed

    assert kept == 4
    assert found.choice.tolist() == [3, 3, 0]
    assert store.shadows.tallies() == {A.digest: Tally(3, 2, 2), B.digest: Tally(1, 1, 1)}


def test_of_a_decision_that_there_is_not_nothing_is_kept(store: Store, names: list[str]) -> None:
    """The others are."""
    assert store.shadows.keep([shadowed(A.digest, ["0" * 32, names[0]])]) == 1
    assert other_of(store, "spring", A) == [names[0]]


def test_a_version_that_nobody_registered_is_refused(store: Store, names: list[str]) -> None:
    """Nothing is kept of it."""
    with pytest.raises(LedgerError, match="version 000000000000 is not registered in this ledger"):
        store.shadows.keep([shadowed(A.digest, names[:1]), shadowed("0" * 64, names)])

    assert store.shadows.tallies() == {}


def test_an_erased_customer_has_no_shadow_before_nor_after(store: Store, names: list[str]) -> None:
    """What stood there goes; what was still being worked out is not written any more."""
    store.shadows.keep([shadowed(A.digest, names[:2])])
    store.erase("C1", NOON)
    kept = store.shadows.keep([shadowed(A.digest, names), shadowed(B.digest, names)])

    assert kept == 4
    assert other_of(store, "spring", A) == names[1:]
    assert other_of(store, "spring", B) == names[1:]


@ON_POSTGRESQL
def test_customers_are_locked_in_one_order_over_all_rows(store: Store, url: str, names: list[str]) -> None:
    """Of two requests in another order C1 comes first: while somebody holds it, C2 is still anybody's."""
    ledger = connect(url, create=False)
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    hold = text("SELECT id FROM customers WHERE customer_id = :one FOR UPDATE NOWAIT")
    with ThreadPoolExecutor(1) as other:
        with writing(ledger) as connection:
            connection.execute(hold, {"one": "C1"})
            made = [shadowed(A.digest, [names[1]]), shadowed(A.digest, [names[0]])]
            keeping = other.submit(store.shadows.keep, made)
            while not connection.execute(waiting).scalar() and not keeping.done():
                sleep(0.01)
            connection.execute(hold, {"one": "C2"})
        kept = keeping.result()
    ledger.close()

    assert kept == 2


def test_the_chain_and_the_money_know_nothing_of_it(store: Store, names: list[str]) -> None:
    """A measurement changes no promise."""
    before = store.verify("spring", NOON), store.verify_chain("spring"), store.verify_chain(None)
    store.shadows.keep([shadowed(A.digest, names)])

    assert (store.verify("spring", NOON), store.verify_chain("spring"), store.verify_chain(None)) == before


def test_nothing_is_nothing(store: Store) -> None:
    """No rows, no versions."""
    assert store.shadows.keep([]) == 0
    assert store.shadows.tallies() == {}
