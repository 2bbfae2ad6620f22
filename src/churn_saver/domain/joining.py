"""Put the columns of several tables one below the other: who asked at one moment can be decided together.

Knows nothing of what the columns mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.domain.proposal import SHARED, Proposals
from churn_saver.errors import InputError


def joined_customers(parts: Sequence[Customers]) -> Customers:
    """Give the customers of all parts, in their order.

    Args:
        parts: One at least, all with the same fields.

    Raises:
        InputError: parts with other fields than the first.
    """
    if len(parts) == 1:
        return parts[0]
    names = list(parts[0].fields)
    if any(list(part.fields) != names for part in parts):
        raise InputError(f"customers with other fields than {names} cannot be joined to them")
    columns = {name: _column([getattr(part, name) for part in parts]) for name in Customers.__slots__}
    return Customers(**columns)  # type: ignore[arg-type]


def joined_histories(parts: Sequence[ContactHistory]) -> ContactHistory:
    """Give what is known of the customers of all parts, in their order.

    Args:
        parts: One at least, all of them readable or none.

    Raises:
        InputError: some are readable and some are not.
    """
    if len(parts) == 1:
        return parts[0]
    if len({part.readable for part in parts}) != 1:
        raise InputError("histories that could be read and such that could not cannot be joined")
    columns = {
        name: _column([getattr(part, name) for part in parts])
        for name in ContactHistory.__slots__
        if name != "readable"
    }
    return ContactHistory(parts[0].readable, **columns)  # type: ignore[arg-type]


def joined_proposals(parts: Sequence[Proposals]) -> Proposals:
    """Give the proposals of all parts, in their order; what a part shares is that of the first.

    Args:
        parts: One at least.
    """
    if len(parts) == 1:
        return parts[0]
    columns = {
        name: _column([getattr(part, name) for part in parts])
        for name in Proposals.__slots__
        if name not in SHARED
    }
    return replace(parts[0], **columns)  # type: ignore[arg-type]


def _column(parts: Sequence[object]) -> object:
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate([part for part in parts if isinstance(part, np.ndarray)])
    if isinstance(first, Mapping):
        return {name: _column([part[name] for part in parts if isinstance(part, Mapping)]) for name in first}
    return [value for part in parts if isinstance(part, Sequence) for value in part]
