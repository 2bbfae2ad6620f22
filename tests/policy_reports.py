"""Reports on decision policies as training, ladder and frontier write them, small and made by hand."""

from math import nan
from typing import Any

ASSUMPTIONS = "ab" * 32


def point(iteration: int, **changes: float) -> dict[str, Any]:
    """Give one iteration of a training, as `asdict(CurvePoint)`."""
    return {
        "iteration": iteration, "decisions": 1_000 * iteration, "reward": 10.0 + iteration,
        "spend": 9.0 - iteration / 4, "over_cap": 0.0, "price": 2.0, "cap_price": 0.0,
        "entropy": 0.7 / iteration, "kl": 0.004, "clip_fraction": 0.08, "policy_loss": -0.01,
        "value_loss": 1.0 / iteration, "gradient_norm": 0.4, "learning_rate": 0.001,
    } | changes  # fmt: skip


def bare(iteration: int, **changes: float) -> dict[str, Any]:
    """Give an iteration of which nothing but the named figures was measured, so that little is drawn."""
    known = {"iteration", "decisions"}
    return {name: value if name in known else nan for name, value in point(iteration).items()} | changes


def certificate(*rows: tuple[float, float, float, float, float, bool]) -> dict[str, Any]:
    """Give a certificate's plain values; rows as of `Certified`, without any the budget of 8.00 alone."""
    names = (
        "budget_per_customer_minor",
        "price",
        "spend_per_customer_minor",
        "gain_pct",
        "regret_pct",
        "feasible",
    )
    caps = {"per_7_days": 1, "per_30_days": 2, "per_period": 2, "cooldown_days": 7, "allowance_units": 6}
    usual = ((800.0, 2.01, 791.0, 96.24, 3.6, True),)
    listed = [dict(zip(names, row, strict=True)) for row in rows or usual]
    return {"rows": listed, "caps": caps, "assumptions": ASSUMPTIONS}


def training(**changes: Any) -> dict[str, Any]:
    """Give the report of a training of four iterations, for one budget."""
    return {
        "name": "ppo",
        "described": "7,032 of <table>.csv",
        "provenance": {
            "seed": 7,
            "code": "0.1.0",
            "settings": {"hidden": [128, 128], "value_clip": None, "prices": {"low": 0.05}},
        },
        "curves": [point(iteration) for iteration in range(1, 5)],
        "regrets": [{"iteration": 2, "regret_pct": 9.0}, {"iteration": 4, "regret_pct": 3.5}],
        "certificate": certificate(),
        "budget_per_customer": 8.0,
        "seconds": 200.0,
    } | changes


def rung(name: str, gain_pct: float, factor: float = 1.0, **changes: Any) -> dict[str, Any]:
    """Give one row of a ladder; the interval reaches half a point to both sides."""
    return {
        "name": name, "budget_factor": factor, "gain_pct": gain_pct, "low": gain_pct - 0.5,
        "high": gain_pct + 0.5, "regret_pct": 101.0 - gain_pct, "feasible": True,
        "spend_per_customer": 7.92 * factor, "seeds": 5, "seconds_per_decision": 4e-5, "amortised": True,
    } | changes  # fmt: skip


def ladder(**changes: Any) -> dict[str, Any]:
    """Give a ladder of four rungs and the ruler, two of them at two budgets."""
    return {
        "champion": "ppo_price",
        "why": "ppo_price gains most of what decides fast enough.",
        "rows": [
            rung("knapsack", 78.8),
            rung("ppo_price", 96.2),
            rung("ppo_price", 94.1, 0.25),
            rung("knapsack", 70.3, 0.25, feasible=False),
            rung("greedy", 99.0, feasible=False, spend_per_customer=21.5),
            rung("exact", 99.5, amortised=False, seconds_per_decision=0.013),
            rung("optimum", 100.0, low=100.0, high=100.0, amortised=False, seconds_per_decision=0.15),
        ],
        "described": "7,032 of <table>.csv",
        "seeds": 5,
        "budget_per_customer": 8.0,
        "optimum": {"never": 36_512.0, "optimum": 38_934.0, "price": 2.0134, "gap": 3.1e-8, "seconds": 38.2},
    } | changes


def frontier(**changes: Any) -> dict[str, Any]:
    """Give a frontier of three budgets, the knapsack beside it at two of them."""
    return {
        "budget": [2.0, 8.0, 32.0],
        "gain": [10.0, 20.0, 25.0],
        "price": [4.5, 1.25, 0.0],
        "spend": [2.0, 8.0, 29.5],
        "gap": [2e-8, 1e-8, 0.0],
        "others": {"knapsack": {"budget": [2.0, 8.0], "gain": [8.0, 15.0]}},
        "described": "256 customers of <table>.csv",
        "budget_per_customer": 8.0,
    } | changes
