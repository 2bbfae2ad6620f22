"""What a policy may answer."""

import re
from dataclasses import replace

import numpy as np
import pytest

from churn_saver.errors import InputError
from churn_saver.policy.answers import checked
from churn_saver.policy.state import Decisions, States
from tests.tiny_campaigns import tiny

DYNAMICS = tiny(allowance_units=4)
OPEN = States(*(np.array(column) for column in ([0, 1], [2, 2], [0, 1], [0, 3], [0, 1], [0, 1], [4, 1])))
"""The first can get anything; the second is in its cooldown and has one unit left."""
FINE = Decisions(
    np.array([0.5, 0.0]), np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.5, 0.0, 0.0]]), np.eye(8)[[0, 7]]
)
HALF, NAN = np.array([0.5, 0.5, 0.0, 0.0]), float("nan")


def test_a_fine_answer_comes_back_as_it_is_and_as_a_copy() -> None:
    """The policy's own arrays are left alone."""
    result = checked(DYNAMICS, OPEN, FINE)

    assert result.contact.tolist() == FINE.contact.tolist()
    assert result.offer == pytest.approx(FINE.offer, abs=1e-15)
    assert result.delay.tolist() == FINE.delay.tolist()
    assert result.contact is not FINE.contact


def test_the_rounding_of_single_precision_is_taken_out() -> None:
    """Rows sum to 1 again; a contact and an offer that are closed but for rounding are 0."""
    offer = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.4999999, 3e-7, 0.0]], dtype=np.float32)
    rounded = replace(FINE, contact=np.array([1.0000001, 1e-7]), offer=offer.astype(np.float64))

    result = checked(DYNAMICS, OPEN, rounded)

    assert result.contact.tolist() == [1.0, 0.0]
    assert result.offer[1, 2] == 0.0
    assert result.offer.sum(axis=1).tolist() == pytest.approx([1.0, 1.0], abs=1e-15)


def test_offers_make_no_difference_without_a_contact() -> None:
    """A row of offers that are not covered passes where nobody is contacted."""
    rows = np.array([[1.0, 0, 0, 0], [0, 0, 0, 1.0]])

    result = checked(DYNAMICS, OPEN, replace(FINE, offer=rows))

    assert result.offer.tolist() == [[1.0, 0, 0, 0], [1.0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contact": [NAN, 0]}, "contact is nan for customer 0 on day 2"),
        ({"contact": [-0.1, 0]}, "contact is -0.1 for"),
        ({"contact": [1.1, 0]}, "contact is 1.1 for"),
        ({"contact": [0.5, 0.1]}, "contact is 0.1 for customer 1 on day 2 (level 1, protection 3, wait 1, "
                                  "fatigue 1, units 1), wanted 0 in the cooldown"),
        ({"offer": [HALF, [1.5, -0.5, 0, 0]]}, "offer is -0.5 for customer 1"),
        ({"offer": [[NAN, 1, 0, 0], HALF]}, "offer is nan for customer 0"),
        ({"offer": [HALF * 0.9, HALF]}, "sum of offer is 0.9 for customer 0"),
        ({"offer": [[float("inf"), 0, 0, 0], HALF]}, "sum of offer is inf for customer 0"),
        ({"delay": [np.eye(8)[0], np.full(8, NAN)]}, "delay is nan for customer 1"),
        ({"delay": [np.eye(8)[0], np.ones(8)]}, "sum of delay is 8 for customer 1"),
        ({"contact": [0.5]}, "contact has shape (1,) for 2 states, wanted (2,)"),
        ({"delay": np.ones((2, 7)) / 7}, "delay has shape (2, 7) for 2 states, wanted (2, 8)"),
    ],
)  # fmt: skip
def test_what_is_no_distribution_or_closed_is_refused(change: dict[str, object], message: str) -> None:
    """By the name of the head, the state and the way out."""
    faulty = replace(FINE, **{name: np.array(rows) for name, rows in change.items()})

    with pytest.raises(InputError, match=rf"the policy's {re.escape(message)}"):
        checked(DYNAMICS, OPEN, faulty)


def test_an_offer_above_the_allowance_is_refused() -> None:
    """Two units do not cover 15 %; how likely both are together is told."""
    poor = replace(OPEN, wait=np.array([0, 0]), units=np.array([2, 4]))

    with pytest.raises(InputError, match=r"contact with an offer above the allowance is 0\.2 for customer 0"):
        checked(DYNAMICS, poor, FINE)
