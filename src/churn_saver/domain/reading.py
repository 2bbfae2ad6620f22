"""Read the figures of a text back and strike out those that the facts state.

What is left and still looks like a figure, nobody decided: the reader does not have to know every
way to be wrong, only the ways to be right. Figures are digits and number words; a figure counts as
stated only as a per cent, a tenure, a contract's term or a day that equals the facts, and a day only
where it is told as the last one. This module has no opinion about words that are not figures, and expects
text folded by `domain.folding`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from churn_saver.domain import figures
from churn_saver.domain.lexicon import word_set
from churn_saver.domain.slot_places import has_place
from churn_saver.domain.slots import DURATION, OFFER, PLAN, TENURE, VALID_UNTIL, Facts, slot_values

# As `slot_values` words them, in lower case.
_AS_WORDED = re.compile(
    r"\d+(?:%(?![\w%])| months?\b(?![ -]to[ -]month)| [a-z]+ \d{4}\b(?!%|[.,]\d))"
    r"|(?:month-to-month|one-year|two-year) plan\b"
)
_GLUE = frozenset("_.,$")
MARKS = {OFFER: "~", TENURE: "^", PLAN: "=", VALID_UNTIL: "#"}
"""What stands in a struck text for a figure that agrees with the facts: no word, no figure."""
_NEXT_BILL = re.compile(
    r"next (?<!\wnext )(?<!this and your next )(?:monthly |month's )?(?:bill|invoice|statement|payment)\b"
    r"|bill\b[^.!]{0,40}\byour next one\b"
)
# Words before a figure that make another figure of it, and words after it.
_HEDGE = re.compile(
    r"\b(?:up to|at least|at most|as (?:much|little) as|(?:more|less|other|rather) than|(?<!trust )over"
    r"|under|above"
    r"|below|about|around|almost|nearly|roughly|plus|extra|additional|another|further|minimum|maximum|not|no"
    r"|minus|every|each|next|first|coming|following)(?: an?)? $"
)
_PLAINLY = {
    OFFER: re.compile(r"(?:\b(?:(?:how|what|email|message|note) about|bill,? minus)|[:,] minus) $"),
    TENURE: re.compile(
        r"\b(?:(?:loyalty|patience|business|custom|support|confidence|kindness|company|friendship|feedback)"
        r"(?: (?:with|to|in) us)? over|(?:for|after|been with us|with us for) (?:about|around)|your first) $"
    ),
    VALID_UNTIL: re.compile(r"\bup to (?:and including )?$"),
}
"""Where a word of `_HEDGE` hedges nothing: "how about", "loyalty over"."""
_OPEN_END = re.compile(r"\+| or (?:more|less)\b| (?:and|or) (?:up|above|below)\b")

_TERM = re.compile(
    r"(\w*)[,.:]? for (?:(?:a|an|the|all|these|over|\w+)[ -])?(?:(?:full|whole|\w+)[ -])?"
    r"(?:\^|(?:month|year|week)s?\b)"
)
"""A length of time after 'for', and the word before it."""
_TERM_HINTS = word_set("month months year years week weeks")
_TERM_OF = re.compile(r"\^ (?:off|free|of (?:savings?|discounts?|service))\b")
_TENURE_BEFORE = word_set(
    "you thanks thank us grateful thankful customer here together member loyal stayed been subscriber "
    "family subscribed company around friend community trust loyalty support custom patience business"
)
_THANKED = re.compile(
    r"bill for (?:your )?\^ (?:with us|together|of (?:being|your|loyalty|trust|custom|patience)|as (?:a|our)"
    r"|here)\b"
)
"""The discount holds for the next bill, and the tenure is what it is for."""
_PRICED = re.compile(r"[~%]|\b(?:off|discount|save|saving|lower|less|price|rate|bill|pay|cheaper)\b")
_CLAUSE_END = re.compile(r"[.!?:;]")

_SIGN = re.compile(r"[\d%$]")
_OFF_ASCII = frozenset({"Sc", "Nd", "Nl", "No"})
_AMOUNT = re.compile(
    r"\b(?:an?|one|free|per|full|entire|whole)[ -](?:per cent|hour|day|week|month|year)s?\b"
    r"|\b(?:hour|day|week|month|year)s? (?:free|on us)\b|\bper cent\b"
    r"|\bmonth[- ]to[- ]month\b|\b(?:annual|yearly)[ -](?:plan|contract)\b"
    r"|\b(?:until|till|by|before|through|expir\w+|(?<!the )end(?:s|ing)?|valid|only)\b(?: (?:on|the|end|of"
    r"|only|for))*"
    r" (?:today|noon|(?:next|this|the) (?:week|weekend|month|year|day)\b|(?:end|close) of(?! #))"
    r"|\btoday only\b"
)
_LOOSE = word_set(
    "per hour day week month year hours days weeks months years annual yearly today noon end close"
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Struck:
    """A text whose rightly stated figures are replaced by the marks of `MARKS`."""

    left: str
    words: frozenset[str]
    """Words of what is left."""
    stated: frozenset[str]
    """Slots whose values were stated."""


def strike(low: str, facts: Facts) -> Struck:
    """Strike out every figure that equals the facts.

    Args:
        low: Folded text in lower case, the name taken out.
        facts: What may be stated.
    """
    # Figures worded as in `slots` are struck first; only what is worded otherwise is read in full.
    plain = _struck(_AS_WORDED, _exactly(slot_values(facts)), low)
    if _SIGN.search(plain.left) is None and plain.words.isdisjoint(figures.PARTS):
        return plain
    return strike_all(low, facts)


def strike_all(low: str, facts: Facts) -> Struck:
    """Do what `strike` does, for any wording."""
    return _struck(figures.STATED, lambda match: figures.slot_of(match, facts), low)


def _struck(pattern: re.Pattern[str], slot_of: Callable[[re.Match[str]], str | None], low: str) -> Struck:
    stated: set[str] = set()

    def read(match: re.Match[str]) -> str:
        slot = slot_of(match)
        if slot is None or not _stands(slot, match):
            return match.group()
        stated.add(slot)
        return MARKS[slot]

    left = pattern.sub(read, low)
    if _NEXT_BILL.search(left):
        stated.add(DURATION)
    return Struck(left, frozenset(_WORD.findall(left)), frozenset(stated))


def _exactly(values: dict[str, str]) -> Callable[[re.Match[str]], str | None]:
    slots = {values[slot].lower(): slot for slot in MARKS if slot in values}

    def slot_of(match: re.Match[str]) -> str | None:
        before = match.string[max(0, match.start() - 4) : match.start()]
        # The full reading takes "the" into the day, and so looks at the word before it.
        if before[-1:].isalnum() or before[-1:] in _GLUE or before == "the ":
            return None
        return slots.get(match.group())

    return slot_of


def has_figure(struck: Struck, facts: Facts) -> bool:
    """Say whether a struck text still holds a figure: one that nobody decided."""
    left, words = struck.left, struck.words
    if _SIGN.search(left) or not words.isdisjoint(figures.WORDS):
        return True
    if not left.isascii() and any(unicodedata.category(c) in _OFF_ASCII or c in "🔟💯" for c in left):
        return True
    if words.isdisjoint(_LOOSE):
        return False
    # "For years" is a figure too: at least two of them.
    vague_years = "years" in words and (facts.tenure_months or 0) < 24
    return vague_years or _AMOUNT.search(left) is not None


def has_term(struck: Struck) -> bool:
    """Say whether a struck text gives a discount or a price for a length of time.

    "10% off for 12 months" does, "10% off, and thank you for 12 months" does not.
    """
    left = _THANKED.sub("bill", struck.left)
    if MARKS[TENURE] not in left and struck.words.isdisjoint(_TERM_HINTS):
        return False
    if _TERM_OF.search(left):
        return True
    return any(
        match[1] not in _TENURE_BEFORE and _PRICED.search(_CLAUSE_END.split(left[: match.end(1)])[-1])
        for match in _TERM.finditer(left)
    )


def _stands(slot: str, match: re.Match[str]) -> bool:
    """Say whether the words around a figure leave it what it is."""
    before, after = match.string[max(0, match.start() - 16) : match.start()], match.string[match.end() :]
    if slot == PLAN:
        return True
    if slot == VALID_UNTIL and not has_place(slot, match.string[: match.start()], after):
        return False
    if _OPEN_END.match(after):
        return False
    hedge = _HEDGE.search(before)
    return hedge is None or _PLAINLY[slot].search(match.string[: match.start()]) is not None
