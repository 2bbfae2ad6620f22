"""Texts to learn from that are not the grammar's: files of the company, and prepared public sets.

A file of the demo counts as absent: it is told by `DEMO.json`, as in `datasets`. Knows nothing of
shares or models; whatever is left out is counted under a reason.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import polars as pl

from churn_saver.adapters.files import read_bytes
from churn_saver.adapters.manifests import MANIFEST, read_verified
from churn_saver.data.tables import MESSAGES, PAIRS, Table, read
from churn_saver.data.texts.transcript import SPEAKERS
from churn_saver.domain.briefs import TENURES, TONES, Brief, every_brief, is_held_out, prompt_of
from churn_saver.domain.slots import DURATION, NAME, OFFER, TENURE, VALID_UNTIL
from churn_saver.errors import InputError
from churn_saver.train.datasets import MARKER

PAIRS_FILE = "rlhf_pairs.jsonl"
MESSAGES_FILES = ("messages.csv", "messages.jsonl")
PROCESSED = Path("processed")
CHARACTERS_PER_TOKEN = 3
"""Fewer than a token has in plain English, so that hardly a public pair kept is too long after all."""
HELD_OUT = "prompt of a held-out context"
OTHER_LANGUAGE = "not in English"
NOT_APPROVED = "review: draft, so nobody approved it yet"
HALF_AN_OFFER = "a discount without {offer}, {duration} and {valid_until}, or one of them without a discount"
SEVERAL_TURNS, LONG, BRACES, SAME = "several turns", "long", "braces", "chosen equals rejected"
_ANSWER = f"\n\n{SPEAKERS['assistant']}: "


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one source."""

    frame: pl.DataFrame | None
    """None: the source is not there, or not wanted."""
    words: str
    """What was used or why not, one sentence."""
    left_out: Mapping[str, int] = field(default_factory=dict)


def own_pairs(folder: Path, skip_bad_rows: bool) -> Found:
    """Read the company's pairs: prompt, chosen, rejected.

    Raises:
        TableError: a row cannot be used, as where chosen = rejected.
        InputError: no pair is left.
    """
    path = folder / PAIRS_FILE
    raw = _raw(path)
    if raw is None:
        return Found(None, f"There is no {PAIRS_FILE}: the grammar writes the pairs.")
    if _is_demo(folder, PAIRS_FILE, raw):
        return Found(None, f"{PAIRS_FILE} is the demo's: the grammar writes the pairs.")
    frame, left_out = _table(raw, PAIRS_FILE, PAIRS, skip_bad_rows)
    frame = frame.select("prompt", "chosen", "rejected").unique(maintain_order=True)
    held_out = [prompt_of(brief) for brief in every_brief() if is_held_out(brief.context)]
    kept = frame.filter(~pl.col("prompt").is_in(held_out))
    left_out[HELD_OUT] = frame.height - kept.height
    if not kept.height:
        raise InputError(
            f"{PAIRS_FILE} holds no pair to learn from, wanted at least 2: add pairs, or take the file away "
            "and the grammar writes them"
        )
    return Found(kept, f"{kept.height:,} pairs are {PAIRS_FILE}'s, {_digest(raw)}.", +left_out)


def own_messages(folder: Path, skip_bad_rows: bool) -> Found:
    """Read the company's messages: prompt, text, approved; a row for each brief that a message suits.

    A message without a review counts as approved: the company wrote it. One whose review says draft waits
    for somebody, and is left out.

    Raises:
        TableError: a row cannot be used.
        InputError: there are two files of messages, or no message is left.
    """
    there = [name for name in MESSAGES_FILES if (folder / name).is_file()]
    if len(there) > 1:
        raise InputError(f"{folder} holds {' and '.join(there)}, wanted one of them: take the other away")
    if not there:
        return Found(None, f"There is no {' or '.join(MESSAGES_FILES)} with messages of the company's own.")
    raw = read_bytes(folder / there[0], "put your messages there")
    frame, left_out = _table(raw, there[0], MESSAGES, skip_bad_rows)
    rows = []
    for message in frame.iter_rows(named=True):
        if message.get("review") == "draft":
            left_out[NOT_APPROVED] += 1
            continue
        briefs = list(_suited(message, left_out))
        approved = message.get("review") != "rejected"
        rows += [(prompt_of(brief), message["text"], approved) for brief in briefs]
    if not rows:
        raise InputError(
            f"{there[0]} holds no message to learn from ({_told(left_out)}), wanted at least 1: add "
            "messages, or take the file away"
        )
    found = pl.DataFrame(rows, {"prompt": pl.String, "text": pl.String, "approved": pl.Boolean}, orient="row")
    messages = found["text"].n_unique()
    return Found(found, f"{messages:,} messages are {there[0]}'s, {_digest(raw)}.", +left_out)


@dataclass(frozen=True, slots=True)
class Public:
    """A prepared public set, short pairs of one turn."""

    train: pl.DataFrame
    """prompt, the answers, source."""
    valid: pl.DataFrame
    words: str
    left_out: Mapping[str, int]


def public_pairs(folder: Path, name: str, answers: Sequence[str], max_tokens: int) -> Public:
    """Read a prepared public set.

    Args:
        folder: The data folder.
        name: oasst1 or preferences.
        answers: Its columns beside prompt.
        max_tokens: Prompt and answer together have about so many at most.

    Raises:
        ArtifactError: the set was altered.
        InputError: a file of it cannot be read.
    """
    place, step = folder / PROCESSED / name, f"make data.{name}"
    columns = ("prompt", *answers)
    if not (place / MANIFEST).is_file():
        empty = pl.DataFrame(schema=dict.fromkeys((*columns, "source"), pl.String))
        return Public(empty, empty, f"{name} was not prepared ({step}).", {})
    _, contents = read_verified(place, step)
    left_out: Counter[str] = Counter()
    parts = {}
    for split in ("train", "valid"):
        raw = contents.get(f"{split}.jsonl", b"")
        frame = (
            pl.read_ndjson(BytesIO(raw)) if raw else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        )
        if "source" not in frame.columns:
            frame = frame.with_columns(pl.lit(name).alias("source"))
        parts[split] = _short(frame.select(*columns, "source"), answers, max_tokens, left_out)
    words = f"{parts['train'].height:,} pairs of {name} are short and of one turn."
    return Public(parts["train"], parts["valid"], words, +left_out)


def _short(
    frame: pl.DataFrame, answers: Sequence[str], max_tokens: int, left_out: Counter[str]
) -> pl.DataFrame:
    """Leave out, and count, each row under the first reason that holds."""
    most = max_tokens * CHARACTERS_PER_TOKEN
    longest = pl.max_horizontal(pl.col(answer).str.len_chars() for answer in answers)
    every = pl.concat_str("prompt", *answers)
    reasons = {
        SEVERAL_TURNS: pl.col("prompt").str.contains(_ANSWER, literal=True),
        LONG: pl.col("prompt").str.len_chars() + longest > most,
        BRACES: every.str.contains(r"[{}]"),
        SAME: pl.col(answers[0]) == pl.col(answers[-1]) if len(answers) > 1 else pl.lit(False),
    }
    for reason, holds in reasons.items():
        kept = frame.filter(~holds)
        left_out[reason] += frame.height - kept.height
        frame = kept
    return frame


def _suited(message: Mapping[str, object], left_out: Counter[str]) -> Iterator[Brief]:
    """Give the briefs that a message may answer, none of a held-out context."""
    text, offer = str(message["text"]), message.get("offer_pct")
    slots = {slot for slot in (NAME, TENURE, OFFER, DURATION, VALID_UNTIL) if f"{{{slot}}}" in text}
    discount = slots & {OFFER, DURATION, VALID_UNTIL}
    if not str(message.get("language") or "en").lower().startswith("en"):
        left_out[OTHER_LANGUAGE] += 1
        return
    if len(discount) not in (0, 3) or (offer is not None and (offer != 0) != bool(discount)):
        left_out[HALF_AN_OFFER] += 1
        return
    tone = str(message.get("tone") or "").strip().lower()
    tenures = TENURES[1:] if TENURE in slots else TENURES[:1]
    for brief in every_brief():
        at = brief.context
        if (
            brief.tone == (tone if tone in TONES else "plain")
            and at.channel == (message.get("channel") or at.channel)
            and at.contract == (message.get("contract_type") or at.contract)
            and (at.offer_percent == offer if offer is not None else (at.offer_percent > 0) == bool(discount))
            and at.has_name == (NAME in slots)
            and at.tenure in tenures
            and not is_held_out(at)
        ):
            yield brief


def _table(raw: bytes, file: str, table: Table, skip_bad_rows: bool) -> tuple[pl.DataFrame, Counter[str]]:
    checked = read(raw, file, table)
    return checked.require(skip_bad_rows), Counter({f"{file}: cannot be used": checked.rejects.height})


def _raw(path: Path) -> bytes | None:
    return read_bytes(path, "put your pairs there") if path.is_file() else None


def _is_demo(folder: Path, name: str, raw: bytes) -> bool:
    marker = folder / MARKER
    if not marker.is_file():
        return False
    try:
        listed = json.loads(read_bytes(marker, "make prepare-data"))
    except ValueError:
        return False
    return isinstance(listed, dict) and listed.get(name) == hashlib.sha256(raw).hexdigest()


def _digest(raw: bytes) -> str:
    return f"SHA-256 {hashlib.sha256(raw).hexdigest()}"


def _told(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{why}: {n}" for why, n in left_out.items() if n) or "it has no rows"
