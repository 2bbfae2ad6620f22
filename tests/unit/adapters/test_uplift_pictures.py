"""Pictures of learned effects."""

from xml.etree import ElementTree

import numpy as np

from churn_saver.adapters.uplift_pictures import as_large_as_said, in_money, ranking

SVG = "{http://www.w3.org/2000/svg}"
X = np.array([0.0, 0.5, 1.0])


def title(picture: tuple[str, str]) -> str:
    """Give the title of a picture."""
    return ElementTree.fromstring(picture[0]).findtext(SVG + "title") or ""


def test_the_ranking_says_what_its_first_half_keeps() -> None:
    """.031 for each customer of the log is 3.1 of 100; a loss has a minus; what rounds to 0 has no sign."""
    for half, told in ((0.031, "3.1"), (-0.02, "−2.0"), (-0.0001, "0.0")):
        gain = np.array([0.0, half, 0.02])

        assert title(ranking("10 % off", X, gain, gain - 0.01, gain + 0.01)) == (
            f"10 % off: the half with the largest effects keeps {told} more of 100 customers"
        )


def test_money_is_told_at_its_best_point() -> None:
    """1.25 at a spend of .80, and that it promises too much stands below."""
    gain = np.array([0.0, 1.25, -3.0])
    picture = in_money("5 % off", np.array([0.0, 0.8, 2.0]), gain, gain - 1, gain + 1)

    assert title(picture) == "5 % off: 1.25 per customer at best, where 0.80 are spent"
    assert "promises too much" in picture[1]


def test_parts_that_agree_are_counted() -> None:
    """Of three predictions the second lies outside its interval."""
    predicted, observed = np.array([0.0, 0.05, 0.1]), np.array([0.01, 0.01, 0.11])
    picture = as_large_as_said("Message alone", predicted, observed, observed - 0.02, observed + 0.02)

    assert title(picture) == "Message alone: 2 of 3 parts are as large as predicted"
