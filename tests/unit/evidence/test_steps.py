"""Other values to try: the nearest first, within their bounds."""

import pytest

from churn_saver.evidence.steps import bill_steps, field_steps, price_steps, risk_steps


def test_prices_go_twice_as_far_each_time() -> None:
    """Up from a thousandth to a thousand times more; down until there is nothing left."""
    up, down = price_steps(0.5, 1), price_steps(0.5, -1)

    assert up[:3] == pytest.approx([0.5005, 0.501, 0.502])
    assert up[-1] == pytest.approx(500.5)
    assert down[:2] == pytest.approx([0.4995, 0.499])
    assert down[-1] == 0.0


def test_a_price_of_nothing_is_stepped_off_upwards_only() -> None:
    """As if it were 1; below 0 there is no price."""
    assert price_steps(0.0, 1)[:2] == [0.001, 0.002]
    assert price_steps(0.0, -1) == []


def test_risks_stay_inside_their_bounds() -> None:
    """Half a point at a time, both ways, from 0.1 % to 99.9 %."""
    found = risk_steps(0.99)

    assert found[:3] == pytest.approx([0.995, 0.985, 0.98])
    assert min(found) == pytest.approx(0.005)
    assert risk_steps(0.5, 10)[:2] == pytest.approx([0.55, 0.45])


def test_a_bill_moves_in_fiftieths_to_nothing_and_to_twice_as_much() -> None:
    """Whole minor units, none of them the bill itself."""
    found = bill_steps(5_000)

    assert found[:4] == [5_100, 4_900, 5_200, 4_800]
    assert (min(found), max(found)) == (0, 10_000)
    assert 0 not in bill_steps(0)


def test_months_are_whole_and_words_are_all_tried() -> None:
    """Nobody has been here for less than 0 months; of three words two are others."""
    assert field_steps("tenure_months", 1.0)[:4] == [2.0, 0.0, 3.0, 4.0]
    assert max(field_steps("tenure_months", 1.0)) == 73.0
    assert field_steps("contract_type", 1.0) == [0.0, 2.0]
    assert field_steps("total_charges", 100.0)[:2] == [102.0, 98.0]


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_comes_first(seed: int) -> None:
    """Of every thing that is moved."""
    value = 7.0 + 13.0 * seed
    for found in (
        field_steps("tenure_months", value),
        field_steps("total_charges", value),
        [float(one) for one in bill_steps(int(value * 1_000))],
        risk_steps(value / 100),
    ):
        base = value * 1_000 if max(found) > 1_000 else value / 100 if max(found) < 1 else value
        away = [round(abs(one - base), 6) for one in found]
        assert away == sorted(away)
