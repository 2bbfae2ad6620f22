"""Time of a decision by a trained policy: one alone, 8,192 at once, and a table of 1,000,000.

    python benchmarks/policy_serving.py [--json PATH] [--only NAME]

Measured is the rung as the service calls it, from appraised customers to choices: what the policy sees of
them, what is closed, the network's answers. Not in it: scoring, worths, messages and the ledger, which
cost the same whoever decides. The network has the size of ppo.yaml and weights from a fixed seed; its
speed does not depend on them. Each number is the median of its repetitions.
Figures are defined in docs/metrics.md, section Serving a policy.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from churn_saver.config import EnvSettings, PpoSettings, parse
from churn_saver.domain.action import N_CHOICES, N_OFFERS, choice_costs_minor
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.journey import Appraisal, Decider, Situation
from churn_saver.journey.trained import network_choice
from churn_saver.policy.certificate import Certificate, Certified, ServedPolicy, assumptions_digest
from churn_saver.policy.network import N_LOGITS, PolicyNetwork, Scaling, n_features
from churn_saver.policy.standing import Standing

CONFIGS = Path(__file__).parents[1] / "ops" / "configs"
SEED = 20
NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
PRICE = 2.5
MILLION = 1_000_000
BATCH = 8_192
LIMITS = {"decision_ms": 0.2, "batch_8192_ms": 30.0, "million_s": 20.0}
"""What is promised."""


def main(arguments: list[str] | None = None) -> None:
    """Measure what is asked for, print it beside its limit and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure decisions by a trained policy.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--only", choices=sorted(FIGURES), help="measure one figure")
    chosen = parser.parse_args(arguments)
    found = {name: measure() for name, measure in FIGURES.items() if chosen.only in (None, name)}
    print(written(found))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def decision_ms() -> float:
    """Decide for one customer, again and again."""
    return 1e3 * seconds(1, repetitions=2_000)


def batch_8192_ms() -> float:
    """Decide for 8,192 customers at once."""
    return 1e3 * seconds(BATCH, repetitions=20)


def million_s() -> float:
    """Decide for 1,000,000 customers at once."""
    return seconds(MILLION, repetitions=1)


def seconds(n: int, repetitions: int) -> float:
    """Give the median time of deciding for n customers, after one decision to warm up."""
    env = parse(EnvSettings, (CONFIGS / "env.yaml").read_text(encoding="utf-8"), "env.yaml")
    customers, policy = appraised(n, env), trained(env)
    decider = Decider("ppo_price", policy)
    network_choice(appraised(1, env), PRICE, decider, policy, env)
    taken = []
    for _ in range(repetitions):
        started = time.perf_counter()
        made = network_choice(customers, PRICE, decider, policy, env)
        taken.append(time.perf_counter() - started)
    closed = ~customers.standing.allowed[np.arange(n), made.choice]
    if closed.any():
        raise SystemExit(f"{int(closed.sum())} customers got what was closed to them")
    return median(taken)


def trained(env: EnvSettings) -> ServedPolicy:
    """Draw a network of the size that ppo.yaml trains."""
    settings = parse(PpoSettings, (CONFIGS / "ppo.yaml").read_text(encoding="utf-8"), "ppo.yaml")
    rng = np.random.default_rng(SEED)
    sizes = list(pairwise((n_features("full_price"), *settings.hidden, N_LOGITS)))
    caps = env.caps.caps()
    scaling = Scaling(
        64.76, env.hazard_factor, caps.cooldown_days, caps.per_period, env.horizon_days,
        settings.prices.low, settings.prices.high,
    )  # fmt: skip
    network = PolicyNetwork(
        "full_price",
        scaling,
        tuple(rng.normal(0.0, 1 / np.sqrt(size[0]), size) for size in sizes),
        tuple(rng.normal(0.0, 0.1, size[1]) for size in sizes),
    )
    row = Certified(800.0, PRICE, 792.0, 96.0, 2.0, True)
    return ServedPolicy(network, Certificate((row,), caps, assumptions_digest(env)), {}, "0" * 16)


def appraised(n: int, env: EnvSettings) -> Appraisal:
    """Draw n customers as they stand before a rung: scored, with a history, some of them closed."""
    rng = np.random.default_rng(SEED)
    bill = np.clip(rng.normal(6_500, 2_500, n), 1_800, 12_000).astype(np.int64)
    nothing, nobody = np.full(n, np.nan), [None] * n
    customers = Customers(
        [str(i) for i in range(n)], nobody, bill, {}, nothing, nothing, nothing, *[nobody] * 4
    )
    allowed = np.ones((n, N_CHOICES), dtype=np.bool_)
    days_since = np.where(rng.random(n) < 0.5, np.inf, rng.uniform(0.0, 30.0, n))
    allowed[days_since < env.caps.cooldown_days, 1:] = False
    zeros = np.zeros(n, dtype=np.int64)
    history = ContactHistory(
        True, zeros > 0, zeros > 0, zeros, zeros, zeros, days_since, np.full((n, N_OFFERS), np.inf),
        rng.integers(0, 7, n),
        np.where(rng.random(n) < 0.3, np.nan, rng.beta(0.7, 1.9, n)), zeros, zeros == 0,
    )  # fmt: skip
    campaign = Campaign(
        "bench", NOW - timedelta(days=40), env.horizon_days, 800 * n, n, "USD", 1.0, 0.0, 0.0,
        env.caps.caps(), "salt",
    )  # fmt: skip
    liking = rng.normal(-1.8, 0.8, (n, 1)) + np.arange(N_OFFERS) * 0.4
    return Appraisal(
        customers=customers,
        situation=Situation(history, campaign, 800 * n, NOW),
        standing=Standing(
            zeros[:, None] * np.zeros(N_CHOICES, dtype=np.int64),
            allowed,
            zeros > 0,
            rng.integers(0, 3, n).astype(np.float64),
            days_since,
        ),
        costs_minor=choice_costs_minor(bill, env.contact_cost_minor),
        churn_risk=rng.beta(0.7, 1.9, n),
        values=None,
        models="bench",
        accept=1.0 / (1.0 + np.exp(-liking)),
    )


def written(found: Mapping[str, float]) -> str:
    """Lay the figures out beside their limits."""
    lines = [f"{'':<16}{'measured':>12}{'at most':>12}"]
    lines += [f"{name:<16}{value:>12.4g}{LIMITS[name]:>12.4g}" for name, value in found.items()]
    return "\n".join(lines)


FIGURES: Mapping[str, Callable[[], float]] = {
    "decision_ms": decision_ms,
    "batch_8192_ms": batch_8192_ms,
    "million_s": million_s,
}
"""What is measured, in order: the keys of the JSON."""

if __name__ == "__main__":
    main()
