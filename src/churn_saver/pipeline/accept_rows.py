"""A campaign's contacts as rows that teach acceptance: whom, with which offer, and whether it was taken.

A contact counts from the day on which no answer can come any more, and no sooner, answered or not: of
younger ones only those who were quick to answer would be known. Who did not answer by then did not accept.
"""

from datetime import UTC, datetime

import numpy as np
import polars as pl

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS
from churn_saver.domain.logbook import Logbook
from churn_saver.evidence.logged import Flags
from churn_saver.pipeline.exported import Exported, erased, instants, sifted
from churn_saver.pipeline.recorded_fields import complete, known, recorded_fields, spend


def accept_rows(book: Logbook, now: datetime) -> Exported:
    """Give the contacts of which it is known whether their offer was accepted.

    Args:
        book: The campaign.
        now: Aware.

    Raises:
        InputError: no contact of which it is known.
    """
    told = known(book)
    fields = complete(recorded_fields(told).with_columns(spend(told)), ("tenure_months",))
    contact = book.choice != NO_CONTACT
    answered = ~(np.isnat(book.accepted_at) & np.isnat(book.declined_at))
    went_out, notes = _went_out(book, contact, answered)
    today = np.datetime64(now.astimezone(UTC).date(), "D")
    recorded = ~np.isnan(book.probability)
    rows, left_out = sifted(
        book.campaign.campaign_id,
        "contact",
        (
            ("decisions without a contact", ~contact),
            ("of customers who were erased", erased(book)),
            ("whose message never went out", ~went_out),
            ("pending: an answer may still come", ~(book.expires_on < today)),
            ("without a churn risk on record, which train-risk needs", np.isnan(book.churn_risk)),
            (
                "without tenure on record, which train-risk needs",
                fields["tenure_months"].is_null().to_numpy(),
            ),
            ("without a recorded probability", ~recorded & (recorded & contact).any()),
        ),
    )
    frame = pl.DataFrame({"customer_id": [book.customer_ids[row] for row in rows.tolist()]})
    frame = frame.hstack(
        [
            pl.Series("offer_pct", np.array(OFFER_PERCENTS)[book.choice[rows] - 1]),
            pl.Series("churn_risk", book.churn_risk[rows]),
            *fields[rows],
            pl.Series("accepted", (~np.isnat(book.accepted_at[rows])).astype(np.int8)),
            pl.Series("propensity", book.probability[rows]).fill_nan(None),
            instants(book.decided_at[rows]).alias("logged_at"),
        ]
    )
    certain = int((book.probability[rows] == 1).sum())
    if certain:
        notes.append(
            f"{certain:,} of {len(rows):,} offers were certain (propensity 1): of these it is not known what "
            "another offer would have done. Explore: exploration_share in serve.yaml"
        )
    return Exported(frame, left_out, tuple(notes))


def _went_out(book: Logbook, contact: Flags, answered: Flags) -> tuple[Flags, list[str]]:
    """Say whose message went out; where nobody tells of sending, every contact's is taken to have."""
    sent = ~np.isnat(book.sent_at)
    # Who declines spends the contact too, so that alone is no report of the sender.
    told = sent & np.isnat(book.declined_at)
    if told.any() or not (contact & ~answered).any():
        return ~contact | sent | answered, []
    note = "nobody has told which messages went out: every contact is taken as sent"
    return np.ones(len(book), dtype=np.bool_), [note]
