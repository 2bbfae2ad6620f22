"""What surrounds every request: a limit on its size, headers on its answer, and a net under its errors.

Plain ASGI, so that nothing is buffered. An error that nobody expected is answered without a word of
its text, which may hold personal data; the log gets its type and place beside the same trace id.
"""

import logging
import secrets
import traceback

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 64 * 1024
TOO_LARGE = f"the body has more than {MAX_BODY_BYTES} bytes; send one customer at a time"

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""On every answer: it is data, for the caller alone. No CORS header is ever sent."""

_log = logging.getLogger("churn_saver.serve")


class Guard:
    """ASGI middleware; stands outside everything else."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the app that it guards."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within limits."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        if _announced(scope) > MAX_BODY_BYTES:
            await JSONResponse({"detail": TOO_LARGE}, 413)(scope, receive, answer)
            return
        try:
            await self.app(scope, _limited(receive), answer)
        except Exception as error:
            trace = _logged(error)
            if begun:
                # The server logs what it is given, so it is given no word of the cause.
                raise RuntimeError(f"an answer broke off, trace {trace}") from None
            await JSONResponse({"detail": "internal error", "trace": trace}, 500)(scope, receive, answer)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    # Python refuses to read thousands of digits; twenty are more than enough to be too large.
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


def _limited(receive: Receive) -> Receive:
    """Count what comes in: a body sent in chunks announces no length."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MAX_BODY_BYTES:
            raise HTTPException(413, TOO_LARGE)
        return message

    return counted


def _logged(error: Exception) -> str:
    trace = secrets.token_hex(8)
    last = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("trace %s: %s in %s:%s", trace, type(error).__name__, last.filename, last.lineno)
    return trace
