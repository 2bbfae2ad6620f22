"""Recipes of the two tables."""

from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.adapters.download.fetching import Raw
from churn_saver.config import DataSettings
from churn_saver.errors import ConfigError, InputError, TableError
from churn_saver.pipeline.prepared import Prepared, Taken
from churn_saver.pipeline.tables import prepare_bank, prepare_telco
from churn_saver.tabular.cross_fit import HELD_OUT, folds
from tests import public_data

LAW = pytest.mark.parametrize("seed", [0, 7, 42])


def taken(source: str, folder: Path, content: bytes) -> dict[str, Taken]:
    """Write a raw file, and give it as downloaded."""
    path = folder / "raw"
    path.write_bytes(content)
    return {source: Taken("full", (Raw(path, f"{source}/raw", "0" * 64, len(content)),))}


def telco(folder: Path, text: str, chosen: DataSettings | None = None) -> Prepared:
    """Prepare a table of customers."""
    given = chosen or public_data.data_settings()
    return prepare_telco(taken("ibm_telco", folder, text.encode()), given)


def bank(folder: Path, content: bytes, chosen: DataSettings | None = None) -> Prepared:
    """Prepare a table of contacts."""
    given = chosen or public_data.data_settings()
    tabular = public_data.settings().tabular
    return prepare_bank(taken("uci_bank", folder, content), given, tabular)


def test_every_billed_customer_is_in_one_split(tmp_path: Path) -> None:
    """40 rows, of which T004 and T005 have no bill: 38 customers, each once, and two counted."""
    prepared = telco(tmp_path, public_data.telco_csv())

    ids = [one for frame in prepared.splits.values() for one in frame["customer_id"].to_list()]
    assert list(prepared.splits) == ["train", "valid", "test"]
    assert sorted(ids) == [f"T{i:03d}" for i in range(40) if i not in (4, 5)]
    assert prepared.left_out == {"customers without a first bill": 2}
    assert (prepared.rejects.height, prepared.faults, prepared.form) == (0, (), "parquet")


def test_look_alikes_stay(tmp_path: Path) -> None:
    """T010 and T011 are two customers of one plan, not one customer twice."""
    whole = telco(tmp_path, public_data.telco_csv()).whole

    alike = whole.filter(pl.col("customer_id").is_in(public_data.LOOK_ALIKES)).drop("customer_id")
    assert alike.height == 2
    assert alike.n_unique() == 1


def test_derived_columns_follow_from_the_customer_s_own(tmp_path: Path) -> None:
    """T003: month 4 at 23, total 92: mean 23, no change; line, phone, backup and TV: four services."""
    whole = telco(tmp_path, public_data.telco_csv()).whole

    row = whole.row(by_predicate=pl.col("customer_id") == "T003", named=True)
    assert (row["tenure_months"], row["total_charges"]) == (4.0, 92.0)
    assert (row["mean_monthly_spend"], row["spend_change"]) == (23.0, 0.0)
    assert row["services"] == 4


@LAW
def test_test_split_is_the_hold_out_of_training(tmp_path: Path, seed: int) -> None:
    """With the same seed and share, whoever is in test.parquet is held out by `train-risk` too."""
    shares = {"train": 0.75, "valid": 0.05, "test": 0.2}
    chosen = public_data.data_settings({"seed": seed, "shares": shares})

    splits = telco(tmp_path, public_data.telco_csv(400), chosen).splits

    ids = [f"T{i:03d}" for i in range(400) if i not in (4, 5)]
    held = [one for one, fold in zip(ids, folds(ids, 5, 0.2, seed), strict=True) if fold == HELD_OUT]
    assert splits["test"]["customer_id"].to_list() == held
    assert 50 <= len(held) <= 110


def test_bad_customers_are_rejected_by_file_and_line(tmp_path: Path) -> None:
    """Neither yes nor no, on line 22 of the file: the header, and T000 to T019 before it."""
    text = public_data.telco_csv().replace("T020,Male,0", "T020,Male,9")

    prepared = telco(tmp_path, text)

    assert [str(fault).split(":")[:2] for fault in prepared.faults] == [["ibm_telco/raw", "22"]]
    assert prepared.rejects.columns[0] == "file"
    assert prepared.rejects["file"].to_list() == ["ibm_telco/raw"]
    assert prepared.rejects["customerID"].to_list() == ["T020"]
    assert "T020" not in prepared.whole["customer_id"].to_list()


def test_what_is_no_table_of_customers_is_refused(tmp_path: Path) -> None:
    """A missing column is named."""
    with pytest.raises(TableError, match=r"ibm_telco/raw.*'MonthlyCharges'|monthly_spend"):
        telco(tmp_path, public_data.telco_csv().replace("MonthlyCharges", "Other"))
    with pytest.raises(InputError, match=r"absent cannot be read .*make data\.all"):
        prepare_telco(
            {"ibm_telco": Taken("full", (Raw(tmp_path / "absent", "a", "0" * 64, 1),))},
            public_data.data_settings(),
        )


def test_contacts_have_an_offer_and_no_truth(tmp_path: Path) -> None:
    """Who learns from the file must not see the chances that the answers were drawn with."""
    prepared = bank(tmp_path, public_data.bank_zip(300))

    whole = prepared.whole
    assert {"offer_pct", "propensity", "accepted", "contacted_before"} <= set(whole.columns)
    assert not [name for name in whole.columns if name.startswith("true_prob")]
    assert "duration" not in whole.columns
    assert set(whole["offer_pct"].to_list()) == {0.0, 5.0, 10.0, 15.0}
    assert whole["propensity"].unique().to_list() == [0.25]
    assert (whole["accepted"] >= whole["accepted_base"]).all()
    assert any("assumed, not measured" in note for note in prepared.notes)


def test_contacts_never_made_before_have_no_days_since(tmp_path: Path) -> None:
    """Every fifth of 300 has 6 days, the others 999, which is written as absent."""
    whole = bank(tmp_path, public_data.bank_zip(300)).whole

    assert whole["pdays"].value_counts().sort("count").rows() == [(6.0, 60), (None, 240)]
    assert (whole["contacted_before"] == whole["pdays"].is_not_null().cast(pl.Int8)).all()


def test_contacts_are_split_by_id_and_the_table_is_known_by_its_bytes(tmp_path: Path) -> None:
    """Sums add up, the hash is that of the table and not of the zip around it."""
    zipped = bank(tmp_path, public_data.bank_zip(300))
    bare = bank(tmp_path, public_data.bank_csv(300))

    ids = zipped.whole["customer_id"].to_list()
    assert sorted(ids) == [f"B{i:05d}" for i in range(1, 301)]
    assert min(frame.height for frame in zipped.splits.values()) > 0
    assert zipped.checksums == bare.checksums
    assert zipped.whole.equals(bare.whole)
    assert zipped.settings["logging"] == "uniform"
    assert zipped.settings["chance_of_a_yes"]["depth"] == 3  # type: ignore[index]


def test_the_draw_goes_by_the_seed(tmp_path: Path) -> None:
    """Same seed, same offers; another seed, others."""
    first, again, other = (
        bank(tmp_path, public_data.bank_zip(300), public_data.data_settings({"seed": seed}))
        .whole.sort("customer_id")["offer_pct"]
        .to_list()
        for seed in (1, 1, 2)
    )

    assert first == again != other


def test_targeted_logging_is_logged(tmp_path: Path) -> None:
    """The chance of the offer that was made stands beside it, and no longer 1/4 for everybody."""
    prepared = bank(
        tmp_path, public_data.bank_zip(300), public_data.data_settings({"uci_bank.logging": "targeted"})
    )

    assert prepared.settings["logging"] == "targeted"
    assert prepared.whole["propensity"].n_unique() > 4
    assert prepared.whole["propensity"].is_between(0.05, 1).all()


def test_a_zip_without_the_table_is_refused(tmp_path: Path) -> None:
    """Half a zip is named."""
    with pytest.raises(InputError, match=r"uci_bank/raw"):
        bank(tmp_path, public_data.bank_zip(300)[:200])


@settings(max_examples=15)
@given(st.permutations(range(40)), st.integers(0, 2**32))
def test_order_of_rows_moves_nobody(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], seed: int
) -> None:
    """A customer's split depends on the id alone, and rows of a split keep the order of the file."""
    header, *rows = public_data.telco_csv().split("\n")[:-1]
    shuffled = [rows[i] for i in order]
    chosen = public_data.data_settings({"seed": seed})
    folder = tmp_path_factory.mktemp("telco")

    ours = telco(folder, "\n".join([header, *rows, ""]), chosen).splits
    theirs = telco(folder, "\n".join([header, *shuffled, ""]), chosen).splits

    place = {row.split(",")[0]: i for i, row in enumerate(shuffled)}
    for split, frame in ours.items():
        wanted = sorted(frame["customer_id"].to_list(), key=place.__getitem__)
        assert theirs[split]["customer_id"].to_list() == wanted


def test_a_set_of_two_files_is_no_table(tmp_path: Path) -> None:
    """Settings that name a second file are refused by name, in either recipe."""
    (tmp_path / "raw").write_bytes(b"")
    raw = Raw(tmp_path / "raw", "a.csv", "0" * 64, 0)
    chosen, tabular = public_data.data_settings(), public_data.settings().tabular

    for recipe, name in ((prepare_telco, "ibm_telco"), (partial(prepare_bank, tabular=tabular), "uci_bank")):
        with pytest.raises(ConfigError, match=r"set 'full' in sources\.yaml names a\.csv, a\.csv, wanted 1"):
            recipe({name: Taken("full", (raw, raw))}, chosen)
