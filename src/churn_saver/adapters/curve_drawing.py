"""Draw one curve of a training as inline SVG, with a title that says where it ends.

Long curves are thinned out, what was not measured is a gap. Knows no training and no page; how a
picture becomes SVG is `drawing`'s business.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from churn_saver.adapters.drawing import Painter, drawn
from churn_saver.adapters.pictures import ACCENT
from churn_saver.adapters.plain_numbers import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 400
_FEW = 25
"""Up to so many points are dotted."""

Picture = tuple[str, str]
"""SVG and caption."""


def curve(
    curves: Mapping[str, Floats],
    name: str,
    unit: str,
    title: Callable[[float, float, float], str],
    dress: Painter | None = None,
    caption: str = "",
) -> Picture | None:
    """Draw one curve; None where nothing was measured.

    Args:
        curves: `iteration` and the curves by name, (k,) each; NaN: not measured.
        name: Which.
        unit: Beside the axis.
        title: Of the first, the last and the largest value that was measured.
        dress: Draws what else belongs into the axes.
        caption: Below the picture.
    """
    values = curves[name]
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return None
    chosen = picked(values)

    def paint(axes: "Axes") -> None:
        few = len(known) <= _FEW
        axes.plot(curves["iteration"][chosen], values[chosen], color=ACCENT, linewidth=1.7,
                  marker="o" if few else "", markersize=3.5)  # fmt: skip
        axes.set(xlabel="iteration", ylabel=unit)
        axes.locator_params(axis="x", integer=True)
        axes.margins(x=0.02)
        if dress is not None:
            dress(axes)

    said = title(values[known[0]], values[known[-1]], float(values[known].max()))
    return drawn(said, f"{name.replace('_', ' ')} over {len(values)} iterations.", paint), caption


def from_zero(axes: "Axes") -> None:
    """Let an axis begin at 0."""
    axes.set_ylim(0, None)


def picked(values: Floats) -> NDArray[np.int64]:
    """Thin a long curve out evenly, ends kept, so that its picture stays small."""
    size = len(values)
    return np.unique(np.linspace(0, size - 1, min(size, MOST_POINTS)).round().astype(np.int64))


def short(value: float) -> str:
    """Write a figure of a title: 1234.5 → '1,234', 0.04321 → '0.043'."""
    shown = f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.2g}" if abs(value) < 0.1 else f"{value:.3g}"
    return shown.replace("-", "−")
