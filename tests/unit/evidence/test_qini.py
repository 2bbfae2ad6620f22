"""Curves of gain: by hand, against the bootstrap, over seeds, and their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError
from churn_saver.evidence.qini import Curve, cost_curve, qini

SEEDS = 400


def followed(effect: np.ndarray, score: np.ndarray, parts: int = 100, seed: int = 0) -> Curve:
    """Follow a ranking of one row a customer."""
    return qini(effect, score, np.arange(len(score)), np.random.default_rng(seed), parts)


def test_a_curve_by_hand() -> None:
    """Scores 2, 0, 1, −1: gains .5, .5, .75, .5; area (.25 + .5 + .625 + .625)/4 = .5, half of it random."""
    found = followed(np.array([1.0, 4, 2, 3]), np.array([-1.0, 2, 1, 0]))

    np.testing.assert_allclose(found.share, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.gain, [0, 0.5, 0.5, 0.75, 0.5])
    assert found.area.value == pytest.approx(0.5)
    assert found.over_random.value == pytest.approx(0.25)
    assert (found.rows, found.left_out) == (4, 0)


def test_the_end_of_a_curve_is_the_mean() -> None:
    """With everybody treated the ranking is gone: mean and standard error are those of the scores."""
    rng = np.random.default_rng(1)
    score = rng.normal(0.1, 1, 500)

    found = followed(rng.random(500), score)

    assert found.gain[-1] == pytest.approx(score.mean())
    assert found.error[-1] == pytest.approx(score.std(ddof=1) / np.sqrt(500))
    assert (found.gain[0], found.error[0], found.low[0], found.high[0]) == (0, 0, 0, 0)


@given(st.integers(0, 2**32 - 1))
def test_the_oracle_is_never_beaten(seed: int) -> None:
    """Judged by the true effects, their own order wins at every share, and the opposite order loses."""
    rng = np.random.default_rng(seed)
    truth, other = rng.normal(0, 1, 60), rng.normal(0, 1, 60)

    best, some, worst = (followed(order, truth, parts=12) for order in (truth, other, -truth))

    assert (best.gain >= some.gain - 1e-12).all()
    assert (some.gain >= worst.gain - 1e-12).all()
    assert best.over_random.value >= some.over_random.value >= worst.over_random.value


@given(st.integers(0, 2**32 - 1))
def test_only_the_order_of_effects_counts(seed: int) -> None:
    """Any rising change of the effects, and any order of rows, leaves the curve as it was."""
    rng = np.random.default_rng(seed)
    effect, score, order = rng.normal(0, 1, 50), rng.normal(0, 1, 50), rng.permutation(50)

    found, other = followed(effect, score, 10), followed(np.exp(effect)[order], score[order], 10)

    np.testing.assert_allclose(found.gain, other.gain)
    np.testing.assert_allclose(found.error, other.error)


def test_the_area_turns_with_the_order() -> None:
    """Treating in the opposite order loses as much against a random one as the order wins."""
    rng = np.random.default_rng(2)
    effect, score = rng.normal(0, 1, 200), rng.normal(0, 1, 200)

    assert followed(-effect, score).over_random.value == pytest.approx(
        -followed(effect, score).over_random.value
    )


def test_errors_agree_with_the_bootstrap() -> None:
    """1,000 resamples of 1,000 customers: errors at 20, 50 and 80 % within a tenth, and of the area."""
    rng = np.random.default_rng(3)
    effect = rng.random(1_000)
    score = effect + rng.normal(0, 0.5, 1_000)
    found = followed(effect, score)
    gains, areas = [], []
    for _ in range(1_000):
        rows = rng.integers(0, 1_000, 1_000)
        order = rows[np.argsort(-effect[rows], kind="stable")]
        gain = np.concatenate([[0], np.cumsum(score[order])])[::10] / 1_000
        gains.append(gain[[20, 50, 80]])
        areas.append(np.trapezoid(gain, dx=0.01))

    np.testing.assert_allclose(found.error[[20, 50, 80]], np.std(gains, axis=0), rtol=0.1)
    assert (found.area.high - found.area.low) / 2 / 1.959964 == pytest.approx(np.std(areas), rel=0.1)


def test_curves_cover_the_truth() -> None:
    """Effects x − .3 of uniform x, ranked by x: gain .7·q − q²/2, area .35 − 1/6, over random 1/12.

    400 draws of 600 customers: each interval misses in .05, ± 3·√(.05·.95/400) = .033; so does the band.
    """
    truth = np.linspace(0, 1, 21)
    truth = 0.7 * truth - truth**2 / 2
    area, over_random, band = [], [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        x = rng.random(600)
        found = followed(x, x - 0.3 + rng.normal(0, 1, 600), parts=20, seed=seed)
        area.append(found.area.low <= 0.35 - 1 / 6 <= found.area.high)
        over_random.append(found.over_random.low <= 1 / 12 <= found.over_random.high)
        band.append(((found.low <= truth + 1e-12) & (truth - 1e-12 <= found.high)).all())

    assert np.mean(area) == pytest.approx(0.95, abs=0.033)
    assert np.mean(over_random) == pytest.approx(0.95, abs=0.033)
    assert np.mean(band) == pytest.approx(0.95, abs=0.033)


def test_rows_of_one_customer_are_no_more_than_one() -> None:
    """Every row twice under the same customer: the same curve with the same errors."""
    rng = np.random.default_rng(4)
    effect, score = rng.random(200), rng.normal(0, 1, 200)

    once = followed(effect, score)
    twice = qini(effect.repeat(2), score.repeat(2), np.arange(200).repeat(2), np.random.default_rng(0))

    np.testing.assert_allclose(twice.gain, once.gain)
    np.testing.assert_allclose(twice.error, once.error)


def test_a_ranking_that_folds_taught_each_other_is_less_sure() -> None:
    """What it adds to a random order has twice the variance; the mean of all, which no ranking moves, not."""
    rng = np.random.default_rng(6)
    effect, score, unit = rng.random(400), rng.normal(0, 1, 400), np.arange(400)

    apart = qini(effect, score, unit, np.random.default_rng(0), parts=20)
    shared = qini(effect, score, unit, np.random.default_rng(0), parts=20, cross_fitted=True)

    wide, narrow = (one.over_random.high - one.over_random.low for one in (shared, apart))
    assert wide / narrow == pytest.approx(np.sqrt(2))
    assert shared.error[-1] == pytest.approx(apart.error[-1])
    assert (shared.error[1:-1] > apart.error[1:-1]).all()
    np.testing.assert_array_equal(shared.gain, apart.gain)


def test_rows_without_a_score_are_counted() -> None:
    """Where the arm was not allowed nothing is known of it."""
    effect, score = np.array([3.0, 2, 1]), np.array([1.0, np.nan, 0])

    found = followed(effect, score)

    assert (found.rows, found.left_out) == (2, 1)
    np.testing.assert_allclose(found.gain, [0, 0.5, 0.5])


def test_equal_effects_come_in_a_drawn_order() -> None:
    """A ranking that tells nobody apart does not follow the order of the file: it is a random one."""
    score = np.concatenate([np.ones(5_000), -np.ones(5_000)])

    found = followed(np.zeros(10_000), score)

    assert abs(found.over_random.value) < 0.02


def test_scores_that_never_vary_are_known() -> None:
    """Everybody gains 1: the curve is the straight line, without a band."""
    found = followed(np.arange(10.0), np.ones(10))

    np.testing.assert_allclose(found.gain, found.share)
    np.testing.assert_allclose(found.high - found.low, 0, atol=1e-12)


def test_a_cost_curve_by_hand() -> None:
    """Effects 4, 3, 1 at costs 2, 1, 1: by effect per cost 3/1, 4/2, 1/1; spent 1, 3, 4 of three customers.

    Scores less costs 4 − 1, 5 − 2, 0 − 1: net 3, 6, 5 of three.
    """
    found = cost_curve(
        np.array([4.0, 3, 1]), np.array([5.0, 4, 0]), np.array([2.0, 1, 1]), np.arange(3),
        np.random.default_rng(0),
    )  # fmt: skip

    np.testing.assert_allclose(found.spent * 3, [0, 1, 3, 4])
    np.testing.assert_allclose(found.net.gain * 3, [0, 3, 6, 5])


def test_a_cost_curve_ends_at_the_whole_cost() -> None:
    """Spending only rises, up to the mean cost of those that have a score."""
    rng = np.random.default_rng(5)
    cost, score = rng.random(300) + 0.1, rng.normal(1, 1, 300)
    score[:30] = np.nan

    found = cost_curve(rng.random(300), score, cost, np.arange(300), rng)

    assert (np.diff(found.spent) > 0).all()
    assert found.spent[-1] == pytest.approx(cost[30:].mean())
    assert found.net.gain[-1] == pytest.approx((score - cost)[30:].mean())


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_a_cost_is_above_nothing(wrong: float) -> None:
    """Effect per nothing has no order."""
    with pytest.raises(
        InputError, match=rf"row 1 costs {wrong:g}, wanted one cost above 0 for each of 2 rows"
    ):
        cost_curve(np.ones(2), np.ones(2), np.array([1.0, wrong]), np.arange(2), np.random.default_rng(0))
    with pytest.raises(InputError, match=r"there are 1 costs, wanted one cost above 0 for each of 2 rows"):
        cost_curve(np.ones(2), np.ones(2), np.ones(1), np.arange(2), np.random.default_rng(0))


@pytest.mark.parametrize(
    ("effect", "score", "said"),
    [
        ([1.0], [1.0, 2], "there are 1 effects, 2 scores and 2 units, wanted one each"),
        ([1.0, np.nan], [1.0, 2], "effect of row 1 is no finite number: mend the row"),
        ([1.0, 2], [np.inf, 2], "score of row 0 is no finite number"),
        (
            [1.0, 2],
            [np.nan, 2],
            "1 rows have a score, wanted those of two customers at least: let the log explore",
        ),
    ],
)
def test_rankings_that_cannot_be_followed(effect: list[float], score: list[float], said: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=said):
        followed(np.array(effect), np.array(score))
