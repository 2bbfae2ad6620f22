"""Money: integers of minor units, and how amounts come in and go out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.money import discount_minor, shown, to_minor, to_units
from churn_saver.errors import InputError


@pytest.mark.parametrize(
    ("amount", "minor"), [("5000", 500_000), (89.99, 8_999), ("0.005", 1), (0, 0), ("1e3", 100_000)]
)
def test_amounts_become_minor_units(amount: str | float, minor: int) -> None:
    """Half a minor unit rounds up; 89.99 does not become 8998 through binary fractions."""
    assert to_minor(amount) == minor


@pytest.mark.parametrize("amount", ["five", "NaN", "-1", "inf", "1000000001", ""])
def test_amounts_that_are_no_money_are_refused(amount: str) -> None:
    """The message names the thing and the range."""
    with pytest.raises(InputError, match=r"budget is .*wanted a number"):
        to_minor(amount, "budget")


@given(st.integers(0, 10**9), st.sampled_from([0, 5, 10, 15]))
def test_a_discount_is_never_less_than_its_share(bill: int, percent: int) -> None:
    """ceil(percent × bill / 100), by exact integer arithmetic of another form."""
    cost = int(discount_minor(percent, np.array([bill]))[0])

    assert cost * 100 >= percent * bill > (cost - 1) * 100 or cost == 0 == percent * bill


def test_money_is_shown_with_two_decimals() -> None:
    """Thousands are grouped, the sign stands in front."""
    assert shown(123_456) == "1,234.56"
    assert shown(-5) == "-0.05"
    assert to_units(8_999) == 89.99
