"""One request, settled at once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from churn_saver.decide import Asked, Engine, Outcome, decide_now, decide_once
from churn_saver.decide.assigning import Challenge, Deciding
from churn_saver.decide.beside import Beside
from churn_saver.domain.campaign import Caps
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.domain.versions import Version
from churn_saver.errors import AnswerMismatch, LedgerError
from churn_saver.journey import Decider
from churn_saver.store import Answer, Control, Store, open_store, within
from tests.builders import NOON, campaign, customers, predictors, rules
from tests.shadowing import Told
from tests.statements import executed
from tests.trained import eager, served

RULES = rules()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give an empty ledger."""
    with open_store(database_url) as opened:
        yield opened


def test_a_contact_is_recorded_and_its_most_is_reserved(store: Store) -> None:
    """15 % of 89.99 and 1.00: 14.50 of 5,000.00 are held, and the record can be read back."""
    store.campaigns.open(campaign())

    outcome = decide_now(customers(), Engine(store, predictors(), RULES), NOON)

    totals = store.campaigns.totals("spring", NOON)
    assert (totals.reserved_minor, totals.free_minor) == (1_450, 498_550)
    assert store.decision(outcome.decision_id).message == outcome.proposals.texts[0]


def test_the_second_call_meets_the_cooldown(store: Store) -> None:
    """One contact in any seven days, whoever asks again."""
    store.campaigns.open(campaign())
    engine = Engine(store, predictors(), RULES)
    decide_now(customers(), engine, NOON)

    again = decide_now(customers(), engine, NOON + timedelta(hours=1))

    assert again.proposals.choice.tolist() == [0]
    assert "cooldown" in again.proposals.reason_words(0)
    assert store.campaigns.totals("spring", NOON).reserved_minor == 1_450


def test_without_a_campaign_nobody_is_contacted(store: Store) -> None:
    """The answer is valid, recorded, and says why."""
    outcome = decide_now(customers(), Engine(store, predictors(), RULES), NOON)

    assert outcome.campaign is None
    assert outcome.proposals.reason_words(0) == ["no_campaign"]


def test_a_trained_policy_decides_and_says_when_again(store: Store) -> None:
    """8.00 per customer is λ 3 by its certificate; its own delay is when a batch looks again."""
    store.campaigns.open(campaign(limit_minor=800_000))
    policy = replace(eager(served("full_price", 1)), version="0123456789abcdef")
    engine = Engine(store, predictors(), replace(RULES, decider=Decider("ppo_price", policy)))

    outcome = decide_now(customers(), engine, NOON)

    record = store.decision(outcome.decision_id)
    made = outcome.proposals
    assert (made.versions.policy, made.price, outcome.degraded) == ("ppo_price@0123456789abcdef", 3.0, ())
    assert made.choice[0] > 0
    assert record.policy == "ppo_price@0123456789abcdef"
    assert made.next_decision_at == [NOON + timedelta(days=1 + int(made.delay_days[0]))]


def test_where_it_is_not_certified_the_knapsack_decides_and_it_shows(store: Store) -> None:
    """It was measured at 2.00 to 32.00 per customer; here are 0.05."""
    store.campaigns.open(campaign(limit_minor=5_000))
    engine = Engine(store, predictors(), replace(RULES, decider=Decider("ppo", eager(served()))))

    outcome = decide_now(customers(), engine, NOON)

    assert outcome.proposals.versions.policy == "knapsack"
    assert outcome.degraded == ("policy_not_certified_here",)


class RefusingStore:
    """Refuses the first settlements as if somebody else had been faster, then asks the real books."""

    def __init__(self, store: Store, refusals: int) -> None:
        self.campaigns, self._store, self._left = store.campaigns, store, refusals

    def read_running(self, *args: object) -> object:
        """Read from the real books."""
        return self._store.read_running(*args)  # type: ignore[arg-type]

    def settle(self, campaign_id: str, proposals: Proposals, *args: object, **named: object) -> Settlement:
        """Refuse for want of budget while refusals are left."""
        if self._left:
            self._left -= 1
            return Settlement([""], np.array([512]))
        return self._store.settle(campaign_id, proposals, *args, **named)  # type: ignore[arg-type]


def test_a_refused_proposal_is_decided_again_and_at_last_asks_for_nothing(store: Store) -> None:
    """After three refusals the fourth attempt needs no money and is recorded with the budget as reason."""
    store.campaigns.open(campaign())
    refusing = RefusingStore(store, 3)

    outcome = decide_now(customers(), Engine(refusing, predictors(), RULES), NOON)  # type: ignore[arg-type]

    assert outcome.proposals.reason_words(0) == ["budget"]
    assert store.campaigns.totals("spring", NOON).reserved_minor == 0


def test_a_switch_that_was_thrown_meanwhile_holds(store: Store) -> None:
    """The engine has not read it: the books refuse, and what is recorded and answered is no contact."""
    store.campaigns.open(campaign())
    store.set_control(False, True, "ops", NOON)

    outcome = decide_now(customers(), Engine(store, predictors(), RULES), NOON)

    assert outcome.proposals.reason_words(0) == ["stopped"]
    assert store.decision(outcome.decision_id).choice == 0
    assert store.campaigns.totals("spring", NOON).reserved_minor == 0


def test_a_no_of_the_caller_is_kept_and_a_yes_takes_nothing_back(store: Store) -> None:
    """Said once, it holds for calls that say nothing, and for one that says yes."""
    store.campaigns.open(campaign())
    engine, words = Engine(store, predictors(), RULES), (False, None, True)
    made = [decide_now(customers(opted_in=[word]), engine, NOON) for word in words]

    assert [one.proposals.reason_words(0) for one in made] == [["opted_out"]] * 3
    assert store.unwanted().opted_out == 1


def test_a_customer_whom_others_keep_deciding_for_is_an_error(store: Store) -> None:
    """Nothing is recorded, and the message says what to do."""
    store.campaigns.open(campaign())

    with pytest.raises(LedgerError, match=r"overtaken .* Send the request again"):
        decide_now(customers(), Engine(RefusingStore(store, 9), predictors(), RULES), NOON)  # type: ignore[arg-type]


def test_who_has_time_is_decided_for_in_the_end(store: Store) -> None:
    """Overtaken nine times, recorded at the tenth, still in time; by then it asks for no money."""
    store.campaigns.open(campaign())

    with within(3_600):
        outcome = decide_now(customers(), Engine(RefusingStore(store, 9), predictors(), RULES), NOON)  # type: ignore[arg-type]

    assert store.decision(outcome.decision_id).choice == 0
    assert outcome.proposals.reason_words(0) == ["budget"]


def test_while_all_is_stopped_nobody_is_contacted(store: Store) -> None:
    """The decision is recorded with its reason; nothing is reserved."""
    store.campaigns.open(campaign())
    engine = Engine(store, predictors(), RULES).obeying(Control(stopped=True))

    outcome = decide_now(customers(), engine, NOON)

    assert outcome.proposals.reason_words(0) == ["stopped"]
    assert store.decision(outcome.decision_id).choice == 0
    assert outcome.degraded == ()


def test_the_baseline_switch_takes_the_predictors(store: Store) -> None:
    """Also together with the other one; with neither the engine is as it was."""
    engine = Engine(store, predictors(), RULES)
    both = engine.obeying(Control(baseline=True, stopped=True))

    assert (both.predictors, both.stopped, both.degraded) == (None, True, ("force_baseline",))
    assert engine.obeying(Control()) is engine


def asked(key: str = "k", digest: bytes = b"a" * 32) -> Asked:
    """Ask under a key, to be told decision and reasons."""
    return Asked(key, digest, lambda made: f"{made.decision_id} {made.proposals.reason_words(0)}".encode())


def test_under_a_key_the_first_answer_is_the_answer(store: Store) -> None:
    """It is written with the decision's own name, and later calls get its bytes."""
    store.campaigns.open(campaign())
    engine = Engine(store, predictors(), RULES)
    first = decide_once(customers(), engine, NOON, asked())
    again = decide_once(customers(), engine, NOON + timedelta(hours=1), asked())

    assert isinstance(first, Outcome)
    assert again == Answer(200, f"{first.decision_id} []".encode())
    with pytest.raises(AnswerMismatch, match="used for another request"):
        decide_once(customers(), engine, NOON, asked(digest=b"b" * 32))


def test_who_comes_second_by_a_hair_gets_the_first_answer(store: Store) -> None:
    """The key was not known when it was looked up, but was when the decision was to be recorded."""
    store.campaigns.open(campaign())
    engine = Engine(store, predictors(), RULES)
    first = decide_now(customers(), engine, NOON, asked())
    late = decide_now(customers(), engine, NOON, asked())

    assert (first.is_repeated, late.is_repeated) == (False, True)
    assert late.decision_id == first.decision_id
    assert store.verify("spring", NOON).reserved_minor == 1_450


def test_a_decision_is_a_few_statements(store: Store) -> None:
    """One to read, then of a contact four reads, locks included, and nine writes; of a customer known before.

    A key adds five: what was answered is looked for before the decision and while it is settled (with the
    ledger's own secret), and what expired is swept. A stranger adds five: another two looks for the row, its
    writing, a look at the suppression list, and what is judged by once more.
    """
    store.campaigns.open(campaign(caps=Caps(90, 90, 90, 0, 90)))
    engine = Engine(store, predictors(), RULES)
    decide_now(customers(), engine, NOON)

    with executed() as plain:
        made = decide_now(customers(), engine, NOON)
    with executed() as keyed:
        decide_once(customers(), engine, NOON, asked())

    with executed() as strange:
        decide_now(customers(ids=["nobody knows"]), engine, NOON)

    assert made.proposals.choice[0] > 0
    assert len(plain) <= 14
    assert len(keyed) <= 19
    assert len(strange) <= 19


def test_a_decision_costs_no_more_statements_with_a_long_history(store: Store) -> None:
    """Neither reading nor settling asks once more for each decision that went before."""
    store.campaigns.open(campaign(caps=Caps(90, 90, 90, 0, 90)))
    engine = Engine(store, predictors(), RULES)
    decide_now(customers(), engine, NOON)
    with executed() as early:
        decide_now(customers(), engine, NOON)
    for _ in range(12):
        decide_now(customers(), engine, NOON)

    with executed() as late:
        decide_now(customers(), engine, NOON)

    assert len(late) <= len(early)


def test_a_challenger_decides_for_its_share_of_the_customers(store: Store) -> None:
    """Each by the keyed hash, recorded under who decided; the switch of the baseline leaves neither."""
    store.campaigns.open(campaign())
    challenge = Challenge(Deciding("a" * 64, predictors(risk=0.1), Decider("never")), 0.5)
    engine = replace(Engine(store, predictors(), RULES), challenge=challenge)
    table = customers(12)
    made = {
        table.ids[row]: decide_now(table.take(np.array([row])), engine, NOON).proposals for row in range(12)
    }
    challenged = {one for one in made if challenge.decides_for(one, campaign())}
    forced = decide_now(customers(ids=["X"]), engine.obeying(Control(baseline=True)), NOON)

    assert {one for one, found in made.items() if found.versions.policy == "never"} == challenged
    assert {found.churn_risk[0] for one, found in made.items() if one in challenged} == {0.1}
    assert 0 < len(challenged) < 12
    assert forced.proposals.versions.policy == "propensity_rule"


def test_a_challenger_costs_no_statement(store: Store) -> None:
    """With one and without one a decision asks the books for the same."""
    store.campaigns.open(campaign())
    plain = Engine(store, predictors(), RULES)
    rival = Deciding("a" * 64, predictors(), Decider("greedy"))
    found = []
    for name, engine in (("A", plain), ("B", replace(plain, challenge=Challenge(rival, 1 - 1e-12)))):
        decide_now(customers(ids=[f"warm {name}"]), engine, NOON)
        with executed() as statements:
            decide_now(customers(ids=[name]), engine, NOON)
        found.append(statements)

    assert found[0] == found[1]


SHADOW = Version("never", {})
NEVER = Deciding(SHADOW.digest, predictors(0.3), Decider("never"))


def test_a_shadow_is_asked_about_what_was_recorded_and_changes_nothing(store: Store) -> None:
    """Two customers, the second one twice under a key: two rows, and each decision as without a shadow."""
    store.campaigns.open(campaign())
    store.registry.register(SHADOW, "", "test", NOON)
    told = Told()
    beside = Beside(told, 60.0, pause_seconds=0.0)
    plain = Engine(store, predictors(), RULES)
    engine = replace(plain, shadow=NEVER, beside=beside)
    alone = decide_now(customers(ids=["A"]), plain, NOON)
    first = decide_now(customers(ids=["B"]), engine, NOON)
    asked = Asked("k", bytes(32), lambda outcome: outcome.decision_id.encode())
    second = decide_now(customers(ids=["C"]), engine, NOON, asked)
    repeated = decide_now(customers(ids=["C"]), engine, NOON + timedelta(hours=1), asked)

    assert beside.settle(60.0)
    beside.close()
    found = store.shadows.of("spring", SHADOW.digest).shadowed
    assert repeated.is_repeated
    assert list(found.decision_ids) == [first.decision_id, second.decision_id]
    assert (found.choice.tolist(), found.churn_risk.tolist()) == ([0, 0], [0.3, 0.3])
    assert found.probability.tolist() == [0, 0]
    assert (sum(told.kept), told.missed) == (2, [])
    for name in ("choice", "probability", "needs_minor", "expected_value"):
        assert getattr(first.proposals, name).tolist() == getattr(alone.proposals, name).tolist()


def test_without_a_campaign_and_under_the_switch_no_shadow_is_asked(store: Store) -> None:
    """There is nothing to learn of the first; by the second somebody wants no model to be asked."""
    told = Told()
    beside = Beside(told, 60.0, pause_seconds=0.0)
    engine = Engine(store, predictors(), RULES, shadow=NEVER, beside=beside)
    decide_now(customers(), engine, NOON)
    store.campaigns.open(campaign())
    decide_now(customers(), engine.obeying(Control(baseline=True)), NOON)

    assert beside.settle(60.0)
    beside.close()
    assert (told.kept, told.missed) == ([], [])
