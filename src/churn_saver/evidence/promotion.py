"""Whether a challenger may become champion: five conditions, all of which must hold.

It earns more, by an interval clear of 0; no cap was broken; no group of customers loses more than was
stated; its decisions can be made again to the bit; and the arms have the sizes that were drawn for. What
is missing, or could not be read, does not hold: nothing passes by silence. The digest of a document shows
that it is as it was written, not who wrote it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite

from churn_saver.evidence.broken_caps import BrokenCaps
from churn_saver.evidence.conditions import (
    Condition,
    Gain,
    Losses,
    Name,
    Replays,
    Unread,
    earns_more,
    harms_nobody,
    has_drawn_sizes,
    is_repeatable,
    keeps_caps,
)
from churn_saver.evidence.sample_ratio import SampleRatio

NAMES: tuple[Name, ...] = ("value", "caps", "fairness", "replay", "sample_ratio")
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the gate looks at."""

    gain: Gain | Unread
    caps: BrokenCaps | Unread
    losses: Losses | Unread
    replays: Replays | Unread
    ratios: Mapping[str, SampleRatio] | Unread
    """Sizes of arms, by what is held against what."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says."""

    conditions: tuple[Condition, ...]
    """One for each of `NAMES`, in their order."""

    @property
    def passes(self) -> bool:
        """Whether all five hold."""
        return tuple(one.name for one in self.conditions) == NAMES and all(
            one.holds for one in self.conditions
        )


def gate(evidence: Evidence, level: float, least: float = 0.0) -> Verdict:
    """Judge.

    Args:
        evidence: What was found, or why it was not.
        level: That the looks leave, two-sided, inside (0, 1).
        least: Gain that the protocol wants at least, not below 0.
    """
    return Verdict(
        (
            earns_more(evidence.gain, level, least),
            keeps_caps(evidence.caps),
            harms_nobody(evidence.losses),
            is_repeatable(evidence.replays),
            has_drawn_sizes(evidence.ratios),
        )
    )


def document(verdict: Verdict, about: Mapping[str, object]) -> dict[str, object]:
    """Write a verdict down, with its digest.

    Args:
        verdict: Of the gate.
        about: What else stands in the document, plain values: whom it compares, on what.
    """
    written: dict[str, object] = {
        **about,
        "passes": verdict.passes,
        "conditions": [
            {"name": one.name, "holds": one.holds, "reason": one.reason, "figures": dict(one.figures)}
            for one in verdict.conditions
        ],
    }
    told: dict[str, object] = json.loads(json.dumps(_plain(written)))
    return {**told, DIGEST: digest_of(told)}


def digest_of(written: Mapping[str, object]) -> str:
    """Give the SHA-256 of a document, of everything in it but its digest; hex digits."""
    body = {name: value for name, value in written.items() if name != DIGEST}
    return sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def is_passed(written: Mapping[str, object]) -> bool:
    """Tell whether a document, as read back, says of all five conditions that they hold, and is unchanged."""
    conditions = written.get("conditions")
    if written.get("passes") is not True or not isinstance(conditions, list):
        return False
    held = [one.get("name") for one in conditions if isinstance(one, dict) and one.get("holds") is True]
    is_whole = len(conditions) == len(NAMES) and held == list(NAMES)
    return is_whole and written.get(DIGEST) == digest_of(written)


def _plain(value: object) -> object:
    """Give what JSON can hold: a number that is none becomes null."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
