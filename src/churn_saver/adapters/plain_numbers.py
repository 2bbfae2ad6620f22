"""Numbers, lists and texts out of plain values, or which of them is wrong.

What nobody measured is null in JSON and NaN here. Knows nothing of what a number means.
"""

from collections.abc import Mapping
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import ArtifactError, listed, quoted

Floats = NDArray[np.float64]


def need(raw: object, names: tuple[str, ...], origin: str) -> Mapping[str, object]:
    """Read an object that has these names; others do no harm.

    Args:
        raw: The object.
        names: That it must have.
        origin: Where it stands, for error messages.

    Raises:
        ArtifactError: no object, or names are missing; names them.
    """
    if not isinstance(raw, Mapping):
        raise ArtifactError(f"{origin} is {quoted(str(raw))}, wanted an object")
    missing = [name for name in names if name not in raw]
    if missing:
        raise ArtifactError(f"{origin} lacks {listed(missing)}")
    return raw


def sequence(raw: object, origin: str) -> list[object]:
    """Read a list.

    Raises:
        ArtifactError: something else.
    """
    if not isinstance(raw, list | tuple):
        raise ArtifactError(f"{origin} is {quoted(str(raw))}, wanted a list")
    return list(raw)


def number(raw: object, origin: str) -> float:
    """Read a finite number.

    Raises:
        ArtifactError: something else.
    """
    if type(raw) not in (int, float) or not isfinite(float(str(raw))):
        raise ArtifactError(f"{origin} is {quoted(str(raw))}, wanted a finite number")
    return float(str(raw))


def text(raw: object, origin: str) -> str:
    """Read a text.

    Raises:
        ArtifactError: something else.
    """
    if not isinstance(raw, str):
        raise ArtifactError(f"{origin} is {quoted(str(raw))}, wanted a text")
    return raw


def column(raw: object, origin: str) -> Floats:
    """Read a list of numbers, null and NaN among them.

    Raises:
        ArtifactError: no list, or an entry that is neither; names its place, 0 first.
    """
    return np.array([_entry(value, f"{origin}[{i}]") for i, value in enumerate(sequence(raw, origin))])


def _entry(value: object, origin: str) -> float:
    return nan if value is None or value != value else number(value, origin)
