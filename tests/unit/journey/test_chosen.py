"""What a rung wants that draws nothing."""

import numpy as np

from churn_saver.journey.chosen import certain


def test_what_is_certain_has_probability_one_and_waits_only_where_said() -> None:
    """Without delays everybody is decided again tomorrow."""
    choice, unwanted = np.array([0, 4], dtype=np.int8), np.array([2_048, 2_048])
    plain = certain(choice, unwanted, "greedy")
    patient = certain(choice, unwanted, "ppo", np.array([3, 6], dtype=np.int8))

    assert (plain.probability.tolist(), plain.delay_days.tolist()) == ([1.0, 1.0], [0, 0])
    assert (plain.chances, plain.prices, plain.policy) == (None, 0.0, "greedy")
    assert (patient.delay_days.tolist(), patient.delay_days.dtype) == ([3, 6], np.dtype(np.int8))
