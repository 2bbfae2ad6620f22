"""Marks of customers, switches and the set of campaigns, as the chain without a campaign tells them.

A mark may also come from the suppression list, when one who stands on it is enrolled: then it has the
moment of an entry of that list. Knows nothing of money.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, or_, select

from churn_saver.store.audit import NO_CAMPAIGN
from churn_saver.store.controls import ONLY_ROW
from churn_saver.store.replaying import Entry
from churn_saver.store.schema import audit, campaigns, chains, controls, customers

_COLUMNS = {"suppress": "suppressed_at", "opt_out": "opted_out_at", "erase": "erased_at"}


class Marks:
    """What the chain tells, to be compared with what stands."""

    def __init__(self, connection: Connection, older_campaigns: int, older_customers: int) -> None:
        """Take the last numbers of what is older than the chain, and taken as it stands."""
        self._connection = connection
        self._older_campaigns, self._older_customers = older_campaigns, older_customers
        self._campaigns: set[int] = set()
        self._control: Mapping[str, object] | None = None
        self._listed: set[datetime] = set()
        self._told: dict[tuple[int, str], datetime] = {}

    def take(self, entry: Entry) -> None:
        """Take a row of the chain; kinds that change nothing here are passed over."""
        if entry.kind in _COLUMNS:
            self._told[entry.whole("customer"), _COLUMNS[entry.kind]] = entry.at
        elif entry.kind == "list":
            self._listed.add(entry.at)
        elif entry.kind == "control":
            self._control = {**entry.content, "at": entry.at}
        elif entry.kind == "campaign":
            self._campaigns.add(entry.whole("campaign"))

    def differing(self) -> str | None:
        """Say what does not stand as the chain tells it; None: all does."""
        return self._campaigns_differ() or self._switches_differ() or self._customers_differ()

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
        for (ref, column), at in stands.items():
            untold = (ref, column) not in self._told and ref > self._older_customers
            if untold and (column == "erased_at" or at not in self._listed):
                return f"{column} of customer number {ref} was never marked"
        return None
