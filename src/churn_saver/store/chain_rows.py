"""The rows of an audit chain, each handed out once its place and its digest have been seen to be right.

So has a head that somebody noted at another time. Knows nothing of what the rows tell.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, select

from churn_saver.errors import LedgerError
from churn_saver.store.audit import NO_CAMPAIGN, NO_ROW, row_digest
from churn_saver.store.schema import audit, chains

STEP = 5_000
"""Rows of a chain that are read at a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the chain whose place and digest are right."""

    number: int
    at: datetime
    kind: str
    content: Mapping[str, object]

    def whole(self, name: str) -> int:
        """Give a number of the content."""
        return int(cast(int, self.content[name]))


@dataclass(frozen=True, slots=True)
class Older:
    """Last numbers of what is older than the chains."""

    campaigns: int
    customers: int
    settlements: int


Noted = Mapping[int, str]
"""Heads of a chain that somebody wrote down: number of a row, its digest in hex."""


class Rows:
    """The rows of one chain."""

    def __init__(
        self, connection: Connection, chain: int, noted: Noted, broken: Callable[[str], LedgerError]
    ) -> None:
        """Take the chain's number, heads that must be in it, and what makes an error of a fault."""
        self._connection, self._chain = connection, chain
        self._noted, self._broken = {0: NO_ROW.hex()} | dict(noted), broken
        self.head = 0, NO_ROW.hex()
        """Number and digest of the last row that was handed out."""

    def walk(self) -> Iterator[Entry]:
        """Give all rows in their order, and see at the end that none was cut off."""
        number, before = 0, NO_ROW
        self._compare_noted()
        while True:
            query = select(audit).where(audit.c.campaign_ref == self._chain, audit.c.number > number)
            some = self._connection.execute(query.order_by(audit.c.number).limit(STEP)).all()
            for row in some:
                number += 1
                if row.number != number:
                    raise self._broken(f"row {number} is missing")
                digest = row_digest(before, self._chain, number, row.at, row.kind, row.content)
                if digest != row.digest:
                    raise self._broken(
                        f"row {number} ({row.kind}) is not as it was written, or not in its place"
                    )
                before, self.head = digest, (number, digest.hex())
                self._compare_noted()
                yield Entry(number, row.at, row.kind, json.loads(row.content))
            if len(some) < STEP:
                break
        self._compare_head(number, before)

    def _compare_noted(self) -> None:
        number, digest = self.head
        if self._noted.get(number, digest) != digest:
            raise self._broken(
                f"row {number} has another digest than was noted, so all up to there was written anew"
            )

    def _compare_head(self, number: int, digest: bytes) -> None:
        own = select(chains.c.number, chains.c.digest).where(chains.c.campaign_ref == self._chain)
        head = self._connection.execute(own).first()
        if head is None or (head.number, head.digest) != (number, digest):
            raise self._broken(f"row {number + 1} is missing, or the chain's head is not as it was written")
        if (last := max(self._noted)) > number:
            raise self._broken(
                f"it has {number:,} rows, a head of row {last:,} was noted: rows were cut off, or this is an "
                "older copy"
            )


def begin(connection: Connection) -> Older:
    """Read what is older than all chains.

    Raises:
        LedgerError: the row that says so is not as it was written.
    """
    query = select(audit).where(audit.c.campaign_ref == NO_CAMPAIGN, audit.c.number == 1)
    row = connection.execute(query).first()
    if row is None or row.digest != row_digest(NO_ROW, NO_CAMPAIGN, 1, row.at, row.kind, row.content):
        raise LedgerError(
            "audit chain without a campaign: row 1 (begin) is missing or not as it was written. "
            "Somebody changed the ledger by hand. Restore a backup."
        )
    return Older(**json.loads(row.content))
