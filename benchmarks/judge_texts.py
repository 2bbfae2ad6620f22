"""Pairs of messages that the judge learns from: of two drafts for one brief, which is better, and why.

A draft is put together of phrases and then spoilt by none, one or two weaknesses, each with a weight; the
better of a pair weighs less. Both drafts of a pair are worded apart, so that wording alone decides nothing.
Nothing here was written with, or reads, what the models are trained on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks import judge_phrases as phrases
from churn_saver.domain.briefs import Brief, every_brief
from churn_saver.domain.slots import NAME, TENURE

Side = tuple[int, ...]
FIRST, SECOND, KEPT = (0,), (1,), (2,)
"""Which phrases, by their place in a pool modulo 3: two are taught, the third tells how good the judge is."""
TAUGHT = FIRST + SECOND
REPLIES = {"email": "reply to this email", "sms": "reply to this message", "push": "reply to this message"}
OTHER_REPLIES = {
    "email": "reply to this message",
    "sms": "reply to this email",
    "push": "reply to this email",
}
LEAST_GAP = 0.5
_HARD, _SOFTER = 2.0, 3.0
"""Weight from which a weakness is a fault, and how much oftener the others are drawn."""
_SPOILT = (0.30, 0.45, 0.25)
"""Shares of drafts with none, one and two weaknesses."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two drafts for one brief, and why one is better."""

    brief: Brief
    better: str
    worse: str
    kind: str
    """The heaviest weakness of the worse one."""
    sendable: bool
    """Neither has a fault that a shield or a first look would stop: what is left is quality."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A draft before it is put together; an empty part is left out."""

    greeting: str
    thanks: str
    offer: str
    step: str
    aside: str = ""
    """A whole sentence between."""
    closing: str = ""

    def text(self, reply: str) -> str:
        """Put it together, with capitals after full stops."""
        clauses = [part for part in (self.thanks, self.offer, self.step) if part]
        told = " ".join(_sentence(clause) for clause in clauses)
        whole = " ".join(part for part in (told, self.aside, self.closing) if part)
        if self.greeting.endswith(",") and self.thanks[:1] != "{":
            whole = whole[:1].lower() + whole[1:]
        whole = f"{self.greeting} {whole}".strip()
        return whole.replace("@Reply", reply.capitalize()).replace("@reply", reply)


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws phrases of one side of every pool."""

    rng: np.random.Generator
    side: Side

    def of(self, pool: Sequence[str]) -> str:
        """Give one phrase."""
        kept = [phrase for at, phrase in enumerate(pool) if at % 3 in self.side]
        return kept[int(self.rng.integers(len(kept)))]

    def chance(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return bool(self.rng.random() < share)


def pairs(n: int, seed: int, side: Side) -> list[Pair]:
    """Draw pairs over all briefs.

    Args:
        n: How many.
        seed: The same, the same pairs.
        side: Of the phrases.
    """
    pen, briefs = Pen(np.random.default_rng((seed, *side)), side), list(every_brief())
    found: list[Pair] = []
    while len(found) < n:
        brief = briefs[int(pen.rng.integers(len(briefs)))]
        (one, why_one, weight_one), (other, why_other, weight_other) = (_draft(brief, pen) for _ in "ab")
        if abs(weight_one - weight_other) < LEAST_GAP:
            continue
        first = weight_one < weight_other
        better, worse, blamed = (one, other, why_other) if first else (other, one, why_one)
        kind = max(blamed, key=lambda name: WEAKNESSES[name].weight)
        sendable = all(WEAKNESSES[name].weight < _HARD for name in (*why_one, *why_other))
        found.append(Pair(brief, better, worse, kind, sendable))
    return found


def sound(brief: Brief, pen: Pen) -> Parts:
    """Draw a draft without a weakness."""
    context = brief.context
    greeting = pen.of(phrases.NAMED if context.has_name else phrases.NAMELESS)
    known = context.tenure != "unstated"
    thanks = pen.of((phrases.TENURED if known else phrases.UNTENURED)[brief.tone])
    if not known and pen.chance(0.8 if brief.tone == "brief" else 0.4):
        thanks = ""
    if context.offer_percent:
        whole = pen.chance(0.7 if brief.tone == "brief" else 0.4)
        offer, step = ("", pen.of(phrases.WHOLE_STEPS)) if whole else (
            pen.of(phrases.OFFERS), pen.of(phrases.OFFER_STEPS))  # fmt: skip
    else:
        offer, step = pen.of(phrases.QUESTIONS), pen.of(phrases.CARE_STEPS)
    closing = pen.of(phrases.CLOSINGS) if brief.tone == "warm" and pen.chance(0.25) else ""
    return Parts(greeting, thanks, offer, step, closing=closing)


def _draft(brief: Brief, pen: Pen) -> tuple[str, list[str], float]:
    parts, reply = sound(brief, pen), REPLIES[brief.context.channel]
    count = int(pen.rng.choice(len(_SPOILT), p=_SPOILT))
    possible = [name for name, weakness in WEAKNESSES.items() if weakness.fits(brief)]
    shares = np.array([1.0 if WEAKNESSES[name].weight >= _HARD else _SOFTER for name in possible])
    drawn = pen.rng.choice(len(possible), size=count, replace=False, p=shares / shares.sum())
    chosen = [possible[int(at)] for at in drawn]
    for name in chosen:
        parts = WEAKNESSES[name].spoil(parts, brief, pen)
    text = parts.text(OTHER_REPLIES[brief.context.channel] if "wrong_channel" in chosen else reply)
    for name in chosen:
        text = WEAKNESSES[name].after(text, pen)
    return text, chosen, sum(WEAKNESSES[name].weight for name in chosen)


def _sentence(clause: str) -> str:
    start = clause[:1].upper() + clause[1:] if clause[:1] != "@" else "@R" + clause[2:]
    return start if start[-1] in ".?!" else start + "."


Spoil = Callable[[Parts, Brief, Pen], Parts]
After = Callable[[str, Pen], str]


@dataclass(frozen=True, slots=True)
class Weakness:
    """One way to be worse, and how much worse it is."""

    weight: float
    spoil: Spoil = lambda parts, _brief, _pen: parts
    after: After = lambda text, _pen: text
    fits: Callable[[Brief], bool] = lambda _brief: True


def _aside(pool: Sequence[str]) -> Spoil:
    return lambda parts, _brief, pen: replace(parts, aside=f"{parts.aside} {pen.of(pool)}".strip())


def _vague(parts: Parts, brief: Brief, pen: Pen) -> Parts:
    # A discount keeps its last day, so that only the step is weaker.
    offer = parts.offer or pen.of(phrases.OFFERS)
    if brief.context.offer_percent:
        offer = f"{offer} until {{valid_until}}"
    return replace(parts, offer=offer, step=pen.of(phrases.VAGUE))


def _wordy(parts: Parts, _brief: Brief, pen: Pen) -> Parts:
    fillers = " ".join(pen.of(phrases.FILLERS) for _ in range(1 + pen.chance(0.4)))
    return replace(parts, aside=f"{parts.aside} {fillers}".strip())


def _twice(text: str, pen: Pen) -> str:
    sentences = text.removesuffix(".").split(". ")
    at = int(pen.rng.integers(len(sentences)))
    return ". ".join([*sentences[: at + 1], sentences[at], *sentences[at + 1 :]]) + "."


def _garbled(text: str, pen: Pen) -> str:
    words = text.split(" ")
    for _ in range(3):
        one, other = (int(at) for at in pen.rng.integers(len(words), size=2))
        words[one], words[other] = words[other], words[one]
    return " ".join(words)


def _stuttered(text: str, pen: Pen) -> str:
    words = text.split(" ")
    at = int(pen.rng.integers(1, max(2, len(words) - 2)))
    return " ".join([*words[:at], *words[at : at + 2] * int(pen.rng.integers(2, 4)), *words[at + 2 :]])


def _cut(text: str, pen: Pen) -> str:
    words = text.split(" ")
    return " ".join(words[: int(pen.rng.integers(3, max(4, len(words) - 2)))])


def _has_offer(brief: Brief) -> bool:
    return brief.context.offer_percent > 0


def _has_tenure(brief: Brief) -> bool:
    return TENURE in brief.slots


def _has_name(brief: Brief) -> bool:
    return NAME in brief.slots


WEAKNESSES: Mapping[str, Weakness] = {
    "generic_thanks": Weakness(
        1.0,
        lambda parts, brief, pen: replace(parts, thanks=pen.of(phrases.UNTENURED[brief.tone])),
        fits=_has_tenure,
    ),
    "no_thanks": Weakness(1.0, lambda parts, _b, _p: replace(parts, thanks="", closing=""), fits=_has_tenure),
    "cold": Weakness(
        1.0, lambda parts, _b, pen: replace(parts, thanks=pen.of(phrases.COLD), closing="")
    ),
    "vague_step": Weakness(1.5, _vague),
    "no_step": Weakness(
        1.5, lambda parts, _b, _p: replace(parts, step=""), fits=lambda brief: not _has_offer(brief)
    ),
    "two_steps": Weakness(
        1.0, lambda parts, _b, pen: replace(parts, step=f"{parts.step} {pen.of(phrases.SECOND_STEPS)}")
    ),
    "wordy": Weakness(1.0, _wordy),
    "jargon": Weakness(1.0, _aside(phrases.JARGON)),
    "flattery": Weakness(0.75, _aside(phrases.FLATTERY)),
    "plan_for_nothing": Weakness(0.75, _aside(phrases.PLAN_ASIDES)),
    "gushing": Weakness(0.75, _aside(phrases.GUSHING), fits=lambda brief: brief.tone != "warm"),
    "chatty": Weakness(
        0.5,
        lambda parts, _b, pen: replace(
            parts, thanks=pen.of(phrases.UNTENURED["warm"]), aside=pen.of(phrases.CLOSINGS)
        ),
        fits=lambda brief: brief.tone == "brief" and not _has_tenure(brief),
    ),
    "wrong_channel": Weakness(1.0),
    "name_twice": Weakness(
        0.75, lambda parts, _b, _p: replace(parts, closing=f"{parts.closing} Thank you, {{name}}.".strip()),
        fits=_has_name,
    ),
    "no_name": Weakness(
        2.0, lambda parts, _b, pen: replace(parts, greeting=pen.of(phrases.NAMELESS)), fits=_has_name
    ),
    "no_offer": Weakness(
        3.0,
        lambda parts, _b, pen: replace(
            parts, offer=pen.of(phrases.QUESTIONS), step=pen.of(phrases.CARE_STEPS)
        ),
        fits=_has_offer,
    ),
    "foreign_offer": Weakness(
        3.0,
        lambda parts, _b, pen: replace(parts, offer=pen.of(phrases.OFFERS), step=pen.of(phrases.OFFER_STEPS)),
        fits=lambda brief: not _has_offer(brief),
    ),
    "pressure": Weakness(2.5, _aside(phrases.PRESSURE)),
    "promise": Weakness(2.5, _aside(phrases.PROMISED)),
    "rude": Weakness(3.0, _aside(phrases.RUDE)),
    "repeated": Weakness(2.0, after=_twice),
    "garbled": Weakness(3.0, after=_garbled),
    "stuttered": Weakness(3.0, after=_stuttered),
    "cut": Weakness(3.0, after=_cut),
}  # fmt: skip
"""By name; those below _HARD leave a text that a shield would pass."""
