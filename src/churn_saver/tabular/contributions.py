"""What each input of a customer does to the two scores, on the scale on which it adds up.

That scale is the trees' raw score, in log-odds, before calibration. Calibration is one rising curve over
the sum, so signs and order of the parts hold for the probability too, but the probability itself is not
the sum of anything. A field of several columns has the sum of them. An absent input has a part as well:
the trees know what it means that nobody said.

The parts describe the model, not the world: what moves a score need not move a customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from churn_saver.domain.customer import Customers
from churn_saver.tabular.boosting import Floats, Matrix, Trees
from churn_saver.tabular.features import encode, fields_of
from churn_saver.tabular.predictors import AcceptModel, RiskModel, ladder_rows


@dataclass(frozen=True, slots=True)
class Contributions:
    """One score, split: base + the sum of all parts is the margin."""

    margin: float
    """Raw score, log-odds."""
    base: float
    """What the trees start from, about their mean; the library's rounding, some 1e-6, is put here."""
    parts: Mapping[str, float]
    """Log-odds by field, in the model's order."""


def risk_contributions(model: RiskModel, customers: Customers) -> Contributions:
    """Split the churn score of one customer.

    Args:
        model: Of churn risk.
        customers: One row.
    """
    (found,) = _split(model.trees, encode(customers, model.trees.names))
    return found


def accept_contributions(
    model: AcceptModel, customers: Customers, churn_risk: Floats
) -> tuple[Contributions, ...]:
    """Split the score of acceptance of each offer, the lowest first, of one customer.

    The offer is an input as any other. What orders offers that the trees see no difference between comes
    after calibration, and has no part.

    Args:
        model: Of acceptance.
        customers: One row.
        churn_risk: As the decision had it, (1,).
    """
    x = encode(customers, model.trees.names[2:])
    return _split(model.trees, ladder_rows(churn_risk, x))


def _split(trees: Trees, x: Matrix) -> tuple[Contributions, ...]:
    raw, columns = trees.raw(x), trees.contributions(x)
    owner = [name for column in trees.names for name in fields_of((column,))]
    found = []
    for margin, row in zip(raw.tolist(), columns[:, :-1], strict=True):
        parts = {
            name: float(np.sum(row[[i for i, own in enumerate(owner) if own == name]]))
            for name in dict.fromkeys(owner)
        }
        found.append(Contributions(margin, margin - sum(parts.values()), parts))
    return tuple(found)
