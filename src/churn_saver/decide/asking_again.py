"""Ask a policy what it would have done in decisions that were made already, as their records have them.

What the gates left open is taken as recorded; scores and worths are worked out anew with the predictors
at hand. Nothing is written, no message is made. Knows no outcome.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters.ladder import NETWORKS
from churn_saver.domain.action import N_CHOICES, N_OFFERS
from churn_saver.domain.customer import FIELD_BY_NAME, ContactHistory, Customers
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.evidence.targets import deterministic, exploring
from churn_saver.journey import Seat, Situation
from churn_saver.journey.appraisal import valued
from churn_saver.journey.exact import EXACT
from churn_saver.journey.rungs import choose
from churn_saver.policy.standing import Standing
from churn_saver.tabular.predictors import Predictors

_DAY = np.timedelta64(1, "D")
_OWN_PRICES = {EXACT, *NETWORKS}
"""Rungs that record a λ on a scale of their own."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Decisions as their records have them."""

    customers: Customers
    history: ContactHistory
    gates: Standing
    prices: NDArray[np.float64]
    """λ that each was decided at, (n,)."""

    def take(self, rows: NDArray[np.int64]) -> "_Told":
        """Give some of them."""
        gates = Standing(*(getattr(self.gates, name)[rows] for name in Standing.__slots__))
        return _Told(self.customers.take(rows), self.history.take(rows), gates, self.prices[rows])


def asked_again(
    book: Logbook, rows: Whole, seat: Seat, predictors: Predictors, exploration_share: float = 0.0
) -> Floats:
    """Give the probability of each choice under a policy, for recorded decisions.

    λ is the policy's own where it has one; else that of the record, or the campaign's where the record's
    is on the scale of another policy.

    Shapes: rows (m,) → (m, 5).

    Args:
        book: The campaign's decisions.
        rows: Those to ask about, in its order; none of a customer who was erased.
        seat: Who is asked, from `journey.seated`.
        predictors: At hand.
        exploration_share: Of decisions that take a random open choice.

    Raises:
        InputError: a customer was erased.
        ArtifactError: the policy wants what is closed.
    """
    told = _told(book, rows)
    prices = told.prices
    foreign = np.array([book.policies[row].partition("@")[0] in _OWN_PRICES for row in rows.tolist()])
    prices = np.full(len(rows), seat.price) if seat.has_own_price else np.where(foreign, seat.price, prices)
    chances = np.empty((len(rows), N_CHOICES))
    days_left = _days_left(book, rows)
    for days in np.unique(days_left):
        # What a decision depends on of its moment is the day, so a day is asked about at once.
        same = np.flatnonzero(days_left == days)
        some = told.take(same)
        now = book.campaign.ends_at - timedelta(days=int(days))
        situation = Situation(some.history, book.campaign, 0, now)
        appraisal = valued(some.customers, situation, some.gates, predictors, seat.rules)
        chosen = choose(appraisal, prices[same], seat.rules)
        known = chosen.chances
        chances[same] = deterministic(chosen.choice.astype(np.int64), N_CHOICES) if known is None else known
    return exploring(chances, told.gates.allowed, exploration_share)


def _days_left(book: Logbook, rows: Whole) -> NDArray[np.int64]:
    """Give the whole days to the campaign's end, at least 1, as `Campaign.days_left` counts them."""
    ends_at = np.datetime64(_naive(book.campaign.ends_at), "us")
    left: NDArray[np.int64] = np.ceil((ends_at - book.decided_at[rows]) / _DAY).astype(np.int64)
    return np.maximum(left, 1)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _told(book: Logbook, rows: Whole) -> _Told:
    told = []
    for row in rows.tolist():
        features = book.features[row]
        if features is None:
            raise InputError(
                f"decision {book.decision_ids[row]!r} cannot be asked about again: its customer was erased. "
                "Leave it out, and count it"
            )
        told.append(json.loads(features))
    excluded = book.excluded[rows].astype(np.int64)
    n = len(rows)
    gates = Standing(
        excluded, excluded == 0, np.zeros(n, dtype=np.bool_), _column(told, "fatigue"),
        _column(told, "days_since_contact", np.inf),
    )  # fmt: skip
    return _Told(
        _customers(book, rows, told), _history(told, book.number[rows]), gates, _column(told, "price")
    )


def _customers(book: Logbook, rows: Whole, told: Sequence[Mapping[str, float | str]]) -> Customers:
    n = len(told)
    nothing = np.full(n, np.nan)
    names = sorted({name for one in told for name in one} & set(FIELD_BY_NAME))
    return Customers(
        ids=[book.customer_ids[row] for row in rows.tolist()],
        names=[None] * n,
        bill_minor=_column(told, "bill_minor").astype(np.int64),
        fields={name: _column(told, name).astype(np.float32) for name in names},
        churn_risk=_column(told, "given_risk"),
        contacts_last_7d=nothing,
        days_since_last_contact=nothing,
        time_zones=[None] * n,
        countries=[None] * n,
        channels=[None] * n,
        opted_in=[None] * n,
    )


def _history(told: Sequence[Mapping[str, float | str]], number: NDArray[np.int64]) -> ContactHistory:
    accepted = [_column(told, f"days_since_accepted_{offer}", np.inf) for offer in range(N_OFFERS)]
    return replace(
        ContactHistory.unseen(len(told)),
        days_since_accepted=np.column_stack(accepted),
        usual_risk=_column(told, "usual_risk"),
        units_used=_column(told, "units_used").astype(np.int64),
        decisions_made=number,
    )


def _column(
    told: Sequence[Mapping[str, float | str]], name: str, absent: float = np.nan
) -> NDArray[np.float64]:
    return np.array([float(one.get(name, absent)) for one in told])
