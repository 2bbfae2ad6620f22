"""The first line says what the protocol asked about, and says too small before anything else."""

from typing import Any

import numpy as np
import pytest

from churn_saver.evidence.followed import Followed, State
from churn_saver.evidence.lift import Lift, lift
from churn_saver.pipeline.headlines import headline
from tests.unit.pipeline.test_looking import protocol


def of(n: int, treated_gain: float, cost: float = 0.0, skewed: bool = False) -> Lift:
    """Give n customers of either arm who all stay; margins swing by 10.00 around 50.00, the treated gain."""
    place = np.arange(2 * n)
    treated = place < n
    margin = 5_000 + np.where(place % 2 == 0, 1_000, -1_000) + np.where(treated, 100 * treated_gain, 0.0)
    own = 0.1 if skewed else 0.5
    return lift(
        Followed.checked(
            treated=treated, arm_probability=np.where(treated, own, 1 - own),
            state=np.full(2 * n, State.RETAINED), days=np.full(2 * n, 30.0), margin_minor=margin,
            cost_minor=np.where(treated, 100 * cost, 0.0), window_days=30,
        )
    )  # fmt: skip


def said(found: Lift, **changes: Any) -> tuple[str, bool]:
    """Give the first line under a protocol of money."""
    return headline(found, protocol(metric="margin", **({"wanted_effect": 2.0} | changes)), "USD")


def test_who_stays_is_worded_by_the_evidence() -> None:
    """With the protocol's wanted difference, or without one: half of those who leave."""
    found = of(50, 0.0)
    line, too_small = headline(found, protocol(wanted_effect=0.5), "USD")

    assert line.startswith("No effect on who stays was found")
    assert not too_small
    assert headline(found, None, "USD")[1]


def test_a_campaign_that_earned_says_so() -> None:
    """1,000 of either arm gain 5.00 and cost 1.00: 4.00 a customer, 4,000.00 in all."""
    line, too_small = said(of(1_000, 5.0, cost=1.0))

    assert line.startswith("The campaign earned money: 4.00 (from 3.")
    assert "USD a customer at 95.0 %, less what it cost, which is 4,000.00 (from 3," in line
    assert not too_small


def test_a_campaign_that_lost_says_so() -> None:
    """It gains nothing and costs 3.00."""
    line, _ = said(of(1_000, 0.0, cost=3.0))

    assert line.startswith("The campaign lost money: −3.00 (from −3.")
    assert "which is −3,000.00" in line


def test_none_found_says_what_would_have_been() -> None:
    """10.00 either way, √(2·100²·…/1,000): 2.80 standard errors of .447 are 1.25."""
    line, too_small = said(of(1_000, 0.0))

    assert line.startswith("That the campaign earned or lost money was not found: 0.00 (from −0.88 to 0.88)")
    assert "1.25 USD a customer would have been found in 80 % of such campaigns" in line
    assert not too_small


def test_too_small_comes_before_an_effect() -> None:
    """Twenty of either arm show 9.1 a customer, and 2.00 are asked for, whatever was seen."""
    line, too_small = said(of(20, 50.0))

    assert line.startswith("This campaign is too small to say whether it earned money: 40 customers show")
    assert "and 2.00 are asked for. Seen: 50.00" in line
    assert too_small


def test_arms_of_the_wrong_sizes_come_first() -> None:
    """One in ten was to be treated, and half were."""
    line, _ = said(of(1_000, 5.0, skewed=True))

    assert line.startswith("The arms do not have the sizes that were drawn for")


@pytest.mark.parametrize("wanted", [0.5, 1.2, 1.3, 5.0])
def test_too_small_is_where_less_is_asked_than_can_be_shown(wanted: float) -> None:
    """1.25 can be shown."""
    assert said(of(1_000, 0.0), wanted_effect=wanted)[1] == (wanted < 1.25)
