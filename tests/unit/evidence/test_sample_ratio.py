"""The sample-ratio check, against scipy, every count of a small campaign, and planted skews."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from churn_saver.errors import InputError
from churn_saver.evidence.sample_ratio import ALPHA, chance_of_finding, sample_ratio, size_to_find


def arms(treated: int, customers: int) -> np.ndarray:
    """Put so many of so many in the treated arm."""
    return np.arange(customers) < treated


def test_the_p_value_of_three_in_ten_by_hand() -> None:
    """Both tails of 0 to 3 of 10 at one half: 2 · (1 + 10 + 45 + 120) / 1,024 = .34375."""
    found = sample_ratio(arms(3, 10), np.full(10, 0.5))

    assert found.p_value == pytest.approx(0.34375)
    assert (found.customers, found.treated, found.expected) == (10, 3, 5)


@pytest.mark.parametrize("count", [450, 470, 500, 533])
def test_at_one_half_it_is_scipys_binomial_test(count: int) -> None:
    """The two-sided tests agree where the law is symmetric."""
    found = sample_ratio(arms(count, 1_000), np.full(1_000, 0.5))

    assert found.p_value == pytest.approx(binomtest(count, 1_000, 0.5).pvalue)


def test_nobody_treated_of_four_is_the_chance_of_just_that() -> None:
    """With a holdout of .05: 2 · .05⁴."""
    found = sample_ratio(arms(0, 4), np.full(4, 0.95))

    assert found.p_value == pytest.approx(2 * 0.05**4)
    assert found.is_mismatch


def test_no_count_of_a_sound_campaign_makes_it_err_more_often_than_alpha() -> None:
    """Every count of 200 customers at .95, by its chance: refused in at most `ALPHA` of campaigns."""
    refused = [
        binom.pmf(count, 200, 0.95) * sample_ratio(arms(count, 200), np.full(200, 0.95)).is_mismatch
        for count in range(201)
    ]

    assert 0 < sum(refused) <= ALPHA


@pytest.mark.parametrize("skewed", [0.85, 0.99])
def test_the_chance_of_finding_is_the_sum_over_all_counts(skewed: float) -> None:
    """Every count of 300 customers that is refused, by its chance under the skew."""
    found = sum(
        binom.pmf(count, 300, skewed) * sample_ratio(arms(count, 300), np.full(300, 0.95)).is_mismatch
        for count in range(301)
    )

    assert chance_of_finding(300, 0.95, skewed) == pytest.approx(found, abs=1e-12)


@pytest.mark.parametrize(
    ("share", "skewed", "size"),
    [(0.95, 0.93, 4_471), (0.5, 0.48, 19_904)],
)
def test_a_skew_of_two_points_is_found_99_times_in_100(share: float, skewed: float, size: int) -> None:
    """At 4,471 customers with one in twenty held out, at 19,904 with half: exactly, and at sizes above."""
    assert size_to_find(share, skewed) == size
    assert all(chance_of_finding(n, share, skewed) >= 0.99 for n in range(size, size + size // 10, 37))
    # The normal law wants (3.29·√(p(1−p)) + 2.33·√(q(1−q)))² / .02², within 5 % of it.
    spread = 3.2905 * np.sqrt(share * (1 - share)) + 2.3263 * np.sqrt(skewed * (1 - skewed))
    assert size == pytest.approx((spread / 0.02) ** 2, rel=0.05)


def test_a_planted_skew_is_found_in_campaigns() -> None:
    """200 campaigns of 4,471 that lost customers: eight or more are missed with chance .1 %."""
    rng = np.random.default_rng(1)
    recorded = np.full(4_471, 0.95)

    found = [sample_ratio(rng.random(4_471) < 0.93, recorded).is_mismatch for _ in range(200)]

    assert sum(found) >= 193


def test_several_probabilities_are_each_held_to() -> None:
    """Too many treated in one half and too few in the other: the sum is right, the strata are not."""
    probability = np.repeat([0.5, 0.9], 1_000)
    treated = np.concatenate([arms(600, 1_000), arms(800, 1_000)])

    found = sample_ratio(treated, probability)

    assert found.treated == 1_400
    assert found.expected == pytest.approx(1_400)
    assert found.is_mismatch


def test_several_probabilities_that_all_lean_one_way_are_found_together() -> None:
    """Forty probabilities, each three points short: no stratum says so alone, the sum does."""
    rng = np.random.default_rng(2)
    probability = np.repeat(np.linspace(0.3, 0.7, 40), 500)

    assert sample_ratio(rng.random(20_000) < probability - 0.03, probability).is_mismatch


def test_sound_campaigns_of_several_probabilities_are_let_pass() -> None:
    """In 400 campaigns an alarm at `ALPHA` is expected .4 times; four or more has chance .1 %."""
    rng = np.random.default_rng(3)
    probability = np.repeat([0.5, 0.8, 0.95], 300)

    alarms = [sample_ratio(rng.random(900) < probability, probability).is_mismatch for _ in range(400)]

    assert sum(alarms) < 4


def test_the_verdict_is_a_sentence() -> None:
    """It says what was seen, what was to be expected, and of a mismatch what to do."""
    sound = sample_ratio(arms(950, 1_000), np.full(1_000, 0.95)).verdict
    skewed = sample_ratio(arms(900, 1_000), np.full(1_000, 0.95)).verdict

    assert sound == (
        "The arms have the sizes that were drawn for: 950 of 1,000 customers are in the treated arm, and "
        "950.0 were to be expected (p = 1)."
    )
    assert skewed == (
        "The arms do not have the sizes that were drawn for: 900 of 1,000 customers are in the treated arm, "
        "and 950.0 were to be expected (p below 0.0001). Customers were lost or moved after the draw, so no "
        "figure of this campaign can be trusted: find out which, and where."
    )


@pytest.mark.parametrize(
    ("treated", "probability", "alpha", "message"),
    [
        (
            arms(1, 2),
            np.array([0.5, 1.0]),
            0.01,
            r"row 1: treated_probability is 1, wanted above 0 and below 1",
        ),
        (arms(1, 2), np.array([0.5, np.nan]), 0.01, r"row 1: treated_probability is nan"),
        (
            arms(1, 2),
            np.full(3, 0.5),
            0.01,
            r"arms of shape \(2,\) and type bool beside probabilities of shape",
        ),
        (arms(0, 0), np.zeros(0), 0.01, r"arms of shape \(0,\)"),
        (np.ones(2), np.full(2, 0.5), 0.01, r"type float64"),
        (arms(1, 2), np.full(2, 0.5), 1.0, r"alpha is 1\.0, wanted a chance inside \(0, 1\)"),
    ],
)
def test_what_is_no_draw_is_refused(
    treated: np.ndarray, probability: np.ndarray, alpha: float, message: str
) -> None:
    """The row is named."""
    with pytest.raises(InputError, match=message):
        sample_ratio(treated, probability, alpha)


@pytest.mark.parametrize(("share", "skewed"), [(0.5, 0.5), (1.0, 0.5), (0.5, 0.0)])
def test_a_skew_that_is_none_has_no_size(share: float, skewed: float) -> None:
    """Both shares must be such, and differ."""
    with pytest.raises(InputError, match=r"wanted two that differ, inside \(0, 1\)"):
        size_to_find(share, skewed)
