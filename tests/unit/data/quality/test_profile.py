"""What a table looks like, column by column."""

import json
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.quality.profile import LEAST_ROWS, MOST_WORDS, Profile, binned, kind_of, profile
from churn_saver.errors import InputError


def test_numbers_are_counted_between_their_deciles() -> None:
    """1..20: every second value is a decile, so each of ten bins holds two; median 10.5, mean 10.5."""
    column = profile(pl.DataFrame({"x": list(range(20, 0, -1))})).columns[0]

    assert column.kind == "number"
    assert column.edges == (2, 4, 6, 8, 10, 12, 14, 16, 18)
    assert column.counts == (2,) * 10
    assert (column.least, column.median, column.mean, column.largest) == (1, 10.5, 10.5, 20)
    assert (column.missing, column.distinct, column.filled) == (0, 20, 20)


def test_equal_deciles_make_one_bin() -> None:
    """A flag with 3 ones in 10: deciles 0 up to the seventh, then 1, the largest, which ends no bin."""
    column = profile(pl.DataFrame({"churned": [0] * 7 + [1] * 3})).columns[0]

    assert (column.edges, column.counts) == ((0.0,), (7, 3))


def test_one_value_is_one_bin() -> None:
    """Where all are equal there is nothing to tell apart."""
    column = profile(pl.DataFrame({"x": [5.0, 5.0, 5.0]})).columns[0]

    assert (column.edges, column.counts, column.distinct) == ((), (3,), 1)


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=120))
def test_deciles_by_their_definition(values: list[float]) -> None:
    """The k-th is the least value that at least k tenths of the rows do not pass; brute force."""
    column = profile(pl.DataFrame({"x": values}, schema={"x": pl.Float64})).columns[0]
    n = len(values)
    deciles = {
        min(v for v in values if 10 * sum(other <= v for other in values) >= k * n) for k in range(1, 10)
    }

    assert column.edges == tuple(sorted(deciles - {max(values)}))
    assert column.filled == n
    assert column.mean == pytest.approx(np.mean(values), rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("n", [7, 101, 1_003])
def test_deciles_are_numpys(n: int) -> None:
    """Independent ruler: numpy's inverted empirical distribution; sizes whose tenths are no whole rows."""
    values = np.random.default_rng(n).normal(50, 20, n).round(4)
    column = profile(pl.DataFrame({"x": values})).columns[0]

    assert (
        column.edges
        == tuple(np.unique(np.quantile(values, np.arange(1, 10) / 10, method="inverted_cdf")))[
            : len(column.edges)
        ]
    )
    assert len(column.edges) >= min(n - 1, 9)
    assert column.median == pytest.approx(np.median(values), rel=1e-8)


def test_what_is_no_number_is_missing() -> None:
    """Null, NaN and infinities are counted as missing and stay out of every figure."""
    column = profile(pl.DataFrame({"x": [1.0, None, math.nan, math.inf, -math.inf, 3.0]})).columns[0]

    assert (column.missing, column.filled, column.distinct) == (4, 2, 2)
    assert (column.least, column.mean, column.largest) == (1, 2, 3)


def test_words_are_counted_the_most_frequent_first() -> None:
    """Seven a, six b in order; c is held by fewer than five rows and is not named."""
    words = ["b"] * 6 + ["a"] * 7 + ["c"] * (LEAST_ROWS - 1) + [None]
    column = profile(pl.DataFrame({"plan": words})).columns[0]

    assert column.kind == "words"
    assert (column.words, column.counts) == (("a", "b"), (7, 6, 4))
    assert (column.missing, column.distinct) == (1, 3)


def test_no_more_words_than_promised_are_named() -> None:
    """30 words of 5 rows: the first 20 by name, the other 50 rows together."""
    column = profile(pl.DataFrame({"plan": [f"w{i:02}" for i in range(30)] * 5})).columns[0]

    assert len(column.words) == MOST_WORDS
    assert column.words[0] == "w00"
    assert column.counts[-1] == 50


def test_texts_are_measured_not_shown() -> None:
    """Lengths in characters, not bytes; a null is missing."""
    frame = pl.DataFrame({"prompt": ["ä" * 3, "four", None]})
    column = profile(frame).columns[0]

    assert column.kind == "text"
    assert (column.least, column.median, column.largest, column.missing) == (3, 3.5, 4, 1)
    assert "four" not in json.dumps(profile(frame).to_dict())


@pytest.mark.parametrize(
    ("values", "name", "kind"),
    [
        (["C1", "C1"], "customer_id", "id"),
        ([1, 2], "conversation_id", "id"),
        (["Ann"] * 9, "name", "text"),
        (["hi"] * 9, "root", "text"),
        ([1, 1], "name", "other"),
        ([1, 2], "age", "number"),
        ([True, False], "opted", "words"),
        (["yes", "no"], "partner", "words"),
        ([f"w{i}" for i in range(51)], "city", "text"),
        (["x" * 41] * 9, "remark", "text"),
        ([None, None], "gone", "other"),
        ([[1], [2]], "list", "other"),
    ],
)
def test_kind_shows_least_when_in_doubt(values: list[object], name: str, kind: str) -> None:
    """Ids by name, texts by name, number of words or length."""
    assert kind_of(pl.Series(name, values)) == kind


def test_personal_data_never_gets_in() -> None:
    """Names, ids and prompts of a table that repeats them often are not found in its profile."""
    rows = 40
    frame = pl.DataFrame(
        {
            "customer_id": ["ID-SECRET"] * rows,
            "name": ["Ann Secret"] * rows,
            "prompt": ["My secret"] * rows,
            "few": ["Rare secret"] + ["usual"] * (rows - 1),
        }
    )

    assert "secret" not in json.dumps(profile(frame).to_dict()).lower()


def test_kinds_can_be_told() -> None:
    """What a caller knows goes before name and type."""
    frame = pl.DataFrame({"ward": ["a"] * 9})

    assert profile(frame, {"ward": "id"}).columns[0].words == ()


def test_lists_cannot_be_told_apart() -> None:
    """A nested column is missing or not, no more."""
    column = profile(pl.DataFrame({"tags": [[1], None]})).columns[0]

    assert (column.kind, column.missing, column.distinct, column.counts) == ("other", 1, None, ())


@pytest.mark.parametrize("rows", [0, 1])
def test_small_tables_have_profiles(rows: int) -> None:
    """No row, one row: no fault, and nothing invented."""
    schema = {"n": pl.Float64, "w": pl.String, "prompt": pl.String, "customer_id": pl.String, "void": pl.Null}
    frame = pl.DataFrame({"n": [1.5], "w": ["a"], "prompt": ["hi"], "customer_id": ["C"], "void": [None]},
                         schema=schema).head(rows)  # fmt: skip
    found = profile(frame)

    assert found.rows == rows
    assert [column.filled for column in found.columns] == [rows, rows, rows, 0, 0]
    assert Profile.from_dict(found.to_dict()) == found


def test_it_survives_json() -> None:
    """Sorted keys, as manifests have them, and back: nothing is lost, not the order of columns either."""
    frame = pl.DataFrame({"z": [1.25, None, 3.0], "a": ["x"] * 3, "prompt": ["p", "pp", None]})
    found = profile(frame)
    read = Profile.from_dict(json.loads(json.dumps(found.to_dict(), sort_keys=True, allow_nan=False)))

    assert read == found
    assert [column.name for column in read.columns] == ["z", "a", "prompt"]


@pytest.mark.parametrize(
    "change",
    [
        {"rows": "3"},
        {"columns": {}},
        {"columns": [{"name": "x"}]},
        {"columns": [dict.fromkeys(("name", "kind"), "number")]},
    ],
)
def test_another_version_is_refused(change: dict[str, object]) -> None:
    """A profile that this code did not write is named, with what to do."""
    plain = profile(pl.DataFrame({"x": [1, 2]})).to_dict() | change

    with pytest.raises(InputError, match=r"profile of the last run cannot be read .*make data\.all"):
        Profile.from_dict(plain)


def test_counts_that_do_not_fit_are_refused() -> None:
    """Two edges make three counts."""
    plain = json.loads(json.dumps(profile(pl.DataFrame({"x": [1, 2]})).to_dict()))
    plain["columns"][0]["counts"] = [1]

    with pytest.raises(InputError, match=r"has 1 counts"):
        Profile.from_dict(plain)


def test_another_column_falls_into_the_same_bins() -> None:
    """Edges 2, 4, … of 1..20: 0 and 2 in the first bin, 3 in the second, 99 in the last, one missing."""
    like = profile(pl.DataFrame({"x": list(range(1, 21))})).columns[0]

    assert binned(pl.Series([0.0, 2.0, 3.0, 99.0, None]), like) == ((2, 1, 0, 0, 0, 0, 0, 0, 0, 1), 1)


def test_new_words_count_among_the_others() -> None:
    """Words that the old table did not name are not named now."""
    like = profile(pl.DataFrame({"x": ["a"] * 5 + ["b"] * 5})).columns[0]

    assert binned(pl.Series(["b", "c", "c", None]), like) == ((0, 1, 2), 1)


def test_a_column_of_another_type_is_named() -> None:
    """Words where numbers were, numbers where texts were, lists where words were."""
    number, text, words = profile(pl.DataFrame({"x": [1.0] * 5, "prompt": ["p"] * 5, "w": ["a"] * 5})).columns

    with pytest.raises(InputError, match=r"column 'x' holds String, wanted numbers"):
        binned(pl.Series("x", ["a"]), number)
    with pytest.raises(InputError, match=r"column 'prompt' holds Int64, wanted texts"):
        binned(pl.Series("prompt", [1]), text)
    with pytest.raises(InputError, match=r"column 'w' holds List\(Int64\), wanted words"):
        binned(pl.Series("w", [[1]]), words)


def test_ids_are_not_binned() -> None:
    """Nothing but what is missing."""
    like = profile(pl.DataFrame({"customer_id": ["a", None]})).columns[0]

    assert binned(pl.Series(["b", None, None]), like) == ((), 2)


@given(st.permutations(range(60)))
def test_order_of_rows_says_nothing(order: list[int]) -> None:
    """Reordered, a table has the same profile, to the last digit."""
    frame = pl.DataFrame({"x": [math.sin(i) * 1e5 for i in range(60)], "w": [f"w{i % 7}" for i in range(60)]})

    assert profile(frame[order]) == profile(frame)
