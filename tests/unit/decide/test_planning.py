"""A whole table, planned: one price, who is due, never over budget."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.adapters import plans
from churn_saver.decide import Engine, decide_now
from churn_saver.decide.assigning import Challenge, Deciding
from churn_saver.decide.committing import commit
from churn_saver.decide.planning import plan
from churn_saver.errors import InputError
from churn_saver.journey import Decider
from churn_saver.policy.certificate import ServedPolicy
from tests.builders import NOON, customers, rules
from tests.deciding import opened, planned, reserved, silent, varied
from tests.trained import certificate, certified, eager, served


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
    """200 customers, 50.00: what a rung wants beyond it is withheld."""
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


def networked(folder: Path, policy: ServedPolicy, **changes: object) -> Engine:
    """Give an engine whose decider is a trained policy, and a campaign of 8.00 per customer."""
    plain = opened(folder, **{"limit_minor": 800_000, "price": 0.7, **changes})
    return replace(
        plain, rules=replace(rules(), decider=Decider("ppo_price", policy)), notes=("n: of opening",)
    )


def test_a_trained_policy_plans_at_its_own_price(tmp_path: Path) -> None:
    """8.00 per customer is λ 3 by its certificate; the campaign keeps its own; no bound is known."""
    engine = networked(tmp_path, replace(eager(served("full_price", 1)), version="0123456789abcdef"))

    index = planned(varied(60), engine, tmp_path / "plan")
    commit(tmp_path / "plan", engine.store, NOON, silent)
    records = [
        one for batch in engine.store.records() for one in zip(batch["policy"], batch["price"], strict=True)
    ]

    assert (index.price, index.own_price, index.at_price, index.bound_minor) == (None, 3.0, 3.0, 0.0)
    assert (index.policy, index.notes) == ("ppo_price@0123456789abcdef", ("n: of opening",))
    assert set(records) == {("ppo_price@0123456789abcdef", 3.0)}
    assert engine.store.campaigns.get("spring").price == 0.7
    assert index.contacts == 60


def test_a_table_and_a_request_decide_the_same(tmp_path: Path) -> None:
    """The same customers, one by one on another ledger: choices, delays and prices agree."""
    table = varied(25)
    for name in ("batch", "service"):
        (tmp_path / name).mkdir()
    batch = networked(tmp_path / "batch", eager(served("full_price", 1)))
    service = networked(tmp_path / "service", eager(served("full_price", 1)))
    index = planned(table, batch, tmp_path / "plan")
    (part,) = (plans.read_part(tmp_path / "plan", one) for one in index.parts)

    single = [decide_now(table.take(np.array([row])), service, NOON).proposals for row in range(25)]

    assert part.choice.tolist() == [int(one.choice[0]) for one in single]
    assert part.delay_days.tolist() == [int(one.delay_days[0]) for one in single]
    assert {part.price} == {one.price for one in single}
    assert list(part.features) == [one.features[0] for one in single]


def test_more_contacts_than_the_budget_are_held_back_by_worth(tmp_path: Path) -> None:
    """80.00 for a table of 60 are 1.33 each; all want a contact; who gets none is told the reason."""
    policy = replace(eager(served()), certificate=certificate(certified(133.0, 3.0)))
    engine = networked(tmp_path, policy, limit_minor=8_000, customers=10)

    index = planned(varied(60), engine, tmp_path / "plan")
    (part,) = (plans.read_part(tmp_path / "plan", one) for one in index.parts)
    commit(tmp_path / "plan", engine.store, NOON, silent)

    kept = part.choice > 0
    assert reserved(engine.store) == index.needs_minor <= 8_000
    assert 0 < kept.sum() < 60
    assert {one for row in np.flatnonzero(~kept) for one in part.reason_words(int(row))} == {"budget"}
    assert (part.intended > 0).all()
    assert part.delay_days[~kept].tolist() == [0] * int((~kept).sum())


def test_a_policy_that_is_not_certified_here_leaves_it_to_the_knapsack(tmp_path: Path) -> None:
    """0.05 per customer is less than it was measured at; the plan says so, and the price is the table's."""
    engine = networked(tmp_path, eager(served("full_price")), limit_minor=5_000)

    index = planned(varied(60), engine, tmp_path / "plan")
    commit(tmp_path / "plan", engine.store, NOON, silent)

    assert (index.policy, index.own_price) == ("knapsack", None)
    assert index.price is not None
    assert engine.store.campaigns.get("spring").price == index.price == index.at_price
    assert "campaign spring has 0.05 per customer" in index.notes[1]


def test_a_table_too_large_for_the_exact_policy_is_refused_before_any_work(tmp_path: Path) -> None:
    """Nothing is scored, nothing written."""
    engine = opened(tmp_path)
    exact = Decider("exact", exact_prices=((100.0, 3.0), (800.0, 1.0)))
    asking = replace(engine, rules=replace(engine.rules, decider=exact))

    with pytest.raises(InputError, match=r"at most 2,000 customers at a time, the table has 2,001"):
        planned(varied(2_001), asking, tmp_path / "plan")

    assert not (tmp_path / "plan").exists()


def test_the_exact_policy_plans_a_small_table(tmp_path: Path) -> None:
    """At the price that meets the budget, and within the money that is there."""
    engine = opened(tmp_path, limit_minor=8_000, customers=10)
    exact = Decider("exact", exact_prices=((100.0, 3.0), (800.0, 1.0)))
    asking = replace(engine, rules=replace(engine.rules, decider=exact))

    index = planned(varied(10), asking, tmp_path / "plan")
    done = commit(tmp_path / "plan", engine.store, NOON, silent)

    assert (index.policy, index.own_price, index.price) == ("exact", 1.0, None)
    assert reserved(engine.store) == index.needs_minor <= 8_000
    assert done.recorded == 10


def test_a_challenger_plans_for_its_customers_with_as_much_money_for_each(tmp_path: Path) -> None:
    """Of 200 customers and 100.00 about half are the challenger's; both contact whom they can afford."""
    engine = opened(tmp_path, limit_minor=10_000)
    rival = Deciding("a" * 64, engine.predictors, Decider("greedy"))
    challenge = Challenge(rival, 0.5)
    index = planned(varied(200), replace(engine, challenge=challenge), tmp_path / "plan")
    done = commit(tmp_path / "plan", engine.store, NOON, silent)
    spent = {"greedy": 0, "knapsack": 0}
    own = engine.store.campaigns.get("spring")
    made: dict[str, str] = {}
    for batch in engine.store.records():
        for one, policy, needs in zip(
            batch["customer_id"], batch["policy"], batch["needs_minor"], strict=True
        ):
            made[str(one)] = str(policy)
            spent[str(policy)] += int(str(needs))
    challenged = sum(policy == "greedy" for policy in made.values())

    assert made == {
        f"C{i:05d}": "greedy" if challenge.decides_for(f"C{i:05d}", own) else "knapsack" for i in range(200)
    }
    assert spent["greedy"] <= 10_000 * challenged // 200
    assert spent["knapsack"] <= 10_000 * (200 - challenged) // 200
    # A contact costs 1.00 and at most 18.00 of offer: no arm leaves more than one of it over.
    assert 10_000 * challenged // 200 - spent["greedy"] < 1_900
    assert (done.recorded, done.withheld, index.policy) == (200, 0, "knapsack")
    assert index.notes == (
        f"the challenger, greedy, decides for {challenged} of the 200 customers, with as much money for "
        "each as the champion has",
    )
    # The price that the service takes is the champion's: greedy has none.
    assert engine.store.campaigns.get("spring").price == index.price


def test_a_challenger_that_is_the_champion_again_changes_nobodys_worth(tmp_path: Path) -> None:
    """Both are the same rung with money for all: each customer is decided as without a challenger."""
    found = []
    for name, share in (("alone", 0.0), ("challenged", 0.4)):
        (tmp_path / name).mkdir()
        engine = opened(tmp_path / name)
        rival = Deciding("a" * 64, engine.predictors, engine.rules.decider)
        asked = replace(engine, challenge=Challenge(rival, share) if share else None)
        planned(varied(100), asked, tmp_path / name / "plan")
        commit(tmp_path / name / "plan", engine.store, NOON, silent)
        batches = list(engine.store.records())
        found.append(
            {
                str(one): (choice, worth)
                for batch in batches
                for one, choice, worth in zip(
                    batch["customer_id"], batch["choice"], batch["expected_value"], strict=True
                )
            }
        )

    assert found[0] == found[1]


def test_a_shadow_that_fails_is_a_note_and_the_plan_stands(tmp_path: Path) -> None:
    """It has no predictors, so the propensity rule would sit in its place; with the challenger's rows too."""
    engine = opened(tmp_path, limit_minor=20_000)
    rival = Challenge(Deciding("c" * 64, engine.predictors, Decider("greedy")), 0.3)
    challenged = replace(engine, challenge=rival)
    plain = planned(varied(50), challenged, tmp_path / "plain")
    broken = replace(challenged, shadow=Deciding("d" * 64, None, Decider("random")))
    index = planned(varied(50), broken, tmp_path / "plan")

    assert (index.plan_id, index.shadows) == (plain.plan_id, ())
    assert index.notes[:-1] == plain.notes
    assert index.notes[-1].startswith("no shadow was asked: the shadow, random, is not asked")


class Rotten:
    """Predictors that fail with the customer on their lips."""

    def __getattr__(self, name: str) -> object:
        """Fail, whatever is wanted."""
        raise ValueError("Sam Canary")


def test_what_a_shadow_ends_in_is_named_and_not_repeated(tmp_path: Path) -> None:
    """A plan's notes are kept and shown: nothing of a customer stands in them."""
    engine = opened(tmp_path)
    rotten = Deciding("d" * 64, Rotten(), Decider("knapsack"))  # type: ignore[arg-type]
    index = planned(varied(10), replace(engine, shadow=rotten), tmp_path / "plan")

    assert index.notes == ("no shadow was asked: it ended in ValueError",)


def test_a_shadow_is_asked_about_the_rows_of_both_versions(tmp_path: Path) -> None:
    """As many rows as the plan has, in its parts; a plan's index is read back with them."""
    engine = opened(tmp_path, limit_minor=20_000)
    rival = Challenge(Deciding("c" * 64, engine.predictors, Decider("greedy")), 0.3)
    never = Deciding("d" * 64, engine.predictors, Decider("never"))
    index = planned(varied(50), replace(engine, challenge=rival, shadow=never), tmp_path / "plan")

    assert len(index.parts) == 2
    assert [part.rows for part in index.shadows] == [part.rows for part in index.parts]
    assert sum(part.contacts for part in index.shadows) == 0
    assert plans.read_index(tmp_path / "plan") == index
