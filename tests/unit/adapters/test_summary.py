"""Figures of a decision report."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.adapters.summary import GroupLine, ReasonLine, choices, protected_columns, summarise
from churn_saver.domain.customer import Customers
from churn_saver.errors import InputError

CONTACT_COST = 100


def _frame() -> pl.DataFrame:
    """Six customers: three contacted (0 %, 10 %, 10 %), one held out, two not worth it."""
    return pl.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "e", "f"],
            "contact": [True, True, True, False, False, False],
            "offer_percentage": [0, 10, 10, None, None, None],
            "reserved_minor": [100, 900, 1_100, 0, 0, 0],
            "churn_risk": [0.2, 0.5, 0.8, 0.7, 0.1, math.nan],
            "accept_prob": [0.3, 0.25, 0.5, 0.4, 0.1, math.nan],
            "expected_value": [3.0, 10.5, 20.25, 9.0, 0.0, -math.inf],
            "policy": ["knapsack"] * 6,
            "reason": ["", "", "", "holdout", "not_worth_it cooldown", "cooldown"],
            "arm": ["treated", "treated", "treated", "holdout", "holdout", "treated"],
            "currency": ["EUR"] * 6,
        },
        schema_overrides={"offer_percentage": pl.Int64},
    )


def test_the_run_is_added_up() -> None:
    """Spend: 100 + (100 + .25 · 800) + (100 + .5 · 1,000) = 1,000; worth: 3 + 10.5 + 20.25 = 33.75."""
    summary = summarise(_frame(), 2_500, CONTACT_COST, ledger_minor=2_100)

    assert (summary.customers, summary.contacted, summary.not_contacted) == (6, 3, 3)
    assert summary.held_out == 2
    assert (summary.reserved_minor, summary.limit_minor, summary.ledger_minor) == (2_100, 2_500, 2_100)
    assert summary.expected_spend_minor == pytest.approx(1_000)
    assert summary.expected_value == pytest.approx(33.75)
    assert (summary.policies, summary.currency) == (("knapsack",), "EUR")


def test_each_offer_has_its_line() -> None:
    """All four rungs in order; 10 %: 900 + 1,100 reserved, 300 + 600 expected, risk (.5 + .8) / 2."""
    lines = summarise(_frame(), 2_500, CONTACT_COST).offers

    assert [line.percent for line in lines] == [0, 5, 10, 15]
    assert [line.customers for line in lines] == [1, 0, 2, 0]
    assert lines[2].reserved_minor == 2_000
    assert lines[2].expected_spend_minor == pytest.approx(900)
    assert lines[2].expected_value == pytest.approx(30.75)
    assert lines[2].mean_risk == pytest.approx(0.65)
    assert lines[2].mean_accept == pytest.approx(0.375)
    assert (lines[1].expected_spend_minor, lines[1].mean_risk) == (0.0, None)


def test_reasons_are_counted_one_by_one() -> None:
    """Two in cooldown, one of them not worth it as well; most frequent first, then by name."""
    reasons = summarise(_frame(), 2_500, CONTACT_COST).reasons

    assert reasons == (
        ReasonLine("cooldown", 2),
        ReasonLine("holdout", 1),
        ReasonLine("not_worth_it", 1),
    )


@pytest.mark.parametrize("joint", [" ", ",", "; ", "|", " + "])
def test_what_joins_reasons_does_not_matter(joint: str) -> None:
    """One cell with two reasons counts at both."""
    frame = _frame().with_columns(reason=pl.lit(f"cap_7_days{joint}cooldown"))

    assert {line.reason: line.customers for line in summarise(frame, 0, CONTACT_COST).reasons} == {
        "cap_7_days": 3,
        "cooldown": 3,
    }


def test_risks_leave_out_who_has_no_score() -> None:
    """Mean of .2 .5 .8 .7 .1 = .46; contacted .5; others (.7 + .1) / 2 = .4; median .5."""
    summary = summarise(_frame(), 2_500, CONTACT_COST)

    assert summary.mean_risk == pytest.approx(0.46)
    assert summary.mean_risk_contacted == pytest.approx(0.5)
    assert summary.mean_risk_others == pytest.approx(0.4)
    assert dict(summary.risk_quantiles)[0.5] == pytest.approx(0.5)
    assert dict(summary.risk_quantiles)[1.0] == pytest.approx(0.8)


def test_what_nobody_knows_is_none_not_zero() -> None:
    """The propensity rule values nothing: worth and expected spend of discounts are not known."""
    frame = _frame().with_columns(
        expected_value=pl.lit(math.nan),
        accept_prob=pl.lit(None, dtype=pl.Float64),
        churn_risk=pl.lit(math.nan),
    )
    summary = summarise(frame, 2_500, CONTACT_COST)

    assert summary.expected_value is None
    assert summary.expected_spend_minor is None
    assert summary.offers[0].expected_spend_minor == 100
    assert summary.mean_risk is None
    assert summary.risk_quantiles == ()


def test_nobody_contacted_adds_up_to_nothing() -> None:
    """Without contacts sums are 0; without customers there are no shares and no currency."""
    nobody = summarise(_frame().filter(~pl.col("contact")), 2_500, CONTACT_COST)
    empty = summarise(_frame().clear(), 2_500, CONTACT_COST)

    assert (nobody.contacted, nobody.reserved_minor, nobody.expected_spend_minor) == (0, 0, 0.0)
    assert nobody.expected_value == 0.0
    assert (empty.customers, empty.currency, empty.reasons, empty.mean_risk) == (0, "", (), None)


def test_groups_show_contacts_and_discounts() -> None:
    """Of three women two are contacted, one with a discount; who gave nothing is a group too."""
    protected = pl.DataFrame(
        {"customer_id": list("abcde"), "gender": ["female", "female", "male", "female", None], "age": [1] * 5}
    )
    groups = summarise(_frame(), 2_500, CONTACT_COST, protected=protected).groups

    assert [(g.word, g.customers, g.contacted, g.discounted) for g in groups] == [
        ("female", 3, 2, 1),
        ("male", 1, 1, 1),
        ("not given", 2, 0, 0),
    ]
    assert groups[0].contact_rate == pytest.approx(2 / 3)
    assert groups[0].discount_rate == pytest.approx(1 / 3)
    assert groups[0].mean_risk == pytest.approx((0.2 + 0.5 + 0.7) / 3)


def test_without_protected_columns_there_are_no_groups() -> None:
    """Nothing handed in, and a table with ids only, both give none."""
    only_ids = pl.DataFrame({"customer_id": ["a"]})

    assert summarise(_frame(), 0, CONTACT_COST).groups == ()
    assert summarise(_frame(), 0, CONTACT_COST, protected=only_ids).groups == ()


def test_missing_columns_are_all_named() -> None:
    """A frame of something else is refused with what lacks and what was found."""
    with pytest.raises(InputError, match=r"lack the columns arm, currency, found customer_id, contact"):
        summarise(_frame().drop("arm", "currency"), 0, CONTACT_COST)


def test_choices_are_the_rungs() -> None:
    """No contact is 0; 0, 5, 10, 15 % are 1 to 4."""
    frame = pl.DataFrame(
        {"contact": [False, True, True, True, True], "offer_percentage": [None, 0, 5, 10, 15]}
    )

    assert choices(frame).tolist() == [0, 1, 2, 3, 4]
    assert choices(frame).dtype == np.int8


def _customers(fields: dict[str, list[float]]) -> Customers:
    n = 2
    unknown = np.full(n, np.nan)
    return Customers(
        ids=["a", "b"],
        names=[None] * n,
        bill_minor=np.zeros(n, dtype=np.int64),
        fields={name: np.array(values, dtype=np.float32) for name, values in fields.items()},
        churn_risk=unknown,
        contacts_last_7d=unknown,
        days_since_last_contact=unknown,
        time_zones=[None] * n,
        countries=[None] * n,
        channels=[None] * n,
        opted_in=[None] * n,
    )


def test_protected_columns_are_read_as_words() -> None:
    """Codes become the vocabulary's words, absent stays empty, other fields stay away."""
    customers = _customers({"gender": [1, math.nan], "senior_citizen": [0, 1], "tenure_months": [3, 4]})
    found = protected_columns(customers)

    assert found is not None
    assert found.to_dict(as_series=False) == {
        "customer_id": ["a", "b"],
        "gender": ["male", None],
        "senior_citizen": ["no", "yes"],
    }


def test_protected_columns_nobody_sent_are_none() -> None:
    """A table without them has no groups to show."""
    assert protected_columns(_customers({"gender": [math.nan, math.nan]})) is None


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_parts_add_up_and_order_does_not_matter(seed: int) -> None:
    """Offers add up to the run, groups to all customers; shuffled rows give the same figures."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 200))
    contact = rng.random(n) < 0.4
    percent = rng.choice([0, 5, 10, 15], n)
    frame = pl.DataFrame(
        {
            "customer_id": [str(i) for i in range(n)],
            "contact": contact,
            "offer_percentage": [int(p) if c else None for p, c in zip(percent, contact, strict=True)],
            "reserved_minor": np.where(contact, 100 + 37 * percent, 0),
            "churn_risk": rng.random(n),
            "accept_prob": rng.random(n),
            "expected_value": rng.normal(10, 5, n),
            "policy": "knapsack",
            "reason": np.where(contact, "", "not_worth_it"),
            "arm": "treated",
            "currency": "USD",
        },
        schema_overrides={"offer_percentage": pl.Int64},
    )
    protected = frame.select("customer_id", partner=pl.Series(rng.choice(["no", "yes"], n)))
    one = summarise(frame, 10, CONTACT_COST, protected=protected)
    other = summarise(
        frame.sample(fraction=1, shuffle=True, seed=seed % 1000), 10, CONTACT_COST, protected=protected
    )

    assert sum(line.customers for line in one.offers) == one.contacted == int(contact.sum())
    assert sum(line.reserved_minor for line in one.offers) == one.reserved_minor
    assert sum(line.customers for line in one.reasons) == one.not_contacted
    assert sum(group.customers for group in one.groups) == n
    assert _rounded(one.groups) == _rounded(other.groups)
    assert (one.reserved_minor, one.reasons) == (other.reserved_minor, other.reasons)
    assert one.expected_value == pytest.approx(other.expected_value)
    assert (one.expected_spend_minor or 0) <= one.reserved_minor + 1e-6


def _rounded(groups: tuple[GroupLine, ...]) -> list[tuple[object, ...]]:
    return [
        (g.column, g.word, g.customers, g.contacted, g.discounted, round(g.mean_risk or 0, 9)) for g in groups
    ]
