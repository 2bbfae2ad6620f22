"""What the shield finds in messages by people who did not know it: sets that are never edited.

`unseen_…`: 300 bad, 300 good; `fresh_…` and `third_…`: 200 bad, 300 good. The shield was mended after each
was first measured, so all are in-sample. `…_live`: with the rule for texts that nobody reviews, live ones.
The bad ones say of which kind their fault is; stopped is stopped, whatever the code. Kinds are small (2 to 32
messages), so each share comes with its interval. Figures are defined in docs/metrics.md.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.shield_desk import Desk
from churn_saver.evidence.shares import wilson
from churn_saver.shield import violations
from tests.planted.reading import SETS, Planted, bad_by_strangers, good_by_strangers

Shares = dict[str, float | int | str]


def unseen(desk: Desk) -> Shares:
    """Judge all sets, print what was misjudged."""
    return {key: value for name in SETS for key, value in _judged(desk, name).items()}


def _judged(desk: Desk, name: str) -> Shares:
    bad, good = bad_by_strangers(name), good_by_strangers(name)
    stopped = [bool(_codes(desk, one)) for one in bad]
    blocked = [_codes(desk, one) for one in good]
    for one, found in zip(bad, stopped, strict=True):
        if not found:
            print(f"{name} missed {one.fault}: {one.text}")
    for one, codes in zip(good, blocked, strict=True):
        if codes:
            print(f"{name} blocked {codes}: {one.text}")
    by_kind: dict[str, list[bool]] = {}
    for one, found in zip(bad, stopped, strict=True):
        by_kind.setdefault(one.fault, []).append(found)
    worst = min(by_kind, key=lambda kind: float(np.mean(by_kind[kind])))
    return {
        **_share(f"{name}_recall", stopped),
        **_share(f"{name}_recall_worst_kind", by_kind[worst]),
        f"{name}_worst_kind": worst,
        **{f"{name}_recall_{kind}": float(np.mean(found)) for kind, found in by_kind.items()},
        **_share(f"{name}_false_blocks", [bool(codes) for codes in blocked]),
        **_share(f"{name}_recall_live", [bool(_codes(desk, one, live=True)) for one in bad]),
        **_share(f"{name}_false_blocks_live", [bool(_codes(desk, one, live=True)) for one in good]),
    }


def _share(name: str, found: Sequence[bool]) -> Shares:
    """Give a share and both ends of its 95 % interval."""
    share = np.array([np.mean(found)])
    low, high = wilson(np.array([float(sum(found))]), np.array([float(len(found))]), 0.95)
    return {
        name: float(share[0]),
        f"{name}_of": len(found),
        f"{name}_low": float(low[0]),
        f"{name}_high": float(high[0]),
    }


def _codes(desk: Desk, one: Planted, live: bool = False) -> tuple[str, ...]:
    return violations(one.text, one.facts, replace(desk.shield(one.channel), unreviewed=live))
