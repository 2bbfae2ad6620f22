"""A shadow asked: the same customers, draws and state, its own predictors, rung and price."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.decide.assigning import Deciding
from churn_saver.decide.guarding import Guards
from churn_saver.decide.laddering import Means, laddered
from churn_saver.decide.shadowing import of_requests, of_table
from churn_saver.decide.tables import WorkedOut, worked_out
from churn_saver.domain.action import NO_CONTACT
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import ArtifactError
from churn_saver.journey import Decider
from tests.builders import NOON, campaign, customers, predictors, rules, situation
from tests.deciding import opened, silent, varied
from tests.trained import eager, served

OWN = Means(predictors(0.6), rules())
NEVER, GREEDY, KNAPSACK = (
    Deciding(name[0] * 64, predictors(0.6), Decider(name)) for name in ("never", "greedy", "knapsack")
)
RANDOM = Deciding("e" * 64, predictors(0.3), Decider("random"))


def asked(shadow: Deciding, n: int = 4, served_choice: int = 0, **changes: object) -> Shadowed:
    """Ask about n customers in a campaign, whose decisions all intended one choice."""
    now = situation(n, campaign=campaign(**changes))
    return of_requests(customers(n), now, shadow, OWN, np.full(n, served_choice, dtype=np.int8))


def test_one_that_never_contacts_is_certain_of_it() -> None:
    """1 where the decision was no contact either, 0 where it was one; nothing reserved."""
    alike, other = asked(NEVER), asked(NEVER, served_choice=3)

    assert alike.version == NEVER.version
    assert (alike.choice.tolist(), alike.needs_minor.tolist()) == ([0] * 4, [0] * 4)
    assert (alike.probability.tolist(), other.probability.tolist()) == ([1] * 4, [0] * 4)
    assert alike.chances.tolist() == [[1, 0, 0, 0, 0]] * 4


def test_it_does_what_it_would_do_if_it_decided() -> None:
    """Choice, draws, cost and scores are to the bit those of a decision that it makes itself."""
    now = situation(60, campaign=campaign(exploration_share=0.3, holdout_share=0.2, price=0.4))
    table = customers(60)
    for shadow in (NEVER, GREEDY, KNAPSACK, RANDOM):
        decided = laddered(table, now, shadow.over(OWN)).proposals
        found = of_requests(table, now, shadow, OWN, decided.intended)

        for name in ("choice", "intended", "needs_minor", "churn_risk", "accept_prob", "expected_value"):
            np.testing.assert_array_equal(getattr(found, name), getattr(decided, name), err_msg=name)
        assert set(found.price.tolist()) == {decided.price}


def test_a_rung_that_draws_gives_the_chance_of_what_was_done() -> None:
    """`random` contacts a share with one of four offers: each has a quarter of it, no contact the rest."""
    share = OWN.rules.serve.random_share
    alone, offered = asked(RANDOM), asked(RANDOM, served_choice=2)

    assert alone.probability.tolist() == pytest.approx([1 - share] * 4)
    assert offered.probability.tolist() == pytest.approx([share / 4] * 4)
    assert alone.chances.sum(axis=1).tolist() == pytest.approx([1] * 4)


def test_exploration_is_in_what_it_does_and_not_in_its_chances() -> None:
    """Where all is drawn it intends what the draw says, and is sure of no contact all the same."""
    found = asked(NEVER, n=40, exploration_share=1.0)

    assert len(set(found.intended.tolist())) > 1
    assert found.probability.tolist() == [1] * 40


def test_its_own_predictors_score() -> None:
    """Those at hand say .6, its own .3."""
    assert set(asked(RANDOM).churn_risk.tolist()) == {0.3}


def test_nobody_writes_and_no_guard_stands_before_it() -> None:
    """A live writer would be asked for every contact, and its silence counted as a fault of the service."""

    def writing(_: object) -> str:
        raise AssertionError("nobody is to be asked")

    guards = Guards.of(OWN.rules.serve.guard)
    live = Means(OWN.predictors, replace(OWN.rules, live=writing), guards)
    found = of_requests(customers(2), situation(2), GREEDY, live, np.zeros(2, dtype=np.int8))
    guards.close()

    assert (found.choice != NO_CONTACT).all()


def test_one_that_may_not_decide_here_is_not_asked() -> None:
    """The knapsack would sit in its place, and be judged under its name."""
    trained = Deciding(
        "d" * 64,
        predictors(),
        Decider("ppo_price", replace(eager(served("full_price", 1)), version="0" * 16)),
    )

    with pytest.raises(ArtifactError, match=r"the shadow, ppo_price@0+, is not asked: .* was measured at"):
        asked(trained, limit_minor=100)
    unscored = Deciding("d" * 64, None, Decider("greedy"))
    with pytest.raises(
        ArtifactError, match="greedy, is not asked: propensity_rule would decide in its place"
    ):
        asked(unscored)


def worked(tmp_path: object, **changes: object) -> WorkedOut:
    """Work a table of 80 out with the greedy rung, in parts of 30, and leave the books as they are."""
    engine = opened(tmp_path, **changes)  # type: ignore[arg-type]
    greedy = replace(engine, rules=replace(engine.rules, decider=Decider("greedy")))
    spring = engine.store.campaigns.get("spring")
    found = worked_out(varied(80), greedy, spring, NOON, silent, 30)
    engine.store.close()
    return found


def test_a_table_has_the_shadows_own_price(tmp_path: object) -> None:
    """As if the knapsack had worked it out: the same λ, the same choices, within the same budget."""
    table = worked(tmp_path, limit_minor=15_000)
    own = table.over(Means(KNAPSACK.predictors, replace(table.means.rules, decider=KNAPSACK.decider)))
    decided = list(own.proposals(silent))
    intended = [part.intended for part in table.proposals(silent)]
    found = of_table(table, KNAPSACK, table.means, intended)

    assert [len(one) for one in found] == [30, 30, 20]
    for one, part, was in zip(found, decided, intended, strict=True):
        np.testing.assert_array_equal(one.choice, part.choice)
        np.testing.assert_array_equal(one.intended, part.intended)
        np.testing.assert_array_equal(one.probability, (part.intended == was).astype(float))
        assert one.price.tolist() == pytest.approx([part.price] * len(one), rel=1e-9)
    assert 10_000 < sum(int(one.needs_minor.sum()) for one in found) <= 15_000


def test_a_shadow_keeps_within_the_budget_of_a_table(tmp_path: object) -> None:
    """The greedy one wants more than 50.00: what does not fit is no contact, and costs nothing."""
    table = worked(tmp_path, limit_minor=5_000)
    intended = [part.intended for part in table.proposals(silent)]
    found = of_table(table, GREEDY, table.means, intended)

    assert sum(int((one.intended != NO_CONTACT).sum()) for one in found) > 10
    assert 3_000 < sum(int(one.needs_minor.sum()) for one in found) <= 5_000
    assert {float(value) for one in found for value in one.probability} == {1.0}


def test_of_a_table_of_nobody_there_is_nothing_to_ask(tmp_path: object) -> None:
    """Nobody was due."""
    table = replace(worked(tmp_path), appraisals=[])

    assert of_table(table, GREEDY, table.means, []) == []
