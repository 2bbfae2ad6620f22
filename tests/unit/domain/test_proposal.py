"""Proposals as columns: rows are taken whole."""

from dataclasses import fields

import numpy as np

from churn_saver.domain.proposal import Proposals
from tests.builders import proposals


def test_rows_are_taken_with_every_column() -> None:
    """Rows 3 and 0 of four: contacted is row 0 only, what is shared stays."""
    taken = proposals(4).take(np.array([3, 0]))

    assert list(taken.customer_ids) == ["C00003", "C00000"]
    assert taken.choice.tolist() == [0, 3]
    assert taken.texts == [None, "Hello Sam"]
    assert taken.excluded.shape == (2, 5)
    assert taken.price == 0.5
    assert len(taken) == 2


def test_taking_all_rows_changes_nothing() -> None:
    """The identity, column by column."""
    before = proposals(3)
    after = before.take(np.arange(3))

    for entry in fields(Proposals):
        was, now = getattr(before, entry.name), getattr(after, entry.name)
        if isinstance(was, np.ndarray):
            np.testing.assert_array_equal(was, now)
        else:
            assert was == now


def test_reasons_are_words() -> None:
    """Row 0 is contacted and needs no reason, row 1 was not worth it."""
    made = proposals(2)

    assert made.reason_words(0) == []
    assert made.reason_words(1) == ["not_worth_it"]
