"""Make a bank of messages: write many drafts for each brief, keep the few best that may be sent and differ.

    written     a number of drafts for each brief, by whoever writes
    judged      slots in order and in their places, and the shield lets the text through, filled with short
                and with long facts
    ranked      by the reward model, the best first
    told apart  two texts of a context share at most so many of their runs of three words; what a person
                approved or rejected before comes first, so that its twin does not come back
    kept        a few of each tone, so that a context does not end up with one tone alone

Writer and scorer are handed in. What comes out are drafts: a person approves them. Knows no file.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from churn_saver import shield
from churn_saver.config import BankSettings
from churn_saver.domain.briefs import Brief, prompt_of
from churn_saver.domain.progress import Progress
from churn_saver.domain.slot_places import MISPLACED_SLOT, misplaced
from churn_saver.domain.slots import OPT_OUT_LINE, Context, Facts
from churn_saver.errors import GateError, TrainingError
from churn_saver.message.bank import APPROVED, Bank, Entry, draft_fault
from churn_saver.message.wording import fill
from churn_saver.train.word_runs import runs_of

Writer = Callable[[Sequence[str], int], Sequence[str]]
"""Prompts (n,) and a seed to one draft each, (n,)."""
Scorer = Callable[[Sequence[str], Sequence[str]], NDArray[np.float64]]
"""Prompts (n,) and drafts (n,) to a score each, (n,); higher is better."""
UNFIT_SLOTS = "slots"
"""Why a draft was left out that the shield was not asked about: `message.bank.draft_fault`."""
PROMPTS_AT_ONCE = 64
"""Drafts that are written in one call, so that progress is seen and memory is bounded."""
_NAMES = ("Al", "Maria-Alexandra Fernandez")
_MONTHS = {"unstated": (None, None), "new": (1, 11), "settled": (12, 35), "long": (36, 120)}
_LAST_DAYS = (date(2026, 5, 1), date(2026, 9, 30))


@dataclass(frozen=True, slots=True)
class Built:
    """A bank of drafts, and what became of all that was written for it."""

    bank: Bank
    written: int
    stopped: Mapping[str, int]
    """Drafts left out, by the first code of the shield, `UNFIT_SLOTS` or `MISPLACED_SLOT`."""
    alike: int
    """Drafts left out because a better one of the context says the same."""
    spare: int
    """Good drafts beyond the quota."""
    bare: tuple[Brief, ...]
    """Briefs without a message; a context without any is answered by plain sentences."""

    def counts(self) -> dict[str, object]:
        """Give the counts as plain values, for a manifest."""
        return {
            "written": self.written,
            "stopped": dict(sorted(self.stopped.items())),
            "alike": self.alike,
            "spare": self.spare,
            "kept": len(self.bank),
            "briefs_without": len(self.bare),
        }


@dataclass(frozen=True, slots=True)
class _Candidate:
    brief: Brief
    text: str
    score: float


def build_bank(
    briefs: Sequence[Brief], write: Writer, score: Scorer, rules: shield.Rules, settings: BankSettings,
    model: str, seed: int, progress: Progress, judged: Sequence[Entry] = (),
) -> Built:  # fmt: skip
    """Make a bank for these briefs.

    Args:
        briefs: What is wanted, each once.
        write: Gives drafts; asked for many at a time.
        score: Gives the reward model's opinion of drafts that may be sent.
        rules: Of the shield; the channel is each brief's own.
        settings: How many drafts, how many to keep, how alike they may be.
        model: Who writes, for the entries.
        seed: Of the writing; every call gets its own.
        progress: Told how many briefs are done.
        judged: What a person approved or rejected before; none of it is in the result, nor is its like.

    Raises:
        GateError: not one draft may be sent, or a writer that answers with another number of drafts.
        TrainingError: a score that is no finite number.
    """
    found: dict[Context, list[_Candidate]] = defaultdict(list)
    stopped: Counter[str] = Counter()
    doubles = written = 0
    at_once = max(1, PROMPTS_AT_ONCE // settings.drafts)
    for start in range(0, len(briefs), at_once):
        asked = [brief for brief in briefs[start : start + at_once] for _ in range(settings.drafts)]
        drafts = _written(asked, write, seed + start)
        written += len(drafts)
        sendable: dict[tuple[Brief, str], None] = {}
        for brief, draft in zip(asked, drafts, strict=True):
            codes = written_violations(draft, brief, rules)
            if codes:
                stopped[codes[0]] += 1
            elif (brief, draft) in sendable:
                doubles += 1
            else:
                sendable[brief, draft] = None
        for candidate in _scored(list(sendable), score):
            found[candidate.brief.context].append(candidate)
        progress("writing messages", min(start + at_once, len(briefs)), len(briefs))
    if not found:
        raise GateError(
            f"not one of {written:,} drafts may be sent ({_most(stopped)}), so there is no bank. Train the "
            "writer further: make train-text"
        )
    kept, alike, spare = _kept(found, settings, judged)
    served = {one.brief for one in kept} | {one.brief for one in judged if one.review == APPROVED}
    bank = Bank(tuple(Entry(_id_of(one), one.brief, one.text, one.score, model) for one in kept))
    bare = tuple(brief for brief in briefs if brief not in served)
    return Built(bank, written, dict(stopped), doubles + alike, spare, bare)


def draft_violations(draft: str, brief: Brief, rules: shield.Rules) -> tuple[str, ...]:
    """Say why a draft may not be sent, filled with the shortest facts of its context or with long ones.

    The rule for texts that nobody reviews is not asked: a person reads these drafts before they are sent,
    and what a company's own writer knows is full of the company's words.

    Args:
        draft: With slots, without the channel's opt-out line.
        brief: What it was written for.
        rules: Of the shield, of any channel.

    Returns:
        Codes of the shield, or `UNFIT_SLOTS` alone; empty: it may be sent.
    """
    if draft_fault(draft, brief) is not None:
        return (UNFIT_SLOTS,)
    channel = brief.context.channel
    own = replace(rules, channel=channel)
    for facts in example_facts(brief.context):
        codes = shield.violations(fill(draft, facts) + OPT_OUT_LINE.get(channel, ""), facts, own)
        if codes:
            return codes
    return ()


def written_violations(draft: str, brief: Brief, rules: shield.Rules) -> tuple[str, ...]:
    """Say why a draft of a model may not be sent: as `draft_violations`, else `MISPLACED_SLOT` alone.

    A person's own wording is not asked for its slots' places: people find more than `domain.slot_places` has.
    """
    return draft_violations(draft, brief, rules) or ((MISPLACED_SLOT,) if misplaced(draft) else ())


def example_facts(context: Context) -> tuple[Facts, Facts]:
    """Give two customers of a context: one whose facts are worded short, one whose facts are worded long."""
    short, long = (
        Facts(
            _NAMES[which] if context.has_name else None,
            _MONTHS[context.tenure][which],
            context.offer_percent,
            context.contract,
            _LAST_DAYS[which] if context.offer_percent else None,
        )
        for which in (0, 1)
    )
    return short, long


def alike(one: str, other: str) -> float:
    """Give the share of runs of three words that two texts have in common, of the text with fewer of them.

    A slot is a word; case and punctuation do not count. A text of fewer than three words is one run.
    """
    ours, theirs = set(runs_of(one)), set(runs_of(other))
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _written(asked: Sequence[Brief], write: Writer, seed: int) -> list[str]:
    drafts = [draft.strip() for draft in write([prompt_of(brief) for brief in asked], seed)]
    if len(drafts) != len(asked):
        raise GateError(f"the writer gave {len(drafts)} drafts for {len(asked)} prompts, wanted one each")
    return drafts


def _scored(texts: Sequence[tuple[Brief, str]], score: Scorer) -> Iterator[_Candidate]:
    if not texts:
        return
    scores = score([prompt_of(brief) for brief, _ in texts], [text for _, text in texts])
    for (brief, text), value in zip(texts, scores.tolist(), strict=True):
        if not np.isfinite(value):
            raise TrainingError(f"the reward model scores {text!r} {value}, wanted a finite number: train it")
        yield _Candidate(brief, text, float(value))


def _kept(
    found: Mapping[Context, Sequence[_Candidate]], settings: BankSettings, judged: Sequence[Entry]
) -> tuple[list[_Candidate], int, int]:
    """Choose within each context, and count what is too alike and what is beyond the quota."""
    kept: list[_Candidate] = []
    too_alike = spare = 0
    before: dict[Context, list[str]] = defaultdict(list)
    for entry in judged:
        before[entry.context].append(entry.text)
    for context, candidates in found.items():
        by_tone: dict[str, list[_Candidate]] = defaultdict(list)
        for one in sorted(candidates, key=lambda one: (-one.score, one.text)):
            by_tone[one.brief.tone].append(one)
        mine: list[_Candidate] = []
        # Round by round, so that the best of one tone is not taken for alike to the second of another.
        for _ in range(settings.keep):
            for waiting in by_tone.values():
                while waiting:
                    best = waiting.pop(0)
                    others = (*before[context], *(one.text for one in mine))
                    if all(alike(best.text, other) <= settings.most_alike for other in others):
                        mine.append(best)
                        break
                    too_alike += 1
        spare += sum(map(len, by_tone.values()))
        kept += sorted(mine, key=lambda one: (one.brief.tone, -one.score))
    return kept, too_alike, spare


def _id_of(one: _Candidate) -> str:
    """Name a text by what it says and for whom: the same text is the same entry in every bank."""
    return blake2b(f"{prompt_of(one.brief)}\n{one.text}".encode(), digest_size=8).hexdigest()


def _most(stopped: Counter[str]) -> str:
    return ", ".join(f"{code} {n:,}" for code, n in stopped.most_common(3)) or "none was written"
