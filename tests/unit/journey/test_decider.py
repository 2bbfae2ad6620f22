"""Who decides, by name."""

from dataclasses import replace

from churn_saver.journey import Decider
from tests.persuadables import learned
from tests.trained import served


def test_a_trained_rung_is_named_with_its_version() -> None:
    """Sixteen digits of the file's hash; the others are their name."""
    policy = replace(served(), version="0123456789abcdef")

    assert Decider("ppo_price", policy).label == "ppo_price@0123456789abcdef"
    effects = replace(learned().effects, version="fedcba9876543210")
    assert Decider("uplift", effects=effects).label == "uplift@fedcba9876543210"
    assert Decider("knapsack").label == "knapsack"
    assert Decider("exact", exact_prices=((100.0, 1.0),)).label == "exact"
