"""A campaign's customers as rows that teach churn risk: what they were, and whether they then left.

One row a customer, as he was at his first decision in the campaign, with what became of him in the days
after it. That somebody stayed or left is a fact about the customer, so whatever decision it was told of, it
counts. Young decisions do not: of these only those who left early would be known.
"""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from churn_saver.domain.action import NO_CONTACT, Reason
from churn_saver.domain.logbook import Logbook, Moments
from churn_saver.errors import InputError
from churn_saver.evidence.decision_columns import first_rows
from churn_saver.evidence.logged import Flags, Floats, Whole
from churn_saver.pipeline.exported import Exported, erased, instants, sifted
from churn_saver.pipeline.recorded_fields import complete, known, recorded_fields, spend

_DAY = np.timedelta64(1, "D")
_NEEDED = ("tenure_months", "monthly_spend", "support_tickets", "contract_type")
_NEVER_BLANK = ("tenure_months", "monthly_spend", "contract_type")


def churn_rows(book: Logbook, days: int, now: datetime, everyone: bool = False) -> Exported:
    """Give the customers of whom it is known whether they left.

    Args:
        book: The campaign.
        days: After the first decision; whoever leaves later has stayed.
        now: Aware.
        everyone: Those too who were contacted in these days.

    Raises:
        InputError: no day, or no customer of whom it is known.
    """
    if days < 1:
        raise InputError(f"--days is {days}, wanted 1 or more: days after the first decision")
    first = first_rows(book, np.ones(len(book), dtype=np.bool_))
    of = np.unique(book.customer[first], return_inverse=True)[1]
    contacted_at, left_at, stayed_until = (column[of] for column in _by_customer(book))
    entered, limit = book.decided_at[first], days * _DAY
    # NaT is within nothing: every comparison with it is false.
    left, contacted = left_at - entered <= limit, contacted_at - entered <= limit
    is_known = left | (left_at - entered > limit) | (stayed_until - entered >= limit)
    told = known(book)[first]
    fields = complete(recorded_fields(told).with_columns(spend(told)), _NEEDED)
    blank = fields.select(pl.any_horizontal(pl.col(_NEVER_BLANK).is_null())).to_series().to_numpy()
    young = entered > np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us") - limit
    reasons = [
        ("of customers who were erased", erased(book)[first]),
        (f"first decided for less than {days} days ago", young),
        (f"pending: nobody has said whether they stayed {days} days", ~is_known),
        ("without tenure, spend or contract type on record, which train-risk needs", blank),
    ]
    if not everyone:
        reasons.insert(3, (f"contacted within {days} days; --all takes them", contacted))
    rows, left_out = sifted(book.campaign.campaign_id, "customer", reasons)
    frame = pl.DataFrame({"customer_id": [book.customer_ids[row] for row in first[rows].tolist()]})
    frame = frame.hstack(fields[rows]).with_columns(
        pl.Series("churned", left[rows].astype(np.int8)),
        pl.Series("contacted", contacted[rows].astype(np.int8)),
        pl.Series("propensity", _propensity(book)[first[rows]]).fill_nan(None),
        instants(entered[rows]).alias("logged_at"),
    )
    held_out = (book.reasons[first[rows]] & int(Reason.HOLDOUT)) != 0
    return Exported(frame, left_out, _notes(held_out, contacted[rows]))


def _by_customer(book: Logbook) -> tuple[Moments, Moments, Moments]:
    """Give each customer's first contact, first leaving and last known stay, by rising number, (k,)."""
    at = np.where(book.choice != NO_CONTACT, book.decided_at, np.datetime64("NaT"))
    columns = {"contacted": at, "left": book.churned_at, "stayed": book.retained_at}
    facts = (
        pl.DataFrame({"customer": book.customer} | columns)
        .group_by("customer")
        .agg(pl.col("contacted", "left").min(), pl.col("stayed").max())
        .sort("customer")
    )
    contacted, left, stayed = (facts[name].to_numpy() for name in columns)
    return contacted, left, stayed


def _propensity(book: Logbook) -> Floats:
    """Give the probability of what was done, the draw of the arm included, (n,); NaN: not known."""
    held_out: Flags = (book.reasons & int(Reason.HOLDOUT)) != 0
    drawn = np.where(book.choice == book.intended, book.probability, np.nan)
    return book.arm_probability * np.where(held_out, 1.0, drawn)


def _notes(held_out: Flags, contacted: Flags) -> tuple[str, ...]:
    rows: Whole = np.array([len(held_out), held_out.sum(), contacted.sum()])
    total, drawn, touched = rows.tolist()
    notes = []
    if drawn < total:
        notes.append(
            f"{drawn:,} of {total:,} customers are of the holdout, left alone by a draw; of the others the "
            "policy chose whom it left alone, and their risk may differ from everybody's"
        )
    if touched:
        notes.append(
            f"{touched:,} of {total:,} customers were contacted: what is known of them is the risk of a "
            "contacted customer, not that of one who is left alone"
        )
    return tuple(notes)
