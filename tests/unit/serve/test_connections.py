"""Callers who are slow to ask or to read, or too many: turned away as by any answer, and counted."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from churn_saver.serve.connections import PatientUpToALimit
from churn_saver.serve.guard import CONNECTIONS, SECURITY_HEADERS, Guard
from churn_saver.serve.telemetry import Telemetry

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"


LARGE = 16 * 1024 * 1024
"""Bytes of an answer that no socket's buffers hold."""


class Impatient(PatientUpToALimit):
    """The same with a limit that a test can wait for."""

    request_seconds = 0.3


class Ending(PatientUpToALimit):
    """Has all the time in the world, until the server stops."""

    request_seconds = 3_600
    ending_seconds = 0.3


class Crowded(PatientUpToALimit):
    """Takes two connections."""

    most = 2


class App:
    """Reads the body and answers; remembers how requests ended."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.seen: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the body, or with a large one for another path."""
        body, more = b"" if scope["path"] == "/" else bytes(LARGE), scope["method"] == "POST"
        while more:
            message = await receive()
            self.seen.append(message["type"])
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


Story = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]


class Page:
    """What the service's middlewares make of requests; remembers statuses and causes."""

    def __init__(self, app: ASGIApp) -> None:
        """Put them around an app."""
        self.answers: list[tuple[str, str, int]] = []
        self.refusals: list[str] = []
        self.app = Telemetry(
            Guard(app, refused=self.refusals.append),
            lambda method, route, status, _: self.answers.append((method, route, status)),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        await self.app(scope, receive, send)


def told(
    story: Story, app: ASGIApp | None = None, http: type[PatientUpToALimit] = Impatient, limit: int = 2**16
) -> bytes:
    """Let a story happen on a connection to a server, and give what it read; at its end the server stops."""

    async def serve() -> bytes:
        """Serve, connect, tell."""
        with socket.create_server(("127.0.0.1", 0)) as bound:
            settings = uvicorn.Config(
                app or App(),
                http=http,
                ws="none",
                lifespan="off",
                log_config=None,
                timeout_keep_alive=30,
            )
            server = uvicorn.Server(settings)
            serving = asyncio.create_task(server._serve([bound]))
            reader, writer = await asyncio.open_connection(*bound.getsockname(), limit=limit)
            try:
                return await asyncio.wait_for(story(reader, writer), 30)
            finally:
                server.should_exit = True
                await asyncio.wait_for(serving, 30)
                writer.close()

    return asyncio.run(serve())


@pytest.mark.parametrize("begun", [b"", b"POST / HT", POST[:-2], POST, POST + b"ab"])
def test_what_does_not_come_in_whole_is_answered_408(begun: bytes) -> None:
    """Silence, half a line, half the headers, no body, half a body; then the connection is closed."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send the beginning, then wait."""
        writer.write(begun)
        return await reader.read()

    found = told(story)

    assert found.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in found.lower()
    assert found.endswith(b'{"detail": "the request did not come in whole in time"}')


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", POST.replace(b": 4", b": 4000")])
def test_a_byte_now_and_then_buys_no_time(begun: bytes) -> None:
    """The limit is for the whole request, not for a silence."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send a byte every 20 ms until it is over."""
        writer.write(begun)
        # Not up to the end: a byte that comes after the answer resets the connection.
        answer = asyncio.create_task(reader.readuntil(b"}"))
        while not answer.done():
            writer.write(b"a")
            await asyncio.wait([answer], timeout=0.02)
        return answer.result()

    assert told(story).startswith(b"HTTP/1.1 408 ")


def test_the_app_hears_that_its_caller_is_gone() -> None:
    """So that nothing waits for a body that will not come."""
    app = App()

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send half a body."""
        writer.write(POST + b"ab")
        return await reader.read()

    told(story, app)

    assert app.seen[-1] == "http.disconnect"


def test_a_connection_may_live_longer_than_a_request() -> None:
    """Each request has a limit of its own, and silence between two is not its business."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send three requests, 0.4 s apart."""
        answers = b""
        for _ in range(3):
            writer.write(POST + b"abcd")
            answers += await reader.readuntil(b"abcd")
            await asyncio.sleep(0.4)
        return answers

    assert told(story).count(b"HTTP/1.1 200 ") == 3


def test_requests_sent_ahead_are_answered_in_order() -> None:
    """Two in one piece, and the limit is watched for the third, which is not whole."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send two and a half requests at once."""
        writer.write((POST + b"abcd") * 2 + POST)
        return await reader.read()

    found = told(story)

    assert (found.count(b"HTTP/1.1 200 "), found.count(b"HTTP/1.1 408 ")) == (2, 1)


GET = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Ask for a large answer, read none of it until the server hangs up, then all that is left."""
    writer.write(GET)
    await reader.readexactly(1)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    peer = writer.get_extra_info("socket")
    while not peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        await asyncio.sleep(0.02)
    return b"hung up"


def test_who_does_not_read_is_hung_up_on() -> None:
    """What is left of the answer is dropped: waiting for it to be taken would be waiting for ever."""
    assert told(unread) == b"hung up"


def test_who_reads_in_time_gets_all_of_it() -> None:
    """Three large answers on one connection take longer than the limit of one, each is taken within it."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Ask and read three times, with pauses."""
        found = 0
        for _ in range(3):
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
            found += len(await reader.readexactly(LARGE))
            await asyncio.sleep(0.2)
        return str(found).encode()

    class Patient(PatientUpToALimit):
        """Has a limit that a busy machine keeps."""

        request_seconds = 5

    assert told(story, http=Patient) == str(3 * LARGE).encode()


@pytest.mark.parametrize("sent", [GET, POST])
def test_a_server_that_stops_has_less_patience(sent: bytes) -> None:
    """Who reads nothing, or sends half a request, does not hold it: it ends although nobody hangs up."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Do so, and let the server be told to stop."""
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(sent)
        while not app.seen:
            await asyncio.sleep(0.01)
        return b"stopped"

    class Noting(App):
        """Says when a request has come."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            """Note it."""
            self.seen.append("asked")
            await super().__call__(scope, receive, send)

    app = Noting()

    assert told(story, app, Ending) == b"stopped"


@pytest.mark.parametrize(
    ("sent", "status", "answered"),
    [
        (b"", 408, ("OTHER", "none", 408)),
        (b"POST / HT", 408, ("OTHER", "none", 408)),
        (POST + b"ab", 408, ("POST", "none", 408)),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400, ("OTHER", "none", 400)),
    ],
)
def test_what_the_server_answers_is_as_any_answer(
    sent: bytes, status: int, answered: tuple[str, str, int]
) -> None:
    """JSON with the same headers, and one line and one count by the status that the caller got."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send it and read the answer."""
        writer.write(sent)
        return await reader.read()

    page = Page(App())
    found = told(story, page)
    head, _, body = found.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert set(json.loads(body)) == {"detail"}
    assert all(
        f"{name}: {value}".encode().lower() in head.lower() for name, value in SECURITY_HEADERS.items()
    )
    assert (page.answers, page.refusals) == ([answered], [])


def test_a_connection_too_many_is_told_when_to_come_back() -> None:
    """503 at once, as JSON with Retry-After, counted by its cause; those before it are served."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Open two more: with the first two nobody else is let in."""
        address = writer.get_extra_info("peername")
        second, third = [await asyncio.open_connection(*address) for _ in range(2)]
        third[1].write(POST + b"abcd")
        refused = await third[0].read()
        writer.write(POST + b"abcd")
        await reader.readuntil(b"abcd")
        for _, one in (second, third):
            one.close()
        return refused

    page = Page(App())
    found = told(story, page, Crowded)

    assert found.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1\r\n" in found.lower()
    assert found.endswith(b'{"detail": "too many connections; send the request again"}')
    assert page.answers == [("POST", "none", 503), ("POST", "none", 200)]
    assert page.refusals == [CONNECTIONS]
