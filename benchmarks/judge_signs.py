"""What a reader would notice of a draft, counted: the plain half of what the judge of `judge.py` sees.

A sign knows the brief and the draft, no phrase of any grammar as a whole. Drafts are read with their slots;
lengths are those of typical values.
"""

import re
from collections import Counter
from itertools import pairwise

from churn_saver.domain.briefs import CHANNELS, TONES, Brief
from churn_saver.domain.slots import DURATION, NAME, OFFER, PLAN, TENURE, VALID_UNTIL

_TYPICAL = {
    NAME: "Jordan", TENURE: "24 months", OFFER: "10%", PLAN: "one-year plan", DURATION: "your next bill",
    VALID_UNTIL: "12 December 2026",
}  # fmt: skip
_SLOT = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"\{?\w[\w']*\}?")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
SHORT, LONG = 70, 150
"""Between them a filled draft is neither terse nor wordy, in characters."""
_THANKS = r"\b(?:thank|thanks|grateful|appreciate|thankful|value)\b"
_STEP = (
    r"(?:visit|log|sign|click|tap|open|call|ring|phone|speak|chat|contact|write|text|stop by|come by|go to|"
    r"head|check out|fill|rate|read|browse)\b"
)
_SAID = {
    "warm": "glad|happy|lovely|pleasure|delighted|enjoy|love|means a lot|good to have|trust(?:ed|ing)?|care",
    "cold": r"notice|note|regarding|following|records?|account|file|subject to|applies|apply|information|"
    r"reminder|concerns?|hereby|contract",
    "flattery": r"amazing|brilliant|incredible|superstar|genius|favou?rite|wonderful|exquisite|fantastic|"
    r"the best|finest|greatest|awesome|special|treasured|rare",
    "filler": r"as you (?:may|might)|already|please note|in this regard|opportunity|hesitate|finds? you|"
    r"would like to (?:take|inform|let)|writing to|wanted to|at the end of the day|needless|goes without|"
    r"in order to|with respect to|take note|at this time|whatsoever",
    "jargon": r"retention|incentive|subscri\w+|eligible|benefit|profile|pursuant|redeem\w*|lifecycle|"
    r"engagement|solutions?|optimi\w+|leverage|tier|adjustment|allocat\w+|process(?:ed|ing)|utili[sz]e",
    "passive": r"(?:is|are|was|were|been|being|be) (?:\w+ly )?\w+(?:ed|en)",
    "hedge": r"perhaps|maybe|might|may|possibly|some ?time|whenever|if needed|anything|whatever",
    "pressure": r"now|hurry|quick|fast|last chance|miss out|immediately|only a few|act|regret|urgent\w*|"
    r"today|tonight|tomorrow|too late|running out|wait\w*|minute|must",
    "promise": r"free|guarantee\w*|promise\w*|refund|gift|cash|prize|win|never|(?:for)? ?ever|always|"
    r"upgrade|bonus|nothing|less",
    "rude": r"stupid|fool|idiots?|stop|complain\w*|nobody|tired|clearly|dumb|lazy|silly|blame|annoying|"
    r"wast(?:e|ing)|fault|pay attention",
    "discount_words": "discount|off|save|saving|offer|deal",
    "vague_step": r"let us know|get in touch|reach out|feel free|here (?:if|for|to help)|in mind|find us|"
    r"think about|what might",
    "you": r"you\w*",
    "we": r"we|our|us",
}
_PATTERNS = {
    "thanks": re.compile(_THANKS, re.IGNORECASE),
    "other_step": re.compile(
        rf"\b(?:and|or|then|also) (?:\w+ )?{_STEP}|^{_STEP}|[.!?] {_STEP}|\bto {_STEP}", re.IGNORECASE
    ),
    "exclaims": re.compile("!"),
    "asks": re.compile(r"\?"),
    "commas": re.compile("[,;:]"),
    **{name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in _SAID.items()},
}
_REPLY = re.compile(
    r"\b(?:reply|answer|respond|write back)\b(?: (?:to|with|on|back))*(?: (?:this|the|our))?"
    r"(?: (email|mail|message|text|note))?",
    re.IGNORECASE,
)
_NEAR_THANKS = re.compile(_THANKS + r"[^.!?]*\{tenure\}|\{tenure\}[^.!?]*" + _THANKS, re.IGNORECASE)


def circumstances(brief: Brief) -> tuple[float, ...]:
    """Say what a draft is for, in numbers."""
    context = brief.context
    return (
        *(float(brief.tone == tone) for tone in TONES),
        *(float(context.channel == channel) for channel in CHANNELS),
        float(context.offer_percent > 0), float(TENURE in brief.slots), float(context.has_name),
    )  # fmt: skip


def signs(brief: Brief, draft: str) -> tuple[float, ...]:
    """Count what a reader would notice, in a fixed order."""
    text = draft.strip()
    slots = Counter(_SLOT.findall(text))
    counted = {name: float(len(pattern.findall(text))) for name, pattern in _PATTERNS.items()}
    tenured, discounted = TENURE in brief.slots, brief.context.offer_percent > 0
    near = float(_NEAR_THANKS.search(text) is not None)
    kindness = counted["warm"] + counted["thanks"]
    return (
        *_sizes(text), *_repeats(text), *_steps(brief, text), *counted.values(),
        *(float(slots[name]) for name in _TYPICAL),
        float(sum(count for name, count in slots.items() if name not in brief.slots)),
        near, near * tenured, counted["thanks"] * (tenured and not slots[TENURE]),
        float(tenured and not slots[TENURE]), float(brief.context.has_name and slots[NAME] != 1),
        float(discounted and not slots[OFFER] == slots[DURATION] == slots[VALID_UNTIL] == 1),
        counted["discount_words"] * (not discounted),
        kindness * (brief.tone == "warm"), counted["exclaims"] * (brief.tone != "warm"),
    )  # fmt: skip


def _sizes(text: str) -> tuple[float, ...]:
    filled = _SLOT.sub(lambda slot: _TYPICAL.get(slot[1], "something"), text)
    sentences = [len(_WORD.findall(one)) for one in _SENTENCE.split(filled) if one.strip()] or [0]
    long = float(len(filled))
    starts = float(text[:1].isupper() or text[:1] == "{")
    lowered, raised = (float(len(re.findall(odd, filled))) for odd in (r"[.!?] [a-z]", r"(?<![.!?:]) [A-Z]"))
    return (
        long, max(0.0, SHORT - long), max(0.0, long - LONG), float(len(sentences)), float(max(sentences)),
        float(min(sentences)), float(text[-1:] in {".", "!", "?"}), starts, lowered, raised,
    )  # fmt: skip


def _repeats(text: str) -> tuple[float, ...]:
    words = [word.lower() for word in _WORD.findall(text)]
    runs = [tuple(words[at : at + 2]) for at in range(len(words) - 1)]
    beside = sum(one == other for one, other in pairwise(words))
    return float(len(runs) - len(set(runs))), float(beside), len(set(words)) / max(1, len(words))


def _steps(brief: Brief, text: str) -> tuple[float, ...]:
    replies = list(_REPLY.finditer(text))
    nouns = {found[1].lower() for found in replies if found[1]}
    right = {"email", "mail"} if brief.context.channel == "email" else {"message", "text", "note"}
    last = _SENTENCE.split(text.rstrip(".!? "))[-1]
    dated = any("{valid_until}" in one for one in _SENTENCE.split(text) if _REPLY.search(one))
    return (
        float(len(replies)), float(len(replies) != 1), float(bool(nouns - right)), float(bool(nouns & right)),
        float(_REPLY.search(last) is not None), float(dated and brief.context.offer_percent > 0),
    )  # fmt: skip
