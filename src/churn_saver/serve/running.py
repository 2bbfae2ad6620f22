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
from churn_saver.opening.releases import PARTS, open_release
from churn_saver.serve.app import Doors, create_app, sources_of
from churn_saver.serve.interpreter import Settled
from churn_saver.serve.keys import Access, access_of
from churn_saver.serve.metrics import SHARED_FOLDER
from churn_saver.serve.server import CutOff, keep_serving, listening, serve
from churn_saver.serve.telemetry import log_as_json

SERVED_RELEASE = "CHURN_SAVER_SERVED_RELEASE"
"""Tells the workers which release their parent brought here: all of them serve the same one."""


def run(environment: Environment) -> None:
    """Serve until stopped.

    Raises:
        ConfigError: settings cannot be used, HOST needs keys that are not there, PORT is taken, or no
            worker could start.
        ArtifactError: the models are to come out of a bucket, and cannot be had whole.
    """
    access = access_of(environment)
    environment, found = open_release(environment)
    release = None if found is None else found.label
    sources = sources_of(environment)
    with listening(environment.HOST, environment.PORT) as bound:
        _say_where(environment, access, bound, release)
        log_as_json(environment.GCP_PROJECT_ID, environment.SERVICE_NAME)
        if environment.WORKERS == 1:
            app = create_app(sources, _clock, Doors.of(environment, access), release=release)
            serve(Settled(app), bound)
            return
        _leave(environment, release)
        with suppress(ChurnSaverError):
            # Migrated and begun once, before workers do it at the same time. What fails here is tried again
            # by each of them, and told by /readyz.
            sources.open_books(_clock()).close()
        with tempfile.TemporaryDirectory(prefix="churn-saver-metrics-") as shared:
            os.environ[SHARED_FOLDER] = shared
            keep_serving("churn_saver.serve.running:worker", environment.WORKERS, bound)


def worker() -> ASGIApp:
    """Build the app of one of several workers, out of the environment that its parent left it."""
    environment = environment_of(os.environ)
    log_as_json(environment.GCP_PROJECT_ID, environment.SERVICE_NAME)
    shared = os.environ.get(SHARED_FOLDER)
    doors = Doors.of(environment, access_of(environment), Path(shared) if shared else None)
    release = os.environ.get(SERVED_RELEASE)
    return CutOff(Settled(create_app(sources_of(environment), _clock, doors, release=release)))


def _leave(environment: Environment, release: str | None) -> None:
    """Leave to the workers what the release changed: one that starts later finds the same models."""
    os.environ.pop(SERVED_RELEASE, None)
    if release is not None:
        os.environ[SERVED_RELEASE] = release
        os.environ.update({part.variable: getattr(environment, part.variable) for part in PARTS})


def _clock() -> datetime:
    return datetime.now(UTC)


def _say_where(environment: Environment, access: Access, bound: socket.socket, release: str | None) -> None:
    host, port = environment.HOST, bound.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    print(f"Churn-Saver serves on http://{shown}:{port}", flush=True)
    print("POST /retain, /predict; GET /readyz, /metrics, /openapi.json; stop with Ctrl+C", flush=True)
    if release is not None:
        print(f"Models of release {release}", flush=True)
    if access.is_loopback_only:
        print("No API_KEYS: this machine only, and nobody is asked for a key", flush=True)
