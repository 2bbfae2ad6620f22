"""The grammar of figures: per cents, tenures, contract terms and days, in digits and in words.

It knows how a figure may be worded and what it is worth, and compares it with the facts. It does
not know what stands around a figure or whether a text may be sent; that is `reading` and `shield`.
All of it reads folded text in lower case.
"""

import re
from collections.abc import Callable
from datetime import date

from churn_saver.domain.lexicon import word_set
from churn_saver.domain.slots import MONTHS, OFFER, PLAN, TENURE, VALID_UNTIL, Facts

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUE = {word: value for value, word in enumerate(_UNITS)}
_VALUE |= {word: 20 + 10 * k for k, word in enumerate(_TENS)} | {"a": 1, "an": 1}
_MONTH = {name.lower(): k + 1 for k, name in enumerate(MONTHS)}
_MONTH |= {name[:3]: k for name, k in _MONTH.items()} | {"sept": 9}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLAN_OF = {
    "month-to-month": "month-to-month",
    "one-year": "one year", "1-year": "one year", "12-month": "one year", "annual": "one year",
    "yearly": "one year", "two-year": "two year", "2-year": "two year", "24-month": "two year",
}  # fmt: skip

_WORD_NUMBER = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS[1:10])}))?|{'|'.join(_UNITS[:0:-1])})"
# Only the digits that the slots are written in: others are figures too, and never stated.
_NUMBER = rf"(?:[0-9]+|{_WORD_NUMBER})"
_MONTH_NAME = "(?:" + "|".join(sorted(_MONTH, key=len, reverse=True)) + ")"
_NTH = r"(?:st|nd|rd|th)?"
_PRAISE = "(?:great|good|wonderful|happy|lovely|fantastic|loyal|whole|full)"
_PLAN_NOUN = r"(?= (?:plan|contract|agreement|subscription)\b)"
STATED = re.compile(
    rf"(?<![\w.,$])(?:"
    rf"(?P<percent>{_NUMBER})[ -]?(?:%|per[ -]?cent\b|pct\b)(?![\w%])"
    rf"|(?P<plan>month[ -]to[ -]month\b|(?:(?:one|two|12?|24?)[ -](?:year|month)|annual|yearly){_PLAN_NOUN})"
    rf"|(?:(?P<weekday>{'|'.join(_WEEKDAYS)}),? )?(?:the )?(?:"
    rf"(?P<d1>[0-9]{{1,2}}){_NTH}(?: of)? (?P<m1>{_MONTH_NAME})\b\.?(?:,? (?P<y1>[0-9]{{4}}))?"
    rf"|(?P<m2>{_MONTH_NAME})\b\.? (?P<d2>[0-9]{{1,2}}){_NTH}(?:,? (?P<y2>[0-9]{{4}}))?"
    rf"|(?P<y3>[0-9]{{4}})-(?P<m3>[0-9]{{2}})-(?P<d3>[0-9]{{2}}))(?![\w%])(?![.,]\d)"
    rf"|(?P<years>{_NUMBER}|an?)[ -](?:{_PRAISE} )?years?\b(?:(?:,? and|,)? (?P<rest>{_NUMBER}) months?\b)?"
    rf"|(?P<months>{_NUMBER}|an?)[ -](?:{_PRAISE} )?months?\b(?![ -]to[ -]month)"
    rf")"
)
"""Every wording of a figure that can agree with the facts; more are figures all the same."""

WORDS = (
    frozenset([*_UNITS[2:], *_TENS, "zero", *_WEEKDAYS, *(set(_MONTH) - {"may", "march", "mar"})])
    | word_set("hundred hundreds thousand thousands million millions billion dozen dozens half halve halved")
    | word_set(
        "quarter third tenth fifth double doubled triple tripled quadruple twice thrice decade decades"
    )
    | word_set("percent percentage pct permille cent cents dollar dollars euro euros pound pounds buck bucks")
    | word_set("usd eur gbp quid fiver tenner tomorrow tonight midnight fortnight")
)
"""Words that are a figure, or a part of one, wherever they stand; "one" and "may" are not."""
PARTS = WORDS | word_set("one may march mar month months year years annual yearly per")
"""Words that a figure in any wording holds, if it has no digit."""


def slot_of(match: re.Match[str], facts: Facts) -> str | None:
    """Name the slot whose value a match of `STATED` equals."""
    return next(agrees(match, facts) for group, agrees in _READERS if match[group] is not None)


def _percent(match: re.Match[str], facts: Facts) -> str | None:
    return OFFER if facts.offer_percent > 0 and _number(match["percent"]) == facts.offer_percent else None


def _plan(match: re.Match[str], facts: Facts) -> str | None:
    # An unknown term ("12-year") equals no contract, and no contract agrees with no term.
    return (
        PLAN if facts.contract and _PLAN_OF.get(match["plan"].replace(" ", "-")) == facts.contract else None
    )


def _day(match: re.Match[str], facts: Facts) -> str | None:
    wanted = facts.valid_until
    day, month, year = (match[f"{k}1"] or match[f"{k}2"] or match[f"{k}3"] for k in "dmy")
    if wanted is None or int(day) != wanted.day or (_MONTH.get(month) or int(month)) != wanted.month:
        return None
    weekday = match["weekday"]
    if year is not None and int(year) != wanted.year:
        return None
    return VALID_UNTIL if weekday in (None, _WEEKDAYS[date.weekday(wanted)]) else None


def _tenure(match: re.Match[str], facts: Facts) -> str | None:
    months = 12 * _number(match["years"]) + _number(match["months"] or match["rest"])
    return TENURE if facts.tenure_months and months == facts.tenure_months else None


def _number(word: str | None) -> int:
    if word is None:
        return 0
    return int(word) if word.isdigit() else sum(_VALUE[part] for part in word.replace("-", " ").split())


_Reader = Callable[[re.Match[str], Facts], str | None]
_READERS: tuple[tuple[str, _Reader], ...] = (
    ("percent", _percent), ("plan", _plan), ("d1", _day), ("d2", _day), ("d3", _day),
    ("years", _tenure), ("months", _tenure),
)  # fmt: skip
