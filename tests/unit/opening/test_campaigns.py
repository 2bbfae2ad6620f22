"""Campaigns: drawn up from the settings, the default one opened once and only in an empty ledger."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from churn_saver.domain.campaign import Campaign
from churn_saver.errors import ArtifactError, CampaignError
from churn_saver.opening.campaigns import (
    PRICE,
    PRICE_SHA256,
    begin_default,
    campaign_for,
    default_campaign,
    read_frontier,
)
from churn_saver.opening.places import defaults_folder
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign, rules
from tests.ledgers import new_ledger

shipped = pytest.mark.skipif(
    not (defaults_folder() / "price.json").is_file(), reason="no price of budget is shipped with this tree"
)
ENV, SERVE = rules().env, rules().serve


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty ledger."""
    with open_store(new_ledger(tmp_path / "ledger.db")) as opened:
        yield opened


@shipped
def test_the_default_campaign_is_the_one_of_serve_yaml() -> None:
    """1,000.00 for 90 days under the caps of env.yaml, with a price that can be charged."""
    made = default_campaign(ENV, SERVE, NOON)

    assert (made.campaign_id, made.limit_minor, made.currency) == ("default", 100_000, "USD")
    assert made.customers == 125
    assert made.ends_at == NOON + timedelta(days=90)
    assert (made.caps.per_7_days, made.caps.cooldown_days, made.caps.allowance_units) == (1, 7, 6)
    assert (made.holdout_share, made.exploration_share) == (0.05, 0.02)
    assert made.price >= 0
    assert made.is_open(NOON)


@shipped
def test_the_documented_sample_lies_outside_the_default_holdout() -> None:
    """C12345 gets an answer with a message on a fresh server."""
    made = default_campaign(ENV, SERVE, NOON)

    assert not made.holds_out("C12345")
    assert any(made.holds_out(f"C{number:05d}") for number in range(200))


@shipped
def test_more_money_for_each_customer_costs_no_more() -> None:
    """The price of budget falls, or stays, as there is more of it."""
    tight, wide = (
        campaign_for(ENV, SERVE, NOON, campaign_id="c", limit_minor=limit, customers=1_000)
        for limit in (10_000, 100_000_000)
    )

    assert tight.price >= wide.price


def test_a_campaign_is_paced_when_told_so() -> None:
    """The default one is not, as serve.yaml says."""
    made = campaign_for(ENV, SERVE, NOON, campaign_id="c", limit_minor=100, customers=1, is_paced=True)

    assert made.is_paced
    assert not default_campaign(ENV, SERVE, NOON).is_paced


def test_a_campaign_for_nobody_is_refused() -> None:
    """Before its budget is divided by them."""
    with pytest.raises(CampaignError, match=r"'c' is meant for 0 customers, wanted 1 or more"):
        campaign_for(ENV, SERVE, NOON, campaign_id="c", limit_minor=100, customers=0)


@shipped
def test_a_campaign_keeps_how_many_it_is_meant_for(store: Store) -> None:
    """A thousand are said and a thousand are read back."""
    store.campaigns.open(campaign_for(ENV, SERVE, NOON, campaign_id="c", limit_minor=100, customers=1_000))

    assert store.campaigns.get("c").customers == 1_000


@shipped
def test_the_default_campaign_is_opened_once(store: Store) -> None:
    """A second start finds it."""
    begin_default(store, ENV, SERVE, NOON)
    begin_default(store, ENV, SERVE, NOON + timedelta(days=1))

    assert [one.starts_at for one in store.campaigns.list()] == [NOON]


def test_a_ledger_with_campaigns_gets_no_new_one(store: Store) -> None:
    """Not even when all of them are closed: that was somebody's decision."""
    store.campaigns.open(campaign())
    store.campaigns.close("spring", NOON)
    begin_default(store, ENV, SERVE, NOON)

    assert [one.campaign_id for one in store.campaigns.list()] == ["spring"]


class Overtaken:
    """A ledger in which another process opens the campaign between looking and opening."""

    def __init__(self, found: list[list[Campaign]]) -> None:
        """Take what each look finds."""
        self.found = found

    @property
    def campaigns(self) -> "Overtaken":
        """Stand in for the campaigns."""
        return self

    def list(self) -> list[Campaign]:
        """Look."""
        return self.found.pop(0)

    def open(self, made: Campaign) -> None:
        """Refuse."""
        raise CampaignError(f"campaign {made.campaign_id!r} exists already")


@shipped
def test_two_servers_starting_at_once_share_one_campaign() -> None:
    """The second finds that it is there; a refusal without one is an error."""
    begin_default(cast(Store, Overtaken([[], [campaign()]])), ENV, SERVE, NOON)

    with pytest.raises(CampaignError, match="exists already"):
        begin_default(cast(Store, Overtaken([[], []])), ENV, SERVE, NOON)


def written(folder: Path, text: str) -> None:
    """Write a price, and the hash that vouches for it."""
    (folder / PRICE).write_text(text)
    (folder / PRICE_SHA256).write_text(hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize("text", [None, "{", "[]", '{"price": [1.0]}'])
def test_a_price_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    """Missing, cut short, or something else."""
    if text is not None:
        written(tmp_path, text)

    with pytest.raises(ArtifactError, match=r"price\.json.*Install the package again"):
        read_frontier(tmp_path)


def test_a_price_is_read(tmp_path: Path) -> None:
    """Three columns of one length."""
    columns = {"budget_per_customer_minor": [1.0, 2.0], "price": [3.0, 1.0], "gain_per_customer": [5.0, 6.0]}
    written(tmp_path, json.dumps(columns))

    assert read_frontier(tmp_path).price.tolist() == [3.0, 1.0]


@pytest.mark.parametrize("vouched", [None, "", "0" * 64])
def test_a_price_that_nobody_vouches_for_is_refused_unparsed(tmp_path: Path, vouched: str | None) -> None:
    """Its hash is missing or another, so that not even its being no JSON is noticed."""
    written(tmp_path, "{")
    (tmp_path / PRICE_SHA256).unlink()
    if vouched is not None:
        (tmp_path / PRICE_SHA256).write_text(vouched)

    with pytest.raises(ArtifactError, match=r"price\.sha256 (cannot be read|says another: it was altered)"):
        read_frontier(tmp_path)
