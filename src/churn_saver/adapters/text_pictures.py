"""Draw how a message model learned as inline SVG, one picture for each figure that was logged.

Takes the report's own plain values. Knows nothing of files and pages, nor which stage it draws.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from churn_saver.adapters.curve_drawing import Picture, curve
from churn_saver.adapters.pictures import WARM
from churn_saver.adapters.plain_numbers import Floats
from churn_saver.adapters.text_words import WORDS, Word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOT_DRAWN = frozenset({"learning_rate", "gradient_norm", "policy_loss", "smoothed_kl"})
"""Logged, and of no use on a page."""
_DASHED = (0, (5, 3))


def text_pictures(curves: Mapping[str, Floats], kl_target: float | None = None) -> list[Picture]:
    """Draw every curve there are words for, in their order.

    Args:
        curves: `iteration` and the curves by name, (k,) each; NaN: not measured.
        kl_target: Drawn beside the KL.
    """
    drawn = [
        _picture(curves, name, word, kl_target if name == "kl" else None)
        for name, word in WORDS.items()
        if name in curves and name not in NOT_DRAWN
    ]
    return [picture for picture in drawn if picture is not None]


def _picture(curves: Mapping[str, Floats], name: str, word: Word, target: float | None) -> Picture | None:
    """Draw one; the title says from where to where it went."""

    def title(first: float, last: float, _most: float) -> str:
        return f"{word.title}: from {word.shown(first)} to {word.shown(last)}"

    def dress(axes: "Axes") -> None:
        if word.is_share:
            axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
        if target is not None:
            axes.axhline(target, color=WARM, linewidth=1.3, linestyle=_DASHED)

    # One that is looked at now and then is joined over the gaps.
    there = np.isfinite(curves[name])
    known = {"iteration": curves["iteration"][there], name: curves[name][there]}
    caption = word.meaning + (f". Dashed: the target of {target:g}." if target is not None else ".")
    return curve(known, name, word.unit, title, dress, caption)
