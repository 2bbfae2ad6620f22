"""The smallest changes that change a decision: each one decided again from scratch, as the service would."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from churn_saver.decide.changing import changes_of, outcome
from churn_saver.domain.customer import FIELD_BY_NAME, Customers
from churn_saver.evidence.explanation import Change, Kind
from churn_saver.journey import retain
from tests.builders import campaign, customers, situation
from tests.deciding import RULES
from tests.explaining import decided, premises, tiny_engine
from tests.tiny_predictors import tiny_predictors

PRICES = (0.0, 0.4, 1.5, 3.0, 8.0)
TENURES = (1.0, 12.0, 30.0)


def someone(tenure: float) -> Customers:
    """Give a customer of so many months."""
    return customers(fields={**customers().fields, "tenure_months": np.array([tenure], dtype=np.float32)})


def found_for(folder: Path, price: float, tenure: float) -> Sequence[Change]:
    """Decide at a price, and find what would have changed it."""
    with tiny_engine(folder, price=price) as engine:
        return changes_of(premises(engine, decided(engine, someone(tenure))), of_intended=False)


def fresh(who: Customers, price: float) -> int:
    """Decide from scratch: no record, no premises."""
    at = situation(campaign=campaign(price=price))
    return int(retain(who, at, tiny_predictors(), price, RULES).choice[0])


def changed(who: Customers, change: Change) -> Customers:
    """Give the customer with a change of score, bill or input."""
    if change.kind is Kind.CHURN_RISK:
        return replace(who, churn_risk=np.array([change.after], dtype=np.float64))
    if change.kind is Kind.BILL:
        minor = int(str(change.after))
        spend = {"monthly_spend": np.array([minor / 100], dtype=np.float32)}
        return replace(who, bill_minor=np.array([minor]), fields={**who.fields, **spend})
    words = FIELD_BY_NAME[change.what].words
    value = float(words.index(str(change.after))) if words else float(str(change.after))
    return replace(who, fields={**who.fields, change.what: np.array([value], dtype=np.float32)})


@pytest.mark.parametrize("tenure", TENURES)
@pytest.mark.parametrize("price", PRICES)
def test_every_change_flips_a_decision_made_from_scratch(tmp_path: Path, price: float, tenure: float) -> None:
    """To the very choice that is told, which is not the one that was."""
    was = fresh(someone(tenure), price)
    found = found_for(tmp_path, price, tenure)

    assert found
    for change in found:
        is_price = change.kind is Kind.PRICE
        who = someone(tenure) if is_price else changed(someone(tenure), change)
        at = float(str(change.after)) if is_price else price
        assert (change.kind, fresh(who, at)) == (change.kind, change.choice)
        assert change.choice != was


@pytest.mark.parametrize("tenure", TENURES)
@pytest.mark.parametrize("price", PRICES)
def test_a_slightly_smaller_change_of_the_price_flips_nothing(
    tmp_path: Path, price: float, tenure: float
) -> None:
    """A millionth less, and any share of it."""
    (change,) = [one for one in found_for(tmp_path, price, tenure) if one.kind is Kind.PRICE]
    after, was = float(str(change.after)), fresh(someone(tenure), price)

    for share in (1 - 1e-6, 0.9, 0.5, 0.1):
        assert fresh(someone(tenure), price + share * (after - price)) == was


def test_the_price_that_flips_is_where_the_worth_is_nothing(tmp_path: Path) -> None:
    """Of one open offer: λ above gain / cost takes the contact away, whatever else there is."""
    with tiny_engine(tmp_path) as engine:
        found = premises(engine, decided(engine))
    excluded = np.array([[0, 1, 1, 0, 1]])
    only = replace(found, gates=replace(found.gates, excluded=excluded, allowed=excluded == 0))
    values = only.appraised().values
    assert values is not None
    edge = values.gain[0, 3] / (100 + 900)
    at_half = replace(only, price=edge / 2)
    (change,) = [one for one in changes_of(at_half, of_intended=False) if one.kind is Kind.PRICE]

    assert outcome(at_half, of_intended=False) == 3
    assert change.after == pytest.approx(edge, rel=1e-8)
    assert change.choice == 0


def test_an_input_is_moved_no_farther_than_it_must(tmp_path: Path) -> None:
    """The stump splits at two years: one month less changes nothing."""
    model = tiny_predictors().risk
    risks = [float(model.probability(someone(float(month)))[0]) for month in range(40)]
    split = next(month for month in range(12, 40) if risks[month] != risks[12])
    who = someone(12.0)
    values = [fresh(who, price) for price in np.linspace(0.0, 12.0, 49)]
    differs = [fresh(someone(float(split)), price) for price in np.linspace(0.0, 12.0, 49)]
    price = next(
        float(at) for at, one, other in zip(np.linspace(0.0, 12.0, 49), values, differs, strict=True)
        if one != other
    )  # fmt: skip
    found = found_for(tmp_path, price, 12.0)
    (change,) = [one for one in found if one.what == "tenure_months"]

    assert (change.before, change.after) == (12.0, float(split))


@pytest.mark.parametrize("rung", ["never", "greedy", "risk_value", "propensity_rule"])
def test_who_does_not_ask_for_the_price_is_changed_by_none(tmp_path: Path, rung: str) -> None:
    """And nothing at all changes whoever leaves everybody alone."""
    with tiny_engine(tmp_path, price=0.5) as engine:
        then = replace(engine, rules=replace(engine.rules, decider=replace(RULES.decider, rung=rung)))
        found = changes_of(premises(then, decided(then)), of_intended=False)

    assert Kind.PRICE not in {one.kind for one in found}
    assert (found == ()) is (rung == "never")
