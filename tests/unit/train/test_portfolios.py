"""Whom a policy learns from and whom it is judged on."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.domain.customer import Customers
from churn_saver.errors import InputError
from churn_saver.policy.population import Population
from churn_saver.policy.reward import contact_values
from churn_saver.tabular.predictors import Predictors
from churn_saver.train.datasets import RiskTable
from churn_saver.train.portfolios import in_halves, scored_table
from tests.tiny_tables import ENV, population

Floats = NDArray[np.float64]


def rows(people: Population) -> list[tuple[float, ...]]:
    """Give customers as tuples, to look for."""
    columns = np.column_stack([people.usual_logit, people.accept, people.bill_minor])
    return [tuple(row) for row in columns.tolist()]


def stakes(people: Population) -> Floats:
    """Say what one contact is worth to each customer at best, minor units, in rising order."""
    n, risk = len(people), 1.0 / (1.0 + np.exp(-people.usual_logit))
    values = contact_values(risk, risk, people.accept, np.zeros(n), people.bill_minor, ENV.horizon_days, ENV)
    return np.sort(values.gain[:, 1:].max(axis=1))


@settings(max_examples=20)
@given(st.integers(4, 60), st.integers(0, 10_000))
def test_halves_are_disjoint_and_together_the_table(n: int, seed: int) -> None:
    """Of equal size, but for one customer of an odd table; nobody is in both, nobody is lost."""
    people = population(n, seed)

    table = in_halves(people, ENV, "a test")

    taught, judged = rows(table.learning), rows(table.held_out)
    assert abs(len(taught) - len(judged)) <= 1
    assert len(taught) + len(judged) == n
    assert not set(taught) & set(judged)
    assert sorted(taught + judged) == sorted(rows(people))


def test_halves_are_of_one_mind_about_what_a_contact_is_worth() -> None:
    """400 customers: means of the stakes within one in a hundred, and every tenth of both alike."""
    table = in_halves(population(400, 3), ENV, "a test")

    left, right = stakes(table.learning), stakes(table.held_out)

    assert left.mean() == pytest.approx(right.mean(), rel=0.01)
    for tenth in range(10):
        part = slice(tenth * 20, (tenth + 1) * 20)
        assert left[part].mean() == pytest.approx(right[part].mean(), rel=0.05, abs=5.0)


def test_the_digest_is_of_the_customers_and_of_nothing_else() -> None:
    """The same table twice is the same; one cent more is not."""
    people = population(12)
    dearer = replace(people, bill_minor=people.bill_minor + np.eye(12, dtype=np.int64)[5])

    first = in_halves(people, ENV, "a test")

    assert first.sha256 == in_halves(people, ENV, "another name").sha256
    assert first.sha256 != in_halves(dearer, ENV, "a test").sha256
    assert len(first.sha256) == 64


@pytest.mark.parametrize("n", [2, 3])
def test_too_few_to_halve_are_refused(n: int) -> None:
    """Two customers a half are the least."""
    with pytest.raises(InputError, match=rf"^{n} customers cannot be halved, wanted 4 or more: .*larger"):
        in_halves(population(n), ENV, "a test")


@dataclass
class Fake:
    """Predictors that know their answers beforehand."""

    risks: Floats
    ladder: Floats

    def probability(self, customers: Customers) -> Floats:
        """Give the risks of as many customers as there are."""
        return self.risks[: len(customers)]

    def probabilities(self, customers: Customers, churn_risk: Floats) -> Floats:
        """Give the acceptances of as many."""
        assert churn_risk.tolist() == self.probability(customers).tolist()
        return self.ladder[: len(customers)]

    def predictors(self) -> Predictors:
        """Stand where predictors do."""
        return cast(Predictors, SimpleNamespace(risk=self, accept=self, version="abc123"))


def fake(n: int = 20) -> Fake:
    """Draw answers for n customers."""
    rng = np.random.default_rng(0)
    return Fake(rng.uniform(0.02, 0.9, n), np.sort(rng.uniform(0, 1, (n, 4)), axis=1))


def paying(risk_rows: RiskTable, bills: list[int]) -> RiskTable:
    """Take customers of the demo with these bills."""
    some = risk_rows.customers.take(np.arange(len(bills)))
    return replace(risk_rows, customers=replace(some, bill_minor=np.array(bills, dtype=np.int64)))


def test_customers_without_a_bill_are_left_out(risk_rows: RiskTable) -> None:
    """They have nothing to lose and nothing to save; the others are described without any path."""
    table = scored_table(paying(risk_rows, [0, 5_000, 6_000, 0, 7_000, 8_000]), fake().predictors(), ENV)

    bills = np.concatenate([table.learning.bill_minor, table.held_out.bill_minor])
    assert sorted(bills.tolist()) == [5_000, 6_000, 7_000, 8_000]
    assert table.described == "4 customers of churn_train.csv (demo), predictors abc123"


def test_scores_are_the_predictors_of_the_customers_that_are_left(risk_rows: RiskTable) -> None:
    """Each bill with its own risk and its own acceptances."""
    known = fake()

    table = scored_table(paying(risk_rows, [0, 5_000, 6_000, 7_000, 8_000]), known.predictors(), ENV)

    by_bill = {
        int(bill): (logit, accept.tolist())
        for half in (table.learning, table.held_out)
        for bill, logit, accept in zip(half.bill_minor, half.usual_logit, half.accept, strict=True)
    }
    alone = Population.of_scores(known.risks[:4], known.ladder[:4], np.full(4, 5_000), ENV)
    for i, bill in enumerate((5_000, 6_000, 7_000, 8_000)):
        assert by_bill[bill] == (alone.usual_logit[i], known.ladder[i].tolist())


@pytest.mark.parametrize("bills", [[0, 0, 0, 0, 0], [5_000], [0, 5_000, 0]])
def test_a_table_of_nobody_or_of_one_is_refused(risk_rows: RiskTable, bills: list[int]) -> None:
    """With what to do."""
    with pytest.raises(
        InputError, match=r"the population has [01] customers, wanted 2 or more.*larger table"
    ):
        scored_table(paying(risk_rows, bills), fake().predictors(), ENV)


def test_acceptances_that_fall_with_the_offer_are_refused(risk_rows: RiskTable) -> None:
    """A dearer offer that is taken less often is a broken predictor; row and fix are named."""
    broken = fake()
    broken.ladder[2] = broken.ladder[2, ::-1]

    with pytest.raises(InputError, match=r"acceptance falls with the offer in row 2 .*make train-risk"):
        scored_table(paying(risk_rows, [5_000] * 6), broken.predictors(), ENV)
