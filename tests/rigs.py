"""A service under faults: asked about one new customer after the other, at both endpoints in turn."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from churn_saver.store import open_store, sqlite_url
from tests.builders import campaign, rules
from tests.openapi import conforms
from tests.serving import NIGHT, PREDICT, Client, Clock

PAUSE = timedelta(seconds=rules().serve.guard.pause_seconds)
RETAIN = {"tenure_months": 12, "monthly_spend": 89.99, "contract": "Month-to-month", "name": "Sam"}
"""As /predict's request: without a score, so that all models are asked."""


def begun(path: Path) -> Path:
    """Begin a ledger with a campaign of 5.00 for each of 200 customers."""
    with open_store(sqlite_url(path)) as store:
        store.campaigns.open(campaign(starts_at=NIGHT, limit_minor=100_000, customers=200, price=0.7))
    return path


@dataclass
class Rig:
    """A service to ask, and what holds of all its answers: 200, as documented, degraded with a reason."""

    client: Client
    clock: Clock
    ledger: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        """Read what answers must look like, and look whether all is there."""
        self.document = self.client.get("/openapi.json").json()
        self.ready = self.client.get("/readyz")

    def ask(self, customer: str | None = None) -> Any:
        """Ask about a customer, by default a new one, at one endpoint and then at the other."""
        number = next(self._numbers)
        path, body = (("/retain", RETAIN), ("/predict", PREDICT))[number % 2]
        answer = self.client.post(path, {**body, "customer_id": customer or f"N{number}"})
        found = answer.json()
        content = self.document["paths"][path]["post"]["responses"]["200"]["content"]
        schema = content["application/json"]["schema"]

        assert answer.status_code == 200, answer.text
        assert not (faults := conforms(found, schema, self.document)), faults
        assert found["metadata"]["degraded"] is bool(found["metadata"]["degraded_reasons"])
        return found

    def until_normal(self) -> Any:
        """Ask about new customers, a pause apart, until an answer is whole; soon one is."""
        for _ in range(50):
            self.clock.now += PAUSE
            found = self.ask()
            if not found["metadata"]["degraded"]:
                return found
        raise AssertionError(f"still degraded: {found['metadata']}")

    def page(self) -> list[str]:
        """Give the lines of the metrics."""
        return self.client.get("/metrics").text.splitlines()

    def contacts(self, customers: list[str]) -> list[int]:
        """Give how often the books have each customer contacted, once the books are found in order."""
        with open_store(sqlite_url(self.ledger)) as store:
            found = store.verify("spring", self.clock.now)
            history = store.read("spring", customers, self.clock.now).history

            assert found.free_minor + found.reserved_minor + found.spent_minor == found.limit_minor
            assert found.free_minor >= 0
            return [int(n) for n in history.contacts_7d]
