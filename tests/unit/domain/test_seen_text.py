"""A text as a reader sees it: worked by hand."""

import re
from datetime import date

from churn_saver.domain import folding
from churn_saver.domain.seen_text import SeenText
from churn_saver.domain.slots import OFFER, VALID_UNTIL, Facts

SAM = Facts("Sam", 12, 10, None, date(2026, 12, 5))


def test_a_text_is_seen_folded_nameless_and_struck() -> None:
    """The name, the figures that agree, accents and case are out; the company's own domain too."""
    seen = SeenText.of("Hi Sam, tàke 10% by 5 December 2026 at own.example", SAM, re.compile(r"own\.example"))

    assert seen.named
    assert seen.nameless == "Hi Xx, tàke 10% by 5 December 2026 at own.example"
    assert seen.bare == "Hi Xx, take 10% by 5 December 2026 at own.example"
    assert seen.low == "hi xx, take 10% by 5 december 2026 at &"
    assert seen.struck.left == "hi xx, take ~ by # at &"
    assert seen.struck.stated == {OFFER, VALID_UNTIL}
    assert seen.has(frozenset({"take"}))
    assert not seen.has(frozenset({"sam"}))


def test_a_missing_name_is_noticed() -> None:
    """Part of a longer word is no name."""
    assert not SeenText.of("Hi Samuel, thank you", SAM, None).named


def test_a_disguised_phrase_is_spelled() -> None:
    """Pulled apart, it is still there; inside another word it is not."""
    sue = folding.phrases(("sue",))

    assert SeenText.of("we s.u.e you", SAM, None).spells(sue)
    assert not SeenText.of("an issue", SAM, None).spells(sue)
