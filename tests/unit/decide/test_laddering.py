"""Down the ladder: who decides and who writes when one after the other cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import pytest

from churn_saver.decide import Engine, decide_now
from churn_saver.decide.batches import decide_batch
from churn_saver.decide.guarding import Guards
from churn_saver.decide.laddering import Laddered, Means, laddered, priced
from churn_saver.decide.replaying import replay
from churn_saver.domain.artefacts import Artefact, Cause
from churn_saver.errors import ArtifactError, InputError, Unusable
from churn_saver.evidence.learner import Learner
from churn_saver.journey import Decider, Rules
from churn_saver.message.bank import Bank
from churn_saver.store import Control, open_store
from tests.banks import plain_bank
from tests.builders import NOON, campaign, customers, predictors, rules, situation
from tests.failing import NONSENSE, RAISES, Failing, FailingBank, failing_judge, failing_predictors
from tests.persuadables import learned, portfolio
from tests.serving import told
from tests.trained import eager, served

BANKED = replace(rules(), bank=plain_bank(("email",)))
PPO = Decider("ppo_price", replace(eager(served("full_price", 1)), version="0123456789abcdef"))
RICH = {"limit_minor": 800_000}
"""8.00 per customer, where the policy of the tests was certified."""


@dataclass
class Noted:
    """Remembers the faults it was told of."""

    faults: list[tuple[str, str]] = field(default_factory=list)

    def failed(self, fault: Unusable) -> None:
        """Remember."""
        self.faults.append((fault.artefact, fault.cause))

    def turned(self, artefact: Artefact, is_open: bool) -> None:
        """Be told."""


def guards(watch: Noted | None = None) -> Guards:
    """Put guards up as serve.yaml says."""
    return Guards.of(rules().serve.guard, watch)


def made(means: Means, risk: float = np.nan) -> Laddered:
    """Decide for one customer in a campaign of 8.00 each."""
    asked = situation(campaign=campaign(**RICH), free_minor=800_000)
    return laddered(customers(churn_risk=np.array([risk])), asked, means)


def said(found: Laddered) -> tuple[str, str, str, tuple[str, ...]]:
    """Say who decided, what scored, who wrote, and what was missing."""
    proposals = found.proposals
    return (
        proposals.versions.policy,
        proposals.versions.models,
        proposals.message_sources[0],
        found.degraded,
    )


def broken() -> Failing:
    """Give something that raises."""
    return Failing(RAISES)


def test_all_well_nothing_is_left_out() -> None:
    """The trained policy decides, the bank words it."""
    watch = Noted()
    means = Means(predictors(), replace(BANKED, decider=PPO), guards(watch))
    found = made(means)

    assert said(found) == ("ppo_price@0123456789abcdef", "told", "bank", ())
    assert (found.means, watch.faults) == (means, [])


def refusing(rules: Rules) -> Rules:
    """Let the propensity rule fail: its offer is on no ladder."""
    return replace(rules, serve=rules.serve.model_copy(update={"propensity_offer_pct": 7}))


@pytest.mark.parametrize("scored", [True, False])
def test_below_the_propensity_rule_nobody_is_contacted(scored: bool) -> None:
    """Who cannot decide is named once; the lowest rung needs nothing."""
    watch = Noted()
    means = Means(predictors() if scored else None, refusing(rules(policy="propensity_rule")), guards(watch))
    found = made(means, 0.75)

    assert found.proposals.choice.tolist() == [0]
    assert said(found) == ("never", "told" if scored else "none", "none", ("policy_unavailable",))
    assert found.proposals.reason_words(0) == ["not_chosen"]
    assert watch.faults == [("policy", "raised")]


def test_what_is_no_rung_leaves_it_to_the_knapsack() -> None:
    """Whatever the name."""
    found = made(Means(predictors(), replace(BANKED, decider=Decider("best")), guards()))

    assert said(found) == ("knapsack", "told", "bank", ("policy_unavailable",))
    assert found.proposals.price == 0.0


def test_several_can_fail_in_one_decision() -> None:
    """Predictors, live, bank and classifier at once: the rule decides, a plain sentence is sent."""

    def dead(brief: object) -> None:
        raise OSError("gone")

    watch, bank = Noted(), cast(Bank, FailingBank(broken()))
    shielded = replace(rules().shield, judge=failing_judge(broken()))
    worst = replace(rules(), shield=shielded, live=dead, bank=bank, decider=PPO)
    found = made(Means(failing_predictors(Failing(), broken()), worst, guards(watch)), 0.75)
    missing = ("predictors", "live", "bank", "toxicity")

    assert said(found) == (
        "propensity_rule",
        "none",
        "template",
        tuple(f"{one}_unavailable" for one in missing),
    )
    assert watch.faults == [(one, "raised") for one in missing]


@pytest.mark.parametrize("cause", ["none", "raises"])
def test_a_live_writer_without_a_draft_leaves_it_to_the_bank(cause: str) -> None:
    """Late or broken, it is named; after three times nobody waits for it, and it is named all the same."""
    asked = list[int]()

    def late(brief: object) -> None:
        asked.append(1)
        if cause == "raises":
            raise OSError("gone")

    watch = Noted()
    means = Means(predictors(), replace(BANKED, live=late), guards(watch))
    found = [made(means) for _ in range(5)]

    assert {said(one)[2:] for one in found} == {("bank", ("live_unavailable",))}
    assert (len(asked), len(watch.faults)) == (3, 3)
    assert {one for _, one in watch.faults} == {Cause.LATE if cause == "none" else Cause.RAISED}


def test_a_judge_that_fails_lets_nothing_live_out() -> None:
    """A live text was seen by nobody: the bank's, judged when it was made, goes out by words alone."""
    draft = "Hi {name}, thanks for {tenure} with us. Take {offer} off {duration}: reply by {valid_until}."
    lived = replace(BANKED, live=lambda _: draft)
    well = made(Means(predictors(), lived, guards()))
    judged = replace(lived, shield=replace(lived.shield, judge=failing_judge(Failing(NONSENSE))))
    found = made(Means(predictors(), judged, guards()))

    assert said(well)[2:] == ("live", ())
    assert said(found)[2:] == ("bank", ("toxicity_unavailable",))
    assert found.means.rules.live is None


def test_without_guards_an_error_is_an_error() -> None:
    """Nobody waits: a table on the command line stops and says why."""
    with pytest.raises(ArtifactError, match=r"the predictors give churn_risk nan for 1 of 1, wanted 0 to 1"):
        made(Means(told(risk=float("nan")), BANKED))
    with pytest.raises(InputError, match=r"offer_pct is 7"):
        made(Means(None, refusing(rules())))


def test_what_was_left_out_stays_out_of_a_second_attempt(database_url: str) -> None:
    """The record names who decided, and is made again to the bit."""
    failing = Failing(RAISES)
    with open_store(database_url) as store:
        store.campaigns.open(campaign(**RICH))
        engine = Engine(store, failing_predictors(failing, Failing()), BANKED, guards=guards())
        outcome = decide_now(customers(churn_risk=np.array([np.nan])), engine, NOON)
        record = store.decision(outcome.decision_id)
        again = replay(record, campaign(**RICH), None, BANKED)

    assert outcome.degraded == ("predictors_unavailable",)
    assert (record.policy, record.models, record.choice) == ("propensity_rule", "none", 3)
    assert again.differing == ()


def breaking_risk() -> Means:
    """Give means whose risk model raises."""
    return Means(failing_predictors(broken(), Failing()), replace(BANKED, decider=PPO), guards())


def breaking_policy() -> Means:
    """Give means whose policy is no rung."""
    return Means(predictors(), replace(BANKED, decider=Decider("best")), guards())


def breaking_rule() -> Means:
    """Give means of which nothing can decide."""
    return Means(None, refusing(rules()), guards())


@pytest.mark.parametrize(
    ("broken_means", "policy", "models", "contacts"),
    [(breaking_risk, "propensity_rule", "none", 3), (breaking_policy, "knapsack", "told", 3),
     (breaking_rule, "never", "none", 0)],
)  # fmt: skip
def test_a_table_goes_down_the_same_ladder(
    database_url: str, broken_means: Callable[[], Means], policy: str, models: str, contacts: int
) -> None:
    """Whole: all rows are decided by one rung, at one price."""
    with open_store(database_url) as store:
        store.campaigns.open(campaign(**RICH))
        engine = Engine(store, None, BANKED).using(broken_means())
        found = decide_batch(customers(3, churn_risk=np.full(3, np.nan)), engine, NOON, "k", b"d" * 32)

    (columns,) = found.recorded
    assert (set(columns["policy"]), set(columns["models"])) == ({policy}, {models})
    assert sum(choice != 0 for choice in columns["choice"]) == contacts


def test_the_baseline_switch_seats_the_propensity_rule() -> None:
    """Whoever serve.yaml names, the lowest rung included."""
    with_switch = Engine(None, predictors(), rules(policy="never")).obeying(Control(baseline=True))  # type: ignore[arg-type]

    assert with_switch.means.seat(campaign()).rung == "propensity_rule"


class Gone:
    """A learner that cannot answer any more."""

    def effects(self, x: object) -> None:
        """Raise."""
        raise OSError("gone")


def test_effects_that_cannot_be_asked_leave_it_to_the_knapsack() -> None:
    """For one customer and for the price of a table; without guards an error is an error."""
    watch, effects = Noted(), replace(learned().effects, learner=cast(Learner, Gone()))
    ruled = replace(BANKED, decider=Decider("uplift", effects=effects))
    table = [portfolio(3, np.random.default_rng(1)).appraisal]

    found = made(Means(predictors(), ruled, guards(watch)), 0.75)

    assert said(found) == ("knapsack", "told", "bank", ("policy_unavailable",))
    assert watch.faults == [("policy", "raised")]
    with pytest.raises(Unusable, match=r"policy cannot be used now: raised"):
        priced(table, Means(predictors(), ruled, guards()))
    with pytest.raises(OSError, match=r"gone"):
        priced(table, Means(predictors(), ruled))


def test_learned_effects_decide_behind_their_guard() -> None:
    """Under their name, and nothing is left out."""
    effects = replace(learned().effects, version="0123456789abcdef")
    ruled = replace(BANKED, decider=Decider("uplift", effects=effects))

    found = made(Means(predictors(), ruled, guards()), 0.75)

    assert said(found)[0] == "uplift@0123456789abcdef"
    assert found.degraded == ()
