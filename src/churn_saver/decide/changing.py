"""Find the smallest changes that would have changed a decision, each one decided again on the same way.

One thing at a time is changed and everything else stays as it was recorded. Many values are tried at once,
as rows of a table (`trying`); a row gives the same bits alone and in a table. What is found is then proposed
once more, to the text, before it is told.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from churn_saver.decide.rebuilding import Premises
from churn_saver.decide.trying import table_of, tries_of, words_of
from churn_saver.decide.waiting import later, openings
from churn_saver.domain.action import NO_CONTACT
from churn_saver.evidence.explanation import Change, Kind
from churn_saver.evidence.steps import price_steps

_CLOSE = 1e-9
"""λ is halved in until it is known to this share of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A change, and the premises with it."""

    change: Change
    premises: Premises
    """One row."""


def changes_of(premises: Premises, of_intended: bool) -> tuple[Change, ...]:
    """Give the smallest changes of each kind, and of each input, in the order of `Kind`.

    Args:
        premises: One row.
        of_intended: What was done could not be anything else, so look at what was intended.
    """
    was = outcome(premises, of_intended)
    found = [*_arm(premises), *_draw(premises, was, of_intended), *_waited(premises, was, of_intended)]
    price = _price(premises, was, of_intended)
    tried = _tried(premises, was, of_intended)
    found += [one for one in tried if one.change.kind is Kind.GATES]
    found += [] if price is None else [price]
    found += [one for one in tried if one.change.kind is not Kind.GATES]
    return tuple(one.change for one in found if _stands(one, of_intended))


def outcome(premises: Premises, of_intended: bool) -> int:
    """Decide for one row, up to the text: give the choice, done or intended."""
    return int(_outcomes(premises, of_intended)[0])


def _outcomes(premises: Premises, of_intended: bool) -> NDArray[np.int8]:
    wanted = premises.wanted(premises.appraised()).choice
    if of_intended:
        return wanted
    stopped = premises.gates.held_out | (premises.withheld != 0)
    return np.where(stopped, NO_CONTACT, wanted).astype(np.int8)


def _stands(found: Found, of_intended: bool) -> bool:
    """Go the whole way with a change, to the text, and look whether it is what was found."""
    change, premises = found.change, found.premises
    appraisal = premises.appraised()
    chosen = premises.own_choice(appraisal) if change.kind is Kind.DRAW else premises.wanted(appraisal)
    made = premises.proposed(chosen, appraisal, premises.price)
    looked_at = made.intended if of_intended and change.kind is not Kind.HOLDOUT else made.choice
    return int(looked_at[0]) == change.choice


def _is_shut(premises: Premises, of_intended: bool) -> bool:
    """Say whether nothing can be done, whatever is wanted."""
    return not of_intended and bool(premises.gates.held_out[0] or premises.withheld[0])


def _arm(premises: Premises) -> Iterator[Found]:
    """Take the customer out of the holdout: whether anything would then be done."""
    if not premises.gates.held_out[0]:
        return
    treated = replace(premises, gates=replace(premises.gates, held_out=np.array([False])))
    choice = outcome(treated, of_intended=False)
    if choice != NO_CONTACT:
        yield Found(Change(Kind.HOLDOUT, "holdout", "holdout", "treated", 0.0, choice), treated)


def _draw(premises: Premises, was: int, of_intended: bool) -> Iterator[Found]:
    """Let exploration draw nothing."""
    own = int(premises.own_choice(premises.appraised()).choice[0])
    if own != was and not _is_shut(premises, of_intended):
        yield Found(Change(Kind.DRAW, "exploration", "drawn", "not drawn", 0.0, own), premises)


def _waited(premises: Premises, was: int, of_intended: bool) -> Iterator[Found]:
    """Decide later, when gates have opened by themselves; the earliest day that changes anything."""
    for days, flags in openings(premises):
        moved = later(premises, days, flags)
        if moved is None:
            return
        choice = outcome(moved, of_intended)
        if choice != was:
            yield Found(Change(Kind.WAITING, words_of(flags), 0.0, days, 0.0, choice), moved)
            return


def _price(premises: Premises, was: int, of_intended: bool) -> Found | None:
    """Find the nearest λ on either side that changes the decision, and halve in on where it does."""
    if _is_shut(premises, of_intended):
        return None
    appraisal = premises.appraised()

    def at(price: float) -> int:
        return int(replace(premises, price=price).wanted(appraisal).choice[0])

    scale = premises.price if premises.price > 0.0 else 1.0
    sides = [_edge(premises.price, direction, at, was, _CLOSE * scale) for direction in (1, -1)]
    found = [price for price in sides if price is not None]
    if not found:
        return None
    price = min(found, key=lambda one: abs(one - premises.price))
    size = abs(price - premises.price) / scale
    change = Change(Kind.PRICE, "price", premises.price, price, size, at(price))
    return Found(change, replace(premises, price=price))


def _edge(start: float, direction: int, at: Callable[[float], int], was: int, close: float) -> float | None:
    """Give the nearest price on one side at which the choice is another; None: there is none."""
    near = start
    for far in price_steps(start, direction):
        if at(far) != was:
            while abs(far - near) > close:
                middle = (near + far) / 2.0
                near, far = (middle, far) if at(middle) == was else (near, middle)
            return far
        near = far
    return None


def _tried(premises: Premises, was: int, of_intended: bool) -> list[Found]:
    """Try all values of all other things as rows of one table; of each thing the first that changes it."""
    tries = tries_of(premises)
    if not tries:
        return []
    table = table_of(premises, tries)
    outcomes = _outcomes(table, of_intended).tolist()
    first: dict[tuple[Kind, str], Found] = {}
    for row, (one, choice) in enumerate(zip(tries, outcomes, strict=True)):
        thing = (one.kind, "" if one.kind is Kind.GATES else one.what)
        if choice != was and thing not in first:
            change = Change(one.kind, one.what, one.before, one.after, one.size, choice)
            first[thing] = Found(change, table.take(np.array([row])))
    return list(first.values())
