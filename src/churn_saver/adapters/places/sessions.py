"""Upload sessions: a large file goes to Cloud Storage in parts, and a cut upload goes on where it was.

Speaks the protocol of https://cloud.google.com/storage/docs/performing-resumable-uploads. The address of a
session is all that it takes to write to it, without credentials, so it is kept in a file that only its
owner reads, and until the upload has ended. Knows no bucket and no precondition: both are fixed when a
session begins.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churn_saver.adapters import cloud, files
from churn_saver.adapters.places.stored import Content, Sent, changed
from churn_saver.errors import InputError

PART_BYTES = 8 * 2**20
"""Sent in one request; the service wants a multiple of 256 KiB."""
_TIMEOUT_SECONDS = (10, 120)
"""To connect, and between two bytes of an answer."""
_RANGE = re.compile(r"bytes=0-(\d+)")
_DONE, _GO_ON, _ENDED = (200, 201), 308, (404, 410, 499)
_OWNER_ONLY = 0o600
State = int | Mapping[str, Any]
"""How many bytes the service has kept, or what it says of the finished object."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file on its way."""

    path: Path
    content: Content
    target: str
    """Address and precondition: a session is taken up again only for the same content and target."""
    content_of: Callable[[Iterable[bytes]], Content]
    retry: Any
    """google.api_core.retry.Retry"""

    @property
    def memory(self) -> Path:
        """Where the address of the session is kept: beside the folder of the file, hidden."""
        folder = self.path.absolute().parent
        return folder.parent / f".{folder.name}-{self.path.name}.upload"


def send(job: Job, begin: Callable[[], str], sent: Sent) -> Mapping[str, Any]:
    """Send a file, from where an earlier try left off if there was one.

    Args:
        job: What and where to.
        begin: Opens a session and gives its address.
        sent: Told of bytes as they go over.

    Returns:
        What the service says of the whole object.

    Raises:
        InputError: the file changed, or the service ended the session.
    """
    address = _remembered(job)
    state = _asked(job, address) if address else None
    if address is None or state is None:
        address, state = begin(), 0
        _remember(job, address)
    try:
        while isinstance(state, int):
            state = _part(job, address, state, sent)
    except (InputError, cloud.package("google.api_core.exceptions").ClientError):
        # Refused, not interrupted: there is nothing to go on with.
        _forget(job)
        raise
    _forget(job)
    return state


def _part(job: Job, address: str, start: int, sent: Sent) -> State:
    """Send the next part; when an answer is lost, ask first how far the service got."""
    at: State | None = start

    def once() -> State:
        nonlocal at
        if at is None:
            at = _alive(_put(address, b"", f"bytes */{job.content.size}"))
        if not isinstance(at, int) or at > start:
            return at
        here, at = at, None
        part = _read(job, here)
        state = _alive(_put(address, part, f"bytes {here}-{here + len(part) - 1}/{job.content.size}"))
        sent(len(part))
        return state

    state: State = job.retry(once)()
    return state


def _read(job: Job, at: int) -> bytes:
    """Read the next part; before the last one, which ends the upload, look at the whole file once more."""
    size = min(PART_BYTES, job.content.size - at)
    try:
        with job.path.open("rb") as file:
            file.seek(at)
            part = file.read(size)
    except OSError as error:
        raise changed(job.path) from error
    last = at + size == job.content.size
    if len(part) != size or (
        last and job.content_of(files.read_pieces(job.path, "put it back")) != job.content
    ):
        raise changed(job.path)
    return part


def _asked(job: Job, address: str) -> State | None:
    """Ask a remembered session how far it got; None: it cannot be taken up again."""
    try:
        state: State | None = job.retry(lambda: _put(address, b"", f"bytes */{job.content.size}"))()
    except cloud.package("google.api_core.exceptions").ClientError:
        return None
    return state


def _alive(state: State | None) -> State:
    if state is None:
        raise InputError("the service ended the upload: run the same command again, it begins anew")
    return state


def _put(address: str, part: bytes, content_range: str) -> State | None:
    """Make one request; None: the session has ended."""
    answer = cloud.package("requests").put(
        address,
        data=part,
        headers={"Content-Range": content_range},
        timeout=_TIMEOUT_SECONDS,
        allow_redirects=False,
    )
    if answer.status_code in _DONE:
        found: dict[str, Any] = answer.json()
        return found
    if answer.status_code == _GO_ON:
        kept = _RANGE.fullmatch(answer.headers.get("Range", ""))
        return int(kept[1]) + 1 if kept else 0
    if answer.status_code in _ENDED:
        return None
    raise cloud.package("google.api_core.exceptions").from_http_response(answer)


def _remembered(job: Job) -> str | None:
    with suppress(InputError, ValueError, KeyError, TypeError):
        found = json.loads(files.read_bytes(job.memory, "none needed"))
        if found["target"] == job.target and found["content"] == [job.content.size, job.content.checksum]:
            return str(found["address"])
    return None


def _remember(job: Job, address: str) -> None:
    """Keep the address; where nothing can be written, a cut upload begins anew."""
    kept = {
        "target": job.target,
        "content": [job.content.size, job.content.checksum],
        "address": address,
    }
    with suppress(InputError):
        files.write_bytes(job.memory, json.dumps(kept).encode(), _OWNER_ONLY)


def _forget(job: Job) -> None:
    with suppress(InputError):
        files.remove(job.memory)
