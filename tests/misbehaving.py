"""A loopback server that serves files as it should, or misbehaves as it is told."""

import socket
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from churn_saver.adapters.download.patience import Patience


@dataclass(frozen=True)
class Answer:
    """How one question is answered; everything left out is as it should be."""

    status: int | None = None
    """This status and no bytes."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Added, or put in place of the usual ones; an empty value leaves one out."""
    cut_after: int | None = None
    """Bytes after which the connection is closed."""
    stall_after: int | None = None
    """Bytes after which nothing more comes until the server ends."""
    body: bytes | None = None
    """Other bytes than the file's."""
    has_ranges: bool = True
    """False: every question is answered with the whole file."""
    is_chunked: bool = False
    forever: bool = False
    """True: all later questions are answered like this one."""


@dataclass(frozen=True)
class Question:
    """What a client asked."""

    method: str
    path: str
    headers: Mapping[str, str]


class Server(ThreadingHTTPServer):
    """Files by path, planned answers by path, and what was asked and sent."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ended = threading.Event()
        self.stalled = threading.Event()
        self.reset({})

    def reset(self, files: Mapping[str, bytes], plans: Mapping[str, list[Answer]] | None = None) -> None:
        """Forget everything and serve these files."""
        self.files = dict(files)
        self.plans = {path: deque(plan) for path, plan in (plans or {}).items()}
        self.asked: list[Question] = []
        self.counts = [0]
        self.stalled.clear()

    @property
    def sent(self) -> int:
        """Bytes of files sent since the last reset."""
        return sum(self.counts)

    @property
    def base(self) -> str:
        """Address of the server."""
        return f"http://127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        """Address of a file."""
        return f"{self.base}/{path}"

    def planned(self, path: str) -> Answer:
        """Give the next answer for a path."""
        plan = self.plans.get(path)
        if not plan:
            return Answer()
        return plan[0] if plan[0].forever else plan.popleft()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients that go away are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path.lstrip("/"))
        self.server.asked.append(Question(self.command, path, dict(self.headers)))
        answer = self.server.planned(path)
        whole = self.server.files.get(path) if answer.body is None else answer.body
        if answer.status is not None or whole is None:
            self._say(answer.status or 404, {"Content-Length": "0"}, answer)
            return
        tag = answer.headers.get("ETag", f'"{len(whole)}-{hash(whole)}"')
        start = self._start(tag) if answer.has_ranges else 0
        if start > len(whole) - 1 and start > 0:
            self._say(416, {"Content-Length": "0", "Content-Range": f"bytes */{len(whole)}"}, Answer())
            return
        body = whole[start:]
        usual = {"ETag": tag, "Content-Length": str(len(body)), "Accept-Ranges": "bytes"}
        if start:
            usual["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        if answer.is_chunked:
            del usual["Content-Length"]
            usual["Transfer-Encoding"] = "chunked"
        self._say(206 if start else 200, usual, answer)
        if self.command == "GET":
            self._send(body, answer)

    do_HEAD = do_GET  # noqa: N815

    def _start(self, tag: str) -> int:
        asked = self.headers.get("Range", "")
        if not asked or self.headers.get("If-Range", tag) != tag:
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def _say(self, status: int, usual: Mapping[str, str], answer: Answer) -> None:
        self.send_response(status)
        for name, value in {**usual, **answer.headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if not {**usual, **answer.headers}.get("Content-Length"):
            self.close_connection = True

    def _send(self, body: bytes, answer: Answer) -> None:
        counts = self.server.counts  # Those of this test: a late thread must not count into the next one.
        stop = min(x for x in (answer.cut_after, answer.stall_after, len(body)) if x is not None)
        for at in range(0, stop, 65_536):
            piece = body[at : min(at + 65_536, stop)]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if answer.is_chunked else piece)
            counts.append(len(piece))
        if answer.stall_after is not None:
            self.server.stalled.set()
            self.server.ended.wait(20)
        if answer.cut_after is not None or answer.stall_after is not None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif answer.is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server in a thread."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def impatient(pauses: list[float] | None = None, attempts: int = 4, read_seconds: float = 10.0) -> Patience:
    """Give a patience that never sleeps, and writes down how long it would have."""
    return Patience(
        attempts=attempts,
        first_seconds=1.0,
        read_seconds=read_seconds,
        wait=(pauses if pauses is not None else []).append,
        now=lambda: 1_000_000_000.0,
    )
