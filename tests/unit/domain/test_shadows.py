"""What a shadow would have done, as columns."""

import numpy as np

from tests.shadowing import shadowed


def test_rows_without_a_decision_are_left_out() -> None:
    """The second of three was not recorded: of every column the first and the third stay, by their names."""
    made = shadowed("a" * 64, ["", "", ""], choice=np.array([0, 1, 2], dtype=np.int8), price=np.arange(3.0))
    found = made.named(["x", "", "z"]).recorded()

    assert (len(made), len(found), found.version) == (3, 2, "a" * 64)
    assert (list(found.decision_ids), found.choice.tolist(), found.price.tolist()) == (
        ["x", "z"],
        [0, 2],
        [0, 2],
    )
    assert found.chances.shape == (2, 5)


def test_where_nothing_was_recorded_nothing_is_left() -> None:
    """No row, and the columns keep their shape."""
    found = shadowed("a" * 64, ["", ""]).recorded()

    assert (len(found), found.chances.shape) == (0, (0, 5))
