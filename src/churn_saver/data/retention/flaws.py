"""Texts that must not be sent, made of drafts that may be: each by one kind of fault.

Kinds: wrong_offer, missing_slot, pressure, shouting, too_long, too_short, repetition, promise,
wrong_duration, wrong_channel, foreign_slot, misplaced_slot and rude. This module does not know the rules of
the shield; it writes what those rules, or a reader, would refuse.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from churn_saver.data.retention.drafts import Draft, lengths
from churn_saver.data.retention.lapses import (
    EXTRA_OFFERS,
    FOREIGN_NAMES,
    FOREIGN_SENTENCES,
    FOREIGN_TENURES,
    LASTING,
    MORE_WORDS,
    OTHER_SLOTS,
    PRESSURE,
    PROMISES,
    RUDE,
    SHORT_CARE,
    SHORT_OFFERS,
    UNDATED,
    UNDECIDED_OFFERS,
    VAGUE_OFFERS,
    WRONG_SHAPES,
)
from churn_saver.data.retention.phrases import Draws, parted, phrased, sentence, sentences
from churn_saver.domain.slot_places import misplaced
from churn_saver.domain.slots import LONGEST, SHORTEST

_WRONG_PERCENTS = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 75)
_OTHER_PLACES = {"email": ("text",), "sms": ("email",), "push": ("email", "text")}
_PLACE = re.compile(r"\bthis (?:email|message|text)\b")
_BY_DAY = re.compile(r"(?:by|before|until|up to and including|on) \{valid_until\}")
_SLOT = re.compile(r"(\{\w+\})")
_WORD = re.compile(r"\b[a-z]{3,}\b")


def flawed(kind: str, draft: Draft, split: str, draws: Draws) -> str | None:
    """Spoil a draft.

    Args:
        kind: Of `FLAWS`.
        draft: Good or weak; not changed.
        split: Whose sentences may be put in.
        draws: Where the chances come from.

    Returns:
        The spoilt text; None where this kind has nothing to spoil, such as an offer that is not there.
    """
    return FLAWS[kind](draft, split, draws)


def _wrong_offer(draft: Draft, split: str, draws: Draws) -> str | None:
    percent = draft.brief.context.offer_percent
    wrong = draws.one_of([other for other in _WRONG_PERCENTS if other != percent])
    if not percent:
        return _with_sentence(draft, _one(UNDECIDED_OFFERS, draft, split, draws), draws).replace(
            "#", str(wrong)
        )
    if draws.chance(0.15):
        return _with_sentence(draft, _one(EXTRA_OFFERS, draft, split, draws), draws).replace("#", str(wrong))
    shape = _one(WRONG_SHAPES, draft, split, draws) if draws.chance(0.3) else "#%"
    return draft.text.replace("{offer}", shape.replace("#", str(wrong)))


def _missing_slot(draft: Draft, split: str, draws: Draws) -> str | None:
    at = draft.brief.context
    ways = ["name"] * at.has_name + ["offer", "duration", "valid_until"] * (at.offer_percent > 0)
    if not ways:
        return None
    way = draws.one_of(ways)
    if way == "name":
        return _nameless(draft, draws)
    if way == "valid_until":
        undated = _BY_DAY.sub(_one(UNDATED, draft, split, draws), draft.text)
        return undated.replace("{valid_until}", "soon").replace(" .", ".").replace("  ", " ")
    if way == "offer":
        return _replaced(draft.text, "{offer}", _one(VAGUE_OFFERS, draft, split, draws))
    shorter = re.sub(r" (?:off|from|to|on|of) \{duration\}", " off", draft.text)
    return None if "{duration}" in shorter else shorter


def _replaced(text: str, slot: str, words: str) -> str:
    """Put words in the place of a slot, with a capital where they begin a sentence."""
    whole = text.replace(slot, words)
    return " ".join(one[0].upper() + one[1:] for one in sentences(whole))


def _nameless(draft: Draft, draws: Draws) -> str:
    greeting = draws.one_of(("Hello,", "Hi,", "Dear customer,", "Hi there,", ""))
    return replace(draft, greeting=greeting, name_last=False).text


def _pressure(draft: Draft, split: str, draws: Draws) -> str:
    return _with_sentence(draft, _one(PRESSURE, draft, split, draws), draws)


def _rude(draft: Draft, split: str, draws: Draws) -> str:
    return _with_sentence(draft, _one(RUDE, draft, split, draws), draws)


def _promise(draft: Draft, split: str, draws: Draws) -> str:
    return _with_sentence(draft, _one(PROMISES, draft, split, draws), draws)


def _shouting(draft: Draft, _: str, draws: Draws) -> str:
    text = draft.text
    if draws.chance(0.4):
        return "".join(part if _SLOT.match(part) else part.upper() for part in _SLOT.split(text))
    if draws.chance(0.4):
        return re.sub(r"[.!?](?= |$)", "!!!", text)
    loud = [
        match
        for match in _WORD.finditer(_SLOT.sub(lambda slot: "#" * len(slot[0]), text))
        if len(match[0]) > 3
    ]
    for match in draws.shuffled(loud)[:4]:
        text = text[: match.start()] + match[0].upper() + text[match.end() :]
    return text if draws.chance(0.5) else f"{text[:-1]}!!"


def _too_long(draft: Draft, split: str, draws: Draws) -> str:
    text = draft.text
    for words in draws.shuffled(parted(MORE_WORDS, split)):
        if lengths(text, draft.brief)[0] > LONGEST + 10:
            break
        text = f"{text} {sentence(phrased(words, draft.brief.context.channel, draws))}"
    return text


def _too_short(draft: Draft, split: str, draws: Draws) -> str | None:
    at = draft.brief.context
    if draws.chance(0.4):
        words = draft.text.split()
        cut = next(
            k for k in range(len(words), 0, -1) if lengths(" ".join(words[:k]), draft.brief)[1] < SHORTEST - 4
        )
        return " ".join(words[: max(3, cut - draws.one_of((0, 1, 2)))])
    short = _one(SHORT_OFFERS if at.offer_percent else SHORT_CARE, draft, split, draws)
    greeting = draws.one_of(("Hi {name}, ", "{name}, ", "")) if at.has_name else draws.one_of(("Hi, ", ""))
    text = greeting + (short if greeting else sentence(short))
    return text if lengths(text, draft.brief)[1] < SHORTEST else None


def _repetition(draft: Draft, _: str, draws: Draws) -> str | None:
    text = draft.text
    every = list(sentences(text))
    way = draws.one_of(("sentence", "word", "end", "name" if draft.brief.context.has_name else "end"))
    if way == "sentence":
        place = draws.one_of(range(len(every)))
        said = every[place]
        again = [said] * draws.one_of((1, 1, 2))
        spoilt = " ".join([*every[: place + 1], *again, *every[place + 1 :]])
    elif way == "word":
        word = draws.one_of([match[0] for match in _WORD.finditer(_SLOT.sub("#", text))])
        spoilt = re.sub(rf"\b{word}\b", " ".join([word] * draws.one_of((2, 3, 4))), text, count=1)
    elif way == "name":
        spoilt = " ".join([*every[:-1], f"{{name}}, {every[-1][0].lower()}{every[-1][1:]}", "{name}!"])
    else:
        spoilt = " ".join([*every, *([every[-1]] * draws.one_of((1, 2)))])
    return spoilt if lengths(spoilt, draft.brief)[1] <= LONGEST else None


def _wrong_duration(draft: Draft, split: str, draws: Draws) -> str | None:
    if not draft.brief.context.offer_percent:
        return None
    return draft.text.replace("{duration}", _one(LASTING, draft, split, draws))


def _wrong_channel(draft: Draft, _: str, draws: Draws) -> str | None:
    place = draws.one_of(_OTHER_PLACES[draft.brief.context.channel])
    moved = _PLACE.sub(f"this {place}", draft.text)
    return None if moved == draft.text else moved


def _foreign_slot(draft: Draft, split: str, draws: Draws) -> str:
    at, text = draft.brief.context, draft.text
    ways = ["other"] + ["name"] * 2
    ways += ["tenure"] * 2 * (at.tenure == "unstated") + ["offer"] * 2 * (at.offer_percent == 0)
    way = draws.one_of(ways)
    if way == "name" and at.has_name:
        return text.replace("{name}", _one(FOREIGN_NAMES, draft, split, draws))
    if way == "name":
        return replace(draft, greeting=draws.one_of(("Hi {name},", "Hello {name},", "{name},"))).text
    if way == "tenure":
        return _with_sentence(draft, _one(FOREIGN_TENURES, draft, split, draws), draws)
    if way == "offer":
        return _with_sentence(draft, _one(UNDECIDED_OFFERS, draft, split, draws), draws).replace(
            "#%", "{offer}"
        )
    present = [slot for slot in OTHER_SLOTS if slot in text]
    if present and draws.chance(0.7):
        slot = draws.one_of(present)
        return text.replace(slot, draws.one_of(OTHER_SLOTS[slot]))
    return _with_sentence(draft, _one(FOREIGN_SENTENCES, draft, split, draws), draws)


def _misplaced_slot(draft: Draft, _: str, draws: Draws) -> str | None:
    """Tell a fact where another belongs: in its stead, where it may stay untold, else both change places."""
    present = sorted({slot for slot in _SLOT.findall(draft.text) if slot != "{name}"})
    if len(present) < 2:
        return None
    one, other = draws.shuffled(present)[:2]
    stays = one == "{tenure}" and draws.chance(0.5)
    text = "".join(
        other if part == one else one if part == other and not stays else part
        for part in _SLOT.split(draft.text)
    )
    return text if misplaced(text) else None


def _one(lines: Sequence[str], draft: Draft, split: str, draws: Draws) -> str:
    return phrased(draws.one_of(parted(lines, split)), draft.brief.context.channel, draws)


def _with_sentence(draft: Draft, words: str, draws: Draws) -> str:
    """Put a sentence between two others, or at the end."""
    every = list(sentences(draft.text))
    place = draws.one_of(range(1, len(every) + 1))
    return " ".join([*every[:place], sentence(words), *every[place:]])


Spoil = Callable[[Draft, str, Draws], str | None]
FLAWS: Mapping[str, Spoil] = {
    "wrong_offer": _wrong_offer, "missing_slot": _missing_slot, "pressure": _pressure, "shouting": _shouting,
    "too_long": _too_long, "too_short": _too_short, "repetition": _repetition, "promise": _promise,
    "wrong_duration": _wrong_duration, "wrong_channel": _wrong_channel, "foreign_slot": _foreign_slot,
    "misplaced_slot": _misplaced_slot, "rude": _rude,
}  # fmt: skip
