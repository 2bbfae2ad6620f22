"""The service as it is run: settings, socket, log, then one process that serves or several.

What the environment says is looked at before the port is taken, so that a mistake is told at once.
"""

import os
import socket
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp

from churn_saver.config import Environment
from churn_saver.config import environment as environment_of
from churn_saver.errors import ChurnSaverError
from churn_saver.serve.app import Doors, create_app, sources_of
from churn_saver.serve.keys import Access, access_of
from churn_saver.serve.metrics import SHARED_FOLDER
from churn_saver.serve.server import CutOff, keep_serving, listening, serve
from churn_saver.serve.telemetry import log_as_json


def run(environment: Environment) -> None:
    """Serve until stopped.

    Raises:
        ConfigError: settings cannot be used, HOST needs keys that are not there, PORT is taken, or no
            worker could start.
    """
    access = access_of(environment)
    sources = sources_of(environment)
    with listening(environment.HOST, environment.PORT) as bound:
        _say_where(environment, access, bound)
        log_as_json()
        if environment.WORKERS == 1:
            serve(create_app(sources, _clock, Doors.of(environment, access)), bound)
            return
        with suppress(ChurnSaverError):
            # Migrated and begun once, before workers do it at the same time. What fails here is tried again
            # by each of them, and told by /readyz.
            sources.open_books(_clock()).close()
        with tempfile.TemporaryDirectory(prefix="churn-saver-metrics-") as shared:
            os.environ[SHARED_FOLDER] = shared
            keep_serving("churn_saver.serve.running:worker", environment.WORKERS, bound)


def worker() -> ASGIApp:
    """Build the app of one of several workers, out of the environment that its parent left it."""
    log_as_json()
    environment = environment_of(os.environ)
    shared = os.environ.get(SHARED_FOLDER)
    doors = Doors.of(environment, access_of(environment), Path(shared) if shared else None)
    return CutOff(create_app(sources_of(environment), _clock, doors))


def _clock() -> datetime:
    return datetime.now(UTC)


def _say_where(environment: Environment, access: Access, bound: socket.socket) -> None:
    host, port = environment.HOST, bound.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    print(f"Churn-Saver serves on http://{shown}:{port}", flush=True)
    print("POST /retain, /predict; GET /readyz, /metrics, /openapi.json; stop with Ctrl+C", flush=True)
    if access.is_loopback_only:
        print("No API_KEYS: this machine only, and nobody is asked for a key", flush=True)
