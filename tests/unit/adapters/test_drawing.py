"""Pictures as SVG elements."""

import io
import re
from xml.etree import ElementTree

from matplotlib.axes import Axes
from PIL import Image

from churn_saver.adapters.drawing import DOTS_PER_INCH, INCHES, INK, TITLE_WIDTH, drawn, png

SVG = "{http://www.w3.org/2000/svg}"


def _line(axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], color=INK)


def test_same_input_gives_same_bytes() -> None:
    """No date and no random id gets into a picture."""
    assert drawn("Up", "A line.", _line) == drawn("Up", "A line.", _line)


def test_a_picture_is_named_for_those_who_cannot_see_it() -> None:
    """The element is an image, labelled by its own title and description, escaped."""
    root = ElementTree.fromstring(drawn("Up <fast> & far", "A line & nothing else.", _line))
    labels = root.attrib["aria-labelledby"].split()
    named = {child.attrib["id"]: child.text for child in root if child.tag in (SVG + "title", SVG + "desc")}

    assert root.attrib["role"] == "img"
    assert [named[label] for label in labels] == ["Up <fast> & far", "A line & nothing else."]


def test_ids_of_two_pictures_do_not_meet() -> None:
    """Pictures can stand side by side in one page; references point into their own picture."""
    one, other = drawn("One", "First.", _line), drawn("Two", "Second.", _line)
    ids, others = set(re.findall(r' id="([^"]+)"', one)), set(re.findall(r' id="([^"]+)"', other))
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', one))

    assert ids.isdisjoint(others)
    assert used
    assert used <= ids


def test_colour_follows_the_page_and_size_follows_the_place() -> None:
    """Ink is the page's text colour; only the shape is fixed, not the size."""
    text = drawn("Up", "A line.", _line)
    root = ElementTree.fromstring(text)

    assert INK not in text
    assert "currentColor" in text
    assert "width" not in root.attrib
    assert "height" not in root.attrib
    assert root.attrib["viewBox"] == f"0 0 {72 * INCHES[0]:g} {72 * INCHES[1]:g}"


def test_text_stays_text_and_a_long_title_is_broken() -> None:
    """Words can be read and searched; 60 characters take two lines, each within the width."""
    title = "a title of twelve words that is far too long for one line so"
    root = ElementTree.fromstring(drawn(title, "A line.", _line))
    lines = [node.text or "" for node in root.iter(SVG + "text")]
    found = [line for line in lines if line and line in title]

    assert len(title) == 60
    assert len(found) == 2
    assert " ".join(found) == title
    assert all(len(line) <= TITLE_WIDTH for line in found)


def test_a_word_that_no_line_holds_still_draws() -> None:
    """A title without a space is cut, not lost."""
    title = "x" * (TITLE_WIDTH + 10)

    text = drawn(title, "A line.", _line)

    assert text.count("xxxxx") > 0
    assert ElementTree.fromstring(text).tag == SVG + "svg"


def test_money_signs_are_no_formula() -> None:
    """Two dollar signs in a title are shown, not set as mathematics."""
    root = ElementTree.fromstring(drawn("$5 of $10", "A line.", _line))

    assert "$5 of $10" in [node.text for node in root.iter(SVG + "text")]


def test_a_picture_can_have_its_own_size() -> None:
    """A wider one has room for a longer line: 78 characters are 1.5 times 52."""
    title = "one line of the wider picture, and two lines of the usual one, as they all are"
    root = ElementTree.fromstring(drawn(title, "A line.", _line, (1.5 * INCHES[0], 2.0)))

    assert root.attrib["viewBox"] == f"0 0 {72 * 1.5 * INCHES[0]:g} 144"
    assert title in [node.text for node in root.iter(SVG + "text")]


def test_png_holds_its_pictures_side_by_side() -> None:
    """Two are twice as wide as one; the ground is the light page's, not black."""
    one, two = (Image.open(io.BytesIO(png([("Up", _line)] * n, (2.0, 1.0)))) for n in (1, 2))

    assert one.size == (2 * DOTS_PER_INCH, DOTS_PER_INCH)
    assert two.size == (4 * DOTS_PER_INCH, DOTS_PER_INCH)
    assert two.convert("RGB").getpixel((0, 0)) == (253, 253, 251)


def test_png_of_the_same_input_has_the_same_bytes() -> None:
    """No date and no version gets into a file."""
    content = png([("Up", _line)], (2.0, 1.0))

    assert content == png([("Up", _line)], (2.0, 1.0))
    assert b"matplotlib" not in content.lower()
