"""The bank on disk: bank.jsonl with one message a line, and a manifest that vouches for its bytes.

    {"channel": "email", "contract": null, "has_name": true, "id": "…", "model": "…", "offer_percent": 10,
     "review": "draft", "score": 1.25, "tenure": "long", "text": "Hi {name}, …", "tone": "warm"}

Both files are put in place together. The hash is compared before a line is read, and every line is
judged for itself, so that a fault is named by line. Knows nothing of how messages are made or served.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_folder
from churn_saver.adapters.locks import locked
from churn_saver.adapters.plain_files import read_plain
from churn_saver.domain.briefs import Brief
from churn_saver.domain.plain import object_of, record_of
from churn_saver.domain.slots import Context
from churn_saver.errors import ArtifactError, InputError, quoted
from churn_saver.message.bank import STATES, Bank, Entry

BANK, MANIFEST = "bank.jsonl", "manifest.json"
SCHEMA = 1
"""Raised when a reader of the old files could no longer read the new ones."""
LANGUAGE = "en"
MAKE = "make message-bank"
_AGAIN = f"Bring its files back as they were, or move the folder away and make the bank again: {MAKE}"
_VERSION_DIGITS = 16
_MANIFEST = ("schema", "language", "sha256", "entries", "provenance")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line, before it is known whether the context has such a message."""

    id: str
    channel: str
    offer_percent: int
    tenure: str
    has_name: bool
    tone: str
    text: str
    model: str
    review: str


@dataclass(frozen=True, slots=True)
class StoredBank:
    """A bank as it stands on disk."""

    bank: Bank
    provenance: Mapping[str, object]
    """What it was made from: models, settings, seeds, counts; plain values."""


def read_bank(folder: Path) -> StoredBank:
    """Read a bank, its hash compared first.

    Args:
        folder: With bank.jsonl and manifest.json.

    Raises:
        ArtifactError: missing, altered, of another schema or language; or a message that could not be
            served, named by line.
    """
    try:
        raw_manifest = read_plain(folder / MANIFEST, MAKE)
        raw = read_plain(folder / BANK, MAKE)
    except InputError as error:
        raise ArtifactError(str(error)) from error
    origin = str(folder / MANIFEST)
    try:
        manifest = object_of(_json(raw_manifest), _MANIFEST, "the manifest")
        _vouch(manifest, raw)
    except ArtifactError as error:
        raise ArtifactError(f"{origin}: {error}. {_AGAIN}") from error
    try:
        bank = Bank(_entries(raw), hashlib.sha256(raw).hexdigest()[:_VERSION_DIGITS])
    except (ArtifactError, InputError) as error:
        raise ArtifactError(f"{folder / BANK}: {error}. {_AGAIN}") from error
    provenance = manifest["provenance"]
    return StoredBank(bank, dict(provenance) if isinstance(provenance, dict) else {})


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep every other writer from a bank, from reading it to writing it; one who comes later waits.

    The lock lies beside the folder, which is replaced as a whole.

    Args:
        folder: Of the bank; need not be there yet.

    Raises:
        InputError: the place cannot be written to.
    """
    place = folder.resolve()
    lock = place.parent / f".{place.name}.lock"
    with ExitStack() as until_done:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            until_done.enter_context(locked(lock, wait=True))
        except OSError as error:
            raise InputError(
                f"{lock} cannot be written ({error.strerror}). Name another place, or free this one."
            ) from error
        yield


def write_bank(folder: Path, bank: Bank, provenance: Mapping[str, object]) -> Bank:
    """Write a bank, both files or none; the same bank always makes the same bytes.

    Args:
        folder: Where; what else it holds stays. Whoever read it before writes inside `held(folder)`.
        bank: Its entries, in their order.
        provenance: What it was made from, plain values.

    Returns:
        The bank under the version that it has now.

    Raises:
        InputError: a bank without entries, a provenance that is no plain values, or a place that cannot
            be written to.
    """
    if not len(bank):
        raise InputError(f"a bank of no message was to be written to {folder}, wanted at least 1")
    raw = b"".join(_line_of(entry) for entry in bank.entries)
    digest = hashlib.sha256(raw).hexdigest()
    counts = {state: sum(entry.review == state for entry in bank.entries) for state in STATES}
    try:
        manifest = canonical(
            {
                "schema": SCHEMA,
                "language": LANGUAGE,
                "sha256": digest,
                "entries": counts,
                "provenance": dict(provenance),
            }
        )
    except (TypeError, ValueError) as error:
        raise InputError(
            f"provenance of the bank holds what is no plain value ({error}): give texts, numbers, lists"
        ) from error
    write_folder(folder, {BANK: raw, MANIFEST: manifest})
    return replace(bank, version=digest[:_VERSION_DIGITS])


def _line_of(entry: Entry) -> bytes:
    return json.dumps(_fields(entry), sort_keys=True, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _fields(entry: Entry) -> dict[str, object]:
    context = entry.context
    return {
        "id": entry.id,
        "channel": context.channel,
        "offer_percent": context.offer_percent,
        "tenure": context.tenure,
        "contract": context.contract,
        "has_name": context.has_name,
        "tone": entry.brief.tone,
        "text": entry.text,
        "score": entry.score,
        "model": entry.model,
        "review": entry.review,
    }


def _vouch(manifest: Mapping[str, object], raw: bytes) -> None:
    """Compare a manifest with the file that it stands beside.

    Raises:
        ArtifactError: of another schema or language, or the file is another one.
    """
    if manifest["schema"] != SCHEMA:
        raise ArtifactError(
            f"schema is {quoted(str(manifest['schema']))}, wanted {SCHEMA}: another version wrote it"
        )
    if manifest["language"] != LANGUAGE:
        raise ArtifactError(
            f"language is {quoted(str(manifest['language']))}, wanted {LANGUAGE}: the shield reads English"
        )
    found = hashlib.sha256(raw).hexdigest()
    if found != manifest["sha256"]:
        raise ArtifactError(
            f"{BANK} has SHA-256 {found}, wanted {str(manifest['sha256'])[:64]}: it was altered. Review with "
            "churn-saver messages approve, which writes both"
        )


def _entries(raw: bytes) -> tuple[Entry, ...]:
    """Read all lines.

    Raises:
        ArtifactError: names the line, counted from 1.
    """
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            entry = _entry(_json(line))
        except (ArtifactError, InputError) as error:
            raise ArtifactError(f"line {number}: {error}") from error
        if entry.id in lines:
            raise ArtifactError(
                f"line {number}: id {quoted(entry.id)} stands in line {lines[entry.id]} too, wanted each once"
            )
        lines[entry.id] = number
        entries.append(entry)
    if not entries:
        raise ArtifactError("it has no line, wanted at least 1 message")
    return tuple(entries)


def _entry(raw: object) -> Entry:
    names = (*_Line.__slots__, "contract", "score")
    found = object_of(raw, names, "the message")
    line = record_of(_Line, {name: found[name] for name in _Line.__slots__}, "the message")
    contract, score = found["contract"], found["score"]
    if contract is not None and not isinstance(contract, str):
        raise ArtifactError(f"contract is {quoted(str(contract))}, wanted a text or null")
    if score is not None and type(score) not in (int, float):
        raise ArtifactError(f"score is {quoted(str(score))}, wanted a number or null")
    context = Context(line.offer_percent, line.tenure, contract, line.has_name, line.channel)
    known = None if score is None else float(str(score))
    return Entry(line.id, Brief(context, line.tone), line.text, known, line.model, line.review)


def _json(raw: bytes) -> object:
    try:
        found: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"it is not JSON ({error})") from error
    return found
