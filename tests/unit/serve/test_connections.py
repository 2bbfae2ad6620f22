"""Slow callers: a request that does not come in whole in time is answered 408, and hung up on."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from churn_saver.serve.connections import PatientUpToALimit

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"


class Impatient(PatientUpToALimit):
    """The same with a limit that a test can wait for."""

    request_seconds = 0.3


class App:
    """Reads the body and answers; remembers how requests ended."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.seen: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the body."""
        body, more = b"", True
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


def told(story: Story, app: App | None = None) -> bytes:
    """Let a story happen on a connection to a server, and give what it read."""

    async def serve() -> bytes:
        """Serve, connect, tell."""
        with socket.create_server(("127.0.0.1", 0)) as bound:
            settings = uvicorn.Config(
                app or App(),
                http=Impatient,
                ws="none",
                lifespan="off",
                log_config=None,
                timeout_keep_alive=30,
            )
            server = uvicorn.Server(settings)
            serving = asyncio.create_task(server._serve([bound]))
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            try:
                return await asyncio.wait_for(story(reader, writer), 30)
            finally:
                writer.close()
                server.should_exit = True
                await serving

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
    assert found.endswith(b'{"detail":"the request did not come in whole in time"}')


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", POST.replace(b": 4", b": 4000")])
def test_a_byte_now_and_then_buys_no_time(begun: bytes) -> None:
    """The limit is for the whole request, not for a silence."""

    async def story(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Send a byte every 20 ms until it is over."""
        writer.write(begun)
        answer = asyncio.create_task(reader.read())
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
