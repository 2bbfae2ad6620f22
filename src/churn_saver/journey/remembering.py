"""Write down what a decision was made on: with record, models and campaign, enough to make it again.

Nothing personal: no name, no id. What is not known is left out.
"""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS
from churn_saver.journey.appraisal import Appraisal
from churn_saver.journey.chosen import Price
from churn_saver.journey.observing import day_of


def features_of(appraisal: Appraisal, prices: Price) -> list[str]:
    """Give one JSON object per customer, (n,).

    Args:
        appraisal: n customers.
        prices: λ that each was decided at, which may lie just under the table's.
    """
    customers, history, n = appraisal.customers, appraisal.situation.history, len(appraisal.customers)
    day = day_of(appraisal.situation)
    columns: dict[str, Sequence[float | str | None]] = {
        name: column.astype(np.float64).tolist() for name, column in customers.fields.items()
    }
    columns |= {
        "bill_minor": customers.bill_minor.tolist(),
        "given_risk": customers.churn_risk.tolist(),
        "usual_risk": history.usual_risk.tolist(),
        "fatigue": appraisal.standing.fatigue.tolist(),
        "days_since_contact": _finite(appraisal.standing.days_since_contact),
        **{
            f"days_since_accepted_{offer}": _finite(history.days_since_accepted[:, offer])
            for offer in range(N_OFFERS)
        },
        "units_used": history.units_used.tolist(),
        "day": [float("nan") if day is None else day] * n,
        "time_zone": customers.time_zones,
        "country": customers.countries,
        "channel": customers.channels,
        "price": np.broadcast_to(np.asarray(prices, dtype=np.float64), (n,)).tolist(),
    }
    names = list(columns)
    return [
        json.dumps(
            {
                name: value
                for name, value in zip(names, row, strict=True)
                if value is not None and value == value
            }
        )
        for row in zip(*columns.values(), strict=True)
    ]


def _finite(column: NDArray[np.float64]) -> list[float]:
    """Turn 'never', which JSON has no number for, into 'not known'."""
    values: list[float] = np.where(np.isfinite(column), column, np.nan).tolist()
    return values
