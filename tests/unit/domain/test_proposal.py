"""Proposals as columns: rows are taken whole."""

from dataclasses import fields
from datetime import timedelta

import numpy as np

from churn_saver.domain.proposal import Proposals
from tests.builders import NOON, proposals


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


def test_the_next_decision_is_a_day_and_the_delay_away() -> None:
    """Delays 0, 7, 0: tomorrow, in eight days, tomorrow; equal delays share one moment."""
    made = proposals(3, delay_days=np.array([0, 7, 0], dtype=np.int8))
    moments = made.next_decision_at

    assert moments == [NOON + timedelta(days=days) for days in (1, 8, 1)]
    assert moments[0] is moments[2]
    assert proposals(0).next_decision_at == []


def test_a_withheld_contact_is_decided_again_tomorrow() -> None:
    """Rows 0 and 1 of four are withheld: their delay goes, that of the others stays."""
    alone = {"retention_prob": np.full(4, 0.7), "uncontacted_prob": np.full(4, 0.65)}
    made = proposals(4, delay_days=np.array([7, 3, 5, 2], dtype=np.int8), **alone)
    less = made.withhold(np.array([512, 512, 0, 0]))

    assert less.delay_days.tolist() == [0, 0, 5, 2]
    assert less.delay_days.dtype == np.int8
    assert less.choice.tolist() == [0, 0, 3, 0]
    assert less.channels == [None, None, "email", None]
    assert less.retention_prob.tolist() == [0.65, 0.65, 0.7, 0.7]


def test_reasons_are_words() -> None:
    """Row 0 is contacted and needs no reason, row 1 was not worth it."""
    made = proposals(2)

    assert made.reason_words(0) == []
    assert made.reason_words(1) == ["not_worth_it"]
