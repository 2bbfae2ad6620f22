"""What a campaign did, out of its books: a report of plain values, for screen, page and JSON alike.

Money is in currency units, shares and levels are fractions. Works out who is followed (`following`), at
which level the look is judged (`looking`) and the first line (`headlines`); the figures are `evidence`'s.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC
from typing import TypeAlias

import numpy as np

from churn_saver.config import ProtocolSettings
from churn_saver.domain.logbook import Logbook
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.arm_means import cells, share_of, spread, wilson_of
from churn_saver.evidence.followed import Followed, State
from churn_saver.evidence.lift import Arm, Effect, Lift, lift
from churn_saver.evidence.shares import Interval
from churn_saver.pipeline.following import Arms, Window, arms_of
from churn_saver.pipeline.headlines import headline
from churn_saver.pipeline.looking import judged, percent_of

Plain: TypeAlias = dict[str, object]

MOST_POINTS = 30
"""Of a curve, beside its beginning."""


def lift_report(
    book: Logbook, window: Window, protocol: ProtocolSettings | None, recorded: Mapping[str, str] | None
) -> Plain:
    """Say what a campaign did.

    Args:
        book: Its decisions.
        window: By what everybody is judged.
        protocol: That was written before it began; None: none was.
        recorded: Digest and moment of the protocol, to be shown.

    Raises:
        InputError: as `arms_of`, or nobody of an arm was followed to the end of the window.
        TableError: the books say what cannot be.
    """
    campaign, arms = book.campaign, arms_of(book, window)
    look = judged(campaign, arms, window, protocol)
    found = lift(arms.followed, look.level)
    line, too_small = headline(found, protocol, campaign.currency)
    return {
        "campaign_id": campaign.campaign_id,
        "currency": campaign.currency,
        "made_at": window.now.astimezone(UTC).isoformat(timespec="seconds"),
        "started_at": campaign.starts_at.astimezone(UTC).isoformat(timespec="seconds"),
        "holdout_share": campaign.holdout_share,
        "window_days": window.days,
        "margin_share": window.margin_share,
        "level": look.level,
        "level_shown": percent_of(look.level),
        "first_line": line,
        "is_too_small": too_small,
        "look": asdict(look),
        "protocol": None if protocol is None else {**protocol.model_dump(mode="json"), **(recorded or {})},
        "cautions": _cautions(found),
        "left_out": [asdict(one) for one in arms.left_out],
        "curve": _curve(arms, look.level),
        **_figures(found),
    }


def _figures(found: Lift) -> Plain:
    ratio = found.sample_ratio
    return {
        "arms": {"treated": _arm(found.treated), "holdout": _arm(found.holdout)},
        "effects": {
            "retained": _effect(found.retained, 1.0),
            "margin": _effect(found.margin_minor, 1 / MINOR_PER_UNIT),
            "net": _effect(found.net_minor, 1 / MINOR_PER_UNIT),
        },
        "saved": asdict(found.saved),
        "earned": _scaled(found.earned_minor, 1 / MINOR_PER_UNIT),
        "sample_ratio": {
            "customers": ratio.customers, "treated": ratio.treated, "expected": ratio.expected,
            "p_value": ratio.p_value, "is_mismatch": ratio.is_mismatch, "verdict": ratio.verdict,
        },
    }  # fmt: skip


def _arm(arm: Arm) -> Plain:
    return {
        "customers": arm.customers,
        "known": arm.known,
        "pending": arm.pending,
        "median_days": arm.median_days,
        "retained": asdict(arm.retained),
        "margin": _scaled(arm.margin_minor, 1 / MINOR_PER_UNIT),
        "cost": _scaled(arm.cost_minor, 1 / MINOR_PER_UNIT),
    }


def _effect(effect: Effect, unit: float) -> Plain:
    return {
        "difference": _scaled(effect.difference, unit),
        "ratio": None if effect.ratio is None else asdict(effect.ratio),
        "smallest": effect.smallest * unit,
    }


def _scaled(found: Interval, unit: float) -> Plain:
    return {"value": found.value * unit, "low": found.low * unit, "high": found.high * unit}


def _cautions(found: Lift) -> list[str]:
    """Say what a reader must know before believing a figure."""
    pending = found.treated.pending + found.holdout.pending
    if not pending:
        return []
    return [
        f"Of {pending:,} customers nobody has said what became of them. Those who are known stand for them, "
        "which holds only where leavers are not reported sooner than those who stay."
    ]


def _curve(arms: Arms, level: float) -> list[Plain]:
    """Give the share of each arm still there after so many days, with its interval."""
    followed = arms.followed
    last = int(followed.window_days)
    days = np.unique(np.linspace(0, last, min(last, MOST_POINTS) + 1).round()).astype(int).tolist()
    start = asdict(Interval(1.0, 1.0, 1.0))
    found: list[Plain] = [{"day": 0, "treated": start, "holdout": start}]
    for day in days[1:]:
        then = _judged_after(followed, day)
        found.append(
            {
                "day": day,
                "treated": asdict(_share(then, level, treated=True)),
                "holdout": asdict(_share(then, level, treated=False)),
            }
        )
    return found


def _judged_after(followed: Followed, day: int) -> Followed:
    """Judge the same customers earlier: whoever is followed that long has stayed by then."""
    stayed = np.where(followed.days >= day, State.RETAINED, State.PENDING)
    state = np.where(followed.state == State.CHURNED, State.CHURNED, stayed)
    return replace(followed, state=state, window_days=float(day))


def _share(followed: Followed, level: float, treated: bool) -> Interval:
    arm = cells(followed, treated)
    return wilson_of(*share_of(spread(followed.kept, arm), arm), level)
