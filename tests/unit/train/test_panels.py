"""Small panels that spend what the table does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.errors import InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.optimum import best_plans
from churn_saver.policy.population import Population
from churn_saver.train.panels import BALANCED_AT, Panels, balanced, require_room
from tests.tiny_tables import ENV, quick, table

Floats = NDArray[np.float64]


def rows(people: Population | Dynamics) -> set[tuple[float, ...]]:
    """Give customers as tuples, to look for."""
    return {tuple(row) for row in np.column_stack([people.accept, people.bill_minor]).tolist()}


def spends(dynamics: Dynamics) -> list[float]:
    """Give what the exact policy spends at each price, mean over customers, minor units."""
    return [float(best_plans(dynamics, price).spend.mean()) for price in BALANCED_AT]


def test_the_panel_that_calibrates_is_of_the_half_that_teaches_and_the_other_of_the_other() -> None:
    """Of the sizes asked for, nobody twice."""
    whole = table(60)

    panels = Panels.of(whole, ENV, quick(panels={"certificate": 5, "held_out": 8}))

    assert (len(panels.certificate), len(panels.held_out)) == (5, 8)
    assert len(rows(panels.certificate)) == 5
    assert len(rows(panels.held_out)) == 8
    assert rows(panels.certificate) <= rows(whole.learning)
    assert rows(panels.held_out) <= rows(whole.held_out)


@pytest.mark.parametrize("seed", [0, 1])
def test_panels_spend_what_the_table_does_at_every_price(seed: int) -> None:
    """100 of 400 customers within one in a hundred of the whole; drawn at random they stray by a tenth."""
    whole = table(800, 5)
    halves = [spends(Dynamics.of(half, ENV)) for half in (whole.learning, whole.held_out)]
    wanted = np.mean(halves, axis=0)

    panels = Panels.of(whole, ENV, quick(panels={"certificate": 100, "held_out": 100}), seed)

    for panel in (panels.certificate, panels.held_out):
        assert spends(panel) == pytest.approx(wanted.tolist(), rel=0.01)


def test_another_seed_is_other_customers_and_the_same_seed_the_same() -> None:
    """So that seeds of the ladder are judged by different people."""
    whole, sizes = table(80), quick(panels={"certificate": 6, "held_out": 6})

    first, again, other = (Panels.of(whole, ENV, sizes, seed) for seed in (1, 1, 2))

    assert rows(first.certificate) == rows(again.certificate)
    assert rows(first.certificate) != rows(other.certificate)
    assert rows(first.held_out) != rows(other.held_out)


def test_a_panel_of_half_the_table_or_more_takes_who_is_there() -> None:
    """With one customer a stretch there is no choice."""
    whole = table(20)

    panels = Panels.of(whole, ENV, quick(panels={"certificate": 10, "held_out": 6}))

    assert rows(panels.certificate) == rows(whole.learning)
    assert len(panels.held_out) == 6


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"certificate": 11, "held_out": 2}, r"panels\.certificate of ppo\.yaml is 11, and half .* 10 cust"),
        ({"certificate": 2, "held_out": 256}, r"panels\.held_out of ppo\.yaml is 256, .*smaller panels"),
    ],
)
def test_a_table_too_small_for_its_panels_is_refused(sizes: dict[str, int], message: str) -> None:
    """With the setting, its value, what there is, and what to do; also before any panel is asked for."""
    with pytest.raises(InputError, match=message):
        Panels.of(table(20), ENV, quick(panels=sizes))
    with pytest.raises(InputError, match=message):
        require_room(table(20), quick(panels=sizes))


def test_a_table_with_just_enough_has_room() -> None:
    """Ten of ten: every customer of each half is on its panel."""
    ten_of_ten = quick(panels={"certificate": 10, "held_out": 10})
    require_room(table(20), ten_of_ten)

    panels = Panels.of(table(20), ENV, ten_of_ten)

    assert (len(panels.certificate.bill_minor), len(panels.held_out.bill_minor)) == (10, 10)


def test_picks_by_hand() -> None:
    """Stretches of 1 or 3 and of 2 or 4, wanted 3.5 on average: 3 and 4 alone, wherever it begins."""
    candidates = np.array([[[1.0], [3.0]], [[2.0], [4.0]]])

    for seed in range(8):
        picks = balanced(candidates, np.array([3.5]), np.random.default_rng(seed))

        assert picks.tolist() == [1, 3]


def test_a_price_at_which_nobody_spends_does_not_count() -> None:
    """Nothing to be near to: the other price decides."""
    candidates = np.array([[[1.0, 0.0], [3.0, 0.0]], [[2.0, 0.0], [4.0, 0.0]]])

    picks = balanced(candidates, np.array([1.5, 0.0]), np.random.default_rng(0))

    assert picks.tolist() == [0, 2]


@settings(max_examples=20)
@given(st.integers(2, 40), st.integers(1, 4), st.integers(0, 10_000))
def test_one_of_each_stretch_is_picked_and_no_worse_than_at_the_beginning(n: int, k: int, seed: int) -> None:
    """Whatever they spend; the largest deviation never grows."""
    rng = np.random.default_rng(seed)
    candidates = rng.uniform(0, 10, (n, k, 3))
    wanted: Floats = candidates.mean(axis=(0, 1))

    picks = balanced(candidates, wanted, np.random.default_rng(seed))

    begun = np.arange(n), np.random.default_rng(seed).integers(0, k, size=(n,))
    flat = candidates.reshape(n * k, 3)
    assert (picks // k).tolist() == list(range(n))
    apart, before = (
        np.abs(found.mean(axis=0) / wanted - 1).max() for found in (flat[picks], candidates[begun])
    )
    assert apart <= before + 1e-12
