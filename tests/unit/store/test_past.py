"""What a contact history is made of, by hand."""

from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.customer import ContactHistory
from churn_saver.store.past import Past, history_of, within
from tests.builders import NOON, campaign

DAY = timedelta(days=1)
NOW = NOON + 33 * DAY
"""Three days into the campaign's second period."""
LIVED = Past(
    suppressed=False,
    opted_out=True,
    last_number=4,
    is_due=False,
    contacted_at=[NOW - 31 * DAY, NOW - 29 * DAY, NOW - 6 * DAY, NOW - DAY / 2],
    last_contact_at=NOW - DAY / 2,
    units_used=3,
    taken_at=[None, NOW - 10 * DAY, None, NOW + DAY],
    usual_risk=0.4,
)


def test_a_customer_by_hand() -> None:
    """Contacts 31, 29, 6 and half a day ago: two in 7 days, three in 30, one since the period began.

    An offer that was taken tomorrow, by a clock ahead, was taken now.
    """
    found = history_of([LIVED], campaign(), NOW)

    assert (found.suppressed.tolist(), found.opted_out.tolist()) == ([False], [True])
    assert (found.contacts_7d.tolist(), found.contacts_30d.tolist()) == ([2], [3])
    assert found.contacts_period.tolist() == [1]
    assert found.days_since_contact.tolist() == [0.5]
    assert found.days_since_accepted.tolist() == [[np.inf, 10.0, np.inf, 0.0]]
    assert (found.units_used.tolist(), found.decisions_made.tolist()) == ([3], [5])
    assert (found.usual_risk.tolist(), found.due.tolist()) == ([0.4], [False])


def test_who_was_never_seen_stands_beside_who_was() -> None:
    """In their own rows, whatever the others are; nobody seen is the same as a store that knows nobody."""
    nobody, unseen = history_of([None, None], campaign(), NOW), ContactHistory.unseen(2)
    both = history_of([None, LIVED], campaign(), NOW)

    for own in fields(ContactHistory):
        np.testing.assert_array_equal(getattr(nobody, own.name), getattr(unseen, own.name))
        assert np.asarray(getattr(both, own.name)).dtype == np.asarray(getattr(unseen, own.name)).dtype
    assert both.contacts_7d.tolist() == [0, 2]
    assert both.days_since_contact.tolist() == [np.inf, 0.5]
    assert both.due.tolist() == [True, False]


def test_counts_share_no_memory() -> None:
    """To write one of them would change no other."""
    found = history_of([LIVED], campaign(), NOW)
    columns = [getattr(found, own.name) for own in fields(ContactHistory) if own.name != "readable"]

    assert not any(
        np.shares_memory(one, other) for k, one in enumerate(columns) for other in columns[k + 1 :]
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_customer_is_counted_alone_as_among_others(seed: int) -> None:
    """In any order."""
    rng = np.random.default_rng(seed)
    pasts = [
        replace(LIVED, contacted_at=[NOW - float(age) * DAY for age in rng.integers(0, 40, 5)], last_number=k)
        for k in range(6)
    ]
    order = rng.permutation(6)
    among, whole = history_of([pasts[k] for k in order], campaign(), NOW), history_of(pasts, campaign(), NOW)

    for own in fields(ContactHistory):
        if own.name != "readable":
            np.testing.assert_array_equal(getattr(among, own.name), getattr(whole, own.name)[order])


@given(ages=st.lists(st.integers(-5, 40)), days=st.integers(0, 35))
def test_within_counts_what_is_younger(ages: list[int], days: int) -> None:
    """A contact of age a days counts when a < days, one from the future in any window at all."""
    moments = [NOON - age * DAY for age in ages]

    assert within(moments, days, NOON) == sum(age < days for age in ages)
