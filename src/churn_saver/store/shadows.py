"""Keep what shadows would have done, and read it back beside what was done.

Written after the answer, in a transaction of its own: nothing that was promised waits for it. A customer who
was erased meanwhile gets no row. Knows no policy, and judges nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, case, func, select

from churn_saver.domain.action import N_CHOICES, NO_CONTACT
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import LedgerError
from churn_saver.store.bulk import insert_columns
from churn_saver.store.columns import chunks
from churn_saver.store.database import Database
from churn_saver.store.evidence_tables import shadows, versions
from churn_saver.store.schema import campaigns, customers, decisions

CHANCES_DTYPE = "<f8"
"""`shadows.chances` is the chances of a row as little-endian doubles."""
_WHOLE = ("choice", "intended", "needs_minor")
_FLOATS = ("probability", "churn_risk", "accept_prob", "expected_value", "price")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a shadow would have done in one campaign, beside what was done."""

    shadowed: Shadowed
    needs_minor: NDArray[np.int64]
    """Most that each decision itself can cost, (n,)."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A shadow in a few numbers, over all campaigns."""

    decisions: int
    """That it was asked about."""
    alike: int
    """Of these, such where it intended what the decision intended."""
    contacts: int
    """That it would have made."""


class Shadows:
    """What shadows would have done, in one database; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Take a migrated database."""
        self._database = database

    def keep(self, made: Sequence[Shadowed]) -> int:
        """Write rows, each once: a row that is there already stays as it is.

        Args:
            made: With the names of recorded decisions.

        Returns:
            Decisions whose rows are there now; those of erased customers are not among them.

        Raises:
            LedgerError: a version is not registered.
        """
        return self._database.write(lambda connection: _keep(connection, made))

    def of(self, campaign_id: str, version: str) -> Kept:
        """Give what a version would have done in a campaign, the oldest decision first.

        Args:
            campaign_id: Of the campaign.
            version: SHA-256, hex.
        """
        own = shadows.c
        columns = [own[name] for name in (*_WHOLE, *_FLOATS, "chances")]
        query = (
            select(decisions.c.decision_id, decisions.c.needs_minor.label("served_minor"), *columns)
            .join(shadows, own.decision_ref == decisions.c.id)
            .join(versions, versions.c.id == own.version_ref)
            .join(campaigns, campaigns.c.id == decisions.c.campaign_ref)
            .where(campaigns.c.campaign_id == campaign_id, versions.c.digest == bytes.fromhex(version))
            .order_by(decisions.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        packed = b"".join(row.chances for row in rows)
        whole = {name: np.array([getattr(row, name) for row in rows], dtype=np.int64) for name in _WHOLE}
        floats = {name: np.array([getattr(row, name) for row in rows], dtype=np.float64) for name in _FLOATS}
        found = Shadowed(
            version=version,
            decision_ids=[row.decision_id for row in rows],
            choice=whole["choice"].astype(np.int8),
            intended=whole["intended"].astype(np.int8),
            needs_minor=whole["needs_minor"],
            chances=np.frombuffer(packed, dtype=CHANCES_DTYPE).reshape(-1, N_CHOICES),
            **floats,
        )
        return Kept(found, np.array([row.served_minor for row in rows], dtype=np.int64))

    def tallies(self) -> Mapping[str, Tally]:
        """Count for each version that ever was a shadow, by SHA-256 in hex."""
        alike = case((shadows.c.intended == decisions.c.intended, 1), else_=0)
        contacts = case((shadows.c.choice != NO_CONTACT, 1), else_=0)
        query = (
            select(versions.c.digest, func.count(), func.sum(alike), func.sum(contacts))
            .select_from(shadows)
            .join(versions, versions.c.id == shadows.c.version_ref)
            .join(decisions, decisions.c.id == shadows.c.decision_ref)
            .group_by(versions.c.digest)
        )
        with self._database.reading() as connection:
            return {digest.hex(): Tally(*map(int, counts)) for digest, *counts in connection.execute(query)}


def _keep(connection: Connection, made: Sequence[Shadowed]) -> int:
    refs = _refs(connection, list(dict.fromkeys(name for one in made for name in one.decision_ids)))
    return sum(_insert(connection, one, refs) for one in made)


def _insert(connection: Connection, made: Shadowed, refs: Mapping[str, int]) -> int:
    digest = bytes.fromhex(made.version)
    version = connection.execute(select(versions.c.id).where(versions.c.digest == digest)).scalar()
    if version is None:
        raise LedgerError(
            f"version {made.version[:12]} is not registered in this ledger, so what it would have done is "
            "not kept. Register it: churn-saver versions register"
        )
    kept = [place for place, name in enumerate(made.decision_ids) if name in refs]
    chances = np.ascontiguousarray(made.chances[kept], dtype=CHANCES_DTYPE)
    columns: dict[str, Sequence[object]] = {
        "decision_ref": [refs[made.decision_ids[place]] for place in kept],
        "version_ref": [version] * len(kept),
        "chances": [row.tobytes() for row in chances],
    }
    columns |= {name: getattr(made, name)[kept].tolist() for name in _WHOLE}
    columns |= {name: _nullable(getattr(made, name)[kept]) for name in _FLOATS}
    insert_columns(connection, shadows, columns, skip_existing=True)
    return len(kept)


def _refs(connection: Connection, decision_ids: Sequence[str]) -> dict[str, int]:
    """Give the numbers of decisions, and let whoever erases one of their customers wait until it is written.

    In byte order of the customers, as all who lock several: of all rows that one transaction writes, since a
    table that is settled meanwhile would else wait for a customer of ours, and we for one of its.
    """
    known: list[tuple[str, str]] = []
    for some in chunks(decision_ids):
        known += [(row.customer_id, row.decision_id) for row in connection.execute(_owned(some))]
    found: dict[str, int] = {}
    for some in chunks([decision_id for _, decision_id in sorted(known)]):
        locking = _owned(some).order_by(customers.c.customer_id).with_for_update(read=True, of=customers)
        found |= {row.decision_id: row.id for row in connection.execute(locking)}
    return found


def _owned(decision_ids: Sequence[str]) -> Select[str, str, int]:
    """Ask for decisions and their customers, but those who were erased."""
    return (
        select(customers.c.customer_id, decisions.c.decision_id, decisions.c.id)
        .join(decisions, customers.c.id == decisions.c.customer_ref)
        .where(decisions.c.decision_id.in_(decision_ids), customers.c.erased_at.is_(None))
    )


def _nullable(column: NDArray[np.float64]) -> list[object]:
    """Give a column with None for NaN, which SQL has no number for."""
    return [None if value != value else value for value in column.tolist()]
