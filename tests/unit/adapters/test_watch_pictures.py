"""What the pictures of a look say."""

from xml.etree import ElementTree

import numpy as np
import polars as pl

from churn_saver.adapters.watch_pictures import calibration, group_rates, psi_bars
from churn_saver.evidence.drift import drift
from churn_saver.evidence.fairness import Measure, Treated, fairness
from churn_saver.evidence.matured import maturity

SVG = "{http://www.w3.org/2000/svg}"


def _texts(picture: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(picture).iter() if node.text and node.text.strip()]


def _title(picture: str) -> str:
    return ElementTree.fromstring(picture).findtext(SVG + "title") or ""


def test_columns_stand_in_the_order_of_how_far_they_moved() -> None:
    """Two columns, one of them moved; the limit and what chance brings have a word each."""
    old = pl.DataFrame({"same": range(300), "far": range(300)})
    new = pl.DataFrame({"same": range(300), "far": range(900, 1_200)})

    picture = psi_bars(drift(old, new), 0.1)

    texts = _texts(picture)
    assert _title(picture) == "1 of 2 columns moved"
    assert texts.index("far") < texts.index("same")
    assert {"limit 0.1", "by chance, 1 in 20"} <= set(texts)


def test_many_columns_are_cut_and_long_names_shortened() -> None:
    """Of twenty columns sixteen bars, of thirty letters twenty-four; none moved is said."""
    table = pl.DataFrame({f"{'c' * 28}{place:02d}": range(60) for place in range(20)})

    picture = psi_bars(drift(table, table), 0.1)

    assert _title(picture) == "None of 20 columns moved"
    assert _texts(picture).count("c" * 23 + "…") == 16


def test_predictions_and_outcomes_are_told_apart() -> None:
    """All at .2, of which half happened: 30 in 100 more."""
    found = maturity(np.full(100, 0.2), np.repeat([0.0, 1.0], 50), 0.05)

    picture = calibration(found, "leave")

    assert _title(picture) == "30.0 in 100 more leave than was predicted"
    assert {"predicted to leave", "did leave"} <= set(_texts(picture))


def test_fewer_is_said_of_fewer() -> None:
    """All at .7, of which half happened."""
    found = maturity(np.full(100, 0.7), np.repeat([0.0, 1.0], 50), 0.05)

    assert _title(calibration(found, "accept")) == "20.0 in 100 fewer accept than was predicted"


def test_groups_have_their_rates_and_sizes() -> None:
    """Three in ten of a hundred a side, and one in ten."""
    contacted = np.concatenate([np.arange(100) < 30, np.arange(100) < 10])
    rows = Treated(contacted, contacted, contacted.astype(np.int64))
    bounds: dict[Measure, float] = {"contact_rate": 0.05, "offer_rate": 0.05}
    found = fairness(np.arange(200), ["a"] * 100 + ["b"] * 100, rows, bounds)

    picture = group_rates("senior_citizen", found)

    assert _title(picture) == "Senior citizen: contacted between 10.0 and 30.0 in 100"
    assert {"contact rate", "offer rate"} <= set(_texts(picture))
    assert any("100" in text for text in _texts(picture))
