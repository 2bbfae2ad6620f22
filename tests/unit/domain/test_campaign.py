"""Campaigns: when they run, and the keyed hashes that make draws sticky."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from churn_saver.domain.campaign import Campaign, Caps
from churn_saver.errors import CampaignError

START = datetime(2026, 3, 1, tzinfo=UTC)
CAMPAIGN = Campaign(
    "spring", START, 90, 500_000, 1_000, "USD", 0.5, 0.05, 0.0, Caps(1, 2, 2, 7, 6), salt="salt"
)


def test_a_campaign_runs_from_start_to_horizon() -> None:
    """Open at its first moment, over at the end of day 90, closed when closed."""
    assert CAMPAIGN.is_open(START)
    assert not CAMPAIGN.is_open(START - timedelta(seconds=1))
    assert not CAMPAIGN.is_open(START + timedelta(days=90))
    assert not replace(CAMPAIGN, closed_at=START).is_open(START)


def test_days_left_counts_begun_days() -> None:
    """90 on the first moment, 90 an hour later, 1 in the last hour."""
    assert CAMPAIGN.days_left(START) == 90
    assert CAMPAIGN.days_left(START + timedelta(hours=1)) == 90
    assert CAMPAIGN.days_left(START + timedelta(days=90, hours=-1)) == 1


def test_periods_are_fixed_thirty_days() -> None:
    """Day 29 lies in the first period, day 30 begins the second."""
    assert CAMPAIGN.period_start(START + timedelta(days=29, hours=23)) == START
    assert CAMPAIGN.period_start(START + timedelta(days=30)) == START + timedelta(days=30)


def test_the_holdout_is_sticky_and_has_its_share() -> None:
    """5 % of 20,000 ids within 4 standard errors (154 = 4·sqrt(.05·.95·20000)), the same each time."""
    held = [CAMPAIGN.holds_out(f"C{i}") for i in range(20_000)]

    assert abs(sum(held) - 1_000) < 4 * (0.05 * 0.95 * 20_000) ** 0.5
    assert held == [CAMPAIGN.holds_out(f"C{i}") for i in range(20_000)]


def test_draws_depend_on_salt_campaign_and_key() -> None:
    """Another salt, campaign or number is another draw."""
    draws = {
        CAMPAIGN.uniform("C1", 0),
        CAMPAIGN.uniform("C1", 1),
        replace(CAMPAIGN, salt="other").uniform("C1", 0),
        replace(CAMPAIGN, campaign_id="autumn").uniform("C1", 0),
    }

    assert len(draws) == 4
    assert all(0 <= CAMPAIGN.uniform("x", i) < 1 for i in range(100))


def test_impossible_campaigns_are_refused() -> None:
    """A start without a zone and a negative limit name themselves."""
    with pytest.raises(CampaignError, match="without a zone"):
        replace(CAMPAIGN, starts_at=START.replace(tzinfo=None))
    with pytest.raises(CampaignError, match="limit -1"):
        replace(CAMPAIGN, limit_minor=-1)


@pytest.mark.parametrize("customers", [0, -5])
def test_a_campaign_is_meant_for_somebody(customers: int) -> None:
    """A budget for nobody has no price."""
    with pytest.raises(
        CampaignError, match=rf"'spring' is meant for {customers} customers, wanted 1 or more"
    ):
        replace(CAMPAIGN, customers=customers)
