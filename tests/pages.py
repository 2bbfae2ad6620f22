"""Pages of HTML read back, and what holds for every one of them. Knows nothing of what they report."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}
LINKS = ("href", "src", "xlink:href", "action", "srcset")
CELLS = {"td", "th"}
APART = {"td", "th", "span", "br"}
"""Begin words of their own."""
MOST_BYTES = 1_000_000


class Page(HTMLParser):
    """A page read back: balanced tags, ids, links, named figures, table rows, all text.

    White space is one space wherever text is kept, and cells, spans and lines begin words of their own.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.classes: list[tuple[str, str]] = []
        self.figures: dict[str, str] = {}
        """Named figures as they are shown."""
        self.values: dict[str, str] = {}
        """The same figures as a program reads them."""
        self._words = ""
        self._cells: list[list[str]] = []
        self._figure = ""
        self.feed(html)
        self.close()
        assert self.open == [], f"{self.open} are never closed"
        self.text = _plain(self._words)
        self.rows = [[_plain(cell) for cell in row] for row in self._cells]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens."""
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[name] for name in LINKS if name in given]
        self.classes += [(name, tag) for name in given.get("class", "").split()]
        self._figure = given["id"] if tag == "data" else ""
        if tag == "data":
            self.values[given["id"]] = given["value"]
        if tag == "tr":
            self._cells.append([])
        if tag in CELLS and self._cells:
            self._cells[-1].append("")
        if tag in APART:
            self._keep(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what opens and closes at once, as SVG does."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Check what closes against what is open."""
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        """Keep text where it belongs."""
        self._keep(data)
        if self._figure:
            self.figures[self._figure] = _plain(data)
            self._figure = ""

    def _keep(self, data: str) -> None:
        self._words += data
        if CELLS & set(self.open):
            self._cells[-1][-1] += data


def assert_needs_nothing_else(page: Page) -> None:
    """No script, no link outwards, no style from elsewhere; ids are unique, links within the page land."""
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)
    assert not page.tags & {"script", "link", "iframe", "img", "object", "embed"}
    assert not re.search(r"url\((?!#)|@import|\son\w+=", page.html)
    assert len(page.html.encode()) < MOST_BYTES


def _plain(text: str) -> str:
    """Give words with one space between them."""
    return " ".join(text.split())
