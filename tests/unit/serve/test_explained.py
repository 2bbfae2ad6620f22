"""Explanations as a part of a response."""

from typing import get_args

import pytest

from churn_saver.evidence.explanation import Change, Difference, Kind
from churn_saver.serve.explained import DifferenceWord, KindWord, to_explanation
from tests.explanations import explanation, options


def test_money_is_in_currency_units_and_gates_in_sentences() -> None:
    """Gain 1.92, held back 8.00, worth 1.92 − 0.31 · 8.00 = −0.56."""
    found = to_explanation(explanation(options=options("cooldown")))
    third = found.choices[3]

    assert (third.offer_percentage, third.expected_value, third.cost) == (10, 1.92, 8.0)
    assert third.worth == pytest.approx(-0.56)
    assert [one.sentence for one in third.closed_by] == ["Contacted too recently; the cooldown still runs."]
    assert (found.choices[0].offer_percentage, found.choices[0].closed_by) == (None, [])


def test_scores_keep_their_sum() -> None:
    """0.25 + 0.5 − 0.25 + 0 = 0.5."""
    risk, sent = to_explanation(explanation()).scores

    assert risk.base + sum(one.log_odds for one in risk.shares) + risk.rest == risk.margin == 0.5
    assert [(one.name, one.value) for one in risk.shares] == [
        ("tenure_months", 12.0), ("contract_type", "one year"),
    ]  # fmt: skip
    assert sent.margin is None


def test_the_bill_of_a_change_is_in_currency_units() -> None:
    """Every other value in its own."""
    changes = (
        Change(Kind.BILL, "bill", 8_999, 9_179, 0.02, 3),
        Change(Kind.PRICE, "price", 0.31, 0.24, 0.2, 3),
    )
    bill, price = to_explanation(explanation(changes=changes)).changes

    assert (bill.before, bill.after) == (89.99, 91.79)
    assert (price.before, price.after, price.kind) == (0.31, 0.24, "price")


def test_every_kind_and_difference_has_its_word() -> None:
    """Of the document, in the order of the code."""
    assert get_args(KindWord) == tuple(Kind)
    assert get_args(DifferenceWord) == tuple(Difference)


def test_what_changes_are_of_is_told() -> None:
    """In the holdout of what was intended; without any the bounds of the search are told."""
    held = to_explanation(explanation(difference=Difference.HOLDOUT, of_intended=True, changes=()))

    assert (held.difference, held.changes_are_of, held.changes) == ("holdout", "intended", [])
    assert held.headline.startswith("No single change alters what was intended")
    assert to_explanation(explanation()).headline.startswith("At λ 0.24 in place of 0.31")


def test_it_is_plain_json() -> None:
    """No number that is none."""
    text = to_explanation(explanation()).model_dump_json()

    assert '"kind":"price"' in text
    assert "NaN" not in text
