"""The bank: messages written ahead, for contexts and not for customers, each reviewed before it is served.

An entry is a draft with slots, so one review is good for thousands of customers, and no entry holds a
person. Only what somebody approved is served; which of a context's approved entries a customer gets is
drawn elsewhere. Knows no file, no model and no shield: a finished text is judged each time it is sent.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite

from churn_saver.domain.briefs import Brief
from churn_saver.domain.slots import DEMANDED, OPT_OUT_LINE, SLOTS, Context
from churn_saver.errors import InputError, listed, quoted, shown

DRAFT, APPROVED, REJECTED = "draft", "approved", "rejected"
STATES = (DRAFT, APPROVED, REJECTED)
MOST_CHARACTERS = 400
"""Of an entry with its slots; the shield judges the finished text by its own, smaller length."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SLOT = re.compile(r"\{(\w+)\}")
_UNFILLED = re.compile(r"[{}\[\]<>]|_{2,}")
"""What a text has no use for once its slots are taken out: somebody's own blanks."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the bank."""

    id: str
    """1 to 64 of letters, digits and . _ -; decisions are recorded under it."""
    brief: Brief
    text: str
    """With slots; without the opt-out line of its channel, which is added when it is sent."""
    score: float | None
    """Of the reward model, on its own scale; None: nobody scored it."""
    model: str
    """Who wrote it: name and version of a model, or of a person or company."""
    review: str = DRAFT

    def __post_init__(self) -> None:
        """Refuse an entry that could not be served, or not be told from another."""
        if not _ID.fullmatch(self.id):
            raise InputError(f"id is {quoted(self.id)}, wanted 1 to 64 of letters, digits and . _ -")
        if self.review not in STATES:
            raise InputError(f"review is {quoted(self.review)}, wanted one of {listed(STATES)}")
        if self.score is not None and not isfinite(self.score):
            raise InputError(f"score is {self.score}, wanted a finite number, or null where nobody scored it")
        if not self.model.strip():
            raise InputError("model is blank, wanted who wrote the text")
        fault = draft_fault(self.text, self.brief)
        if fault is not None:
            raise InputError(fault)

    @property
    def context(self) -> Context:
        """What it is written for."""
        return self.brief.context


@dataclass(frozen=True, slots=True)
class Bank:
    """Entries by id and by context; nothing is looked for when a message is sent."""

    entries: tuple[Entry, ...]
    version: str = "none"
    """First 16 hex digits of the SHA-256 of its file; 'none': it is in no file yet."""
    _approved: Mapping[Context, tuple[Entry, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the approved entries where they are asked for; refuse an id that is there twice."""
        found: dict[Context, list[Entry]] = defaultdict(list)
        seen: set[str] = set()
        for entry in self.entries:
            if entry.id in seen:
                raise InputError(f"id {quoted(entry.id)} is there twice, wanted each once")
            seen.add(entry.id)
            if entry.review == APPROVED:
                found[entry.context].append(entry)
        object.__setattr__(self, "_approved", {context: tuple(some) for context, some in found.items()})

    def __len__(self) -> int:
        """Count the entries."""
        return len(self.entries)

    def approved(self, context: Context) -> tuple[Entry, ...]:
        """Give what may be served in a context, in the order of the bank; empty: nothing."""
        return self._approved.get(context, ())

    @property
    def contexts(self) -> int:
        """Count the contexts in which something may be served."""
        return len(self._approved)

    def entry(self, entry_id: str) -> Entry:
        """Find an entry.

        Raises:
            InputError: there is none of this id.
        """
        found = next((entry for entry in self.entries if entry.id == entry_id), None)
        if found is None:
            raise InputError(
                f"there is no message {quoted(entry_id)} among {len(self.entries):,}. "
                "See which there are: churn-saver messages list"
            )
        return found

    @property
    def judged(self) -> tuple[Entry, ...]:
        """Give what a person approved or rejected, in the order of the bank."""
        return tuple(entry for entry in self.entries if entry.review != DRAFT)

    def reviewed(self, concerns: Callable[[Entry], bool], state: str) -> "Bank":
        """Put the entries that it concerns into a state of review; the bank is then in no file yet."""
        entries = [replace(entry, review=state) if concerns(entry) else entry for entry in self.entries]
        return Bank(tuple(entries))

    def keeping(self, former: "Bank") -> "Bank":
        """Put before these what a person approved or rejected in a former bank; its mere drafts give way."""
        judged = {entry.id: entry for entry in former.judged}
        return Bank((*judged.values(), *(entry for entry in self.entries if entry.id not in judged)))


def draft_fault(text: str, brief: Brief) -> str | None:
    """Say why a draft cannot be served for its brief; None: its slots are in order.

    Every slot that it names has a value in the brief's context, those without which the shield stops any
    text are there, and no blank of another kind is left.
    """
    if not text.strip() or len(text) > MOST_CHARACTERS:
        return f"text has {len(text)} characters, wanted 1 to {MOST_CHARACTERS}"
    if not text.isprintable() or text != text.strip():
        return f"text {quoted(text)} is not one plain line, wanted no line break and no space at its ends"
    named = _SLOT.findall(text)
    unknown = sorted({name for name in named if name not in SLOTS})
    if unknown:
        return f"text names the slot {{{shown(unknown[0])}}}, wanted none but {listed(SLOTS)}"
    foreign = [name for name in SLOTS if name in named and name not in brief.slots]
    if foreign:
        return (
            f"text names the slot {{{foreign[0]}}}, which its context has no value for; "
            f"wanted none but {listed(brief.slots)}"
        )
    blank = _UNFILLED.search(_SLOT.sub("", text))
    if blank is not None:
        return f"text has {blank[0]!r} outside a slot, wanted blanks as {{name}} and its like"
    lacking = [name for name in DEMANDED if name in brief.slots and name not in named]
    if lacking:
        return f"text lacks the slot {{{lacking[0]}}}, without which no text of its context may be sent"
    opt_out = OPT_OUT_LINE.get(brief.context.channel, "").strip()
    if opt_out and opt_out.lower() in text.lower():
        return f"text holds {opt_out!r}, which is added when it is sent: leave it out"
    return None
