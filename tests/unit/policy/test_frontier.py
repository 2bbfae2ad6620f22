"""What budget buys."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.errors import ArtifactError, InputError
from churn_saver.policy.frontier import Frontier, frontier, price_at


def small() -> Frontier:
    """Two customers, 6 for 200 and 3 for 300: λ is 6/200 until 200 are there, then 3/300, then 0."""
    gain, weight = np.zeros((2, 5)), np.ones((2, 5), dtype=np.int64)
    gain[:, 1], weight[:, 1] = [6.0, 3.0], [200, 300]
    return frontier(gain, weight, np.ones((2, 5), dtype=np.bool_), [50.0, 100.0, 200.0, 250.0])


def test_points_by_hand() -> None:
    """Budgets of 100, 200, 400, 500 for both: half of A, A, A and two thirds of B, all."""
    known = small()

    assert known.price.tolist() == pytest.approx([0.03, 0.01, 0.01, 0.0])
    assert (2 * known.gain_per_customer).tolist() == pytest.approx([3.0, 6.0, 8.0, 9.0])


def test_price_is_read_between_and_clamped_beyond() -> None:
    """Half way from .03 to .01 is .02; the ends hold beyond them."""
    known = small()

    prices = [price_at(known, budget) for budget in (0.0, 50.0, 75.0, 100.0, 225.0, 9e9)]
    assert prices == pytest.approx([0.03, 0.03, 0.02, 0.01, 0.005, 0.0])


@given(st.floats(0, 400), st.floats(0, 400))
def test_more_budget_never_raises_the_price(one: float, other: float) -> None:
    """The price falls with the budget, between points too."""
    known = small()

    assert price_at(known, max(one, other)) <= price_at(known, min(one, other))


def test_json_gives_the_same_frontier_back() -> None:
    """To plain lists, to text, and back, to the last bit."""
    known = small()

    again = Frontier.from_dict(json.loads(json.dumps(known.to_dict())))

    assert again.to_dict() == known.to_dict()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"price": None}, "price is 'None', wanted a list of numbers"),
        ({"price": [1.0, "x", 0.1, 0.0]}, "wanted a list of numbers"),
        ({"price": [1.0]}, "wanted one length"),
        ({"price": [0.1, 0.2, 0.3, 0.4]}, "prices must not"),
        ({"price": [float("nan"), 0.2, 0.1, 0.0]}, "not numbers of 0 or more"),
        ({"budget_per_customer_minor": [1.0, 1.0, 2.0, 3.0]}, "budgets must rise"),
        ({"extra": []}, "the frontier holds"),
    ],
)
def test_what_is_no_frontier_is_refused(change: dict[str, object], message: str) -> None:
    """A broken artefact is named and the next step given."""
    with pytest.raises(ArtifactError, match=rf"{message}.*make it again"):
        Frontier.from_dict({**small().to_dict(), **change})


def test_nobody_has_no_frontier() -> None:
    """No customers, no points."""
    nobody = np.zeros((0, 5))

    with pytest.raises(InputError, match="needs customers"):
        frontier(nobody, nobody.astype(np.int64), nobody.astype(np.bool_), [1.0])
