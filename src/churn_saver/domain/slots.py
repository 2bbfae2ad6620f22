"""Slots: what a draft may leave open, and the exact words that the decision puts there.

A draft is wording without a person; everything that is a fact stands in a slot. This module knows
which slots there are and how each value is written. It does not know any draft, and it does not
judge a text: filling is `message.wording`, judging is `shield`.
An offer is a per cent off the next bill, once.
"""

from dataclasses import dataclass
from datetime import date
from math import isnan

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.customer import FIELD_BY_NAME, MAX_TENURE_MONTHS, Customers
from churn_saver.errors import InputError

NAME, TENURE, OFFER, PLAN, DURATION, VALID_UNTIL = (
    "name",
    "tenure",
    "offer",
    "plan",
    "duration",
    "valid_until",
)
SLOTS = (NAME, TENURE, OFFER, PLAN, DURATION, VALID_UNTIL)
DEMANDED = (NAME, OFFER, VALID_UNTIL)
"""Those without which no text may be sent where the facts have values for them."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
NEXT_BILL = "your next bill"
"""The only duration there is: the discount holds for one bill, once."""
CONTRACTS = FIELD_BY_NAME["contract_type"].words
PLANS = {
    None: "plan",
    "month-to-month": "month-to-month plan",
    "one year": "one-year plan",
    "two year": "two-year plan",
}
OPT_OUT_LINE = {"sms": " Reply STOP to opt out."}
"""What a channel puts after every text. A writer's draft never holds it, and no length counts it."""
SHORTEST, LONGEST = 50, 200
"""Characters of a text that may be sent, without white space at its ends and that line."""
SETTLED_FROM_MONTHS = 12
LONG_FROM_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Facts:
    """What a message to one customer may state, and what a text is compared with."""

    name: str | None
    """Cleaned by `domain.names.clean_name`."""
    tenure_months: int | None
    """Whole months, 0..1200."""
    offer_percent: int
    """0, 5, 10 or 15 per cent off the next bill."""
    contract: str | None
    """A word of the field `contract_type`."""
    valid_until: date | None
    """Last day of the discount; None exactly when there is no discount."""

    def __post_init__(self) -> None:
        """Refuse facts that no decision can have."""
        if self.offer_percent not in OFFER_PERCENTS:
            raise InputError(f"offer_percent is {self.offer_percent}, wanted one of {OFFER_PERCENTS}")
        if (self.offer_percent > 0) != (self.valid_until is not None):
            raise InputError(
                f"valid_until is {self.valid_until} with an offer of {self.offer_percent} %, "
                "wanted the last day of a discount, and None without a discount"
            )
        if self.tenure_months is not None and not 0 <= self.tenure_months <= MAX_TENURE_MONTHS:
            raise InputError(f"tenure_months is {self.tenure_months}, wanted 0 to {MAX_TENURE_MONTHS}")
        if self.contract not in PLANS:
            raise InputError(f"contract is {self.contract!r}, wanted one of {CONTRACTS} or None")
        if self.name == "":
            raise InputError("name is empty, wanted None where there is no name")


@dataclass(frozen=True, slots=True)
class Context:
    """What a draft is written for, without identity: the key of drafts, and of a message bank."""

    offer_percent: int
    tenure: str
    """Band: unstated (unknown or below a month), new, settled (from 12 months), long (from 36)."""
    contract: str | None
    has_name: bool
    channel: str = "email"

    @classmethod
    def of(cls, facts: Facts, channel: str = "email") -> "Context":
        """Give the context that the facts lie in."""
        return cls(
            facts.offer_percent,
            tenure_band(facts.tenure_months),
            facts.contract,
            facts.name is not None,
            channel,
        )


def tenure_band(months: int | None) -> str:
    """Name the band of a tenure; below a month there is nothing to thank for by number."""
    if months is None or months < 1:
        return "unstated"
    if months < SETTLED_FROM_MONTHS:
        return "new"
    return "settled" if months < LONG_FROM_MONTHS else "long"


def slot_values(facts: Facts) -> dict[str, str]:
    """Word every slot that the facts have a value for.

    No name: no `name`. Tenure unknown or below a month: no `tenure`. No discount: neither `offer`
    nor `duration` nor `valid_until`, so a draft that names one cannot be filled.
    """
    values = {PLAN: PLANS[facts.contract]}
    if facts.name is not None:
        values[NAME] = facts.name
    if facts.tenure_months:
        values[TENURE] = "1 month" if facts.tenure_months == 1 else f"{facts.tenure_months} months"
    if facts.valid_until is not None:
        values[OFFER] = f"{facts.offer_percent}%"
        values[DURATION] = NEXT_BILL
        values[VALID_UNTIL] = long_date(facts.valid_until)
    return values


def long_date(day: date) -> str:
    """Write a day out so that no country can read it as another: 5 December 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def facts_of(customers: Customers, row: int, percent: int, valid_until: date | None) -> Facts:
    """Give what a text to one customer of a table may state.

    Args:
        customers: The table.
        row: The customer's row.
        percent: Decided offer, whole per cent.
        valid_until: Last day of the offer; not read without a discount.
    """
    tenure, contract = (_cell(customers, name, row) for name in ("tenure_months", "contract_type"))
    return Facts(
        name=customers.names[row],
        tenure_months=None if tenure is None else int(tenure),
        offer_percent=percent,
        contract=None if contract is None else CONTRACTS[int(contract)],
        valid_until=valid_until if percent else None,
    )


def _cell(customers: Customers, name: str, row: int) -> float | None:
    column = customers.fields.get(name)
    return None if column is None or isnan(column[row]) else float(column[row])
