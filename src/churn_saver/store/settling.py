"""Settle proposals: one short transaction, no model in it, that records or refuses each.

The journey decided on what one read found; here the promises are held against what the books hold
now. Rows are judged in order, so earlier rows of a batch count for later ones. Knows nothing of
why a choice was made.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, select

from churn_saver.domain.action import MAX_DELAY_DAYS, NO_CONTACT, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.identifiers import spellings
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.errors import LedgerError
from churn_saver.store import controls, suppressing
from churn_saver.store.alone import Again, held, look_again
from churn_saver.store.budget import CampaignBooks, today
from churn_saver.store.bulk import insert_columns
from churn_saver.store.history import Customer, contacts, find_customers, last_numbers
from churn_saver.store.past import within
from churn_saver.store.prepared import unawaited
from churn_saver.store.recording import record
from churn_saver.store.schema import MAX_ROWS, ROW_BITS, customers, decisions, settlements
from churn_saver.store.suppressing import Mark

_ROLLING_DAYS = 30


def settle(
    connection: Connection, campaign_id: str | None, proposals: Proposals, now: datetime, key: str | None,
    withholds: bool = False, said_no: Sequence[str] = (), tell: Callable[[Settlement], None] = lambda _: None,
) -> Settlement:  # fmt: skip
    """Record proposals that the books can carry, refuse the others.

    Args:
        connection: In a writing transaction.
        campaign_id: None: no campaign is open; what contacts nobody is recorded all the same.
        proposals: What the journey proposes, in the order in which the budget is given out.
        now: Moment of the decisions.
        key: Names this call: settled once, the same answer ever after.
        withholds: A contact that is refused becomes no contact, recorded with all the others; refused is
            then only what another decision came in between for.
        said_no: Ids of those who do not want messages, as the caller tells: kept, whatever becomes of the
            proposals (of which there is one at least), and never taken back by a yes.
        tell: Called with what was settled, in the transaction; its statements are `prepared` ones.

    Raises:
        CampaignError: no such campaign.
        LedgerError: a proposal contradicts itself, or the key belongs to other customers.
    """
    unique = list(dict.fromkeys((*proposals.customer_ids, *said_no)))
    found = held(connection, campaign_id, unique, now)
    books, again = found.books, found.again
    if key is not None and (earlier := _earlier(connection, key, proposals)) is not None:
        tell(earlier)
        return earlier
    check(proposals, now)
    if not len(proposals):
        nothing = Settlement([], np.zeros(0, dtype=np.int64))
        tell(nothing)
        return nothing
    known = keeping(connection, found.known or enrol(connection, unique, now), said_no, now)
    if again is None and campaign_id is not None and len(unique) == 1:
        again = look_again(connection, campaign_id, known[unique[0]].ref, now)
    refused = judge(connection, books, proposals, known, now, again)
    if withholds and any(refused):
        proposals = proposals.withhold(np.array(refused, dtype=np.int64) & ~int(Reason.STATE_UNREADABLE))
        refused = judge(connection, books, proposals, known, now, again)
    with unawaited(connection):
        made = record(connection, books, proposals, refused, known, now, key)
        tell(made)
    return made


def check(proposals: Proposals, now: datetime) -> None:
    """Refuse proposals that contradict themselves: they would break a sum later.

    Raises:
        LedgerError: names the first row and what is wrong with it.
    """
    if len(proposals) > MAX_ROWS:
        raise LedgerError(
            f"{len(proposals)} proposals in one settlement, wanted at most {MAX_ROWS}. Cut them."
        )
    contact = proposals.choice != NO_CONTACT
    needs, contact_part = proposals.needs_minor, proposals.contact_minor
    last_days, day = proposals.expires_on, today(now)
    reserves = np.flatnonzero(contact & (needs > 0)).tolist()
    delay = proposals.delay_days
    faults = {
        f"waits for other than 0 to {MAX_DELAY_DAYS} days": np.flatnonzero(
            (delay < 0) | (delay > MAX_DELAY_DAYS)
        ),
        "needs less than its contact costs": np.flatnonzero((contact_part < 0) | (needs < contact_part)),
        "reserves money without a contact": np.flatnonzero(~contact & (needs > 0)),
        "reserves money until no day or a day that is over": np.array(
            [row for row in reserves if (last := last_days[row]) is None or last < day], dtype=np.int64
        ),
        "contacts at no moment, or at one without a zone": np.array(
            [
                row
                for row in np.flatnonzero(contact).tolist()
                if (at := proposals.send_at[row]) is None or at.tzinfo is None
            ],
            dtype=np.int64,
        ),
    }
    for fault, rows in faults.items():
        if len(rows):
            raise LedgerError(f"proposal {rows[0]} {fault}: nothing was settled. Report this as a defect.")


def _earlier(connection: Connection, key: str, proposals: Proposals) -> Settlement | None:
    found = connection.execute(
        select(settlements.c.id, settlements.c.row_count, settlements.c.refused).where(
            settlements.c.idempotency_key == key
        )
    ).first()
    if found is None:
        return None
    first = found.id << ROW_BITS
    rows = connection.execute(
        select(decisions.c.id, decisions.c.decision_id, customers.c.customer_id, customers.c.erased_at)
        .join(customers, customers.c.id == decisions.c.customer_ref)
        .where(decisions.c.id.between(first, first + MAX_ROWS - 1))
    ).all()
    same = found.row_count == len(proposals) and all(
        row.erased_at is not None or proposals.customer_ids[row.id - first] in spellings(row.customer_id)
        for row in rows
    )
    if not same:
        raise LedgerError(f"key {key!r} was used for other customers. Send a new key with a new request.")
    ids, refused = [""] * found.row_count, np.zeros(found.row_count, dtype=np.int64)
    for row in rows:
        ids[row.id - first] = row.decision_id
    for place, flags in json.loads(found.refused):
        refused[place] = flags
    return Settlement(ids, refused)


def enrol(connection: Connection, customer_ids: Sequence[str], now: datetime) -> dict[str, Customer]:
    """Give each customer a number, and let other writers about them wait.

    First the new ones, then all, both in byte order: two writers never wait for each other. Who is
    erased between the two is new.

    Args:
        connection: In a writing transaction.
        customer_ids: Without doubles.
        now: Aware, UTC.
    """
    wanted, known = set(customer_ids), dict[str, Customer]()
    handed: list[suppressing.Handed] = []
    while wanted - known.keys():
        new = sorted(wanted - find_customers(connection, customer_ids).keys())
        insert_columns(connection, customers, {"customer_id": new}, skip_existing=True)
        handed += suppressing.hand_over(connection, new)
        known = find_customers(connection, customer_ids, lock=True)
    suppressing.tell(connection, handed, {one: customer.ref for one, customer in known.items()}, now)
    return known


def keeping(
    connection: Connection, known: dict[str, Customer], said_no: Sequence[str], now: datetime
) -> dict[str, Customer]:
    """Mark those who said no and were not known to, and give all as they are now.

    Args:
        connection: In a writing transaction.
        known: From `enrol`.
        said_no: Ids, all of them known.
        now: Aware, UTC.
    """
    fresh = {one: replace(known[one], opted_out=True) for one in said_no if not known[one].opted_out}
    suppressing.mark(connection, sorted({one.ref for one in fresh.values()}), Mark.OPTED_OUT, now)
    return known | fresh


def judge(
    connection: Connection,
    books: CampaignBooks,
    proposals: Proposals,
    known: Mapping[str, Customer],
    now: datetime,
    again: Again | None = None,
) -> list[int]:
    """Give each row its `Reason` flags, 0: record it.

    Args:
        connection: In a writing transaction.
        books: Locked.
        proposals: In the order in which the budget is given out.
        known: From `held` or `enrol`, all of them.
        now: Aware, UTC.
        again: Of the one customer that all rows are about, where that was read with the locks.
    """
    choices, needs = proposals.choice.tolist(), proposals.needs_minor.tolist()
    refs = [known[one].ref for one in proposals.customer_ids]
    if again is None:
        touched = sorted({ref for ref, choice in zip(refs, choices, strict=True) if choice != NO_CONTACT})
        numbers, made, stopped = _looked_again(connection, books, sorted(set(refs)), touched, now)
    else:
        numbers = {} if again.last_number is None else {refs[0]: again.last_number + 1}
        made, stopped = {refs[0]: list(again.contacted_at)}, again.is_stopped
    free, closed = books.reservable_minor, not books.campaign.is_open(now)
    refused: list[int] = []
    for row, (customer_id, number) in enumerate(
        zip(proposals.customer_ids, proposals.decision_numbers.tolist(), strict=True)
    ):
        ref, flags = refs[row], 0
        if number != numbers.get(ref, 0):
            flags = int(Reason.STATE_UNREADABLE)
        elif choices[row] != NO_CONTACT:
            flags = (int(Reason.NO_CAMPAIGN) if closed else 0) | (int(Reason.STOPPED) if stopped else 0)
            flags |= _closed_to(known[customer_id], made.get(ref, ()), books.campaign, now)
            flags |= int(Reason.BUDGET) if needs[row] > free else 0
        if not flags:
            numbers[ref] = number + 1
            if choices[row] != NO_CONTACT:
                free -= needs[row]
                made.setdefault(ref, []).append(now)
        refused.append(flags)
    return refused


def _looked_again(
    connection: Connection, books: CampaignBooks, refs: Sequence[int], touched: Sequence[int], now: datetime
) -> tuple[dict[int, int], dict[int, list[datetime]], bool]:
    """Give the next number of each customer's decisions, when those to be contacted were, and the switch."""
    since = now - timedelta(days=max(_ROLLING_DAYS, books.campaign.caps.cooldown_days))
    last = last_numbers(connection, books.ref, refs)
    made = {ref: [one.at for one in some] for ref, some in contacts(connection, touched, now, since).items()}
    # Whoever decided has read the switch a while ago: a table is worked out for a minute.
    stopped = bool(touched) and controls.read(connection).stopped
    return {ref: number + 1 for ref, number in last.items()}, made, stopped


def _closed_to(customer: Customer, made: Sequence[datetime], campaign: Campaign, now: datetime) -> int:
    flags = int(Reason.SUPPRESSED) if customer.suppressed else 0
    flags |= int(Reason.OPTED_OUT) if customer.opted_out else 0
    flags |= int(Reason.CAP_7_DAYS) if within(made, 7, now) >= campaign.caps.per_7_days else 0
    flags |= int(Reason.CAP_30_DAYS) if within(made, _ROLLING_DAYS, now) >= campaign.caps.per_30_days else 0
    return flags | (int(Reason.COOLDOWN) if within(made, campaign.caps.cooldown_days, now) else 0)
