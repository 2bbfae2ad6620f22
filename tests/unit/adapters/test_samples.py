"""Which messages a report shows."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.samples import samples


def _frame(percents: Sequence[int | None], texts: Sequence[str | None], risks: list[float]) -> pl.DataFrame:
    n = len(percents)
    return pl.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "contact": [percent is not None for percent in percents],
            "offer_percentage": percents,
            "message": texts,
            "churn_risk": risks,
            "expected_value": [float("nan")] * n,
            "valid_until": [date(2025, 12, 5) if percent else None for percent in percents],
        },
        schema_overrides={
            "offer_percentage": pl.Int64, "message": pl.String, "churn_risk": pl.Float64,
            "expected_value": pl.Float64, "valid_until": pl.Date,
        },
    )  # fmt: skip


def test_every_offer_is_shown_and_the_risk_is_spread() -> None:
    """Of 5 texts at 0 % and 3 at 15 %, 4 shown: 2 each, the most and the least at risk of each."""
    risks = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    shown = samples(_frame([0] * 5 + [15] * 3, [f"text {i}" for i in range(8)], risks), most=4)

    assert [(sample.percent, sample.churn_risk) for sample in shown] == [
        (0, 0.5),
        (0, 0.1),
        (15, 0.8),
        (15, 0.6),
    ]


def test_no_text_is_shown_twice_and_no_one_without_contact() -> None:
    """One text sent to three is one sample; who is not contacted has none."""
    shown = samples(_frame([5, 5, 5, None], ["same", "same", "same", None], [0.1, 0.9, 0.2, 0.9]))

    assert [sample.message for sample in shown] == ["same"]


def test_what_is_not_known_is_none_and_days_are_words() -> None:
    """NaN becomes None; the last day reads as in the message."""
    (sample,) = samples(_frame([10], ["Hello"], [float("nan")]))

    assert (sample.churn_risk, sample.expected_value) == (None, None)
    assert sample.valid_until == "5 December 2025"


def test_a_frame_without_days_still_shows_messages() -> None:
    """decisions.csv has no `valid_until`; its rows can be shown too."""
    (sample,) = samples(_frame([0], ["Hello"], [0.5]).drop("valid_until"))

    assert sample.valid_until is None


def test_nobody_contacted_gives_no_samples() -> None:
    """An empty list, not a fault."""
    assert samples(_frame([None], [None], [0.5])) == []


@given(seed=st.integers(0, 2**32 - 1), most=st.integers(0, 12))
def test_as_many_as_there_are_and_no_more_than_asked(seed: int, most: int) -> None:
    """min(most, distinct texts) samples; offers differ by at most one unless one has run out."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 30))
    percents = [int(p) for p in rng.choice([0, 5, 10, 15], n)]
    frame = _frame(list(percents), [f"text {i}" for i in range(n)], rng.random(n).tolist())

    shown = samples(frame, most)
    per_offer = {percent: sum(s.percent == percent for s in shown) for percent in (0, 5, 10, 15)}

    assert len(shown) == min(most, n)
    assert len({sample.message for sample in shown}) == len(shown)
    assert [sample.percent for sample in shown] == sorted(sample.percent for sample in shown)
    assert all(
        count >= max(per_offer.values()) - 1 or count == percents.count(percent)
        for percent, count in per_offer.items()
    )


@pytest.mark.parametrize("most", [1, 3])
def test_same_decisions_same_samples(most: int) -> None:
    """Ties in risk are broken by customer id."""
    frame = _frame([0, 5, 5, 15], ["a", "b", "c", "d"], [0.5] * 4)

    assert samples(frame, most) == samples(frame, most)
