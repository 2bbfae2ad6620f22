"""A campaign's decisions as rows of the documented log, of which any policy can be judged.

Which decisions count, and what their reward is, stands in `booked`; `adapters.log_format` says what the
columns hold.
"""

import numpy as np
import polars as pl

from churn_saver.adapters.log_format import BETWEEN
from churn_saver.domain.logbook import Logbook
from churn_saver.pipeline.booked import ARMS, Asked, booked
from churn_saver.pipeline.exported import Exported, instants
from churn_saver.pipeline.recorded_fields import known, known_column


def log_rows(book: Logbook, asked: Asked) -> Exported:
    """Give the decisions that count, with what was known of the customer at each.

    Raises:
        InputError: another reward, no day, or no decision that counts.
    """
    found = booked(book, asked)
    rows, log = found.rows, found.log
    told = [known_column(column) for column in known(book)[rows]]
    frame = pl.DataFrame(
        [
            pl.Series("decision_id", [book.decision_ids[row] for row in rows.tolist()]),
            pl.Series("customer_id", [book.customer_ids[row] for row in rows.tolist()]),
            instants(book.decided_at[rows]).alias("decided_at"),
            pl.Series("arm", [ARMS[arm] for arm in log.arm.tolist()]),
            pl.Series("propensity", book.probability[rows]),
            pl.Series("allowed", _words(log.allowed)),
            pl.Series("reward", log.reward),
            pl.Series("churn_risk", book.churn_risk[rows]).fill_nan(None),
            *(column for column in told if column.null_count() < len(column)),
        ]
    )
    notes = (f"reward: {asked.reward}, {asked.days} days after each decision",)
    return Exported(frame, found.left_out, notes)


def _words(allowed: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[str]:
    """Name the arms that each row allows, (n, 5) → (n,); there are 32 ways at most."""
    code = allowed @ (1 << np.arange(len(ARMS)))
    named = {
        one: BETWEEN.join(arm for place, arm in enumerate(ARMS) if one >> place & 1)
        for one in np.unique(code).tolist()
    }
    return [named[one] for one in code.tolist()]
