"""The log: one JSON line for each answer, under one trace id, with nothing personal in it."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from churn_saver.serve.telemetry import JsonLines, Telemetry, Trace, log_as_json, trace_of, where

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
"""The example of the W3C's recommendation."""


@contextmanager
def written() -> Iterator[list[dict[str, Any]]]:
    """Collect what the service's log writes, as parsed JSON."""
    stream, lines = io.StringIO(), list[dict[str, Any]]()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("churn_saver")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
        lines += [json.loads(line) for line in stream.getvalue().splitlines()]


class Route:
    """A route as the router leaves it."""

    path_format = "/decisions/{decision_id}"


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 on a route with a placeholder, and note a decision."""
    scope["route"] = Route()
    trace_of(scope).decision_id, trace_of(scope).caller = "d" * 32, "crm"
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail before anything is answered."""
    raise ValueError("Jane Doe")


def asked(app: Any, quiet: frozenset[str] = frozenset(), **changes: Any) -> list[tuple[str, str, int, float]]:
    """Send a request through telemetry; gives what was counted."""
    counted: list[tuple[str, str, int, float]] = []
    scope = {
        "type": "http", "method": "GET", "path": "/decisions/jane@example.com", "query_string": b"name=Jane",
        "headers": [(b"traceparent", PARENT.encode())],
    } | changes  # fmt: skip

    async def nothing(*_: Message) -> Message:
        """Take and give nothing."""
        return {}

    telemetry = Telemetry(app, lambda *found: counted.append(found), quiet)
    asyncio.run(telemetry(scope, nothing, nothing))  # type: ignore[arg-type]
    return counted


def test_an_answer_is_one_line() -> None:
    """With the caller's trace id, and the route as it is documented instead of the path."""
    with written() as lines:
        (counted,) = asked(answering)

    (line,) = lines
    assert counted[:3] == ("GET", "/decisions/{decision_id}", 200)
    assert {name: line[name] for name in line if name not in ("time", "ms")} == {
        "severity": "INFO",
        "logger": "churn_saver.serve.requests",
        "message": "answered",
        "trace": TRACE,
        "method": "GET",
        "route": "/decisions/{decision_id}",
        "status": 200,
        "caller": "crm",
        "decision_id": "d" * 32,
    }
    assert "Jane" not in json.dumps(line)
    assert line["time"].endswith("+00:00")
    assert line["ms"] >= 0


def test_a_request_nobody_answered_counts_as_500() -> None:
    """The error goes on to whoever stands outside."""
    with written() as lines, pytest.raises(ValueError, match="Jane"):
        asked(failing)

    assert [(line["status"], line["route"]) for line in lines] == [(500, "none")]
    assert "Jane" not in json.dumps(lines)


def test_what_is_asked_every_few_seconds_is_counted_and_not_written() -> None:
    """Unless it goes wrong."""
    with written() as lines:
        (counted,) = asked(answering, frozenset({Route.path_format}))

    assert counted[2] == 200
    assert lines == []


def test_a_method_that_nobody_knows_is_other() -> None:
    """It comes from the caller, and must not fill the page of metrics."""
    with written() as lines:
        (counted,) = asked(answering, method="JANE")

    assert counted[0] == lines[0]["method"] == "OTHER"


@pytest.mark.parametrize(
    "told",
    [
        "", "Jane Doe", PARENT.replace("00-", "ff-", 1), PARENT.replace(TRACE, "0" * 32),
        PARENT.replace("00f067aa0ba902b7", "0" * 16), PARENT.upper(), PARENT[:-1], PARENT + "\n",
    ],
)  # fmt: skip
def test_a_trace_that_is_none_is_replaced(told: str) -> None:
    """By 32 hex digits of our own."""
    scope: Scope = {"type": "http", "headers": [(b"traceparent", told.encode())]}
    found = trace_of(scope)

    assert len(bytes.fromhex(found.trace_id)) == 16
    assert found.trace_id.lower() not in told.lower()
    assert trace_of(scope) is found


@given(told=st.binary(max_size=80))
def test_a_trace_id_is_always_hex(told: bytes) -> None:
    """Whatever the header holds."""
    found: Trace = trace_of({"type": "http", "headers": [(b"traceparent", told)]})

    assert len(bytes.fromhex(found.trace_id)) == 16


def record(name: str, message: str, *values: object, error: BaseException | None = None) -> dict[str, Any]:
    """Format a record of a logger."""
    info = None if error is None else (type(error), error, error.__traceback__)
    made = logging.LogRecord(name, logging.ERROR, "x.py", 1, message, values, info)
    found: dict[str, Any] = json.loads(JsonLines().format(made))
    return found


def test_our_own_messages_are_filled_in_and_others_are_not() -> None:
    """Nobody knows what a library puts into its messages: their first line is kept as a template."""
    assert record("churn_saver.serve", "%d of %d", 1, 2)["message"] == "1 of 2"
    assert record("uvicorn.error", "sent %s\nJane", "Jane")["message"] == "sent %s"
    assert len(record("asyncio", "x" * 1_000)["message"]) == 200


def test_an_error_is_told_by_type_and_place() -> None:
    """Its text stays out, and so does that of what caused it."""
    try:
        try:
            raise KeyError("Jane Doe")
        except KeyError as cause:
            raise ValueError("jane@example.com") from cause
    except ValueError as error:
        found = record("uvicorn.error", "Exception in ASGI application\n", error=error)

    assert found["error"].startswith("ValueError in ")
    assert "test_telemetry.py:" in found["error"]
    assert "ane" not in json.dumps(found)
    assert where(ValueError("Jane")) == "ValueError"


def test_a_line_stays_one_line() -> None:
    """Whatever is in a message."""
    made = logging.LogRecord("churn_saver", logging.ERROR, "x.py", 1, 'a\nb\r{"severity": "INFO"}', (), None)

    assert len(JsonLines().format(made).splitlines()) == 1


def test_the_process_logs_json_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Ours from INFO, the libraries' from WARNING, and nothing else."""
    root, ours = logging.getLogger(), logging.getLogger("churn_saver")
    before = root.handlers[:], root.level, ours.level
    try:
        log_as_json()
        logging.getLogger("churn_saver.x").info("one")
        logging.getLogger("uvicorn.error").info("two")
        logging.getLogger("uvicorn.error").warning("three")
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])

    out, err = capsys.readouterr()
    assert [json.loads(line)["message"] for line in err.splitlines()] == ["one", "three"]
    assert out == ""
