"""What surrounds every request: for whom, from whose page, how large; headers on its answer, a net below.

Plain ASGI, so that nothing is buffered. An error that nobody expected is answered without a word of
its text, which may hold personal data; the log gets its type and place beside the same trace id.
"""

import logging
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from churn_saver.serve.telemetry import OWN_STATUS, trace_of, where

MAX_BODY_BYTES = 64 * 1024
LARGER_BODIES: Mapping[str, int] = {"/decide/batch": 16 * 1024 * 1024}
"""Routes with another limit: 10,000 customers with all columns are some 8 MiB."""
CONNECTIONS = "connections"
"""Why the server turned a request away: the process has as many connections as it can take."""
OTHER_HOST = "this service does not answer for the host that the request names"
OTHER_SITE = "this service takes no request from the page of another site"
TOO_LARGE = "the body has more than {} bytes; send less at a time"

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer: it is data, for the caller alone. No CORS header is ever sent."""

_log = logging.getLogger("churn_saver.serve")


def may_be_large(scope: Scope) -> bool:
    """Tell whether a body may have more than `MAX_BODY_BYTES`: its route takes it, no length says less."""
    if scope.get("path", "") not in LARGER_BODIES:
        return False
    return "transfer-encoding" in Headers(scope=scope) or not 0 < _announced(scope) <= MAX_BODY_BYTES


class Guard:
    """ASGI middleware; stands outside everything else."""

    def __init__(
        self, app: ASGIApp, hosts: frozenset[str] | None = None, refused: Callable[[str], None] | None = None
    ) -> None:
        """Take the app that it guards.

        Args:
            app: What a request goes on to.
            hosts: Names under which it may be called, without port. A page in a browser reaches this
                machine under a name of its own (DNS rebinding), so where no key is asked for the name
                is looked at. None: any.
            refused: Told `CONNECTIONS` when the server turned a request away.
        """
        self.app, self._hosts, self._refused = app, hosts, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if OWN_STATUS in scope:
            if scope[OWN_STATUS] == 503 and self._refused is not None:
                self._refused(CONNECTIONS)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        most = LARGER_BODIES.get(scope.get("path", ""), MAX_BODY_BYTES)
        refusal = self._refusal(scope, most)
        if refusal is not None:
            await refusal(scope, receive, answer)
            return
        try:
            await self.app(scope, _limited(receive, most), answer)
        except Exception as error:
            trace = _logged(scope, error)
            if begun:
                # The server logs what it is given, so it is given no word of the cause.
                raise RuntimeError(f"an answer broke off, trace {trace}") from None
            await JSONResponse({"detail": "internal error", "trace": trace}, 500)(scope, receive, answer)

    def _refusal(self, scope: Scope, most: int) -> JSONResponse | None:
        if self._hosts is not None and _host(scope) not in self._hosts:
            return JSONResponse({"detail": OTHER_HOST}, 421)
        if _of_another_site(scope, self._hosts is not None):
            return JSONResponse({"detail": OTHER_SITE}, 403)
        if _announced(scope) > most:
            return JSONResponse({"detail": TOO_LARGE.format(most)}, 413)
        return None


def _host(scope: Scope) -> str:
    """Give the host that a request names, without port; '' for none."""
    named = Headers(scope=scope).get("host", "").strip().lower()
    if named.startswith("["):
        return named[1:].partition("]")[0]
    return named.partition(":")[0].removesuffix(".")


def _of_another_site(scope: Scope, local: bool) -> bool:
    """Tell whether a browser sends this for a page that is not ours, which needs no leave for a bare POST.

    Where no key is asked for, an older browser is known by its Origin.
    Source: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    headers = Headers(scope=scope)
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return True
    origin = headers.get("origin")
    own = headers.get("host", "").strip().lower()
    return local and origin is not None and origin.partition("://")[2].lower() != own


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    # Python refuses to read thousands of digits; twenty are more than enough to be too large.
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


def _limited(receive: Receive, most: int) -> Receive:
    """Count what comes in: a body sent in chunks announces no length."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            raise HTTPException(413, TOO_LARGE.format(most))
        return message

    return counted


def _logged(scope: Scope, error: Exception) -> str:
    trace = trace_of(scope).trace_id
    _log.error("an error that nobody expected", extra={"fields": {"trace": trace, "error": where(error)}})
    return trace
