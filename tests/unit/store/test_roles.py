"""Rows of roles, read as changes."""

from types import SimpleNamespace
from typing import Any

from churn_saver.domain.versions import Change, Role, Roles
from churn_saver.store.roles import change_of, standing
from tests.builders import NOON


def row(**changes: Any) -> Any:
    """Give a row as the database gives it, of a challenger with a tenth."""
    plain = {
        "digest": b"\xaa" * 32, "role": "challenger", "share": 0.1, "role_changed_at": NOON,
        "role_changed_by": "ops", "reason": "why", "evidence": b"\xee" * 32, "is_back": False,
    }  # fmt: skip
    return SimpleNamespace(**plain | changes)


def test_a_row_is_read_as_a_change() -> None:
    """Bytes as hex, the role as one of ours; no report is None."""
    made = Change("aa" * 32, Role.CHALLENGER, NOON, "ops", "why", 0.1, "ee" * 32)

    assert change_of(row()) == made
    assert change_of(row(evidence=None)).evidence is None


def test_rows_without_a_version_are_passed_over() -> None:
    """An empty registry beside the switches is one row of nothing."""
    assert standing([row(digest=None)]) == Roles()
    assert standing([row()]) == Roles(challenger="aa" * 32, share=0.1)
