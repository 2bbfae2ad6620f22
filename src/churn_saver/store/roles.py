"""Rows of roles as changes: one way to read them, for the registry and beside the switches."""

from collections.abc import Sequence

from churn_saver.domain.versions import Change, Role, Roles, roles_of
from churn_saver.store.evidence_tables import roles, versions
from churn_saver.store.prepared import Found

CHANGES = (
    versions.c.digest, roles.c.role, roles.c.share, roles.c.changed_at.label("role_changed_at"),
    roles.c.changed_by.label("role_changed_by"), roles.c.reason, roles.c.evidence, roles.c.is_back,
)  # fmt: skip
"""Columns of a change, by names that the switches do not have."""


def change_of(row: Found) -> Change:
    """Read one row of `CHANGES`."""
    return Change(
        version=row.digest.hex(),
        role=Role(row.role),
        at=row.role_changed_at,
        by=row.role_changed_by,
        reason=row.reason,
        share=row.share,
        evidence=None if row.evidence is None else row.evidence.hex(),
        is_back=row.is_back,
    )


def standing(rows: Sequence[Found]) -> Roles:
    """Say who has which role, out of rows in their order; those without a version are passed over."""
    return roles_of([change_of(row) for row in rows if row.digest is not None])
