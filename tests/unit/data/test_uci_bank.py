"""UCI Bank Marketing, and the semi-synthetic offer on top of it."""

import io
import math
import os
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.data.uci_bank import (
    MEMBER,
    NUMBERS,
    WORDS,
    design_matrix,
    engineered,
    read_bank,
    semi_synthetic,
)
from churn_saver.errors import InputError, TableError

HEADER = (
    '"age";"job";"marital";"education";"default";"housing";"loan";"contact";"month";"day_of_week";"duration";'
    '"campaign";"pdays";"previous";"poutcome";"emp.var.rate";"cons.price.idx";"cons.conf.idx";"euribor3m";'
    '"nr.employed";"y"'
)
FIRST = (
    '56;"housemaid";"married";"basic.4y";"no";"no";"no";"telephone";"may";"mon";261;1;999;0;"nonexistent";1.1;'
    '93.994;-36.4;4.857;5191;"no"'
)
SECOND = (
    '30;"admin.";"single";"unknown";"no";"yes";"no";"cellular";"nov";"fri";334;1;6;1;"success";-1.1;'
    '94.767;-50.8;1.028;5099.1;"yes"'
)
SMALL = "\n".join([HEADER, FIRST, SECOND, ""]).encode()


def test_row_as_it_stands() -> None:
    """Duration is gone, pdays 999 is null, nr.employed is a number with or without decimals."""
    frame = read_bank(SMALL, "bank.csv")

    assert frame.columns == ["customer_id", *NUMBERS, *WORDS, "accepted_base"]
    assert frame["customer_id"].to_list() == ["B00001", "B00002"]
    assert frame["pdays"].to_list() == [None, 6.0]
    assert frame["nr.employed"].to_list() == [5191.0, 5099.1]
    assert frame["accepted_base"].to_list() == [0, 1]
    assert frame.schema["accepted_base"] == pl.Int8


def test_zip_and_table_give_the_same() -> None:
    """Whoever has unpacked it already can use that."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(MEMBER, SMALL)

    assert read_bank(buffer.getvalue(), "bank.zip").equals(read_bank(SMALL, "bank.csv"))


def test_bad_cell_and_missing_column_are_named() -> None:
    """As in every other table."""
    with pytest.raises(TableError, match=r"bank.csv:3: column 'age' is 'old'"):
        read_bank(SMALL.replace(b"\n30;", b"\nold;"), "bank.csv")
    with pytest.raises(TableError, match=r"column 'poutcome' is 'absent'"):
        read_bank(SMALL.replace(b"poutcome", b"outcome"), "bank.csv")


def test_design_matrix_has_numbers_and_one_column_a_word() -> None:
    """Two rows with two jobs give two columns; null becomes NaN; nothing of the answer is in it."""
    frame = read_bank(SMALL, "bank.csv")

    x, names = design_matrix(frame)

    assert x.dtype == np.float32
    assert x.shape == (2, len(names))
    assert names[: len(NUMBERS)] == NUMBERS
    assert math.isnan(x[0, names.index("pdays")])
    assert x[:, names.index("job=housemaid")].tolist() == [1, 0]
    assert x[:, names.index("job=admin.")].tolist() == [0, 1]
    assert "default=no" in names
    assert not any("accepted" in name or "duration" in name for name in names)
    drawn = semi_synthetic(frame, np.array([0.1, 0.2]), np.random.default_rng(0), "uniform")
    assert design_matrix(drawn)[1] == names


def people(n: int, rng: np.random.Generator) -> tuple[pl.DataFrame, NDArray[np.float64]]:
    """Draw a base table whose labels follow a known base probability."""
    base = rng.beta(1, 6, n)
    frame = pl.DataFrame(
        {
            "age": rng.integers(18, 90, n).astype(np.float64),
            "poutcome": rng.choice(["success", "failure", "nonexistent"], n),
            "housing": rng.choice(["yes", "no", "unknown"], n),
            "accepted_base": (rng.random(n) < base).astype(np.int8),
        }
    )
    return frame, base


def truth_of(frame: pl.DataFrame) -> NDArray[np.float64]:
    """Give the true probabilities, (n, 4)."""
    return frame.select(f"true_prob_{k}" for k in range(4)).to_numpy()


def test_truth_is_the_written_formula() -> None:
    """Age 30, success, housing: s = 1.6 + .5 − .5 + .4 = 2; p0 = .2, so the odds at level 0 are .25."""
    frame = pl.DataFrame({"age": [30.0], "poutcome": ["success"], "housing": ["yes"], "accepted_base": [0]})

    drawn = semi_synthetic(frame, np.array([0.2]), np.random.default_rng(0), "uniform")

    odds = [0.25 * math.exp(2 * (1 - math.exp(-offer / 0.08))) for offer in (0, 0.05, 0.10, 0.15)]
    np.testing.assert_allclose(truth_of(drawn)[0], [o / (1 + o) for o in odds], rtol=1e-12)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from(["uniform", "targeted"]))
def test_laws_of_the_draw(seed: int, logging: str) -> None:
    """Level 0 keeps its label, a real yes stays, the truth rises, propensities are at least 0.05."""
    rng = np.random.default_rng(seed)
    frame, base = people(300, rng)

    drawn = semi_synthetic(frame, base, rng, logging)  # type: ignore[arg-type]

    untouched = drawn.filter(pl.col("offer_pct") == 0)
    assert untouched["accepted"].equals(untouched["accepted_base"], check_names=False)
    assert (drawn["accepted"] >= drawn["accepted_base"]).all()
    assert (np.diff(truth_of(drawn), axis=1) > 0).all()
    assert set(drawn["offer_pct"].to_list()) <= {0.0, 5.0, 10.0, 15.0}
    assert drawn["propensity"].is_between(0.05, 1).all()
    if logging == "uniform":
        assert set(drawn["propensity"].to_list()) == {0.25}


@pytest.mark.parametrize("logging", ["uniform", "targeted"])
def test_acceptance_at_each_level_is_its_truth(logging: str) -> None:
    """With a calibrated base, acceptance at every level is the mean truth within four standard errors."""
    rng = np.random.default_rng(11)
    frame, base = people(200_000, rng)

    drawn = semi_synthetic(frame, base, rng, logging)  # type: ignore[arg-type]

    truth, accepted = truth_of(drawn), drawn["accepted"].to_numpy()
    for k, percent in enumerate((0, 5, 10, 15)):
        here = drawn["offer_pct"].to_numpy() == percent
        p = truth[here, k]
        error = math.sqrt((p * (1 - p)).sum()) / here.sum()
        assert abs(accepted[here].mean() - p.mean()) < 4 * error


def test_propensity_is_how_often_the_level_is_drawn() -> None:
    """Inverse propensities of a level sum to the number of rows, within four standard errors."""
    rng = np.random.default_rng(5)
    frame, base = people(200_000, rng)

    drawn = semi_synthetic(frame, base, rng, "targeted")

    for percent in (0.0, 5.0, 10.0, 15.0):
        weights = 1 / drawn.filter(pl.col("offer_pct") == percent)["propensity"].to_numpy()
        assert abs(weights.sum() / 200_000 - 1) < 4 * math.sqrt((weights**2).sum()) / 200_000


def test_targeted_logging_offers_more_to_likely_refusers() -> None:
    """Who refuses mostly gets 15 %, who accepts anyway mostly 0 %."""
    rng = np.random.default_rng(5)
    frame, _ = people(20_000, rng)

    means = [
        float(semi_synthetic(frame, np.full(20_000, p), rng, "targeted")["offer_pct"].to_numpy().mean())
        for p in (0.02, 0.1, 0.2, 0.5)
    ]

    assert means == sorted(means, reverse=True)
    assert means[2] == pytest.approx(7.5, abs=0.2)


def test_same_seed_gives_the_same_table() -> None:
    """The draw depends on the generator alone."""
    frame, base = people(500, np.random.default_rng(1))

    first, second = (semi_synthetic(frame, base, np.random.default_rng(2), "targeted") for _ in range(2))

    assert first.equals(second)


@pytest.mark.parametrize("base", [np.full(3, 0.1), np.array([0.1, 1.2]), np.array([0.1, np.nan])])
def test_base_that_is_no_probability_for_each_row_is_refused(base: NDArray[np.float64]) -> None:
    """A wrong shape, a value above 1, NaN."""
    with pytest.raises(InputError, match="wanted 2 values from 0 to 1"):
        semi_synthetic(read_bank(SMALL, "b.csv"), base, np.random.default_rng(0), "uniform")


def test_real_zip_has_the_known_counts() -> None:
    """41,188 contacts, 4,640 yes, 39,673 never contacted before."""
    folder = os.environ.get("CHURN_SAVER_TEST_DATA")
    path = Path(folder or "absent") / "uci_bank" / "bank-additional.zip"
    if not path.is_file():
        pytest.skip("set CHURN_SAVER_TEST_DATA to a folder with uci_bank/bank-additional.zip")

    frame = read_bank(path.read_bytes(), path.name)

    assert (frame.height, frame["accepted_base"].sum(), frame["pdays"].null_count()) == (
        41_188,
        4_640,
        39_673,
    )
    assert frame["customer_id"].n_unique() == 41_188
    assert design_matrix(frame)[0].shape == (41_188, 9 + 53)


def test_an_earlier_contact_is_a_column_of_its_own() -> None:
    """`pdays` is null where there was none."""
    frame = pl.DataFrame({"pdays": [3.0, None]})

    assert engineered(frame)["contacted_before"].to_list() == [1, 0]
