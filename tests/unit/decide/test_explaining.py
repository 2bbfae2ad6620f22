"""Decisions explained out of their records."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from churn_saver.decide import Engine, decide_now
from churn_saver.decide.batches import decide_batch
from churn_saver.decide.explaining import explain
from churn_saver.domain.action import Reason
from churn_saver.errors import ArtifactError, Erased
from churn_saver.evidence.explanation import Difference, Explanation, Kind
from churn_saver.journey import Decider
from tests.builders import NOON, customers, rules
from tests.deciding import varied
from tests.explaining import decided, explained, one_change, tiny_engine
from tests.tiny_predictors import HIGH_RISK, LEAF, tiny_predictors


def test_choices_are_told_as_they_were_weighed(tmp_path: Path) -> None:
    """15 % of 89.99, rounded up, and 1.00 for the message are 14.50; the best open worth was taken."""
    with tiny_engine(tmp_path, price=0.5) as engine:
        found = explained(engine, decided(engine))

    assert [one.cost_minor for one in found.options] == [0, 100, 550, 1_000, 1_450]
    assert all(one.closed_by == () for one in found.options)
    worths = [one.worth_minor for one in found.options]
    for option, worth in zip(found.options, worths, strict=True):
        assert option.gain_minor is not None
        assert worth == pytest.approx(option.gain_minor - 0.5 * option.cost_minor)
    assert found.choice == found.intended == found.own == int(np.argmax(np.array(worths, dtype=np.float64)))
    assert (found.is_by_worth, found.difference, found.currency) == (True, Difference.NONE, "USD")


def test_scores_are_split_by_hand(tmp_path: Path) -> None:
    """Twelve months are the upper leaf; the acceptance of 5 % is the lower, which beta leaves as it is."""
    with tiny_engine(tmp_path) as engine:
        found = explained(engine, decided(engine))
    risk, accept = found.scores[0], found.scores[2]

    assert (risk.name, accept.name) == ("churn_risk", "accept_prob_1")
    assert risk.probability == pytest.approx(HIGH_RISK, abs=1e-6)
    assert risk.margin == pytest.approx(LEAF, abs=1e-6)
    assert [(one.name, one.value) for one in risk.shares] == [("tenure_months", 12.0)]
    assert (accept.shares[0].name, accept.shares[0].value) == ("offer_pct", 5.0)
    assert accept.probability == pytest.approx(1 / (1 + np.exp(LEAF)), abs=1e-5)
    for score in found.scores:
        total = score.base + sum(one.log_odds for one in score.shares) + score.rest
        assert total == pytest.approx(score.margin, abs=1e-6)


def test_a_risk_that_was_sent_is_not_split(tmp_path: Path) -> None:
    """And is told as it came; what the models lacked is named."""
    who = customers(churn_risk=np.array([0.4]), fields={})
    with tiny_engine(tmp_path) as engine:
        found = explained(engine, decided(engine, who))

    assert (found.scores[0].probability, found.scores[0].margin) == (0.4, None)
    assert found.missing == ("tenure_months",)


def test_in_the_holdout_the_arm_is_what_stands_in_the_way(tmp_path: Path) -> None:
    """Outside it what was intended would be done; a price changes only what was intended."""
    with tiny_engine(tmp_path, holdout_share=1.0) as engine:
        found = explained(engine, decided(engine))

    assert (found.choice, found.difference, found.of_intended) == (0, Difference.HOLDOUT, True)
    assert found.headline == one_change(found, Kind.HOLDOUT)
    assert found.headline is not None
    assert found.headline.choice == found.intended != 0
    assert one_change(found, Kind.PRICE).choice != found.intended


def test_in_the_cooldown_waiting_is_what_helps(tmp_path: Path) -> None:
    """Three days after a contact it takes four more, or both gates open."""
    with tiny_engine(tmp_path) as engine:
        decided(engine)
        found = explained(engine, decided(engine, now=NOON + timedelta(days=3)))

    assert set(found.options[4].closed_by) == {"cooldown", "cap_7_days"}
    assert found.headline == one_change(found, Kind.WAITING)
    assert (one_change(found, Kind.WAITING).after, one_change(found, Kind.WAITING).choice != 0) == (4.0, True)
    assert one_change(found, Kind.GATES).what == "cooldown + cap_7_days"
    assert {one.kind for one in found.changes} == {Kind.WAITING, Kind.GATES}


def test_without_a_campaign_that_is_what_stands_in_the_way(tmp_path: Path) -> None:
    """At λ 0, since there was no budget either."""
    with tiny_engine(tmp_path) as engine:
        engine.store.campaigns.close("spring", NOON)
        found = explained(engine, decided(engine))

    assert (found.campaign_id, found.currency, found.price) == (None, None, 0.0)
    assert [one.what for one in found.changes] == ["no_campaign"]
    assert found.headline is not None
    assert found.headline.choice != 0


def test_a_draw_is_told_and_what_would_be_without_it(tmp_path: Path) -> None:
    """Every decision is drawn; some come out otherwise than the rung wanted, the others as it did."""
    with tiny_engine(tmp_path, exploration_share=1.0) as engine:
        names = [decided(engine, customers(ids=[f"C{row}"])) for row in range(6)]
        found = [explained(engine, name) for name in names]
    drawn = [one for one in found if one.intended != one.own]

    assert drawn
    assert all(one.is_drawn for one in found)
    assert all(not one.changes for one in found if one.intended == one.own)
    assert all(one.headline == one_change(one, Kind.DRAW) for one in drawn)
    assert all(one_change(one, Kind.DRAW).choice == one.own for one in drawn)
    assert all(one.probability == pytest.approx(0.2) for one in found)


def test_a_stopped_text_is_told_and_changes_are_of_what_was_intended(tmp_path: Path) -> None:
    """Nothing would have been sent at any price, so the price is that of the intention."""
    strict = rules(banned_phrases=("you", "next", "here", "hi", "we"))
    with tiny_engine(tmp_path, price=0.5) as engine:
        silent = replace(engine, rules=strict)
        found = explained(silent, decided(silent))

    assert (found.difference, found.choice, found.of_intended) == (Difference.MESSAGE_BLOCKED, 0, True)
    assert found.intended != 0
    assert one_change(found, Kind.PRICE).choice != found.intended


def withheld(engine: Engine) -> Explanation:
    """Let the greedy rung, which knows no budget, decide for more than there is money for."""
    greedy = replace(engine, rules=replace(engine.rules, decider=Decider("greedy")))
    made = decide_batch(varied(40), greedy, NOON, "k", b"d" * 32)
    rows = [dict(zip(c, v, strict=True)) for c in made.recorded for v in zip(*c.values(), strict=True)]
    name = next(str(one["decision_id"]) for one in rows if one["reasons"] == 512 and one["intended"])
    return explained(greedy, name)


def test_what_did_not_fit_is_told(tmp_path: Path) -> None:
    """With the budget there, what was intended would have been done."""
    with tiny_engine(tmp_path, limit_minor=5_000) as engine:
        found = withheld(engine)

    assert (found.difference, found.choice, found.reasons) == (Difference.WITHHELD, 0, ("budget",))
    assert not found.is_by_worth
    assert [one.what for one in found.changes] == ["budget"]
    assert found.changes[0].choice == found.intended


def test_without_predictors_nothing_is_valued(tmp_path: Path) -> None:
    """The propensity rule decides on what was sent: one year of contract would have changed it."""
    with tiny_engine(tmp_path) as engine:
        plain = replace(engine, predictors=None)
        found = explained(plain, decided(plain))

    assert (found.scores, found.missing, found.policy) == ((), (), "propensity_rule")
    assert {one.gain_minor for one in found.options} == {None}
    assert {(one.what, one.after) for one in found.changes} >= {
        ("contract_type", "one year"),
        ("tenure_months", 13.0),
    }


def test_what_cannot_be_made_again_cannot_be_explained(tmp_path: Path) -> None:
    """Another hash, another number, or a customer who is gone."""
    with tiny_engine(tmp_path) as engine:
        name = decided(engine)
        record, campaign = engine.store.decision(name), engine.store.campaigns.get("spring")
        with pytest.raises(ArtifactError, match=r"predictors tiny \(here newer\)"):
            explain(record, campaign, tiny_predictors("newer"), engine.rules)
        edited = replace(record, needs_minor=record.needs_minor + 1)
        with pytest.raises(ArtifactError, match=r"differs in needs_minor, so nothing true can be said"):
            explain(edited, campaign, engine.predictors, engine.rules)
        engine.store.erase("C00000", NOON)
        with pytest.raises(Erased, match=r"its customer was erased"):
            explained(engine, name)


def test_the_reasons_of_a_record_are_in_words(tmp_path: Path) -> None:
    """At a price that nothing is worth."""
    with tiny_engine(tmp_path, price=1_000.0) as engine:
        made = decide_now(customers(), engine, NOON)
        found = explained(engine, made.decision_id)

    assert made.proposals.reasons.tolist() == [int(Reason.NOT_WORTH_IT)]
    assert found.reasons == ("not_worth_it",)
    assert one_change(found, Kind.PRICE).choice != 0
