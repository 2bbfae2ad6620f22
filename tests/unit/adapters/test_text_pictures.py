"""Pictures of how a message model learned."""

from xml.etree import ElementTree

import numpy as np

from churn_saver.adapters.text_pictures import NOT_DRAWN, text_pictures

SVG = "{http://www.w3.org/2000/svg}"


def _titles(pictures: list[tuple[str, str]]) -> list[str]:
    return [ElementTree.fromstring(svg).findtext(SVG + "title") or "" for svg, _ in pictures]


def test_each_title_says_from_where_to_where_a_curve_went() -> None:
    """In the order of the words, whatever order they are handed in."""
    curves = {
        "iteration": np.array([1.0, 2.0]),
        "ended": np.array([0.5, 1.0]),
        "loss": np.array([2.0, 0.5]),
    }

    assert _titles(text_pictures(curves)) == [
        "Loss: from 2 to 0.5",
        "Ended: from 50.0\N{NO-BREAK SPACE}% to 100.0\N{NO-BREAK SPACE}%",
    ]


def test_what_was_measured_now_and_then_is_joined_over_the_gaps() -> None:
    """The line has two points: the iterations between them are not there."""
    nan = float("nan")
    curves = {"iteration": np.arange(1.0, 6.0), "valid_loss": np.array([nan, 3.0, nan, nan, 1.0])}
    ((svg, caption),) = text_pictures(curves)

    assert _titles([(svg, caption)]) == ["Validation loss: from 3 to 1"]
    assert caption == "The same on pairs never trained on."


def test_the_target_stands_beside_the_divergence_alone() -> None:
    """Said in its caption."""
    curves = {"iteration": np.array([1.0, 2.0]), "kl": np.array([0.0, 7.0]), "reward": np.array([0.0, 1.0])}
    captions = dict(
        zip(["reward", "kl"], [caption for _, caption in text_pictures(curves, 8.0)], strict=True)
    )

    assert captions["kl"].endswith("Dashed: the target of 8.")
    assert "Dashed" not in captions["reward"]


def test_what_helps_nobody_is_not_drawn() -> None:
    """Nor what was never measured, nor what there are no words for."""
    curves = dict.fromkeys(NOT_DRAWN, np.array([1.0])) | {
        "iteration": np.array([1.0]),
        "unheard_of": np.array([1.0]),
        "loss": np.array([np.nan]),
    }

    assert text_pictures(curves) == []
