"""Frames: sentences with choices in them, which tone and tenure they suit, and who may learn them.

A frame is one way to build a sentence; its choices, `[a|b]`, are ways to phrase it. Each table of
frames is parted by the places of its lines, so that a sentence which validation or test is judged
by is never trained on. This module does not know what any sentence is about.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar
from zlib import crc32

import numpy as np

from churn_saver.domain.briefs import TENURES, TONES
from churn_saver.errors import InputError

SPLITS = ("train", "validation", "test")
KNOWN = TENURES[1:]
"""Bands with a tenure to thank for."""
_DRAWS_AT_A_TIME = 4_096
_PARTED_BY = 8
"""Of so many lines of a table the last is for test and the one before it for validation."""
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_TONE_OF = {tone[0]: tone for tone in TONES}
_REPLIES: Mapping[str, tuple[str, ...]] = {
    "email": ("reply to this email", "reply to this email", "reply to this message", "answer this email"),
    "sms": ("reply to this message", "reply to this message", "reply to this text", "answer this message"),
    "push": ("reply to this message", "reply to this message", "answer this message"),
}
"""The next step of each channel, the plainest one most often."""
_THIS = {"email": "this email", "sms": "this message", "push": "this message"}
Item = TypeVar("Item")


class Draws:
    """Draws one after the other from one seed."""

    def __init__(self, *key: int) -> None:
        """Start at the beginning of the key's own row of draws."""
        rng = np.random.default_rng(key)

        def row() -> Iterator[float]:
            while True:
                # Drawn by the thousand: a draw for itself costs ten times as much.
                yield from rng.random(_DRAWS_AT_A_TIME).tolist()

        self._next = row().__next__

    def chance(self, share: float) -> bool:
        """Say yes with this probability."""
        return self._next() < share

    def one_of(self, items: Sequence[Item]) -> Item:
        """Give one of the items, each as likely as the others."""
        return items[int(self._next() * len(items))]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Give the items in another order."""
        return [item for _, item in sorted(((self._next(), item) for item in items), key=itemgetter(0))]


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to build a sentence."""

    role: str
    """What the sentence does in a message, such as thanks."""
    pattern: str
    """Begins small; `[a|b]` is a choice, `@reply` the channel's next step, `@this` what is replied to."""
    tones: tuple[str, ...]
    tenures: tuple[str, ...]
    weakness: str
    """What is poor about it; empty: nothing."""
    split: str

    @property
    def mark(self) -> str:
        """Name it by role and wording, the same in every version that has it."""
        return f"{self.role}-{crc32(self.pattern.encode()):08x}"


def frames(
    role: str, table: str, tenures: tuple[str, ...] = TENURES, weakness: str = ""
) -> tuple[Frame, ...]:
    """Read a table of frames.

    Args:
        role: What all of them do.
        table: A line each: the first letters of its tones, a space, the pattern.
        tenures: The bands that they suit.
        weakness: What is poor about all of them.
    """
    read = []
    for place, line in enumerate(table.strip().splitlines()):
        letters, _, pattern = line.strip().partition(" ")
        tones = tuple(_TONE_OF[letter] for letter in letters)
        read.append(Frame(role, pattern.strip(), tones, tenures, weakness, split_at(place)))
    return tuple(read)


def split_at(place: int) -> str:
    """Name the split that a line of a table belongs to."""
    return {_PARTED_BY - 1: "test", _PARTED_BY - 2: "validation"}.get(place % _PARTED_BY, "train")


def parted(lines: Sequence[str], split: str) -> tuple[str, ...]:
    """Give the lines of a table that one split may use."""
    return tuple(line for place, line in enumerate(lines) if split_at(place) == split)


def check_split(split: str) -> None:
    """Refuse a split that there is not."""
    if split not in SPLITS:
        raise InputError(f"split is {split!r}, wanted one of {', '.join(SPLITS)}")


def phrased(pattern: str, channel: str, draws: Draws) -> str:
    """Take one choice everywhere, innermost first, and name the channel's next step."""
    while "[" in pattern:
        pattern = _CHOICE.sub(lambda match: draws.one_of(match[1].split("|")), pattern)
    if "@reply" in pattern:
        pattern = pattern.replace("@reply", draws.one_of(_REPLIES[channel]))
    return " ".join(pattern.replace("@this", _THIS[channel]).split())


def sentence(words: str, begins: bool = True) -> str:
    """Close words with a full stop, where they have no end, and begin them with a capital if wanted."""
    ended = words if words[-1] in ".?!" else f"{words}."
    return ended[0].upper() + ended[1:] if begins else ended


def sentences(text: str) -> Iterator[str]:
    """Give the sentences of a text one by one."""
    yield from re.split(r"(?<=[.?!]) ", text)
