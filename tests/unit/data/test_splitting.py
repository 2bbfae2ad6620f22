"""Splits that nothing leaks through."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.splitting import SPLITS, folded, parts, split_of, webs
from churn_saver.domain.draws import chance
from churn_saver.tabular.cross_fit import HELD_OUT, folds

SHARES = {"train": 0.8, "valid": 0.1, "test": 0.1}
LETTERS = st.sampled_from("abcdefgh")


def test_a_key_goes_by_its_draw() -> None:
    """Below .1 test, below .2 valid, else train, read off the draw itself."""
    keys = [f"C{i}" for i in range(300)]
    split = split_of(keys, 42, SHARES)

    for key, found in zip(keys, split.tolist(), strict=True):
        draw = chance(key, b"42")
        assert SPLITS[found] == ("test" if draw < 0.1 else "valid" if draw < 0.2 else "train")


def test_the_test_split_is_the_hold_out_of_training() -> None:
    """Same seed and share: who is tested on is who no fit ever saw."""
    ids = [f"C{i:05d}" for i in range(2_000)]

    test = split_of(ids, 42, SHARES) == SPLITS.index("test")

    assert np.array_equal(test, folds(ids, 5, 0.1, 42) == HELD_OUT)


def test_the_shares_are_kept_up_to_chance() -> None:
    """Of 20,000 keys, 16,000, 2,000 and 2,000, give or take five standard deviations."""
    counts = np.bincount(split_of([str(i) for i in range(20_000)], 42, SHARES))

    assert abs(counts[0] - 16_000) < 5 * np.sqrt(20_000 * 0.8 * 0.2)
    assert abs(counts[1:] - 2_000).max() < 5 * np.sqrt(20_000 * 0.1 * 0.9)


@given(st.lists(st.text(), min_size=1, max_size=30, unique=True), st.randoms())
def test_a_key_stays_where_it_is(keys: list[str], random: object) -> None:
    """Whatever else is in the table, and in whatever order."""
    whole = dict(zip(keys, split_of(keys, 7, SHARES).tolist(), strict=True))
    fewer = keys[::2][::-1]

    assert [whole[key] for key in fewer] == split_of(fewer, 7, SHARES).tolist()


def test_another_seed_gives_other_splits() -> None:
    """The seed is the key of the hash."""
    keys = [str(i) for i in range(500)]

    assert not np.array_equal(split_of(keys, 1, SHARES), split_of(keys, 2, SHARES))


@pytest.mark.parametrize(
    ("ids", "roots", "expected"),
    [
        (["1", "2"], ["b", "a"], ["b", "a"]),
        (["1", "1"], ["b", "a"], ["a", "a"]),
        (["1", "2"], ["Hi  there", "hi there "], ["hi there", "hi there"]),
        # 1-b, 1-c, 2-c, 2-a: all four through c and the two ids.
        (["1", "1", "2", "2", "3"], ["b", "c", "c", "a", "d"], ["a", "a", "a", "a", "d"]),
        ([], [], []),
    ],
)
def test_a_web_has_one_key(ids: list[str], roots: list[str], expected: list[str]) -> None:
    """Worked by hand: joined by an id, by a text, through others, or not at all."""
    texts = pl.Series(roots, dtype=pl.String)

    assert webs(pl.Series(ids, dtype=pl.String), texts, texts) == expected


@given(st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=40))
def test_webs_are_what_a_slow_search_finds(pairs: list[tuple[str, str]]) -> None:
    """Against a flood fill over rows: two rows have one key if and only if a path joins them."""
    ids, roots = zip(*pairs, strict=True)
    keys = webs(pl.Series(ids), pl.Series(roots), pl.Series(roots))
    for start in range(len(pairs)):
        reached, open_rows = {start}, [start]
        while open_rows:
            row = open_rows.pop()
            for other in range(len(pairs)):
                if other not in reached and (ids[other] == ids[row] or roots[other] == roots[row]):
                    reached.add(other)
                    open_rows.append(other)

        assert {row for row in range(len(pairs)) if keys[row] == keys[start]} == reached


def test_texts_are_compared_without_case_and_spaces() -> None:
    """Runs of white space of any kind count as one blank, and none at the ends."""
    texts = pl.DataFrame({"text": [" Hello\n\tWorld ", "ÄRGER", ""]})

    assert texts.select(folded(pl.col("text")))["text"].to_list() == ["hello world", "ärger", ""]


def test_a_prompt_joins_as_an_opening_does() -> None:
    """Two openings, one prompt: the rows belong together, under the lesser opening."""
    ids, roots = pl.Series(["1", "2", "3"]), pl.Series(["b", "a", "c"])

    assert webs(ids, roots, pl.Series(["Same  thing", "same thing", "c"])) == ["a", "a", "c"]


def test_parts_keep_every_row_in_order() -> None:
    """Three frames, together the whole."""
    frame = pl.DataFrame({"x": [1, 2, 3, 4]})

    cut = parts(frame, np.array([0, 2, 0, 1]))

    assert {name: part["x"].to_list() for name, part in cut.items()} == {
        "train": [1, 3],
        "valid": [4],
        "test": [2],
    }
