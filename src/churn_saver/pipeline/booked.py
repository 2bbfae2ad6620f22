"""A campaign's books as a log that policies are judged on: which decisions count, and what came of them.

A decision counts when its probability is on record, and what came of it is known. The others are left out,
counted, and named by their reason. The arm is what was drawn, not what was carried out: a contact whose
message was blocked, or for which no budget was left, is one of its arm that came to nothing. So a policy that
wants what is often stopped is not flattered, and no row is left out for what its arm led to. Two rewards:

    retained  1 where the customer was still one `days` days later, 0 where he had left by then
    margin    bill · margin_share · (days he stayed, of those `days`) / 30, less what the contact and an
              accepted offer cost; currency units

Only decisions older than `days` count, leavers too: else the young would count by their losses alone.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from churn_saver.adapters.log_features import FeatureColumn, matrix_of
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Reason
from churn_saver.domain.campaign import PERIOD_DAYS
from churn_saver.domain.logbook import Logbook
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import InputError, quoted
from churn_saver.evidence.logged import Flags, Floats, Logged, Matrix, Whole

REWARDS = ("retained", "margin")
ARMS = ("none", *map(str, OFFER_PERCENTS))
"""What a choice is called: no contact, or a contact with that many per cent."""
_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the books."""

    reward: str
    """Of `REWARDS`."""
    days: int
    """After the decision."""
    margin_share: float
    """Of a bill, what is margin; see env.yaml."""
    now: datetime
    """Aware."""


@dataclass(frozen=True, slots=True)
class Booked:
    """The decisions that count."""

    log: Logged
    rows: Whole
    """Which of the logbook's they are, (n,)."""
    features: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...]
    """Why, and how many."""


def booked(book: Logbook, asked: Asked) -> Booked:
    """Make a log of the decisions that count.

    Raises:
        InputError: another reward, no day, or no decision that counts; says why each does not.
    """
    _refuse_unknown(asked)
    stayed = _days_stayed(book, asked)
    left_out, counts = [], np.ones(len(book), dtype=np.bool_)
    for why, excluded in _exclusions(book, asked, stayed):
        here = counts & excluded
        counts &= ~excluded
        if here.any():
            left_out.append((why, int(here.sum())))
    rows = np.flatnonzero(counts)
    if not len(rows):
        told = "; ".join(f"{count:,} {why}" for why, count in left_out) or "it has none"
        raise InputError(
            f"campaign {book.campaign.campaign_id!r} has no decision that counts, wanted some: {told}. "
            "Import outcomes, wait, or name fewer --days"
        )
    told_of = [json.loads(str(book.features[row])) for row in rows.tolist()]
    bills = np.array([float(one["bill_minor"]) for one in told_of])
    matrix, names = _features(told_of, book.churn_risk[rows])
    log = Logged.checked(
        unit=book.customer[rows],
        arm=book.intended[rows].astype(np.int64),
        propensity=book.probability[rows],
        allowed=book.excluded[rows] == 0,
        reward=_reward(book, rows, stayed[rows], bills, asked),
        features=matrix,
        source=f"campaign:{book.campaign.campaign_id}",
    )
    return Booked(log, rows, names, tuple(left_out))


def _refuse_unknown(asked: Asked) -> None:
    if asked.reward not in REWARDS:
        raise InputError(f"--reward is {quoted(asked.reward)}, wanted one of: {', '.join(REWARDS)}")
    if asked.days < 1:
        raise InputError(f"--days is {asked.days}, wanted 1 or more: days after the decision")


def _days_stayed(book: Logbook, asked: Asked) -> Floats:
    """Give the days of the window that each customer stayed, (n,); NaN: not known to its end."""
    until_left = (book.churned_at - book.decided_at) / _DAY
    known_for = (book.retained_at - book.decided_at) / _DAY
    stayed = np.where(known_for >= asked.days, float(asked.days), np.nan)
    left = ~np.isnat(book.churned_at)
    stayed[left] = np.clip(until_left[left], 0.0, asked.days)
    return stayed


def _exclusions(book: Logbook, asked: Asked, stayed: Floats) -> Sequence[tuple[str, Flags]]:
    """Give each reason with the decisions it holds for; a decision counts under the first."""
    now = np.datetime64(asked.now.astimezone(UTC).replace(tzinfo=None), "us")
    young = book.decided_at > now - np.timedelta64(asked.days, "D")
    erased = np.fromiter((features is None for features in book.features), np.bool_, len(book))
    return (
        ("of the holdout, who show nothing of the arms", (book.reasons & int(Reason.HOLDOUT)) != 0),
        ("of customers who were erased", erased),
        ("without a recorded probability", np.isnan(book.probability)),
        (f"younger than {asked.days} days", young),
        ("of which nobody has said what came of it", np.isnan(stayed)),
    )


def _reward(book: Logbook, rows: Whole, stayed: Floats, bills: Floats, asked: Asked) -> Floats:
    if asked.reward == "retained":
        left = book.churned_at[rows] <= book.decided_at[rows] + np.timedelta64(asked.days, "D")
        return np.where(left, 0.0, 1.0)
    margin = bills * asked.margin_share * stayed / PERIOD_DAYS
    spent = book.contact_spent_minor[rows] + book.offer_spent_minor[rows]
    return np.asarray((margin - spent) / MINOR_PER_UNIT)


def _features(told: Sequence[dict[str, float | str]], risk: Floats) -> tuple[Matrix, tuple[str, ...]]:
    """Give what each decision was made on, and the risk that was seen."""
    columns = []
    for name in sorted({name for one in told for name in one}):
        column = FeatureColumn(name)
        values = [one.get(name) for one in told]
        is_text = any(isinstance(value, str) for value in values)
        column.add(pl.Series(values, dtype=pl.String if is_text else pl.Float64, strict=False))
        columns.append(column)
    scored = FeatureColumn("churn_risk")
    scored.add(pl.Series(risk))
    return matrix_of([*columns, scored], len(told))


def open_where_allowed(arm: int, allowed: Flags) -> Whole:
    """Choose one arm wherever the gates leave it open, else no contact. Shapes: (n, k) → (n,)."""
    return np.where(allowed[:, arm], arm, NO_CONTACT)
