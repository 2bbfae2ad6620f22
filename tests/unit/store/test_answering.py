"""Answers under keys: the same key, the same bytes, or nothing at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from churn_saver.errors import AnswerMismatch, LedgerError
from churn_saver.store import Answer, Answering, Store
from churn_saver.store.database import connect
from churn_saver.store.schema import answers
from tests.builders import NOON
from tests.unit.store.batches import DAY, offers, silence

ASKED, OTHER = sha256(b"request").digest(), sha256(b"another").digest()


def told(decision_id: str) -> Answer:
    """Answer with the decision's id."""
    return Answer(200, b"\x00decided " + decision_id.encode())


def asked(key: str = "k", digest: bytes = ASKED, write: Callable[[str], Answer] = told) -> Answering:
    """Ask under a key."""
    return Answering(key, digest, write)


def test_an_answer_is_kept_with_its_decision(store: Store) -> None:
    """The very bytes, under the key, and under no other."""
    settled = store.settle("spring", offers(["A"]), NOON, answers=[asked()])

    assert store.answer("k", ASKED, NOON) == told(settled.decision_ids[0])
    assert store.answer("K", ASKED, NOON) is None


def test_the_same_request_again_settles_nothing(store: Store) -> None:
    """The decision is the earlier one and so are the bytes, whatever would be proposed or said now."""
    first = store.settle("spring", offers(["A"]), NOON, answers=[asked()])
    other_words = asked(write=lambda _: Answer(500, b"changed"))
    again = store.settle("spring", offers(["A"], numbers=1), NOON + DAY, answers=[other_words])

    assert (again.decision_ids, again.refused.tolist()) == (first.decision_ids, [0])
    assert store.answer("k", ASKED, NOON + DAY) == told(first.decision_ids[0])
    assert store.verify("spring", NOON + DAY).reserved_minor == 1_000


def test_another_request_under_the_key_is_refused(store: Store) -> None:
    """Asking for the answer and settling alike; nothing is recorded."""
    store.settle("spring", offers(["A"]), NOON, answers=[asked()])

    with pytest.raises(AnswerMismatch, match=r"key 'k' was used for another request\. Send a new key"):
        store.answer("k", OTHER, NOON)
    with pytest.raises(AnswerMismatch, match="used for another request"):
        store.settle("spring", offers(["B"]), NOON, answers=[asked(digest=OTHER)])
    assert store.read("spring", ["B"], NOON).history.decisions_made.tolist() == [0]


def test_a_key_is_forgotten_after_two_days(store: Store, url: str) -> None:
    """To the microsecond; then it is free for another request, and the old row is swept by the next one."""
    store.settle("spring", offers(["A"]), NOON, answers=[asked()])
    store.settle("spring", offers(["B"]), NOON + DAY, answers=[asked("other")])
    end = NOON + timedelta(hours=48)

    assert store.answer("k", ASKED, end - timedelta(microseconds=1)) is not None
    assert store.answer("k", ASKED, end) is None
    assert store.answer("k", OTHER, end) is None
    store.settle("spring", offers(["C"], at=end), end, answers=[asked("third")])
    assert kept(url) == ["other", "third"]
    store.settle("spring", offers(["D"], at=end), end, answers=[asked(digest=OTHER)])
    assert store.answer("k", OTHER, end) is not None


def kept(url: str) -> list[str]:
    """Name all keys in the books."""
    database = connect(url, create=False)
    with database.reading() as connection:
        found = list(connection.execute(select(answers.c.key).order_by(answers.c.key)).scalars())
    database.close()
    return found


def test_what_is_refused_gets_no_answer(store: Store) -> None:
    """It is decided anew and answered then, under the same key."""
    store.campaigns.set_limit("spring", 999, NOON)

    refused = store.settle("spring", offers(["A"]), NOON, answers=[asked()])
    settled = store.settle("spring", silence(["A"]), NOON, answers=[asked()])

    assert refused.refused.any()
    assert store.answer("k", ASKED, NOON) == told(settled.decision_ids[0])


def test_decision_and_answer_are_kept_together_or_not_at_all(store: Store, url: str) -> None:
    """When the answer cannot be written, nothing was decided."""

    def fail(decision_id: str) -> Answer:
        raise ValueError(decision_id)

    with pytest.raises(ValueError, match=r"^[0-9a-f]{32}$"):
        store.settle("spring", offers(["A"]), NOON, answers=[asked(write=fail)])
    assert store.verify("spring", NOON).reserved_minor == 0
    assert store.read("spring", ["A"], NOON).history.decisions_made.tolist() == [0]
    assert kept(url) == []


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(store: Store, key: str) -> None:
    """1 to 200 characters; nothing is recorded under another."""
    with pytest.raises(LedgerError, match=rf"key has {len(key)} characters, wanted 1 to 200"):
        store.settle("spring", offers(["A"]), NOON, answers=[asked(key)])
    assert store.verify("spring", NOON).reserved_minor == 0


def test_a_batch_has_no_single_answer(store: Store) -> None:
    """Two decisions are not one; nothing is recorded."""
    with pytest.raises(LedgerError, match="bytes were to be kept for 2 decisions, wanted one"):
        store.settle("spring", offers(["A", "B"]), NOON, answers=[asked()])
    assert store.verify("spring", NOON).reserved_minor == 0


def test_many_calls_under_one_key_are_one_decision(store: Store, url: str) -> None:
    """Of 8 at once one decides; who came too late finds its bytes, at the latest when asking again."""

    def call(_: int) -> Answer | None:
        for number in range(3):
            store.settle("spring", offers(["A"], numbers=number), NOON, answers=[asked()])
            if (found := store.answer("k", ASKED, NOON)) is not None:
                return found
        return None

    with ThreadPoolExecutor(8) as pool:
        bodies = set(pool.map(call, range(8)))

    assert len(bodies) == 1
    assert None not in bodies
    assert store.verify("spring", NOON).reserved_minor == 1_000
    assert kept(url) == ["k"]


def test_of_a_table_only_the_key_is_kept(store: Store, url: str) -> None:
    """Asked again it settles nothing, whatever is proposed; another request is refused."""
    empty = Answering("t", ASKED, lambda _: Answer(200, b""), is_table=True)
    first = store.settle("spring", offers(["A", "B"]), NOON, answers=[empty])
    again = store.settle("spring", offers(["C"]), NOON, answers=[empty])

    assert (len(first.decision_ids), first.is_repeated) == (2, False)
    assert (list(again.decision_ids), again.is_repeated) == ([], True)
    assert store.answer("t", ASKED, NOON) == Answer(200, b"", settlement=first.number)
    assert store.verify("spring", NOON).reserved_minor == 2_000
    with pytest.raises(AnswerMismatch, match="used for another request"):
        store.settle("spring", offers(["C"]), NOON, answers=[replace(empty, request_digest=OTHER)])
    assert kept(url) == ["t"]


def test_a_table_of_one_row_is_a_table(store: Store) -> None:
    """Its bytes would not be erased with the row either: what is kept is its settlement."""
    empty = Answering("t", ASKED, lambda _: Answer(200, b""), is_table=True)
    made = store.settle("spring", offers(["A"]), NOON, answers=[empty])

    assert store.answer("t", ASKED, NOON) == Answer(200, b"", settlement=made.number)


def test_a_key_of_a_table_is_new_after_two_days(store: Store) -> None:
    """Two weeks on the same key names another settlement, of the same customers or of others."""
    empty = Answering("monday", ASKED, lambda _: Answer(200, b""), is_table=True)
    first = store.settle("spring", offers(["A", "B"]), NOON, answers=[empty])
    later = NOON + timedelta(days=14)
    again = store.settle("spring", offers(["A", "B"], numbers=1, at=later), later, answers=[empty])
    last = later + timedelta(days=14)
    others = store.settle("spring", offers(["C"], at=last), last, answers=[empty])

    assert [one.is_repeated for one in (first, again, others)] == [False] * 3
    assert len({*first.decision_ids, *again.decision_ids, *others.decision_ids}) == 5
    assert store.answer("monday", ASKED, last) == Answer(200, b"", settlement=others.number)


def kept_digests(url: str) -> list[bytes]:
    """Give what the ledger itself keeps of requests."""
    database = connect(url, create=False)
    with database.reading() as connection:
        found = [bytes(one) for one in connection.execute(select(answers.c.request_digest)).scalars()]
    database.close()
    return found


def test_what_is_kept_of_a_request_cannot_be_guessed(store: Store, url: str) -> None:
    """It is neither the digest that was handed in nor another ledger's: a key of this ledger is in it."""
    store.settle("spring", offers(["A"]), NOON, answers=[asked()])
    (kept,) = kept_digests(url)

    assert kept != ASKED
    assert len(kept) == 32
    assert store.answer("k", ASKED, NOON) is not None
    with pytest.raises(AnswerMismatch, match="used for another request"):
        store.answer("k", kept, NOON)


def test_of_one_who_is_erased_no_digest_stays(store: Store, url: str) -> None:
    """Of a table of that one customer it is gone, its key serves for nothing; what expired is gone too."""
    nothing = Answer(200, b"")
    for key, ids, at in (
        ("old", ["A"], NOON),
        ("one", ["B"], NOON + 3 * DAY),
        ("two", ["B", "C"], NOON + 3 * DAY),
    ):
        table = Answering(key, ASKED, lambda _: nothing, is_table=True)
        numbers = [1, 0] if key == "two" else 0
        store.settle("spring", silence(ids, numbers=numbers), at, answers=[table])
    before = len(kept_digests(url))
    store.erase("B", NOON + 4 * DAY)

    assert before == 2
    with pytest.raises(AnswerMismatch, match=r"key 'one' was used for a customer who was erased since"):
        store.answer("one", ASKED, NOON + 4 * DAY)
    assert b"" in kept_digests(url)
    assert store.answer("two", ASKED, NOON + 4 * DAY) is not None
    store.settle("spring", silence(["D"]), NOON + 4 * DAY, answers=[asked("late")])
    store.erase("C", NOON + 7 * DAY)
    assert kept_digests(url) == []
