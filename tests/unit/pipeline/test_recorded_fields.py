"""Records of decisions as columns of the documented tables."""

import polars as pl
from polars.testing import assert_frame_equal

from churn_saver.pipeline.recorded_fields import complete, known, known_column, recorded_fields, spend
from tests.logbooks import logbook


def test_words_leave_as_words_and_numbers_as_they_were_held() -> None:
    """Code 1 of the contract is one year; 89.99 in 32 bits is written as 89.99 again."""
    rows = logbook(
        [{"features": {"contract_type": 1.0, "monthly_spend": 89.98999786376953}}, {"features": None}]
    )

    found = recorded_fields(known(rows))

    assert_frame_equal(
        found,
        pl.DataFrame(
            {
                "tenure_months": [12.0, None],
                "monthly_spend": [89.99, None],
                "contract_type": ["one year", None],
            },
            {"tenure_months": pl.Float32, "monthly_spend": pl.Float32, "contract_type": pl.String},
        ),
    )
    assert found.select("monthly_spend").head(1).write_csv() == "monthly_spend\n89.99\n"


def test_of_customers_who_were_all_erased_nothing_is_known() -> None:
    """As many rows as decisions, and no field."""
    told = known(logbook([{"features": None}] * 3))

    assert told.height == 3
    assert recorded_fields(told).width == 0
    assert spend(told).to_list() == [None] * 3


def test_the_bill_stands_for_a_spend_that_was_not_sent() -> None:
    """8,999 minor units are 89.99; what was sent goes first."""
    rows = [{"features": '{"bill_minor": 8999}'}, {"features": '{"bill_minor": 100, "monthly_spend": 2.5}'}]

    assert (
        spend(known(logbook(rows))).round(2).to_list() == pl.Series([89.99, 2.5], dtype=pl.Float32).to_list()
    )
    assert spend(known(logbook(rows[:1]))).name == "monthly_spend"


def test_what_is_no_field_is_left_as_it_is() -> None:
    """Fatigue, zones and prices keep their kind."""
    column = pl.Series("time_zone", ["Europe/Berlin", None])

    assert known_column(column).equals(column)


def test_a_needed_column_is_there_though_blank() -> None:
    """In the place that it has in the documented tables."""
    whole = complete(pl.DataFrame({"support_tickets": [1.0]}), ("contract_type", "tenure_months"))

    assert whole.columns == ["tenure_months", "contract_type", "support_tickets"]
    assert whole.row(0) == (None, None, 1.0)
