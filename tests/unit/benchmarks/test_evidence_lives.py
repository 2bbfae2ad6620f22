"""The simulated campaigns do what their closed forms say."""

import numpy as np
import pytest

from benchmarks.evidence_lives import REPORT_DAY, WINDOW, Plan, lives


@pytest.mark.parametrize("held_out", [(0.5, 0.5, 0.5), (0.3, 0.5, 0.6)])
def test_the_truth_is_what_many_customers_show(held_out: tuple[float, ...]) -> None:
    """A million lives, both outcomes of each: means of the treated, each within four standard errors."""
    plan = Plan(1_000_000, np.array(held_out), has_effect=True)
    drawn, truth = lives(plan, np.random.default_rng(1)), plan.truth
    treated = drawn.treated
    stays, would_stay = drawn.leaves[treated] > WINDOW, drawn.other_leaves[treated] > WINDOW
    days = np.minimum(drawn.leaves[treated], WINDOW) - np.minimum(drawn.other_leaves[treated], WINDOW)
    saved = stays.astype(float) - would_stay
    margin = drawn.bill_minor[treated] / 30 * days
    net = margin - drawn.cost_minor[treated]

    for values, expected in ((saved, truth.retained), (margin, truth.margin_minor), (net, truth.net_minor)):
        assert values.mean() == pytest.approx(expected, abs=4 * values.std() / np.sqrt(len(values)))
    assert stays.mean() / would_stay.mean() == pytest.approx(truth.retained_ratio, abs=0.002)
    assert drawn.truly_saved == saved.sum()


def test_without_an_effect_both_outcomes_are_the_same() -> None:
    """An A/A campaign: nobody's life depends on the arm, nothing is spent, and the truth is 0."""
    plan = Plan(1_000, np.full(3, 0.05), has_effect=False)
    drawn = lives(plan, np.random.default_rng(1))

    np.testing.assert_array_equal(drawn.leaves, drawn.other_leaves)
    assert drawn.cost_minor.sum() == 0
    assert (plan.truth.retained, plan.truth.margin_minor, plan.truth.net_minor) == (0, 0, 0)
    assert plan.truth.retained_ratio == pytest.approx(1)


def test_a_later_day_knows_more_and_nothing_else() -> None:
    """Who was known stays known, with the same outcome."""
    drawn = lives(Plan(2_000, np.full(3, 0.05), has_effect=True), np.random.default_rng(2))

    early, late = drawn.followed_to(REPORT_DAY), drawn.followed_to(REPORT_DAY + 60)

    assert 0.1 < 1 - early.known.mean() < 0.5
    assert late.known.all()
    np.testing.assert_array_equal(early.kept[early.known], late.kept[early.known])
