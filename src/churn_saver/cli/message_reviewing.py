"""Look at the bank of messages, review it, write it out; a service takes it up when it starts the next time.

The shipped bank is never written to: the first review of it makes a copy in checkpoints/message_bank, which
is served from then on.
"""

import io
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from churn_saver import shield
from churn_saver.adapters.banks import LANGUAGE, StoredBank, read_bank, write_bank
from churn_saver.adapters.files import write_bytes
from churn_saver.cli.screen import console, counted, note, say
from churn_saver.config import environment
from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.briefs import CHANNELS, TENURES, TONES, prompt_of
from churn_saver.domain.slots import OPT_OUT_LINE
from churn_saver.errors import InputError, listed, quoted
from churn_saver.message.bank import APPROVED, REJECTED, STATES, Entry
from churn_saver.message.wording import fill
from churn_saver.opening import BANK_DIR, bank_folder, read_settings, shipped_bank_folder
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.train.bank_building import draft_violations, example_facts

_ENDINGS = (".csv", ".jsonl", ".parquet")
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
    where = _folder(folder)
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


def show_one(message_id: str, folder: Path | None) -> None:
    """Print one message as it is, as two customers would read it, and what the shield says of it."""
    entry = read_bank(_folder(folder)).bank.entry(message_id)
    codes = draft_violations(entry.text, entry.brief, _rules())
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


def approve_messages(
    ids: Sequence[str] | None, everything: bool, choice: Choice, folder: Path | None
) -> None:
    """Approve what is meant, but for what the shield would stop: that is named and left as it is.

    Raises:
        InputError: nothing or an unknown id is meant, or one that was named is stopped by the shield.
    """
    where = _folder(folder)
    stored, rules = read_bank(where), _rules()
    chosen = _chosen(stored, ids, everything, choice)
    stopped = {
        entry.id: codes for entry in chosen if (codes := draft_violations(entry.text, entry.brief, rules))
    }
    if stopped and not everything:
        named = listed([f"{one}: {' '.join(codes)}" for one, codes in stopped.items()])
        raise InputError(
            f"the shield would stop what is to be approved ({named}). Reject it, or leave it out"
        )
    _put(where, folder, stored, [entry for entry in chosen if entry.id not in stopped], APPROVED)
    if stopped:
        most = Counter(codes[0] for codes in stopped.values()).most_common()
        told = ", ".join(f"{code} {n:,}" for code, n in most)
        note(f"{counted(len(stopped), 'message')} left as they are, the shield would stop them: {told}")


def reject_messages(ids: Sequence[str] | None, everything: bool, choice: Choice, folder: Path | None) -> None:
    """Reject what is meant.

    Raises:
        InputError: nothing or an unknown id is meant.
    """
    where = _folder(folder)
    stored = read_bank(where)
    _put(where, folder, stored, _chosen(stored, ids, everything, choice), REJECTED)


def export_messages(out: Path, choice: Choice, folder: Path | None) -> None:
    """Write what is meant as a table.

    Raises:
        InputError: nothing is meant, or the file has another ending.
    """
    if out.suffix.lower() not in _ENDINGS:
        raise InputError(f"{out} ends in {out.suffix or 'nothing'}, wanted {', '.join(_ENDINGS)}")
    chosen = [entry for entry in read_bank(_folder(folder)).bank.entries if choice.has(entry)]
    if not chosen:
        raise InputError(
            "no message is meant, wanted 1 or more. See which there are: churn-saver messages list"
        )
    frame = pl.DataFrame([_row(entry) for entry in chosen], infer_schema_length=None)
    buffer = io.BytesIO()
    match out.suffix.lower():
        case ".csv":
            frame.write_csv(buffer)
        case ".jsonl":
            frame.write_ndjson(buffer)
        case _:
            frame.write_parquet(buffer)
    write_bytes(out, buffer.getvalue())
    say(f"wrote {counted(len(chosen), 'message')} to {out}")


def _folder(folder: Path | None) -> Path:
    return folder or bank_folder(environment(os.environ))


def _rules() -> shield.Rules:
    judge, _ = open_toxicity()
    return shield.Rules.of(read_settings(environment(os.environ))[1], judge)


def _chosen(
    stored: StoredBank, ids: Sequence[str] | None, everything: bool, choice: Choice
) -> tuple[Entry, ...]:
    if bool(ids) == everything:
        raise InputError("give ids of messages, or --all, and not both. See churn-saver messages list")
    if ids:
        return tuple(stored.bank.entry(one) for one in dict.fromkeys(ids))
    return tuple(entry for entry in stored.bank.entries if choice.has(entry))


def _put(where: Path, folder: Path | None, stored: StoredBank, chosen: Sequence[Entry], state: str) -> None:
    """Write the bank with a new state of review, and say what follows from it."""
    wanted = {entry.id for entry in chosen if entry.review != state}
    if not wanted:
        say(f"nothing to do: {counted(len(chosen), 'message')} meant, {state} already")
        return
    own_copy = folder is None and where == shipped_bank_folder()
    place = BANK_DIR if own_copy else where
    bank = write_bank(place, stored.bank.reviewed(lambda entry: entry.id in wanted, state), stored.provenance)
    say(f"{state} {counted(len(wanted), 'message')}; bank {place} is now version {bank.version}")
    if own_copy:
        note(f"the shipped bank stays as it is; {place} is a copy of it and is served from now on")
    say("a running service takes it up when it is started again")


def _row(entry: Entry) -> dict[str, object]:
    """Give a message as a row, under the names that `churn-saver data check --as messages` knows."""
    context = entry.context
    return {
        "message_id": entry.id,
        "text": entry.text,
        "offer_pct": context.offer_percent,
        "tone": entry.brief.tone,
        "channel": context.channel,
        "language": LANGUAGE,
        "contract_type": context.contract,
        "review": entry.review,
        "tenure": context.tenure,
        "has_name": context.has_name,
        "score": entry.score,
        "model": entry.model,
    }


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
