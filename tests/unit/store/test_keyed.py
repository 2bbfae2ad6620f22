"""Settled under keys: said once, and of several at once all or none."""

from contextlib import AbstractContextManager

import pytest
from sqlalchemy import event

from churn_saver.errors import AnswerMismatch
from churn_saver.store import Answer, Answering, Store
from tests.builders import NOON
from tests.unit.store.batches import offers, silence

ONE, OTHER = b"a" * 32, b"b" * 32


def asked(key: str, digest: bytes = ONE, is_table: bool = False) -> Answering:
    """Answer with the name of the decision, or as a table does."""
    if is_table:
        return Answering(key, digest, lambda _: Answer(200, b""), is_table=True)
    return Answering(key, digest, lambda name: Answer(200, name.encode()))


def recorded(store: Store) -> int:
    """Count the decisions."""
    return sum(len(one["decision_id"]) for one in store.records())


def test_a_key_is_answered_once(store: Store) -> None:
    """The second call gives the first decision and records none."""
    first = store.settle("spring", offers(["A"]), NOON, answers=[asked("k")])
    again = store.settle("spring", offers(["A"], numbers=1), NOON, answers=[asked("k")])
    found = store.answer("k", ONE, NOON)

    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert again.decision_ids == first.decision_ids
    assert found is not None
    assert found.body.decode() == first.decision_ids[0]
    assert recorded(store) == 1


def test_of_several_that_are_settled_together_one_known_key_refuses_all(store: Store) -> None:
    """Each then finds out alone; nothing was recorded."""
    store.settle("spring", offers(["A"]), NOON, answers=[asked("k")])
    found = store.settle("spring", offers(["B", "C"]), NOON, answers=[asked("k"), None])

    assert (found.decision_ids, bool(found.refused.all())) == (["", ""], True)
    assert recorded(store) == 1


def test_a_key_of_another_request_is_refused(store: Store) -> None:
    """Of one decision and of a table alike; nothing is recorded of either."""
    store.settle("spring", offers(["A"]), NOON, answers=[asked("k")])

    with pytest.raises(AnswerMismatch, match="'k' was used for another request"):
        store.settle_table("spring", [offers(["B"])], NOON, asked("k", OTHER, is_table=True))
    with pytest.raises(AnswerMismatch, match="'k' was used for another request"):
        store.settle("spring", offers(["B"]), NOON, answers=[asked("k", OTHER)])
    assert recorded(store) == 1


def test_a_table_keeps_no_bytes(store: Store) -> None:
    """Its answer names the settlement, also where the caller did not say that it is a table's."""
    bare = Answering("k", ONE, lambda _: Answer(200, b""))
    (made,) = store.settle_table("spring", [offers(["A"])], NOON, bare)
    found = store.answer("k", ONE, NOON)

    assert found is not None
    assert (found.body, found.settlement) == (b"", made.number)


def test_a_settlement_waits_for_a_server_as_seldom_as_it_can(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In three blocks of unawaited statements, and in no statement outside: the key, the locks, the rows."""
    engine = store.database.engine
    if engine.dialect.driver != "psycopg":
        pytest.skip("SQLite is next door: nobody waits for it")
    from churn_saver.store.server import TimelyConnection

    store.settle("spring", silence(["A"]), NOON)
    blocks: list[TimelyConnection] = []
    outside: list[str] = []
    plain = TimelyConnection.pipeline

    def counted(connection: TimelyConnection) -> AbstractContextManager[object]:
        blocks.append(connection)
        return plain(connection)

    def looked_at(_connection: object, cursor: object, statement: str, *_: object) -> None:
        if not cursor.connection.pgconn.pipeline_status:  # type: ignore[attr-defined]
            outside.append(statement)

    monkeypatch.setattr(TimelyConnection, "pipeline", counted)
    event.listen(engine, "before_cursor_execute", looked_at)
    settled = store.settle("spring", offers(["A"], numbers=1), NOON, answers=[asked("k")])

    assert settled.decision_ids[0]
    assert len(blocks) == 3
    assert outside == []


def test_of_nobody_an_answer_is_kept_too(store: Store) -> None:
    """A table without a row was answered as well: its key is taken."""
    store.settle("spring", offers([]), NOON, answers=[asked("k", is_table=True)])

    with pytest.raises(AnswerMismatch):
        store.settle("spring", offers(["A"]), NOON, answers=[asked("k", OTHER, is_table=True)])
