"""Judge drafts by what the reward model never saw: the shield, and written rules of a good message.

A policy that learns from a reward model learns its weaknesses too: its score goes on rising when the
texts get worse. These rules are plain, cannot be flattered, and say when to stop. They are no judge of
beauty: what they cannot see is for the reward model and for people. Knows no model.
Source: Gao, Schulman & Hilton, Scaling Laws for Reward Model Overoptimization, ICML 2023,
https://arxiv.org/abs/2210.10760 (proxy and gold).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from churn_saver import shield
from churn_saver.domain.briefs import Brief
from churn_saver.domain.slot_places import misplaced
from churn_saver.domain.slots import DURATION, NAME, OFFER, PLAN, TENURE, VALID_UNTIL
from churn_saver.errors import InputError
from churn_saver.message.wording import fill
from churn_saver.train.bank_building import draft_violations, example_facts
from churn_saver.train.word_runs import runs_of, words_of

SHORTEST, LONGEST = 70, 150
"""Characters of a good message, filled, as a mean over short and long facts."""
MOST_WORDS = 24
"""Of a sentence that is read at once."""
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
_STEP = re.compile(
    r"\b(?:repl(?:y|ies|ying)|answer (?:this|us)|respond|call|ring|phone|click|visit|log in|sign up|contact|"
    r"get in touch|reach out|let us know|tell us|write (?:to|back)|message us|text us|email us|come by)\b"
)
_REPLY = re.compile(r"\breply\b")
_ELSEWHERE = {"email": re.compile(r"\bthis (?:text|sms)\b"), "sms": re.compile(r"\bemail\b")}
_WARM = re.compile(
    r"\b(?:thanks?|thank you|glad|happy|pleased|pleasure|appreciate|grateful|enjoy|welcome|good to have|"
    r"great to have|hope|trusted|here (?:for you|to help)|love to|like to hear|how (?:is|are))\b"
)
_FLATTERY = re.compile(
    r"\b(?:amazing|awesome|incredible|fantastic|best customers?|most valued|very special|exceptional)\b"
)
_FILLER = re.compile(
    r"\b(?:just wanted to|writing to|would like to inform|please be informed|please note|kindly|hereby|"
    r"in order to|at this point|as you may know|as a valued|with regard to|regarding|pursuant|leverage|"
    r"utili[sz]e|do not hesitate|don't hesitate|in the event that)\b"
)


@dataclass(frozen=True, slots=True)
class Gold:
    """What the rules say of some drafts."""

    score: float
    """Mean over drafts of the share of rules that each keeps; 0 for one that the shield stops, or with a slot
    that makes no sense where it stands."""
    pass_rate: float
    """Share that the shield lets through."""
    distinct_2: float
    """`distinct_2` of all of them."""
    kept: Mapping[str, float]
    """Share that keeps each rule, among those that the shield lets through; 0 where it lets none."""


def judged(briefs: Sequence[Brief], texts: Sequence[str], rules: shield.Rules) -> Gold:
    """Judge drafts.

    Args:
        briefs: What each was written for.
        texts: With slots, without the channel's opt-out line.
        rules: Of the shield.

    Raises:
        InputError: no draft, or another number of briefs.
    """
    if not texts or len(texts) != len(briefs):
        raise InputError(f"there are {len(texts)} drafts for {len(briefs)} briefs, wanted one for each")
    fit = [not draft_violations(text, brief, rules) for brief, text in zip(briefs, texts, strict=True)]
    found = np.array(
        [
            [keeps(text, brief) for keeps in RULES.values()]
            for brief, text, passes in zip(briefs, texts, fit, strict=True)
            if passes
        ],
        dtype=np.float64,
    ).reshape(-1, len(RULES))
    makes_sense = [misplaced(text) is None for text, passes in zip(texts, fit, strict=True) if passes]
    return Gold(
        score=float(found.mean(axis=1)[makes_sense].sum() / len(texts)),
        pass_rate=len(found) / len(texts),
        distinct_2=distinct_2(texts),
        kept=dict(zip(RULES, found.sum(axis=0) / max(len(found), 1), strict=True)),
    )


def distinct_2(texts: Sequence[str]) -> float:
    """Give the share of different pairs of neighbouring words among all such pairs; 0 where there is none.

    It falls with the number of texts: compare equal numbers only.

    Source: Li et al., A Diversity-Promoting Objective Function for Neural Conversation Models,
    NAACL 2016, https://arxiv.org/abs/1510.03055.
    """
    pairs: list[tuple[str, str]] = []
    for text in texts:
        words = words_of(text)
        pairs += pairwise(words)
    return len(set(pairs)) / len(pairs) if pairs else 0.0


def _tenure(draft: str, brief: Brief) -> bool:
    """Thank for the time where it is known."""
    return _times(draft, TENURE) == (1 if TENURE in brief.slots else 0)


def _discount(draft: str, brief: Brief) -> bool:
    """State the discount whole and once, or not at all."""
    return all(_times(draft, slot) == (slot in brief.slots) for slot in (OFFER, DURATION, VALID_UNTIL))


def _step(draft: str, brief: Brief) -> bool:
    """Ask for one thing, an answer; where there is a discount, by its last day."""
    asking = [sentence for sentence in _SENTENCE.split(draft.lower()) if _STEP.search(sentence)]
    if len(asking) != 1 or not _REPLY.search(asking[0]):
        return False
    return VALID_UNTIL not in brief.slots or f"{{{VALID_UNTIL}}}" in asking[0]


def _channel(draft: str, brief: Brief) -> bool:
    """Speak of the channel it comes by, or of none."""
    return not _ELSEWHERE["email" if brief.context.channel == "email" else "sms"].search(draft.lower())


def _length(draft: str, brief: Brief) -> bool:
    """Be short, and long enough to be kind."""
    lengths = [len(fill(draft, facts)) for facts in example_facts(brief.context)]
    return SHORTEST <= sum(lengths) / len(lengths) <= LONGEST


def _name(draft: str, brief: Brief) -> bool:
    """Use the name once."""
    return _times(draft, NAME) == (NAME in brief.slots)


def _plan(draft: str, brief: Brief) -> bool:
    """Leave the plan out where it is not the matter."""
    return _times(draft, PLAN) <= (0 if brief.context.offer_percent else 1)


def _plain(draft: str, brief: Brief) -> bool:  # noqa: ARG001
    """No filler, and no sentence that has to be read twice."""
    longest = max(len(words_of(sentence)) for sentence in _SENTENCE.split(draft))
    return longest <= MOST_WORDS and not _FILLER.search(draft.lower())


def _warm(draft: str, brief: Brief) -> bool:  # noqa: ARG001
    """Be kind, without flattery."""
    low = draft.lower()
    return bool(_WARM.search(low)) and not _FLATTERY.search(low)


def _fresh(draft: str, brief: Brief) -> bool:  # noqa: ARG001
    """Say nothing twice."""
    runs = runs_of(draft)
    return len(runs) == len(set(runs))


def _times(draft: str, slot: str) -> int:
    return draft.count(f"{{{slot}}}")


RULES: Mapping[str, Callable[[str, Brief], bool]] = {
    "tenure": _tenure, "discount": _discount, "step": _step, "channel": _channel, "length": _length,
    "name": _name, "plan": _plan, "plain": _plain, "warm": _warm, "fresh": _fresh,
}  # fmt: skip
"""Each asks one question of a draft that may be sent."""
