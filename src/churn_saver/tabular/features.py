"""The one definition of x: customers in, a matrix of numbers out, for training and for serving.

Every column comes from one field of one customer, so a request encodes to the very bits that its
row has in a table. Absent stays NaN, which the trees read as "not known". Knows nothing of models,
files or of who the customers are.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.customer import FIELD_BY_NAME, FIELDS, Customers, Field, View
from churn_saver.errors import InputError

VIEWS = (View.TABLE, View.PREDICT, View.RETAIN)
"""What callers send, fullest first: a whole table, /predict's fields, /retain's."""

_SEES: dict[View, frozenset[View]] = {
    View.PROTECTED: frozenset(View),
    View.TABLE: frozenset(View),
    View.PREDICT: frozenset({View.PREDICT, View.RETAIN}),
    View.RETAIN: frozenset({View.RETAIN}),
}
_HOT = "="
"""Joins a field and one of its words in the name of a one-hot column."""


def feature_names(allow_protected: bool) -> tuple[str, ...]:
    """Name the columns of x, in order.

    Args:
        allow_protected: Take gender, age, partner and dependents as inputs too.
    """
    return names_of(tuple(f.name for f in FIELDS if allow_protected or f.view is not View.PROTECTED))


def names_of(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Name the columns that these fields make, in the order of the fields."""
    return tuple(name for field in fields for name in _columns(FIELD_BY_NAME[field]))


def fields_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the fields that these columns need, each once, in order."""
    return tuple(dict.fromkeys(name.split(_HOT)[0] for name in names))


def encode(customers: Customers, names: tuple[str, ...], rows: slice = slice(None)) -> NDArray[np.float32]:
    """Encode customers, or a run of them, as the matrix x.

    A number stays as it is, a yes-or-no field is 0 or 1, a field of three or more words is one
    column a word. Absent is NaN in every column of its field.

    Shapes: (n,) → (n, d), d = len(names).

    Raises:
        InputError: a name that `feature_names(True)` does not have.
    """
    plan = _plan(names)
    size = len(range(*rows.indices(len(customers))))
    given = np.full((len(plan.fields), size), np.nan, dtype=np.float32)
    for row, field in enumerate(plan.fields):
        column = customers.fields.get(field)
        if column is not None:
            given[row] = column[rows]
    x = np.ascontiguousarray(given[plan.rows].T)
    hot = x[:, plan.hot]
    x[:, plan.hot] = np.where(np.isnan(hot), hot, hot == plan.codes)
    return x


def seen_by(customers: Customers, view: View) -> Customers:
    """Give the customers with only the fields that a caller of `view` sends."""
    sees = _SEES[view]
    kept = {name: column for name, column in customers.fields.items() if FIELD_BY_NAME[name].view in sees}
    return replace(customers, fields=kept)


def require_known(names: tuple[str, ...]) -> None:
    """Let columns of this version pass.

    Raises:
        InputError: a name that `feature_names(True)` does not have.
    """
    _plan(names)


def missing_fields(customers: Customers, names: tuple[str, ...]) -> tuple[str, ...]:
    """Name the fields behind `names` that no customer here has a value of."""
    return tuple(
        field
        for field in fields_of(names)
        if field not in customers.fields or bool(np.isnan(customers.fields[field]).all())
    )


class _Plan:
    """Where each column of x comes from, worked out once for a tuple of names."""

    __slots__ = ("codes", "fields", "hot", "rows")

    def __init__(self, names: tuple[str, ...]) -> None:
        """Look the names up."""
        known = {name: entry for entry in FIELDS for name in _columns(entry)}
        strange = [name for name in names if name not in known]
        if strange:
            raise InputError(
                f"unknown features {', '.join(strange)}, wanted names of this version's fields: "
                f"train again with `make train-risk`"
            )
        self.fields = fields_of(names)
        self.rows = np.array([self.fields.index(known[name].name) for name in names], dtype=np.intp)
        hot = [i for i, name in enumerate(names) if _HOT in name]
        self.hot = np.array(hot, dtype=np.intp)
        self.codes = np.array(
            [known[names[i]].words.index(names[i].split(_HOT)[1]) for i in hot], dtype=np.float32
        )


@lru_cache(maxsize=16)
def _plan(names: tuple[str, ...]) -> _Plan:
    return _Plan(names)


def _columns(entry: Field) -> tuple[str, ...]:
    if len(entry.words) <= 2:
        return (entry.name,)
    return tuple(f"{entry.name}{_HOT}{word}" for word in entry.words)
