"""Why one decision was made as it was: what was open, what it was worth, and what would have changed it.

Plain values; who works them out decides again (`decide.explaining`), who tells them has the words
(`adapters.explanation_words`). It explains the decision, not the customer: that a change of an input would
have changed the decision says nothing of what that change would do to the customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_SHARES = 5
"""Inputs of a score that are named; the others are one sum."""
Value = float | str | None


class Kind(StrEnum):
    """What is changed, one thing at a time."""

    HOLDOUT = "holdout"
    """The customer is not in it."""
    DRAW = "draw"
    """Exploration draws nothing."""
    WAITING = "waiting"
    """It is so many days later, when gates have opened by themselves; all else is as it was."""
    GATES = "gates"
    """Gates are open: the fewest that suffice, together."""
    PRICE = "price"
    """λ is another."""
    CHURN_RISK = "churn_risk"
    """The score is another, from wherever it comes; acceptance is scored anew with it."""
    BILL = "bill"
    """The next bill is another, and with it what each offer costs."""
    INPUT = "input"
    """One input is another, and the scores with it."""


class Difference(StrEnum):
    """Why what was done is not what was intended."""

    NONE = "none"
    HOLDOUT = "holdout"
    MESSAGE_BLOCKED = "message_blocked"
    WITHHELD = "withheld"
    """What was wanted did not fit any more."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice, as it stood."""

    choice: int
    """0..4; see `domain.action`."""
    closed_by: tuple[str, ...]
    """Words of `Reason`; empty: it was open."""
    gain_minor: float | None
    """Expected, over never contacting, less expected cost; None: nothing could value it."""
    cost_minor: int
    """Most that it can cost: what is held back for it."""
    worth_minor: float | None
    """Gain less λ times cost."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one input does to a score."""

    name: str
    value: Value
    """As it was; None: absent."""
    log_odds: float


@dataclass(frozen=True, slots=True)
class Score:
    """One score and what it is made of: base + shares + rest = margin."""

    name: str
    probability: float
    """Calibrated."""
    margin: float | None
    """Raw score, log-odds, before calibration; None: the caller sent the probability."""
    base: float
    shares: tuple[Share, ...]
    """The largest first, at most `MOST_SHARES`."""
    rest: float
    """Sum of all others."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change that changes the decision; it was decided again with it."""

    kind: Kind
    what: str
    """Name of the input; of gates, the words of `Reason`, joined by ' + '."""
    before: Value
    after: Value
    """In its own unit: days, λ, probability, minor units, the field's own."""
    size: float
    """Distance over what it was (of the risk: probability; a word: 1): only to find the smallest."""
    choice: int
    """What would then be done, 0..4; of `Explanation.of_intended`, intended."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision, explained."""

    decision_id: str
    decided_at: datetime
    campaign_id: str | None
    currency: str | None
    policy: str
    price: float
    """λ that it was decided at."""
    is_by_worth: bool
    """Whoever decided takes the open choice of the largest worth."""
    choice: int
    """Done."""
    intended: int
    own: int
    """Of the rung, before exploration drew."""
    is_drawn: bool
    """Exploration drew the action, be it what the rung wanted or another."""
    reasons: tuple[str, ...]
    difference: Difference
    options: tuple[Option, ...]
    """Of each choice, 0 first."""
    scores: tuple[Score, ...]
    """Churn risk, then acceptance of each offer when rested; empty: nothing scored."""
    missing: tuple[str, ...]
    """Inputs of the models that were not known."""
    probability: float | None
    """Of the intended action."""
    arm_probability: float | None
    message_probability: float | None
    of_intended: bool
    """Changes but `HOLDOUT` are of what was intended, since nothing was to be done in any case."""
    changes: tuple[Change, ...]
    """The smallest of each kind, and of each input."""

    @property
    def headline(self) -> Change | None:
        """Give the one change to name first; None: none was found.

        What stands in the way beside all worth (holdout, draw, gates) comes first, in the order of
        `Kind`; then the smallest by `Change.size`.
        """
        standing = [Kind.HOLDOUT, Kind.DRAW, Kind.WAITING, Kind.GATES]
        for kind in standing:
            if found := [one for one in self.changes if one.kind is kind]:
                return found[0]
        return min(self.changes, key=lambda change: change.size, default=None)


def score_of(
    name: str,
    probability: float,
    margin: float,
    base: float,
    parts: Sequence[Share],
) -> Score:
    """Name the largest parts of a score and add up the others.

    Args:
        name: Of the score.
        probability: Calibrated.
        margin: Raw score, log-odds.
        base: What it starts from.
        parts: All of them.
    """
    ranked = sorted(parts, key=lambda part: -abs(part.log_odds))
    rest = sum((part.log_odds for part in ranked[MOST_SHARES:]), 0.0)
    return Score(name, probability, margin, base, tuple(ranked[:MOST_SHARES]), rest)


def given_score(name: str, probability: float) -> Score:
    """Tell a score that the caller sent: of what it is made only the caller knows."""
    return Score(name, probability, None, 0.0, (), 0.0)
