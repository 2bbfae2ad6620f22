"""A second judge of messages: regular expressions and arithmetic, nothing of the product.

Where the shield knows many ways to be wrong, this one knows the few ways to be right: every character must
be one that letters to customers need, every figure must be one of the facts, word for word, and some words
must not stand at all. It shares no code with the shield and was written apart from it, so that a hole of the
one is not a hole of the other. It is stricter on wording than a company needs: it is a ruler, not a gate.
"""

import re
from datetime import date


def _words(listed: str) -> list[str]:
    return listed.split()


MONTHS = _words("January February March April May June July August September October November December")
WEEKDAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
TERMS = {"month-to-month": "month-to-month", "one year": "one-year", "two year": "two-year"}
STOP_LINE = " Reply STOP to opt out."
FORBIDDEN = _words(
    "free guarante refund gift prize win winner voucher coupon cashback bonus upgrade waive lottery forever "
    "lifetime permanent "
    "always urgent hurry act now last chance limited must sue legal lawyer court police debt collect "
    "warning consequences "
    "idiot moron stupid fuck shit damn bitch ass asshole bastard crap hell dumb loser jerk kill hate "
    "password passport card "
    "account number address dollar euro pound cent cents half third quarter double twice dozen hundred "
    "thousand million unlimited "
    "today tonight tomorrow weekly monthly yearly annual"
)
NUMBER_WORDS = _words(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety"
)
LAST_DAY = r"by|until|before|through|including|later than|ends on|(?:day|date)\b[^.!?]*(?: is|:)"
"""What stands before a last day."""
FEEL_FREE = re.compile(r"\b[Ff]eel free to\b")


def faults(
    text: str,
    name: str | None,
    tenure: int | None,
    percent: int,
    contract: str | None,
    last_day: date | None,
    channel: str,
) -> list[str]:
    """Say what is wrong with a message; empty: nothing that this judge can see."""
    found = []
    if channel == "sms":
        if not text.endswith(STOP_LINE):
            found.append("no opt-out line")
        text = text.removesuffix(STOP_LINE)
    if not 50 <= len(text) <= 200 or text != text.strip():
        found.append(f"{len(text)} characters")
    if name is not None:
        parts = re.split(rf"(?<!\w){re.escape(name)}(?!\w)", text, maxsplit=1)
        if len(parts) != 2:
            found.append("no name")
        text = "Friend".join(parts)
    left = _without_facts(text, tenure, percent, contract, last_day, found)
    if re.search(r"[^A-Za-z ,.;:!?'’—–()-]", left):
        found.append("a character that no letter needs, or a figure that nobody decided")
    if re.search(r"\.[A-Za-z]|[A-Z]{2}|!.*!|[A-Za-z]\.[A-Za-z]|([A-Za-z])\1\1|\b(?:[A-Za-z][ .-]){3}", left):
        found.append("an address, shouting, or letters pulled apart")
    words = set(re.findall(r"[a-z]+", FEEL_FREE.sub("", left).lower()))
    bad = {
        word
        for word in words
        for stem in FORBIDDEN
        if word == stem or (len(stem) > 5 and word.startswith(stem))
    }
    bad |= words & {
        word.lower() for word in (*NUMBER_WORDS, *WEEKDAYS, *MONTHS) if word not in ("May", "March")
    }
    if percent == 0:
        bad |= words & {"off", "discount", "offer", "deal", "cheaper", "save", "savings", "lower"}
    if bad:
        found.append("words: " + ", ".join(sorted(bad)))
    return found


def _without_facts(
    text: str, tenure: int | None, percent: int, contract: str | None, last_day: date | None, found: list[str]
) -> str:
    """Take out every figure that equals a fact, and note the facts that had to stand and do not."""
    if percent:
        share = rf"(?<![\d.,-]){percent}(?: ?%| per ?cent)"
        if len(re.findall(share, text)) != 1:
            found.append(f"{percent} % does not stand exactly once")
        text = re.sub(share, "", text)
        if len(re.findall(r"\bnext bill\b", text)) != 1:
            found.append("the next bill does not stand exactly once")
        if re.search(r"\bbills\b(?! add up)", text):
            found.append("several bills")
        assert last_day is not None
        day, month, year = last_day.day, MONTHS[last_day.month - 1], last_day.year
        dated = rf"(?<!\d)(?:{day} {month}(?: {year})?|{month} {day}(?:, {year})?)(?!\d)"
        if len(re.findall(dated, text)) != 1:
            found.append("the last day does not stand exactly once")
        if not re.search(rf"\b(?:{LAST_DAY}) (?:[A-Z][a-z]+day,? )?(?:the )?{dated}", text, re.IGNORECASE):
            found.append("a day that is told as no last day")
        text = re.sub(dated, "", text)
    if tenure:
        years = tenure // 12 if tenure % 12 == 0 else 0
        spans = [
            f"{tenure} month" + "s" * (tenure > 1),
            *([f"{years} years"] if years > 1 else []),
            *(["a year"] * (years == 1)),
        ]
        text = re.sub(rf"(?<!\d)(?:{'|'.join(spans)})\b", "", text)
    if contract:
        text = re.sub(rf"\b{TERMS[contract]} plan\b", "plan", text)
    if re.search(
        r"\b(?:(?:month|year|week|day)s|(?<!Good )(?:month|year|week|day)|every (?:bill|time))\b", text
    ):
        found.append("a length of time that is no fact")
    return text
