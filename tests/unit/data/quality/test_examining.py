"""All checks of a data set."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churn_saver.data.ibm_telco import read_telco
from churn_saver.data.quality.examining import checksum, examine
from churn_saver.data.quality.profile import profile
from churn_saver.data.quality.wanted import Check, Wanted
from churn_saver.data.splitting import parts, split_of, webs
from churn_saver.data.uci_bank import read_bank
from churn_saver.errors import InputError

SHARES = {"train": 0.8, "valid": 0.1, "test": 0.1}


def _table(n: int = 2_000) -> pl.DataFrame:
    rng = np.random.default_rng(5)
    return pl.DataFrame(
        {
            "id": [f"C{i}" for i in range(n)],
            "bill": rng.gamma(3, 20, n),
            "plan": rng.choice(["a", "b", "c"], n),
            "y": (rng.random(n) < 0.25).astype(np.int8),
        }
    )


WANTED = Wanted(
    shares=SHARES, id_column="id", unique_ids=True, label="y", label_share=(0.15, 0.35), rows=2_000
)


def _splits(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return parts(frame, split_of(frame["id"].to_list(), 42, SHARES))


def _by_name(checks: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def test_a_good_table_passes_everything() -> None:
    """Also against itself as the last run; every check says what it found and wanted."""
    frame = _table()
    checks = examine(_splits(frame), WANTED, profile(frame))

    assert [check.name for check in checks if not check.passed] == []
    assert all(check.found and check.wanted for check in checks)
    assert len({check.name for check in checks}) == len(checks) == 14


def test_what_was_handed_in_comes_last() -> None:
    """The caller knows the bytes."""
    known = checksum("train.csv", "ab", "ab")

    assert examine({"table": _table(5)}, Wanted(), None, [known])[-1] == known


def test_checksums_are_compared() -> None:
    """Equal, other, and the first time."""
    assert checksum("f", "ab", "ab").verdict == "passed"
    assert checksum("f", "ab", "cd").verdict == "failed"
    assert checksum("f", "ab", None).verdict == "note"


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "passed"), (1.28, "note"), (2.0, "failed")])
def test_drift_is_noted_then_fails(factor: float, verdict: str) -> None:
    """The same bills, bills up by a quarter, bills doubled."""
    frame = _table()
    now = frame.with_columns(bill=pl.col("bill") * factor)
    check = _by_name(examine(_splits(now), WANTED, profile(frame)))["Values are spread as in the last run"]

    assert check.verdict == verdict
    assert (check.rows == ()) is (factor == 1)
    assert factor == 1 or check.found.startswith("largest PSI: bill ")


def test_small_tables_do_not_drift_by_chance() -> None:
    """Two draws of 30 rows are far apart in PSI, and no further than chance."""
    frame = _table(60)
    check = examine({"table": frame.tail(30)}, Wanted(), profile(frame.head(30)))[-1]

    assert check.passed
    assert float(check.found.split()[-1]) > 0.1


def test_columns_that_come_and_go_are_a_note_and_another_type_fails() -> None:
    """Derived columns come with new code; a number that is a text now is a fault."""
    frame = _table(50)
    gone = examine({"table": frame.drop("plan").with_columns(new=1)}, Wanted(), profile(frame))
    turned = examine({"table": frame.with_columns(pl.col("bill").cast(pl.String))}, Wanted(), profile(frame))
    name = "Same columns as in the last run"

    assert _by_name(gone)[name].found == "new came, plan went"
    assert _by_name(gone)[name].verdict == "note"
    assert _by_name(turned)[name].found == "bill holds another type"
    assert _by_name(turned)[name].failed


def test_nothing_is_passed_over_in_silence() -> None:
    """A column that checks need is absent, or holds something else: that is a failed check by itself."""
    frame = pl.DataFrame({"prompt": [1, 2], "y": ["a", "b"], "response": [None, None]})
    wanted = Wanted(id_column="id", prompt="prompt", texts=("prompt", "response"), label="y")
    check = examine({"table": frame}, wanted)[0]

    assert check.failed
    assert check.found.split("; ") == [
        "id is absent",
        "prompt holds Int64, not texts",
        "response holds Null, not texts",
        "y holds String, not 0 and 1",
    ]


def test_splits_of_other_columns_fail() -> None:
    """The one that differs from the first is named."""
    check = examine({"train": _table(5), "test": _table(5).drop("bill")}, Wanted())[0]

    assert (check.failed, check.found) == (True, "test differs from train")


def test_a_name_that_the_checks_use_is_refused() -> None:
    """And so is nothing at all."""
    with pytest.raises(InputError, match=r"table has a column '\(split\)' or '\(row\)': rename it"):
        examine({"table": pl.DataFrame({"(row)": [1]})}, Wanted())
    with pytest.raises(InputError, match=r"there is no split to check"):
        examine({}, Wanted())


@pytest.mark.parametrize("sizes", [(0, 0, 0), (1, 0, 0), (1, 1, 1)])
def test_tiny_sets_are_checked_without_stumbling(sizes: tuple[int, int, int]) -> None:
    """Empty splits, one row, an all-null column: verdicts, no faults of our own."""
    frame = _table(3).with_columns(void=None)
    splits = {name: frame[i : i + n] for i, (name, n) in enumerate(zip(SHARES, sizes, strict=True))}
    checks = examine(splits, WANTED, profile(frame))

    assert any(check.failed for check in checks)
    assert all(check.found for check in checks)


def test_same_input_same_verdicts() -> None:
    """Nothing depends on the order in which threads finish."""
    frame = _table().with_columns(id=pl.col("id").str.head(3))

    assert examine(_splits(frame), WANTED, profile(frame)) == examine(_splits(frame), WANTED, profile(frame))


def _real(*path: str) -> Path:
    file = Path(os.environ.get("CHURN_SAVER_TEST_DATA") or "absent").joinpath(*path)
    if not file.is_file():
        pytest.skip(f"set CHURN_SAVER_TEST_DATA to a folder with {'/'.join(path)}")
    return file


def _cut(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return parts(frame, split_of(frame["customer_id"].to_list(), 42, SHARES))


def test_the_real_telco_table_is_good() -> None:
    """7,032 customers, 26.6 % of them gone; 22 repeat another but for the id, and nothing else is odd."""
    frame = read_telco(_real("ibm_telco", "Telco-Customer-Churn.csv").read_bytes(), "telco").checked.frame
    wanted = Wanted(rows=7_032, shares=SHARES, id_column="customer_id", unique_ids=True, label="churned",
                    label_share=(0.22, 0.32))  # fmt: skip
    odd = [check for check in examine(_cut(frame), wanted, profile(frame)) if not check.passed]

    assert [(check.name, check.found, check.verdict) for check in odd] == [
        ("No row repeats another but for the id", "22 rows", "note")
    ]


def test_the_real_bank_table_is_good() -> None:
    """41,188 contacts; pdays is missing where there was no earlier contact: 39,673 rows, 96.3 %."""
    frame = read_bank(_real("uci_bank", "bank-additional.zip").read_bytes(), "bank")
    wanted = Wanted(rows=41_188, shares=SHARES, id_column="customer_id", unique_ids=True,
                    label="accepted_base", label_share=(0.09, 0.14), missing={"pdays": 0.98})  # fmt: skip
    checks = _by_name(examine(_cut(frame), wanted, profile(frame)))

    assert [name for name, check in checks.items() if check.failed] == []
    assert checks["Values are missing only where they may"].found == "pdays 96.3\N{NO-BREAK SPACE}%"
    assert checks["No row repeats another but for the id"].found == "1,784 rows"


def test_real_preferences_are_good_and_their_faults_are_found() -> None:
    """HH-RLHF test splits: as they come two pairs are equal; without them nothing fails."""
    rows = []
    for part in ("harmless", "helpful"):
        file = _real("hh_rlhf", f"{part}-base.test.jsonl.gz")
        for number, line in enumerate(gzip.decompress(file.read_bytes()).splitlines()):
            pair = {key: text.rpartition("\n\nAssistant:") for key, text in json.loads(line).items()}
            rows.append((f"{part}-{number}", pair["chosen"][0], pair["chosen"][2], pair["rejected"][2]))
    frame = pl.DataFrame(rows, ["conversation_id", "prompt", "chosen", "rejected"], orient="row").filter(
        pl.all_horizontal(pl.col("prompt", "chosen", "rejected").str.strip_chars() != "")
    )
    root = frame["prompt"].str.split("\n\nAssistant:").list.first()
    keys = webs(frame["conversation_id"], root, frame["prompt"])
    splits = parts(frame, split_of(keys, 42, SHARES))
    texts = ("prompt", "chosen", "rejected")
    wanted = Wanted(
        shares=SHARES,
        id_column="conversation_id",
        prompt="prompt",
        texts=texts,
        longest_text=8_000,
        repeated=0.001,
        preference=("chosen", "rejected"),
        better_longer=(0.4, 0.6),
    )
    failed = [check for check in examine(splits, wanted) if check.failed]

    assert [(check.name, check.found) for check in failed] == [
        ("chosen and rejected are different texts", "2 equal")
    ]
