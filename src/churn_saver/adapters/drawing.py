"""Turn what is drawn into axes into an SVG element for a page, or into a PNG file.

Same input, same bytes: fixed ids, no date, and the reader's own matplotlib settings are set aside.
Text stays text and takes the colour of the page around it, so that a picture is legible on light
and on dark ground. Knows nothing of what is drawn; matplotlib is imported when a picture is.
"""

import hashlib
import io
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

Painter = Callable[["Axes"], None]
INK = "#010203"
"""Stands for the page's own text colour; becomes currentColor in the SVG."""
TITLE_WIDTH = 52
"""Characters of a title that fit in one line of a picture."""
INCHES = (4.8, 3.4)
PAPER = "#fdfdfb"
"""Ground of a PNG, which does not know the page around it; as the light page's."""
DOTS_PER_INCH = 160

_STYLE: dict[str, object] = {
    "text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "churn-saver",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9, "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK,
    "xtick.color": INK, "ytick.color": INK, "axes.linewidth": 0.6, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "axes.spines.top": False, "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.grid": True, "axes.axisbelow": True, "grid.color": INK, "grid.alpha": 0.12,
    "grid.linewidth": 0.6, "legend.frameon": False, "lines.solid_capstyle": "round",
}  # fmt: skip


def drawn(title: str, described: str, paint: Painter, inches: tuple[float, float] = INCHES) -> str:
    """Draw one picture and give it as an SVG element that can stand beside others in a page.

    Args:
        title: What the picture says; it stands above it.
        described: What is to be seen, for those who cannot see it.
        paint: Draws into the axes.
        inches: Width and height; text is 9 points high, and a page scales the whole.
    """
    raw = io.StringIO()
    with _figure(inches) as figure:
        _fill(figure, title, paint, inches[0])
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(raw, format="svg", transparent=True, metadata=nothing)
    return _inline(raw.getvalue(), title, described)


def png(pictures: Sequence[tuple[str, Painter]], inches: tuple[float, float] = INCHES) -> bytes:
    """Draw pictures side by side and give them as a PNG file, for where no page is around them.

    Args:
        pictures: (title, painter) of each.
        inches: Width and height of each.
    """
    raw = io.BytesIO()
    with _figure((inches[0] * len(pictures), inches[1])) as figure:
        places = figure.subfigures(1, len(pictures), squeeze=False)[0]
        for place, (title, paint) in zip(places, pictures, strict=True):
            _fill(place, title, paint, inches[0])
        figure.savefig(raw, format="png", dpi=DOTS_PER_INCH, facecolor=PAPER, metadata={"Software": None})
    return raw.getvalue()


@contextmanager
def _figure(inches: tuple[float, float]) -> "Iterator[Figure]":
    """Give an empty figure in our style, whatever the reader's own settings are."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)  # type: ignore[arg-type]
        yield Figure(figsize=inches, layout="constrained")


def _fill(place: "Figure | SubFigure", title: str, paint: Painter, width: float) -> None:
    fitting = round(TITLE_WIDTH * width / INCHES[0])
    place.suptitle(_balanced(title, fitting), x=0.012, ha="left", size=10, weight="bold")
    paint(place.add_subplot())


def _inline(document: str, title: str, described: str) -> str:
    """Take prologue and size off, name the picture for screen readers, make its ids its own."""
    body = document[document.index("<svg") :].strip().replace(INK, "currentColor")
    key = "p" + hashlib.sha256(body.encode()).hexdigest()[:10]
    body = re.sub(r'(\bid="|url\(#|xlink:href="#)', rf"\1{key}-", body)
    body = re.sub(r'^(<svg[^>]*?) width="[^"]*"', r"\1", body)
    body = re.sub(r'^(<svg[^>]*?) height="[^"]*"', r"\1", body)
    named = (
        f'<svg role="img" aria-labelledby="{key}-title {key}-desc"',
        f'><title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(described)}</desc>',
    )
    return body.replace("<svg", named[0], 1).replace(">", named[1], 1)


def _balanced(title: str, fitting: int) -> str:
    """Break a title into as few lines as fit, about equally long."""
    lines = -(-len(title) // fitting)
    for width in range(-(-len(title) // lines), fitting):
        if len(textwrap.wrap(title, width)) == lines:
            return textwrap.fill(title, width)
    return textwrap.fill(title, fitting)
