"""Logbooks written out by hand: a row says only what differs from a plain decision."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from churn_saver.domain.action import N_CHOICES, NO_CONTACT
from churn_saver.domain.logbook import Logbook
from tests.builders import NOON
from tests.builders import campaign as plain_campaign

FEATURES = {
    "tenure_months": 12.0,
    "monthly_spend": 89.99,
    "contract_type": 0.0,
    "bill_minor": 8_999,
    "fatigue": 0,
    "units_used": 0,
    "day": 1.0,
    "price": 0.0,
}
"""What a plain decision was made on."""
_MOMENTS = ("accepted_at", "declined_at", "retained_at", "churned_at", "sent_at")
_PLAIN: Mapping[str, Any] = {
    "number": 0,
    "reasons": 0,
    "excluded": (0,) * N_CHOICES,
    "probability": 1.0,
    "arm_probability": 1.0,
    "churn_risk": 0.4,
    "accept_prob": 0.3,
    "expected_value": 0.0,
    "price": 0.0,
    "policy": "knapsack@1",
    "models": "0123456789abcdef",
    "features": FEATURES,
    "expires_on": None,
    "contact_spent_minor": 0,
    "offer_spent_minor": 0,
    **dict.fromkeys(_MOMENTS),
}
_TYPES = {
    "customer": np.int64, "number": np.int64, "choice": np.int8, "intended": np.int8, "reasons": np.int64,
    "excluded": np.int32, "probability": np.float64, "arm_probability": np.float64,
    "churn_risk": np.float64, "accept_prob": np.float64, "expected_value": np.float64, "price": np.float64,
    "contact_spent_minor": np.int64, "offer_spent_minor": np.int64,
}  # fmt: skip
_WORDS = {"decision_ids": "decision_id", "customer_ids": "customer_id", "policies": "policy"}
"""Fields of `Logbook` that a row names in the singular."""
_NAMES = {*_PLAIN, "decision_id", "customer_id", "customer", "decided_at", "choice", "intended"}


def logbook(rows: Sequence[Mapping[str, object]], **campaign: object) -> Logbook:
    """Give a logbook of these decisions, in this order.

    Args:
        rows: By the names of `Logbook`'s fields, but `decision_id`, `customer_id` and `policy`. Left out:
            row i is the first decision of customer i, `Ci`, made i seconds after NOON, no contact, with
            nothing known of what became of it. `customer` follows from `customer_id`, `intended` is
            `choice`. Moments are aware times, or numbers: `decided_at` of days after NOON, all others of
            days after the decision; `expires_on` is a date, or days after the decision's day. `features`
            is a mapping (over FEATURES), a text as it stands in the books, or None: erased.
        campaign: What differs from `tests.builders.campaign`.
    """
    filled = [_filled(row, place) for place, row in enumerate(rows)]
    known = {name: ref for ref, name in enumerate(dict.fromkeys(str(row["customer_id"]) for row in filled))}
    for row in filled:
        row.setdefault("customer", known[str(row["customer_id"])])
    columns: dict[str, Any] = {
        name: np.array([row[name] for row in filled], dtype=kind) for name, kind in _TYPES.items()
    }
    columns["excluded"] = columns["excluded"].reshape(len(rows), N_CHOICES)
    columns |= {
        name: np.array([row[name] for row in filled], dtype="datetime64[us]")
        for name in ("decided_at", *_MOMENTS)
    }
    columns["expires_on"] = np.array([row["expires_on"] for row in filled], dtype="datetime64[D]")
    columns |= {name: [row[word] for row in filled] for name, word in _WORDS.items()}
    columns |= {name: [row[name] for row in filled] for name in ("models", "features")}
    return Logbook(campaign=plain_campaign(**campaign), **columns)


def _filled(row: Mapping[str, Any], place: int) -> dict[str, Any]:
    if unknown := set(row) - _NAMES:
        raise KeyError(f"a logbook's row knows no {sorted(unknown)}, only {sorted(_NAMES)}")
    choice = row.get("choice", NO_CONTACT)
    own = {
        "decision_id": f"{place:032x}", "customer_id": f"C{place:05d}", "choice": choice,
        "intended": choice,
    }  # fmt: skip
    filled: dict[str, Any] = {**_PLAIN, **own, **row}
    decided = _moment(
        filled.get("decided_at", place / 86_400), np.datetime64(NOON.replace(tzinfo=None), "us")
    )
    filled["decided_at"] = decided
    filled |= {name: _moment(filled[name], decided) for name in _MOMENTS}
    last = filled["expires_on"]
    if not (last is None or isinstance(last, date)):
        filled["expires_on"] = decided.astype("datetime64[D]") + np.timedelta64(last, "D")
    told = filled["features"]
    if isinstance(told, Mapping):
        filled["features"] = json.dumps({**FEATURES, **told})
    return filled


def _moment(value: datetime | float | None, since: np.datetime64) -> np.datetime64:
    """Read a moment: aware, or days after another one."""
    if value is None:
        return np.datetime64("NaT", "us")
    if isinstance(value, datetime):
        return np.datetime64(value.astimezone(UTC).replace(tzinfo=None), "us")
    return since + np.timedelta64(round(float(value) * 86_400_000_000), "us")
