"""A table in parts: one budget over all rows, a settlement for each part, found again by the first."""

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.proposal import Versions
from churn_saver.errors import LedgerError
from churn_saver.store import Answer, Answering, Store, open_store
from churn_saver.store.database import connect
from churn_saver.store.tabling import beside, is_parted
from tests.builders import NOON, campaign
from tests.unit.store.batches import offers

DIGEST = b"a" * 32
CHAMPION, CHALLENGER = (Versions(name, sign * 16, "1") for name, sign in (("old", "a"), ("new", "b")))


def table(key: str = "k") -> Answering:
    """Answer a table."""
    return Answering(key, DIGEST, lambda _: Answer(200, b""), is_table=True)


def parts(first: list[str], second: list[str], needs: int = 1_000) -> list[object]:
    """Give the rows of two versions, each with its own price."""
    return [
        offers(first, needs=needs, versions=CHAMPION, price=0.5),
        offers(second, needs=needs, versions=CHALLENGER, price=0.9),
    ]


def told(store: Store, number: int) -> list[tuple[object, ...]]:
    """Give customer, policy, price and choice of each row of a table."""
    names = ("customer_id", "policy", "price", "choice")
    return [
        row
        for columns in store.records_of_table(number)
        for row in zip(*(columns[name] for name in names), strict=True)
    ]


def test_each_part_has_its_own_price_and_policy(store: Store) -> None:
    """Both stand in one answer; a table of one part has no settlement beside its own."""
    made = store.settle_table("spring", parts(["A", "B"], ["C"]), NOON, table())  # type: ignore[arg-type]
    alone = store.settle_table("spring", [offers(["D"])], NOON, table("other"))
    answer = store.answer("k", DIGEST, NOON)

    assert answer is not None
    assert answer.settlement == made[0].number
    assert told(store, answer.settlement or 0) == [
        ("A", "old", 0.5, 3), ("B", "old", 0.5, 3), ("C", "new", 0.9, 3),
    ]  # fmt: skip
    assert [row[0] for row in told(store, alone[0].number or 0)] == ["D"]
    assert store.verify("spring", NOON).reserved_minor == 4_000
    store.verify_chain("spring")


def test_the_budget_is_one_over_all_rows(url: str) -> None:
    """25.00 for three contacts of 10.00 in two parts: the third becomes no contact, in the same call."""
    with open_store(url) as store:
        store.campaigns.open(campaign(limit_minor=2_500))
        made = store.settle_table("spring", parts(["A"], ["B", "C"]), NOON, table())  # type: ignore[arg-type]
        rows = told(store, made[0].number or 0)
        (last,) = [one for one in store.records() if "C" in one["customer_id"]]

        assert [row[3] for row in rows] == [3, 3, 0]
        assert last["reasons"][last["customer_id"].index("C")] == int(Reason.BUDGET)
        assert store.verify("spring", NOON).reserved_minor == 2_000


def test_a_cap_holds_whoever_decides(store: Store) -> None:
    """B was contacted this week: in the challenger's part too that becomes no contact."""
    store.settle("spring", offers(["B"]), NOON)
    again = [offers(["A"], versions=CHAMPION), offers(["B"], numbers=1, versions=CHALLENGER)]
    made = store.settle_table("spring", again, NOON, table())

    assert [row[3] for row in told(store, made[0].number or 0)] == [3, 0]


def test_a_row_that_was_overtaken_is_left_out(store: Store) -> None:
    """Another decision came in between for C; the others are recorded."""
    store.settle("spring", offers(["C"]), NOON)
    made = store.settle_table("spring", parts(["A", "B"], ["C"]), NOON, table())  # type: ignore[arg-type]

    assert [one.refused.tolist() for one in made] == [[0, 0], [int(Reason.STATE_UNREADABLE)]]
    assert made[1].decision_ids == [""]
    assert [row[0] for row in told(store, made[0].number or 0)] == ["A", "B"]


def test_a_table_is_settled_once_under_its_key(store: Store) -> None:
    """The second time nothing is recorded."""
    first = store.settle_table("spring", parts(["A"], ["B"]), NOON, table())  # type: ignore[arg-type]
    again = store.settle_table("spring", parts(["A"], ["B"]), NOON, table())  # type: ignore[arg-type]

    assert [one.is_repeated for one in first] == [False, False]
    assert [one.is_repeated for one in again] == [True]
    assert sum(len(one["decision_id"]) for one in store.records()) == 2


def test_a_part_that_contradicts_itself_stops_all_of_it(store: Store) -> None:
    """Nothing is recorded of the sound part either."""
    bad = offers(["B"], needs=50, contact=100)

    with pytest.raises(LedgerError, match="proposal 0 needs less than its contact costs"):
        store.settle_table("spring", [offers(["A"]), bad], NOON, table())
    assert list(store.records()) == []


def test_who_said_no_is_kept_with_either_part(store: Store) -> None:
    """B's contact, the challenger's, becomes none; Z, of no part, is kept too."""
    both = parts(["A"], ["B"])
    made = store.settle_table("spring", both, NOON, table(), said_no=["B", "Z"])  # type: ignore[arg-type]

    assert [row[3] for row in told(store, made[0].number or 0)] == [3, 0]
    assert store.unwanted().opted_out == 2


def test_a_table_of_one_customer_is_forgotten_and_one_of_two_versions_is_not(store: Store, url: str) -> None:
    """Erasing A: the table in which A was alone is nobody's; that of A and B still answers for B."""
    alone = store.settle_table("spring", [offers(["A"])], NOON, table("alone"))
    both = store.settle_table("spring", [offers(["C"]), offers(["B"])], NOON, table("both"))
    for one in ("A", "C"):
        store.erase(one, NOON)
    database = connect(url, create=False)
    with database.reading() as connection:
        parted = [is_parted(connection, made[0].number or 0) for made in (alone, both)]
    database.close()

    assert parted == [False, True]
    assert beside(7) == "table:7:"
    with pytest.raises(LedgerError, match="for a customer who was erased since"):
        store.answer("alone", DIGEST, NOON)
    assert store.answer("both", DIGEST, NOON) is not None


def test_all_rows_are_named_once(store: Store) -> None:
    """Over random sizes: as many decisions as rows, each under the policy of its part."""
    rng = np.random.default_rng(0)
    for turn in range(5):
        sizes = rng.integers(1, 6, 2)
        first, second = (
            [f"{turn}{side}{n}" for n in range(size)] for side, size in zip("ab", sizes, strict=True)
        )
        made = store.settle_table("spring", parts(first, second), NOON, table(f"t{turn}"))  # type: ignore[arg-type]
        rows = told(store, made[0].number or 0)

        assert [row[0] for row in rows] == [*first, *second]
        assert [row[1] for row in rows] == ["old"] * len(first) + ["new"] * len(second)
