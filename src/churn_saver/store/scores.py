"""What customers usually scored: the median of their last scores, in whatever campaign.

Bounded, since a caller may send every click of a customer, and each is a decision. Knows nothing of what
a score is worth.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from churn_saver.store.columns import among
from churn_saver.store.schema import decisions

MOST = 100
"""Scores of one customer that count, the latest."""


def usual_risks(connection: Connection, places: Mapping[int, int], n: int) -> NDArray[np.float64]:
    """Give the median of each customer's last scores.

    Shapes: → (n,), NaN for those who were never scored.

    Args:
        connection: In a transaction.
        places: Row numbers of customers, with the place of each in the answer.
        n: Length of the answer.
    """
    usual = np.full(n, np.nan)
    own = decisions.c
    query = select(own.customer_ref, own.id, own.churn_risk).where(own.churn_risk.is_not(None))
    refs = sorted(places)
    if len(refs) == 1:
        # A request is about one customer: by the index, no row is read that does not count.
        last = query.where(own.customer_ref == refs[0]).order_by(own.id.desc()).limit(MOST)
        found = connection.execute(last).all()
    else:
        found = [
            row for these in among(own.customer_ref, refs) for row in connection.execute(query.where(these))
        ]
    if not found:
        return usual
    owner = np.array([row[0] for row in found], dtype=np.int64)
    made = np.array([row[1] for row in found], dtype=np.int64)
    score = np.array([row[2] for row in found])
    latest_first = np.lexsort((-made, owner))
    owner, score = owner[latest_first], score[latest_first]
    _, start, count = np.unique(owner, return_index=True, return_counts=True)
    counts = np.arange(len(owner)) - np.repeat(start, count) < MOST
    owner, score = owner[counts], score[counts]
    rising = np.lexsort((score, owner))
    owner, score = owner[rising], score[rising]
    who, start, count = np.unique(owner, return_index=True, return_counts=True)
    medians = (score[start + (count - 1) // 2] + score[start + count // 2]) / 2
    usual[[places[int(ref)] for ref in who]] = medians
    return usual
