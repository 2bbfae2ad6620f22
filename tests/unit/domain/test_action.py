"""The ladder, choices and reasons."""

import numpy as np

from churn_saver.domain.action import Action, Reason, choice_costs_minor


def test_costs_are_contact_plus_discount() -> None:
    """Bill 89.99: 5 % is 4.4995, rounded up 4.50; 10 % 9.00; 15 % 13.50; each plus 1.00."""
    costs = choice_costs_minor(np.array([8_999]), contact_cost_minor=100)

    assert costs.tolist() == [[0, 100, 550, 1_000, 1_450]]


def test_choices_read_as_actions() -> None:
    """Choice 0 is no contact, 1 + k is offer k."""
    assert Action.of_choice(0) == Action(contact=False, offer_idx=0, delay_days=0)
    assert Action.of_choice(3) == Action(contact=True, offer_idx=2, delay_days=0)
    assert Action.of_choice(0, 7) == Action(contact=False, offer_idx=0, delay_days=7)


def test_reasons_are_named_lowest_first() -> None:
    """Flags are words in responses and files."""
    assert (Reason.BUDGET | Reason.COOLDOWN).words() == ["cooldown", "budget"]
    assert Reason.NONE.words() == []
