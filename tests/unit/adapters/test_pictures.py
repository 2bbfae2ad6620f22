"""What the pictures say."""

from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.adapters import pictures

SVG = "{http://www.w3.org/2000/svg}"


def _texts(picture: str) -> list[str]:
    """Give all text of a picture, its title and description first."""
    return [
        node.text or "" for node in ElementTree.fromstring(picture).iter() if node.text and node.text.strip()
    ]


def _title(picture: str) -> str:
    return ElementTree.fromstring(picture).findtext(SVG + "title") or ""


def test_roc_shows_its_area_and_its_axes() -> None:
    """The title carries the figure as handed in; the axes name the event."""
    picture = pictures.roc([(0, 0), (0.2, 0.7), (1, 1)], "0.750 (0.740–0.760)", "accept")

    assert _title(picture) == "Those who accept rank first: AUC 0.750 (0.740–0.760)"
    assert "false alarms, of those who do not accept" in _texts(picture)


def test_reliability_says_how_far_apart_on_average() -> None:
    """Gap weighted by customers: (300 · |.1 − .12| + 100 · |.5 − .44|) / 400 = 12 / 400 = 3.0 points."""
    picture = pictures.reliability([(0.1, 0.12, 300), (0.5, 0.44, 100), (0.9, 0.0, 0)])

    assert _title(picture) == "Predicted and observed: 3.0 points apart on average"
    assert any("2 bins" in text for text in _texts(picture))


def test_offer_mix_counts_every_scored_customer_in_one_bin() -> None:
    """Risks .05 .08 → first bin, .65 → seventh, 1.0 → last; the one without a score is left out."""
    risk = np.array([0.05, 0.08, 0.65, 1.0, np.nan])
    choice = np.array([0, 0, 3, 4, 1], dtype=np.int8)
    picture = pictures.offer_mix_by_risk(risk, choice)
    texts = _texts(picture)

    assert [texts.count("2"), texts.count("1"), texts.count("–")] == [1, 2, 7]
    assert set(pictures.CHOICE_NAMES) <= set(texts)


def test_offer_mix_names_the_bin_with_most_contacts() -> None:
    """3 of 4 contacted at 30–40 %; one of one at 90–100 % is less than 1 % of 200 and does not count."""
    risk = np.array([0.05] * 195 + [0.35] * 4 + [0.95])
    choice = np.array([0] * 195 + [0, 1, 2, 3] + [4], dtype=np.int8)

    assert _title(pictures.offer_mix_by_risk(risk, choice)) == (
        "Contacted most often: customers at 30–40 % risk (75 in 100)"
    )


def test_offer_mix_without_a_contact_says_so() -> None:
    """Nobody contacted, and nobody at all, are both drawn."""
    nobody = pictures.offer_mix_by_risk(np.array([0.5]), np.array([0], dtype=np.int8))
    empty = pictures.offer_mix_by_risk(np.empty(0), np.empty(0, dtype=np.int8))

    assert _title(nobody) == _title(empty) == "Nobody is contacted at any risk"


def test_large_counts_are_shortened() -> None:
    """10,000 customers and more are shown in thousands, above each bar of 1/10 of the width."""
    risk = np.full(12_345, 0.5)
    picture = pictures.offer_mix_by_risk(risk, np.zeros(12_345, dtype=np.int8))
    million = pictures.offer_mix_by_risk(np.full(1_234_567, 0.5), np.zeros(1_234_567, dtype=np.int8))

    assert "12k" in _texts(picture)
    assert "1.2M" in _texts(million)


def test_spend_names_money_limit_customers_and_price() -> None:
    """100 + 250 minor units of a limit of 400 are 3.50 of 4.00."""
    picture = pictures.spend(np.array([100, 250]), np.array([5.0, 9.0]), 400, "EUR", 1.25)

    assert _title(picture) == "3.50 of 4.00 EUR reserved for 2 customers"
    assert "price of budget λ = 1.25" in _texts(picture)
    assert "limit 4" in _texts(picture)


def test_spend_for_one_and_for_nobody() -> None:
    """One is a customer, none are customers; both draw."""
    one = pictures.spend(np.array([100]), np.array([np.nan]), 400, "EUR", 0.0)
    none = pictures.spend(np.empty(0, dtype=np.int64), np.empty(0), 0, "EUR", 0.0)

    assert _title(one).endswith("for 1 customer")
    assert _title(none) == "0.00 of 0.00 EUR reserved for 0 customers"


def test_gain_curve_takes_the_best_value_per_money_first() -> None:
    """Gains 6 and 2 at 1.00 each: half of the money brings 6 of 8, 75 %, in whatever order they come."""
    reserved, value = np.array([100, 100]), np.array([2.0, 6.0])

    forward = pictures.expected_gain_curve(reserved, value, "EUR")
    backward = pictures.expected_gain_curve(reserved[::-1], value[::-1], "EUR")

    assert _title(forward) == "The first half of the money brings 75 % of the expected margin kept"
    assert forward == backward


def test_gain_curve_of_nothing_draws() -> None:
    """Without a contact there is a picture all the same."""
    assert "0 %" in _title(pictures.expected_gain_curve(np.empty(0, dtype=np.int64), np.empty(0), "EUR"))


def test_a_million_contacts_make_a_small_picture() -> None:
    """Curves are thinned out; the ends stay, so the total is exact."""
    n = 1_000_000
    picture = pictures.spend(np.full(n, 150), np.ones(n), 150 * n, "USD", 1.0)

    assert len(picture) < 60_000
    assert _title(picture).startswith("1,500,000.00 of 1,500,000.00")


@settings(max_examples=3)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60))
def test_every_picture_is_well_formed_and_repeatable(seed: int, n: int) -> None:
    """Valid XML, same bytes for same input, whatever the figures."""
    rng = np.random.default_rng(seed)
    risk, choice = rng.random(n), rng.integers(0, 5, n).astype(np.int8)
    reserved, value = rng.integers(1, 10_000, n), rng.normal(20, 30, n)
    points = [(float(p), float(q), int(c)) for p, q, c in zip(risk, rng.random(n), reserved, strict=True)]

    def drawn() -> list[str]:
        return [
            pictures.offer_mix_by_risk(risk, choice),
            pictures.spend(reserved, value, 10_000, "USD", 1.5),
            pictures.expected_gain_curve(reserved, value, "USD"),
            pictures.reliability(points),
        ]

    first = drawn()

    assert first == drawn()
    assert all(ElementTree.fromstring(picture).tag == SVG + "svg" for picture in first)


@pytest.mark.parametrize("points", [[], [(0.1, 0.1, 0)]])
def test_reliability_without_customers_draws(points: list[tuple[float, float, int]]) -> None:
    """No bin with customers: an empty picture, no fault."""
    assert "0.0 points" in _title(pictures.reliability(points))
