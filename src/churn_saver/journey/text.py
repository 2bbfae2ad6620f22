"""One customer's text: drafts in a drawn order, filled with facts, until the shield lets one through."""

from dataclasses import dataclass

from churn_saver import shield
from churn_saver.domain.slots import Facts
from churn_saver.message.plain import candidates
from churn_saver.message.wording import fill


@dataclass(frozen=True, slots=True)
class Letter:
    """What came of writing to one customer."""

    text: str | None
    """None: silence, the shield stopped every draft."""
    probability: float
    """Chance that this very draft was the one, under the draw; 0 for silence."""
    violations: tuple[str, ...]
    """Codes of the last draft that was stopped before silence; empty when a text came through."""


def write(facts: Facts, draw: float, rules: shield.Rules) -> Letter:
    """Give the first draft from a drawn start on that the shield lets through.

    A draft is served when the draw starts at it or at one of the blocked drafts just before it,
    so its probability is (1 + length of that blocked run) / number of drafts.

    Args:
        facts: What the text may and must say.
        draw: Uniform in [0, 1), the customer's own.
        rules: Of the shield.
    """
    drafts = candidates(facts, rules.channel)
    start = int(draw * len(drafts))
    stopped: tuple[str, ...] = ()
    for step in range(len(drafts)):
        text = fill(drafts[(start + step) % len(drafts)], facts)
        stopped = shield.violations(text, facts, rules)
        if not stopped:
            run = step + _blocked_before(drafts, start, len(drafts) - 1 - step, facts, rules)
            return Letter(text, (1 + run) / len(drafts), ())
    return Letter(None, 0.0, stopped or ("no_draft",))


def _blocked_before(
    drafts: tuple[str, ...], start: int, at_most: int, facts: Facts, rules: shield.Rules
) -> int:
    """Count the blocked drafts that stand directly before `start`, going round."""
    for back in range(at_most):
        text = fill(drafts[(start - 1 - back) % len(drafts)], facts)
        if not shield.violations(text, facts, rules):
            return back
    return at_most
