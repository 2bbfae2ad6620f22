"""A connection that does not wait for ever: a request comes in whole, and an answer is taken, within a time.

The server's own time limit is for silence between two requests. A caller that sends a byte now and then,
of headers or of a body, or that reads nothing, would hold a connection for as long as it likes. What is
answered here, since no app may ever hear of it (408, malformed HTTP, one connection too many), has the
shape of any error, and the app is told, so that it is logged and counted with the others.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from typing import cast

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from churn_saver.serve.coming_back import HEADER, SOON_SECONDS
from churn_saver.serve.guard import SECURITY_HEADERS
from churn_saver.serve.telemetry import OWN_STATUS

REQUEST_SECONDS = 10.0
"""From the first byte (of the first request: from the connection) to the last of the body; and from when an
answer can no longer be sent on to when all of it is taken."""
ENDING_SECONDS = 4.0
"""The same once the server stops: it has eight seconds for all of them."""
FULL_SECONDS = 1.0
"""The same for a connection too many: it keeps a file of the process open."""
MAX_CONNECTIONS = 900
"""Of one worker, idle ones included: below the 1,024 files that most systems let a process open."""
_AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: on, no seconds."""
_DETAILS = {
    400: "this is not HTTP",
    408: "the request did not come in whole in time",
    503: "too many connections; send the request again",
}


class PatientUpToALimit(H11Protocol):
    """HTTP/1.1 by h11, with limits on connections and on the time that a request or an answer takes."""

    request_seconds = REQUEST_SECONDS
    ending_seconds = ENDING_SECONDS
    most = MAX_CONNECTIONS
    _reading: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request; of a connection too many, to turn it away."""
        super().connection_made(transport)
        # Then writing pauses whenever the caller does not take all, and goes on once it has.
        transport.set_write_buffer_limits(high=0)
        if len(self.connections) > self.most:
            self.request_seconds = min(self.request_seconds, FULL_SECONDS)
            self.app = self._turn_away
        self._watch_reading(waiting=True)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._watch_reading(waiting=False)
        self._watch_writing(waiting=False)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Take in what came, and go on waiting while it is not a whole request."""
        super().handle_events()
        begun = bool(self.conn.trailing_data[0])
        whole = self.conn.their_state is not h11.SEND_BODY and not (
            self.conn.their_state is h11.IDLE and begun
        )
        self._watch_reading(waiting=not whole)

    def pause_writing(self) -> None:
        """Begin to wait for the caller to take what was answered."""
        super().pause_writing()
        self._watch_writing(waiting=True)

    def resume_writing(self) -> None:
        """Stop waiting: it has taken all."""
        super().resume_writing()
        self._watch_writing(waiting=False)

    def shutdown(self) -> None:
        """Finish what is begun, with less patience."""
        self.request_seconds = min(self.request_seconds, self.ending_seconds)
        for watch, waits in (
            (self._watch_reading, self._reading is not None),
            (self._watch_writing, self._writing is not None),
        ):
            watch(waiting=False)
            watch(waiting=waits)
        super().shutdown()

    def send_400_response(self, _msg: str) -> None:
        """Answer what is not HTTP, and hang up."""
        self._refuse(400)

    def _watch_reading(self, waiting: bool) -> None:
        self._reading = self._watched(self._reading, waiting, self._give_up)

    def _watch_writing(self, waiting: bool) -> None:
        self._writing = self._watched(self._writing, waiting, self._drop)

    def _watched(
        self, timer: asyncio.TimerHandle | None, waiting: bool, end: Callable[[], None]
    ) -> asyncio.TimerHandle | None:
        if waiting and timer is None:
            return self.loop.call_later(self.request_seconds, end)
        if not waiting and timer is not None:
            timer.cancel()
            return None
        return timer

    def _give_up(self) -> None:
        """Answer 408 where nothing was answered yet, and hang up."""
        self._reading = None
        if not self.transport.is_closing():
            self._refuse(408)

    def _drop(self) -> None:
        """Hang up, and let the system forget what it would still send."""
        own = self.transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _refuse(self, status: int) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body, headers = _answer(status)
            answer = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
            self._tell(status)
        if self.cycle is not None:
            # The app is told that its caller has gone, and answers nobody.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _tell(self, status: int) -> None:
        """Let the app log and count an answer that it did not give."""
        if self.cycle is not None and not self.cycle.response_complete:
            cast(Scope, self.cycle.scope)[OWN_STATUS] = status
            return
        nothing: Scope = {"type": "http", "method": "", "path": "", "query_string": b"", "headers": []}
        task = self.loop.create_task(self._told(nothing, status))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _told(self, scope: Scope, status: int) -> None:
        scope[OWN_STATUS] = status
        await cast(ASGIApp, self.config.loaded_app)(scope, _gone, _nowhere)

    async def _turn_away(self, scope: Scope, _receive: Receive, send: Send) -> None:
        body, headers = _answer(503)
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        await self._told(scope, 503)


def _answer(status: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    body = json.dumps({"detail": _DETAILS[status]}).encode()
    named = SECURITY_HEADERS | {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    if status == 503:
        named[HEADER] = str(SOON_SECONDS)
    return body, [(name.lower().encode(), value.encode()) for name, value in named.items()]


async def _gone() -> Message:
    return {"type": "http.disconnect"}


async def _nowhere(_message: Message) -> None:
    """Send nothing: it was answered."""
