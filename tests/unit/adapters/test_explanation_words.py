"""Explanations in sentences."""

from dataclasses import replace

import pytest

from churn_saver.adapters.explanation_words import (
    change_words,
    choice_words,
    in_units,
    none_found,
    price_words,
    summary,
)
from churn_saver.evidence.explanation import Change, Difference, Kind, Value
from tests.explanations import explanation, options

WORTH = "gains 1.92 and holds back 8.00 at λ 0.31: 1.92 − 2.48 leaves −0.56"


def test_choices_are_said_as_what_is_done() -> None:
    """A message without a discount is a contact too."""
    assert [choice_words(one) for one in (0, 1, 3)] == [
        "no contact", "a contact without a discount", "a contact with 10 % off",
    ]  # fmt: skip


def test_who_was_not_worth_it_is_told_the_sum() -> None:
    """0.31 · 8.00 = 2.48, which is 0.56 more than 1.92; 5 % would be −0.90, so 10 % is the best."""
    assert summary(explanation()) == (
        f"Not contacted: the best that was open, a contact with 10 % off, {WORTH}."
    )


def test_who_was_contacted_is_told_the_sum_too() -> None:
    """Of what was done."""
    assert summary(explanation(choice=3, intended=3, own=3)) == f"Contacted with 10 % off: it {WORTH}."


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference.HOLDOUT, "in the holdout, which is left alone to show what happens without contact"),
        (Difference.MESSAGE_BLOCKED, "no text passed the checks"),
        (Difference.WITHHELD, "what was wanted did not fit any more when it was recorded"),
    ],
)
def test_what_kept_the_intended_from_being_done_comes_first(difference: Difference, words: str) -> None:
    """Then what was intended."""
    found = explanation(difference=difference, intended=3, own=3)

    assert summary(found) == f"Not contacted: {words}. Wanted was a contact with 10 % off, it {WORTH}."


def test_a_draw_is_told_with_what_the_policy_wanted() -> None:
    """Whether it led to a contact or to none, to something else or to the same."""
    drawn = "drawn by exploration; the policy 'Myopic knapsack' itself wanted"

    contacted = explanation(choice=1, intended=1, is_drawn=True)
    assert summary(contacted) == f"Contacted without a discount: {drawn} no contact."
    assert summary(explanation(own=4, is_drawn=True)) == f"Not contacted: {drawn} a contact with 15 % off."
    same = explanation(is_drawn=True, changes=())
    assert summary(same) == f"Not contacted: {drawn} the same."
    assert none_found(same).startswith("The draw asks nothing of what is known of the customer")


def test_gates_are_told_in_whole_sentences() -> None:
    """Each once."""
    assert summary(explanation(options=options("cooldown", "stopped"))) == (
        "Not contacted: Contacted too recently; the cooldown still runs. "
        "Contacts are switched off for the whole service."
    )


def test_who_does_not_decide_by_worth_is_told_by_name() -> None:
    """Its reasons are all there is to say."""
    rule = {"policy": "propensity_rule", "is_by_worth": False}

    assert summary(explanation(**rule, reasons=("below_threshold",))) == (
        "Not contacted: Below the threshold of the rule that decided."
    )
    assert summary(explanation(**rule, choice=3, intended=3, own=3)) == (
        "Contacted with 10 % off: as the policy 'Risk threshold' decides."
    )


@pytest.mark.parametrize(
    ("kind", "what", "before", "after", "words"),
    [
        (Kind.PRICE, "price", 0.31, 0.24, "At λ 0.24 in place of 0.31"),
        (Kind.CHURN_RISK, "churn_risk", 0.4, 0.455, "With a churn risk of 45.5% in place of 40.0%"),
        (Kind.BILL, "bill", 8_999, 12_000, "With a bill of 120.00 in place of 89.99"),
        (Kind.INPUT, "tenure_months", 12.0, 24.0, "With tenure months 24 in place of 12"),
        (Kind.INPUT, "paperless_billing", "yes", "no", "With paperless billing no in place of yes"),
        (Kind.WAITING, "cooldown", 0.0, 3.5, "3.5 days later, with cooldown over and all else as it was"),
        (Kind.GATES, "cap_7_days", "closed", "open", "Without the gate cap 7 days"),
        (Kind.HOLDOUT, "holdout", "holdout", "treated", "Outside the holdout"),
        (Kind.DRAW, "exploration", "drawn", "not drawn", "Without the draw of exploration"),
    ],
)  # fmt: skip
def test_a_change_is_told_in_its_own_unit(
    kind: Kind, what: str, before: Value, after: Value, words: str
) -> None:
    """With what it leads to."""
    change = Change(kind, what, before, after, 0.1, 3)

    assert (
        change_words(change, of_intended=False)
        == f"{words}: a contact with 10 % off would have been decided."
    )


def test_changes_of_what_was_intended_say_so() -> None:
    """But for leaving the holdout, which is of what is done."""
    change = Change(Kind.PRICE, "price", 0.31, 0.24, 0.2, 0)

    assert change_words(change, of_intended=True).endswith("no contact would have been intended.")
    arm = replace(change, kind=Kind.HOLDOUT)
    assert change_words(arm, of_intended=True).endswith("no contact would have been decided.")


def test_lambda_and_what_was_searched_are_told() -> None:
    """With its bounds; who does not decide by λ is named."""
    assert price_words(explanation()).startswith("λ 0.31: a contact must gain 0.31 for each 1.00")
    assert price_words(explanation()).endswith("that money gains as much.")
    assert price_words(explanation(is_by_worth=False, policy="greedy")).endswith(
        "is not what the policy 'Greedy' decides by."
    )
    assert none_found(explanation()).startswith("No single change alters the decision: tried were λ from 0")
    assert "alters what was intended" in none_found(explanation(of_intended=True))


def test_money_is_in_currency_units() -> None:
    """What is not known stays so."""
    assert (in_units(192.0), in_units(None)) == (1.92, None)
