"""The guard: size, headers, and errors that tell nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from churn_saver.serve.guard import MAX_BODY_BYTES, SECURITY_HEADERS, Guard


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes received; an HTTPException of the guard becomes its status."""
    body = await Request(scope, receive).body()
    await PlainTextResponse(str(len(body)), headers={"X-Frame-Options": "ALLOWALL"})(scope, receive, send)


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail with a text that holds personal data."""
    raise ValueError("Jane Doe, jane@example.com")


async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin an answer, then fail."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError("Jane Doe")


def call(app: ASGIApp, content: bytes | AsyncIterator[bytes] = b"") -> httpx.Response:
    """POST to a guarded app."""

    async def send() -> httpx.Response:
        """Send it."""
        transport = httpx.ASGITransport(app=Guard(app))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/", content=content)

    return asyncio.run(send())


async def chunks(count: int) -> AsyncIterator[bytes]:
    """Give a body of so many KiB that announces no length."""
    for _ in range(count):
        yield b"x" * 1024


def test_a_body_of_the_limit_passes() -> None:
    """65,536 bytes are read; the answer carries the guard's headers, not the app's."""
    found = call(echo, b"x" * MAX_BODY_BYTES)

    assert (found.status_code, found.text) == (200, "65536")
    assert all(found.headers[name] == value for name, value in SECURITY_HEADERS.items())


def test_a_byte_more_is_refused_unread() -> None:
    """The announced length is enough; the app is never asked."""
    found = call(broken, b"x" * (MAX_BODY_BYTES + 1))

    assert found.status_code == 413
    assert "65536" in found.json()["detail"]
    assert found.headers["X-Content-Type-Options"] == "nosniff"


def test_an_absurd_length_is_too_large() -> None:
    """Ten thousand digits are no number that Python reads."""

    async def send() -> int:
        """Send it, without a body."""
        sent: list[int] = []

        async def receive() -> dict[str, object]:
            """Give nothing."""
            return {"type": "http.request", "body": b"", "more_body": False}

        async def note(message: object) -> None:
            """Keep the status."""
            sent.append(message["status"] if isinstance(message, dict) and "status" in message else 0)

        scope = {"type": "http", "method": "POST", "headers": [(b"content-length", b"9" * 10_000)]}
        await Guard(broken)(scope, receive, note)
        return sent[0]

    assert asyncio.run(send()) == 413


def test_a_body_without_a_length_is_counted() -> None:
    """64 chunks of 1 KiB pass; the 65th stops it with the status that the app's own handler writes."""
    assert call(echo, chunks(64)).text == "65536"
    # `echo` has no handler of its own, so what the guard raised comes back as any error does.
    assert call(echo, chunks(65)).status_code == 500


def test_an_unexpected_error_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The answer has a trace id; the log has the same id, the type and the place, and no text."""
    with caplog.at_level(logging.ERROR):
        found = call(broken)

    assert found.status_code == 500
    assert found.json()["detail"] == "internal error"
    (record,) = caplog.records
    fields = vars(record)["fields"]
    assert fields["trace"] == found.json()["trace"]
    assert fields["error"].startswith("ValueError in ")
    assert "Jane" not in str(fields)
    assert "Jane" not in caplog.text + found.text
    assert found.headers["Cache-Control"] == "no-store"


def test_an_answer_that_has_begun_is_broken_off() -> None:
    """A second answer cannot be sent; the server closes the connection and learns the trace only."""
    with pytest.raises(RuntimeError, match="an answer broke off, trace") as caught:
        call(breaks_off)

    assert caught.value.__suppress_context__


def test_what_is_no_request_passes_untouched() -> None:
    """Such as the server's start and stop."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        """Note what comes."""
        seen.append(scope["type"])

    async def nothing(*_: object) -> dict[str, object]:
        """Say nothing."""
        return {}

    asyncio.run(Guard(app)({"type": "lifespan"}, nothing, nothing))  # type: ignore[arg-type]

    assert seen == ["lifespan"]


@pytest.mark.parametrize("length", ["-5", "abc", "٣"])
def test_a_length_that_is_none_is_not_believed(length: str) -> None:
    """The bytes are counted anyway."""

    async def send() -> int:
        """Send three bytes under that header."""
        sent: list[int] = []

        async def receive() -> dict[str, object]:
            """Give the three bytes."""
            return {"type": "http.request", "body": b"abc", "more_body": False}

        async def note(message: object) -> None:
            """Keep the status."""
            sent.append(message["status"] if isinstance(message, dict) and "status" in message else 0)

        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"",
                 "headers": [(b"content-length", length.encode())]}  # fmt: skip
        await Guard(echo)(scope, receive, note)
        return sent[0]

    assert asyncio.run(send()) == 200
