"""SIGKILL at any moment: what was acknowledged stays, what is asked again is not spent again."""

import itertools
import threading

from churn_saver.domain.draws import chance
from churn_saver.store import Store
from tests.builders import NOON, campaign
from tests.faults.processes import writer
from tests.faults.sizes import sized
from tests.faults.writer import NEEDS_MINOR, customers, settle

CYCLES = sized(20, 100)
BATCH = 3
MOST = 40
"""Batches that a writer may acknowledge before it is killed."""
MOST_SECONDS = 0.02
"""Then it goes on for up to that long, so that the kill falls anywhere in a transaction."""


def killed(url: str, who: str, first: int, cycle: int) -> list[int]:
    """Let a writer begin at a batch, kill it in the middle of its work, give the batches it acknowledged."""
    with writer(url, who, first, first + 10_000, BATCH) as one:
        one.wait_until_ready()
        one.go()
        lines = one.acknowledged()
        enough = 1 + int(chance(f"batches {cycle}", b"kills") * MOST)
        told = [batch for batch, _ in itertools.islice(lines, enough)]
        in_the_middle = threading.Timer(chance(f"moment {cycle}", b"kills") * MOST_SECONDS, one.process.kill)
        in_the_middle.start()
        told += [batch for batch, _ in lines]
        in_the_middle.join()
    return told


def test_nothing_acknowledged_is_lost_and_nothing_is_spent_twice(store: Store, database_url: str) -> None:
    """After each kill what was acknowledged is there, others can write, and going on repeats nothing."""
    store.campaigns.open(campaign(limit_minor=10**9))
    acknowledged: set[int] = set()

    for cycle in range(CYCLES):
        # The last two batches are asked for again: as a caller does that got no answer.
        told = killed(database_url, "k", max(0, len(acknowledged) - 2), cycle)
        acknowledged.update(told)
        settle(store, "other", cycle, BATCH)

        there = {str(one) for some in store.records(key_prefix="k:") for one in some["customer_id"]}
        unbroken = range(len(acknowledged))
        held = store.verify("spring", NOON).reserved_minor
        assert acknowledged == set(unbroken)
        assert there >= {one for batch in acknowledged for one in customers("k", batch, BATCH)}
        assert len(there) % BATCH == 0
        assert held == NEEDS_MINOR * (len(there) + BATCH * (cycle + 1))
