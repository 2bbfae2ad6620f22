"""How far a table has moved."""

from math import log

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.data.quality.drift import drift, moved
from churn_saver.data.quality.profile import profile
from churn_saver.errors import InputError

COUNTS = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=12).filter(
    lambda pairs: sum(a for a, _ in pairs) > 0 and sum(b for _, b in pairs) > 0
)


def test_psi_by_hand() -> None:
    """Counts (9, 9) and (4, 14) have shares (9.5, 9.5)/19 and (4.5, 14.5)/19, half a row added to each.

    PSI = (4.5 − 9.5)/19 · ln(4.5/9.5) + (14.5 − 9.5)/19 · ln(14.5/9.5) = 5/19 · ln(14.5/4.5).
    """
    found = moved((9, 9), (4, 14))

    assert found.psi == pytest.approx(5 / 19 * log(14.5 / 4.5), rel=1e-12)


def test_chance_by_hand() -> None:
    """Two bins have one degree of freedom: its 99.9 % quantile is 10.828, times 1/18 + 1/18."""
    found = moved((9, 9), (4, 14))

    assert found.chance == pytest.approx(10.828 * 2 / 18, rel=1e-4)
    assert found.is_chance


def test_bins_empty_on_both_sides_weigh_nothing() -> None:
    """They change neither figure."""
    assert moved((9, 0, 9, 0), (4, 0, 14, 0)) == moved((9, 9), (4, 14))


def test_one_bin_cannot_move() -> None:
    """All rows in one bin, before and now."""
    assert (moved((9, 0), (4, 0)).psi, moved((9,), (4,)).chance) == (0, 0)


@given(COUNTS)
def test_laws(pairs: list[tuple[int, int]]) -> None:
    """Never below 0; the same both ways; 0 against itself; bins may stand in any order."""
    old, new = [a for a, _ in pairs], [b for _, b in pairs]
    there, back, turned = moved(old, new), moved(new, old), moved(old[::-1], new[::-1])

    assert there.psi >= 0
    assert there.psi == pytest.approx(back.psi, abs=1e-9)
    assert there.psi == pytest.approx(turned.psi, abs=1e-9)
    assert moved(old, old).psi == pytest.approx(0, abs=1e-12)


def test_chance_is_passed_about_once_in_a_thousand() -> None:
    """2,000 pairs of samples of one population of ten bins: 2 expected, fewer than 10 surely."""
    rng = np.random.default_rng(3)
    draws = rng.multinomial(1_000, np.full(10, 0.1), size=(2_000, 2))
    passed = sum(not moved(old.tolist(), new.tolist()).is_chance for old, new in draws)

    assert passed < 10


@pytest.mark.parametrize(("old", "new"), [((1, 2), (1,)), ((0, 0), (1, 2)), ((1, 2), (0, 0))])
def test_what_cannot_be_compared_is_refused(old: tuple[int, ...], new: tuple[int, ...]) -> None:
    """Other bins, or no rows."""
    with pytest.raises(InputError, match=r"wanted the same bins, no count below 0, and rows on both sides"):
        moved(old, new)


def test_columns_are_compared_in_their_old_bins() -> None:
    """An unchanged column stays at 0, a doubled one moves far, ids are not compared."""
    rng = np.random.default_rng(1)
    old = pl.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(2_000)],
            "bill": rng.gamma(3, 20, 2_000),
            "plan": rng.choice(["a", "b"], 2_000),
        }
    )
    found = drift(profile(old), old.with_columns(bill=pl.col("bill") * 2, customer_id=pl.lit("x")))

    assert set(found.moves) == {"bill", "plan"}
    assert found.moves["plan"].psi == pytest.approx(0, abs=1e-12)
    assert found.moves["bill"].psi > 0.25
    assert not found.moves["bill"].is_chance


def test_missing_values_are_a_bin() -> None:
    """The same values, but half of them gone now."""
    old = pl.DataFrame({"x": [float(i) for i in range(200)]})
    new = old.with_columns(x=pl.when(pl.int_range(200) % 2 == 0).then("x"))

    assert drift(profile(old), new).moves["x"].psi > 1


def test_columns_that_come_go_and_change_are_named() -> None:
    """A number that became words is no move, it is another column."""
    old = profile(
        pl.DataFrame({"a": [1.0], "b": ["x"], "c": [1.0], "f": ["w"]}, schema_overrides={"c": pl.Float64})
    )
    new = pl.DataFrame({"a": [1.0], "c": ["one"], "d": [1], "f": [2]})
    found = drift(old, new)

    assert (found.came, found.went, found.changed) == (("d",), ("b",), ("c", "f"))
    assert set(found.moves) == {"a"}


def test_a_column_without_values_moved() -> None:
    """All null now: its type tells nothing, its missing values all."""
    found = drift(profile(pl.DataFrame({"x": [1.0] * 50})), pl.DataFrame({"x": [None] * 50}))

    assert found.changed == ()
    assert found.moves["x"].psi > 1


@pytest.mark.parametrize(("before", "now"), [(0, 3), (3, 0), (0, 0)])
def test_without_rows_nothing_moves(before: int, now: int) -> None:
    """An empty table on either side."""
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0]})

    assert drift(profile(frame.head(before)), frame.head(now)).moves == {}
