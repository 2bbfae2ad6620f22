"""The propensity rule behind FORCE_BASELINE: whoever is likely to leave gets one fixed offer.

Needs no artefact. Knows nothing of what a contact gains or costs, and so is the rung that the
others have to beat. It is what FORCE_BASELINE=true asks for.
"""

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import NO_CONTACT, OFFER_PERCENTS, Reason
from churn_saver.domain.customer import FIELD_BY_NAME, Customers
from churn_saver.errors import InputError

MAX_NEW_TENURE_MONTHS = 12
"""Without a score, month-to-month customers of at most this tenure are taken as likely to leave."""
_MONTH_TO_MONTH = FIELD_BY_NAME["contract_type"].words.index("month-to-month")


def propensity_rule(
    customers: Customers,
    churn_risk: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    threshold: float,
    offer_pct: int,
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Contact above a risk threshold, with the offer or the next lower one that is open.

    Args:
        customers: Their contract and tenure decide where there is no score.
        churn_risk: 30-day probability, (n,), NaN: no score.
        allowed: Open choices, (n, 5).
        threshold: Contact strictly above this risk.
        offer_pct: The offer, whole per cent.

    Returns:
        Choices, (n,), and reasons, (n,): `BELOW_THRESHOLD` where the rule says no, 0 elsewhere. A
        likely leaver with no open offer has choice 0 and reason 0: the reasons are the standing's.

    Raises:
        InputError: the offer is not on the ladder.
    """
    offer = offer_at_most(allowed, offer_pct)
    new = customers.column("tenure_months") <= MAX_NEW_TENURE_MONTHS
    loose = customers.column("contract_type") == _MONTH_TO_MONTH
    leaving = np.where(np.isnan(churn_risk), new & loose, churn_risk > threshold)
    choice = np.where(leaving, offer, np.int8(NO_CONTACT))
    return choice, np.where(leaving, np.int64(0), np.int64(Reason.BELOW_THRESHOLD))


def offer_at_most(allowed: NDArray[np.bool_], offer_pct: int) -> NDArray[np.int8]:
    """Give the offer, or the next lower one that is open.

    Args:
        allowed: Open choices, (n, 5).
        offer_pct: The offer, whole per cent.

    Returns:
        Choices, (n,); 0 where neither it nor a lower one is open.

    Raises:
        InputError: the offer is not on the ladder.
    """
    if offer_pct not in OFFER_PERCENTS:
        raise InputError(f"offer_pct is {offer_pct}, wanted one of {OFFER_PERCENTS}")
    offer = np.full(len(allowed), NO_CONTACT, dtype=np.int8)
    for offer_idx in range(OFFER_PERCENTS.index(offer_pct) + 1):
        offer[allowed[:, 1 + offer_idx]] = 1 + offer_idx
    return offer
