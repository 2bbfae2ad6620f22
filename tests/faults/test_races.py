"""Many at once: the budget is given out to the last cent and no further, one customer is contacted once."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest

from churn_saver.domain.action import Reason
from churn_saver.errors import LedgerError
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign
from tests.faults.processes import Writer, writer
from tests.faults.sizes import sized
from tests.faults.writer import NEEDS_MINOR
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.moving import post_offer, void

BATCHES, BATCH = sized(500, 2_500), 5
"""Of each of two processes."""
ROUND = 5
"""Batches that both settle side by side until they wait for each other."""
OFFERS = 2 * BATCHES * BATCH // 5
"""One for every fifth customer who asks."""
READS = sized(10_000, 20_000)
CALLS = 64
HELD = sized(3_000, 10_000)


@contextmanager
def watched(url: str, limit_minor: int, reads: int) -> Iterator[list[str]]:
    """Read the totals over and over, at least so many times; the list given is of what did not add up."""
    wrong: list[str] = []
    done = threading.Event()

    def watch() -> int:
        seen = 0
        with open_store(url, create=False) as reader:
            while seen < reads or not done.is_set():
                totals = reader.verify("spring", NOON)
                parts = (totals.free_minor, totals.reserved_minor, totals.spent_minor)
                if sum(parts) != limit_minor or min(parts) < 0:
                    wrong.append(f"{totals}")
                seen += 1
        return seen

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            yield wrong
        finally:
            done.set()
        if watching.result() < reads:
            wrong.append("too few reads")


def test_two_processes_give_out_the_budget_exactly(store: Store, database_url: str) -> None:
    """5,000 customers ask, the budget is for 1,000: so many are granted, nothing is left, no read is off."""
    limit = OFFERS * NEEDS_MINOR
    store.campaigns.open(campaign(limit_minor=limit))

    with (
        watched(database_url, limit, READS) as wrong,
        writer(database_url, "a", 0, BATCHES, BATCH) as first,
        writer(database_url, "b", 0, BATCHES, BATCH) as second,
        ThreadPoolExecutor(2) as pool,
    ):
        for one in (first, second):
            one.wait_until_ready()
        # In rounds: who holds SQLite's lock may take it again before the other one looks.
        granted = [
            list(pool.map(partial(Writer.gone, batches=ROUND), (first, second)))
            for _ in range(BATCHES // ROUND)
        ]

    totals = store.verify("spring", NOON)
    assert wrong == []
    assert {len(told) for each in granted for told in each} == {ROUND}
    assert sum(sum(map(sum, each)) for each in granted) == OFFERS
    assert all(sum(told) > 0 for each in granted[: len(granted) // 10] for told in each)
    assert (totals.free_minor, totals.reserved_minor) == (0, limit)


def test_one_customer_is_contacted_once(store: Store) -> None:
    """Of 64 calls at once one is recorded; the others are told that what they read is out of date."""
    store.campaigns.open(campaign())

    with ThreadPoolExecutor(CALLS) as pool:
        settled = list(pool.map(lambda _: store.settle("spring", offers(["A"]), NOON), range(CALLS)))

    assert Counter(int(one.refused[0]) for one in settled) == {0: 1, int(Reason.STATE_UNREADABLE): CALLS - 1}
    assert store.verify("spring", NOON).reserved_minor == 1_000


@pytest.mark.parametrize(("campaign_id", "held"), [("spring", 2_000), (None, 0)])
def test_one_key_is_settled_once(store: Store, campaign_id: str | None, held: int) -> None:
    """Of 64 calls at once with one key, in a campaign or in none, all get the same answer."""
    store.campaigns.open(campaign())
    proposed = offers(["B", "C"]) if held else silence(["B", "C"])

    with ThreadPoolExecutor(CALLS) as pool:
        told = list(pool.map(lambda _: store.settle(campaign_id, proposed, NOON, "key"), range(CALLS)))

    assert len({(tuple(one.decision_ids), tuple(one.refused)) for one in told}) == 1
    assert not told[0].refused.any()
    assert store.verify("spring", NOON).reserved_minor == held


def test_writers_that_lock_each_other_out_are_begun_anew(store: Store) -> None:
    """Two campaigns, the same new customers in opposite order, 64 times at once: all are answered."""
    for name in ("spring", "autumn"):
        store.campaigns.open(campaign(campaign_id=name))
    names = [f"D{number}" for number in range(40)]

    def ask(call: int) -> int:
        ordered = names if call % 2 else names[::-1]
        place = "spring" if call % 3 else "autumn"
        return int((store.settle(place, offers(ordered), NOON).refused == 0).sum())

    with ThreadPoolExecutor(CALLS) as pool:
        granted = sum(pool.map(ask, range(CALLS)))

    held = [store.verify(name, NOON).reserved_minor for name in ("spring", "autumn")]
    assert granted == len(names)
    assert sum(held) == 1_000 * len(names)


def test_reservations_end_once(store: Store) -> None:
    """A third is spent, a third released, a third expires, all told twice by four at once: nothing leaks."""
    store.campaigns.open(campaign(limit_minor=HELD * 1_000, horizon_days=3_650))
    ids = list(store.settle("spring", offers([f"E{row}" for row in range(HELD)]), NOON).decision_ids)
    third = HELD // 3
    told = [(store.outbox.sent, one) for one in ids[:third]] + [
        (partial(void, store), one) for one in ids[third : 2 * third]
    ]

    with ThreadPoolExecutor(4) as pool:
        first = Counter(pool.map(lambda event: event[0](event[1], NOON), told * 2))
    later = NOON + 17 * DAY
    late = 0
    for one in ids[2 * third :: 10]:
        try:
            post_offer(store, one, later)
        except LedgerError:
            late += 1

    totals = store.verify("spring", later)
    assert first == {True: 2 * third, False: 2 * third}
    assert late == len(ids[2 * third :: 10])
    assert (totals.spent_minor, totals.reserved_minor) == (third * 100, 0)
    assert totals.free_minor == totals.limit_minor - third * 100
