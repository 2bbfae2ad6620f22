"""Which tables are trained on."""

import hashlib
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.manifests import FileEntry, Manifest
from churn_saver.data import demo
from churn_saver.errors import ArtifactError, InputError, TableError
from churn_saver.train.datasets import PROCESSED, Source, find_accept, find_risk, risk_rows, risk_table

CHURN = (
    "customer_id,tenure_months,monthly_spend,support_tickets,contract_type,churned\n"
    "C1,3,20.5,0,Month-to-month,1\nC2,40,80,2,Two year,0\n"
)
ACCEPT = "customer_id,offer_pct,churn_risk,tenure_months,accepted\nC1,0,0.25,3,0\nC1,15,0.5,4,1\n"
TELCO_HEADER = (
    "customerID,gender,SeniorCitizen,Partner,Dependents,tenure,PhoneService,MultipleLines,InternetService,"
    "OnlineSecurity,OnlineBackup,DeviceProtection,TechSupport,StreamingTV,StreamingMovies,Contract,"
    "PaperlessBilling,PaymentMethod,MonthlyCharges,TotalCharges,Churn\n"
)
TELCO = TELCO_HEADER + (
    "7590-A,Female,0,Yes,No,1,No,No phone service,DSL,No,Yes,No,No,No,No,Month-to-month,Yes,Electronic check,"
    "29.85,29.85,No\n"
    "5575-B,Male,0,No,No,0,Yes,No,DSL,Yes,No,Yes,No,No,No,One year,No,Mailed check,56.95, ,No\n"
    "3668-C,Male,0,No,No,2,Yes,No,DSL,Yes,Yes,No,No,No,No,Month-to-month,Yes,Mailed check,53.85,108.15,Yes\n"
)


def put(folder: Path, name: str, text: str, is_demo: bool = False) -> None:
    """Write a table, and list it as the demo's if it is."""
    (folder / name).write_text(text, encoding="utf-8")
    if is_demo:
        digest = hashlib.sha256(text.encode()).hexdigest()
        (folder / "DEMO.json").write_text(json.dumps({name: digest}), encoding="utf-8")


def put_processed(folder: Path) -> None:
    """Write the prepared public table in two parts."""
    (folder / PROCESSED).mkdir(parents=True)
    frame = pl.DataFrame(
        {
            "customer_id": ["T1", "T2"],
            "tenure_months": [1, 2],
            "monthly_spend": [10.0, 20.0],
            "churned": [0, 1],
        }
    )
    files = {}
    for name, part in {"train.parquet": frame[1:], "test.parquet": frame[:1]}.items():
        path = folder / PROCESSED / name
        part.write_parquet(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        files[name] = FileEntry(digest, path.stat().st_size, 1, {})
    manifest = Manifest("ibm_telco", "1", 42, {}, {}, (), files, {"without a bill": 3}, {})
    (folder / PROCESSED / "manifest.json").write_bytes(manifest.to_bytes())


def test_the_companys_table_comes_first(tmp_path: Path) -> None:
    """With auto, before the prepared one; hash and name say which it was."""
    put(tmp_path, "churn_train.csv", CHURN)
    put_processed(tmp_path)

    found = find_risk(tmp_path, "auto")

    assert found.source == Source(
        "company", "churn_train.csv", hashlib.sha256(CHURN.encode()).hexdigest(), False, ()
    )
    assert found.churned.tolist() == [1, 0]
    assert list(found.customers.ids) == ["C1", "C2"]


def test_the_prepared_table_comes_before_the_demos(tmp_path: Path) -> None:
    """A demo table gives way to real customers; the parts are joined in the order of their names."""
    put(tmp_path, "churn_train.csv", CHURN, is_demo=True)
    put_processed(tmp_path)

    found = find_risk(tmp_path, "auto")

    assert found.source.kind == "processed"
    assert found.source.file == "test.parquet, train.parquet"
    assert found.source.notes == ("3 without a bill left out",)
    assert found.churned.tolist() == [0, 1]


def test_a_prepared_table_that_was_altered_is_refused(tmp_path: Path) -> None:
    """Both hashes are told; nothing falls back to another table in silence."""
    put(tmp_path, "churn_train.csv", CHURN, is_demo=True)
    put_processed(tmp_path)
    path = tmp_path / PROCESSED / "train.parquet"
    path.write_bytes(path.read_bytes() + b" ")

    with pytest.raises(ArtifactError, match=r"train\.parquet has SHA-256 .*the manifest says .*altered"):
        find_risk(tmp_path, "auto")


def test_a_prepared_table_without_its_manifest_is_unfinished(tmp_path: Path) -> None:
    """The message says what makes it."""
    put_processed(tmp_path)
    (tmp_path / PROCESSED / "manifest.json").unlink()

    with pytest.raises(InputError, match=r"manifest\.json cannot be read.*make data\.ibm_telco"):
        find_risk(tmp_path, "auto")


def test_the_demos_table_comes_last(tmp_path: Path) -> None:
    """It is told by the marker that lists its hash."""
    put(tmp_path, "churn_train.csv", CHURN, is_demo=True)

    assert find_risk(tmp_path, "auto").source.kind == "demo"
    assert find_risk(tmp_path, "demo").source.kind == "demo"


def test_a_demo_table_with_one_changed_row_is_the_companys(tmp_path: Path) -> None:
    """Whoever edits the file means it."""
    put(tmp_path, "churn_train.csv", CHURN, is_demo=True)
    (tmp_path / "churn_train.csv").write_text(CHURN.replace("20.5", "21.5"), encoding="utf-8")

    assert find_risk(tmp_path, "auto").source.kind == "company"


@pytest.mark.parametrize("marker", ["{", "[]", '{"other.csv": "x"}'])
def test_a_marker_that_lists_nothing_marks_nothing(tmp_path: Path, marker: str) -> None:
    """The table then is the company's."""
    put(tmp_path, "churn_train.csv", CHURN)
    (tmp_path / "DEMO.json").write_text(marker, encoding="utf-8")

    assert find_risk(tmp_path, "auto").source.kind == "company"


@pytest.mark.parametrize("wanted", ["auto", "company", "processed", "demo"])
def test_an_absent_table_is_asked_for(tmp_path: Path, wanted: str) -> None:
    """The message names where it was looked for and how to make one."""
    with pytest.raises(InputError, match=rf"no churn table in .*wanted {wanted}.*make prepare-data"):
        find_risk(tmp_path, wanted)  # type: ignore[arg-type]


def test_a_wanted_kind_is_not_replaced_by_another(tmp_path: Path) -> None:
    """Company is wanted, only the demo's is there."""
    put(tmp_path, "churn_train.csv", CHURN, is_demo=True)

    with pytest.raises(InputError, match="wanted company"):
        find_risk(tmp_path, "company")


def test_raw_telco_is_read_as_it_is_downloaded() -> None:
    """The customer without a first bill is left out, and said so; three rows are not the public table."""
    found = risk_table(TELCO.encode(), "Telco.csv", "company")

    assert list(found.customers.ids) == ["7590-A", "3668-C"]
    assert found.churned.tolist() == [0, 1]
    assert not found.source.is_telco
    assert found.source.notes == ("1 customers without a first bill left out",)


def test_bad_rows_stop_or_are_left_out_and_counted() -> None:
    """Never silently."""
    broken = CHURN + "C3,soon,80,2,Two year,0\n"

    with pytest.raises(TableError, match="column 'tenure_months' is 'soon'"):
        risk_table(broken.encode(), "churn_train.csv", "company")
    found = risk_table(broken.encode(), "churn_train.csv", "company", skip_bad_rows=True)

    assert len(found.customers) == 2
    assert found.source.notes == ("1 bad rows left out",)


def test_other_column_names_can_be_mapped() -> None:
    """As everywhere."""
    other = CHURN.replace("tenure_months", "months_active")

    found = risk_table(other.encode(), "x.csv", "company", {"tenure_months": "months_active"})

    assert found.customers.fields["tenure_months"].tolist() == [3, 40]


def test_a_table_without_who_left_is_refused() -> None:
    """There is nothing to learn."""
    frame = pl.DataFrame({"customer_id": ["a"], "monthly_spend": [1.0]})

    with pytest.raises(InputError, match="wanted 'churned'"):
        risk_rows(frame, Source("company", "x.csv", "", False))


def test_past_offers_of_a_company(tmp_path: Path) -> None:
    """Five columns are enough: no bill, no propensity, and nobody knows the truth."""
    put(tmp_path, "accept_train.csv", ACCEPT)

    found = find_accept(tmp_path)

    assert found.source.kind == "company"
    assert found.offer_pct.tolist() == [0, 15]
    assert found.accepted.tolist() == [0, 1]
    assert found.churn_risk.tolist() == [0.25, 0.5]
    assert set(found.customers.fields) == {"tenure_months"}
    assert found.propensity is None
    assert found.truth is None


def test_a_bill_in_past_offers_is_used_where_it_is_known(tmp_path: Path) -> None:
    """A blank bill stays unknown instead of becoming 0."""
    text = (
        ACCEPT.replace("accepted\n", "accepted,monthly_spend\n")
        .replace(",0\n", ",0,\n")
        .replace(",1\n", ",1,50.5\n")
    )
    put(tmp_path, "accept_train.csv", text)

    spend = find_accept(tmp_path).customers.fields["monthly_spend"]

    assert np.isnan(spend[0])
    assert spend[1] == 50.5


def test_the_demos_truth_is_known(tmp_path: Path) -> None:
    """Its formula gives the four probabilities of each row, so regret can be shown."""
    text = demo.csv_bytes(demo.accept_table(np.random.default_rng(0), 50)).decode()
    put(tmp_path, "accept_train.csv", text, is_demo=True)

    found = find_accept(tmp_path)

    assert found.source.kind == "demo"
    assert found.truth is not None
    assert found.truth.shape == (50, 4)
    assert (np.diff(found.truth, axis=1) > 0).all()
    assert found.propensity is not None


def test_propensities_are_all_or_none(tmp_path: Path) -> None:
    """All blank is none; some blank is refused with the count."""
    header = ACCEPT.replace("accepted\n", "accepted,propensity\n")
    put(tmp_path, "accept_train.csv", header.replace(",0\n", ",0,\n").replace(",1\n", ",1,\n"))
    assert find_accept(tmp_path).propensity is None

    put(tmp_path, "accept_train.csv", header.replace(",0\n", ",0,0.5\n").replace(",1\n", ",1,\n"))
    with pytest.raises(InputError, match="1 rows without a propensity and 1 with one"):
        find_accept(tmp_path)


def test_absent_past_offers_are_asked_for(tmp_path: Path) -> None:
    """With the command that makes the demo's."""
    with pytest.raises(InputError, match=r"accept_train\.csv cannot be read.*make prepare-data"):
        find_accept(tmp_path)


def test_a_table_out_of_the_books_tells_how_it_came_about(tmp_path: Path) -> None:
    """Day, chances and contacts stand beside the source; whose risk was learned stands in the notes."""
    header = CHURN.replace("churned\n", "churned,contacted,propensity,logged_at\n")
    text = header.replace(",1\n", ",1,0,0.05,2026-03-02\n").replace(",0\n", ",0,1,0.5,2026-03-09\n")
    put(tmp_path, "churn_train.csv", text)

    source = find_risk(tmp_path, "auto").source

    assert source.logged == "logged 2026-03-02 to 2026-03-09, propensity 0.05 to 0.5, 1 of 2 contacted"
    assert source.notes == ("contacted customers: 1; theirs is the risk of a contacted customer",)


def test_offers_that_were_certain_are_no_experiment(tmp_path: Path) -> None:
    """Propensities of 1 throughout weigh nothing: the model is associational, and the notes say why."""
    text = ACCEPT.replace("accepted\n", "accepted,propensity\n").replace(",0\n", ",0,1\n")
    put(tmp_path, "accept_train.csv", text.replace("4,1\n", "4,1,1\n"))

    found = find_accept(tmp_path)

    assert found.propensity is None
    assert "every offer was certain" in found.source.notes[0]
