"""A client, fakes and a service for tests of HTTP: no sockets, no patching, a clock that can be set."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray

from churn_saver.config import Environment
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.domain.proposal import Proposals, Settlement
from churn_saver.errors import LedgerError, LedgerUnavailable
from churn_saver.journey.text import LiveWriter
from churn_saver.message.bank import Bank
from churn_saver.opening import Degradation
from churn_saver.serve.app import Doors, create_app
from churn_saver.serve.documented import PREDICT_REQUESTS, RETAIN_REQUESTS
from churn_saver.serve.runtime import Sources
from churn_saver.store import Answer, Control, Known, Queue, Store, Totals, open_store
from churn_saver.tabular.boosting import Trees
from churn_saver.tabular.features import names_of
from churn_saver.tabular.predictors import AcceptModel, Predictors, RiskModel, accept_names
from tests.builders import FixedAccept, campaign, rules
from tests.ledgers import new_ledger
from tests.tiny_predictors import level

NIGHT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""03:00 in New York, the company's zone."""
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""12:00 in New York."""

PATIENT = Environment(MAX_WAITING=1_000, MAX_WAIT_MS=60_000)
"""Turns nobody away, however busy the machine is that runs the tests."""

RETAIN = cast("dict[str, Any]", RETAIN_REQUESTS["event"]["value"])
"""The documented request of /retain."""
PREDICT = cast("dict[str, Any]", PREDICT_REQUESTS["customer"]["value"])
"""The documented request of /predict."""
_TELCO_NAMES = {
    "customer_id": "customerID",
    "contract": "Contract",
    "payment_method": "PaymentMethod",
    "monthly_charges": "MonthlyCharges",
    "total_charges": "TotalCharges",
}
TELCO: dict[str, Any] = {
    _TELCO_NAMES.get(name, name): value
    for name, value in cast("dict[str, Any]", PREDICT_REQUESTS["whole"]["value"]).items()
} | {"Churn": "No"}
"""A row of the Telco table under its own names."""


@dataclass
class Clock:
    """A clock that stands where it is put."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now


class Client:
    """Calls an app within one event loop."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        """Take a started app."""
        self.app, self._runner = app, runner

    def get(self, path: str) -> httpx.Response:
        """GET a path."""
        return self.send("GET", path)

    def post(self, path: str, body: object) -> httpx.Response:
        """POST a body as JSON."""
        return self.send("POST", path, json=body)

    def raw(self, path: str, content: bytes, content_type: str = "application/json") -> httpx.Response:
        """POST bytes as they are."""
        return self.send("POST", path, content=content, headers={"Content-Type": content_type})

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send any request."""
        return self._runner.run(self._call(method, path, options))

    def at_once(self, path: str, bodies: list[dict[str, Any]]) -> list[httpx.Response]:
        """POST all bodies at the same time."""

        async def calls() -> list[httpx.Response]:
            """Send them."""
            return await asyncio.gather(*(self._call("POST", path, {"json": body}) for body in bodies))

        return self._runner.run(calls())

    def together(self, requests: Sequence[tuple[str, str, object]]) -> list[httpx.Response]:
        """Send requests (method, path, what goes as JSON or None) at the same time."""

        async def calls() -> list[httpx.Response]:
            """Send them."""
            sent = (self._call(method, path, {"json": body}) for method, path, body in requests)
            return await asyncio.gather(*sent)

        return self._runner.run(calls())

    async def _call(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **options)


@contextmanager
def running(app: FastAPI) -> Iterator[asyncio.Runner]:
    """Start an app, and stop it again; what runs it meanwhile."""
    with asyncio.Runner() as runner:
        life = app.router.lifespan_context(app)
        runner.run(life.__aenter__())
        try:
            yield runner
        finally:
            runner.run(life.__aexit__(None, None, None))


@contextmanager
def started(app: FastAPI) -> Iterator[Client]:
    """Start an app, and stop it again."""
    with running(app) as runner:
        yield Client(app, runner)


@dataclass(frozen=True)
class ToldRisk:
    """A risk model that says what it is told."""

    risk: float
    fields: tuple[str, ...] = ("tenure_months", "internet_service")

    @property
    def trees(self) -> Trees:
        """Trees that see no difference, for who asks what a score is made of."""
        return level(names_of(self.fields))

    def probability(self, customers: Customers) -> NDArray[np.float64]:
        """Give everybody the same risk."""
        return np.full(len(customers), self.risk)


@dataclass(frozen=True)
class ToldAccept(FixedAccept):
    """An acceptance model that says what it is told."""

    fields: tuple[str, ...] = ("tenure_months", "payment_method")

    @property
    def trees(self) -> Trees:
        """Trees that see no difference, for who asks what a score is made of."""
        return level(accept_names(self.fields))


def told(risk: float = 0.6, ladder: tuple[float, float, float, float] = (0.1, 0.25, 0.5, 0.55)) -> Predictors:
    """Give predictors that are not trained but told."""
    return Predictors(cast(RiskModel, ToldRisk(risk)), cast(AcceptModel, ToldAccept(ladder)), "told")


@dataclass
class FakeBooks:
    """Books in memory that record nothing; `broken` makes every call fail, `refuses` every settlement."""

    running: Campaign | None = field(default_factory=campaign)
    broken: bool = False
    refuses: bool = False
    closed: bool = False
    switches: Control = field(default_factory=Control)
    settled: list[Proposals] = field(default_factory=list)

    @property
    def campaigns(self) -> "FakeBooks":
        """Stand in for the campaigns too."""
        return self

    @property
    def outbox(self) -> "FakeBooks":
        """Stand in for the outbox too."""
        return self

    def queue(self, now: datetime) -> Queue:
        """Let nothing wait."""
        self.ping()
        return Queue(0, 0, 0, 0, None)

    def sent_so_far(self) -> int:
        """Have sent nothing."""
        return 0

    def current(self, now: datetime) -> Campaign | None:
        """Give the one campaign."""
        self.ping()
        return self.running

    def list(self) -> Sequence[Campaign]:
        """Give the one campaign."""
        self.ping()
        return [] if self.running is None else [self.running]

    def totals(self, campaign_id: str, now: datetime) -> Totals:
        """Give its money: nothing reserved, nothing spent."""
        return Totals(500_000, 500_000, 0, 0)

    def ping(self) -> None:
        """Answer, unless broken."""
        if self.broken:
            raise LedgerUnavailable("ledger does not answer: told so. Check DATABASE_URL.")

    def read(self, campaign_id: str | None, customer_ids: Sequence[str], now: datetime) -> Known:
        """Know nobody."""
        self.ping()
        return Known(self.running, ContactHistory.unseen(len(customer_ids)), 500_000)

    def read_running(self, customer_id: str, now: datetime) -> Known:
        """Know nobody."""
        return self.read(None, [customer_id], now)

    def settle(
        self, campaign_id: str | None, proposals: Proposals, now: datetime, **_named: object
    ) -> Settlement:
        """Take everything, or refuse everything."""
        self.ping()
        if self.refuses:
            return Settlement([""], np.array([2]))
        self.settled.append(proposals)
        return Settlement(["d" * 32], np.array([0]))

    def answer(self, key: str, request_digest: bytes, now: datetime) -> Answer | None:
        """Have answered nobody before."""
        self.ping()
        return None

    def control(self) -> Control:
        """Give the switches."""
        self.ping()
        return self.switches

    def close(self) -> None:
        """Remember that it was let go of."""
        self.closed = True


def sources(
    books: FakeBooks | Store | LedgerError,
    predictors: Predictors | None = None,
    degraded: tuple[Degradation, ...] = (),
    bank: Bank | None = None,
    live: LiveWriter | None = None,
    deadline_ms: int = 60_000,
) -> Sources:
    """Give ways to open these books (or this error), predictors, by default told ones, and words."""
    own = rules(deadline_ms=deadline_ms)

    def open_books(now: datetime) -> Store:
        if isinstance(books, LedgerError):
            raise books
        return cast(Store, books)

    served = None if degraded else predictors or told()
    return Sources(
        own,
        open_books,
        lambda: (served, degraded),
        lambda: (own.decider, ()),
        lambda: (bank, ()),
        lambda: (live, ()),
    )


@contextmanager
def fake_service(
    books: FakeBooks | LedgerError | None = None, clock: Clock | None = None, **options: Any
) -> Iterator[Client]:
    """Start a service on fake books."""
    app = create_app(sources(FakeBooks() if books is None else books, **options), clock or Clock())
    with started(app) as client:
        yield client


@contextmanager
def real_service(where: Path | str, clock: Clock | None = None, **options: Any) -> Iterator[Client]:
    """Start a service on a real ledger, in a folder or what a URL names, with a fresh server's campaign."""
    store = open_store(where if isinstance(where, str) else new_ledger(where / "ledger.db"))
    store.campaigns.open(
        campaign(
            campaign_id="default",
            starts_at=NIGHT,
            holdout_share=0.05,
            salt="churn-saver-default",
            limit_minor=100_000,
        )
    )
    with started(create_app(sources(store, **options), clock or Clock(), Doors.of(PATIENT))) as client:
        yield client
