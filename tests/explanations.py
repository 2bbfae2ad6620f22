"""An explanation by hand: only what a test says differs from it."""

from typing import Any

from churn_saver.evidence.explanation import (
    Change,
    Difference,
    Explanation,
    Kind,
    Option,
    Share,
    given_score,
    score_of,
)
from tests.builders import NOON


def options(*closed_by: str) -> tuple[Option, ...]:
    """Give five choices at λ 0.31, of which 10 % gains 1.92 and holds back 8.00; all contacts closed so."""
    rows = [(0, 0.0, 0), (1, -100.0, 100), (2, 50.0, 450), (3, 192.0, 800), (4, 100.0, 1_150)]
    return tuple(
        Option(choice, closed_by if choice else (), gain, cost, gain - 0.31 * cost)
        for choice, gain, cost in rows
    )


def explanation(**changes: Any) -> Explanation:
    """Give the explanation of a customer left alone at λ 0.31, of whom 10 % would have kept 1.92."""
    parts = [Share("tenure_months", 12.0, 0.5), Share("contract_type", "one year", -0.25)]
    plain: dict[str, Any] = {
        "decision_id": "0" * 32,
        "decided_at": NOON,
        "campaign_id": "spring",
        "currency": "USD",
        "policy": "knapsack",
        "price": 0.31,
        "is_by_worth": True,
        "choice": 0,
        "intended": 0,
        "own": 0,
        "is_drawn": False,
        "reasons": ("not_worth_it",),
        "difference": Difference.NONE,
        "options": options(),
        "scores": (score_of("churn_risk", 0.4, 0.5, 0.25, parts), given_score("accept_prob_0", 0.2)),
        "missing": ("total_charges",),
        "probability": 1.0,
        "arm_probability": 0.95,
        "message_probability": None,
        "of_intended": False,
        "changes": (Change(Kind.PRICE, "price", 0.31, 0.24, 0.07 / 0.31, 3),),
    }
    return Explanation(**(plain | changes))
