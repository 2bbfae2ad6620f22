"""Which choices are open for each customer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.domain.action import Reason, choice_costs_minor
from churn_saver.domain.campaign import Campaign, Caps
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.errors import InputError
from churn_saver.policy.standing import ContactBasis, Standing, standing

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=10)
CAMPAIGN = Campaign(
    campaign_id="spring", starts_at=START, horizon_days=90, limit_minor=100_000, customers=200,
    currency="USD", price=0.0, holdout_share=0.0, exploration_share=0.0,
    caps=Caps(per_7_days=1, per_30_days=2, per_period=2, cooldown_days=7, allowance_units=6), salt="s",
)  # fmt: skip


def customers(n: int = 1, bill_minor: int = 10_000) -> Customers:
    """Write n customers who say nothing of themselves."""
    blank = np.full(n, np.nan)
    return Customers(
        ids=[f"C{i}" for i in range(n)], names=[None] * n, bill_minor=np.full(n, bill_minor), fields={},
        churn_risk=blank, contacts_last_7d=blank, days_since_last_contact=blank,
        time_zones=[None] * n, countries=[None] * n, channels=[None] * n, opted_in=[None] * n,
    )  # fmt: skip


def stands(
    who: Customers,
    history: ContactHistory | None = None,
    campaign: Campaign | None = CAMPAIGN,
    *,
    free_minor: int = 10**9,
    now: datetime = NOW,
    basis: ContactBasis = "existing_customer",
) -> Standing:
    """Apply the gates with a contact that costs 1.00."""
    known = ContactHistory.unseen(len(who)) if history is None else history
    return standing(who, known, campaign, choice_costs_minor(who.bill_minor, 100), free_minor, now, basis)


def reasons(found: Standing, row: int = 0) -> list[list[str]]:
    """Name the reasons against each of the four offers."""
    return [Reason(int(flags)).words() for flags in found.excluded[row, 1:]]


def test_a_customer_never_seen_may_be_contacted() -> None:
    """Nothing known and nothing said: all choices are open."""
    found = stands(customers(2))

    assert found.allowed.all()
    assert found.fatigue.tolist() == [0.0, 0.0]
    assert found.days_since_contact.tolist() == [np.inf, np.inf]
    assert not found.held_out.any()


@pytest.mark.parametrize(
    ("campaign", "now"),
    [
        (None, NOW),
        (CAMPAIGN, START - timedelta(seconds=1)),
        (CAMPAIGN, START + timedelta(days=90)),
        (replace(CAMPAIGN, closed_at=START + timedelta(days=1)), NOW),
    ],
)
def test_without_an_open_campaign_nobody_is_contacted(campaign: Campaign | None, now: datetime) -> None:
    """None, not begun, over, closed."""
    found = stands(customers(), campaign=campaign, now=now)

    assert reasons(found) == [["no_campaign"]] * 4
    assert found.excluded[0, 0] == 0


def test_what_cannot_be_read_counts_as_closed() -> None:
    """The gate fails closed."""
    found = stands(customers(), ContactHistory.unseen(1, readable=False))

    assert reasons(found) == [["state_unreadable"]] * 4


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("suppressed", True, ["suppressed"]),
        ("opted_out", True, ["opted_out"]),
        ("contacts_7d", 1, ["cap_7_days"]),
        ("contacts_30d", 2, ["cap_30_days"]),
        ("contacts_period", 2, ["cap_period"]),
        ("days_since_contact", 6.99, ["cooldown"]),
        ("contacts_30d", 1, []),
        ("contacts_period", 1, []),
        ("days_since_contact", 7.0, []),
    ],
)
def test_each_gate_of_the_store_has_its_own_reason(column: str, value: float, reason: list[str]) -> None:
    """One figure at its limit closes one gate; one below it closes none."""
    blank = ContactHistory.unseen(1)
    figure = np.array([value], dtype=getattr(blank, column).dtype)
    history = replace(blank, **{column: figure})  # type: ignore[arg-type]

    assert reasons(stands(customers(), history)) == [reason] * 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"contacts_last_7d": np.array([1.0])}, ["cap_7_days"]),
        ({"contacts_last_7d": np.array([2.0])}, ["cap_7_days", "cap_30_days", "cap_period"]),
        ({"days_since_last_contact": np.array([3.0])}, ["cooldown"]),
        ({"opted_in": [False]}, ["opted_out"]),
        ({"opted_in": [True]}, []),
    ],
)
def test_the_caller_can_close_a_gate(change: dict[str, object], reason: list[str]) -> None:
    """Seven days lie within thirty, so two contacts in seven days close all three caps."""
    assert reasons(stands(replace(customers(), **change))) == [reason] * 4  # type: ignore[arg-type]


@pytest.mark.parametrize(("said", "reason"), [(None, ["opted_out"]), (False, ["opted_out"]), (True, [])])
def test_explicit_consent_needs_a_yes(said: bool | None, reason: list[str]) -> None:
    """Silence is no consent on this basis."""
    found = stands(replace(customers(), opted_in=[said]), basis="explicit_consent")

    assert reasons(found) == [reason] * 4


def test_a_yes_from_the_caller_does_not_undo_an_opt_out() -> None:
    """The store remembers the no, on both bases."""
    history = replace(ContactHistory.unseen(1), opted_out=np.array([True]))

    for basis in ("existing_customer", "explicit_consent"):
        found = stands(replace(customers(), opted_in=[True]), history, basis=basis)
        assert reasons(found) == [["opted_out"]] * 4


def test_allowance_closes_the_dearer_offers_first() -> None:
    """Of 6 units 4, 5, 6 and 7 are used: 2, 1, 0 and −1 are left for offers of 0, 1, 2, 3 units."""
    history = replace(ContactHistory.unseen(4), units_used=np.array([4, 5, 6, 7]))

    found = stands(customers(4), history)

    assert found.allowed.tolist() == [
        [True, True, True, True, False],
        [True, True, True, False, False],
        [True, True, False, False, False],
        [True, True, False, False, False],
    ]
    assert reasons(found, 1)[3] == ["allowance"]


def test_budget_closes_what_it_does_not_cover() -> None:
    """A bill of 100.00 and 6.00 free: contact 1.00, with 5 % 6.00, with 10 % 11.00."""
    found = stands(customers(), free_minor=600)

    assert reasons(found) == [[], [], ["budget"], ["budget"]]


def test_all_reasons_are_kept() -> None:
    """Nothing is masked by what came before it."""
    history = replace(
        ContactHistory.unseen(1, readable=False), suppressed=np.array([True]), units_used=np.array([6])
    )

    found = stands(replace(customers(), opted_in=[False]), history, free_minor=0)

    first = ["state_unreadable", "suppressed", "opted_out", "budget"]
    assert reasons(found)[0] == first
    assert reasons(found)[3] == sorted([*first, "allowance"], key=[*first[:3], "allowance", "budget"].index)


def test_holdout_is_marked_and_closes_nothing() -> None:
    """The arm is for whoever decides what is sent; here it is only named, by the campaign's own hash."""
    campaign = replace(CAMPAIGN, holdout_share=0.3)
    who = customers(400)

    found = stands(who, campaign=campaign)

    assert found.held_out.tolist() == [campaign.holds_out(name) for name in who.ids]
    assert 60 < found.held_out.sum() < 180
    assert found.allowed.all()
    assert not stands(who, campaign=None).held_out.any()


def test_fatigue_and_days_take_the_stricter_of_both_counts() -> None:
    """More contacts, fewer days, whoever counted them."""
    history = replace(
        ContactHistory.unseen(3), contacts_period=np.array([2, 0, 1]),
        days_since_contact=np.array([9.0, 40.0, np.inf]),
    )  # fmt: skip
    who = replace(
        customers(3), contacts_last_7d=np.array([1.0, 3.0, np.nan]),
        days_since_last_contact=np.array([20.0, 8.0, np.nan]),
    )  # fmt: skip

    found = stands(who, history)

    assert found.fatigue.tolist() == [2.0, 3.0, 1.0]
    assert found.days_since_contact.tolist() == [9.0, 8.0, np.inf]


@settings(max_examples=60)
@given(
    st.integers(0, 2**32), st.sampled_from(["existing_customer", "explicit_consent"]), st.integers(0, 2_000)
)
def test_what_the_caller_sends_only_tightens(seed: int, basis: ContactBasis, free_minor: int) -> None:
    """Whatever is said of contacts, or no to messages: no closed choice opens, no count falls."""
    rng, n = np.random.default_rng(seed), 60
    history = replace(
        ContactHistory.unseen(n, readable=bool(rng.random() < 0.9)),
        suppressed=rng.random(n) < 0.1, opted_out=rng.random(n) < 0.1,
        contacts_7d=rng.integers(0, 2, n), contacts_30d=rng.integers(0, 4, n),
        contacts_period=rng.integers(0, 4, n), units_used=rng.integers(0, 8, n),
        days_since_contact=rng.choice([0.0, 6.0, 8.0, np.inf], n),
    )  # fmt: skip
    said: list[bool | None] = [[None, True][i] for i in rng.integers(0, 2, n)]
    silent = replace(customers(n), opted_in=said)
    loud = replace(
        silent,
        contacts_last_7d=rng.choice([np.nan, 0.0, 1.0, 5.0], n),
        days_since_last_contact=rng.choice([np.nan, 0.0, 9.0, 400.0], n),
        opted_in=[
            None if yes is None and rng.random() < 0.5 else (yes and bool(rng.random() < 0.5)) for yes in said
        ],
    )

    before = stands(silent, history, free_minor=free_minor, basis=basis)
    after = stands(loud, history, free_minor=free_minor, basis=basis)

    assert np.all(before.excluded & ~after.excluded == 0)
    assert np.all(after.fatigue >= before.fatigue)
    assert np.all(after.days_since_contact <= before.days_since_contact)
    assert np.all(after.excluded[:, 0] == 0)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_customers_does_not_matter(seed: int) -> None:
    """Each row is judged alone."""
    rng, n = np.random.default_rng(seed), 50
    who, campaign = customers(n), replace(CAMPAIGN, holdout_share=0.5)
    history = replace(
        ContactHistory.unseen(n), contacts_30d=rng.integers(0, 4, n), units_used=rng.integers(0, 8, n)
    )
    order = rng.permutation(n)

    straight = stands(who, history, campaign)
    shuffled = stands(who.take(order), history.take(order), campaign)

    assert np.array_equal(shuffled.excluded, straight.excluded[order])
    assert np.array_equal(shuffled.held_out, straight.held_out[order])


def test_rows_must_match() -> None:
    """One row of history and of costs for each customer."""
    with pytest.raises(InputError, match="one row for each customer"):
        stands(customers(2), ContactHistory.unseen(3))


def test_while_all_is_stopped_every_contact_is_closed() -> None:
    """With its own reason beside the others; no contact stays open."""
    n = 2
    costs = np.zeros((n, 5), dtype=np.int64)
    found = standing(
        customers(n), ContactHistory.unseen(n), CAMPAIGN, costs, 1, NOW, "existing_customer", True
    )

    assert (found.excluded[:, 1:] == int(Reason.STOPPED)).all()
    assert found.allowed.tolist() == [[True, False, False, False, False]] * n
