"""A checked table → Customers."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.customers import to_customers
from churn_saver.data.tables import CUSTOMERS, read
from churn_saver.domain.money import to_minor
from churn_saver.errors import InputError


def test_columns_of_the_core() -> None:
    """Words become codes, blanks NaN or None, the bill minor units: 89.995 → 9000, half rounding up."""
    text = (
        "customer_id,name,tenure,monthly_spend,contract,internet_service,churn_risk,contacts_last_7d,"
        "days_since_last_contact,time_zone,country,channel,opted_in\n"
        "C1,Sam,24,89.995,Two year,Fiber optic,0.75,0,30,Europe/Berlin,DE,sms,Yes\n"
        "C2,,0,0.004,,,,,,,,,\n"
        "C3,Zoë,1,1000000,monthly,no,0,2,0,UTC,gb,Push,No\n"
    )

    customers = to_customers(read(text.encode(), "t.csv", CUSTOMERS).frame)

    assert list(customers.ids) == ["C1", "C2", "C3"]
    assert list(customers.names) == ["Sam", None, "Zoë"]
    assert customers.bill_minor.tolist() == [9000, 0, 100_000_000]
    assert customers.bill_minor.dtype == np.int64
    assert set(customers.fields) == {"tenure_months", "monthly_spend", "contract_type", "internet_service"}
    assert all(column.dtype == np.float32 for column in customers.fields.values())
    np.testing.assert_array_equal(customers.fields["contract_type"], [2, math.nan, 0])
    np.testing.assert_array_equal(customers.fields["internet_service"], [2, math.nan, 0])
    np.testing.assert_array_equal(customers.churn_risk, [0.75, math.nan, 0])
    np.testing.assert_array_equal(customers.contacts_last_7d, [0, math.nan, 2])
    np.testing.assert_array_equal(customers.days_since_last_contact, [30, math.nan, 0])
    assert list(customers.time_zones) == ["Europe/Berlin", None, "UTC"]
    assert list(customers.countries) == ["DE", None, "GB"]
    assert list(customers.channels) == ["sms", None, "push"]
    assert list(customers.opted_in) == [True, None, False]


def test_what_nobody_sent_is_absent() -> None:
    """Three columns are enough."""
    frame = pl.DataFrame({"customer_id": ["C1"], "tenure_months": [5.0], "monthly_spend": [50.0]})

    customers = to_customers(frame)

    assert set(customers.fields) == {"tenure_months", "monthly_spend"}
    assert (list(customers.names), list(customers.opted_in), list(customers.time_zones)) == ([None],) * 3
    assert (list(customers.countries), list(customers.channels)) == ([None],) * 2
    assert np.isnan([customers.churn_risk[0], customers.contacts_last_7d[0]]).all()
    assert len(to_customers(frame.clear())) == 0


@given(st.lists(st.decimals(0, 1_000_000, places=4), min_size=1, max_size=20))
def test_bill_is_rounded_as_money_is(amounts: list[object]) -> None:
    """The vectorised rounding equals the exact decimal one."""
    units = [float(str(amount)) for amount in amounts]
    frame = pl.DataFrame({"customer_id": [str(i) for i in range(len(units))], "monthly_spend": units})

    assert to_customers(frame).bill_minor.tolist() == [to_minor(unit) for unit in units]


def test_frame_of_another_table_is_refused() -> None:
    """Without a bill there is nothing to decide about."""
    with pytest.raises(InputError, match=r"wanted 'monthly_spend' too: read it with tables.read"):
        to_customers(pl.DataFrame({"customer_id": ["C1"]}))
