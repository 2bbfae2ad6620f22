"""Each change of a promise is a row of its chain, in the transaction that makes it, without a name in it."""

import json
from datetime import datetime
from hashlib import sha256

import pytest
from sqlalchemy import select

from churn_saver.errors import LedgerError
from churn_saver.store import Store
from churn_saver.store import audit as chain
from churn_saver.store.database import connect
from churn_saver.store.schema import audit, chains
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers
from tests.unit.store.moving import post_offer, void


def kinds(url: str, ref: int) -> list[tuple[int, str, dict[str, object]]]:
    """Give number, kind and content of each row of a chain."""
    database = connect(url, create=False)
    with database.reading() as connection:
        found = connection.execute(select(audit).where(audit.c.campaign_ref == ref).order_by(audit.c.number))
        rows = [(row.number, row.kind, json.loads(row.content)) for row in found]
    database.close()
    return rows


def test_the_digest_of_a_row_is_worked_by_hand() -> None:
    """SHA-256 over the digest before and the row as a JSON list: anybody can recompute it."""
    row = b'[1,2,"2026-03-02T17:00:00+00:00","sent","{\\"decision\\":7}"]'

    assert (
        chain.row_digest(b"\x01" * 32, 1, 2, NOON, "sent", '{"decision":7}')
        == sha256(b"\x01" * 32 + row).digest()
    )


def test_a_digest_of_the_first_form_knows_no_channel() -> None:
    """A settlement of then holds although its decisions have one by now; of today's form it does not."""
    settled, held = {"id": [1]}, {name: list[object]() for name in chain.RESERVED}
    before = {"id": [7], "choice": [3]}
    now = before | {"channel": ["email"]}

    assert chain.settlement_digest(settled, now, held, form=1) == chain.settlement_digest(
        settled, before, held
    )
    assert chain.settlement_digest(settled, now, held) != chain.settlement_digest(settled, before, held)


def test_changes_of_a_campaign_are_rows_in_their_order(store: Store, url: str) -> None:
    """Opened, two reserved, one sent and accepted, one void, re-priced, a new limit, closed."""
    first, second = store.settle("spring", offers(["A", "B"]), NOON).decision_ids
    store.outbox.sent(first, NOON)
    post_offer(store, first, NOON)
    void(store, second, NOON)
    store.campaigns.set_price("spring", 0.5, NOON)
    store.campaigns.set_limit("spring", 600_000, NOON)
    store.campaigns.close("spring", NOON)

    found = kinds(url, 1)
    decision = 1 << 20
    assert [(number, kind) for number, kind, _ in found] == list(
        enumerate(["open", "settle", "sent", "accept", "void", "price", "limit", "close"], start=1)
    )
    assert [content for _, _, content in found[2:]] == [
        {"decision": decision}, {"decision": decision}, {"decision": decision + 1}, {"price": 0.5},
        {"limit_minor": 600_000}, {},
    ]  # fmt: skip
    assert (found[0][2]["limit_minor"], found[0][2]["price"]) == (500_000, 0.0)
    assert (found[1][2]["settlement"], found[1][2]["rows"]) == (1, 2)
    assert kinds(url, 0)[2:] == [(3, "campaign", {"campaign": 1})]


def test_telling_twice_is_one_row(store: Store, url: str) -> None:
    """A no-op changes nothing, so the chain says nothing; the same key settles once."""
    (first,) = store.settle("spring", offers(["A"]), NOON, "k").decision_ids
    store.settle("spring", offers(["A"]), NOON, "k")
    for _ in range(2):
        store.outbox.sent(first, NOON)
        void(store, first, NOON)

    assert [kind for _, kind, _ in kinds(url, 1)] == ["open", "settle", "sent", "void"]


def test_what_expired_is_one_row_of_the_next_writer(store: Store, url: str) -> None:
    """Two contacts of 10.00, one sent for 1.00: 19.00 come back."""
    first, _ = store.settle("spring", offers(["A", "B"]), NOON).decision_ids
    store.outbox.sent(first, NOON)

    store.campaigns.set_limit("spring", 400_000, NOON + 17 * DAY)

    assert kinds(url, 1)[-2][1:] == ("expire", {"count": 2, "minor": 1_900})


def test_what_is_taken_back_leaves_no_row(store: Store, url: str) -> None:
    """A transaction that breaks takes its audit row along, and the head."""
    with pytest.raises(LedgerError, match=r"."):
        store.settle("spring", offers(["A", "B"], features=["{}", None]), NOON)

    assert [kind for _, kind, _ in kinds(url, 1)] == ["open"]
    assert store.verify_chain("spring").rows == 1


def test_rows_hold_no_name(store: Store, url: str) -> None:
    """Neither id, name, message nor features of a customer stand in any row."""
    store.settle("spring", offers(["canary-id"], names=["canary-name"], texts=["canary-text"]), NOON)
    store.suppress("canary-id", NOON)

    assert "canary" not in json.dumps(kinds(url, 0) + kinds(url, 1))


def test_the_head_is_the_last_row(store: Store, url: str) -> None:
    """What the next row continues; each campaign has a chain of its own."""
    store.campaigns.open(campaign(campaign_id="winter"))
    store.campaigns.set_price("winter", 0.5, NOON)
    database = connect(url, create=False)
    with database.reading() as connection:
        heads = {row.campaign_ref: (row.number, row.digest) for row in connection.execute(select(chains))}
        last = {
            row.campaign_ref: (row.number, row.digest)
            for row in connection.execute(select(audit).order_by(audit.c.number))
        }
    database.close()

    assert {ref: number for ref, (number, _) in heads.items()} == {0: 4, 1: 1, 2: 2}
    assert heads == last


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    """Nobody knows when it is, so nothing is written."""
    with pytest.raises(LedgerError, match=r"has no zone"):
        store.campaigns.set_price("spring", 0.5, datetime(2026, 3, 2))
    assert store.campaigns.get("spring").price == 0.0
