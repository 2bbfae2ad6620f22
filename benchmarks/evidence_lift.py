"""How often the intervals of a campaign's lift hold the truth, and how often its checks are right.

    python benchmarks/evidence_lift.py [--campaigns N] [--customers N] [--json PATH]

Campaigns are simulated with both potential outcomes of every customer, one in twenty held out, money
skewed by a few large bills, and a third of the customers pending on the day of the report. What an
arm would bring is known in closed form, so the truth is no estimate. Figures are defined in
docs/metrics.md, section Evidence.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.evidence_lives import REPORT_DAY, Plan, lives
from churn_saver.evidence.arm_means import Cell, Mean, mean_of, spread
from churn_saver.evidence.censoring import following
from churn_saver.evidence.contrasts import mean_difference
from churn_saver.evidence.lift import Lift, lift
from churn_saver.evidence.looks import looks
from churn_saver.evidence.sample_ratio import chance_of_finding, sample_ratio, size_to_find
from churn_saver.evidence.shares import Interval

CAMPAIGNS, CUSTOMERS = 1_000, 10_000
LOOK_DAYS = (130, 145, 160, 175, 210)
"""Of the A/A campaigns; on the last day everybody has been followed to the end."""
SKEW = 0.02


def coverage(plan: Plan, campaigns: int, seed: int) -> dict[str, float]:
    """Give the share of campaigns whose intervals hold the truth, by figure."""
    truth, hits = plan.truth, dict.fromkeys(("share", "ratio", "margin", "net", "net_ratio", "saved"), 0)
    for rng in np.random.default_rng(seed).spawn(campaigns):
        drawn = lives(plan, rng)
        found = lift(drawn.followed_to(REPORT_DAY))
        hits["share"] += holds(found.retained.difference, truth.retained)
        hits["ratio"] += holds(found.retained.ratio, truth.retained_ratio)
        hits["margin"] += holds(found.margin_minor.difference, truth.margin_minor)
        hits["net"] += holds(found.net_minor.difference, truth.net_minor)
        hits["net_ratio"] += holds(found.net_minor.ratio, truth.net_ratio)
        hits["saved"] += holds(found.saved, drawn.truly_saved)
    return {name: count / campaigns for name, count in hits.items()}


def money_coverage(held_out: int, campaigns: int, seed: int) -> tuple[float, float]:
    """Give the share of intervals of a difference of money that hold the truth: ours, and Welch's by scipy.

    Money is lognormal with σ = 1 in both arms, skewness 6.2, and nineteen are treated for one held out.
    """
    ours, welch = 0, 0
    for rng in np.random.default_rng(seed).spawn(campaigns):
        treated, holdout = rng.lognormal(0, 1, 19 * held_out), rng.lognormal(0, 1, held_out)
        ours += holds(mean_difference(plain_mean(treated), plain_mean(holdout), 0.95), 0.0)
        peer = ttest_ind(treated, holdout, equal_var=False).confidence_interval(0.95)
        welch += bool(peer.low <= 0 <= peer.high)
    return ours / campaigns, welch / campaigns


def plain_mean(values: NDArray[np.float64]) -> Mean:
    """Give the moments of the mean of an arm whose customers are all known."""
    n = len(values)
    whole = following(np.zeros(n), np.ones(n, dtype=np.bool_), np.ones(n), "arm")
    arm = (Cell(np.ones(n, dtype=np.bool_), whole, 1.0),)
    return mean_of(spread(values, arm), arm)


def holds(interval: Interval | None, truth: float) -> bool:
    """Tell whether an interval holds a number; none holds it."""
    return interval is not None and interval.low <= truth <= interval.high


def aa_alarms(plan: Plan, campaigns: int, seed: int) -> dict[str, float]:
    """Give the share of campaigns without effect in which some look finds one.

    `spent` at the looks' own levels, `naive` at 95 % each, `once` at 95 % and only at the end. A look's
    fraction is the share of customers whose outcome is known by then.
    """
    quiet = Plan(plan.customers, plan.held_out, has_effect=False)
    spending, naive, once = 0, 0, 0
    for rng in np.random.default_rng(seed).spawn(campaigns):
        drawn = lives(quiet, rng)
        seen = [drawn.followed_to(day) for day in LOOK_DAYS]
        planned = looks([float(one.known.mean()) for one in seen], is_last=True)
        at_95 = [finds(lift(one)) for one in seen]
        spending += any(finds(lift(one, look.level)) for one, look in zip(seen, planned, strict=True))
        naive += any(at_95)
        once += at_95[-1]
    return {"spent": spending / campaigns, "naive": naive / campaigns, "once": once / campaigns}


def finds(found: Lift) -> bool:
    """Tell whether the interval of the retained shares lies clear of 0."""
    return not holds(found.retained.difference, 0.0)


def srm_found(share: float, customers: int, campaigns: int, seed: int) -> dict[str, float]:
    """Give the share of campaigns in which a planted skew is found, and of sound ones where one is."""
    rng = np.random.default_rng(seed)
    recorded = np.full(customers, share)
    found = [
        sample_ratio(rng.random(customers) < share - SKEW, recorded).is_mismatch for _ in range(campaigns)
    ]
    false = [sample_ratio(rng.random(customers) < share, recorded).is_mismatch for _ in range(campaigns)]
    return {"found": float(np.mean(found)), "false": float(np.mean(false))}


def skewed(campaigns: int, seed: int) -> dict[str, float]:
    """Give the coverage for money with a long tail, by customers held out, beside Welch's."""
    found: dict[str, float] = {}
    for held_out in (50, 100, 500):
        ours, welch = money_coverage(held_out, campaigns, seed)
        found |= {f"coverage_skewed_{held_out}": ours, f"coverage_skewed_{held_out}_welch": welch}
    return found


def rows_per_second(customers: int, seed: int) -> float:
    """Time one lift of many customers, checks included."""
    drawn = lives(Plan(customers, np.full(3, 0.05), has_effect=True), np.random.default_rng(seed))
    started = time.perf_counter()
    lift(drawn.followed_to(REPORT_DAY))
    return customers / (time.perf_counter() - started)


def figures(campaigns: int, customers: int, seed: int = 1) -> dict[str, float]:
    """Work out every figure of this page at a size.

    Args:
        campaigns: To simulate, of each sort.
        customers: Of each campaign.
        seed: Of all draws.
    """
    plain = Plan(customers, np.full(3, 0.05), has_effect=True)
    strata = Plan(customers, np.array([0.05, 0.1, 0.2]), has_effect=True)
    held = {"": coverage(plain, campaigns, seed), "_strata": coverage(strata, campaigns, seed + 1)}
    alarms = aa_alarms(plain, campaigns, seed + 2)
    size, even = size_to_find(0.95, 0.95 - SKEW), size_to_find(0.5, 0.5 - SKEW)
    sound, halves = srm_found(0.95, size, campaigns, seed + 3), srm_found(0.5, even, campaigns, seed + 4)
    # Of the treated, 2 in 100 lost: their share falls from .95 to .931/.981.
    lost = 0.95 * (1 - SKEW) / (1 - 0.95 * SKEW)
    return {
        "campaigns": campaigns,
        "customers": customers,
        "coverage_lift": held[""]["share"],
        **{
            f"coverage_lift_{name}{kind}": share
            for kind, those in held.items()
            for name, share in those.items()
        },
        **skewed(campaigns, seed + 5),
        "aa_alarms": alarms["spent"],
        "aa_alarms_naive": alarms["naive"],
        "aa_alarms_once": alarms["once"],
        "srm_found": min(sound["found"], halves["found"]),
        "srm_false": max(sound["false"], halves["false"]),
        "srm_size": size,
        "srm_size_halves": even,
        "srm_size_lost": size_to_find(0.95, lost),
        "srm_exact": min(
            chance_of_finding(size, 0.95, 0.95 - SKEW), chance_of_finding(even, 0.5, 0.5 - SKEW)
        ),
        "lift_rows_per_second": rows_per_second(100 * customers, seed),
    }


def main(arguments: list[str] | None = None) -> None:
    """Work the figures out, print them and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the lift's intervals and checks.")
    parser.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    found = figures(chosen.campaigns, chosen.customers)
    print("\n".join(f"{name:<32}{shown(value):>12}" for name, value in found.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def shown(value: float) -> str:
    """Write one figure: a count whole, a share with four digits."""
    return f"{value:,.0f}" if value >= 4 else f"{value:.4f}"


if __name__ == "__main__":
    main()
