"""What a decision is asked again with, one try a row."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from churn_saver.decide.rebuilding import Premises
from churn_saver.decide.trying import EXACT_EVERY, Try, table_of, tries_of, words_of
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import Customers
from churn_saver.evidence.explanation import Kind
from churn_saver.journey import Decider
from tests.builders import NOON, customers
from tests.explaining import decided, premises, tiny_engine


def plain(folder: Path, who: Customers | None = None, **campaign: object) -> Premises:
    """Give the premises of one decision."""
    with tiny_engine(folder, **campaign) as engine:
        return premises(engine, decided(engine, who))


def of_kind(tries: list[Try], kind: Kind) -> list[Try]:
    """Give the tries of a kind."""
    return [one for one in tries if one.kind is kind]


def test_every_known_input_is_tried_and_no_absent_one(tmp_path: Path) -> None:
    """The spend of the model is the very bill, so it is moved with the bill and not alone."""
    tries = tries_of(plain(tmp_path))

    assert {one.what for one in of_kind(tries, Kind.INPUT)} == {"tenure_months", "contract_type"}
    assert [one.field for one in of_kind(tries, Kind.BILL)][:1] == [("monthly_spend", 91.79)]
    words = [one.after for one in of_kind(tries, Kind.INPUT) if one.what == "contract_type"]
    assert words == ["one year", "two year"]


def test_a_spend_that_is_not_the_bill_is_an_input_of_its_own(tmp_path: Path) -> None:
    """And the bill moves without it."""
    tries = tries_of(plain(tmp_path, customers(bill_minor=np.array([5_000]))))

    assert "monthly_spend" in {one.what for one in of_kind(tries, Kind.INPUT)}
    assert {one.field for one in of_kind(tries, Kind.BILL)} == {None}


def test_gates_are_opened_alone_then_together(tmp_path: Path) -> None:
    """After a contact two are closed: each, then both."""
    with tiny_engine(tmp_path) as engine:
        decided(engine)
        found = premises(engine, decided(engine, now=NOON + timedelta(days=1)))
    gates = of_kind(tries_of(found), Kind.GATES)

    assert [one.what for one in gates] == ["cooldown", "cap_7_days", "cooldown + cap_7_days"]
    assert table_of(found, gates).gates.allowed[:, 4].tolist() == [False, False, True]


def test_each_row_has_its_one_change_and_nothing_else(tmp_path: Path) -> None:
    """What is not moved is as it was, to the bit."""
    found = plain(tmp_path)
    tries = tries_of(found)
    table = table_of(found, tries)

    for row, one in enumerate(tries):
        moved = {
            Kind.CHURN_RISK: table.customers.churn_risk[row] == one.risk,
            Kind.BILL: table.customers.bill_minor[row] == one.bill_minor,
        }
        assert moved.get(one.kind, True)
        is_bill = one.kind is Kind.BILL
        assert bool(table.customers.bill_minor[row] == 8_999) is not is_bill
        tenure = float(table.customers.fields["tenure_months"][row])
        assert (tenure == 12.0) is (one.what != "tenure_months")
    assert found.customers.fields["tenure_months"].tolist() == [12.0]


def test_the_exact_policy_is_asked_less_often(tmp_path: Path) -> None:
    """It takes milliseconds for each row."""
    found = plain(tmp_path)
    exact = replace(found, rules=replace(found.rules, decider=Decider("exact")))
    risks = [len(of_kind(tries_of(one), Kind.CHURN_RISK)) for one in (found, exact)]

    assert risks[0] > risks[1] * (EXACT_EVERY - 2) > 0


def test_flags_are_joined_in_their_order() -> None:
    """Lowest first."""
    assert words_of(int(Reason.BUDGET | Reason.COOLDOWN)) == "cooldown + budget"
