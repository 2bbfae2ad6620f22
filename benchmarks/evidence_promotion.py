"""How often the gate lets a challenger pass: one that is no better, a worse one, and a clearly better one.

    python benchmarks/evidence_promotion.py [--campaigns N] [--few N] [--json PATH]

Campaigns are simulated, half of them with two arms of customers whose outcomes under both policies are
drawn, looked at four times; half as logs of a world whose true values are sums, on which two policies are
asked. All five conditions of the gate are asked; where both policies are worth the same, what groups may
lose is overridden in writing, so that nothing but the gain stands in the way. Figures are defined in
docs/metrics.md, section Evidence, promotion.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.evidence_offpolicy import SERVED, TARGET, campaign, gated, learned
from churn_saver.evidence.broken_caps import BrokenCaps
from churn_saver.evidence.conditions import Gain, Losses, Replays
from churn_saver.evidence.fairness import harmed
from churn_saver.evidence.followed import Followed, State
from churn_saver.evidence.looks import looks
from churn_saver.evidence.promotion import Evidence, gate
from churn_saver.evidence.sample_ratio import SampleRatio, sample_ratio
from churn_saver.evidence.shares import wilson
from churn_saver.pipeline.gains import Unit, gain_of, paired_gain, scores_of

Floats: TypeAlias = NDArray[np.float64]
World: TypeAlias = Literal["same", "better", "worse"]

CAMPAIGNS, FEW = 1_000, 200
CUSTOMERS, UNITS, LARGE = 4_000, 600, 8_000
"""Of a campaign of two arms; of a log; and of a log on which a better policy is to be found."""
LOOKS = (0.25, 0.5, 0.75, 1.0)
"""Fractions of the customers that are known at each look."""
STAYS, GAIN = 0.8, 0.06
"""Share that stays under the champion, and what a challenger adds to it or takes away."""
SHARES = (0.2, 0.5)
"""Of the customers, the challenger's; every second campaign has the other one."""
BOUND = 0.05
"""Most that a group may lose, as the gain is counted."""
WINDOW, HELD_IN = 30, 0.95
KEPT = Unit("of the customers kept", is_money=False)
NO_CAPS = BrokenCaps(CUSTOMERS, CUSTOMERS, {"budget": 0})
REPLAYED = Replays("challenger", 50, (), ())
OVERRIDE = "what groups lose is not asked here"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate said of one campaign."""

    passes: bool
    naive: bool
    """Some look's interval of 95 % lies above 0."""


def served(rng: np.random.Generator, gain: float, share: float) -> tuple[Followed, list[str]]:
    """Draw customers of both arms, in the order in which they are known, and the group of each."""
    treated = rng.random(CUSTOMERS) < share
    group = rng.choice(["a", "b"], CUSTOMERS, p=[0.3, 0.7])
    stays = rng.random(CUSTOMERS) < STAYS + gain * treated
    return Followed.checked(
        treated=treated,
        arm_probability=np.where(treated, share, 1 - share),
        state=np.where(stays, State.RETAINED, State.CHURNED),
        days=np.where(stays, WINDOW, rng.integers(1, WINDOW, CUSTOMERS)).astype(np.float64),
        margin_minor=np.where(stays, 6_000.0, 3_000.0),
        window_days=WINDOW,
    ), group.tolist()  # fmt: skip


def begun(followed: Followed, known: int) -> Followed:
    """Give those who are known by a look."""
    return Followed(
        followed.treated[:known], followed.arm_probability[:known], followed.state[:known],
        followed.days[:known], followed.margin_minor[:known], followed.cost_minor[:known],
        followed.window_days,
    )  # fmt: skip


def looked_at(seed: int, gain: float, override: str | None) -> Outcome:
    """Look at one campaign of two arms until the gate lets the challenger pass, or all looks are over."""
    followed, group = served(np.random.default_rng([seed, 1]), gain, SHARES[seed % 2])
    passes, naive = False, False
    for look in looks(LOOKS, is_last=True):
        known = round(look.fraction * CUSTOMERS)
        seen = begun(followed, known)
        found, ratio = gain_of(seen, KEPT, look.level)
        score = scores_of(seen, KEPT.is_money)
        passes |= judged(found, group[:known], score, ratio, look.level, override)
        naive |= gain_of(seen, KEPT, 0.95)[0].difference.low > 0
    return Outcome(passes, naive)


def asked(seed: int, units: int, world: World, override: str | None) -> Outcome:
    """Ask two policies about one log: the best offers against those that served, or a half of each."""
    log, cell = campaign(np.random.default_rng([seed, 2]), "uniform", False, units)
    turn = {"same": log.unit % 2 == 0, "better": log.unit >= 0, "worse": log.unit < 0}[world][:, None]
    target = gated(np.where(turn, TARGET[cell], SERVED[cell]), log.allowed)
    other = gated(np.where(turn, SERVED[cell], TARGET[cell]), log.allowed)
    found, score = paired_gain(log, target, other, learned(log), KEPT, 0.95)
    each = np.bincount(log.unit, score) / np.bincount(log.unit)
    rng = np.random.default_rng([seed, 3])
    group = rng.choice(["a", "b"], units, p=[0.3, 0.7]).tolist()
    ratio = sample_ratio(rng.random(units) < HELD_IN, np.full(units, HELD_IN))
    return Outcome(judged(found, group, each, ratio, 0.95, override), found.difference.low > 0)


def judged(
    gain: Gain, group: list[str], score: Floats, ratio: SampleRatio, level: float, override: str | None
) -> bool:
    """Ask the gate."""
    losses = Losses({"group": harmed(np.arange(len(score)), group, score, BOUND)}, override=override)
    return gate(Evidence(gain, NO_CAPS, losses, REPLAYED, {"arms": ratio}), level).passes


def figures(campaigns: int = CAMPAIGNS, few: int = FEW, units: int = LARGE) -> dict[str, float]:
    """Give the shares of campaigns in which the gate lets pass, each with Wilson's interval.

    Args:
        campaigns: Where both are worth the same, half of either way.
        few: Where the challenger is worse, and where it is better, half of either way.
        units: Customers of a log on which a better policy is to be found.
    """
    started, half, fewer = time.process_time(), campaigns // 2, few // 2
    same = [looked_at(seed, 0.0, OVERRIDE) for seed in range(half)]
    alike = [asked(seed, UNITS, "same", OVERRIDE) for seed in range(half)]
    worse = [looked_at(seed, -GAIN, OVERRIDE) for seed in range(fewer)]
    worse += [asked(seed, UNITS, "worse", OVERRIDE) for seed in range(fewer)]
    better = [looked_at(seed, GAIN, None) for seed in range(fewer)]
    better += [asked(seed, units, "better", None) for seed in range(fewer)]
    return {
        **share("aa_promotions", [one.passes for one in same + alike]),
        **share("aa_promotions_looks", [one.passes for one in same]),
        **share("aa_promotions_naive", [one.naive for one in same]),
        **share("aa_promotions_logged", [one.passes for one in alike]),
        **share("worse_promoted", [one.passes for one in worse]),
        **share("better_promoted", [one.passes for one in better]),
        "promotion_campaigns": campaigns,
        "promotion_few": few,
        "promotion_cpu_seconds": time.process_time() - started,
    }


def share(name: str, happened: list[bool]) -> dict[str, float]:
    """Give a share and both ends of its 95 % interval."""
    low, high = wilson(np.array([float(sum(happened))]), np.array([float(len(happened))]), 0.95)
    return {name: sum(happened) / len(happened), f"{name}_low": float(low[0]), f"{name}_high": float(high[0])}


def main(arguments: list[str] | None = None) -> None:
    """Work the figures out, print them and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure whom the gate lets pass.")
    parser.add_argument("--campaigns", type=int, default=CAMPAIGNS, help="of policies worth the same")
    parser.add_argument("--few", type=int, default=FEW, help="of a worse challenger, and of a better one")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = parser.parse_args(arguments)
    found = figures(chosen.campaigns, chosen.few)
    for name, value in found.items():
        print(f"{name:32} {value:,.4f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
