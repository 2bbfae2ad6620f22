"""What the load of `service.py` asks: one half /retain, one half /predict, each about a known customer.

Every fifth request has an idempotency key, and every second one of these is the request of five before it,
sent again. Numbers are spread over the customers, so that neighbours are about different ones. Sends nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

KEYED_EVERY = 5
AGAIN_EVERY = 2 * KEYED_EVERY
_SPREAD = 611_953
"""A prime: walks through all customers before it comes back to the first, unless it divides their number."""
_NAMES = ("Sam", "Ana", "Lee", "Kim", "Noor", "Ines", "Omar")
_CONTRACTS = ("Month-to-month", "One year", "Two year")
_PAYMENTS = ("Electronic check", "Mailed check", "Bank transfer (automatic)", "Credit card (automatic)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the load."""

    path: str
    key: str
    """Idempotency key; empty: none."""
    is_again: bool
    """The same request was sent before."""
    body: str

    @property
    def line(self) -> str:
        """The request as `service.js` reads it."""
        return "\t".join((self.path, self.key, str(int(self.is_again)), self.body))


def asked(first: int, n: int, customers: int, repeats: bool) -> Iterator[Asked]:
    """Give n requests, from number `first` on.

    Args:
        first: A multiple of ten, so that no request is sent again that another stage had.
        n: How many.
        customers: How many are known.
        repeats: Send some again; without it those are requests of their own.
    """
    for number in range(first, first + n):
        is_again = repeats and number % AGAIN_EVERY == AGAIN_EVERY - 1
        original = number - KEYED_EVERY if is_again else number
        row = columns(original * _SPREAD % customers)
        kind = (original + original // AGAIN_EVERY) % 2
        key = f"load-{original}" if original % KEYED_EVERY == KEYED_EVERY - 1 else ""
        yield Asked(
            ("/retain", "/predict")[kind], key, is_again, json.dumps(event(row) if kind == 0 else row)
        )


def columns(number: int) -> dict[str, object]:
    """Describe a customer as /predict takes it."""
    return {
        "customer_id": f"K{number:07d}",
        "name": _NAMES[number % len(_NAMES)],
        "tenure": number % 72,
        "monthly_charges": 20 + number * 7 % 9_901 / 100,
        "contract": _CONTRACTS[number // 3 % len(_CONTRACTS)],
        "payment_method": _PAYMENTS[number // 5 % len(_PAYMENTS)],
    }


def event(row: dict[str, object]) -> dict[str, object]:
    """Describe an event of a customer as /retain takes it; the risk rises with the bill, to .9 at most."""
    bill = float(str(row["monthly_charges"]))
    return {
        "customer_id": row["customer_id"],
        "churn_risk": round(0.1 + bill / 150, 3),
        "tenure_months": row["tenure"],
        "monthly_spend": bill,
        "contacts_last_7d": 0,
        "days_since_last_contact": 60,
    }
