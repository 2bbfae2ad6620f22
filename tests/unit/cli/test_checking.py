"""The last look at every delivered message can fail, and says why."""

from datetime import date

import polars as pl
import pytest

from churn_saver.cli.checking import blocked_messages
from tests.builders import customers, rules

GOOD = "Hi Sam, here is 10% off your next bill. Reply to this email by 16 March 2026 to use it."


def frame(message: str, percent: int = 10) -> pl.DataFrame:
    """Give the decisions of one contacted and one quiet customer."""
    return pl.DataFrame(
        {
            "customer_id": ["C00000", "C00001"],
            "contact": [True, False],
            "message": [message, None],
            "offer_percentage": [percent, None],
            "valid_until": [date(2026, 3, 16), None],
        }
    )


def test_a_message_that_states_the_recorded_offer_passes() -> None:
    """Only contacts are looked at."""
    assert blocked_messages(frame(GOOD), customers(2), rules().shield) == []


@pytest.mark.parametrize(
    ("message", "percent", "code"),
    [
        (GOOD, 15, "wrong_number"),
        (GOOD.replace("16 March", "17 March"), 10, "wrong_number"),
        (GOOD.replace("Sam", "Tim"), 10, "missing_name"),
        (GOOD.replace("here is", "act now:"), 10, "banned_phrase"),
    ],
)
def test_a_message_that_states_another_thing_is_found(message: str, percent: int, code: str) -> None:
    """Offer, last day, name and words are those of the ledger, not those of the message."""
    (codes,) = blocked_messages(frame(message, percent), customers(2), rules().shield)

    assert code in codes
