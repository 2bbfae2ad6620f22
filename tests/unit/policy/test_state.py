"""What a policy sees, and what it answers."""

import numpy as np

from churn_saver.policy.state import FULL, NINE, Decisions, States, open_choices
from tests.tiny_campaigns import campaign


def states(wait: list[int], fatigue: list[int], units: list[int]) -> States:
    """Give states of the first customer on day 0 that differ in what the caps ask for."""
    zeros = np.zeros(len(wait), dtype=np.int64)
    return States(zeros, zeros, zeros, zeros, np.array(wait), np.array(fatigue), np.array(units))


def test_the_documented_inputs_come_first() -> None:
    """The nine are the first nine of the full set, and no name comes twice."""
    assert FULL[:9] == NINE
    assert len(NINE) == 9
    assert len(set(FULL)) == len(FULL) == 14


def test_a_sure_answer_has_one_in_its_place() -> None:
    """Offer 3 now and delay 7; idle with delay 0."""
    found = Decisions.sure(np.array([True, False]), np.array([3, 0]), np.array([7, 0]))

    assert found.contact.tolist() == [1.0, 0.0]
    assert found.offer.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0]]
    assert found.delay.tolist() == [[0] * 7 + [1], [1] + [0] * 7]


def test_what_is_open_by_hand() -> None:
    """The cooldown, the cap of two per period, and an allowance that covers offers of as many units."""
    found = states(wait=[0, 1, 0, 0, 0], fatigue=[0, 0, 1, 2, 0], units=[6, 6, 2, 6, 0])

    contact, offers = open_choices(campaign(), found)

    assert len(found) == 5
    assert contact.tolist() == [True, False, True, False, True]
    assert offers.tolist() == [
        [True] * 4, [True] * 4, [True, True, True, False], [True] * 4, [True, False, False, False],
    ]  # fmt: skip
