"""Predicted effects beside observed ones: by hand and over seeds."""

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.evidence.effect_parts import effect_parts


def test_parts_by_hand() -> None:
    """Predictions 1 2 | 3 4, scores 1 3 | 2 6: means 1.5 and 3.5 beside 2 and 4.

    Influences −2, 2, 0, 0 of four customers: error √(4/3·8)/4 = .8165.
    """
    found = effect_parts(np.array([4.0, 1, 3, 2]), np.array([6.0, 1, 2, 3]), np.arange(4), parts=2)

    assert [(part.rows, part.predicted, part.observed.value) for part in found] == [(2, 1.5, 2), (2, 3.5, 4)]
    assert found[0].observed.standard_error == pytest.approx(np.sqrt(4 / 3 * 8) / 4)
    assert found[0].agrees


def test_true_effects_agree() -> None:
    """200 draws of 500 customers predicted truly: each interval misses in .05, 50 of 1,000 ± 21."""
    missed = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        effect = rng.random(500)
        missed += sum(
            not part.agrees for part in effect_parts(effect, effect + rng.normal(0, 1, 500), np.arange(500))
        )

    assert missed == pytest.approx(50, abs=21)


def test_an_exaggeration_is_found() -> None:
    """Effects predicted three times as far apart as they are do not agree at the ends."""
    rng = np.random.default_rng(1)
    effect = rng.random(5_000)

    found = effect_parts(3 * effect, effect + rng.normal(0, 1, 5_000), np.arange(5_000))

    assert not found[-1].agrees


def test_equal_predictions_stay_together() -> None:
    """One prediction for all is one part, however many were asked for; rows without a score are not in it."""
    found = effect_parts(np.ones(10), np.array([1.0] * 9 + [np.nan]), np.arange(10))

    assert [part.rows for part in found] == [9]


@pytest.mark.parametrize(
    ("effect", "score", "said"),
    [
        ([1.0], [1.0, 2], "there are 1 effects, 2 scores and 2 units, wanted one each"),
        ([1.0, np.inf], [1.0, 2], "effect or score of row 1 is no finite number"),
        ([1.0, 2], [np.nan, 2], "scores are of 1 customers, wanted two at least"),
    ],
)
def test_rows_that_cannot_be_held_against_each_other(
    effect: list[float], score: list[float], said: str
) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=said):
        effect_parts(np.array(effect), np.array(score), np.arange(2))
