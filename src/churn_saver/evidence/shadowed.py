"""A shadow beside the champion, in a few figures: plain data, and how it is written down.

Works out no figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from churn_saver.evidence.clusters import Estimate
from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.estimators import Caution, Valuation


@dataclass(frozen=True, slots=True)
class Worth:
    """What a shadow would have earned on the log."""

    own: Valuation
    gain: Valuation
    """Less what was earned by those who decided, paired."""
    served: float
    """Mean reward of the same decisions."""

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Why a reader should not lean on it, each once."""
        return tuple(dict.fromkeys((*self.own.cautions, *self.gain.cautions)))


@dataclass(frozen=True, slots=True)
class Beside:
    """A shadow beside the champion, over decisions that were not held out."""

    decisions: int
    """Of the champion, that the shadow was asked about."""
    unasked: int
    """Of the champion, that it was not: before it had the role, or it had no answer."""
    alike: Mapping[str, tuple[int, int]]
    """By what the champion wanted: where the shadow wanted the same, of how many."""
    contacts: tuple[int, int]
    """That the shadow and the champion would make, and made."""
    reserved_minor: tuple[int, int]
    """The most that these can cost, minor units."""
    worth: Worth | Unread
    """Over all decisions on record that count, whoever made them."""


def told(found: Beside) -> dict[str, object]:
    """Give it as plain values, for the document of a comparison."""
    written: dict[str, object] = {
        "decisions": found.decisions,
        "unasked": found.unasked,
        "alike": {name: list(pair) for name, pair in found.alike.items()},
        "contacts": list(found.contacts),
        "reserved_minor": list(found.reserved_minor),
    }
    if isinstance(found.worth, Unread):
        return {**written, "unread": found.worth.why}
    own, gain = found.worth.own, found.worth.gain
    return {
        **written,
        "rows": own.rows,
        "effective_rows": own.effective_rows,
        "served": found.worth.served,
        "ips": _plain(own.ips),
        "snips": _plain(own.snips),
        "dr": _plain(own.dr),
        "gain": _plain(gain.dr),
        "cautions": [str(one) for one in found.worth.cautions],
    }


def _plain(one: Estimate) -> list[float]:
    return [one.value, one.low, one.high]
