"""Each condition of the gate: what it takes to hold, and that nothing holds by silence."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.broken_caps import BrokenCaps
from churn_saver.evidence.conditions import (
    Condition,
    Gain,
    Losses,
    Replays,
    Unread,
    earns_more,
    harms_nobody,
    has_drawn_sizes,
    is_repeatable,
    keeps_caps,
    wanted_level,
)
from churn_saver.evidence.estimators import Caution
from churn_saver.evidence.fairness import Fairness, Treated, fairness, harmed
from churn_saver.evidence.sample_ratio import sample_ratio
from churn_saver.evidence.shares import Interval

MORE = Gain(Interval(0.03, 0.01, 0.05), 0.95, "of the share that stays", "randomised", (), 1_000.0)


def losses(of: float, rows: int = 400, bound: float = 0.02) -> Fairness:
    """Judge two groups of which the second loses so much, plus and minus a thousandth."""
    difference = np.where(np.arange(2 * rows) < rows, 0.0, -of) + np.resize([0.001, -0.001], 2 * rows)
    return harmed(np.arange(2 * rows), ["a"] * rows + ["b"] * rows, difference, bound)


def arms(treated: int, others: int) -> np.ndarray:
    """Give so many customers of two arms."""
    return np.arange(treated + others) < treated


def test_a_gain_clear_of_nothing_holds() -> None:
    """From .01 to .05 at 95 %."""
    found = earns_more(MORE, 0.95)

    assert found.holds
    assert found.reason == (
        "the challenger earns more: +0.03 of the share that stays, from +0.01 to +0.05 at 95 %"
    )
    assert (found.figures["low"], found.figures["level"], found.figures["way"]) == (0.01, 0.95, "randomised")


@pytest.mark.parametrize("low", [0.0, -0.001, float("nan"), float("-inf")])
def test_a_gain_that_may_be_none_does_not_hold(low: float) -> None:
    """The lower end must lie above 0; where it is no number, nothing is shown."""
    found = earns_more(replace(MORE, difference=Interval(0.03, low, 0.05)), 0.95)

    assert not found.holds
    assert "is not shown" in found.reason


def test_a_protocol_may_want_more_than_nothing() -> None:
    """At least .02 is not shown where the interval begins at .01; .009 is; −1 asks for no less than 0."""
    found = earns_more(MORE, 0.95, 0.02)

    assert not found.holds
    assert "earns more than 0.02 more is not shown" in found.reason
    assert earns_more(MORE, 0.95, 0.009).holds
    assert not earns_more(replace(MORE, difference=Interval(0.0, -0.5, 0.5)), 0.95, -1.0).holds


@pytest.mark.parametrize("caution", [Caution.FEW_EFFECTIVE_ROWS, Caution.FEW_UNITS, Caution.UNBALANCED])
def test_an_interval_that_cannot_be_trusted_does_not_hold(caution: Caution) -> None:
    """However far it lies from 0."""
    found = earns_more(replace(MORE, cautions=(caution,)), 0.95)

    assert not found.holds
    assert str(caution) in found.reason


def test_cut_weights_are_in_the_interval_and_stop_nothing() -> None:
    """`clipped` widened it already."""
    assert earns_more(replace(MORE, cautions=(Caution.CLIPPED,)), 0.95).holds


def test_estimated_propensities_are_held_to_a_fifth_of_the_error() -> None:
    """99 % in place of 95 %, 99.8 % in place of 99 %: a 95 % interval is not enough."""
    estimated = replace(MORE, cautions=(Caution.ESTIMATED,))

    assert wanted_level(0.95, True) == pytest.approx(0.99)
    assert wanted_level(0.99, True) == pytest.approx(0.998)
    assert wanted_level(0.95, False) == 0.95
    assert not earns_more(estimated, 0.95).holds
    assert "99 % is wanted" in earns_more(estimated, 0.95).reason
    assert earns_more(replace(estimated, level=0.99), 0.95).holds


def test_an_early_look_wants_a_wider_interval() -> None:
    """At a level of .997 a 95 % interval says too little."""
    assert not earns_more(MORE, 0.997).holds
    assert earns_more(replace(MORE, level=0.997), 0.997).holds


def test_one_broken_limit_is_enough_to_fail() -> None:
    """Named with its count; none broken holds."""
    broken = keeps_caps(BrokenCaps(100, 80, {"1 in 7 days": 0, "budget": 1}))

    assert not broken.holds
    assert broken.reason == "limits were broken in 100 contacts of 80 customers: budget 1 times"
    assert keeps_caps(BrokenCaps(100, 80, {"budget": 0})).holds


def test_groups_that_lose_less_than_the_bound_hold() -> None:
    """A loss of .005 against .02; the verdict keeps every group."""
    found = harms_nobody(Losses({"gender": losses(0.005)}))
    groups = found.figures["groups"]

    assert found.holds
    assert isinstance(groups, list)
    assert [(one["column"], one["group"], one["customers"]) for one in groups] == [
        ("gender", "a", 400),
        ("gender", "b", 400),
    ]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (losses(0.05), "Worse than the bound: senior: loss of b."),
        (losses(0.02), "Nobody can tell yet: senior: loss of b."),
        (losses(0.0, rows=20), "Nobody can tell yet: senior: loss of a; senior: loss of b."),
    ],
)
def test_a_group_that_loses_more_or_of_which_it_is_not_known_fails(found: Fairness, told: str) -> None:
    """.05 is more than .02 for certain, .02 is on the edge, 20 customers say nothing."""
    condition = harms_nobody(Losses({"gender": losses(0.0), "senior": found}))

    assert not condition.holds
    assert condition.reason == told


def test_an_override_in_writing_holds_and_is_kept() -> None:
    """What it overrides stands beside it."""
    found = harms_nobody(Losses({"senior": losses(0.05)}, override="law 7: seniors get their own offer"))

    assert found.holds
    assert found.figures["override"] == "law 7: seniors get their own offer"
    assert found.reason == (
        "Worse than the bound: senior: loss of b. Overridden: law 7: seniors get their own offer"
    )


def test_no_column_stated_is_no_pass() -> None:
    """Nobody was looked at, so nobody can be said to be well."""
    assert not harms_nobody(Losses({})).holds
    assert harms_nobody(Losses({}, override="no columns are kept")).holds


def test_an_override_that_says_nothing_is_refused() -> None:
    """As `watch` refuses it: it is read by somebody who was not there."""
    with pytest.raises(InputError, match="wanted the reason and who decided, in 3 words at least"):
        harms_nobody(Losses({}, override=""))


def test_a_measure_beside_the_loss_goes_by_its_name() -> None:
    """Contact rates of .5 and .3 with a bound of .05; the loss of the same groups is within its own."""
    contacted = np.concatenate([np.arange(400) < 200, np.arange(400) < 120])
    nothing = np.zeros(800, dtype=np.bool_)
    treated = Treated(contacted, nothing, nothing.astype(np.int64))
    (rate,) = fairness(np.arange(800), ["a"] * 400 + ["b"] * 400, treated, {"contact_rate": 0.05})

    found = harms_nobody(Losses({"senior": losses(0.0), "senior (contact_rate)": rate}))

    assert found.reason == "Worse than the bound: senior (contact_rate) of b."
    assert found.figures["outcome"] == "worse than bounds"


def test_a_column_that_could_not_be_looked_at_is_no_pass() -> None:
    """Beside one that is well, and by itself; an override in writing lets it."""
    gone = ("no customer has a column city",)

    assert not harms_nobody(Losses({"gender": losses(0.0)}, gone)).holds
    assert harms_nobody(Losses({}, gone)).reason == f"Nobody can tell yet: {gone[0]}."
    assert harms_nobody(Losses({}, gone, "cities are new")).holds


@pytest.mark.parametrize(
    ("replays", "told"),
    [
        (Replays("B", 0, (), ()), "no decision of B was made again, wanted one at least"),
        (Replays("B", 9, ("d1", "d2"), ()), "2 of 9 decisions of B, made again, differ; the first is d1"),
        (Replays("B", 9, (), ("no models",)), "1 of 9 decisions of B, made again, could not be: no models"),
    ],
)
def test_decisions_that_differ_or_cannot_be_made_again_fail(replays: Replays, told: str) -> None:
    """One is enough, and so is none at all."""
    found = is_repeatable(replays)

    assert (found.holds, found.reason) == (False, told)


def test_decisions_that_come_out_the_same_hold() -> None:
    """Fifty of fifty."""
    assert is_repeatable(Replays("B", 50, (), ())).holds


def test_arms_of_the_wrong_size_fail() -> None:
    """500 of 1,000 where one half was drawn, and 500 where one fifth was; one pair is enough."""
    even = sample_ratio(arms(500, 500), np.full(1_000, 0.5))
    skewed = sample_ratio(arms(500, 500), np.full(1_000, 0.2))

    assert has_drawn_sizes({"challenger against champion": even}).holds
    found = has_drawn_sizes({"treated against holdout": even, "challenger against champion": skewed})

    assert not found.holds
    assert "Challenger against champion: The arms do not have the sizes" in found.reason
    assert not has_drawn_sizes({}).holds


@pytest.mark.parametrize(
    "condition",
    [
        earns_more(Unread("why"), 0.95),
        keeps_caps(Unread("why")),
        harms_nobody(Unread("why")),
        is_repeatable(Unread("why")),
        has_drawn_sizes(Unread("why")),
    ],
    ids=lambda one: one.name,
)
def test_what_could_not_be_read_does_not_hold(condition: Condition) -> None:
    """Its reason is why it could not."""
    assert (condition.holds, condition.reason) == (False, "why")
