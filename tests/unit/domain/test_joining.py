"""Tables below each other: every column in the order of the parts."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.domain.joining import joined_customers, joined_histories, joined_proposals
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import InputError
from tests.builders import customers, proposals

TWO = customers(2, names=["Ann", None], bill_minor=np.array([1, 2]), opted_in=[True, None])
ONE = customers(1, ids=["X"], bill_minor=np.array([3]), channels=["sms"])


def test_every_column_is_that_of_its_part() -> None:
    """Two rows and one are three; each part can be taken out again as it was."""
    whole = joined_customers([TWO, ONE])

    assert whole.ids == ["C00000", "C00001", "X"]
    assert whole.names == ["Ann", None, "Sam"]
    assert whole.bill_minor.tolist() == [1, 2, 3]
    assert whole.opted_in == [True, None, None]
    for part, rows in ((TWO, [0, 1]), (ONE, [2])):
        taken = whole.take(np.array(rows))
        for name in Customers.__slots__:
            if name != "fields":
                np.testing.assert_array_equal(getattr(taken, name), getattr(part, name), err_msg=name)
        for name, column in part.fields.items():
            np.testing.assert_array_equal(taken.fields[name], column)


def test_one_part_is_the_whole() -> None:
    """Nothing is copied for who asks alone."""
    alone = ContactHistory.unseen(1)

    assert joined_customers([ONE]) is ONE
    assert joined_histories([alone]) is alone


def test_other_fields_are_refused() -> None:
    """A field that nobody sent has no column, and must not get one."""
    fewer = replace(ONE, fields=dict(tuple(ONE.fields.items())[1:]))

    with pytest.raises(InputError, match="other fields than"):
        joined_customers([TWO, fewer])


def test_histories_are_joined_alike() -> None:
    """Two dimensions stay two."""
    seen = replace(ContactHistory.unseen(1), contacts_7d=np.array([4]))

    whole = joined_histories([ContactHistory.unseen(2), seen])

    assert whole.contacts_7d.tolist() == [0, 0, 4]
    assert whole.days_since_accepted.shape == (3, 4)
    assert whole.readable


def test_what_could_not_be_read_is_not_joined_to_what_could() -> None:
    """Every gate of the one is closed."""
    with pytest.raises(InputError, match="could not cannot be joined"):
        joined_histories([ContactHistory.unseen(1), ContactHistory.unseen(1, readable=False)])


def test_proposals_are_joined_row_by_row() -> None:
    """Two rows and three are five; what a part shares is that of the first; each part comes out again."""
    first, second = proposals(2, price=0.5), proposals(3, price=0.9, customer_ids=["X", "Y", "Z"])
    whole = joined_proposals([first, second])
    taken = whole.take(np.array([2, 3, 4]))

    assert whole.customer_ids == ["C00000", "C00001", "X", "Y", "Z"]
    assert whole.price == 0.5
    assert joined_proposals([second]) is second
    for name in Proposals.__slots__:
        column, was = getattr(taken, name), getattr(second, name)
        if isinstance(was, np.ndarray):
            np.testing.assert_array_equal(column, was, err_msg=name)
        elif name != "price":
            assert column == was, name
