"""Plain values, as JSON has them, into a flat frozen dataclass; or which of them is wrong.

Knows text, numbers and yes or no; what a value means is the dataclass's own business.
"""

from collections.abc import Iterable
from dataclasses import fields
from math import isfinite
from typing import TYPE_CHECKING, TypeVar

from churn_saver.errors import ArtifactError, InputError, listed, quoted, shown

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")
_WANTED = {str: "a text", bool: "true or false", int: "a whole number", float: "a finite number"}


def record_of(kind: type[Record], raw: object, origin: str) -> Record:
    """Read one dataclass whose fields are text, numbers and yes or no.

    Args:
        kind: The dataclass.
        raw: Its values by name.
        origin: Where they stand, for error messages.

    Raises:
        ArtifactError: no object, a field is missing, unknown, of another type, not finite, or refused
            by the dataclass itself.
    """
    known = fields(kind)
    found = object_of(raw, [field.name for field in known], origin)
    values = {field.name: _value(field.type, found[field.name], f"{origin}.{field.name}") for field in known}
    try:
        return kind(**values)
    except InputError as error:
        raise ArtifactError(f"{origin}: {error}") from error


def object_of(raw: object, names: Iterable[str], origin: str) -> dict[str, object]:
    """Read an object that has these names and no others.

    Args:
        raw: The object.
        names: Of its values.
        origin: Where it stands, for error messages.

    Raises:
        ArtifactError: no object, or a name is missing or unknown.
    """
    if not isinstance(raw, dict):
        raise ArtifactError(f"{origin} is {quoted(str(raw))}, wanted an object")
    wanted = list(names)
    missing = [name for name in wanted if name not in raw]
    unknown = sorted(str(name) for name in raw if name not in wanted)
    if missing:
        raise ArtifactError(f"{origin} lacks {listed(missing)}")
    if unknown:
        raise ArtifactError(f"{origin} holds {listed(unknown)}, wanted {listed(wanted)} alone")
    return raw


def _value(kind: object, value: object, origin: str) -> object:
    """Read one value; a whole number will do for a number, nothing else for anything else."""
    if kind is float and type(value) in (int, float) and isfinite(float(str(value))):
        return float(str(value))
    if kind is not float and type(value) is kind:
        return value
    wanted = _WANTED[kind] if isinstance(kind, type) and kind in _WANTED else shown(str(kind))
    raise ArtifactError(f"{origin} is {quoted(str(value))}, wanted {wanted}")
