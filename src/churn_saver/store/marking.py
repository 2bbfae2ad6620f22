"""Marks of customers, switches, versions and the set of campaigns, as the chain of no campaign tells them.

Who must not be contacted without having a row is counted only: the chain names nobody. Knows nothing of
money.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import cast

from sqlalchemy import Connection, or_, select

from churn_saver.store import registry
from churn_saver.store.audit import NO_CAMPAIGN
from churn_saver.store.chain_rows import Entry
from churn_saver.store.controls import ONLY_ROW
from churn_saver.store.erasing import NAMELESS
from churn_saver.store.schema import audit, campaigns, chains, controls, customers
from churn_saver.store.suppressing import count_listed, secret

_COLUMNS = {"suppress": "suppressed_at", "opt_out": "opted_out_at", "erase": "erased_at"}
_NOBODY = re.compile(rf"{NAMELESS}[0-9a-f]{{32}}")


class Marks:
    """What the chain tells, to be compared with what stands."""

    def __init__(self, connection: Connection, older_campaigns: int, older_customers: int) -> None:
        """Take the last numbers of what is older than the chain, and taken as it stands."""
        self._connection = connection
        self._older_campaigns, self._older_customers = older_campaigns, older_customers
        self._campaigns: set[int] = set()
        self._control: Mapping[str, object] | None = None
        self._key: object = None
        self._listed: Counter[str] = Counter()
        self._told: dict[tuple[int, str], datetime] = {}
        self._registry: list[Entry] = []

    def take(self, entry: Entry) -> None:
        """Take a row of the chain; kinds that change nothing here are passed over."""
        content = entry.content
        if entry.kind in _COLUMNS:
            self._told[entry.whole("customer"), _COLUMNS[entry.kind]] = entry.at
            self._listed.update(cast(Sequence[str], content.get("kept", ())))
        elif entry.kind == "marked":
            for ref, kind, at in cast(Sequence[tuple[int, str, str]], content["marks"]):
                self._told[ref, _COLUMNS[kind]] = datetime.fromisoformat(at)
                self._listed[kind] -= 1
        elif entry.kind == "list":
            self._listed[str(content["mark"])] += entry.whole("count")
        elif entry.kind == "base":
            # Those with a mark were told by rows `marked` just before: nothing stands untold from here on.
            self._older_customers, self._key = 0, content["key"]
            self._listed = Counter({kind: entry.whole(kind) for kind in ("suppress", "opt_out")})
        elif entry.kind == "control":
            self._control = {**entry.content, "at": entry.at}
        elif entry.kind == "campaign":
            self._campaigns.add(entry.whole("campaign"))
        elif entry.kind in (registry.REGISTERED, registry.CHANGED):
            self._registry.append(entry)

    def differing(self) -> str | None:
        """Say what does not stand as the chain tells it; None: all does."""
        return (
            self._campaigns_differ()
            or self._switches_differ()
            or self._customers_differ()
            or self._list_differs()
            or registry.differs(self._connection, self._registry)
        )

    def _campaigns_differ(self) -> str | None:
        found = set(self._connection.execute(select(campaigns.c.id)).scalars())
        newer = {ref for ref in found if ref > self._older_campaigns}
        if newer != self._campaigns:
            return f"it tells of {len(self._campaigns):,} campaigns, there are {len(newer):,} or others"
        with_chain = set(self._connection.execute(select(chains.c.campaign_ref)).scalars())
        with_rows = set(self._connection.execute(select(audit.c.campaign_ref).distinct()).scalars())
        if with_chain != found | {NO_CAMPAIGN} or not with_rows <= with_chain:
            return "a chain is there without its campaign, or a campaign without its chain"
        return None

    def _switches_differ(self) -> str | None:
        rows = self._connection.execute(select(controls)).all()
        if any(row.id != ONLY_ROW for row in rows):
            return "the switches stand in more rows than one"
        row = rows[0] if rows else None
        stands = None if row is None else {
            "baseline": row.baseline, "stopped": row.stopped, "by": row.changed_by, "at": row.changed_at,
        }  # fmt: skip
        return None if stands == self._control else "the switches do not stand as they were thrown last"

    def _customers_differ(self) -> str | None:
        own = customers.c
        marked = or_(*(own[column].is_not(None) for column in _COLUMNS.values()))
        stands = {
            (row.id, column): getattr(row, column)
            for row in self._connection.execute(select(customers).where(marked))
            for column in _COLUMNS.values()
            if getattr(row, column) is not None
        }
        erased = {ref for ref, column in stands if column == "erased_at"}
        for (ref, column), at in self._told.items():
            if stands.get((ref, column)) != at and not (ref in erased and column != "erased_at"):
                return f"{column} of customer number {ref} is not as it was marked"
        for ref, column in stands:
            if (ref, column) not in self._told and not 0 < ref <= self._older_customers:
                return f"{column} of customer number {ref} was never marked"
        forgotten = select(own.id, own.customer_id).where(own.erased_at.is_not(None))
        for ref, customer_id in self._connection.execute(forgotten):
            if _NOBODY.fullmatch(customer_id) is None:
                return f"customer number {ref}, who was erased, has an id again"
        return None

    def _list_differs(self) -> str | None:
        """Say what is amiss with those who have no row; a ledger that was never vouched for is left alone."""
        if self._key is None:
            return None
        if sha256(secret(self._connection)).hexdigest() != self._key:
            return "the key of the suppression list is another one"
        found = count_listed(self._connection)
        for kind, told in self._listed.items():
            if found[kind] != told:
                there = found[kind]
                return f"it tells of {told:,} marks {kind} of people without a row, there are {there:,}"
        return None
