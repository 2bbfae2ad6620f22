"""Drafts put together: a greeting and sentences in one of several orders, good or weak by order.

A good draft fits its brief: it thanks for a tenure when there is one, speaks of the discount exactly
when there is one, and names one next step. A weak one still states every fact rightly, but lacks
some of that. This module does not know whether a draft may be sent.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from churn_saver.data.retention.asks import ASKS
from churn_saver.data.retention.care import CARE
from churn_saver.data.retention.offers import OFFERS
from churn_saver.data.retention.phrases import Draws, Frame, phrased, sentence
from churn_saver.data.retention.steps import STEPS
from churn_saver.data.retention.thanks import GREETINGS, NAMELESS, THANKS
from churn_saver.domain.briefs import Brief
from churn_saver.domain.slots import (
    DURATION,
    LONGEST,
    NAME,
    NEXT_BILL,
    OFFER,
    PLAN,
    PLANS,
    SHORTEST,
    TENURE,
    VALID_UNTIL,
    Context,
)

GENERIC_THANKS, NO_THANKS, WRONG_TONE = "generic_thanks", "no_thanks", "wrong_tone"
WEAKNESSES = ("vague_step", "two_steps", "cold", "wordy", "idle_plan", "flattery", WRONG_TONE,
              GENERIC_THANKS, NO_THANKS)  # fmt: skip
LONGEST_GOOD = {"warm": 150, "plain": 150, "brief": 110}
"""Characters of a good draft with usual facts, by tone."""
OPT_OUT_CHARACTERS = 23
LONGEST_NAME = 24
"""Drafts leave room for it; who has a longer one gets the plain sentence."""
_TRIES = 120
# Warm and brief are wrong equally often, so that what is wrong can be told from the brief alone.
_OTHER_TONES = {"warm": ("brief",), "plain": ("warm", "brief"), "brief": ("warm",)}
_LAYOUTS: dict[tuple[bool, bool], tuple[tuple[str, ...], ...]] = {
    (True, True): (
        ("thanks", "offer", "step"), ("thanks", "deal"), ("thanked_offer", "step"),
        ("offer", "step", "thanks"), ("deal", "thanks"),
    ),
    (True, False): (
        ("offer", "step"), ("deal",), ("thanks", "offer", "step"), ("thanks", "deal"), ("deal", "thanks"),
    ),
    (False, True): (
        ("thanks", "care", "care_step"), ("thanks", "ask"), ("thanked_care", "care_step"),
        ("care", "care_step", "thanks"), ("ask", "thanks"),
    ),
    (False, False): (
        ("care", "care_step"), ("ask",), ("thanks", "care", "care_step"), ("thanks", "ask"),
        ("ask", "thanks"),
    ),
}  # fmt: skip
"""Orders of sentences, by whether there is a discount and whether there is a tenure."""
_SLOT = re.compile(r"\{\w+\}")
_YOUR, _MOST_YOURS = re.compile(r"\b[Yy]our\b|\{duration\}"), 3  # it is "your next bill"
_SENTENCE_START = re.compile(r"(?<=[.?!] )[a-z]")


@dataclass(frozen=True, slots=True)
class Part:
    """One sentence of a draft, as its frame and as its words."""

    frame: Frame
    words: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A message with slots, still in its parts."""

    brief: Brief
    greeting: str
    """Empty: the first sentence begins the message."""
    name_last: bool
    """The name closes the first sentence instead of standing in a greeting."""
    parts: tuple[Part, ...]
    weaknesses: tuple[str, ...]

    @property
    def text(self) -> str:
        """Write it out."""
        first, *others = [part.words for part in self.parts]
        if self.name_last:
            first = f"{first}, {{{NAME}}}"
        begins = not self.greeting or self.greeting[-1] in ".!"
        whole = " ".join([self.greeting, sentence(first, begins), *map(sentence, others)]).strip()
        return _SENTENCE_START.sub(lambda match: match[0].upper(), whole)

    @property
    def structure(self) -> str:
        """Name the frames in their order."""
        return " ".join(part.frame.mark for part in self.parts)


def possible(brief: Brief) -> tuple[str, ...]:
    """Name the weaknesses that a draft for a brief can have: without a tenure nobody is thanked for it."""
    return WEAKNESSES if brief.context.tenure != "unstated" else WEAKNESSES[:-2]


def composed(brief: Brief, weaknesses: tuple[str, ...], split: str, draws: Draws) -> Draft | None:
    """Put a draft together; None when no try had the right length and frames of the split.

    Args:
        brief: The order.
        weaknesses: What the draft lacks, of `WEAKNESSES`; none: it is good.
        split: Validation and test have in each draft at least one frame that is theirs alone.
        draws: Where the chances come from.
    """
    for _ in range(_TRIES):
        draft: Draft | None = _good(brief, split, draws)
        for weakness in weaknesses:
            draft = draft and weakened(draft, weakness, split, draws)
        if draft is not None and fits(draft) and _is_of(draft, split) and not repeats(draft):
            return draft
    return None


def weakened(draft: Draft, weakness: str, split: str, draws: Draws) -> Draft | None:
    """Give a draft with one more weakness and all else as it is; None where it has no place for it."""
    parts = _weak_parts(draft, weakness, split, draws)
    if parts is None:
        return None
    return replace(draft, parts=parts, weaknesses=(*draft.weaknesses, weakness))


def fits(draft: Draft) -> bool:
    """Say whether a draft is long and short enough whatever the facts; a good one is short in its tone."""
    at = draft.brief.context
    shortest, usual, longest = lengths(draft.text, draft.brief)
    room = LONGEST - (OPT_OUT_CHARACTERS if at.channel == "sms" else 0)
    good = bool(draft.weaknesses) or usual <= LONGEST_GOOD[draft.brief.tone]
    return shortest >= SHORTEST and longest <= room and good


def repeats(draft: Draft) -> bool:
    """Say whether two sentences tell one fact, share three words in a row or thank, or "your" wears out."""
    if len(_YOUR.findall(draft.text)) > _MOST_YOURS:
        return True
    runs: set[tuple[str, ...]] = set()
    thanked = False
    for part in draft.parts:
        words = part.words.split()
        here = {
            *zip(words, words[1:], words[2:], strict=False),
            *((slot,) for slot in _SLOT.findall(part.words)),
        }
        thanks = "thank" in part.words.lower()
        if runs & here or (thanked and thanks):
            return True
        runs, thanked = runs | here, thanked or thanks
    return False


def lengths(text: str, brief: Brief) -> tuple[int, int, int]:
    """Count the characters that a text has with the shortest, the usual and the longest facts."""
    short = usual = long = len(text)
    for slot, least, middle, most in _gains(brief.context):
        times = text.count(slot)
        if times:
            short, usual, long = short + times * least, usual + times * middle, long + times * most
    return short, usual, long


@cache
def _gains(at: Context) -> tuple[tuple[str, int, int, int], ...]:
    """Give for each slot, braces and all, how many characters more its least, usual and longest fact has."""
    offer, plan, bill = len(f"{at.offer_percent}%"), len(PLANS[at.contract]), len(NEXT_BILL)
    sizes = {
        NAME: (2, 6, LONGEST_NAME),
        TENURE: (7, 8, 9) if at.tenure == "new" else (9, 9, 11),
        OFFER: (offer, offer, offer),
        PLAN: (plan, plan, plan),
        DURATION: (bill, bill, bill),
        VALID_UNTIL: (10, 15, 17),
    }
    signs = {slot: len(f"{{{slot}}}") for slot in sizes}
    return tuple(
        (f"{{{slot}}}", short - signs[slot], usual - signs[slot], long - signs[slot])
        for slot, (short, usual, long) in sizes.items()
    )


def _good(brief: Brief, split: str, draws: Draws) -> Draft:
    at = brief.context
    layout = draws.one_of(_LAYOUTS[at.offer_percent > 0, at.tenure != "unstated"])
    parts = tuple(_part(role, "", brief, brief.tone, split, draws) for role in layout)
    name_last = at.has_name and layout[0] == "thanks" and draws.chance(0.15)
    if name_last:
        return Draft(brief, "", True, parts, ())
    greeting = draws.one_of((GREETINGS if at.has_name else NAMELESS)[brief.tone])
    if ":" in greeting and ":" in parts[0].words:
        greeting = greeting.replace(":", ",")
    return Draft(brief, greeting, False, parts, ())


def _part(role: str, weakness: str, brief: Brief, tone: str, split: str, draws: Draws) -> Part:
    frame = draws.one_of(_choices(role, weakness, tone, brief.context.tenure, split))
    return Part(frame, phrased(frame.pattern, brief.context.channel, draws))


@cache
def _choices(role: str, weakness: str, tone: str, tenure: str, split: str) -> tuple[Frame, ...]:
    """Give the frames to draw from; those of the split itself as often as all that are trained on."""
    suited = [
        frame
        for frame in (*THANKS, *OFFERS, *STEPS, *CARE, *ASKS)
        if (frame.role, frame.weakness) == (role, weakness)
        and tone in frame.tones
        and tenure in frame.tenures
    ]
    trained = [frame for frame in suited if frame.split == "train"]
    own = [frame for frame in suited if frame.split == split != "train"]
    return (*trained, *(own * (len(trained) // len(own) + 1 if own else 0)))


def _weak_parts(draft: Draft, weakness: str, split: str, draws: Draws) -> tuple[Part, ...] | None:
    parts, brief = draft.parts, draft.brief
    if weakness == NO_THANKS:
        left = tuple(part for part in parts if part.frame.role != "thanks")
        thanked = any(part.frame.role.startswith("thanked") for part in parts)
        return left if left and left != parts and brief.context.tenure != "unstated" and not thanked else None
    if weakness == WRONG_TONE:
        tone = draws.one_of(_OTHER_TONES[brief.tone])
        return tuple(
            part if part.frame.weakness else _part(part.frame.role, "", brief, tone, split, draws)
            for part in parts
        )
    places = [
        place
        for place, part in enumerate(parts)
        if not part.frame.weakness
        and _choices(part.frame.role, weakness, brief.tone, brief.context.tenure, split)
    ]
    if not places:
        return None
    at = draws.one_of(places)
    weak = _part(parts[at].frame.role, weakness, brief, brief.tone, split, draws)
    return (*parts[:at], weak, *parts[at + 1 :])


def _is_of(draft: Draft, split: str) -> bool:
    return any(part.frame.split == split for part in draft.parts)
