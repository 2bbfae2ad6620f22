"""Proposals for tests of the store: offers that reserve money, and rows that contact nobody."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from churn_saver.domain.proposal import Proposals
from tests.builders import NOON, proposals

DAY = timedelta(days=1)


def offers(
    ids: Sequence[str],
    needs: int | Sequence[int] = 1_000,
    contact: int = 100,
    numbers: int | Sequence[int] = 0,
    choice: int = 3,
    at: datetime = NOON,
    expires_on: date | None = None,
    **changes: Any,
) -> Proposals:
    """Propose a contact to each: 10 % off, 1.00 for the contact, held for 16 days after `at`."""
    n = len(ids)
    plain: dict[str, Any] = {
        "customer_ids": list(ids),
        "choice": np.full(n, choice, dtype=np.int8),
        "intended": np.full(n, choice, dtype=np.int8),
        "reasons": np.zeros(n, dtype=np.int64),
        "needs_minor": np.broadcast_to(np.array(needs, dtype=np.int64), n).copy(),
        "contact_minor": np.full(n, contact, dtype=np.int64),
        "decision_numbers": np.broadcast_to(np.array(numbers, dtype=np.int64), n).copy(),
        "texts": ["Hello Sam"] * n,
        "violations": [()] * n,
        "message_sources": ["template"] * n,
        "send_at": [at] * n,
        "channels": ["email"] * n,
        "valid_until": [(at + 14 * DAY).date()] * n,
        "expires_on": [expires_on or (at + 16 * DAY).date()] * n,
        "decided_at": at,
    }
    return proposals(n, **(plain | changes))


def fit_text(at: datetime) -> str:
    """Give a text for such an offer that the shield lets through."""
    last = at + 14 * DAY
    return (
        "Hello Sam, thank you for 12 months with us. Your next bill is 10% lower if you accept by "
        f"{last.day} {last:%B %Y}. Just answer this message."
    )


def silence(ids: Sequence[str], numbers: int | Sequence[int] = 0, **changes: Any) -> Proposals:
    """Propose to leave each alone: not worth it."""
    n = len(ids)
    nothing: dict[str, Any] = {
        "reasons": np.full(n, 2_048),
        "texts": [None] * n,
        "message_sources": ["none"] * n,
        "send_at": [None] * n,
        "channels": [None] * n,
        "valid_until": [None] * n,
    }
    return offers(ids, needs=0, contact=0, numbers=numbers, choice=0, **(nothing | changes))
