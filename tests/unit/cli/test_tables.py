"""The caller's table: options, formats, and what is said about what was left out."""

from pathlib import Path

import polars as pl
import pytest

from churn_saver.cli.tables import Source, read_customers
from churn_saver.errors import InputError

HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
    "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn\n"
)
BILLED = (
    "A-1,Female,0,Yes,No,1,No,No phone service,DSL,No,Yes,No,No,No,No,Month-to-month,Yes,"
    "Electronic check,29.85,29.85,No\n"
)
UNBILLED = (
    BILLED.replace("A-1", "A-2").replace(",1,No,No phone", ",0,No,No phone").replace(",29.85,No", ", ,No")
)


def plain(path: Path) -> Source:
    """Read a table without options."""
    return Source(path, {}, skip_bad_rows=False)


def test_map_options_win_over_the_mapping_file(tmp_path: Path) -> None:
    """Both may be given; one name has one column."""
    (tmp_path / "m.yaml").write_text("tenure_months: a\nmonthly_spend: b\n")

    source = Source.of(None, ["tenure_months=c"], tmp_path / "m.yaml", False)

    assert source.mapping == {"tenure_months": "c", "monthly_spend": "b"}


def test_telco_is_read_as_it_is_downloaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who was never billed is left out, and said."""
    (tmp_path / "t.csv").write_text(HEADER + BILLED + UNBILLED)

    table = read_customers(plain(tmp_path / "t.csv"), tmp_path / "t.csv", tmp_path)

    assert list(table.customers.ids) == ["A-1"]
    assert table.is_telco
    assert table.customers.bill_minor.tolist() == [2_985]
    assert "1 customer never billed, left out" in capsys.readouterr().out


def test_parquet_is_read_and_unused_columns_are_named(tmp_path: Path) -> None:
    """What is not used is said, so that a misspelt column is seen."""
    path = tmp_path / "t.parquet"
    pl.DataFrame(
        {"customer_id": ["A"], "tenure_months": [3], "monthly_spend": [20.0], "tenor": ["x"]}
    ).write_parquet(path)

    table = read_customers(plain(path), path, tmp_path)

    assert list(table.customers.ids) == ["A"]
    assert table.notes == ("columns not used: tenor",)


def test_a_table_without_rows_is_no_table(tmp_path: Path) -> None:
    """The message says what is wanted."""
    (tmp_path / "t.csv").write_text("customer_id,tenure_months,monthly_spend\n")

    with pytest.raises(InputError, match="holds no customer, wanted at least one row"):
        read_customers(plain(tmp_path / "t.csv"), tmp_path / "t.csv", tmp_path)
