"""A whole table, planned: one price, who is due, never over budget."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.decide import Engine
from churn_saver.decide.committing import commit
from churn_saver.decide.planning import plan
from tests.builders import NOON, customers, rules
from tests.deciding import opened, planned, reserved, silent, varied


def test_who_is_not_due_is_left_out_until_tomorrow(tmp_path: Path) -> None:
    """Decided today means decided again after a day."""
    engine = opened(tmp_path)
    planned(varied(30), engine, tmp_path / "today")
    commit(tmp_path / "today", engine.store, NOON, silent)

    again = planned(varied(40), engine, tmp_path / "again")
    tomorrow = plan(varied(40), engine, tmp_path / "tomorrow", NOON + timedelta(days=1), silent, "0" * 64)

    nobody = planned(varied(30), engine, tmp_path / "nobody")
    priced = engine.store.campaigns.get("spring").price
    commit(tmp_path / "nobody", engine.store, NOON, silent)

    assert (again.rows, again.not_due) == (10, 30)
    assert (nobody.rows, nobody.price) == (0, None)
    assert engine.store.campaigns.get("spring").price == priced
    assert (tomorrow.rows, tomorrow.not_due) == (40, 0)


def test_equal_customers_still_spend_the_budget(tmp_path: Path) -> None:
    """100 equal customers at 14.50 each, 145.00: ten are contacted, though all tie at the price."""
    engine = opened(tmp_path, limit_minor=14_500)

    index = planned(customers(100), engine, tmp_path / "plan")

    assert 14_500 - 1_450 < index.needs_minor <= 14_500


def test_without_predictors_the_propensity_rule_plans(tmp_path: Path) -> None:
    """No worth, no price: the campaign keeps its own; the ledger still holds the limit."""
    engine = opened(tmp_path, limit_minor=5_000, price=0.7)
    baseline = Engine(engine.store, None, engine.rules)
    risky = customers(50, churn_risk=np.full(50, 0.9))

    index = planned(risky, baseline, tmp_path / "plan")
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert index.price is None
    assert engine.store.campaigns.get("spring").price == 0.7
    assert index.needs_minor == 5_000
    assert (done.contacts, done.withheld) == (5, 0)
    assert reserved(engine.store) == 5_000


@pytest.mark.parametrize("name", ["never", "random", "risk_value", "greedy", "propensity_rule", "knapsack"])
def test_every_rung_keeps_within_the_budget(tmp_path: Path, name: str) -> None:
    """200 customers, 50.00: what a rung wants beyond it is withheld, in the order of the table."""
    engine = opened(tmp_path, limit_minor=5_000)
    chosen = Engine(engine.store, engine.predictors, rules(policy=name, random_share=0.5))

    index = planned(varied(200), chosen, tmp_path / "plan")
    done = commit(tmp_path / "plan", engine.store, NOON, silent)
    policies = {str(one) for batch in engine.store.records() for one in batch["policy"]}

    assert reserved(engine.store) == index.needs_minor <= 5_000
    assert (done.recorded, done.withheld, policies) == (200, 0, {name})
    assert (done.contacts > 0) == (name != "never")


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), n=st.integers(0, 60), limit=st.integers(0, 40_000))
def test_the_limit_holds_whatever_the_table(
    tmp_path_factory: pytest.TempPathFactory, seed: int, n: int, limit: int
) -> None:
    """Any seed, size and limit: reserved is at most the limit, by the sum over reservations."""
    folder = tmp_path_factory.mktemp("law")
    engine = opened(folder, limit_minor=limit, holdout_share=0.1)
    index = planned(varied(n, seed), engine, folder / "plan")
    commit(folder / "plan", engine.store, NOON, silent)

    assert reserved(engine.store) == index.needs_minor <= limit
