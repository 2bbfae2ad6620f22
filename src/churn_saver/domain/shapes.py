r"""Shapes of wording, each looked for only in texts that have one of its words.

There are a thousand shapes and most texts have none of them, so trying every one is wasted time. From a shape
this module derives its keys: words, or first letters of words, of which each text that it matches has one.
It reads as much of the syntax of patterns as shapes use, and where it cannot tell it says so: such a shape is
tried on every text. So leaving out the others alters no judgement. What a shape means it does not know.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeAlias

Keys: TypeAlias = frozenset[str]
OPEN = 4
"""Letters that a word has in common with a shape which leaves the word's ending open: such keys end in *."""
_WORD = re.compile(r"\w+")


def keys_of(text: str) -> Keys:
    """Give the words of a text in lower case and their first letters, to be compared with keys of shapes."""
    words = _WORD.findall(text)
    return frozenset(words).union([word[:OPEN] + "*" for word in words if len(word) >= OPEN])


_COMMON = tuple(
    _WORD.findall(
        "your thank for reply you this by bill next to us off with message months month we may would opt out"
        " stop take will please like email and it is thanks a our be just hi plan answer customer as if the"
        " how know can have do are what here tell"
    )
)
"""Words of many texts, the most frequent first: keys of shapes that have no others, the last the best."""
_RANK = {f"{word[:OPEN]}*": rank for rank, word in enumerate(_COMMON) if len(word) >= OPEN}
_RANK |= {word: rank for rank, word in enumerate(_COMMON)}

_PART = re.compile(r"\(\?(?:[:=!]|<[=!])|\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|.", re.DOTALL)
_REPEAT = re.compile(r"(\?|\*|\+|\{(\d+)(?:,\d*)?\})\??")
_EITHER_CASE = re.compile(r"\[([A-Z])([a-z])\]")
_NO_LETTER = re.compile(r"\[(?!\^)-?[^\w\\-]*-?\]|\\[^\w]|\\s|[^\w.\\\[]")
_BOUNDS = frozenset({r"\b", "^", "$"})
_UNREAD = re.compile(r"\(\?(?![:=!]|<[=!])")
"""Groups of other kinds: a shape with one is tried on every text."""
_WIDTHLESS = frozenset({"(?=", "(?!", "(?<=", "(?<!"})

_Way: TypeAlias = tuple[str, str | None]
"""How a text may have come through a shape: its best key so far, and the letters of the word under way; None:
letters that nobody can tell come before."""


class Shapes:
    """Alternatives of a pattern, each with its keys."""

    def __init__(self, shapes: Iterable[re.Pattern[str]]) -> None:
        """Read the keys of shapes."""
        self.shapes = tuple(shapes)
        self._by_key: dict[str, list[re.Pattern[str]]] = {}
        self._always: list[re.Pattern[str]] = []
        for shape in self.shapes:
            keys = derived(shape.pattern)
            for key in keys or ():
                self._by_key.setdefault(key, []).append(shape)
            if keys is None:
                self._always.append(shape)

    @classmethod
    def together(cls, *several: "Shapes") -> "Shapes":
        """Put the shapes of several into one."""
        return cls(shape for one in several for shape in one.shapes)

    def search(self, text: str, keys: Keys | None = None) -> re.Match[str] | None:
        """Find one of the shapes, not always the first in the text.

        Args:
            text: As the shapes want it, folded.
            keys: Of this text in lower case, or more; None: found here.
        """
        known = keys_of(text.lower()) if keys is None else keys
        asked = set(self._always)
        for key in self._by_key.keys() & known:
            asked.update(self._by_key[key])
        return next((found for shape in asked if (found := shape.search(text))), None)

    def sub(self, by: str, text: str, keys: Keys) -> str:
        """Replace every shape in a text, as the whole pattern would.

        Args:
            by: What is put instead.
            text: As the shapes want it, folded.
            keys: Of this text in lower case, or more.
        """
        return text if self.search(text, keys) is None else self._whole.sub(by, text)

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile("|".join(shape.pattern for shape in self.shapes))


def any_of(*shapes: str) -> Shapes:
    """Match one of the shapes, each from the beginning of a word."""
    return Shapes(re.compile(rf"\b(?:{one})") for one in split("|".join(shapes)))


def either(pattern: str) -> Shapes:
    """Match one of the alternatives of a pattern, wherever they begin."""
    return Shapes(map(re.compile, split(pattern)))


def split(pattern: str) -> Iterator[str]:
    """Give the alternatives that stand in no group."""
    depth = start = 0
    for match in _PART.finditer(pattern):
        depth += (match[0][0] == "(") - (match[0] == ")")
        if match[0] == "|" and not depth:
            yield pattern[start : match.start()]
            start = match.end()
    yield pattern[start:]


def derived(shape: str) -> Keys | None:
    """Give keys of which every text that a shape matches has one; None: none can be told."""
    if _UNREAD.search(shape):
        return None
    done: set[str] = set()
    ways, _ = _through(shape, 0, {("", None)}, done)
    ended = {_opened(way)[0] for way in ways}
    return None if "" in ended else Keys(done | ended)


def _through(shape: str, at: int, before: set[_Way], done: set[str]) -> tuple[set[_Way], int]:
    """Follow all ways through the alternatives from a place to the end of their group.

    Args:
        shape: The whole pattern.
        at: Where the first alternative begins.
        before: Ways to this place.
        done: Keys of ways that have a good one and need not be followed further; more are put in.

    Returns:
        The ways to the end, and the place after it.
    """
    after: set[_Way] = set()
    ways = before
    while at < len(shape) and shape[at] != ")":
        if shape[at] == "|":
            after, ways, at = after | ways, before, at + 1
            continue
        match = _PART.match(shape, at)
        part, at = (match[0], match.end()) if match else (shape[at], at + 1)
        if part.startswith("("):
            inside: set[str] = set()
            once, at = _through(shape, at, {("", None)} if part in _WIDTHLESS else ways, inside)
            if part in _WIDTHLESS:
                continue
            done |= inside
        else:
            once = _step(part, ways, done)
        repeat = _REPEAT.match(shape, at)
        if repeat is not None:
            at = repeat.end()
            again = repeat[1] != "?"
            once = {(_opened(way)[0], None) for way in once} if again else once
            once = once | ways if repeat[1] in ("?", "*") or repeat[2] == "0" else once
        ways = once
    return after | ways, at + 1


def _step(part: str, ways: set[_Way], done: set[str]) -> set[_Way]:
    """Follow ways over one character, class or boundary."""
    cased = _EITHER_CASE.fullmatch(part)
    letter = cased[2] if cased and cased[1].lower() == cased[2] else part.lower()
    if part in _BOUNDS or _NO_LETTER.fullmatch(part):
        closed = {_better(best, word or "") for best, word in ways}
        done |= {best for best in closed if best and best not in _RANK}
        return {(best, "") for best in closed if not best or best in _RANK}
    if len(letter) == 1 and letter != ".":
        return {(best, None if word is None else word + letter) for best, word in ways}
    return {(_opened(way)[0], None) for way in ways}


def _opened(way: _Way) -> _Way:
    """Take a word that may go on for its first letters."""
    best, word = way
    return (_better(best, f"{word[:OPEN]}*") if word and len(word) >= OPEN else best), None


def _better(one: str, other: str) -> str:
    """Give the rarer of two keys; empty: none."""
    rarer = _RANK.get(one, len(_RANK)) < _RANK.get(other, len(_RANK))
    return other if other and (rarer or not one) else one
