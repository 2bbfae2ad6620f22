"""Ids that came before."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.checking.repeats import Repeats


def test_first_line_of_a_repeated_id_is_told() -> None:
    """Within a block and across blocks; null is no id."""
    seen = Repeats()

    first = seen.first_lines(pl.Series(["a", "b", "a", None, None]), np.array([2, 3, 4, 5, 6]))
    second = seen.first_lines(pl.Series(["c", "b", "a", None]), np.array([7, 8, 9, 10]))

    assert first.tolist() == [0, 0, 2, 0, 0]
    assert second.tolist() == [0, 3, 2, 0]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", "d", None]), max_size=5), max_size=5))
def test_blocks_tell_what_a_dictionary_tells(blocks: list[list[str | None]]) -> None:
    """However the ids are cut into blocks."""
    seen, known, line = Repeats(), dict[str, int](), 1
    for block in blocks:
        lines = np.arange(line, line + len(block))
        expected = []
        for id_, at in zip(block, lines.tolist(), strict=True):
            expected.append(0 if id_ is None else known.get(id_, 0))
            if id_ is not None:
                known.setdefault(id_, at)
        line += len(block)

        assert seen.first_lines(pl.Series(block, dtype=pl.String), lines).tolist() == expected


def test_ids_of_a_small_table_are_known_when_it_grows() -> None:
    """The marks made so far are made again in the larger table of marks."""
    seen = Repeats()

    seen.first_lines(pl.Series(["a", "b"]), np.array([2, 3]))
    seen.first_lines(pl.Series([str(i) for i in range(20_000)]), np.arange(4, 20_004))

    assert seen.first_lines(pl.Series(["b", "7", "c"]), np.array([20_004, 20_005, 20_006])).tolist() == [
        3,
        11,
        0,
    ]
