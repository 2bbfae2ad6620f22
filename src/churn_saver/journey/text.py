"""One customer's text, by rungs: a live writer where one is asked, the bank, plain sentences, silence.

A rung's drafts are filled with facts and tried from a drawn one on, until the shield lets one through;
where it lets none through the next rung is tried. Nobody who writes ever sees a customer: a live writer
is told the context, and its draft has slots like any other. Its deadline is its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import TypeAlias

from churn_saver import shield
from churn_saver.domain.artefacts import Artefact, tried
from churn_saver.domain.briefs import TONES, Brief
from churn_saver.domain.proposal import BANK, LIVE, NO_MESSAGE, TEMPLATE
from churn_saver.domain.slot_places import misplaced
from churn_saver.domain.slots import OPT_OUT_LINE, Context, Facts
from churn_saver.errors import InputError
from churn_saver.message.bank import Bank
from churn_saver.message.plain import candidates
from churn_saver.message.wording import fill

LiveWriter: TypeAlias = Callable[[Brief], str | None]
"""A draft with slots for a brief; None: none in time. It never raises."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What came of writing to one customer."""

    text: str | None
    """None: silence, the shield stopped every draft."""
    probability: float
    """Chance that this very draft was the one of its rung, under the draw; 0 for silence, NaN for a live
    text: nobody knows what else would have been written."""
    violations: tuple[str, ...]
    """Codes of the last draft that was stopped before silence; empty when a text came through."""
    source: str
    """live | bank | template | none: the rung that the text comes from."""
    entry: str | None = None
    """Id of the bank's entry."""


def write(
    facts: Facts,
    draw: float,
    rules: shield.Rules,
    bank: Bank | None = None,
    live: LiveWriter | None = None,
) -> Letter:
    """Give the first text that the shield lets through.

    Args:
        facts: What the text may and must say.
        draw: Uniform in [0, 1), the customer's own.
        rules: Of the shield.
        bank: Approved messages; None: none are at hand.
        live: Writes while the customer waits; None: nobody is asked.

    Raises:
        Unusable: live writer, bank or the shield's classifier raised; names which.
    """
    context = Context.of(facts, rules.channel)
    opt_out = OPT_OUT_LINE.get(rules.channel, "")
    if live is not None:
        brief = Brief(context, TONES[int(draw * len(TONES))])
        draft = tried(Artefact.LIVE, lambda: live(brief))
        text = None if draft is None else _passed(draft + opt_out, facts, replace(rules, unreviewed=True))
        if text is not None:
            return Letter(text, nan, (), LIVE)
    entries = tried(Artefact.BANK, lambda: bank.approved(context)) if bank is not None else ()
    served = tried(
        Artefact.BANK, lambda: _drawn([entry.text + opt_out for entry in entries], draw, facts, rules)
    )
    if served.text is not None:
        return Letter(served.text, served.probability, (), BANK, entries[served.place].id)
    served = _drawn(candidates(facts, rules.channel), draw, facts, rules)
    if served.text is not None:
        return Letter(served.text, served.probability, (), TEMPLATE)
    return Letter(None, 0.0, served.stopped or ("no_draft",), NO_MESSAGE)


@dataclass(frozen=True, slots=True)
class _Served:
    """What came of one rung's drafts."""

    text: str | None
    place: int
    probability: float
    stopped: tuple[str, ...]
    """Codes of the last draft, when all were stopped."""


def _drawn(drafts: Sequence[str], draw: float, facts: Facts, rules: shield.Rules) -> _Served:
    """Give the first draft from a drawn start on that the shield lets through.

    A draft is served when the draw starts at it or at one of the blocked drafts just before it,
    so its probability is (1 + length of that blocked run) / number of drafts.
    """
    start = int(draw * len(drafts))
    stopped: tuple[str, ...] = ()
    for step in range(len(drafts)):
        place = (start + step) % len(drafts)
        text = fill(drafts[place], facts)
        stopped = _judged(text, facts, rules)
        if not stopped:
            run = step + _blocked_before(drafts, start, len(drafts) - 1 - step, facts, rules)
            return _Served(text, place, (1 + run) / len(drafts), ())
    return _Served(None, 0, 0.0, stopped)


def _blocked_before(
    drafts: Sequence[str], start: int, at_most: int, facts: Facts, rules: shield.Rules
) -> int:
    """Count the blocked drafts that stand directly before `start`, going round."""
    for back in range(at_most):
        text = fill(drafts[(start - 1 - back) % len(drafts)], facts)
        if not _judged(text, facts, rules):
            return back
    return at_most


def _passed(draft: str, facts: Facts, rules: shield.Rules) -> str | None:
    """Fill a draft that nobody looked at yet; None: its slots are not in order, or the shield stops it."""
    if misplaced(draft) is not None:
        return None
    try:
        text = fill(draft, facts)
    except InputError:
        return None
    return None if _judged(text, facts, rules) else text


def _judged(text: str, facts: Facts, rules: shield.Rules) -> tuple[str, ...]:
    """Give the codes of the shield; without its classifier nothing in it can fail."""
    if rules.judge is None:
        return shield.violations(text, facts, rules)
    return tried(Artefact.TOXICITY, lambda: shield.violations(text, facts, rules))
