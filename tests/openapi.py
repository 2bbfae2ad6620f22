"""Check a value against the part of JSON Schema that the service's OpenAPI document uses."""

from datetime import date, datetime
from typing import Any

_KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
_FORMATS = {"date-time": datetime.fromisoformat, "date": date.fromisoformat}


def conforms(value: Any, schema: Any, root: Any, where: str = "$") -> list[str]:
    """Give what is wrong with a value, each fault with its place; an empty list: nothing.

    Args:
        value: Parsed JSON.
        schema: What it must conform to.
        root: The document, for references.
        where: Place of the value.
    """
    if "$ref" in schema:
        return conforms(value, _referred(schema["$ref"], root), root, where)
    if "anyOf" in schema:
        tried = [conforms(value, option, root, where) for option in schema["anyOf"]]
        return [] if [] in tried else [f"{where}: none of {tried}"]
    kind = schema.get("type", "object")
    number_wanted = kind in ("integer", "number")
    if not isinstance(value, _KINDS[kind]) or (number_wanted and isinstance(value, bool)):
        return [f"{where}: {type(value).__name__} is no {kind}"]
    if kind == "array":
        items = enumerate(value)
        return [
            fault for i, item in items for fault in conforms(item, schema["items"], root, f"{where}[{i}]")
        ]
    if kind == "object":
        return _object(value, schema, root, where)
    return _scalar(value, schema, where)


def _referred(reference: str, root: Any) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        root = root[part]
    return root


def _object(value: Any, schema: Any, root: Any, where: str) -> list[str]:
    known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    faults = [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in known or isinstance(more, dict):
            faults += conforms(item, known.get(name, more), root, f"{where}.{name}")
        elif more is False:
            faults.append(f"{where}.{name}: not documented")
    return faults


def _scalar(value: Any, schema: Any, where: str) -> list[str]:
    right = [
        value in schema.get("enum", [value]),
        value == schema.get("const", value),
        "minimum" not in schema or value >= schema["minimum"],
        "maximum" not in schema or value <= schema["maximum"],
        "multipleOf" not in schema or value % schema["multipleOf"] == 0,
        "minLength" not in schema or len(value) >= schema["minLength"],
        "maxLength" not in schema or len(value) <= schema["maxLength"],
    ]
    if schema.get("format") in _FORMATS:
        _FORMATS[schema["format"]](value)
    return [] if all(right) else [f"{where}: {value!r} is not as {schema}"]
