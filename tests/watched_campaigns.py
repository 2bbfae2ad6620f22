"""Campaigns of which everything is drawn here, so that it is known whether anything is off."""

from datetime import datetime, timedelta

import numpy as np

from churn_saver.config import WatchSettings, parse
from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from tests.builders import NOON
from tests.logbooks import logbook
from tests.tiny_configs import CONFIGS

LAST_DAY = 56
"""Customers are decided about once, on days 0 to 56."""
LOOK: datetime = NOON + timedelta(days=LAST_DAY)
ANSWER_DAYS = 17
HELD_OUT = 0.2


def settings() -> WatchSettings:
    """Give watch.yaml as it is shipped."""
    return parse(WatchSettings, (CONFIGS / "watch.yaml").read_text(encoding="utf-8"), "watch.yaml")


def sound(customers: int, seed: int, **planted: float) -> Logbook:
    """Draw a campaign in which nothing is off but what is planted.

    One decision a customer, evenly over the days; a fifth is held out, three in ten of the others are
    contacted. Risks and chances of acceptance are true, all groups are treated alike, all contacts go out.

    Args:
        customers: How many.
        seed: Draws everything.
        planted: `spend_shift` (currency units, of the last 14 days), `more_churn` (added to the chance that
            somebody leaves), `fewer_accept` (taken from that of an acceptance), `unsent` (share of contacts
            that do not go out), `fewer_female` (taken from the contact rate of women).
    """
    rng = np.random.default_rng(seed)
    day = np.sort(rng.random(customers)) * LAST_DAY
    rows: list[dict[str, object]] = []
    for place in range(customers):
        female, senior = rng.random() < 0.5, rng.random() < 0.2
        spend = 40 + 60 * rng.random() + (day[place] > LAST_DAY - 14) * planted.get("spend_shift", 0.0)
        risk = 0.1 + 0.5 * rng.random()
        held_out = rng.random() < HELD_OUT
        contacted = not held_out and rng.random() < 0.3 - female * planted.get("fewer_female", 0.0)
        row: dict[str, object] = {
            "decided_at": float(day[place]),
            "choice": int(rng.integers(1, 5)) if contacted else 0,
            "reasons": int(Reason.HOLDOUT) if held_out else 0,
            "arm_probability": HELD_OUT if held_out else 1 - HELD_OUT,
            "churn_risk": risk,
            "accept_prob": 0.1 + 0.4 * rng.random(),
            "features": {
                "tenure_months": float(rng.integers(0, 73)), "monthly_spend": float(spend),
                "contract_type": float(rng.integers(0, 3)), "gender": float(not female),
                "senior_citizen": float(senior), "country": "US" if rng.random() < 0.8 else "CA",
                "day": float(day[place]),
            },
        }  # fmt: skip
        rows.append(row | _fate(row, float(day[place]), planted, rng))
    return logbook(rows, holdout_share=HELD_OUT)


def _fate(
    row: dict[str, object], day: float, planted: dict[str, float], rng: np.random.Generator
) -> dict[str, object]:
    """Draw what becomes of a decision, as far as it is known on the last day."""
    found: dict[str, object] = {}
    leaves, after = (
        rng.random() < float(str(row["churn_risk"])) + planted.get("more_churn", 0.0),
        30 * rng.random(),
    )
    if leaves and day + after <= LAST_DAY:
        found["churned_at"] = after
    elif not leaves and day + 30 <= LAST_DAY:
        found["retained_at"] = 30.0
    if row["choice"] != 0:
        found["contact_spent_minor"] = 100
        if rng.random() >= planted.get("unsent", 0.0):
            found["sent_at"] = 0.25
            takes = rng.random() < float(str(row["accept_prob"])) - planted.get("fewer_accept", 0.0)
            if takes and day + 3 <= LAST_DAY:
                found |= {"accepted_at": 3.0, "offer_spent_minor": 450}
    return found
