"""The IBM Telco table."""

import os
from pathlib import Path

import polars as pl
import pytest

from churn_saver.data.ibm_telco import SERVICES, engineered, is_telco, read_telco
from churn_saver.errors import TableError

HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
    "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn"
)


def row(customer_id: str, tenure: str, total: str, churn: str = "No") -> str:
    """Write a row as IBM does."""
    return (
        f"{customer_id},Female,0,Yes,No,{tenure},No,No phone service,DSL,No,Yes,No internet service,No,No,No,"
        f"Month-to-month,Yes,Bank transfer (automatic),29.85,{total},{churn}"
    )


def test_row_comes_in_canonical_words() -> None:
    """IBM's own spellings become the domain's, Churn becomes churned."""
    telco = read_telco("\n".join([HEADER, row("A", "1", "29.85", "Yes")]).encode(), "t.csv")

    found = telco.checked.frame.row(0, named=True)
    assert (found["customer_id"], found["senior_citizen"], found["multiple_lines"]) == ("A", "no", "no")
    assert (found["device_protection"], found["payment_method"]) == ("no", "bank transfer")
    assert (found["tenure_months"], found["monthly_spend"], found["total_charges"]) == (1.0, 29.85, 29.85)
    assert found["churned"] == 1
    assert telco.checked.ignored == ()


def test_who_has_no_bill_yet_is_left_out_and_named() -> None:
    """Only tenure 0 without a total: a blank total of an old customer stays, look-alikes stay."""
    rows = [
        row("A", "0", " "),
        row("B", "5", " "),
        row("C", "1", "20"),
        row("D", "1", "20"),
        row("E", "0", "0"),
    ]

    telco = read_telco("\n".join([HEADER, *rows]).encode(), "t.csv")

    assert telco.unbilled == 1
    assert "A" not in telco.checked.frame["customer_id"]
    assert telco.checked.frame["customer_id"].to_list() == ["B", "C", "D", "E"]
    assert telco.checked.faults == ()


def test_bad_rows_are_faults_as_in_any_table() -> None:
    """A spoilt download is not repaired in silence."""
    telco = read_telco("\n".join([HEADER, row("A", "x", "20")]).encode(), "t.csv")

    assert [(fault.line, fault.column) for fault in telco.checked.faults] == [(2, "tenure")]
    with pytest.raises(TableError, match="--skip-bad-rows"):
        telco.checked.require(skip_bad_rows=False)


def test_table_is_known_by_its_header() -> None:
    """With or without the outcome; a company's own table is another one."""
    names = HEADER.split(",")

    assert is_telco(names)
    assert is_telco(names[:-1])
    assert not is_telco(["customer_id", "tenure_months", "monthly_spend"])
    assert not is_telco([name.lower() for name in names])


def test_real_table_has_the_known_counts() -> None:
    """7,043 rows, 11 unbilled, 22 look-alikes kept, 1,869 who left."""
    folder = os.environ.get("CHURN_SAVER_TEST_DATA")
    path = Path(folder or "absent") / "ibm_telco" / "Telco-Customer-Churn.csv"
    if not path.is_file():
        pytest.skip("set CHURN_SAVER_TEST_DATA to a folder with ibm_telco/Telco-Customer-Churn.csv")

    telco = read_telco(path.read_bytes(), path.name)

    frame = telco.checked.require(skip_bad_rows=False)
    assert (frame.height, telco.unbilled, frame["churned"].sum()) == (7_032, 11, 1_869)
    assert frame.height - frame.select(pl.exclude("customer_id")).n_unique() == 22
    assert frame["total_charges"].null_count() == 0


def test_derived_columns_follow_from_the_fields() -> None:
    """Worked by hand: fibre, phone and TV are three services; 240 over 12 months is 20 a month."""
    frame = pl.DataFrame(
        {
            "tenure_months": [12.0, 0.0],
            "monthly_spend": [25.0, 30.0],
            "total_charges": [240.0, 30.0],
            "internet_service": ["fiber optic", "no"],
        }
        | {name: ["yes" if name in ("phone_service", "streaming_tv") else "no", None] for name in SERVICES}
    )

    found = engineered(frame).select("services", "mean_monthly_spend", "spend_change")

    assert found.rows() == [(3, 20.0, 5.0), (0, None, None)]
