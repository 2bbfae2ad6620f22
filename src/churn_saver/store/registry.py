"""The registry: versions of what decides, and their roles; every change is told in the audit chain.

Whoever changes a role holds the lock of the chain of what belongs to no campaign from before it reads until
it is done, so that two promotions at once are one after the other. Knows no file: whether those of a
version are there and whole is for who loads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from churn_saver.domain.versions import (
    LEAST_DIGITS,
    SHOWN_DIGITS,
    Change,
    Role,
    Roles,
    Version,
    may_name,
    promoted,
    roles_of,
    rolled_back,
)
from churn_saver.errors import VersionError, listed, quoted
from churn_saver.store import audit
from churn_saver.store.chain_rows import Entry
from churn_saver.store.columns import utc
from churn_saver.store.controls import MAX_NAME_LENGTH
from churn_saver.store.database import Database
from churn_saver.store.evidence_tables import roles, versions
from churn_saver.store.prepared import Found
from churn_saver.store.roles import CHANGES, change_of
from churn_saver.store.schema import chains

REGISTERED, CHANGED = "version", "role"
"""Kinds of rows in the audit chain."""
MAX_TEXT_LENGTH = 500
"""Characters of a note or a reason."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A version as it stands in the registry."""

    version: Version
    registered_at: datetime
    """Aware, UTC."""
    by: str
    note: str


class Registry:
    """The versions of one database; each method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Take a migrated database."""
        self._database = database

    def register(self, version: Version, note: str, by: str, now: datetime) -> bool:
        """Put a version on the list; it has no role. False: it was there before.

        Raises:
            VersionError: it does not say by whom, or the note is too long.
        """
        _require_told(by, note)
        row = {
            "digest": bytes.fromhex(version.digest), "content": version.content, "note": note,
            "registered_at": utc(now), "registered_by": by,
        }  # fmt: skip

        def register(connection: Connection) -> bool:
            _lock(connection)
            known = select(versions.c.id).where(versions.c.digest == row["digest"])
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(versions), row)
            told = {"version": version.digest, "by": by}
            audit.append(connection, None, REGISTERED, told, now)
            return True

        return self._database.write(register)

    def list(self) -> Sequence[Registered]:
        """Give all versions, oldest first."""
        with self._database.reading() as connection:
            found = connection.execute(select(versions).order_by(versions.c.id)).all()
            return [_registered(row) for row in found]

    def find(self, name: str) -> Registered:
        """Give the version whose hash begins so.

        Raises:
            VersionError: none does, or several, or the name is too short to tell.
        """
        with self._database.reading() as connection:
            return _registered(_find(connection, name))

    def changes(self) -> Sequence[Change]:
        """Give all changes of roles, oldest first."""
        with self._database.reading() as connection:
            return _changes(connection)

    def promote(
        self,
        name: str,
        role: Role,
        by: str,
        now: datetime,
        *,
        share: float | None = None,
        reason: str = "",
        evidence: str | None = None,
    ) -> Roles:
        """Give a version a role; whoever held it is retired.

        Args:
            name: Of a registered version, as `find` takes it.
            role: Which.
            by: Who wants it; no person's name.
            now: Aware.
            share: Of the customers, of a challenger.
            reason: Why.
            evidence: SHA-256 of the gate report, hex.

        Returns:
            All roles after it.

        Raises:
            VersionError: no such version, or it may not have the role; see `domain.versions.promoted`.
        """
        _require_told(by, reason)

        def promote(connection: Connection) -> Roles:
            _lock(connection)
            digest = _find(connection, name).digest.hex()
            wanted = Change(digest, role, utc(now), by, reason, share, evidence)
            return _add(connection, promoted(_changes(connection), wanted))

        return self._database.write(promote)

    def roll_back(self, by: str, now: datetime, reason: str) -> Roles:
        """Go back to the champion before, or to none where there was none; no file is looked at.

        Returns:
            All roles after it.

        Raises:
            VersionError: no version is champion.
        """
        _require_told(by, reason)

        def roll_back(connection: Connection) -> Roles:
            _lock(connection)
            return _add(connection, rolled_back(_changes(connection), utc(now), by, reason))

        return self._database.write(roll_back)


def differs(connection: Connection, entries: Sequence[Entry]) -> str | None:
    """Say what does not stand as the audit chain tells it; None: all does.

    Args:
        connection: In a reading transaction.
        entries: Rows of the chain of the kinds `REGISTERED` and `CHANGED`, in their order.
    """
    rows = connection.execute(select(versions).order_by(versions.c.id)).all()
    stand = [
        ({"version": sha256(row.content.encode()).hexdigest(), "by": row.registered_by}, row.registered_at)
        for row in rows
    ]
    if stand != _entries(entries, REGISTERED) or any(
        row.digest != sha256(row.content.encode()).digest() for row in rows
    ):
        return "the registered versions do not stand as they were registered"
    if [(_told(one), one.at) for one in _changes(connection)] != _entries(entries, CHANGED):
        return "the roles of versions do not stand as they were given"
    return None


def _entries(entries: Sequence[Entry], kind: str) -> Sequence[tuple[Mapping[str, object], datetime]]:
    return [(entry.content, entry.at) for entry in entries if entry.kind == kind]


def _lock(connection: Connection) -> None:
    """Let nobody else change a role until the transaction ends; SQLite has one writer anyway."""
    own = select(chains.c.number).where(chains.c.campaign_ref == audit.NO_CAMPAIGN)
    connection.execute(own.with_for_update()).all()


def _add(connection: Connection, added: Sequence[Change]) -> Roles:
    refs = {row.digest.hex(): row.id for row in connection.execute(select(versions.c.id, versions.c.digest))}
    for one in added:
        evidence = None if one.evidence is None else bytes.fromhex(one.evidence)
        row = {
            "version_ref": refs[one.version], "role": str(one.role), "share": one.share,
            "changed_at": one.at, "changed_by": one.by, "reason": one.reason, "evidence": evidence,
            "is_back": one.is_back,
        }  # fmt: skip
        connection.execute(insert(roles), row)
        audit.append(connection, None, CHANGED, _told(one), one.at)
    return roles_of(_changes(connection))


def _told(change: Change) -> dict[str, object]:
    """Give a change as the audit chain has it; its moment is the row's own."""
    return {
        "version": change.version, "role": str(change.role), "share": change.share, "by": change.by,
        "reason": change.reason, "evidence": change.evidence, "back": change.is_back,
    }  # fmt: skip


def _changes(connection: Connection) -> Sequence[Change]:
    query = select(*CHANGES).join_from(roles, versions).order_by(roles.c.id)
    return [change_of(row) for row in connection.execute(query)]


def _find(connection: Connection, name: str) -> Found:
    wanted = name.lower()
    if not may_name(wanted):
        raise VersionError(
            f"version is {quoted(name)}, wanted at least {LEAST_DIGITS} hex digits of its hash: "
            "churn-saver versions list"
        )
    rows = connection.execute(select(versions).order_by(versions.c.id)).all()
    found = [row for row in rows if row.digest.hex().startswith(wanted)]
    if len(found) == 1:
        return found[0]
    told = listed([row.digest.hex()[:SHOWN_DIGITS] for row in found or rows]) or "there is none"
    what = f"could be any of {len(found)}" if found else "is not registered"
    raise VersionError(f"version {quoted(name)} {what}: {told}. See churn-saver versions list")


def _registered(row: Found) -> Registered:
    version = Version.of(row.content, f"version {row.digest.hex()[:SHOWN_DIGITS]} of the registry")
    return Registered(version, row.registered_at, row.registered_by, row.note)


def _require_told(by: str, text: str) -> None:
    if not by.strip() or len(by) > MAX_NAME_LENGTH:
        raise VersionError(
            f"the change was made by {quoted(by)}, wanted a name of 1 to {MAX_NAME_LENGTH} characters"
        )
    if len(text) > MAX_TEXT_LENGTH:
        raise VersionError(f"the reason has {len(text):,} characters, wanted at most {MAX_TEXT_LENGTH}")
