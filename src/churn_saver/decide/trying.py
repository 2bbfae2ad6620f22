"""All values of all things that a decision is asked again with at once: one try a row, the nearest first.

Gates in every combination, the churn risk, the bill, each input that was known. Decides nothing. Steps and
bounds stand in `evidence.steps`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from churn_saver.decide.rebuilding import Premises
from churn_saver.domain.action import Reason
from churn_saver.domain.customer import FIELD_BY_NAME
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.explanation import Kind, Value
from churn_saver.evidence.steps import bill_steps, field_steps, risk_steps
from churn_saver.journey.exact import EXACT

EXACT_EVERY = 10
"""The exact policy takes milliseconds for each row, so it is asked at a tenth of the steps."""
MOST_GATES = 6
"""Gates of which so many at a time are tried, in every combination."""
SPEND = "monthly_spend"


@dataclass(frozen=True, slots=True)
class Try:
    """One value of one thing."""

    kind: Kind
    what: str
    before: Value
    after: Value
    size: float
    bill_minor: int | None = None
    risk: float | None = None
    field: tuple[str, float] | None = None
    """Name and new value, a word by its index."""
    opened: int = 0
    """`Reason` flags that are taken away."""


def tries_of(premises: Premises) -> list[Try]:
    """Give every try, of one thing the nearest first.

    Args:
        premises: One row.
    """
    return [*_gates(premises), *_scores(premises), *_inputs(premises)]


def table_of(premises: Premises, tries: Sequence[Try]) -> Premises:
    """Give the premises with each try, one a row.

    Args:
        premises: One row.
        tries: At least one.
    """
    n = len(tries)
    table = premises.take(np.zeros(n, dtype=np.int64))
    bill, risk = table.customers.bill_minor.copy(), table.customers.churn_risk.copy()
    fields = {name: column.copy() for name, column in table.customers.fields.items()}
    for row, one in enumerate(tries):
        bill[row] = bill[row] if one.bill_minor is None else one.bill_minor
        risk[row] = risk[row] if one.risk is None else one.risk
        if one.field is not None:
            fields[one.field[0]][row] = one.field[1]
    # Flags that are there are taken away, so the difference is what stays.
    kept = ~np.array([one.opened for one in tries], dtype=np.int64)
    excluded = table.gates.excluded & kept[:, None]
    return replace(
        table,
        customers=replace(table.customers, bill_minor=bill, churn_risk=risk, fields=fields),
        gates=replace(table.gates, excluded=excluded, allowed=excluded == 0),
        withheld=table.withheld & kept,
    )


def words_of(flags: int) -> str:
    """Join the words of flags."""
    return " + ".join(Reason(flags).words())


def _gates(premises: Premises) -> Iterator[Try]:
    """Open gates: every one alone, then every two, and so on."""
    closed = int(np.bitwise_or.reduce(premises.gates.excluded[0])) | int(premises.withheld[0])
    flags = [int(flag) for flag in Reason if flag and flag & closed]
    for size in range(1, min(len(flags), MOST_GATES) + 1):
        for some in combinations(flags, size):
            opened = sum(some)
            yield Try(Kind.GATES, words_of(opened), "closed", "open", 0.0, opened=opened)


def _scores(premises: Premises) -> Iterator[Try]:
    """Move the churn risk, wherever it came from, and the bill with what it is paid by."""
    risk = float(premises.appraised().churn_risk[0])
    for other in risk_steps(risk, _every(premises)) if risk == risk else ():
        yield Try(Kind.CHURN_RISK, "churn_risk", risk, other, abs(other - risk), risk=other)
    bill = int(premises.customers.bill_minor[0])
    for minor in bill_steps(bill, _every(premises)):
        spend = (SPEND, minor / MINOR_PER_UNIT) if _spend_is_bill(premises) else None
        size = abs(minor - bill) / max(bill, 1)
        yield Try(Kind.BILL, "bill", bill, minor, size, bill_minor=minor, field=spend)


def _inputs(premises: Premises) -> Iterator[Try]:
    """Move one input at a time; what is absent stays absent."""
    for name, column in premises.customers.fields.items():
        value = float(column[0])
        if value != value or (name == SPEND and _spend_is_bill(premises)):
            continue
        words = FIELD_BY_NAME[name].words
        for other in field_steps(name, value, _every(premises)):
            told: tuple[Value, Value] = (value, other)
            if words:
                told = words[int(value)], words[int(other)]
            size = 1.0 if words else abs(other - value) / max(value, 1.0)
            yield Try(Kind.INPUT, name, *told, size, field=(name, other))


def _spend_is_bill(premises: Premises) -> bool:
    """Say whether the model's input is the very bill, so that one cannot move without the other."""
    spend = premises.customers.fields.get(SPEND)
    return spend is not None and round(float(spend[0]) * MINOR_PER_UNIT) == int(
        premises.customers.bill_minor[0]
    )


def _every(premises: Premises) -> int:
    return EXACT_EVERY if premises.rules.decider.rung == EXACT else 1
