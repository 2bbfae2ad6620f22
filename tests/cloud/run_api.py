"""Cloud Run's API as far as gcloud asks it for one service, so that the real gcloud can be run against it.

gcloud puts the region before the address of the API: a region of `127.0.0.1:PORT/api` leads here.
"""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cloud.commands import SERVICE
from tests.cloud.gcloud_stand_in import revision

Traffic = list[dict[str, Any]]
_READY = [{"type": kind, "status": "True"} for kind in ("Ready", "ConfigurationsReady", "RoutesReady")]


@dataclass(slots=True)
class Api:
    """One service, and what was made of it."""

    url: str
    """Where every tagged revision answers."""
    traffic: Traffic
    revisions: list[dict[str, Any]]
    changes: list[Traffic] = field(default_factory=list)
    """The traffic that each change asked for."""
    port: int = 0

    def service(self) -> dict[str, Any]:
        """Describe it as the API does."""
        newest = self.revisions[-1]
        targets = [one | ({"url": self.url} if "tag" in one else {}) for one in self.traffic]
        return {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "metadata": {"name": SERVICE, "namespace": "1", "generation": 1, "annotations": {}, "labels": {}},
            "spec": {
                "template": {"metadata": {"name": newest["metadata"]["name"]}, "spec": newest["spec"]},
                "traffic": self.traffic,
            },
            "status": {
                "observedGeneration": 1,
                "conditions": _READY,
                "latestReadyRevisionName": newest["metadata"]["name"],
                "latestCreatedRevisionName": newest["metadata"]["name"],
                "url": "https://service.test",
                "traffic": targets,
            },
        }

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        """Answer a question."""
        if f"/services/{SERVICE}" in path:
            return 200, self.service()
        if "/revisions" in path:
            return 200, {"kind": "RevisionList", "metadata": {}, "items": self.revisions}
        return 404, {"error": {"code": 404, "message": "not found", "status": "NOT_FOUND"}}

    def change(self, wanted: dict[str, Any]) -> None:
        """Take a change of the whole service."""
        self.traffic = wanted["spec"]["traffic"]
        self.changes.append(self.traffic)
        template = wanted["spec"]["template"]
        name, image = template["metadata"]["name"], template["spec"]["containers"][0]["image"]
        if name not in {one["metadata"]["name"] for one in self.revisions}:
            self.revisions.append(revision(name, len(self.revisions), image=image))

    def variables(self, folder: Path) -> dict[str, str]:
        """What leads the real gcloud here, without an account; its tokens are made up."""
        real = shutil.which("gcloud")
        if real is None:
            pytest.skip("gcloud is not installed")
        program = folder / "bin" / "gcloud"
        program.parent.mkdir(parents=True)
        program.write_text(f'#!/bin/sh\n[ "$1" = auth ] && exec echo a-token\nexec {real} "$@"\n')
        program.chmod(0o755)
        return {
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "GCP_PROJECT_ID": "a-project",
            "GCP_REGION": f"127.0.0.1:{self.port}/api",
            "CLOUDSDK_CONFIG": str(folder / "config"),
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN": "http://api.test/",
        }


@contextmanager
def answering(api: Api) -> Iterator[Api]:
    """Let it answer until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_GET(self) -> None:
            """Answer a question."""
            self.told(*api.answer(self.path))

        def do_PUT(self) -> None:
            """Take a change."""
            api.change(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.told(200, api.service())

        def told(self, status: int, body: dict[str, Any]) -> None:
            """Send an answer."""
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    api.port = server.server_port
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
