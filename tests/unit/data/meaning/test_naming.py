"""Which column of a file is meant."""

import re

import pytest

from churn_saver.data.meaning.columns import Column, field, number, required
from churn_saver.data.meaning.naming import places
from churn_saver.errors import LONGEST_LINE, InputError, TableError

COLUMNS: tuple[Column, ...] = (
    required(field("tenure_months")), required(field("monthly_spend")), number("churn_risk", "0 to 1", 0, 1),
)  # fmt: skip


def find(*header: str, **mapping: str) -> dict[str, int]:
    """Find the columns in a header."""
    return places(header, 1, "t.csv", COLUMNS, mapping)


def test_names_agree_whatever_their_case_and_spaces() -> None:
    """Canonical names and aliases are folded; what is not asked for is left alone."""
    assert find("Foo", "MonthlyCharges", "Tenure Months") == {"tenure_months": 2, "monthly_spend": 1}


def test_mapping_goes_first() -> None:
    """A mapped name frees the others: `tenure` is then just another column."""
    found = find("tenure", "months_active", "monthly_spend", tenure="months_active")

    assert found == {"tenure_months": 1, "monthly_spend": 2}


def test_mapping_is_folded_when_it_is_not_exact() -> None:
    """An exact name wins over one that only folds to the same."""
    assert find("Bill", "bill", "tenure", monthly_spend="bill")["monthly_spend"] == 1
    assert find("My Bill", "tenure", monthly_spend="my_bill")["monthly_spend"] == 0


def test_missing_columns_are_all_named_with_what_was_found() -> None:
    """The next step is a mapping to the name that is nearest."""
    with pytest.raises(
        TableError,
        match=r"(?s)'tenure_months' is 'absent'.*'monthly_spend' is 'absent'.*Columns found: months, x\."
        r".*--map tenure_months=months --map monthly_spend=YOUR_NAME",
    ):
        find("months", "x")


def test_two_columns_that_mean_the_same_are_refused() -> None:
    """Both are named; neither is chosen."""
    with pytest.raises(TableError, match=r"(?s)'MonthlyCharges'.*'monthly_spend' means the same.*--map"):
        find("tenure", "monthly_spend", "MonthlyCharges")


def test_mapping_to_an_absent_column_lists_those_found() -> None:
    """A typing error in the file's name is shown beside what is there."""
    with pytest.raises(InputError, match=r"t.csv has no column 'bil' .* one of: bill, tenure"):
        find("bill", "tenure", monthly_spend="bil")


def test_mapping_to_a_repeated_column_is_refused() -> None:
    """Nobody can tell which one is meant."""
    with pytest.raises(InputError, match="2 columns 'bill'"):
        find("bill", "bill", "tenure", monthly_spend="bill")


def test_mapping_of_an_unknown_name_lists_the_canonical_ones() -> None:
    """A typing error in the canonical name is shown beside all of them."""
    with pytest.raises(InputError, match=r"'tenur', wanted one of: tenure_months, monthly_spend, churn_risk"):
        find("a", tenur="a")


def test_part_of_the_canonical_name_is_suggested() -> None:
    """`spend` is meant by monthly_spend, though `month` looks like it as well."""
    with pytest.raises(TableError, match=r"--map monthly_spend=spend$"):
        find("tenure", "spend", "other")


def test_names_of_the_file_are_harmless_and_few() -> None:
    """Neither an escape nor three thousand names fill the screen; none of them is to be typed again."""
    with pytest.raises(TableError, match=r"and 2,9\d\d more") as caught:
        find("tenure\x1b[0m", *(f"column {n}" for n in range(3_000)))

    assert all(len(line) <= LONGEST_LINE for line in str(caught.value).split("\n"))
    assert r"Columns found: tenure\x1b[0m, column 0" in str(caught.value)
    assert "--map tenure_months=YOUR_NAME" in str(caught.value)


def test_suggested_name_can_be_typed() -> None:
    """A name with a space stands in quotes."""
    with pytest.raises(TableError, match=r"--map monthly_spend='monthly fees'$"):
        find("tenure", "monthly fees")


@pytest.mark.parametrize(("separator", "called"), [("|", "'|'"), (":", "':'"), (" ", "blanks")])
def test_other_separator_is_named(separator: str, called: str) -> None:
    """It is told by the names on both sides of it."""
    with pytest.raises(TableError, match=rf"seems to be {re.escape(called)}, wanted comma, semicolon or tab"):
        find(separator.join(["tenure", "monthly_spend"]))
