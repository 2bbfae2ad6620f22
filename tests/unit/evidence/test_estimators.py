"""Values and differences with their intervals, cautions and bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import InputError, SupportError
from churn_saver.evidence.clusters import estimate, units_of
from churn_saver.evidence.estimators import Caution, Valuation, difference, evaluate
from churn_saver.evidence.logged import Logged
from tests.offpolicy_logs import always, log_of

NAMES = ("ips", "snips", "dr", "dm")


def drawn(seed: int, rows: int = 400, estimated: bool = False) -> tuple[Logged, np.ndarray, np.ndarray]:
    """Draw a log of two arms, half of the customers twice in it, a target and a q that is somewhat right."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0.2, 0.8, rows)
    arm = (rng.random(rows) < p).astype(np.int64)
    log = Logged(
        np.arange(rows) * 3 // 4, arm, np.where(arm == 1, p, 1 - p), np.ones((rows, 2), dtype=np.bool_),
        rng.normal(1 + 0.5 * arm, 1.0), rng.normal(size=(rows, 2)).astype(np.float32), estimated,
    )  # fmt: skip
    wish = rng.uniform(0, 1, rows)
    return log, np.column_stack([1 - wish, wish]), np.tile([1.0, 1.5], (rows, 1))


def ends(found: Valuation) -> list[float]:
    """List values and both ends of the four, for comparison."""
    return [
        x
        for name in NAMES
        for x in (getattr(found, name).value, getattr(found, name).low, getattr(found, name).high)
    ]


def test_a_valuation_by_hand() -> None:
    """Arms 0, 1, 1, 0 at a half each, rewards 3, 1, 2, 5, always 1: weights 0, 2, 2, 0; q is 1 everywhere.

    IPS 6/4, SNIPS 6/4, DM 1, DR 1 + (0 + 0 + 2 + 0)/4. IPS' influence is −1.5, .5, 2.5, −1.5: its squares add
    up to 11, so SE² = 4/3·11/16 = .9167.
    """
    log = log_of([0, 1, 1, 0], [0.5] * 4, [3, 1, 2, 5])

    found = evaluate(log, always(1, 4), np.ones((4, 2)))

    assert [getattr(found, name).value for name in NAMES] == [1.5, 1.5, 1.5, 1.0]
    assert found.ips.standard_error == pytest.approx(np.sqrt(11 / 12))
    assert found.dm.standard_error == 0
    assert (found.rows, found.units, found.estimated_propensities) == (4, 4, False)
    assert found.sides[0].weights.effective_rows == 2
    assert found.cautions == (Caution.FEW_EFFECTIVE_ROWS, Caution.FEW_UNITS)


@given(st.integers(0, 2**32 - 1))
def test_the_logging_policy_is_worth_what_was_earned(seed: int) -> None:
    """Its weights are all 1: IPS, SNIPS and DR with a level q are the mean reward, with a mean's error."""
    log, _, _ = drawn(seed)
    p = log.propensity
    assert p is not None
    itself = np.where(np.eye(2, dtype=bool)[log.arm], p[:, None], 1 - p[:, None])

    found = evaluate(log, itself, np.full((400, 2), 7.0))

    assert [found.ips.value, found.snips.value, found.dr.value] == pytest.approx([log.reward.mean()] * 3)
    assert found.snips.standard_error == pytest.approx(found.ips.standard_error)
    assert found.sides[0].weights.effective_rows == pytest.approx(400)
    assert found.cautions == ()


@given(st.integers(0, 2**32 - 1))
def test_a_difference_is_paired(seed: int) -> None:
    """Its value is that of the values, to itself it is 0 without width, and turned around it turns around."""
    log, target, q = drawn(seed)
    other = always(1, 400)

    one, two = evaluate(log, target, q), evaluate(log, other, q)
    less, more, same = (
        difference(log, a, b, q) for a, b in ((target, other), (other, target), (other, other))
    )

    for name in NAMES:
        apart = getattr(one, name).value - getattr(two, name).value
        assert getattr(less, name).value == pytest.approx(apart, abs=1e-12)
        assert getattr(less, name).low == pytest.approx(-getattr(more, name).high)
        assert (getattr(same, name).low, getattr(same, name).high) == (0, 0)
    assert len(less.sides) == 2


def test_a_difference_is_narrower_than_its_parts() -> None:
    """Two policies that differ in a tenth of rows: their common rewards cancel: a far smaller error."""
    log, _, q = drawn(1, 4_000)
    other = always(1, 4_000)
    target = np.where(np.arange(4_000)[:, None] % 10 == 0, always(0, 4_000), other)

    found, alone = difference(log, target, other, q), evaluate(log, other, q)

    assert found.dr.standard_error < 0.5 * alone.dr.standard_error
    assert found.ips.standard_error < 0.6 * alone.ips.standard_error


def test_policies_that_mostly_agree_are_told_apart_by_few_rows() -> None:
    """2,000 rows, arm 1 drawn with .01; the target wants it in the first 200 alone, of which two had it.

    Its own weights are worth over 100 rows; the difference has two of weight 100 upwards. Beside itself
    nothing differs, so nothing is few.
    """
    arm = np.zeros(2_000, dtype=np.int64)
    arm[:20] = np.resize([1] + [0] * 9, 20)
    log = log_of(arm.tolist(), np.where(arm == 1, 0.01, 0.99).tolist(), [1.0] * 2_000)
    other = always(0, 2_000)
    target = np.where(np.arange(2_000)[:, None] < 200, always(1, 2_000), other)
    q = np.ones((2_000, 2))

    alone, found, same = (
        evaluate(log, target, q),
        difference(log, target, other, q),
        difference(log, other, other, q),
    )

    assert alone.effective_rows > 100
    assert alone.effective_rows == alone.sides[0].weights.effective_rows
    assert found.effective_rows == pytest.approx(2)
    assert Caution.FEW_EFFECTIVE_ROWS in found.cautions
    assert same.effective_rows == 2_000
    assert Caution.FEW_EFFECTIVE_ROWS not in same.cautions


def test_order_of_rows_changes_nothing() -> None:
    """A shuffled log has the same values and intervals."""
    log, target, q = drawn(2)
    turn = np.random.default_rng(0).permutation(400)

    assert ends(evaluate(log.taken(turn), target[turn], q[turn])) == pytest.approx(
        ends(evaluate(log, target, q))
    )


def test_rows_of_one_customer_widen_the_interval() -> None:
    """Every row four times under its customer, as four decisions with one end: as wide as once."""
    log, target, q = drawn(3)
    four_times = np.repeat(np.arange(400), 4)
    alone = Logged(
        np.arange(1_600), *(getattr(log.taken(four_times), name) for name in Logged.__slots__[1:])
    )  # fmt: skip

    once = evaluate(log, target, q)
    clustered = evaluate(log.taken(four_times), target[four_times], q[four_times])
    believed = evaluate(alone, target[four_times], q[four_times])

    assert clustered.dr.standard_error == pytest.approx(once.dr.standard_error)
    assert believed.dr.standard_error < 0.6 * clustered.dr.standard_error


def test_clipping_widens_by_its_bias_bound() -> None:
    """Weights 0, 4, 2 cut at 3: m is 1/3. IPS by m·max r = 1/3 · 5; DR by m·max |r − q|, q = 1, so 1/3 · 4.

    SNIPS is (3·1 + 2·2)/5 = 1.4; distances of rewards from it at most 3.6, over the mean weight 5/3.
    """
    log = log_of([0, 1, 1], [0.5, 0.25, 0.5], [5, 1, 2])

    found = evaluate(log, always(1, 3), np.ones((3, 2)), clip=3.0)

    assert found.snips.value == pytest.approx(1.4)
    assert (found.ips.doubt_low, found.ips.doubt_high) == pytest.approx((5 / 3, 5 / 3))
    assert found.dr.doubt_low == pytest.approx(4 / 3)
    assert found.snips.doubt_low == pytest.approx(1 / 3 * 3.6 / (5 / 3))
    assert found.dm.doubt_low == 0
    assert Caution.CLIPPED in found.cautions


@given(st.integers(0, 2**32 - 1), st.floats(1.1, 4.0))
def test_a_clipped_interval_reaches_what_clipping_took(seed: int, clip: float) -> None:
    """The value without cutting is never farther from the one with it than the bound says, on any log."""
    log, target, q = drawn(seed)
    whole, cut = evaluate(log, target, q), evaluate(log, target, q, clip=clip)

    assert abs(whole.ips.value - cut.ips.value) <= cut.ips.doubt_low + 1e-9
    assert abs(whole.dr.value - cut.dr.value) <= cut.dr.doubt_low + 1e-9
    assert abs(whole.snips.value - cut.snips.value) <= cut.snips.doubt_low + 1e-9


@given(st.integers(0, 2**32 - 1), st.floats(1.05, 3.0))
def test_doubted_odds_reach_what_wrong_odds_do(seed: int, odds: float) -> None:
    """Propensities moved within the odds, each the worst way: IPS and DR end inside the bound, IPS on it."""
    log, target, q = drawn(seed, estimated=True)
    assert log.propensity is not None
    found = evaluate(log, target, q, odds=odds)

    for sign in (1, -1):
        moved = np.where(sign * log.reward > 0, 1 / odds, odds)
        p = 1 / (1 + (1 / log.propensity - 1) * moved)
        there = evaluate(Logged(log.unit, log.arm, p, log.allowed, log.reward, log.features), target, q)
        for name in ("ips", "dr"):
            one = getattr(found, name)
            moved_by = getattr(there, name).value - one.value
            assert -one.doubt_low - 1e-9 <= moved_by <= one.doubt_high + 1e-9
        end = found.ips.value + (found.ips.doubt_high if sign == -1 else -found.ips.doubt_low)
        assert there.ips.value == pytest.approx(end)


def test_the_odds_bound_by_hand() -> None:
    """Propensities .5 and .25, both arm 1, rewards 2 and −1, odds 2: 1/p − 1 is 1 and 3, halved or doubled.

    Down: (1·2·½ + 3·1·1)/2 = 2; up: (1·2·1 + 3·1·½)/2 = 1.75. Logged propensities are not doubted.
    """
    trusted = log_of([1, 1], [0.5, 0.25], [2, -1])
    log = Logged(
        trusted.unit, trusted.arm, trusted.propensity, trusted.allowed, trusted.reward, trusted.features, True
    )

    found = evaluate(log, always(1, 2), np.zeros((2, 2)), odds=2.0)

    assert (found.ips.doubt_low, found.ips.doubt_high) == pytest.approx((2.0, 1.75))
    assert found.estimated_propensities
    assert Caution.ESTIMATED in found.cautions
    assert evaluate(trusted, always(1, 2), np.zeros((2, 2)), odds=2.0).ips.doubt_low == 0


def test_in_a_difference_doubt_counts_where_the_policies_differ() -> None:
    """A policy beside itself is doubted nowhere, whatever the odds."""
    log, target, q = drawn(4, estimated=True)

    same, other = (
        difference(log, target, target, q, odds=3.0),
        difference(log, target, always(1, 400), q, odds=3.0),
    )

    assert (same.ips.doubt_low, same.dr.doubt_high) == (0, 0)
    assert other.ips.doubt_low > 0.01
    assert other.dm.doubt_low == 0


def test_wrong_propensities_are_cautioned_about() -> None:
    """Recorded as a fifth, drawn in half: the weights add up to far more than 1."""
    arm = np.random.default_rng(0).integers(0, 2, 2_000)
    log = log_of(arm.tolist(), [0.2] * 2_000, [1.0] * 2_000)

    assert Caution.UNBALANCED in evaluate(log, always(1, 2_000), np.ones((2_000, 2))).cautions


def test_what_the_log_cannot_show_is_refused() -> None:
    """Of a target, and of what it is compared with, by name."""
    log = log_of([0, 0, 0], [0.5] * 3, [1, 2, 3])
    q = np.zeros((3, 2))

    with pytest.raises(SupportError, match=r"target wants arm 1 in 3 of 3 rows"):
        evaluate(log, always(1, 3), q)
    with pytest.raises(SupportError, match=r"other wants arm 1 in 3 of 3 rows"):
        difference(log, always(0, 3), always(1, 3), q)


@pytest.mark.parametrize(
    ("outcomes", "odds", "message"),
    [
        (
            np.zeros((3, 3)),
            1.1,
            r"outcomes has shape \(3, 3\) and 0 values that are no numbers, wanted \(3, 2\)",
        ),
        (np.full((3, 2), np.nan), 1.1, r"outcomes has shape \(3, 2\) and 6 values that are no numbers"),
        (np.zeros((3, 2)), 0.9, r"odds is 0\.9, wanted a factor of 1 or more"),
        (np.zeros((3, 2)), np.nan, r"odds is nan, wanted a factor of 1 or more"),
    ],
)
def test_bad_arguments_are_refused(outcomes: np.ndarray, odds: float, message: str) -> None:
    """Expectations of another log, holes in them, odds below 1."""
    with pytest.raises(InputError, match=message):
        evaluate(log_of([0, 1, 0], [0.5] * 3, [1, 2, 3]), always(0, 3), outcomes, odds=odds)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("estimated", [False, True])
def test_who_logged_is_named_by_none_and_earned_the_mean_reward(seed: int, estimated: bool) -> None:
    """With a mean's error, whatever q and propensities are; nothing of its weights is in doubt or cut."""
    log, _, q = drawn(seed, estimated=estimated)
    found = evaluate(log, None, q, clip=0.5)
    error = estimate(float(log.reward.mean()), log.reward - log.reward.mean(), units_of(log.unit))

    assert (found.ips, found.snips) == (error, error)
    assert found.dr.value == pytest.approx(error.value, rel=1e-12)
    assert found.dr.standard_error == pytest.approx(error.standard_error, rel=1e-9)
    assert found.effective_rows == len(log)
    assert found.sides[0].weights.clipping.rows == 0
    assert [arm.balance_z for arm in found.sides[0].overlap] == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_a_policy_less_who_logged_is_its_value_less_the_mean(seed: int) -> None:
    """On the same rows; both ways round it is the same."""
    log, target, q = drawn(seed)
    one, back = difference(log, target, None, q), difference(log, None, target, q)

    for name in ("ips", "snips", "dr"):
        value = getattr(evaluate(log, target, q), name).value
        assert getattr(one, name).value == pytest.approx(value - log.reward.mean(), rel=1e-9)
        assert getattr(back, name).value == pytest.approx(-getattr(one, name).value, rel=1e-12)
    assert one.sides[1].weights.used.tolist() == [1.0] * len(log)
