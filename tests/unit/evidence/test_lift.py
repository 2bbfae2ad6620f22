"""Lift against hand numbers, every assignment of a tiny trial, and campaigns whose truth is known."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.evidence_lift import aa_alarms, coverage
from benchmarks.evidence_lives import REPORT_DAY, Lives, Plan, lives
from churn_saver.errors import InputError
from churn_saver.evidence.followed import Followed, State
from churn_saver.evidence.lift import Lift, lift
from churn_saver.evidence.looks import looks
from tests.faults.sizes import sized

CAMPAIGNS = sized(200, 1_000)
CUSTOMERS = 2_000


def of_counts(stayed: int, treated: int, other: int, held_out: int, share: float = 0.5) -> Followed:
    """Give customers who are all known: so many of so many stay, in either arm; each brings 100, costs 5."""
    n = treated + held_out
    place = np.arange(n)
    inside = place < treated
    kept = np.where(inside, place < stayed, place - treated < other)
    return Followed.checked(
        treated=inside,
        arm_probability=np.where(inside, 1 - share, share),
        state=np.where(kept, State.RETAINED, State.CHURNED),
        days=np.where(kept, 30.0, 10.0),
        margin_minor=np.where(kept, 100.0, 0.0),
        cost_minor=np.where(inside, 5.0, 0.0),
        window_days=30,
    )


def drawn(seed: int, customers: int = CUSTOMERS) -> Lives:
    """Draw a campaign with an effect."""
    return lives(Plan(customers, np.full(3, 0.05), has_effect=True), np.random.default_rng(seed))


def figures_of(found: Lift) -> list[float]:
    """List every figure and end that rows could change."""
    effects = (found.retained, found.margin_minor, found.net_minor)
    ends = [end for one in effects for end in (one.difference.value, one.difference.low, one.difference.high)]
    arms = (found.treated, found.holdout)
    return ends + [one.smallest for one in effects] + [arm.retained.low for arm in arms] + [found.saved.low]


def test_a_campaign_by_hand() -> None:
    """56 of 70 stay, and 48 of 80 held out: Newcombe (1998, table II, method 10) gives .2 (.0524 to .3339).

    Saved are 70 times that. A customer brings 80 and costs 5, a held out one brings 60: 15 net, 1,050 in all.
    """
    found = lift(of_counts(56, 70, 48, 80, share=8 / 15))

    assert found.retained.difference.value == pytest.approx(0.2)
    assert (found.retained.difference.low, found.retained.difference.high) == pytest.approx(
        (0.0524, 0.3339), abs=5e-5
    )
    assert (found.saved.value, found.saved.low) == pytest.approx((14, 70 * 0.0524), abs=4e-3)
    assert found.margin_minor.difference.value == pytest.approx(20)
    assert found.net_minor.difference.value == pytest.approx(15)
    assert found.earned_minor.value == pytest.approx(1_050)
    assert found.retained.ratio is not None
    assert found.retained.ratio.value == pytest.approx(4 / 3)
    assert not found.sample_ratio.is_mismatch


def test_the_arms_are_told_as_they_were_seen() -> None:
    """Counts, shares and means of the treated are plain; all are known, so none is pending."""
    found = lift(of_counts(56, 70, 48, 80))

    assert (found.treated.customers, found.treated.known, found.treated.pending) == (70, 70, 0)
    assert (found.treated.retained.value, found.treated.effective_size) == pytest.approx((0.8, 70))
    assert (found.treated.margin_minor.value, found.treated.cost_minor.value) == pytest.approx((80, 5))
    assert (found.holdout.retained.value, found.holdout.cost_minor.value) == pytest.approx((0.6, 0))
    assert found.holdout.median_days == 30


def test_over_all_assignments_of_a_trial_the_mean_difference_is_the_effect() -> None:
    """Seven customers, both potential outcomes written down, each of the 35 ways to treat four.

    Treated they stay in 5 cases of 7, else in 3; they bring 10, 0, 40, 20, 0, 70, 5, else less: the means
    over all assignments are the true differences, 2/7 and (145 − 80)/7.
    """
    stays, would_stay = np.array([1, 0, 1, 1, 0, 1, 1]), np.array([0, 0, 1, 1, 0, 1, 0])
    brings, would_bring = np.array([10.0, 0, 40, 20, 0, 70, 5]), np.array([5.0, 0, 40, 20, 0, 15, 0])
    shares, money = [], []
    for four in combinations(range(7), 4):
        treated = np.isin(np.arange(7), four)
        kept = np.where(treated, stays, would_stay)
        found = lift(
            Followed.checked(
                treated=treated,
                arm_probability=np.where(treated, 4 / 7, 3 / 7),
                state=np.where(kept, State.RETAINED, State.CHURNED),
                days=np.where(kept, 30.0, 3.0),
                margin_minor=np.where(treated, brings, would_bring),
                window_days=30,
            )
        )
        shares.append(found.retained.difference.value)
        money.append(found.margin_minor.difference.value)

    assert np.mean(shares) == pytest.approx(2 / 7)
    assert np.mean(money) == pytest.approx(65 / 7)


def test_pending_customers_are_no_leavers() -> None:
    """Forty more who are pending since their first day change no figure, and are counted."""
    known = of_counts(56, 70, 48, 80)
    pending = replace(
        known,
        treated=np.append(known.treated, np.arange(40) % 2 == 0),
        arm_probability=np.append(known.arm_probability, np.full(40, 0.5)),
        state=np.append(known.state, np.full(40, State.PENDING)),
        days=np.append(known.days, np.zeros(40)),
        margin_minor=np.append(known.margin_minor, np.full(40, np.nan)),
        cost_minor=np.append(known.cost_minor, np.full(40, np.nan)),
    )

    found, before = lift(pending), lift(known)

    assert (found.treated.pending, found.holdout.pending) == (20, 20)
    assert found.retained.difference.value == pytest.approx(before.retained.difference.value)
    assert found.net_minor.difference.value == pytest.approx(before.net_minor.difference.value)
    assert found.treated.effective_size == pytest.approx(70)


def test_counting_pending_as_lost_would_be_wrong_and_waiting_right() -> None:
    """One campaign on day 160 and after everybody's window: the shares agree within their intervals."""
    campaign = drawn(1, 20_000)
    early, late = campaign.followed_to(REPORT_DAY), campaign.followed_to(400)

    found, final = lift(early), lift(late)

    assert 0.2 < found.treated.pending / found.treated.customers < 0.5
    assert found.treated.retained.low < final.treated.retained.value < found.treated.retained.high
    assert early.kept[early.treated].mean() < final.treated.retained.value - 0.1
    assert found.treated.effective_size < final.treated.effective_size


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_rows_has_no_say(seed: int) -> None:
    """Rows shuffled, figures the same."""
    followed = drawn(2, 300).followed_to(REPORT_DAY)
    order = np.random.default_rng(seed).permutation(300)
    columns = ("treated", "arm_probability", "state", "days", "margin_minor", "cost_minor")
    shuffled = replace(followed, **{name: getattr(followed, name)[order] for name in columns})

    assert figures_of(lift(shuffled)) == pytest.approx(figures_of(lift(followed)))


def test_money_in_other_units_is_the_same_money() -> None:
    """A hundred times the minor units: a hundred times the ends, and the same ratio and shares."""
    followed = drawn(3).followed_to(REPORT_DAY)
    larger = replace(followed, margin_minor=followed.margin_minor * 100, cost_minor=followed.cost_minor * 100)

    one, other = lift(followed), lift(larger)

    assert other.net_minor.difference.low == pytest.approx(100 * one.net_minor.difference.low)
    assert other.earned_minor.high == pytest.approx(100 * one.earned_minor.high)
    assert other.net_minor.ratio is not None
    assert one.net_minor.ratio is not None
    assert other.net_minor.ratio.low == pytest.approx(one.net_minor.ratio.low)
    assert other.retained == one.retained


def test_arms_the_other_way_round_turn_the_effect_over() -> None:
    """Drawn with one half, the arms may change names: differences change sign, ends change places."""
    followed = lives(Plan(800, np.full(3, 0.5), has_effect=True), np.random.default_rng(5)).followed_to(
        REPORT_DAY
    )

    one, other = lift(followed), lift(replace(followed, treated=~followed.treated))

    for effect, turned in ((one.retained, other.retained), (one.net_minor, other.net_minor)):
        assert (effect.difference.low, effect.difference.high) == pytest.approx(
            (-turned.difference.high, -turned.difference.low)
        )


def test_margin_that_everybody_brings_anyway_is_no_effect() -> None:
    """1,000 more for each customer, pending or not: arms move together, their difference stays."""
    followed = drawn(6).followed_to(REPORT_DAY)

    one, richer = lift(followed), lift(replace(followed, margin_minor=followed.margin_minor + 1_000))

    assert richer.holdout.margin_minor.value == pytest.approx(one.holdout.margin_minor.value + 1_000)
    assert richer.margin_minor.difference.low == pytest.approx(one.margin_minor.difference.low)
    assert richer.earned_minor.high == pytest.approx(one.earned_minor.high)


def test_a_holdout_share_that_changed_on_the_way_is_no_effect() -> None:
    """Half entered long ago, two in five held out, 60 % stay; half lately, one in twenty, 95 % stay.

    Nobody is affected. Taken as one, the treated come more often from the second half and stay more often:
    by some eleven points. By strata the interval of 99.9 % holds 0, though most of that half are pending.
    """
    rng = np.random.default_rng(7)
    n = 20_000
    lately = np.arange(n) >= n // 2
    held_out = np.where(lately, 0.05, 0.4)
    treated = rng.random(n) >= held_out
    leaves = np.ceil(rng.exponential(np.where(lately, -30 / np.log(0.95), -30 / np.log(0.6))))
    followed_days = np.where(lately, rng.integers(10, 36, n), 60)
    has_left = leaves <= np.minimum(followed_days, 30)
    state = np.where(has_left, State.CHURNED, np.where(followed_days < 30, State.PENDING, State.RETAINED))
    followed = Followed.checked(
        treated=treated,
        arm_probability=np.where(treated, 1 - held_out, held_out),
        state=state,
        days=np.where(has_left, leaves, followed_days),
        margin_minor=np.minimum(leaves, 30),
        window_days=30,
    )

    found = lift(followed, 0.999)
    as_one = lift(replace(followed, arm_probability=np.where(treated, 0.775, 0.225)))

    assert found.retained.difference.low < 0 < found.retained.difference.high
    assert found.margin_minor.difference.low < 0 < found.margin_minor.difference.high
    assert found.holdout.retained.value == pytest.approx(0.6 * 0.387 + 0.95 * 0.613, abs=0.02)
    assert as_one.retained.difference.low > 0.08


def test_a_higher_level_holds_more_and_shows_the_same_smallest_effect() -> None:
    """What the sample can show is told at 95 %, at whatever level a look is judged."""
    followed = drawn(4).followed_to(REPORT_DAY)

    usual, stricter = lift(followed), lift(followed, 0.999)

    for effect, wider in ((usual.retained, stricter.retained), (usual.net_minor, stricter.net_minor)):
        assert wider.difference.low < effect.difference.low < effect.difference.high < wider.difference.high
        assert wider.smallest == pytest.approx(effect.smallest)


def test_the_earliest_look_still_has_an_interval() -> None:
    """At the level of a look at a hundredth of what will be known every end is a number."""
    found = lift(drawn(4).followed_to(REPORT_DAY), looks([0.01])[0].level)

    assert np.isfinite(figures_of(found)).all()
    assert found.retained.difference.high - found.retained.difference.low > 0.4


def test_where_nobody_leaves_the_sample_still_has_a_smallest_effect() -> None:
    """All of 200 and all of 20 stay: no difference, an interval with a length, no claim to see all."""
    found = lift(of_counts(200, 200, 20, 20))

    assert found.retained.difference.value == 0
    assert found.retained.difference.low < 0 < found.retained.difference.high
    assert found.retained.smallest > 0.1


def test_a_window_that_nobody_reached_is_refused() -> None:
    """The holdout has been followed for 12 days: the message says so and what to do."""
    followed = of_counts(5, 10, 5, 10)
    state, days = followed.state.copy(), followed.days.copy()
    state[10:], days[10:] = State.PENDING, 12.0

    with pytest.raises(InputError, match=r"nobody of the holdout has been followed .* longest for 12 days"):
        lift(replace(followed, state=state, days=days))


@pytest.mark.parametrize("held_out", [(0.05, 0.05, 0.05), (0.05, 0.1, 0.2)])
def test_intervals_hold_the_truth(held_out: tuple[float, ...]) -> None:
    """One in twenty held out, or by kind of customer; a third pending; money skewed; truth in closed form.

    200 campaigns at .95: standard deviation √(.95 · .05 / 200) = .0154, and four of them are .062.
    """
    found = coverage(Plan(CUSTOMERS, np.array(held_out), has_effect=True), CAMPAIGNS, seed=1)
    tolerance = 4 * np.sqrt(0.95 * 0.05 / CAMPAIGNS)

    assert set(found) == {"share", "ratio", "margin", "net", "net_ratio", "saved"}
    for name, share in found.items():
        assert share >= 0.95 - tolerance, name


def test_five_looks_at_a_campaign_without_effect_rarely_find_one() -> None:
    """At the looks' levels at most .05 and three standard deviations of .0154; at 95 % each, more often."""
    found = aa_alarms(Plan(CUSTOMERS, np.full(3, 0.05), has_effect=False), CAMPAIGNS, seed=1)

    assert found["spent"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / CAMPAIGNS)
    assert found["naive"] > found["spent"]
