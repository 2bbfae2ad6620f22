"""What leaves the books, and what stays out."""

from datetime import UTC, datetime

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.pipeline.exported import erased, instants, sifted
from tests.logbooks import logbook


def test_a_row_is_left_out_for_its_first_reason() -> None:
    """Rows 0 and 1 are red, 1 and 2 are round: row 1 counts once, as red; a reason of no row is not told."""
    red, round_, heavy = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0]], dtype=np.bool_)

    rows, left_out = sifted("spring", "ball", (("red", red), ("round", round_), ("heavy", heavy)))

    assert rows.tolist() == [3]
    assert left_out == (("red", 2), ("round", 1))


def test_nothing_left_is_refused_with_every_reason() -> None:
    """The campaign, what was wanted, and how many went for which reason."""
    all_of_them = np.ones(1_200, dtype=np.bool_)

    with pytest.raises(
        InputError, match=r"'spring' has no ball to write.*: 1,200 red\. Book outcomes, or wait"
    ):
        sifted("spring", "ball", (("red", all_of_them),))
    with pytest.raises(InputError, match=r"'spring' has no ball to write.*: it has no decision\."):
        sifted("spring", "ball", (("red", all_of_them[:0]),))


def test_who_was_erased_is_known_by_what_is_gone() -> None:
    """A decision without features is one of an erased customer."""
    assert erased(logbook([{}, {"features": None}])).tolist() == [False, True]


def test_moments_leave_in_utc() -> None:
    """With their zone; what is not known stays so."""
    column = instants(np.array(["2026-03-02T17:00:00", "NaT"], dtype="datetime64[us]"))

    assert column.to_list() == [datetime(2026, 3, 2, 17, tzinfo=UTC), None]
