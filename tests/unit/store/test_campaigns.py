"""Campaigns are opened, closed and listed; a limit never breaks a promise."""

from dataclasses import replace
from datetime import timedelta

import pytest

from churn_saver.errors import CampaignError
from churn_saver.store import Store, Totals
from tests.builders import NOON, campaign
from tests.unit.store.batches import DAY, offers


def test_a_campaign_comes_back_whole(store: Store) -> None:
    """Every field is read back as it was opened, nothing reserved or spent."""
    found = store.campaigns.get("spring")

    assert found == campaign()
    assert store.campaigns.totals("spring", NOON) == Totals(500_000, 500_000, 0, 0)


def test_an_id_is_taken_once(store: Store) -> None:
    """Opening the same id again is refused and changes nothing."""
    with pytest.raises(CampaignError, match="'spring' exists already"):
        store.campaigns.open(campaign(limit_minor=1))

    assert store.campaigns.get("spring").limit_minor == 500_000


def test_a_campaign_closes_once(store: Store) -> None:
    """Closing keeps the moment; a second time is refused and names it."""
    store.campaigns.close("spring", NOON)

    with pytest.raises(CampaignError, match="was closed at 2026-03-02T17:00:00"):
        store.campaigns.close("spring", NOON + DAY)
    assert store.campaigns.get("spring") == replace(campaign(), closed_at=NOON)


def test_the_list_goes_by_start(store: Store) -> None:
    """Older starts come first, whatever the order of opening."""
    store.campaigns.open(campaign(campaign_id="winter", starts_at=NOON - 50 * DAY))

    assert [one.campaign_id for one in store.campaigns.list()] == ["winter", "spring"]


def test_the_current_campaign_is_the_open_one_that_started_last(store: Store) -> None:
    """Of two open ones the newer start counts; closed, over and future ones do not."""
    store.campaigns.open(campaign(campaign_id="winter", starts_at=NOON - 50 * DAY))
    store.campaigns.open(campaign(campaign_id="future", starts_at=NOON + DAY))
    store.campaigns.open(campaign(campaign_id="over", starts_at=NOON - 2 * DAY, horizon_days=1))
    newest = store.campaigns.current(NOON)
    store.campaigns.close("spring", NOON)
    older = store.campaigns.current(NOON)
    store.campaigns.close("winter", NOON)

    assert newest is not None
    assert older is not None
    assert (newest.campaign_id, older.campaign_id) == ("spring", "winter")
    assert store.campaigns.current(NOON) is None


def test_a_price_is_kept(store: Store) -> None:
    """λ is a number from 0 up; anything else is refused."""
    store.campaigns.set_price("spring", 1.25, NOON)

    for wrong in (-0.1, float("nan"), float("inf")):
        with pytest.raises(CampaignError, match="price of campaign 'spring'"):
            store.campaigns.set_price("spring", wrong, NOON)
    assert store.campaigns.get("spring").price == 1.25


def test_a_limit_never_falls_below_what_is_promised(store: Store) -> None:
    """Three of 1.00 + 9.00, two contacts sent: 28.00 reserved, 2.00 spent, so 30.00 is the least."""
    ids = store.settle("spring", offers(["A", "B", "C"]), NOON).decision_ids
    store.outbox.sent(ids[0], NOON)
    store.outbox.sent(ids[1], NOON)

    with pytest.raises(CampaignError, match=r"28\.00 are reserved and 2\.00 spent\. The least .* 30\.00"):
        store.campaigns.set_limit("spring", 2_999, NOON)
    store.campaigns.set_limit("spring", 3_000, NOON)

    assert store.campaigns.totals("spring", NOON) == Totals(3_000, 0, 2_800, 200)


def test_a_limit_may_fall_when_promises_have_expired(store: Store) -> None:
    """On the day after the last one nothing is reserved, so the limit may fall to what is spent."""
    ids = store.settle("spring", offers(["A"]), NOON).decision_ids
    store.outbox.sent(ids[0], NOON)

    store.campaigns.set_limit("spring", 100, NOON + 17 * DAY)

    assert store.campaigns.totals("spring", NOON + 17 * DAY) == Totals(100, 0, 0, 100)


def test_unknown_campaigns_are_named(store: Store) -> None:
    """Whatever is asked of a campaign that is not there, its id and the next step are said."""
    asks = [
        lambda: store.campaigns.get("autumn"),
        lambda: store.campaigns.close("autumn", NOON),
        lambda: store.campaigns.set_price("autumn", 1.0, NOON),
        lambda: store.campaigns.set_limit("autumn", 1, NOON),
        lambda: store.campaigns.totals("autumn", NOON),
        lambda: store.verify("autumn", NOON),
        lambda: store.read("autumn", [], NOON),
        lambda: store.settle("autumn", offers(["A"]), NOON),
    ]

    for ask in asks:
        with pytest.raises(CampaignError, match=r"no campaign 'autumn'.*campaign list"):
            ask()  # type: ignore[no-untyped-call]


def test_a_campaign_ends_with_its_horizon(store: Store) -> None:
    """The first moment after 90 days belongs to no campaign."""
    last = campaign().ends_at

    assert store.campaigns.current(last - timedelta(microseconds=1)) is not None
    assert store.campaigns.current(last) is None


def test_of_several_that_run_the_newest_start_is_current(store: Store) -> None:
    """Neither one that is closed, nor over, nor still to come; of two that start alike the later row."""
    start = campaign().starts_at
    for name, days, horizon in (("long", 1, 300), ("over", 20, 5), ("shut", 22, 90), ("soon", 40, 90)):
        store.campaigns.open(
            campaign(campaign_id=name, starts_at=start + timedelta(days=days), horizon_days=horizon)
        )
    store.campaigns.close("shut", start + timedelta(days=23))

    def current(days: int) -> str | None:
        found = store.campaigns.current(start + timedelta(days=days))
        return None if found is None else found.campaign_id

    assert [current(days) for days in (0, 1, 21, 26, 41, 299, 300, 301)] == [
        "spring", "long", "over", "long", "soon", "long", "long", None,
    ]  # fmt: skip
    store.campaigns.open(campaign(campaign_id="twin", starts_at=start))
    assert current(0) == "twin"
