"""A text as a reader sees it: folded, the customer's name taken out, its figures compared with the facts.

Knows the ways to look at a text, not what is wrong with it: that is `shield`.
"""

import re
from dataclasses import dataclass

from churn_saver.domain import folding, manners, reading
from churn_saver.domain.reading import Struck
from churn_saver.domain.shapes import Keys, Shapes, keys_of
from churn_saver.domain.slots import Facts


@dataclass(frozen=True, slots=True)
class SeenText:
    """A text as the rules see it."""

    text: str
    """As sent, white space at the ends taken off."""
    named: bool
    """The name stands as a whole, or there is none."""
    nameless: str
    """The text without the name."""
    bare: str
    """Nameless and folded, case kept."""
    low: str
    """Bare, in lower case, without what is the company's own."""
    struck: Struck
    """Low without the figures that the facts state."""
    skeleton: str
    """Bare, digits and signs read as the letters that they imitate."""
    squeezed: str
    """The skeleton without separators."""
    keys: Keys
    """Of bare, low and what is left of it when struck, and perhaps more."""

    @classmethod
    def of(cls, text: str, facts: Facts, company: re.Pattern[str] | None) -> "SeenText":
        """Look at a text.

        Args:
            text: White space at the ends taken off.
            facts: What it may state.
            company: The company's own domains, addresses and phone numbers; None: it has none.
        """
        taken = folding.without_name(text, facts.name)
        nameless = text if taken is None else taken
        folded = folding.fold(nameless)
        keys = keys_of(folded.lower())
        bare = manners.HARMLESS.sub("&", folded, keys)
        low = bare.lower()
        if company is not None and company.search(low):
            low = company.sub("&", low)
            keys |= keys_of(low)
        skeleton = folding.skeleton(bare)
        struck = reading.strike(low, facts)
        return cls(
            text, taken is not None, nameless, bare, low, struck, skeleton, folding.squeezed(skeleton), keys
        )

    def says(self, wordings: Shapes) -> bool:
        """Say whether one of the wordings stands there."""
        return wordings.search(self.low, self.keys) is not None

    def has(self, words: frozenset[str]) -> bool:
        """Say whether one of the words is left."""
        return not self.struck.words.isdisjoint(words)

    def spells(self, phrases: folding.Phrases) -> bool:
        """Say whether one of the phrases stands there, in whatever disguise."""
        return any(phrase in self.squeezed and whole.search(self.skeleton) for phrase, whole in phrases)
