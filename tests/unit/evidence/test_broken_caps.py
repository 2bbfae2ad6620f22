"""Limits that were broken, counted by hand and against gates that keep them."""

import numpy as np
import pytest

from churn_saver.evidence.broken_caps import broken_caps
from tests.logbooks import logbook


def contacts(*days: float, customer: str = "C1", **row: object) -> list[dict[str, object]]:
    """Give contacts of one customer, so many days after the first noon."""
    return [{"customer_id": customer, "decided_at": day, "choice": 1, **row} for day in days]


def counted(rows: list[dict[str, object]], **campaign: object) -> dict[str, int]:
    """Count what was broken at all."""
    return {name: n for name, n in broken_caps(logbook(rows, **campaign)).counts.items() if n}


def test_contacts_that_keep_every_limit_break_none() -> None:
    """Caps 1 in 7 days, 2 in 30, 7 days between: days 0, 7 and 30 keep them; 7 days are enough."""
    found = broken_caps(logbook([*contacts(0, 7, 30), *contacts(3, customer="C2"), {"decided_at": 8}]))

    assert found.total == 0
    assert (found.contacts, found.customers) == (4, 2)


def test_a_contact_too_soon_breaks_the_seven_days_and_the_cooldown() -> None:
    """Days 0 and 6.99, and nobody else's contact in between counts."""
    rows = [*contacts(0), *contacts(3, customer="C2"), *contacts(6.99)]

    assert counted(rows) == {"1 in 7 days": 1, "7 days between": 1}


def test_a_third_contact_inside_thirty_days_breaks_their_cap() -> None:
    """Days 0, 8 and 28.9: the last is less than 30 days after the first, and in the same period."""
    assert counted(contacts(0, 8, 28.9)) == {"2 in 30 days": 1, "2 in a period": 1}


def test_periods_are_fixed_to_the_start_of_the_campaign() -> None:
    """It started a day before: 1, 10 and 28 lie in the first period, 30 in the second."""
    found = counted(contacts(1, 10, 28, 30))

    assert found["2 in a period"] == 1
    assert found["2 in 30 days"] == 2
    assert found["1 in 7 days"] == 1


@pytest.mark.parametrize(("spent", "broken"), [(3_000, {}), (3_001, {"budget": 1})])
def test_the_budget_is_broken_by_one_minor_unit(spent: int, broken: dict[str, int]) -> None:
    """1,000 for contacts and the rest for offers, of a limit of 4,000."""
    rows = contacts(0, contact_spent_minor=1_000, offer_spent_minor=spent)

    assert counted(rows, limit_minor=4_000) == broken


def test_accepting_more_than_the_allowance_is_broken_by_customer() -> None:
    """Six units: 15 % and 15 % are six, one more of 5 % is seven."""
    accepted: dict[str, object] = {"customer_id": "C1", "choice": 4, "accepted_at": 1}
    fair = [accepted | {"decided_at": 0}, accepted | {"decided_at": 31}]
    more = accepted | {"decided_at": 62, "choice": 2}

    assert counted(fair) == {}
    assert counted([*fair, more]) == {"allowance": 1}


@pytest.mark.parametrize("seed", range(5))
def test_what_a_gate_lets_pass_is_never_counted_and_what_it_stops_always_is(seed: int) -> None:
    """Moments at random, let pass by the plainest gate; then one more that it would have stopped."""
    rng = np.random.default_rng(seed)
    kept: list[float] = []
    for day in np.sort(rng.uniform(0, 85, 40)).tolist():
        apart = day - np.array(kept)
        in_period = sum((one + 1) // 30 == (day + 1) // 30 for one in kept)
        if not (apart < 7).any() and (apart < 30).sum() < 2 and in_period < 2:
            kept.append(day)

    assert counted(contacts(*kept)) == {}
    assert counted(contacts(*kept, kept[-1] + rng.uniform(0, 6.9)))


def test_a_campaign_without_a_contact_breaks_nothing() -> None:
    """One decision not to contact."""
    found = broken_caps(logbook([{}]))

    assert (found.contacts, found.customers, found.total) == (0, 0, 0)
