"""Say in sentences why a decision was made as it was, for screen and answers.

The first sentence is for somebody who runs a campaign and reads nothing else. Works out nothing but
λ times a cost, which it shows.
"""

from churn_saver.adapters import plain_words, policy_words
from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Action
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.evidence.explanation import Change, Difference, Explanation, Kind, Option, Value
from churn_saver.evidence.steps import LEAST_RISK, MOST_MOVED, MOST_TIMES

_WHY_NOT = {
    Difference.HOLDOUT: "in the holdout, which is left alone to show what happens without contact",
    Difference.MESSAGE_BLOCKED: "no text passed the checks",
    Difference.WITHHELD: "what was wanted did not fit any more when it was recorded",
}


def choice_words(choice: int) -> str:
    """Say a choice: 3 → 'a contact with 10 % off'."""
    if choice == NO_CONTACT:
        return "no contact"
    percent = OFFER_PERCENTS[Action.of_choice(choice).offer_idx]
    return f"a contact with {percent} % off" if percent else "a contact without a discount"


def summary(found: Explanation) -> str:
    """Say what was done and why, in a sentence or two."""
    if found.difference is not Difference.NONE:
        wanted = f"{choice_words(found.intended)}, {_why(found)}"
        return f"Not contacted: {_WHY_NOT[found.difference]}. Wanted was {wanted}."
    if found.choice != NO_CONTACT:
        return f"Contacted {choice_words(found.choice).removeprefix('a contact ')}: {_why(found)}."
    if found.is_drawn:
        return f"Not contacted: {_why(found)}."
    if all(option.closed_by for option in found.options[1:]):
        return f"Not contacted: {_gates(found.options)}"
    best = _best(found)
    if best is None or not found.is_by_worth:
        return f"Not contacted: {' '.join(map(plain_words.reason, found.reasons))}"
    return f"Not contacted: the best that was open, {choice_words(best.choice)}, {_worth(best, found)}."


def price_words(found: Explanation) -> str:
    """Say what λ was, what it means, and to whom it means nothing."""
    unlike = "" if found.is_by_worth else f" Value less λ times cost is not what {_rung(found)} decides by."
    return (
        f"λ {found.price:.4g}: a contact must gain {found.price:.4g} for each 1.00 that is held back for it, "
        "beyond its own expected cost, because elsewhere in the campaign that money gains as much."
        f"{unlike}"
    )


def change_words(change: Change, of_intended: bool) -> str:
    """Say a change and what it leads to.

    Args:
        change: That was found.
        of_intended: As of the explanation.
    """
    is_of_intended = of_intended and change.kind is not Kind.HOLDOUT
    then = "would have been intended" if is_of_intended else "would have been decided"
    return f"{_changed(change)}: {choice_words(change.choice)} {then}."


def none_found(found: Explanation) -> str:
    """Say within what bounds no single change was found."""
    if found.is_drawn:
        return "The draw asks nothing of what is known of the customer, so none of it would have altered it."
    moved = ", ".join(f"{name} by up to {most}" for name, most in MOST_MOVED.items())
    what = "what was intended" if found.of_intended else "the decision"
    return (
        f"No single change alters {what}: tried were λ from 0 to {MOST_TIMES:,.0f} times, churn risk from "
        f"{LEAST_RISK:.1%} to {1.0 - LEAST_RISK:.1%}, bill and other amounts from nothing to twice, {moved}, "
        "every other word of each known input, every gate that was closed, and waiting until they open."
    )


def _why(found: Explanation) -> str:
    """Say why what was intended was."""
    if found.is_drawn:
        own = "the same" if found.own == found.intended else choice_words(found.own)
        return f"drawn by exploration; {_rung(found)} itself wanted {own}"
    if found.intended == NO_CONTACT or not found.is_by_worth:
        return f"as {_rung(found)} decides"
    return f"it {_worth(found.options[found.intended], found)}"


def _worth(option: Option, found: Explanation) -> str:
    """Say the gain, the cost, and what is left."""
    if option.gain_minor is None or option.worth_minor is None:
        return "has no worth that is known"
    priced = option.gain_minor - option.worth_minor
    left = plain_words.money(option.worth_minor)
    return (
        f"gains {plain_words.money(option.gain_minor)} and holds back {plain_words.money(option.cost_minor)} "
        f"at λ {found.price:.4g}: {plain_words.money(option.gain_minor)} − {plain_words.money(priced)} "
        f"leaves {left}"
    )


def _best(found: Explanation) -> Option | None:
    """Give the open contact of the largest worth; None: there is none."""
    open_ones = [one for one in found.options[1:] if not one.closed_by and one.worth_minor is not None]
    return max(open_ones, key=lambda one: one.worth_minor or 0.0, default=None)


def _gates(options: tuple[Option, ...]) -> str:
    names = dict.fromkeys(word for option in options[1:] for word in option.closed_by)
    return " ".join(map(plain_words.reason, names))


def _rung(found: Explanation) -> str:
    name = found.policy.partition("@")[0]
    return f"the policy {policy_words.title(name)!r}"


def _changed(change: Change) -> str:
    before, after = _value(change.kind, change.before), _value(change.kind, change.after)
    gates = change.what.replace("_", " ")
    return {
        Kind.HOLDOUT: "Outside the holdout",
        Kind.DRAW: "Without the draw of exploration",
        Kind.WAITING: f"{after} days later, with {gates} over and all else as it was",
        Kind.GATES: f"Without the gate {gates}",
        Kind.PRICE: f"At λ {after} in place of {before}",
        Kind.CHURN_RISK: f"With a churn risk of {after} in place of {before}",
        Kind.BILL: f"With a bill of {after} in place of {before}",
        Kind.INPUT: f"With {gates} {after} in place of {before}",
    }[change.kind]


def _value(kind: Kind, value: Value) -> str:
    if not isinstance(value, float | int):
        return str(value)
    if kind is Kind.BILL:
        return plain_words.money(value)
    if kind is Kind.CHURN_RISK:
        return f"{value:.1%}"
    return f"{value:.6g}" if kind is Kind.PRICE else f"{value:,.2f}".rstrip("0").rstrip(".")


def in_units(amount_minor: float | None) -> float | None:
    """Give currency units, to the hundredth of a minor unit."""
    return None if amount_minor is None else round(amount_minor / MINOR_PER_UNIT, 4)
