"""Money moved by itself; in the product an offer is spent or released by an outcome or an ending."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from churn_saver.store import Store, reservations


def post_offer(store: Store, decision_id: str, now: datetime) -> bool:
    """Spend the offer part. False: posted before."""
    return _moved(store, reservations.post_offer, decision_id, now)


def void(store: Store, decision_id: str, now: datetime) -> bool:
    """Release what is not spent. False: nothing was held any more."""
    return _moved(store, reservations.void, decision_id, now)


def _moved(
    store: Store, move: Callable[[Connection, str, datetime], bool], decision_id: str, now: datetime
) -> bool:
    return store.database.write(lambda connection: move(connection, decision_id, now))
