"""A whole table: planned, committed once, resumed after a kill, never over budget."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.adapters import plans
from churn_saver.decide import Engine
from churn_saver.decide.table import Committed, commit, plan
from churn_saver.domain.customer import Customers
from churn_saver.errors import CampaignError, InputError
from churn_saver.store import Store, open_store
from tests.builders import NOON, campaign, customers, predictors, rules

RULES = rules()


def silent(what: str, done: int, total: int) -> None:
    """Show nothing."""


def varied(n: int, seed: int = 0) -> Customers:
    """Give n customers of varied bill and risk."""
    rng = np.random.default_rng(seed)
    return customers(
        n, bill_minor=rng.integers(1_000, 12_000, n), churn_risk=rng.beta(2, 5, n), names=[None] * n
    )


def opened(folder: Path, **changes: object) -> Engine:
    """Give an engine with an empty ledger and one campaign."""
    store = open_store(f"sqlite:///{folder / 'ledger.db'}")
    store.campaigns.open(campaign(**changes))
    return Engine(store, predictors(), RULES)


def planned(table: Customers, engine: Engine, folder: Path) -> plans.PlanIndex:
    """Plan a table at noon."""
    return plan(table, engine, folder, NOON, silent, "0" * 64)


def reserved(store: Store) -> int:
    """Add up the reservations themselves, and check them against the running totals."""
    return store.verify("spring", NOON).reserved_minor


def test_a_plan_reserves_nothing_and_a_commit_does(tmp_path: Path) -> None:
    """300 customers, 500.00: the plan leaves the ledger as it was; the commit records each once."""
    engine = opened(tmp_path, limit_minor=50_000)

    index = planned(varied(300), engine, tmp_path / "plan")

    assert reserved(engine.store) == 0
    done = commit(tmp_path / "plan", engine.store, NOON, silent)
    assert done == Committed(recorded=300, contacts=index.contacts, withheld=0, overtaken=0)
    assert reserved(engine.store) == index.needs_minor <= 50_000
    assert engine.store.campaigns.get("spring").price == index.price


def test_a_commit_is_done_once_however_often_it_is_called(tmp_path: Path) -> None:
    """Three commits of one plan reserve what one does and report the same."""
    engine = opened(tmp_path, limit_minor=50_000)
    index = planned(varied(100), engine, tmp_path / "plan")

    results = [commit(tmp_path / "plan", engine.store, NOON, silent) for _ in range(3)]

    assert results[0] == results[1] == results[2]
    assert reserved(engine.store) == index.needs_minor


def test_a_killed_commit_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Parts of 20 rows, killed after the second: 40 rows stand, the next call does the rest."""
    engine = opened(tmp_path, limit_minor=50_000)
    index = plan(varied(100), engine, tmp_path / "plan", NOON, silent, "0" * 64, part_rows=20)

    def die(what: str, done: int, total: int) -> None:
        if done == 40:
            raise KeyboardInterrupt("killed")

    with pytest.raises(KeyboardInterrupt, match="killed"):
        commit(tmp_path / "plan", engine.store, NOON, die)
    half = sum(len(batch["decision_id"]) for batch in engine.store.records(index.plan_id))
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert half == 40
    assert done.recorded == 100
    assert reserved(engine.store) == index.needs_minor


def test_planned_contacts_that_no_longer_fit_are_withheld(tmp_path: Path) -> None:
    """The limit falls to zero after planning: nobody is contacted, all are recorded, with the reason."""
    engine = opened(tmp_path, limit_minor=50_000)
    index = planned(varied(100), engine, tmp_path / "plan")
    engine.store.campaigns.set_limit("spring", 0, NOON)

    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert done == Committed(recorded=100, contacts=0, withheld=index.contacts, overtaken=0)
    assert reserved(engine.store) == 0
    assert commit(tmp_path / "plan", engine.store, NOON, silent) == done


def test_customers_decided_elsewhere_in_between_are_left_alone(tmp_path: Path) -> None:
    """Two plans for the same table: the second commit finds every customer overtaken."""
    engine = opened(tmp_path, limit_minor=500_000)
    table = varied(50)
    planned(table, engine, tmp_path / "first")
    planned(table.take(np.arange(50)[::-1]), engine, tmp_path / "second")
    commit(tmp_path / "first", engine.store, NOON, silent)

    done = commit(tmp_path / "second", engine.store, NOON, silent)

    assert (done.recorded, done.overtaken) == (0, 50)


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


def test_a_stale_plan_and_a_missing_campaign_are_refused(tmp_path: Path) -> None:
    """A day later send times and last days would be wrong; without a campaign there is no budget."""
    engine = opened(tmp_path)
    planned(varied(5), engine, tmp_path / "plan")

    with pytest.raises(InputError, match="more than a day ago"):
        commit(tmp_path / "plan", engine.store, NOON + timedelta(days=2), silent)

    engine.store.campaigns.close("spring", NOON)

    with pytest.raises(CampaignError, match="no campaign is open"):
        planned(varied(5), engine, tmp_path / "other")


def test_without_predictors_the_propensity_rule_plans(tmp_path: Path) -> None:
    """No worth, no price: the campaign keeps its own; the ledger still holds the limit."""
    engine = opened(tmp_path, limit_minor=5_000, price=0.7)
    baseline = Engine(engine.store, None, RULES)
    risky = customers(50, churn_risk=np.full(50, 0.9))

    index = planned(risky, baseline, tmp_path / "plan")
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert index.price is None
    assert engine.store.campaigns.get("spring").price == 0.7
    assert done.contacts == 5
    assert done.withheld == 45
    assert reserved(engine.store) == 5_000


@settings(max_examples=15, deadline=None)
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
