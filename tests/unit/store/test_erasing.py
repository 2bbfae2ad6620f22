"""Erasure: nobody can be found again, and no sum changes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from churn_saver.domain.outcome import OutcomeKind
from churn_saver.errors import LedgerError
from churn_saver.store import Answer, Answering, Store, Totals, Unwanted, open_store
from churn_saver.store.database import connect
from churn_saver.store.schema import metadata, outbox
from tests.builders import NOON, campaign
from tests.postgres import ON_SQLITE
from tests.unit.store.batches import DAY, offers, silence
from tests.writing import writing

CANARY, NAME, TEXT, FIELDS = "canary-id-7391", "Canaria Quill", "Hello Canaria", '{"canary_field": 7391.0}'
DIGEST = bytes(32)


def met(store: Store) -> str:
    """Write to a customer whose every trace can be recognised, and to another; give the first decision."""
    batch = offers([CANARY, "B"])
    batch = replace(
        batch, names=[NAME, "Sam"], texts=[TEXT, "Hello Sam"], features=[FIELDS, "{}"],
        time_zones=["Pacific/Canary", None],
    )  # fmt: skip
    answer = Answering("canary-key", DIGEST, lambda one: Answer(200, f"{one} {TEXT}".encode()))
    first = store.settle("spring", batch.take(np.array([1])), NOON)
    assert not first.refused.any()
    return store.settle("spring", batch.take(np.array([0])), NOON, answers=[answer]).decision_ids[0]


def dump(url: str) -> str:
    """Give every value of every table as text."""
    database = connect(url, create=False)
    with database.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    database.close()
    return repr(rows)


def test_nothing_of_the_customer_is_left(store: Store, url: str) -> None:
    """No table holds id, name, message, scored fields, zone or the kept answer; all were there before."""
    met(store)
    traces = (CANARY, NAME, TEXT, "canary_field", "Pacific/Canary", "canary-key")
    before = dump(url)
    gone = store.erase(CANARY, NOON)
    after = dump(url)

    assert [trace in before for trace in traces] == [True] * 6
    assert gone
    assert [trace for trace in traces if trace in after] == []
    assert "Hello Sam" in after
    assert store.answer("canary-key", DIGEST, NOON) is None


@ON_SQLITE
def test_nothing_is_left_in_the_file_either(store: Store, url: str) -> None:
    """What was deleted is overwritten, in the ledger's file and in its log."""
    met(store)
    store.erase(CANARY, NOON)
    path = Path(url.removeprefix("sqlite:///"))
    raw = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))

    assert b"Hello Sam" in raw
    assert [trace for trace in (CANARY, NAME, TEXT, "canary_field") if trace.encode() in raw] == []


@ON_SQLITE
def test_a_reader_does_not_hold_up_an_erasure(store: Store, url: str) -> None:
    """While a snapshot is read the log stays; the erasure is done all the same."""
    met(store)
    records = store.records()
    next(records)
    gone = store.erase(CANARY, NOON)
    records.close()  # type: ignore[attr-defined]

    assert gone
    assert CANARY not in dump(url)


def test_the_money_and_the_chain_stay(store: Store) -> None:
    """Spent stays spent; what waited is released; what was sent may still be accepted and is paid."""
    waiting = met(store)
    sent = store.settle("spring", offers(["C"]), NOON).decision_ids[0]
    store.outbox.sent(sent, NOON)
    before = store.verify("spring", NOON)

    store.erase(CANARY, NOON)
    store.erase("C", NOON)

    assert before == Totals(500_000, 497_000, 2_900, 100)
    assert store.verify("spring", NOON) == Totals(500_000, 498_000, 1_900, 100)
    assert store.record_outcome(sent, OutcomeKind.ACCEPTED, NOON, NOON)
    with pytest.raises(LedgerError, match="was released"):
        store.outbox.sent(waiting, NOON)
    assert store.verify("spring", NOON) == Totals(500_000, 498_000, 1_000, 1_000)
    for one in ("spring", None):
        store.verify_chain(one)


def test_a_decision_keeps_its_numbers(store: Store) -> None:
    """Its scores and its money are read as before; name, message and features read as nothing."""
    decision = met(store)
    before = store.decision(decision)
    store.erase(CANARY, NOON)
    after = store.decision(decision)

    assert (before.name, before.message, before.features) == (NAME, TEXT, FIELDS)
    assert after == replace(
        before, customer_id=after.customer_id, name=None, message=None, features=None, violations=()
    )
    assert after.customer_id.startswith("erased-")
    assert len(after.customer_id) == len("erased-") + 32


def test_who_is_not_known_cannot_be_erased(store: Store) -> None:
    """Never seen, listed as a stranger only, or erased before."""
    store.suppress("stranger", NOON)
    met(store)

    told = [store.erase(one, NOON) for one in ("nobody", "stranger", CANARY, CANARY)]

    assert told == [False, False, True, False]
    assert store.unwanted() == Unwanted(1, 0)


@pytest.mark.parametrize("suppressed", [False, True])
@pytest.mark.parametrize("opted_out", [False, True])
def test_who_must_not_be_contacted_stays_so(store: Store, suppressed: bool, opted_out: bool) -> None:
    """The promise outlives the erasure, also that of a customer who came back."""
    met(store)
    if suppressed:
        store.suppress(CANARY, NOON)
    if opted_out:
        store.opt_out(CANARY, NOON)
    for turn in range(2):
        store.erase(CANARY, NOON)
        history = store.read("spring", [CANARY], NOON).history

        assert (history.suppressed.tolist(), history.opted_out.tolist()) == ([suppressed], [opted_out])
        assert store.unwanted() == Unwanted(int(suppressed), int(opted_out))
        store.settle("spring", silence([CANARY]), NOON)
        assert store.read("spring", [CANARY], NOON).history.suppressed.tolist() == [suppressed], turn
    store.verify_chain(None)


def test_who_comes_back_is_new(store: Store) -> None:
    """No history, no score, decisions numbered from the first, under ids of their own; twice."""
    ids = [met(store)]
    for turn in range(2):
        now = NOON + turn * DAY
        store.erase(CANARY, now)
        history = store.read("spring", [CANARY], now).history
        settled = store.settle("spring", offers([CANARY], at=now), now)

        assert (history.decisions_made[0], history.contacts_30d[0], history.units_used[0]) == (0, 0, 0)
        assert settled.refused.tolist() == [0]
        ids += settled.decision_ids
    assert len(set(ids)) == 3


def test_a_batch_is_answered_as_before_though_one_of_it_is_gone(store: Store) -> None:
    """A commit that was interrupted goes on: its key still stands for the same decisions."""
    first = store.settle("spring", offers(["A", CANARY]), NOON, "plan:00000")
    store.erase(CANARY, NOON)
    again = store.settle("spring", offers(["A", CANARY]), NOON, "plan:00000")

    assert again.decision_ids == first.decision_ids
    with pytest.raises(LedgerError, match="was used for other customers"):
        store.settle("spring", offers(["B", CANARY]), NOON, "plan:00000")


def test_messages_of_several_campaigns_are_called_off(store: Store, url: str) -> None:
    """One that was given up on too: nothing of the customer stays in the queue."""
    store.campaigns.open(campaign(campaign_id="other"))
    store.settle("spring", offers([CANARY]), NOON)
    store.settle("other", offers([CANARY], at=NOON + 8 * DAY), NOON + 8 * DAY)
    database = connect(url, create=False)
    with writing(database) as connection:
        connection.execute(update(outbox).values(fault="mailbox of Canaria is full", gave_up_at=NOON))
    store.erase(CANARY, NOON + 8 * DAY)
    with database.reading() as connection:
        left = connection.execute(select(outbox)).all()
    database.close()

    assert left == []
    for one in ("spring", "other"):
        assert store.verify(one, NOON + 8 * DAY).reserved_minor == 0
        store.verify_chain(one)


def test_erasing_while_others_decide_loses_nothing(url: str) -> None:
    """Settled and erased at the same moment, 4 times, by two processes' worth of stores: both succeed."""
    with open_store(url) as store, open_store(url) as other, ThreadPoolExecutor(2) as pool:
        store.campaigns.open(campaign())
        for turn in range(4):
            store.settle("spring", silence(["A"]), NOON)
            settled = pool.submit(store.settle, "spring", silence(["B", "A"], numbers=[turn, 1]), NOON)
            erased = pool.submit(other.erase, "A", NOON)

            assert erased.result()
            assert settled.result().refused[0] == 0
            store.erase("A", NOON)
        for one in ("spring", None):
            store.verify_chain(one)
