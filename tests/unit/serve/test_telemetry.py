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

from churn_saver.serve.telemetry import (
    JsonLines,
    Telemetry,
    Trace,
    log_as_json,
    logging_as_json,
    trace_of,
    where,
)

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
    assert {name: line[name] for name in line if name not in ("time", "ms", "httpRequest")} == {
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


def test_the_request_stands_in_a_line_as_cloud_logging_wants_it() -> None:
    """Read by the API's own message type, which refuses a field that it does not know; no path is in it."""
    message = pytest.importorskip("google.logging.type.http_request_pb2").HttpRequest()
    parse = pytest.importorskip("google.protobuf.json_format").ParseDict
    with written() as lines:
        asked(answering)

    (line,) = lines
    found = parse(line["httpRequest"], message)
    assert (found.request_method, found.request_url, found.status) == ("GET", "/decisions/{decision_id}", 200)
    assert 0 <= found.latency.ToTimedelta().total_seconds() == pytest.approx(line["ms"] / 1_000, abs=1e-3)


@pytest.mark.parametrize(
    ("status", "severity"), [(200, "INFO"), (499, "INFO"), (500, "ERROR"), (503, "ERROR")]
)
def test_an_answer_that_is_our_fault_is_an_error(status: int, severity: str) -> None:
    """Every severity is one that Cloud Logging knows, and what a caller did wrong is none of ours."""
    known = pytest.importorskip("google.logging.type.log_severity_pb2").LogSeverity.keys()

    async def failed(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with our fault."""
        await send({"type": "http.response.start", "status": status, "headers": []})

    with written() as lines:
        asked(failed)

    assert [line["severity"] for line in lines] == [severity]
    assert severity in known


def test_a_line_says_how_many_contacts_it_decided() -> None:
    """None at all is a number too; a request that decides nothing says nothing."""

    async def decided(scope: Scope, receive: Receive, send: Send) -> None:
        """Decide and answer."""
        trace_of(scope).contacts = 0
        await answering(scope, receive, send)

    with written() as lines:
        asked(decided)
        asked(answering)

    assert [line.get("contacts") for line in lines] == [0, None]


def test_a_line_says_what_its_answer_was_made_without() -> None:
    """By codes; where nothing was missing it says nothing."""

    async def degraded(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer without something."""
        trace_of(scope).degraded = ("bank_unavailable", "ledger_unavailable")
        await answering(scope, receive, send)

    with written() as lines:
        asked(degraded)
        asked(answering)

    assert [line.get("degraded") for line in lines] == [["bank_unavailable", "ledger_unavailable"], None]


def test_a_trace_has_its_whole_name_where_the_project_is_known() -> None:
    """Under the name that Cloud Logging looks for; elsewhere, and in lines without a trace, there is none."""
    made = logging.LogRecord("churn_saver", logging.INFO, "x.py", 1, "answered", (), None)
    bare = json.loads(JsonLines("shop-1").format(made))
    made.fields = {"trace": TRACE}

    name = "logging.googleapis.com/trace"
    assert json.loads(JsonLines("shop-1").format(made))[name] == f"projects/shop-1/traces/{TRACE}"
    assert name not in json.loads(JsonLines().format(made))
    assert name not in bare


def test_every_line_names_the_service_where_it_is_known() -> None:
    """So that several services can share a place of logs."""
    made = logging.LogRecord("churn_saver", logging.INFO, "x.py", 1, "answered", (), None)

    assert json.loads(JsonLines(None, "churn-retain-api").format(made))["service"] == "churn-retain-api"
    assert "service" not in json.loads(JsonLines("shop-1").format(made))


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


def test_a_command_logs_json_while_it_runs_and_no_longer(capsys: pytest.CaptureFixture[str]) -> None:
    """Handlers and levels are as they were, also after an error."""
    root, ours = logging.getLogger(), logging.getLogger("churn_saver")
    before = root.handlers[:], root.level, ours.level

    def command() -> None:
        with logging_as_json("shop-1"):
            logging.getLogger("churn_saver.x").info("one", extra={"fields": {"trace": TRACE}})
            raise KeyError("end")

    with pytest.raises(KeyError, match="end"):
        command()

    assert (root.handlers[:], root.level, ours.level) == before
    (line,) = [json.loads(one) for one in capsys.readouterr().err.splitlines()]
    assert line["logging.googleapis.com/trace"].startswith("projects/shop-1/traces/")
