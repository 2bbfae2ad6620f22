"""Expected rewards: learned from other units, the same every time, near the truth where there is one."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.evidence_offpolicy import ARMS, RETAINED, TARGET, campaign, gated
from churn_saver.errors import InputError
from churn_saver.evidence.estimators import evaluate
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.outcome_model import RECIPE, cross_fitted, drawn_rows, grown
from tests.offpolicy_logs import log_of

SMALL = replace(RECIPE, trees=20)


def logs(money: bool = False, units: int = 300) -> tuple[Logged, np.ndarray]:
    """Draw an evenly explored campaign, and the cell of each row."""
    return campaign(np.random.default_rng(5), "uniform", money, units)


def test_the_same_log_gives_the_same_expectations() -> None:
    """Bit for bit, with one thread or two; another seed deals other folds."""
    log, _ = logs(money=True)

    first, again, two, other = (
        cross_fitted(log, replace(SMALL, threads=threads, seed=seed))
        for threads, seed in ((1, 1), (1, 1), (2, 1), (1, 2))
    )

    assert (first == again).all()
    assert (first == two).all()
    assert (first != other).any()


def test_no_row_is_expected_by_trees_that_saw_its_unit() -> None:
    """All rewards of one customer turned around: what is expected of that customer does not move."""
    log, _ = logs()
    own = log.unit == 17
    turned = replace(log, reward=np.where(own, 1 - log.reward, log.reward))

    before, after = cross_fitted(log, SMALL), cross_fitted(turned, SMALL)

    assert (before[own] == after[own]).all()
    assert (before != after).any()


@pytest.mark.parametrize("money", [False, True])
def test_expectations_stay_within_what_was_seen(money: bool) -> None:
    """Of 0 and 1 they are chances; of money none is above the largest or below the smallest reward."""
    log, _ = logs(money)

    found = cross_fitted(log, SMALL)

    assert found.shape == (len(log), ARMS)
    assert found.min() >= log.reward.min()
    assert found.max() <= log.reward.max()


def test_the_truth_is_learned() -> None:
    """12,000 rows of eight cells and four arms: .04 from the true chances on average, where .09 is blind."""
    log, cell = logs(units=6_000)

    found = cross_fitted(log, RECIPE)

    assert np.abs(found - RETAINED[cell]).mean() < 0.04
    assert np.abs(log.reward.mean() - RETAINED[cell]).mean() > 0.08


def test_money_is_learned_in_any_currency() -> None:
    """Rewards times 1,000: expectations times 1,000, to what float32 keeps."""
    log, _ = logs(money=True)

    plain, thousandfold = (cross_fitted(replace(log, reward=log.reward * by), SMALL) for by in (1, 1_000))

    np.testing.assert_allclose(thousandfold / 1_000, plain, rtol=1e-3, atol=1e-2)


def test_a_good_expectation_narrows_dr() -> None:
    """On one log DR's error is below that of IPS."""
    log, cell = logs(units=1_500)

    found = evaluate(log, gated(TARGET[cell], log.allowed), cross_fitted(log, RECIPE))

    assert found.dr.standard_error < 0.9 * found.ips.standard_error


def test_rewards_that_never_vary_are_expected_as_they_are() -> None:
    """Nothing to learn, nothing to break."""
    found = cross_fitted(log_of([0, 1] * 6, [0.5] * 12, [2.5] * 12), SMALL)

    assert (found == 2.5).all()


def test_a_long_log_is_learned_from_whole_units() -> None:
    """Of 20 units with three rows each and room for 10 rows, three units are drawn, in row order."""
    log = log_of([0, 1, 0] * 20, [0.5] * 60, [0.0] * 60, unit=list(np.repeat(np.arange(20), 3)))

    found = drawn_rows(log, np.arange(60), replace(SMALL, most_rows=10))

    assert len(found) == 9
    assert (np.diff(found) > 0).all()
    assert np.unique(log.unit[found]).size == 3
    assert drawn_rows(log, np.arange(10), replace(SMALL, most_rows=10)).tolist() == list(range(10))


def test_a_unit_larger_than_the_room_is_drawn_whole() -> None:
    """One customer with all rows: rather too many rows than none."""
    log = log_of([0, 1] * 10, [0.5] * 20, [0.0] * 20, unit=[1] * 20)

    assert len(drawn_rows(log, np.arange(20), replace(SMALL, most_rows=5))) == 20


def test_too_few_units_are_refused() -> None:
    """Two customers cannot fill three folds."""
    with pytest.raises(InputError, match=r"the log has 2 units, wanted at least 3"):
        cross_fitted(log_of([0, 1], [0.5, 0.5], [0, 1]), SMALL)


def test_no_rows_grow_no_trees() -> None:
    """The library would say so in words of its own."""
    with pytest.raises(InputError, match=r"trees got no rows to grow on"):
        grown(np.zeros((0, 2), dtype=np.float32), np.zeros(0), {}, SMALL)
