"""Decisions as rows of the documented log."""

from datetime import timedelta
from pathlib import Path

import pytest

from churn_saver.adapters.log_files import read_log
from churn_saver.domain.action import Reason
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.exporting import write
from churn_saver.pipeline.log_rows import log_rows
from tests.builders import NOON
from tests.logbooks import logbook

LATER = NOON + timedelta(days=60)
ROWS: list[dict[str, object]] = [
    {"customer_id": "A", "probability": 0.5, "retained_at": 30, "excluded": (0, 0, 0, 512, 512)},
    {"customer_id": "B", "choice": 3, "probability": 0.25, "churned_at": 15, "contact_spent_minor": 100,
     "offer_spent_minor": 900, "features": {"contract_type": 2.0}},
    {"customer_id": "C", "reasons": int(Reason.HOLDOUT), "intended": 3, "retained_at": 30},
    {"customer_id": "D", "features": None, "retained_at": 30},
    {"customer_id": "E", "reasons": int(Reason.MESSAGE_BLOCKED), "intended": 3, "retained_at": 30,
     "probability": 0.125},
    {"customer_id": "F"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("reward", "rewards"),
    # Margin: a bill of 89.99 for 30 days kept; half of it for 15, less 10.00; all of it, nothing sent.
    [("retained", [1.0, 0.0, 1.0]), ("margin", [89.99, 44.995 - 10.0, 89.99])],
)
def test_a_campaign_by_hand(reward: str, rewards: list[float]) -> None:
    """Arms are words, gates are told, and what teaches nothing is counted by its reason.

    E's message was blocked: a row of the arm that was drawn.
    """
    found = log_rows(logbook(ROWS), Asked(reward, 30, 1.0, LATER))

    assert found.frame.select("customer_id", "arm", "propensity", "allowed", "contract_type").rows() == [
        ("A", "none", 0.5, "none|0|5", "month-to-month"), ("B", "10", 0.25, "none|0|5|10|15", "two year"),
        ("E", "10", 0.125, "none|0|5|10|15", "month-to-month"),
    ]  # fmt: skip
    assert found.frame["reward"].to_list() == pytest.approx(rewards, abs=1e-9)
    assert found.frame["decided_at"].to_list() == [NOON + timedelta(seconds=s) for s in (0, 1, 4)]
    assert [count for _, count in found.left_out] == [1, 1, 1]
    assert found.left_out[0] == ("of the holdout, who show nothing of the arms", 1)
    assert found.notes == (f"reward: {reward}, 30 days after each decision",)


@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_what_is_written_is_read_as_the_documented_log(tmp_path: Path, name: str) -> None:
    """The reader of any log finds arms, chances, gates and rewards again, to the bit."""
    exported = log_rows(logbook(ROWS), Asked("margin", 30, 1.0, LATER))
    write(exported, tmp_path / name)

    found = read_log(tmp_path / name)

    assert found.arms == ("none", "0", "5", "10", "15")
    assert found.log.arm.tolist() == [0, 3, 3]
    assert found.log.propensity is not None
    assert found.log.propensity.tolist() == [0.5, 0.25, 0.125]
    assert found.log.allowed.astype(int).tolist() == [[1, 1, 1, 0, 0], [1] * 5, [1] * 5]
    assert found.log.reward.tolist() == exported.frame["reward"].to_list()
    assert found.notes == ()
