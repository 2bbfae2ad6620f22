"""Pictures of how a policy learned."""

from xml.etree import ElementTree

import numpy as np
import pytest

from churn_saver.adapters.curve_drawing import MOST_POINTS
from churn_saver.adapters.plain_numbers import Floats
from churn_saver.adapters.policy_page import CURVES
from churn_saver.adapters.policy_pictures import training_pictures
from tests.policy_reports import point

SVG = "{http://www.w3.org/2000/svg}"
NONE = np.empty(0), np.empty(0)


def _curves(n: int = 4) -> dict[str, Floats]:
    found = [point(iteration) for iteration in range(1, n + 1)]
    return {name: np.array([float(one[name]) for one in found]) for name in CURVES}


def _only(name: str, values: list[float]) -> dict[str, Floats]:
    """Give curves of which one was measured."""
    nothing = np.full(len(values), np.nan)
    return dict.fromkeys(CURVES, nothing) | {
        "iteration": 1.0 + np.arange(len(values)),
        name: np.array(values),
    }


def _titles(pictures: list[tuple[str, str]]) -> list[str]:
    return [ElementTree.fromstring(svg).findtext(SVG + "title") or "" for svg, _ in pictures]


def test_each_title_says_where_its_curve_ends() -> None:
    """Reward 10 + i, spend 9 − i/4, entropy .7/i and value loss 1/i over four iterations."""
    regrets = np.array([2.0, 4.0]), np.array([9.0, 3.5])

    assert _titles(training_pictures(_curves(), regrets, 8.0, False)) == [
        "Reward: from 11 to 14 per customer",
        "Spend ends at 8.00 of 8.00 per customer",
        "Price of budget λ ends at 2",
        "Entropy: from 0.7 to 0.175",
        "KL of an update: 0.004 at the end, 0.004 at most",
        "Clipped: 8.0\N{NO-BREAK SPACE}% at the end, 8.0\N{NO-BREAK SPACE}% at most",
        "Value loss: from 1 to 0.25",
        "Regret: 3.5 % of the attainable gain at the end",
    ]


def test_a_price_that_is_an_input_has_no_curve() -> None:
    """And the spend over all prices is held to no budget."""
    pictures = training_pictures(_only("price", [0.0, 0.0]), NONE, 8.0, True)
    ((svg, caption),) = training_pictures(_only("spend", [7.0, 6.0]), NONE, 8.0, True)

    assert pictures == []
    assert _titles([(svg, caption)]) == ["Spend ends at 6.00 over all prices"]
    assert "found after training" in caption


def test_the_budget_stands_in_the_picture_of_the_spend() -> None:
    """As a line with its name."""
    svg = training_pictures(_only("spend", [7.0, 6.0]), NONE, 8.25, False)[0][0]

    assert [node.text for node in ElementTree.fromstring(svg).iter(SVG + "text")].count("8.25") == 1


def test_what_was_not_measured_is_not_drawn() -> None:
    """First iterations without an ended episode are a gap, a curve without a point is left out."""
    nan = float("nan")
    pictures = training_pictures(_only("reward", [nan, nan, 12.0, 14.0]), NONE, 8.0, False)

    assert _titles(pictures) == ["Reward: from 12 to 14 per customer"]


def test_a_training_without_an_iteration_has_no_pictures() -> None:
    """A resumed one that had nothing left to do."""
    assert training_pictures(_curves(0), NONE, 8.0, False) == []


@pytest.mark.parametrize("cap", [0.0, 3.5])
def test_the_price_of_the_cap_is_drawn_where_it_has_one(cap: float) -> None:
    """Beside the price of the budget, with a legend."""
    curves = _only("price", [2.0, 3.0]) | {"cap_price": np.array([cap, cap])}
    svg = training_pictures(curves, NONE, 8.0, False)[0][0]

    assert ("of the cap" in svg) == (cap > 0.0)


def test_a_value_loss_over_decades_has_a_logarithmic_axis_in_plain_figures() -> None:
    """1 to 0.001, marked 1, 0.1, 0.01: no powers."""
    svg = training_pictures(_only("value_loss", [1.0, 0.1, 0.01, 0.001]), NONE, 8.0, False)[0][0]
    texts = {node.text for node in ElementTree.fromstring(svg).iter(SVG + "text")}

    assert {"0.1", "0.01"} <= texts
    assert "mathdefault" not in svg


def test_a_long_training_makes_small_pictures() -> None:
    """20,000 iterations, thinned out with both ends kept."""
    n = 20_000
    values = [float(value) for value in np.random.default_rng(1).normal(0.0, 1.0, n)]
    values[0], values[-1] = 11.0, 14.0
    pictures = training_pictures(_only("reward", values), NONE, 8.0, False)

    assert _titles(pictures) == ["Reward: from 11 to 14 per customer"]
    assert len(pictures[0][0]) < 40 * MOST_POINTS + 20_000
