"""Words and runs of three words of a text: how drafts are told apart, and how one repeats itself.

A slot is a word; case and punctuation do not count.
"""

import re

RUN = 3
_WORD = re.compile(r"\{\w+\}|[\w%']+")


def words_of(text: str) -> list[str]:
    """Give the words of a text, in order."""
    return _WORD.findall(text.lower())


def runs_of(text: str) -> list[tuple[str, ...]]:
    """Give every three neighbouring words, in order; a text of fewer words is one run."""
    words = words_of(text)
    return [tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))]
