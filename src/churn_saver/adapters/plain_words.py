"""Say figures and reasons in the words of a person who runs a campaign, for screen and page.

Knows no page. What nobody knows is said to be not known, never shown as 0.
"""

from collections.abc import Mapping

import numpy as np

from churn_saver.domain.money import MINOR_PER_UNIT, shown
from churn_saver.evidence.shares import wilson

UNKNOWN = "not known"
REASONS: Mapping[str, str] = {
    "no_campaign": "No campaign was open.",
    "state_unreadable": "What is known of the customer could not be read, so every gate counts as closed.",
    "suppressed": "On the suppression list.",
    "opted_out": "Said no to messages, or explicit consent is required and was not given.",
    "cooldown": "Contacted too recently; the cooldown still runs.",
    "cap_7_days": "Has had as many contacts in 7 days as are allowed.",
    "cap_30_days": "Has had as many contacts in 30 days as are allowed.",
    "cap_period": "Has had as many contacts in this period of the campaign as are allowed.",
    "allowance": "The customer's own allowance of discounts is used up.",
    "budget": "The budget that was still free did not cover it.",
    "stopped": "Contacts are switched off for the whole service.",
    "holdout": "In the holdout group, which shows what happens without contact.",
    "not_worth_it": "No offer is expected to keep more margin than its money keeps elsewhere.",
    "message_blocked": "No text passed the checks, so nothing is sent.",
    "below_threshold": "Below the threshold of the rule that decided.",
    "not_chosen": "The rule that decided leaves this customer alone, whatever a contact is worth.",
}
COLUMNS: Mapping[str, str] = {
    "gender": "Gender",
    "senior_citizen": "Senior citizen",
    "partner": "Has a partner",
    "dependents": "Has dependents",
}


def reason(name: str) -> str:
    """Say why a customer is not contacted; a reason without words is shown by its name."""
    return REASONS.get(name, name.replace("_", " "))


def count(n: int) -> str:
    """Write a count: 7032 → '7,032'."""
    return f"{n:,}"


def money(amount_minor: float | None) -> str:
    """Write minor units: 123456 → '1,234.56'."""
    return UNKNOWN if amount_minor is None else shown(round(amount_minor)).replace("-", "−")


def units(amount: float | None) -> str:
    """Write currency units: 1234.5 → '1,234.50'."""
    return money(None if amount is None else amount * MINOR_PER_UNIT)


def percent(share: float | None, digits: int = 1) -> str:
    """Write a share: 0.1755 → '17.5 %', with a space that does not break."""
    return UNKNOWN if share is None else f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def share(part: int, whole: int) -> str:
    """Write part of a whole as per cent; of nothing there is no share."""
    return percent(part / whole) if whole else "–"


def interval(part: int, whole: int) -> str:
    """Write the 95 % interval of a share: 2 of 10 → '5.7–51.0 %'."""
    if not whole:
        return "–"
    low, high = wilson(np.array([float(part)]), np.array([float(whole)]), 0.95)
    return f"{100 * low[0]:.1f}–{percent(float(high[0]))}"


def sentence(line: str) -> str:
    """Begin with a capital letter and end with a full stop."""
    begun = line[:1].upper() + line[1:]
    return begun if begun.endswith((".", "!", "?")) else begun + "."
