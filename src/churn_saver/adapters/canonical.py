"""Plain values as JSON, the same values always as the same bytes."""

import json


def canonical(values: object) -> bytes:
    """Write with sorted keys and without NaN or infinities, which are no JSON."""
    return json.dumps(values, indent=2, sort_keys=True, allow_nan=False).encode() + b"\n"
