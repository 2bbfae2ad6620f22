"""Look at the bank of messages, review it, write it out; a service takes it up when it starts the next time.

The shipped bank is never written to: the first review of it makes a copy in checkpoints/message_bank, which
is served from then on. Of several reviewers at once each waits for the others: no review is lost.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from churn_saver import shield
from churn_saver.adapters.banks import StoredBank, held, read_bank, write_bank
from churn_saver.cli.screen import console, counted, note, say
from churn_saver.config import environment
from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.briefs import CHANNELS, TENURES, TONES, prompt_of
from churn_saver.domain.slots import OPT_OUT_LINE
from churn_saver.errors import ArtifactError, InputError, listed, quoted
from churn_saver.message.bank import APPROVED, DRAFT, REJECTED, STATES, Entry
from churn_saver.message.wording import fill
from churn_saver.opening import BANK_DIR, bank_folder, read_settings, shipped_bank_folder
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.train.bank_building import draft_violations, example_facts

_COLOURS = {"approved": "green", "rejected": "red", "draft": "yellow"}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages are meant; None leaves all."""

    state: str | None = None
    channel: str | None = None
    offer: int | None = None
    tenure: str | None = None
    tone: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no message can have."""
        known: tuple[tuple[str, object, Sequence[object]], ...] = (
            ("--state", self.state, STATES),
            ("--channel", self.channel, CHANNELS),
            ("--offer", self.offer, OFFER_PERCENTS),
            ("--tenure", self.tenure, TENURES),
            ("--tone", self.tone, TONES),
        )
        for option, value, words in known:
            if value is not None and value not in words:
                raise InputError(
                    f"{option} is {quoted(str(value))}, wanted one of {listed([str(word) for word in words])}"
                )

    def has(self, entry: Entry) -> bool:
        """Say whether a message is meant."""
        context = entry.context
        pairs: tuple[tuple[object, object], ...] = (
            (self.state, entry.review),
            (self.channel, context.channel),
            (self.offer, context.offer_percent),
            (self.tenure, context.tenure),
            (self.tone, entry.brief.tone),
        )
        return all(wanted is None or wanted == found for wanted, found in pairs)


def show_list(choice: Choice, most: int, folder: Path | None) -> None:
    """Print the messages that are meant, and count all."""
    where = folder_of(folder)
    bank = read_bank(where).bank
    chosen = [entry for entry in bank.entries if choice.has(entry)]
    table = Table("id", "state", "for", "tone", box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("score", justify="right")
    table.add_column("text", overflow="fold", ratio=1)
    for entry in chosen[:most]:
        table.add_row(
            entry.id,
            _coloured(entry.review),
            _written_for(entry),
            entry.brief.tone,
            "–" if entry.score is None else f"{entry.score:.2f}",
            escape(entry.text),
        )
    if chosen:
        console.print(table)
    say(f"{min(most, len(chosen)):,} of {counted(len(chosen), 'message')} shown")
    counts = Counter(entry.review for entry in bank.entries)
    states = ", ".join(f"{counts[state]:,} {state}" for state in STATES)
    say(f"bank {where}, version {bank.version}: {states}; {counted(bank.contexts, 'context')} served from it")


def show_one(message_id: str, folder: Path | None, toxicity: Path | None = None) -> None:
    """Print one message as it is, as two customers would read it, and what the shield says of it.

    Args:
        message_id: Which.
        folder: Of the bank; None: where it usually lies.
        toxicity: Folder of the classifier; None: the shipped one. Where it cannot be used, that is said.
    """
    entry = read_bank(folder_of(folder)).bank.entry(message_id)
    rules, faults = _rules(toxicity)
    codes = draft_violations(entry.text, entry.brief, rules)
    rows = (
        ("id", entry.id),
        ("state", entry.review),
        ("for", prompt_of(entry.brief)),
        ("score", "–" if entry.score is None else f"{entry.score:.4f}"),
        ("written by", entry.model),
        ("draft", entry.text),
        *(("reads", text) for text in _filled(entry)),
        ("shield", f"stops it: {', '.join(codes)}" if codes else "lets it through"),
    )
    for what, text in rows:
        say(f"{what:<11}{text}")
    for fault in faults:
        note(fault)


def approve_messages(
    ids: Sequence[str] | None,
    everything: bool,
    choice: Choice,
    folder: Path | None,
    toxicity: Path | None = None,
) -> None:
    """Approve what is meant, but for what the shield would stop: that is named and left as it is.

    Args:
        ids: Of the messages; None or empty: all that is chosen.
        everything: All that is chosen, said on purpose.
        choice: Which, where all are meant.
        folder: Of the bank; None: where it usually lies.
        toxicity: Folder of the classifier of toxic texts; None: the shipped one.

    Raises:
        InputError: nothing or an unknown id is meant, or one that was named is stopped by the shield.
        ArtifactError: the bank cannot be read, or the classifier: half a shield approves nothing.
    """
    rules, faults = _rules(toxicity)
    if faults:
        raise ArtifactError(f"nothing was approved: {'; '.join(faults)}. Reject and list go on without it")
    with held(_place(folder)):
        stored = read_bank(folder_of(folder))
        chosen = _chosen(stored, ids, everything, choice)
        stopped = {
            entry.id: codes for entry in chosen if (codes := draft_violations(entry.text, entry.brief, rules))
        }
        if stopped and not everything:
            named = listed([f"{one}: {' '.join(codes)}" for one, codes in stopped.items()])
            raise InputError(
                f"the shield would stop what is to be approved ({named}). Reject it, or leave it out"
            )
        _put(folder, stored, [entry for entry in chosen if entry.id not in stopped], APPROVED)
    if stopped:
        most = Counter(codes[0] for codes in stopped.values()).most_common()
        told = ", ".join(f"{code} {n:,}" for code, n in most)
        note(f"{counted(len(stopped), 'message')} left as they are, the shield would stop them: {told}")


def reject_messages(ids: Sequence[str] | None, everything: bool, choice: Choice, folder: Path | None) -> None:
    """Reject what is meant.

    Raises:
        InputError: nothing or an unknown id is meant.
    """
    with held(_place(folder)):
        stored = read_bank(folder_of(folder))
        _put(folder, stored, _chosen(stored, ids, everything, choice), REJECTED)


def folder_of(folder: Path | None) -> Path:
    """Say where the bank is read: the folder that was named, else where it usually lies."""
    return folder or bank_folder(environment(os.environ))


def _place(folder: Path | None) -> Path:
    """Say where a review of the bank is written."""
    where = folder_of(folder)
    return BANK_DIR if folder is None and where == shipped_bank_folder() else where


def _rules(toxicity: Path | None) -> tuple[shield.Rules, tuple[str, ...]]:
    """Compile the rules that serving has, and say what they lack."""
    judge, lacking = open_toxicity(toxicity)
    rules = shield.Rules.of(read_settings(environment(os.environ))[1], judge)
    return rules, tuple(f"{one.code}: {one.fault}" for one in lacking)


def _chosen(
    stored: StoredBank, ids: Sequence[str] | None, everything: bool, choice: Choice
) -> tuple[Entry, ...]:
    if bool(ids) == everything:
        raise InputError("give ids of messages, or --all, and not both. See churn-saver messages list")
    if ids:
        return tuple(stored.bank.entry(one) for one in dict.fromkeys(ids))
    # What a person has judged already changes its state only when that state is named.
    meant = choice if choice.state is not None else replace(choice, state=DRAFT)
    return tuple(entry for entry in stored.bank.entries if meant.has(entry))


def _put(folder: Path | None, stored: StoredBank, chosen: Sequence[Entry], state: str) -> None:
    """Write the bank with a new state of review, and say what follows from it."""
    wanted = {entry.id for entry in chosen if entry.review != state}
    if not wanted:
        say(f"nothing to do: {counted(len(chosen), 'message')} meant, {state} already")
        return
    place = _place(folder)
    own_copy = place != folder_of(folder)
    bank = write_bank(place, stored.bank.reviewed(lambda entry: entry.id in wanted, state), stored.provenance)
    say(f"{state} {counted(len(wanted), 'message')}; bank {place} is now version {bank.version}")
    if own_copy:
        note(f"the shipped bank stays as it is; {place} is a copy of it and is served from now on")
    say("a running service takes it up when it is started again")


def _coloured(state: str) -> str:
    return f"[{_COLOURS[state]}]{state}[/]"


def _written_for(entry: Entry) -> str:
    context = entry.context
    named = "name" if context.has_name else "no name"
    plan = context.contract or "any plan"
    return f"{context.channel}, {context.offer_percent} %, {context.tenure}, {plan}, {named}"


def _filled(entry: Entry) -> tuple[str, ...]:
    opt_out = OPT_OUT_LINE.get(entry.context.channel, "")
    return tuple(fill(entry.text, facts) + opt_out for facts in example_facts(entry.context))
