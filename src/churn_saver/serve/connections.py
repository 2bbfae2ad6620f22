"""A connection that does not wait for ever: a request comes in whole within `REQUEST_SECONDS`.

The server's own time limit is for silence between two requests. A caller that sends a byte now and
then, of headers or of a body, or nothing at all, would hold a connection for as long as it likes.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10.0
"""From the first byte (of the first request: from the connection) to the last of the body."""
_ANSWER = b'{"detail":"the request did not come in whole in time"}'


class PatientUpToALimit(H11Protocol):
    """HTTP/1.1 by h11, with a limit on the time that one request takes to come in."""

    request_seconds = REQUEST_SECONDS
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._watch(waiting=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._watch(waiting=False)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Take in what came, and go on waiting while it is not a whole request."""
        super().handle_events()
        begun = bool(self.conn.trailing_data[0])
        whole = self.conn.their_state is not h11.SEND_BODY and not (
            self.conn.their_state is h11.IDLE and begun
        )
        self._watch(waiting=not whole)

    def _watch(self, waiting: bool) -> None:
        if waiting and self._limit is None:
            self._limit = self.loop.call_later(self.request_seconds, self._give_up)
        elif not waiting and self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _give_up(self) -> None:
        """Answer 408 where nothing was answered yet, and hang up."""
        self._limit = None
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(_ANSWER)).encode()),
                (b"connection", b"close"),
            ]
            answer = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
            for event in (answer, h11.Data(data=_ANSWER), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            # The app is told that its caller has gone, and answers nobody.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
