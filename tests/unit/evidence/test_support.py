"""Targets that a log can show, and those that it cannot."""

import numpy as np
import pytest

from churn_saver.errors import InputError, SupportError, TableError
from churn_saver.evidence.clusters import units_of
from churn_saver.evidence.logged import Logged
from churn_saver.evidence.support import chance_of_logged, overlap_of, propensity_of, refuse_unsupported
from tests.offpolicy_logs import always, log_of


def test_the_probability_of_what_was_done_is_picked() -> None:
    """Arm 1 of the first row, arm 0 of the second."""
    log = log_of([1, 0], [0.5, 0.5], [0, 0])

    assert chance_of_logged(log, np.array([[0.1, 0.9], [0.3, 0.7]])).tolist() == [0.9, 0.3]


def test_a_log_without_propensities_says_what_to_do() -> None:
    """Log them, or estimate them."""
    with pytest.raises(
        InputError, match=r"no propensities: log the probability of each decision, or estimate"
    ):
        propensity_of(log_of([1, 0], None, [0, 0]))


def test_a_target_that_the_log_shows_is_let_through() -> None:
    """Every arm that it wants was drawn where it wants it; a float32 policy's sums are near enough to 1."""
    log = log_of([0, 1, 1], [0.5, 0.5, 0.5], [0, 0, 0])

    refuse_unsupported(log, always(1, 3))
    refuse_unsupported(log, np.full((3, 2), 0.5000005))


def test_an_arm_that_was_never_drawn_is_refused() -> None:
    """Two of three rows want arm 2, a half each: a third of all probability."""
    log = log_of([0, 1, 1], [0.5, 0.5, 0.5], [0, 0, 0], arms=3)
    target = np.array([[0.5, 0, 0.5], [0, 0.5, 0.5], [0, 1, 0]])

    with pytest.raises(
        SupportError, match=r"target wants arm 2 in 2 of 3 rows \(33\.33% .* never drew it there"
    ):
        refuse_unsupported(log, target)


def test_an_arm_drawn_only_where_the_target_does_not_want_it_is_refused() -> None:
    """Arm 1 was drawn in the last row, and wanted in the first: there the log shows nothing of it."""
    log = log_of([0, 0, 1], [0.5, 0.5, 0.5], [0, 0, 0])

    with pytest.raises(SupportError, match=r"champion wants arm 1 in 1 of 3 rows"):
        refuse_unsupported(log, np.array([[0.0, 1], [1, 0], [1, 0]]), "champion")


def test_another_arm_where_one_was_certain_is_refused() -> None:
    """Probability 1 for one arm is probability 0 for the others; doing the same is fine."""
    log = log_of([0, 1, 0], [1.0, 0.5, 0.5], [0, 0, 0])

    with pytest.raises(SupportError, match=r"another arm in 1 of 3 rows .* with probability 1 \(lines 2\)"):
        refuse_unsupported(log, always(1, 3))

    refuse_unsupported(log, np.array([[1.0, 0], [0, 1], [0.5, 0.5]]))


@pytest.mark.parametrize("row", [[0.5, 0.6], [-0.1, 1.1], [np.nan, 1.0]])
def test_rows_that_are_no_probabilities_are_named(row: list[float]) -> None:
    """Sums above 1, values below 0, no numbers."""
    log = log_of([0, 1], [0.5, 0.5], [0, 0])

    with pytest.raises(
        TableError, match=r"target:3: column 'probabilities' is .*, wanted probabilities, together 1"
    ):
        refuse_unsupported(log, np.array([[0.5, 0.5], row]))


def test_wanting_what_a_gate_shut_is_refused() -> None:
    """The policy was asked without the gates of the row."""
    log = Logged.checked(
        unit=np.arange(2), arm=np.array([0, 1]), propensity=np.array([1.0, 0.5]),
        allowed=np.array([[True, False], [True, True]]), reward=np.zeros(2),
        features=np.zeros((2, 1), dtype=np.float32),
    )  # fmt: skip

    with pytest.raises(
        TableError, match=r"target:2: .* '0\.5 0\.5', wanted nothing for arms that the row does not"
    ):
        refuse_unsupported(log, np.full((2, 2), 0.5))


def test_a_target_of_another_shape_is_refused() -> None:
    """Three arms for a log of two."""
    with pytest.raises(InputError, match=r"target has shape \(2, 3\), wanted \(2, 2\)"):
        refuse_unsupported(log_of([0, 1], [0.5, 0.5], [0, 0]), np.full((2, 3), 1 / 3))


def test_overlap_by_hand() -> None:
    """Arms 0, 1, 1 with p .5, .25, .5, target always 1: weights 0, 4, 2.

    Arm 1: found (0 + 4 + 2)/3 = 2 where 1 is wanted; gaps −1, 3, 1, mean 1, error √(4 + 4 + 0)/3 = .9428,
    z 1.0607; effective rows 36/20 = 1.8. Arm 0 is neither wanted nor weighed.
    """
    log = log_of([0, 1, 1], [0.5, 0.25, 0.5], [0, 0, 0])

    none, all_of_it = overlap_of(log, always(1, 3), np.array([0.0, 4, 2]), units_of(log.unit))

    assert (none.logged, none.wanted, none.found, none.balance_z, none.effective_rows) == (1, 0, 0, 0, 0)
    assert np.isnan(none.least_propensity)
    assert (all_of_it.logged, all_of_it.wanted, all_of_it.found) == (2, 1.0, 2.0)
    assert all_of_it.balance_z == pytest.approx(1.06066, abs=1e-5)
    assert all_of_it.least_propensity == 0.25
    assert all_of_it.effective_rows == pytest.approx(1.8)


def test_wrong_propensities_show_as_imbalance() -> None:
    """An arm drawn in half of 2,000 rows and recorded as a fifth: weights of 2.5 times what is wanted."""
    arm = np.random.default_rng(0).integers(0, 2, 2_000)
    log = log_of(arm.tolist(), [0.2] * 2_000, [0.0] * 2_000)

    found = overlap_of(log, always(1, 2_000), np.where(arm == 1, 5.0, 0.0), units_of(log.unit))[1]

    assert found.found == pytest.approx(2.5, rel=0.05)
    assert found.balance_z > 20
