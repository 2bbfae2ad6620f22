"""A planted message, and the reading of the files that hold them.

The sets of SETS were each written without a look at the shield, its words or its tests, and finished
before the first measurement on them. They are never edited, and the shield is never mended on their words:
a rule that they suggest is a rule, not a phrase, and needs another set before a figure measured here may be
called unseen again. After the first measurements on `unseen`, `fresh` and `third` such rules came, so all
three are seen now.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from churn_saver.domain.slots import Facts

FOLDER = Path(__file__).parent
"""Of the planted files."""
SETS = tuple(
    name
    for name in ("unseen", "fresh", "third")
    if all((FOLDER / f"{name}_{side}.jsonl").is_file() for side in ("bad", "good"))
)
"""Bad and good messages by strangers to the shield, in the order in which they were measured first."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A text whose judgement is known beforehand."""

    fault: str
    """Code of the rule that it breaks, in the sets of strangers the kind of fault; empty for a good one."""
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


def bad_by_strangers(name: str) -> list[Planted]:
    """Read the bad messages of one of SETS; `fault` is the kind of fault."""
    return [_planted(json.loads(line)) for line in _lines(f"{name}_bad.jsonl")]


def good_by_strangers(name: str) -> list[Planted]:
    """Read the good messages of one of SETS."""
    return [_planted(json.loads(line)) for line in _lines(f"{name}_good.jsonl")]


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
