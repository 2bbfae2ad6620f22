"""Requests to an app byte by byte as a caller may send them, and answers held against the document.

No client stands in between that would mend a path, a header or a body.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

import requests
import schemathesis
from fastapi import FastAPI
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Match
from starlette.types import Message, Scope

from tests.serving import running

Pairs = Sequence[tuple[bytes, bytes]]
_ELSEWHERE = {
    (404, b'{"detail":"Not Found"}'),
    (405, b'{"detail":"Method Not Allowed"}'),
    (421, b'{"detail":"this service does not answer for the host that the request names"}'),
}
"""Answers to a path that is none of ours, and to a method that its path has not; in no document."""
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Drawn: TypeAlias = Case[Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request."""

    method: str
    target: bytes
    """Path and query as they stand in the first line."""
    headers: Pairs
    body: bytes


@dataclass(frozen=True, slots=True)
class Got:
    """One answer."""

    status: int
    headers: Pairs
    body: bytes


class Caller:
    """Hands requests to a started app, as the web server does."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        """Take the app, and the loop that it runs in."""
        self._app, self._runner = app, runner

    def ask(self, sent: Sent) -> Got:
        """Send a request and wait for all of its answer."""
        return self._runner.run(self._asked(sent))

    async def _asked(self, sent: Sent) -> Got:
        messages: list[Message] = []
        unread = [{"type": "http.request", "body": sent.body, "more_body": False}]

        async def receive() -> Message:
            return unread.pop() if unread else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(scope_of(sent), receive, send)
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return Got(messages[0]["status"], messages[0]["headers"], body)


@contextmanager
def calling(app: FastAPI) -> Iterator[Caller]:
    """Start an app, and stop it again."""
    with running(app) as runner:
        yield Caller(app, runner)


def scope_of(sent: Sent) -> Scope:
    """Read a request's first line and headers as uvicorn does."""
    raw_path, _, query = sent.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 50_000),
        "scheme": "http",
        "method": sent.method,
        "root_path": "",
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in sent.headers],
        "state": {},
    }


class Document:
    """An OpenAPI document, to draw requests from and to hold answers against."""

    def __init__(self, content: dict[str, Any]) -> None:
        """Take its content."""
        self._schema = schemathesis.openapi.from_dict(content)
        found = (one.ok() for one in self._schema.get_all_operations() if isinstance(one, Ok))
        self.operations: dict[str, Operation] = {one.label: one for one in found}
        """By method and path, in the order of the document."""

    def edges(self, label: str) -> Iterator[Drawn]:
        """Give requests at the edges of what the document allows, on either side of them."""
        yield from self._schema.iter_coverage_cases(
            self.operations[label],
            generation_modes=list(GenerationMode),
            generation_config=self._schema.config.generation,
        )


class Judge:
    """Holds answers of an app against its own document."""

    def __init__(self, app: FastAPI) -> None:
        """Take the app."""
        load_all_checks()
        self._routes, self._operations = app.router.routes, Document(app.openapi()).operations
        self._passed: set[tuple[str, int, Pairs, bytes]] = set()

    def check(self, sent: Sent, got: Got) -> None:
        """Refuse an answer of 5xx, and one of another status, type or shape than the document has.

        A request is judged by the operation that its method and path name, whatever it was drawn for; the
        same answer of the same operation is judged once.

        Raises:
            AssertionError: says what is wrong, with request and answer.
        """
        label = self._named(sent)
        known = (label, got.status, tuple(got.headers), got.body)
        if known in self._passed:
            return
        request = requests.Request(sent.method, "http://localhost/").prepare()
        headers: dict[str, list[str]] = {}
        for name, value in got.headers:
            headers.setdefault(name.decode(), []).append(value.decode())
        answer = schemathesis.Response(got.status, headers, got.body, request, 0.0, verify=False)
        operation = self._operations.get(label)
        if operation is None:
            if (got.status, got.body) not in _ELSEWHERE:
                raise AssertionError(f"{sent} names no operation and was answered {got}")
            return
        places = {one.name: "x" for one in operation.path_parameters}
        try:
            operation.Case(path_parameters=places).validate_response(answer, checks=_CHECKS)
        except FailureGroup as faults:
            raise AssertionError(f"{sent} was answered {got}: {list(faults.exceptions)}") from None
        self._passed.add(known)

    def _named(self, sent: Sent) -> str:
        """Say which operation a request names; '' for none."""
        scope = scope_of(sent)
        found = (route for route in self._routes if route.matches(scope)[0] is Match.FULL)
        return f"{sent.method} {getattr(next(found, None), 'path_format', '')}"


def as_sent(case: Drawn, *more: tuple[bytes, bytes]) -> Sent:
    """Write a request of schemathesis as bytes, with more headers before its own."""
    request = requests.Request(**case.as_transport_kwargs(base_url="http://localhost")).prepare()
    headers = [*more, *((as_bytes(name), as_bytes(value)) for name, value in request.headers.items())]
    body = request.body if isinstance(request.body, str | bytes) else b""
    return Sent(str(request.method), as_bytes(request.path_url), headers, as_bytes(body))


def as_bytes(text: str | bytes) -> bytes:
    """Write a text as bytes; half a character is written too."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
