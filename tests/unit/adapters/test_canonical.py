"""Plain values as bytes that are always the same."""

import json

import pytest

from churn_saver.adapters.canonical import canonical


def test_the_order_of_names_does_not_matter() -> None:
    """Two mappings with the same values are the same bytes, and read back as they were."""
    one = canonical({"b": 1, "a": [1.5, None, "é"]})

    assert one == canonical({"a": [1.5, None, "é"], "b": 1})
    assert json.loads(one) == {"a": [1.5, None, "é"], "b": 1}
    assert one.endswith(b"\n")


def test_what_json_cannot_hold_is_refused() -> None:
    """NaN would be read by some and refused by others."""
    with pytest.raises(ValueError, match=r"not JSON compliant"):
        canonical({"a": float("nan")})
