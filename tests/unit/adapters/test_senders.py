"""A message counts as sent when its receiver has it for good, under a key that stays the same."""

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from churn_saver.adapters.senders import FileSender, NotSent, Webhook, sender_for
from churn_saver.domain.waiting import Waiting
from churn_saver.errors import ConfigError
from tests.builders import NOON

MESSAGE = Waiting("0f" * 16, "spring", "C00001", "Hello Zoë\nyours", "sms", None, None, NOON, None, 3)
BODY = {
    "decision_id": "0f" * 16, "campaign_id": "spring", "customer_id": "C00001", "channel": "sms",
    "message": "Hello Zoë\nyours", "attempt": 3,
}  # fmt: skip


@dataclass
class Receiver:
    """A provider on this machine that answers as it is told."""

    address: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)


@pytest.fixture(scope="module")
def running() -> Iterator[Receiver]:
    """Start a provider for all tests."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        """Keeps what it gets."""

        def do_POST(self) -> None:
            """Answer as planned, with words that must not come back."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.path, dict(self.headers), body))
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"Zoe has no phone")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    receiver.address = f"http://127.0.0.1:{server.server_port}/hook?tenant=1"
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def receiver(running: Receiver) -> Receiver:
    """Give the provider as if nobody had asked it yet."""
    running.status, running.headers = 200, {}
    running.got.clear()
    return running


@contextmanager
def dripping() -> Iterator[int]:
    """Answer every connection with one more header byte every 20 ms, for ever."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not ended.wait(0.02):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        yield listener.getsockname()[1]
        ended.set()
        thread.join()


def test_a_file_gets_one_line_for_each_message(tmp_path: Path) -> None:
    """JSON as UTF-8 in the order of sending, in a folder made for it, for its owner alone."""
    path = tmp_path / "out" / "sent.jsonl"
    sender = FileSender(path)

    sender.send(MESSAGE)
    sender.send(replace(MESSAGE, attempts=4))

    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert lines == [BODY, BODY | {"attempt": 4}]
    assert "Zoë".encode() in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    """A dispatcher was killed in the middle of a line: the next message begins one of its own."""
    path = tmp_path / "sent.jsonl"
    path.write_bytes(b'{"decision_id": "0')

    FileSender(path).send(MESSAGE)

    torn, whole = path.read_bytes().splitlines()
    assert torn == b'{"decision_id": "0'
    assert json.loads(whole) == BODY


def test_several_writers_never_mix_their_lines(tmp_path: Path) -> None:
    """Four threads with a sender each, fifty messages each: two hundred whole lines."""
    path = tmp_path / "sent.jsonl"

    def write(number: int) -> None:
        sender = FileSender(path)
        for i in range(50):
            sender.send(replace(MESSAGE, customer_id=f"{number}-{i}", message="x" * 9_000))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = {json.loads(line)["customer_id"] for line in path.read_bytes().splitlines()}
    assert found == {f"{number}-{i}" for number in range(4) for i in range(50)}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_not_sent() -> None:
    """The message stays in the outbox, surely not handed over; the fault has no word of it."""
    sender = FileSender.__new__(FileSender)
    sender._path = Path("/dev/full")

    with pytest.raises(NotSent, match=r"^file cannot be written to: No space left on device$") as caught:
        sender.send(MESSAGE)

    assert caught.value.is_certain


def test_a_file_that_cannot_be_made_is_told_at_the_start(tmp_path: Path) -> None:
    """Before anything is claimed."""
    with pytest.raises(ConfigError, match=r"sender file .* cannot be written to \(Is a directory\)"):
        FileSender(tmp_path)


def test_a_webhook_gets_the_message_under_its_key(receiver: Receiver) -> None:
    """POST with the decision id as Idempotency-Key, a bearer token, and nothing else of the customer."""
    Webhook(receiver.address, "t0ken").send(MESSAGE)

    ((path, headers, body),) = receiver.got
    assert path == "/hook?tenant=1"
    assert json.loads(body) == BODY
    assert headers["Idempotency-Key"] == "0f" * 16
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_taken(receiver: Receiver, status: int) -> None:
    """Without a token no Authorization goes along."""
    receiver.status = status

    Webhook(receiver.address).send(MESSAGE)

    assert "Authorization" not in receiver.got[0][1]


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (301, {"Location": "/elsewhere"}, 0.0),
        (307, {"Location": "/elsewhere"}, 0.0),
        (400, {}, 0.0),
        (401, {}, 0.0),
        (409, {"Retry-After": "2"}, 2.0),
        (429, {"Retry-After": "120"}, 120.0),
        (500, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.0),
        (503, {"Retry-After": "-5"}, 0.0),
        (503, {"Retry-After": "nan"}, 0.0),
    ],
)
def test_all_else_is_not_sent(
    receiver: Receiver, status: int, headers: Mapping[str, str], pause: float
) -> None:
    """One question, no redirect followed, no word of the answer in the fault, the asked pause kept."""
    receiver.status, receiver.headers = status, headers

    with pytest.raises(NotSent, match=rf"^webhook answers {status}, wanted 2xx$") as caught:
        Webhook(receiver.address).send(MESSAGE)

    assert caught.value.seconds == pause
    assert caught.value.is_certain == (status in (400, 401, 429))
    assert len(receiver.got) == 1


def test_a_receiver_that_drips_is_cut_off() -> None:
    """Each byte comes in time, the answer never does: 0.2 seconds are allowed for all of it."""
    with dripping() as port:
        sender = Webhook(f"http://127.0.0.1:{port}/", most_seconds=0.2)
        with pytest.raises(
            NotSent, match=r"^webhook (does not answer in time|.* broke off \(\w+\))$"
        ) as caught:
            sender.send(MESSAGE)

    assert not caught.value.is_certain


def test_who_cannot_prove_who_it_is_gets_nothing(receiver: Receiver) -> None:
    """An https address at which no TLS is spoken: the message never leaves."""
    with pytest.raises(NotSent, match=r"broke off \(SSLError\)$") as caught:
        Webhook(receiver.address.replace("http:", "https:")).send(MESSAGE)

    assert caught.value.is_certain
    assert receiver.got == []


def test_nobody_there_is_not_sent() -> None:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(NotSent, match=r"broke off \(ConnectionRefusedError\)$") as caught:
        Webhook(f"http://localhost:{port}/").send(MESSAGE)

    assert caught.value.is_certain


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://example.com/hook", r"http://example\.com/hook is not https, wanted https"),
        ("http://127.0.0.1.example.com/", r"is not https"),
        ("https:///hook", r"is no address with a host"),
        ("https://user:s3cret@example.com/hook", r"https://example\.com/hook has a user or password in it"),
        ("https://example.com:port/", r"sender .*[Pp]ort"),
        ("https://example.com/a b", r"address has signs that no address has"),
        ("file:", r"sender is 'file:', wanted file:PATH or https://host/path"),
        ("ftp://example.com/", r"wanted file:PATH or https://host/path"),
        ("sent.jsonl", r"wanted file:PATH or https://host/path"),
    ],
)
def test_targets_that_cannot_be_trusted_are_refused(target: str, why: str) -> None:
    """At the start, and no secret is repeated."""
    with pytest.raises(ConfigError, match=why) as caught:
        sender_for(target)

    assert "s3cret" not in str(caught.value)


def test_a_token_that_no_header_can_hold_is_refused() -> None:
    """A line break would begin a header of its own; the token is not shown."""
    with pytest.raises(ConfigError, match="wanted printable ASCII") as caught:
        Webhook("https://example.com/", "s3cret\nX: y")

    assert "s3cret" not in str(caught.value)


def test_a_target_names_its_sender(tmp_path: Path) -> None:
    """A file by its path, everything else by address."""
    relative = os.path.relpath(tmp_path / "a b.jsonl")

    assert isinstance(sender_for(f"file:{relative}"), FileSender)
    assert isinstance(sender_for("https://example.com/hook", "t"), Webhook)
    assert isinstance(sender_for("http://[::1]:9/"), Webhook)
    assert (tmp_path / "a b.jsonl").is_file()
