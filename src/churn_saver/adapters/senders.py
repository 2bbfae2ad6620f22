"""Hand a message to whoever delivers it: a file of JSON lines, or a webhook.

Both are given the decision id as key: the same key twice is the same message, which the receiver may drop.
A message is sent when the receiver has it for good; all else is `NotSent`, and may be tried again. What a
receiver answers beside its status is not read: it may repeat the message. Knows no address of a customer,
no hour and no gate.
"""

import fcntl
import http.client
import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from churn_saver import __version__
from churn_saver.adapters.download.addresses import Rules, refuse_unsafe, shown
from churn_saver.adapters.files import settle
from churn_saver.domain.waiting import Waiting
from churn_saver.errors import ConfigError, InputError

MOST_SECONDS = 10.0
"""Of one sending, from the first byte to the answer."""
FILE = "file:"
_AGAIN_SECONDS = 0.05
_UNDECIDED = frozenset({408, 409})
"""Of 4xx those after which the receiver may have the message: it waited too long for the rest of the
request, or is still at another one under the same key."""


class NotSent(Exception):
    """The receiver does not have the message, or did not say so in time. Caught by the dispatcher."""

    def __init__(self, why: str, seconds: float = 0.0, is_certain: bool = False) -> None:
        """Say why.

        Args:
            why: Without a word about the customer.
            seconds: Pause that the receiver asked for.
            is_certain: The receiver surely does not have it; else it may, and its money must stay.
        """
        super().__init__(why)
        self.seconds, self.is_certain = seconds, is_certain


class Sender(Protocol):
    """Whoever can be handed a message."""

    def send(self, message: Waiting) -> None:
        """Hand it over; returns when the receiver has it for good.

        Raises:
            NotSent: not known to have arrived.
        """


def sender_for(target: str, token: str | None = None) -> Sender:
    """Give the sender that a target names.

    Args:
        target: 'file:PATH', or 'https://…'; http to this machine alone.
        token: Sent to the webhook as its bearer; a file needs none.

    Raises:
        ConfigError: it names neither.
    """
    if target.startswith(FILE) and len(target) > len(FILE):
        return FileSender(Path(target.removeprefix(FILE)))
    if target.partition(":")[0].lower() not in ("http", "https"):
        raise ConfigError(f"sender is {target[:40]!r}, wanted file:PATH or https://host/path")
    return Webhook(target, token)


class FileSender:
    """Appends one JSON line per message, on the disk before it counts as sent.

    Several dispatchers may append to one file. A line that a killed one left half-written is closed, so
    that it spoils no other line.
    """

    def __init__(self, path: Path) -> None:
        """Take the file, made where there is none, for its owner to read alone.

        Raises:
            ConfigError: it cannot be written to.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._opened():
                settle(path.parent)
        except OSError as error:
            raise ConfigError(
                f"sender file {path} cannot be written to ({error.strerror}). Name another."
            ) from error

    def send(self, message: Waiting) -> None:
        """Append the message; raises `NotSent` when the disk does not take it."""
        line, is_there = _body(message) + b"\n", False
        try:
            with self._opened() as handle:
                size = os.fstat(handle).st_size
                is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
                try:
                    _write(handle, b"\n" + line if is_torn else line)
                    is_there = True
                    os.fsync(handle)
                except OSError:
                    with suppress(OSError):
                        os.ftruncate(handle, size)
                        is_there = False
                    raise
        except OSError as error:
            why = f"file cannot be written to: {error.strerror}"
            raise NotSent(why, is_certain=not is_there) from None

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the file for one writer at a time."""
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


class Webhook:
    """Posts one JSON object per message, with the decision id as `Idempotency-Key`.

    Follows no redirect, and any answer but 2xx means not sent: a wrong address or token must not use up
    the messages, so what the receiver refuses is tried again like what it did not get.
    """

    def __init__(self, url: str, token: str | None = None, most_seconds: float = MOST_SECONDS) -> None:
        """Take the address.

        Args:
            url: https, or http to this machine.
            token: Sent as bearer.
            most_seconds: Of one sending, answer included.

        Raises:
            ConfigError: no such address, or a password in it: it would be seen among the processes.
        """
        try:
            refuse_unsafe(url, Rules())
            parts = urlsplit(url)
            self._host, self._port = parts.hostname or "", parts.port
        except (InputError, ValueError) as error:
            raise ConfigError(f"sender {error}") from error
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ConfigError(
                "the sender's address has signs that no address has, wanted them as %20 and so on"
            )
        if "@" in parts.netloc:
            raise ConfigError(f"sender {shown(url)} has a user or password in it, wanted --token-from")
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ConfigError("the sender's token has signs that no header can hold, wanted printable ASCII")
        self._is_secret = parts.scheme == "https"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._most_seconds = most_seconds

    def send(self, message: Waiting) -> None:
        """Post the message; raises `NotSent` unless it is answered with 2xx in time."""
        connection = self._connection()
        # A time limit of a socket counts anew with every byte; this one ends it all.
        ended, cut = threading.Event(), threading.Event()
        watch = connection, self._most_seconds, ended, cut
        threading.Thread(target=_watch, args=watch, daemon=True).start()
        is_connected = False
        try:
            connection.connect()
            is_connected = True
            connection.request("POST", self._path, _body(message), self._headers(message))
            with connection.getresponse() as answer:
                status, pause = answer.status, answer.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = f"webhook cannot be reached or broke off ({type(error).__name__})"
            raise NotSent(why, is_certain=not is_connected) from None
        finally:
            ended.set()
            connection.close()
        if cut.is_set():
            # Half an answer reads like a whole one: headers may end where the connection does.
            raise NotSent("webhook does not answer in time")
        if not 200 <= status < 300:
            is_refused = 400 <= status < 500 and status not in _UNDECIDED
            raise NotSent(f"webhook answers {status}, wanted 2xx", _pause(pause), is_refused)

    def _connection(self) -> http.client.HTTPConnection:
        if not self._is_secret:
            return http.client.HTTPConnection(self._host, self._port, timeout=self._most_seconds)
        trusted = ssl.create_default_context()
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=self._most_seconds, context=trusted
        )

    def _headers(self, message: Waiting) -> dict[str, str]:
        return self._bearer | {
            "Content-Type": "application/json",
            "Idempotency-Key": message.decision_id,
            "User-Agent": f"churn-saver/{__version__}",
        }


def _body(message: Waiting) -> bytes:
    told = {
        "decision_id": message.decision_id,
        "campaign_id": message.campaign_id,
        "customer_id": message.customer_id,
        "channel": message.channel,
        "message": message.message,
        "attempt": message.attempts,
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _write(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _watch(
    connection: http.client.HTTPConnection, seconds: float, ended: threading.Event, cut: threading.Event
) -> None:
    """Break a connection off after some seconds; while it is being made there is nothing to break yet."""
    pause = seconds
    while not ended.wait(pause):
        pause = _AGAIN_SECONDS
        cut.set()
        with suppress(OSError, AttributeError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _pause(said: str) -> float:
    """Read Retry-After in seconds; 0 when it says none. A date is not read: clocks differ."""
    try:
        return max(0.0, float(said))
    except ValueError:
        return 0.0
