"""A protocol is written once, before the first decision, and the audit chain knows it."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from churn_saver.errors import CampaignError, LedgerError
from churn_saver.store import Store
from churn_saver.store.protocols import Protocol
from tests.builders import NOON, campaign
from tests.unit.store.batches import offers
from tests.writing import writing

TOLD = {"metric": "retained", "days": 30, "looks": [45, 90]}
BODY = '{"days":30,"looks":[45,90],"metric":"retained"}'
DIGEST = sha256(BODY.encode()).hexdigest()


def test_a_protocol_comes_back_as_it_was_recorded(store: Store) -> None:
    """Names are sorted and nothing stands between them, so that the same values have the same digest."""
    digest = store.protocols.record("spring", TOLD, NOON)

    assert digest == DIGEST
    assert store.protocols.of("spring") == Protocol(BODY, DIGEST, NOON)
    assert store.protocols.digests() == {"spring": DIGEST}


def test_a_campaign_without_one_has_none(store: Store) -> None:
    """Nobody has to write one."""
    assert store.protocols.of("spring") is None
    assert store.protocols.digests() == {}
    assert store.verify_chain("spring").rows == 1


def test_a_campaign_opens_with_its_protocol_or_not_at_all(store: Store) -> None:
    """Recorded at the start of the campaign; what is no JSON leaves no campaign behind."""
    start = NOON + timedelta(days=1)
    store.campaigns.open(campaign(campaign_id="summer", starts_at=start), TOLD)
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.campaigns.open(campaign(campaign_id="autumn"), {"alpha": float("nan")})

    assert store.protocols.of("summer") == Protocol(BODY, DIGEST, start)
    assert [one.campaign_id for one in store.campaigns.list()] == ["spring", "summer"]


def test_a_second_protocol_is_refused(store: Store) -> None:
    """Whatever it says, even the same again; the first one stands."""
    store.protocols.record("spring", TOLD, NOON)

    for again in (TOLD, {"metric": "margin"}):
        with pytest.raises(CampaignError, match=rf"'spring' has a protocol already, SHA-256 {DIGEST[:12]}…"):
            store.protocols.record("spring", again, NOON)
    assert store.protocols.of("spring") == Protocol(BODY, DIGEST, NOON)


def test_after_the_first_decision_it_is_too_late(store: Store) -> None:
    """One decision is enough, and another campaign's are none."""
    store.settle("spring", offers(["A"]), NOON)
    store.campaigns.open(campaign(campaign_id="summer"))

    with pytest.raises(CampaignError, match=r"'spring' has decided already.*Open a new campaign"):
        store.protocols.record("spring", TOLD, NOON)
    assert store.protocols.record("summer", TOLD, NOON) == DIGEST
    assert store.protocols.digests() == {"summer": DIGEST}


def test_an_unknown_campaign_is_named(store: Store) -> None:
    """Both for writing and for reading."""
    with pytest.raises(CampaignError, match=r"no campaign 'autumn'.*campaign list"):
        store.protocols.record("autumn", TOLD, NOON)
    with pytest.raises(CampaignError, match=r"no campaign 'autumn'.*campaign list"):
        store.protocols.of("autumn")


def test_the_chain_tells_of_it(store: Store) -> None:
    """One row more, and the chain holds with decisions after it."""
    before = store.verify_chain("spring").rows
    store.protocols.record("spring", TOLD, NOON)
    recorded = store.verify_chain("spring").rows
    store.settle("spring", offers(["A"]), NOON)

    assert (before, recorded) == (1, 2)
    assert store.verify_chain("spring").rows == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE protocols SET body = '{}'",
        "UPDATE protocols SET digest = zero",
        "UPDATE protocols SET recorded_at = '2026-03-01 00:00:00.000000'",
        "DELETE FROM protocols",
    ],
)
def test_a_protocol_that_was_changed_by_hand_is_found(store: Store, statement: str) -> None:
    """Its text, its digest, its moment, or that it is there at all."""
    store.protocols.record("spring", TOLD, NOON)
    sqlite = store.database.engine.dialect.name == "sqlite"
    zero = f"X'{'00' * 32}'" if sqlite else f"'\\x{'00' * 32}'::bytea"
    with writing(store.database) as connection:
        connection.execute(text(statement.replace("zero", zero).replace(":", "\\:")))

    with pytest.raises(LedgerError, match=r"campaign 'spring': the protocol .* is not what it tells"):
        store.verify_chain("spring")


def test_a_protocol_that_the_chain_does_not_tell_of_is_found(store: Store) -> None:
    """One that was slipped in later, digest and all."""
    store.campaigns.open(campaign(campaign_id="summer"))
    store.protocols.record("summer", TOLD, NOON)
    with writing(store.database) as connection:
        connection.execute(text("UPDATE protocols SET campaign_ref = 1"))

    with pytest.raises(LedgerError, match=r"campaign 'spring': the protocol .* is not what it tells"):
        store.verify_chain("spring")
