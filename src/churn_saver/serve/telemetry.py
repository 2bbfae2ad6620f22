"""One JSON line in the log for each answer, under the caller's trace id or one of our own.

A line holds ids, the route as it is documented, status and time: no path, query, header or body, and
of an exception its type and place but never its text, since all of these may be personal. What
other libraries log is cut to its template for the same reason.
"""

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OURS = "churn_saver"
NO_ROUTE = "none"
"""Stands for the route of a request that none was found for."""
OWN_STATUS = "churn_saver.own_status"
"""In the scope of a request that the server itself answered: with which status. Nobody hears the app."""
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_LONGEST = 200
_SCOPE_KEY = "churn_saver.trace"
_FAULT = 500
"""From this status on an answer is an error of ours."""
_TRACE_FIELD = "logging.googleapis.com/trace"
"""Under this name Cloud Logging looks for the whole name of a trace."""

_log = logging.getLogger("churn_saver.serve.requests")


@dataclass(slots=True)
class Trace:
    """What is known of a request while it is answered."""

    trace_id: str
    """32 hex digits."""
    caller: str | None = None
    """Name of the key, never of a person."""
    decision_id: str | None = None
    contacts: int | None = None
    """Customers whom it decided to contact; None: it decided nothing."""
    degraded: tuple[str, ...] = ()
    """Codes of what it was answered without."""


def trace_of(scope: Scope) -> Trace:
    """Give the trace of a request; begun where there is none.

    Source: https://www.w3.org/TR/trace-context/#traceparent-header
    """
    found: Trace | None = scope.get(_SCOPE_KEY)
    if found is None:
        told = _TRACEPARENT.fullmatch(Headers(scope=scope).get("traceparent", ""))
        found = scope[_SCOPE_KEY] = Trace(told[1] if told else secrets.token_hex(16))
    return found


def route_of(scope: Scope) -> str:
    """Give a request's route with its placeholders, as '/decisions/{decision_id}'."""
    return str(getattr(scope.get("route"), "path_format", NO_ROUTE))


Answered = Callable[[str, str, int, float], None]
"""Takes method, route, status and seconds."""


class Telemetry:
    """ASGI middleware; stands outside everything, the guard included."""

    def __init__(self, app: ASGIApp, answered: Answered, quiet: frozenset[str] = frozenset()) -> None:
        """Take the app, who counts its answers, and the routes whose successes are not worth a line."""
        self.app, self._answered, self._quiet = app, answered, quiet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; log and count its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace, began, status = trace_of(scope), time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            seconds, status = time.perf_counter() - began, scope.get(OWN_STATUS, status)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = route_of(scope)
            self._answered(method, route, status, seconds)
            if status >= 400 or route not in self._quiet:
                _log_answer(trace, method, route, status, seconds)


def _log_answer(trace: Trace, method: str, route: str, status: int, seconds: float) -> None:
    fields = {
        "trace": trace.trace_id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1_000, 1),
        "caller": trace.caller,
        "decision_id": trace.decision_id,
        "contacts": trace.contacts,
        "degraded": list(trace.degraded) or None,
        # Cloud Logging shows these as columns of their own; the route stands where others have the address.
        "httpRequest": {
            "requestMethod": method, "requestUrl": route, "status": status, "latency": f"{seconds:.6f}s"
        },
    }  # fmt: skip
    _log.log(
        logging.ERROR if status >= _FAULT else logging.INFO,
        "answered",
        extra={"fields": {name: value for name, value in fields.items() if value is not None}},
    )


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, under the names that Google's and others' collectors read.

    Source: https://cloud.google.com/logging/docs/structured-logging#special-payload-fields
    """

    def __init__(self, project: str | None = None, service: str | None = None) -> None:
        """Take the Google Cloud project that traces belong to, and the service; None: no line names it."""
        super().__init__()
        self._project, self._service = project, service

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "severity": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if self._service is not None:
            line["service"] = self._service
        line |= getattr(record, "fields", {})
        if self._project is not None and "trace" in line:
            line[_TRACE_FIELD] = f"projects/{self._project}/traces/{line['trace']}"
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = where(record.exc_info[1])
        return json.dumps(line)


def where(error: BaseException) -> str:
    """Give the type of an error and the line that raised it; its text may be personal and stays out."""
    places = traceback.extract_tb(error.__traceback__)
    return (
        f"{type(error).__name__} in {places[-1].filename}:{places[-1].lineno}"
        if places
        else type(error).__name__
    )


def _message(record: logging.LogRecord) -> str:
    if record.name.partition(".")[0] == OURS:
        return record.getMessage()
    return str(record.msg).strip().partition("\n")[0][:_LONGEST]


def log_as_json(project: str | None = None, service: str | None = None) -> None:
    """Let this process log JSON lines to standard error: all of ours, and warnings of the libraries.

    Args:
        project: As of `JsonLines`.
        service: Likewise.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(project, service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)


@contextmanager
def logging_as_json(project: str | None = None, service: str | None = None) -> Iterator[None]:
    """Log so for a while, and then as before: for a command that ends in a process that goes on."""
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    before = root.handlers[:], root.level, ours.level
    log_as_json(project, service)
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        ours.setLevel(before[2])
