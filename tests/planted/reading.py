"""A planted message, and the reading of the files that hold them.

The unseen sets (`unseen_bad.jsonl`, `unseen_good.jsonl`) were written without a look at the shield, its
words or its tests, and were finished before the first measurement. They are never edited and the shield
is never mended on their words: a rule that they suggest is a rule, not a phrase, and needs another fresh
set before a figure measured here may be called unseen again. Such rules came after the first measurement.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from churn_saver.domain.slots import Facts

FOLDER = Path(__file__).parent
"""Of the planted files."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A text whose judgement is known beforehand."""

    fault: str
    """Code of the rule that it breaks, in the unseen set the kind of fault; empty for a good one."""
    text: str
    channel: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence that is toxic, or is not."""

    kind: str
    toxic: bool
    name: str | None
    text: str


def bad_messages() -> list[Planted]:
    """Read the 500 messages written by hand; each breaks one rule."""
    return [_planted(json.loads(line)) for line in _lines("bad_messages.jsonl")]


def unseen_bad() -> list[Planted]:
    """Read the 300 bad messages, unseen when first measured; `fault` is the kind of fault."""
    return [_planted(json.loads(line)) for line in _lines("unseen_bad.jsonl")]


def unseen_good() -> list[Planted]:
    """Read the 300 good messages, unseen when first measured."""
    return [_planted(json.loads(line)) for line in _lines("unseen_good.jsonl")]


def toxicity() -> list[Spoken]:
    """Read the 400 sentences written by hand, half of them toxic."""
    return [Spoken(**json.loads(line)) for line in _lines("toxicity.jsonl")]


def _lines(name: str) -> list[str]:
    # Not splitlines: some of the texts hold other ends of line.
    return (FOLDER / name).read_text(encoding="utf-8").rstrip("\n").split("\n")


def _planted(row: dict[str, str | int | None]) -> Planted:
    last = row["valid_until"]
    facts = Facts(
        name=_text(row["name"]),
        tenure_months=None if row["tenure_months"] is None else int(row["tenure_months"]),
        offer_percent=int(row["offer_percent"] or 0),
        contract=_text(row["contract"]),
        valid_until=None if last is None else date.fromisoformat(str(last)),
    )
    return Planted(str(row["fault"]), str(row["text"]), str(row["channel"]), facts)


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
