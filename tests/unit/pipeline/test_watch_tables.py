"""The tables that a watch may be handed."""

from pathlib import Path

import polars as pl
import pytest

from churn_saver.errors import InputError, TableError
from churn_saver.pipeline.watch_tables import reference_of, side_columns
from tests.watched_campaigns import settings

CUSTOMERS = (
    "customer_id,name,tenure_months,monthly_spend,contract_type,gender\n"
    "A,Ann,3,40.5,One year,Female\nB,Bob,5,50,Month-to-month,\n"
)


def test_without_a_word_the_days_are_those_of_the_settings() -> None:
    """Days 0 to 13 of the campaign."""
    found = reference_of(None, settings())

    assert (found.from_day, found.to_day, found.table) == (0, 14, None)
    assert found.described == "the campaign's own decisions of days 0 to 13"


def test_days_can_be_named() -> None:
    """The first is in it, the last one is not."""
    found = reference_of("7..21", settings())

    assert (found.from_day, found.to_day) == (7, 21)
    assert found.described.endswith("days 7 to 20")


@pytest.mark.parametrize("days", ["14..14", "20..3"])
def test_days_without_a_day_are_refused(days: str) -> None:
    """The message shows how it is written."""
    with pytest.raises(InputError, match=rf"--reference is {days}, wanted FROM..TO"):
        reference_of(days, settings())


def test_a_table_is_coded_as_inputs_are(tmp_path: Path) -> None:
    """Words become the index that the books hold, gaps are not known; names and ids are not read."""
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS)

    found = reference_of(str(path), settings())

    assert found.table is not None
    assert found.described == "the table customers.csv"
    assert found.table.to_dict(as_series=False) == {
        "tenure_months": [3.0, 5.0],
        "monthly_spend": [40.5, 50.0],
        "contract_type": [1.0, 0.0],
        "gender": [0.0, None],
    }


def test_scores_in_a_table_are_part_of_the_reference(tmp_path: Path) -> None:
    """So that those of decisions can be held against them."""
    path = tmp_path / "scored.csv"
    path.write_text("customer_id,tenure_months,monthly_spend,churn_risk\nA,3,40,0.25\n")

    found = reference_of(str(path), settings()).table

    assert found is not None
    assert found["churn_risk"].to_list() == [0.25]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("customer_id,tenure_months,monthly_spend\n", InputError, "holds no customer"),
        ("customer_id,tenure_months,monthly_spend\nA,three,40\n", TableError, "tenure_months"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(
    tmp_path: Path, text: str, error: type[InputError], said: str
) -> None:
    """No row is left out silently."""
    path = tmp_path / "customers.csv"
    path.write_text(text)

    with pytest.raises(error, match=said):
        reference_of(str(path), settings())


def test_a_reference_that_is_neither_days_nor_a_file_is_refused() -> None:
    """With what to name instead."""
    with pytest.raises(InputError, match=r"cannot be read.*name a customer table, or days as FROM..TO"):
        reference_of("yesterday", settings())


def test_further_columns_are_words_by_customer(tmp_path: Path) -> None:
    """Under any spelling of the id's name; blanks are missing."""
    path = tmp_path / "side.csv"
    path.write_text("CustomerID;region ;age\nA; north ;30\nB;;41\n")

    assert side_columns(path) == {
        "region": {"A": "north", "B": None},
        "age": {"A": "30", "B": "41"},
    }


def test_further_columns_may_come_as_parquet(tmp_path: Path) -> None:
    """Numbers become words."""
    path = tmp_path / "side.parquet"
    pl.DataFrame({"customer_id": ["A", "B"], "zone": [1, None]}).write_parquet(path)

    assert side_columns(path) == {"zone": {"A": "1", "B": None}}


def test_no_table_is_no_columns() -> None:
    """The option was not given."""
    assert side_columns(None) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("region\nnorth\n", "wanted customer_id once among them"),
        ("customer_id,region\nA,north\nB,south\nA,east\n", "holds 1 customers again"),
    ],
)
def test_further_columns_that_name_nobody_or_one_twice_are_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    """Neither message repeats an id."""
    path = tmp_path / "side.csv"
    path.write_text(text)

    with pytest.raises(InputError, match=said) as caught:
        side_columns(path)

    assert "A" not in str(caught.value).replace(str(path), "")
