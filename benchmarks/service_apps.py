"""Two services to compare ours with: a bare route, and ours with an engine that takes its time.

    python -m benchmarks.service_apps bare FOLDER
    python -m benchmarks.service_apps slow MILLISECONDS

The bare one reads the same bodies with a small model and answers with the bytes in FOLDER, one file for each
route: what FastAPI and this server cost without a promise. The slow one is the service itself, of one process
and at DATABASE_URL, whose models take so long for each decision, however fast the machine is. Both listen on
any free port of this machine, which they print, and stop as the service does.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np
from fastapi import FastAPI, Response
from numpy.typing import NDArray
from pydantic import BaseModel

from churn_saver.config import environment
from churn_saver.domain.customer import Customers
from churn_saver.opening import Degradation
from churn_saver.serve.app import Doors, create_app, sources_of
from churn_saver.serve.interpreter import Settled
from churn_saver.serve.server import keep_serving, listening, serve
from churn_saver.serve.telemetry import log_as_json
from churn_saver.tabular.predictors import AcceptModel, Predictors

ROUTES = ("retain", "predict")
ANSWERS = "BARE_ANSWERS"
"""Variable under which workers are told the folder."""


class Event(BaseModel):
    """What the load sends to /retain."""

    customer_id: str
    churn_risk: float
    tenure_months: int
    monthly_spend: float
    contacts_last_7d: int
    days_since_last_contact: int


class Columns(BaseModel):
    """What the load sends to /predict."""

    customer_id: str
    name: str
    tenure: int
    monthly_charges: float
    contract: str
    payment_method: str


@dataclass(frozen=True, slots=True)
class SlowAccept:
    """An acceptance model that answers after some time, and as the real one."""

    real: AcceptModel
    seconds: float

    @property
    def fields(self) -> tuple[str, ...]:
        """Customer fields behind its columns."""
        return self.real.fields

    def probabilities(self, customers: Customers, churn_risk: NDArray[np.float64]) -> NDArray[np.float64]:
        """Wait, and give each customer's chance to accept each offer, (n, 4)."""
        time.sleep(self.seconds)
        return self.real.probabilities(customers, churn_risk)


def bare_app(answers: Path) -> FastAPI:
    """Build the bare routes."""
    told = {name: (answers / name).read_bytes() for name in ROUTES}
    app = FastAPI(openapi_url=None)

    @app.post("/retain")
    def retain(_event: Event) -> Response:
        return Response(told["retain"], media_type="application/json")

    @app.post("/predict")
    def predict(_columns: Columns) -> Response:
        return Response(told["predict"], media_type="application/json")

    return app


def bare_worker() -> Settled:
    """Build the bare routes in one of several workers."""
    return Settled(bare_app(Path(os.environ[ANSWERS])))


def slow_app(seconds: float) -> FastAPI:
    """Build the service out of its environment, with models that take so long."""
    own = environment(os.environ)
    sources = sources_of(own)

    def open_slow() -> tuple[Predictors | None, tuple[Degradation, ...]]:
        found, lacks = sources.open_predictors()
        if found is None:
            return None, lacks
        return replace(found, accept=cast(AcceptModel, SlowAccept(found.accept, seconds))), lacks

    return create_app(replace(sources, open_predictors=open_slow), lambda: datetime.now(UTC), Doors.of(own))


def _bare(answers: str) -> None:
    workers = environment(os.environ).WORKERS
    with listening("127.0.0.1", 0) as bound:
        print(f"bare routes on http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
        if workers == 1:
            serve(Settled(bare_app(Path(answers))), bound)
            return
        os.environ[ANSWERS] = answers
        keep_serving("benchmarks.service_apps:bare_worker", workers, bound)


def _slow(milliseconds: str) -> None:
    log_as_json()
    app = slow_app(float(milliseconds) / 1_000)
    with listening("127.0.0.1", 0) as bound:
        print(f"slow service on http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
        serve(Settled(app), bound)


def main(arguments: Sequence[str]) -> None:
    """Serve one of them until stopped."""
    kinds: dict[str, Callable[[str], None]] = {"bare": _bare, "slow": _slow}
    if len(arguments) != 2 or arguments[0] not in kinds:
        raise SystemExit("service_apps: wanted bare FOLDER or slow MILLISECONDS")
    kinds[arguments[0]](arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
