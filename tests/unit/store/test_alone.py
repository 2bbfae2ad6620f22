"""What a settlement holds of one customer alone: the same that it would find part by part."""

from dataclasses import replace
from datetime import datetime

import pytest

from churn_saver.domain.campaign import Caps
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import CampaignError
from churn_saver.store import Store, open_store
from churn_saver.store.alone import Held, held, look_again
from churn_saver.store.database import Database, connect
from churn_saver.store.settling import judge
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers, silence
from tests.unit.store.test_dossier import LOOSE, lived
from tests.writing import writing

IDS = [f"C{row}" for row in range(8)]


@pytest.fixture
def database(store: Store, url: str) -> Database:
    """Give another way to the books of `store`."""
    return connect(url, create=False)


def seen(database: Database, campaign_id: str, customer_id: str, now: datetime) -> Held:
    """Hold one customer for a moment."""
    with writing(database) as connection:
        return held(connection, campaign_id, [customer_id], now)


def test_it_looks_at_number_contacts_and_switch_again(store: Store, database: Database) -> None:
    """At the last number in its campaign, at contacts in any, and at the switch."""
    store.campaigns.open(campaign(campaign_id="other", caps=LOOSE))
    store.settle("spring", offers(["A"]), NOON)
    store.settle("other", offers(["A", "B"], at=NOON + DAY), NOON + DAY)
    store.settle("other", offers(["A"], numbers=1, at=NOON + 2 * DAY), NOON + 2 * DAY)

    before = seen(database, "spring", "A", NOON + 2 * DAY).again
    store.set_control(baseline=False, stopped=True, by="ops", now=NOON)
    after = seen(database, "other", "B", NOON + 2 * DAY).again
    elsewhere = seen(database, "spring", "B", NOON + 2 * DAY).again
    database.close()

    assert before is not None
    assert after is not None
    assert elsewhere is not None
    assert (before.last_number, before.is_stopped) == (0, False)
    assert sorted(before.contacted_at) == [NOON, NOON + DAY, NOON + 2 * DAY]
    assert (after.last_number, list(after.contacted_at), after.is_stopped) == (0, [NOON + DAY], True)
    assert (elsewhere.last_number, list(elsewhere.contacted_at)) == (None, [NOON + DAY])


def test_of_old_contacts_only_the_last_is_told(store: Store, database: Database) -> None:
    """A cooldown may be longer than any count looks back; within a month all contacts are told."""
    store.campaigns.open(campaign(campaign_id="long", caps=LOOSE, horizon_days=365))
    for number, days in enumerate((0, 3)):
        at = NOON + days * DAY
        store.settle("long", offers(["A"], numbers=number, at=at), at)

    told = [seen(database, "long", "A", NOON + days * DAY).again for days in (30, 33, 34, 80)]
    database.close()

    first, last = NOON, NOON + 3 * DAY
    assert [sorted(one.contacted_at) for one in told if one] == [[first, last], [last], [last], [last]]


@pytest.mark.parametrize("seed", range(4))
def test_it_judges_as_part_by_part(store: Store, database: Database, seed: int) -> None:
    """Customers with 80 days behind them, under caps that bind, at several moments."""
    lived(store, IDS, seed)
    tight = Caps(per_7_days=1, per_30_days=2, per_period=9, cooldown_days=45, allowance_units=9)
    flags = set()
    for day in (80, 86, 100):
        now = NOON + day * DAY
        for one in IDS:
            with writing(database) as connection:
                found = held(connection, "long", [one], now)
                books = replace(found.books, campaign=replace(found.books.campaign, caps=tight))
                (row,) = found.known.values()
                assert look_again(connection, "long", row.ref, now) == found.again
                for wanted in proposed(one, found, now):
                    at_once = judge(connection, books, wanted, found.known, now, found.again)
                    assert at_once == judge(connection, books, wanted, found.known, now)
                    flags.add(at_once[0])
    database.close()

    assert len(flags) > 3


def proposed(one: str, found: Held, now: datetime) -> list[Proposals]:
    """Propose a contact or silence, with the number that comes next or an older one."""
    last = None if found.again is None else found.again.last_number
    number = 0 if last is None else last + 1
    return [offers([one], numbers=number, at=now), offers([one], at=now), silence([one], number)]


def test_strangers_and_several_are_left_to_be_asked_for(store: Store, database: Database) -> None:
    """As are ids that may stand in another spelling; the campaign is held all the same."""
    store.settle("spring", offers(["A", "B"]), NOON)
    with writing(database) as connection:
        for ids in (["C"], ["A", "B"], [], ["\u00e9"]):
            found = held(connection, "spring", ids, NOON)
            assert (found.known, found.again) == ({}, None)
            assert found.books.totals.reserved_minor == 2_000
        assert held(connection, None, ["A"], NOON).books.ref is None
    database.close()


def test_a_campaign_that_is_not_there_is_named(store: Store, database: Database) -> None:
    """Of a customer who is there, too."""
    store.settle("spring", offers(["A"]), NOON)
    with pytest.raises(CampaignError, match="there is no campaign 'autumn'"):
        seen(database, "autumn", "A", NOON)
    database.close()


def test_what_has_expired_is_made_void_in_passing(store: Store, url: str, database: Database) -> None:
    """Held through 2026-03-18; what the books say afterwards is whole, and so is the chain."""
    store.settle("spring", offers(["A"]), NOON)
    books = seen(database, "spring", "A", NOON + 17 * DAY).books
    database.close()

    assert books.totals.reserved_minor == 0
    with open_store(url) as again:
        assert again.verify("spring", NOON).reserved_minor == 0
        again.verify_chain("spring")
