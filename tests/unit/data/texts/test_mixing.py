"""Sources mixed by shares."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.texts.gathering import PREFERENCE_COLUMNS
from churn_saver.data.texts.mixing import mixed
from churn_saver.errors import InputError


def part(name: str, count: int) -> pl.DataFrame:
    """Write so many pairs."""
    rows = [(f"{name}{i // 2}", "root", f"{name} prompt {i}", "good", "bad") for i in range(count)]
    return pl.DataFrame(rows, dict.fromkeys(PREFERENCE_COLUMNS, pl.String), orient="row")


def counts(parts: dict[str, int], shares: dict[str, float], total: int) -> dict[str, int]:
    """Say how many pairs of each source are taken."""
    found = mixed({name: part(name, count) for name, count in parts.items()}, shares, total, 42)
    return {name: int((found["source"] == name).sum()) for name in parts}


@pytest.mark.parametrize(
    ("parts", "shares", "total", "expected"),
    [
        # Enough of both: the shares, in any unit.
        ({"a": 100, "b": 100}, {"a": 0.5, "b": 0.5}, 10, {"a": 5, "b": 5}),
        ({"a": 100, "b": 100}, {"a": 1, "b": 3}, 12, {"a": 3, "b": 9}),
        # (i + ½)/share: a 2, 6, 10 and b ⅔, 2, 3⅓, 4⅔: the four smallest are b a b b.
        ({"a": 100, "b": 100}, {"a": 0.25, "b": 0.75}, 4, {"a": 1, "b": 3}),
        # An odd one goes to the first of the alphabet.
        ({"a": 100, "b": 100}, {"a": 0.5, "b": 0.5}, 5, {"a": 3, "b": 2}),
        # b gives all it has, a and c fill up 2 : 1.
        ({"a": 100, "b": 2, "c": 100}, {"a": 2, "b": 2, "c": 1}, 20, {"a": 12, "b": 2, "c": 6}),
        # Not enough in all.
        ({"a": 3, "b": 4}, {"a": 0.9, "b": 0.1}, 100, {"a": 3, "b": 4}),
        # Without a share there is nothing, even when others run out.
        ({"a": 3, "b": 100}, {"a": 1, "b": 0}, 10, {"a": 3, "b": 0}),
        ({"a": 0, "b": 5}, {"a": 1, "b": 1}, 4, {"a": 0, "b": 4}),
        ({"a": 5, "b": 5}, {"a": 1, "b": 1}, 0, {"a": 0, "b": 0}),
    ],
)
def test_shares_by_hand(
    parts: dict[str, int], shares: dict[str, float], total: int, expected: dict[str, int]
) -> None:
    """Each source has its share as long as it has pairs."""
    assert counts(parts, shares, total) == expected


SIZES = st.lists(st.integers(0, 30), min_size=1, max_size=4)


@given(st.data(), SIZES, st.integers(0, 80), st.integers(0, 2**40))
def test_laws_of_mixing(data: st.DataObject, sizes: list[int], total: int, seed: int) -> None:
    """Exactly what there is up to the total, no pair twice, order of rows ignored, smaller is a beginning."""
    parts = {f"s{i}": part(f"s{i}", size) for i, size in enumerate(sizes)}
    shares = {name: data.draw(st.sampled_from([0.1, 0.3, 1.0, 7.0])) for name in parts}
    found = mixed(parts, shares, total, seed)
    backwards = {name: frame.reverse() for name, frame in reversed(parts.items())}
    less = data.draw(st.integers(0, total))

    assert found.height == min(total, sum(sizes))
    assert found.columns == ["source", *PREFERENCE_COLUMNS]
    assert found.select("prompt", "chosen", "rejected").is_duplicated().sum() == 0
    assert all(prompt.startswith(f"{name} ") for name, prompt in found.select("source", "prompt").iter_rows())
    assert mixed(backwards, shares, total, seed).equals(found)
    assert mixed(parts, shares, less, seed).equals(found.head(less))


@given(st.floats(0.05, 0.95), st.integers(0, 20))
def test_no_source_is_half_a_pair_from_its_share(share: float, total: int) -> None:
    """With two sources and enough of both; with more, Webster's method promises no such thing."""
    found = counts({"a": 20, "b": 20}, {"a": share, "b": 1 - share}, total)

    assert abs(found["a"] - share * total) <= 0.5 + 1e-9


def test_seed_decides_which_pairs() -> None:
    """Not how many of each source."""
    parts = {"a": part("a", 200), "b": part("b", 200)}
    one, other = (mixed(parts, {"a": 1, "b": 1}, 100, seed) for seed in (1, 2))

    assert set(one["prompt"]) != set(other["prompt"])
    assert one["source"].value_counts().sort("source").equals(other["source"].value_counts().sort("source"))


def test_pair_of_two_sources_is_taken_once() -> None:
    """The first of the alphabet has it; the other keeps what is its own."""
    common, own = part("x", 10), part("b", 3)

    found = mixed(
        {"b": pl.concat([common, own]), "a": common, "none": common}, {"a": 1, "b": 1, "none": 0}, 99, 42
    )
    assert found["source"].value_counts().sort("source").rows() == [("a", 10), ("b", 3)]
    assert found["prompt"].n_unique() == 13


@pytest.mark.parametrize(
    ("shares", "total", "wanted"),
    [
        ({"a": 1.0}, 10, r"the shares name \['a'\], wanted the sources \['a', 'b'\]"),
        ({"a": 1.0, "b": -0.1}, 10, r"the share of b is -0\.1, wanted 0 or more"),
        ({"a": 1.0, "b": float("nan")}, 10, r"the share of b is nan, wanted 0 or more"),
        ({"a": float("inf"), "b": 1.0}, 10, r"the share of a is inf, wanted 0 or more"),
        ({"a": 0.0, "b": 0.0}, 10, r"no source has a share above 0"),
        ({"a": 1.0, "b": 1.0}, -1, r"total is -1, wanted 0 pairs or more"),
    ],
)
def test_impossible_mixture_is_refused(shares: dict[str, float], total: int, wanted: str) -> None:
    """Before anything is read."""
    with pytest.raises(InputError, match=wanted):
        mixed({"a": part("a", 1), "b": part("b", 1)}, shares, total, 42)
