"""A small project to scan, clean until something is planted, and a source of advisories."""

import json
import subprocess
import threading
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCANNER = ROOT / ".venv-scan" / "bin" / "python"
CLEAN = {
    "pyproject.toml": '[project]\nname = "planted"\n',
    ".gitignore": ".env\n/var/\n*.log\n",
    "ops/scan/accepted.toml": "accepted = []\n",
    "ops/docker/Dockerfile.app": 'FROM python:3.11-slim\nUSER 10001\nENTRYPOINT ["python"]\n',
    "ops/scripts/go.sh": '#!/usr/bin/env bash\nset -euo pipefail\necho "$1"\n',
    "src/planted/__init__.py": '"""Nothing to see."""\n',
}


@dataclass(frozen=True, slots=True)
class Project:
    """A project in a folder."""

    root: Path

    def write(self, name: str, text: str) -> None:
        """Put a file into it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def scan(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the scan with its real tools, or skip the test and say why."""
        if not SCANNER.exists():
            pytest.skip(".venv-scan is not there; make scan makes it")
        command = [str(SCANNER), "-m", "ops.scripts.scan", "--root", str(self.root), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def planted(folder: Path, **files: str) -> Project:
    """Make one."""
    project = Project(folder)
    for name, text in {**CLEAN, **files}.items():
        project.write(name, text)
    return project


def environment(folder: Path, packages: Mapping[str, str]) -> Path:
    """Make a virtual environment with packages that are nothing but their metadata."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = next(folder.glob("lib/python*/site-packages"))
    for name, version in packages.items():
        data = site / f"{name.replace('-', '_')}-{version}.dist-info"
        data.mkdir()
        (data / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def tool(folder: Path, name: str, body: str) -> Path:
    """Make a tool that does what it is told; gives the folder of tools."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/usr/bin/env bash\n{body}\n")
    (folder / name).chmod(0o755)
    return folder


@contextmanager
def advisories(vulnerable: Mapping[tuple[str, str], str], status: int = 200) -> Iterator[str]:
    """Answer as OSV does: one advisory for each vulnerable version, nothing for all others."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_POST(self) -> None:
            """Look the version up."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = vulnerable.get((asked["package"]["name"], asked["version"]))
            affected = [{"package": asked["package"], "ranges": []}]
            raw = json.dumps({"vulns": [{"id": found, "affected": affected}]} if found else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
